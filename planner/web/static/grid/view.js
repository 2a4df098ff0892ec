"use strict";
// The grid on the page: only the rows in sight are drawn, one cell has the focus, and the keyboard does everything.

const ROW_HEIGHT = 36;
const SPARE_ROWS = 8;

class GridView {
  constructor(model, table, frame, describe) {
    Object.assign(this, { model, table, frame, describe });
    this.at = { row: 0, column: 0 };
    this.anchor = { ...this.at };
    this.editor = null;
    this.table.append(this.head(), this.gap(), document.createElement("tbody"), this.gap());
    [, this.above, this.body, this.below] = this.table.children;
    this.frame.addEventListener("scroll", () => this.drawMoved());
    this.table.addEventListener("keydown", (event) => this.press(event));
    this.table.addEventListener("mousedown", (event) => this.point(event));
    this.table.addEventListener("mouseover", (event) => event.buttons === 1 && this.drag(event));
    this.table.addEventListener("dblclick", () => this.edit());
    for (const [name, act] of [["copy", this.copy], ["cut", this.cut], ["paste", this.paste]]) {
      document.addEventListener(name, (event) => this.hasFocus() && act.call(this, event));
    }
    new ResizeObserver(() => this.draw()).observe(this.frame);
  }

  head() {
    const head = document.createElement("thead");
    const line = head.insertRow();
    line.setAttribute("aria-rowindex", "1");
    this.model.columns.forEach((column, number) => {
      const cell = document.createElement("th");
      cell.scope = "col";
      cell.setAttribute("aria-colindex", number + 1);
      cell.className = `sheet-${column.kind} sheet-at-${column.key.split(".")[0]}`;
      cell.textContent = column.title + (column.unit ? ` (${column.unit})` : "") + (column.required ? " *" : "");
      line.append(cell);
    });
    return head;
  }

  /** Room for the rows that are not drawn. */
  gap() {
    const part = document.createElement("tbody");
    part.setAttribute("aria-hidden", "true");
    part.insertRow().insertCell().colSpan = this.model.columns.length;
    return part;
  }

  hasFocus() {
    return !this.editor && this.table.contains(document.activeElement);
  }

  /** The first row that is near the sight, and the one after the last. */
  range() {
    const top = Math.floor(this.frame.scrollTop / ROW_HEIGHT);
    const bottom = Math.ceil((this.frame.scrollTop + this.frame.clientHeight) / ROW_HEIGHT);
    return [Math.max(0, top - SPARE_ROWS), Math.min(this.model.rows.length, bottom + SPARE_ROWS)];
  }

  /** Draw anew what scrolling brought near, before it is in sight. */
  drawMoved() {
    const [first, last] = this.range();
    if (Math.abs(first - this.drawn[0]) >= SPARE_ROWS / 2 || Math.abs(last - this.drawn[1]) >= SPARE_ROWS / 2) {
      this.draw();
    }
  }

  draw() {
    const total = this.model.rows.length;
    const [first, last] = this.range();
    this.drawn = [first, last];
    this.table.setAttribute("aria-rowcount", total + 1);
    this.table.setAttribute("aria-colcount", this.model.columns.length);
    this.above.rows[0].cells[0].style.height = `${first * ROW_HEIGHT}px`;
    this.below.rows[0].cells[0].style.height = `${(total - last) * ROW_HEIGHT}px`;
    this.above.hidden = first === 0;
    this.below.hidden = last === total;
    if (this.editor) {
      return; // the rows wait until the cell that is being typed into is left
    }
    const focused = this.table.contains(document.activeElement);
    const lines = [];
    for (let number = first; number < last; number++) {
      lines.push(this.line(number));
    }
    this.body.replaceChildren(...lines);
    if (focused) {
      (this.cell(this.at) ?? this.table).focus({ preventScroll: true });
    }
  }

