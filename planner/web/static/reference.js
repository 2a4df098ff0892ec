"use strict";
// Cells copied from Excel fill a [data-paste] grid from the cell they are pasted at; Enter goes down, Shift and Enter up.
// Without this the grid is a form like any other.
(() => {
  const grid = document.querySelector("[data-paste]");
  const rows = [...grid.querySelectorAll("tbody tr")]
    .map((row) => [...row.querySelectorAll("input:not([type=hidden])")])
    .filter((cells) => cells.length > 0);
  const place = (input) => {
    const row = rows.findIndex((cells) => cells.includes(input));
    return [row, row < 0 ? -1 : rows[row].indexOf(input)];
  };

  grid.addEventListener("paste", (event) => {
    const text = event.clipboardData.getData("text/plain").replace(/\r?\n$/, "");
    const [top, left] = place(event.target);
    if (top < 0 || event.target.readOnly || !/[\t\n]/.test(text)) {
      return; // an ordinary paste into one cell
    }
    event.preventDefault();
    for (const [down, line] of text.split(/\r?\n/).entries()) {
      for (const [right, value] of line.split("\t").entries()) {
        const cell = rows[top + down]?.[left + right];
        if (cell) {
          cell.value = value.trim();
        }
      }
    }
  });

  grid.addEventListener("keydown", (event) => {
    const [row, column] = place(event.target);
    if (event.key !== "Enter" || row < 0) {
      return;
    }
    event.preventDefault(); // or it would send the form
    const next = rows[row + (event.shiftKey ? -1 : 1)]?.[column];
    next?.focus();
    next?.select();
  });
})();
