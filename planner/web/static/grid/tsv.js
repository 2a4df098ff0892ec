"use strict";
// Tables as text, the way spreadsheets copy them: tabs between cells, quotes around a cell with a tab or a line in it.

const Tsv = {
  /** The rows of cells in a copied text. */
  parse(text) {
    const rows = [[]];
    const cell = /(?:"((?:[^"]|"")*)"(?=[\t\r\n]|$)|([^\t\r\n]*))(\t|\r\n|\r|\n|$)/gy;
    const whole = text.replace(/(?:\r\n|\r|\n)$/, "");
    while (cell.lastIndex <= whole.length) {
      const [, quoted, plain, end] = cell.exec(whole);
      rows.at(-1).push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
      if (end === "") {
        break;
      }
      if (end !== "\t") {
        rows.push([]);
      }
    }
    return rows;
  },

  /** Rows of cells as text to be pasted elsewhere. */
  format(rows) {
    const cell = (text) => (/[\t\r\n"]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
    return rows.map((row) => row.map(cell).join("\t")).join("\n");
  },
};