  line(number) {
    const row = this.model.rows[number];
    const changes = this.model.changes(row);
    const line = document.createElement("tr");
    line.setAttribute("aria-rowindex", number + 2);
    this.model.columns.forEach((column, across) => {
      const cell = document.createElement(across ? "td" : "th");
      const faults = row.faults[column.key];
      cell.setAttribute("role", across ? "gridcell" : "rowheader");
      cell.setAttribute("aria-colindex", across + 1);
      cell.className = `sheet-${column.kind} sheet-at-${column.key.split(".")[0]}`;
      cell.textContent = this.model.shown(row, column) || (across || row.code ? "" : this.model.words.new);
      const marks = { faulty: faults, changed: column.key in changes, fixed: !this.model.editable(row, column) };
      for (const [mark, holds] of Object.entries(marks)) {
        cell.classList.toggle(mark, Boolean(holds));
      }
      if (faults) {
        cell.setAttribute("aria-invalid", "true");
      }
      if (marks.fixed) {
        cell.setAttribute("aria-readonly", "true");
      }
      this.mark(cell, number, across);
      line.append(cell);
    });
    return line;
  }

  /** Whether the keyboard stops at a cell, and whether it is selected. */
  mark(cell, number, across) {
    const [top, left, bottom, right] = this.selection();
    cell.tabIndex = number === this.at.row && across === this.at.column ? 0 : -1;
    cell.setAttribute("aria-selected", top <= number && number <= bottom && left <= across && across <= right);
  }

  cell({ row, column }) {
    return this.body.children[row - this.drawn[0]]?.children[column];
  }

  selection() {
    const { at, anchor } = this;
    return [
      Math.min(at.row, anchor.row),
      Math.min(at.column, anchor.column),
      Math.max(at.row, anchor.row),
      Math.max(at.column, anchor.column),
    ];
  }

  /** Move the focus, stretching the selection where `stretch`; the cell comes into sight. */
  go(row, column, stretch = false) {
    this.at = {
      row: Math.max(0, Math.min(row, this.model.rows.length - 1)),
      column: Math.max(0, Math.min(column, this.model.columns.length - 1)),
    };
    if (!stretch) {
      this.anchor = { ...this.at };
    }
    const head = this.table.tHead.offsetHeight;
    const top = this.at.row * ROW_HEIGHT;
    const room = this.frame.clientHeight - head - ROW_HEIGHT;
    if (top < this.frame.scrollTop) {
      this.frame.scrollTop = top;
    } else if (top > this.frame.scrollTop + room) {
      this.frame.scrollTop = top - room;
    }
    this.drawMoved();
    [...this.body.rows].forEach((line, down) => {
      [...line.cells].forEach((each, across) => this.mark(each, this.drawn[0] + down, across));
    });
    const cell = this.cell(this.at);
    if (cell) {
      cell.focus({ preventScroll: true });
      this.showColumn(cell);
    }
    this.describe(this.model.rows[this.at.row], this.model.columns[this.at.column]);
  }

  showColumn(cell) {
    const frozen = [...this.table.tHead.rows[0].cells].filter((each) => getComputedStyle(each).left !== "auto");
    const left = cell.offsetLeft - frozen.reduce((width, each) => width + each.offsetWidth, 0);
    const right = cell.offsetLeft + cell.offsetWidth - this.frame.clientWidth;
    if (this.at.column >= frozen.length && (this.frame.scrollLeft > left || this.frame.scrollLeft < right)) {
      this.frame.scrollLeft = this.frame.scrollLeft > left ? left : right;
    }
  }

  press(event) {
    if (this.editor) {
      return;
    }
    const { row, column } = this.at;
    const page = Math.max(1, Math.floor(this.frame.clientHeight / ROW_HEIGHT) - 2);
    const control = event.ctrlKey || event.metaKey;
    const end = this.model.columns.length - 1;
    const moves = {
      ArrowUp: [control ? 0 : row - 1, column],
      ArrowDown: [control ? Infinity : row + 1, column],
      ArrowLeft: [row, control ? 0 : column - 1],
      ArrowRight: [row, control ? end : column + 1],
      PageUp: [row - page, column],
      PageDown: [row + page, column],
      Home: [control ? 0 : row, 0],
      End: [control ? Infinity : row, end],
    };
    const letter = event.key.toLowerCase();
    if (event.key in moves) {
      this.go(...moves[event.key], event.shiftKey);
    } else if (event.key === "Enter" || event.key === "F2") {
      this.edit();
    } else if (event.key === "Delete" || event.key === "Backspace") {
      this.clear();
    } else if (control && letter === "a") {
      this.anchor = { row: 0, column: 0 };
      this.go(Infinity, end, true);
    } else if (control && letter === "z") {
      event.shiftKey ? this.model.redo() : this.model.undo();
    } else if (control && letter === "y") {
      this.model.redo();
    } else if (event.key.length === 1 && !control && !event.altKey) {
      this.edit(event.key);
    } else {
      return;
    }
    event.preventDefault();
  }

