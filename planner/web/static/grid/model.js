"use strict";
// The rows of the grid: what the server has, what was typed over it, undo, and what this browser keeps until it is saved.

class GridModel {
  constructor(columns, place, words) {
    this.columns = columns;
    this.place = place; // where unsaved rows are kept, "" where they are not to be
    this.words = words;
    this.rows = [];
    this.done = [];
    this.undone = [];
    this.storable = true;
    this.changed = () => {};
  }

  /** Take rows from the server, with what was typed before and not saved. */
  load(rows) {
    this.rows = rows.map((row) => this.stored(row));
    return this.restore();
  }

  stored({ code, version, status, mode, refusal, cells }) {
    return { code, version, status, mode, refusal, base: cells, cells: { ...cells }, key: null, faults: {} };
  }

  /** A row that has no code yet; its key makes sending it twice harmless. */
  blank(key = Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(36)).join("-")) {
    return { code: null, version: null, status: this.words.new, mode: "direct", refusal: "", base: {}, cells: {}, key, faults: {} };
  }

  text(row, column) {
    return column.key === "code" ? (row.code ?? row.cells.code ?? "") : column.key === "status" ? row.status : (row.cells[column.key] ?? "");
  }

  /** What a cell shows: names for codes, yes and no in the reader's language. */
  shown(row, column) {
    const text = this.text(row, column);
    if (column.kind === "flag") {
      return { yes: this.words.yes, no: this.words.no }[text] ?? text;
    }
    if (!column.choices.length) {
      return text;
    }
    const name = (code) => column.choices.find(([known]) => known === code)?.[1] ?? code;
    return column.kind === "codes" ? text.split(/\s*,\s*/).map(name).join(", ") : name(text);
  }

  /** What was typed or pasted, as the column keeps it: a name becomes its code. */
  meant(column, text) {
    const trimmed = text.trim();
    const code = (part) => {
      const wanted = part.trim().toLowerCase();
      return column.choices.find(([known, name]) => known.toLowerCase() === wanted || name.toLowerCase() === wanted)?.[0] ?? part.trim();
    };
    if (column.kind === "flag") {
      const answers = { [this.words.yes.toLowerCase()]: "yes", [this.words.no.toLowerCase()]: "no" };
      return answers[trimmed.toLowerCase()] ?? trimmed;
    }
    if (!column.choices.length) {
      return trimmed;
    }
    return column.kind === "codes" ? trimmed.split(",").map(code).filter(Boolean).join(", ") : code(trimmed);
  }

  editable(row, column) {
    return !column.fixed && !(column.once && row.code) && !row.refusal;
  }

  /** Change cells as one step of undo: a list of [row number, column number, text]; rows past the end are made. */
  write(entries) {
    const step = [];
    const added = [];
    for (const [at, across, text] of entries) {
      const column = this.columns[across];
      while (at >= this.rows.length) {
        const row = this.blank();
        this.rows.push(row);
        added.push(row);
      }
      const row = this.rows[at];
      const before = row.cells[column.key] ?? "";
      const after = this.editable(row, column) ? this.meant(column, text) : before;
      if (before !== after) {
        step.push({ row, key: column.key, before, after });
      }
    }
    if (step.length || added.length) {
      this.done.push({ step, added });
      this.undone = [];
      this.apply(step, "after");
    }
  }

  addRow() {
    const row = this.blank();
    this.rows.push(row);
    this.done.push({ step: [], added: [row] });
    this.undone = [];
    this.apply([], "after");
  }

  undo() {
    const last = this.done.pop();
    if (last) {
      this.undone.push(last);
      this.rows = this.rows.filter((row) => !last.added.includes(row) || row.code);
      this.apply(last.step.toReversed(), "before");
    }
  }

  redo() {
    const next = this.undone.pop();
    if (next) {
      this.done.push(next);
      this.rows.push(...next.added.filter((row) => !this.rows.includes(row)));
      this.apply(next.step, "after");
    }
  }

  apply(step, which) {
    for (const change of step) {
      if (change[which]) {
        change.row.cells[change.key] = change[which];
      } else {
        delete change.row.cells[change.key];
      }
      delete change.row.faults[change.key];
    }
    this.keep();
    this.changed();
  }

  /** The cells of a row that differ from the server's; of a new row all that hold something. */
  changes(row) {
    const keys = new Set([...Object.keys(row.base), ...Object.keys(row.cells)]);
    return Object.fromEntries(
      [...keys].filter((key) => (row.base[key] ?? "") !== (row.cells[key] ?? "")).map((key) => [key, row.cells[key] ?? ""]),
    );
  }

  unsaved() {
    return this.rows.filter((row) => Object.keys(this.changes(row)).length);
  }

  /** Rows as the server takes them. */
  sent(rows) {
    return rows.map((row) => ({ code: row.code, version: row.version, key: row.key, cells: this.changes(row) }));
  }

  /** Note what the server found wrong; addresses name a code, or the place of a new row among the rows sent. */
  fault(rows, faults) {
    for (const row of rows) {
      row.faults = {};
    }
    for (const { row: label, column, message } of faults) {
      const row = label.startsWith("+") ? rows[Number(label.slice(1)) - 1] : rows.find((each) => each.code === label);
      if (row) {
        (row.faults[column || "code"] ??= []).push(message);
      }
    }
    this.changed();
  }

  /** The rows that were sent are stored now; whatever was typed since stays typed. */
  settle(rows, sent, stored) {
    rows.forEach((row, number) => {
      const typedSince = Object.entries(row.cells).filter(([key, text]) => (sent[number].cells[key] ?? row.base[key] ?? "") !== text);
      const emptiedSince = Object.keys(stored[number].cells).filter((key) => !(key in row.cells) && sent[number].cells[key]);
      Object.assign(row, this.stored(stored[number]), { key: null });
      for (const [key, text] of typedSince) {
        row.cells[key] = text;
      }
      for (const key of emptiedSince) {
        delete row.cells[key];
      }
    });
    this.done = [];
    this.undone = [];
    this.keep();
    this.changed();
  }

  /** Go on with one's own version of a row that somebody else changed, or with theirs. */
  resolve(row, { version, cells }, mine) {
    const typed = mine ? this.changes(row) : {};
    Object.assign(row, { version, base: cells, cells: { ...cells }, faults: {} });
    for (const [key, text] of Object.entries(typed)) {
      if (text) {
        row.cells[key] = text;
      } else {
        delete row.cells[key];
      }
    }
    this.done = [];
    this.undone = [];
    this.keep();
    this.changed();
  }

  discard() {
    this.rows = this.rows.filter((row) => row.code);
    for (const row of this.rows) {
      Object.assign(row, { cells: { ...row.base }, faults: {} });
    }
    this.done = [];
    this.undone = [];
    this.keep();
    this.changed();
  }

  keep() {
    if (!this.place) {
      return;
    }
    const rows = [...this.sent(this.unsaved()), ...(this.elsewhere ?? [])];
    try {
      if (rows.length) {
        localStorage.setItem(this.place, JSON.stringify(rows));
      } else {
        localStorage.removeItem(this.place);
      }
      this.storable = true;
    } catch {
      this.storable = false;
    }
  }

  /** Bring back what was not saved; how many rows that was. Rows that are not in this grid wait for one that has them. */
  restore() {
    let kept = [];
    try {
      kept = JSON.parse((this.place && localStorage.getItem(this.place)) || "[]");
    } catch {
      this.storable = false;
    }
    const byCode = new Map(this.rows.map((row) => [row.code, row]));
    this.elsewhere = kept.filter(({ code }) => code && !byCode.has(code));
    for (const { code, version, key, cells } of kept) {
      const row = code ? byCode.get(code) : this.blank(key);
      if (!row) {
        continue;
      }
      if (!code) {
        this.rows.push(row);
      }
      row.version = version; // the one that was typed over: the server tells if there is a newer one
      for (const [name, text] of Object.entries(cells)) {
        row.cells[name] = text;
      }
    }
    return kept.length - this.elsewhere.length;
  }
}