  place(target) {
    const cell = target.closest("th, td");
    const line = cell?.closest("tr");
    if (!cell || !this.body.contains(cell)) {
      return null;
    }
    return [Number(line.getAttribute("aria-rowindex")) - 2, Number(cell.getAttribute("aria-colindex")) - 1];
  }

  point(event) {
    const place = this.place(event.target);
    if (!place || event.button !== 0 || this.editor?.contains(event.target)) {
      return;
    }
    event.preventDefault();
    this.leave(true);
    this.go(...place, event.shiftKey);
  }

  drag(event) {
    const place = this.place(event.target);
    if (place && this.hasFocus()) {
      this.go(...place, true);
    }
  }

  /** Type into the cell: over what it holds where `typed` is given. */
  edit(typed = null) {
    const row = this.model.rows[this.at.row];
    const column = this.model.columns[this.at.column];
    const cell = this.cell(this.at);
    if (!cell || !this.model.editable(row, column)) {
      return;
    }
    const choices = column.kind === "flag" ? [["yes", this.model.words.yes], ["no", this.model.words.no]] : column.choices;
    const one = choices.length && column.kind !== "codes";
    const editor = document.createElement(one ? "select" : "input");
    if (one) {
      editor.append(new Option("", ""), ...choices.map(([code, name]) => new Option(name, code)));
    }
    editor.value = one || typed === null ? this.model.text(row, column) : typed;
    editor.setAttribute("aria-label", column.title);
    editor.addEventListener("keydown", (event) => this.pressInEditor(event));
    editor.addEventListener("blur", () => this.leave(true));
    cell.replaceChildren(editor);
    this.editor = editor;
    editor.focus();
    if (!one && typed === null) {
      editor.select();
    }
  }

  pressInEditor(event) {
    const { row, column } = this.at;
    event.stopPropagation();
    if (event.isComposing) {
      return; // a Thai or other input method still has the keys
    }
    if (event.key === "Escape") {
      this.leave(false);
    } else if (event.key === "Enter") {
      this.leave(true);
      this.go(row + (event.shiftKey ? -1 : 1), column);
    } else if (event.key === "Tab") {
      this.leave(true);
      this.go(row, column + (event.shiftKey ? -1 : 1));
    } else {
      return;
    }
    event.preventDefault();
  }

  /** Stop typing, and keep what was typed where `keep`. */
  leave(keep) {
    const { editor } = this;
    if (!editor) {
      return;
    }
    const hadFocus = document.activeElement === editor;
    this.editor = null;
    if (keep) {
      this.model.write([[this.at.row, this.at.column, editor.value]]);
    }
    this.draw();
    if (hadFocus) {
      this.cell(this.at)?.focus({ preventScroll: true });
    }
  }

  /** Every place of the selection. */
  selected() {
    const [top, left, bottom, right] = this.selection();
    const places = [];
    for (let row = top; row <= bottom; row++) {
      for (let column = left; column <= right; column++) {
        places.push([row, column]);
      }
    }
    return places;
  }

  clear() {
    this.model.write(this.selected().map(([row, column]) => [row, column, ""]));
  }

  copy(event) {
    const [top, left, bottom, right] = this.selection();
    const columns = this.model.columns.slice(left, right + 1);
    const rows = this.model.rows.slice(top, bottom + 1);
    event.clipboardData.setData("text/plain", Tsv.format(rows.map((row) => columns.map((each) => this.model.text(row, each)))));
    event.preventDefault();
  }

  cut(event) {
    this.copy(event);
    this.clear();
  }

  /** Paste from where the selection begins; one cell fills all of it; rows past the last one are added. */
  paste(event) {
    const cells = Tsv.parse(event.clipboardData.getData("text/plain"));
    const [top, left] = this.selection();
    const most = Number(this.frame.parentElement.dataset.most);
    const entries =
      cells.length === 1 && cells[0].length === 1
        ? this.selected().map(([row, column]) => [row, column, cells[0][0]])
        : cells.flatMap((line, down) => line.map((text, along) => [top + down, left + along, text]));
    this.model.write(entries.filter(([row, column]) => row < most && column < this.model.columns.length));
    event.preventDefault();
  }
}
