"use strict";
// The page around the grid: fetching rows, checking while one types, saving, and what to do when something is in the way.

(() => {
  const page = document.getElementById("grid-page");
  const status = document.getElementById("grid-status");
  const words = JSON.parse(page.dataset.words);
  const columns = JSON.parse(page.dataset.columns);
  const model = new GridModel(columns, page.dataset.place, words);
  const view = new GridView(model, document.getElementById("grid"), document.getElementById("grid-frame"), describe);
  const buttons = Object.fromEntries([...page.querySelectorAll("[data-do]")].map((button) => [button.dataset.do, button]));
  let token = "";
  let waiting;
  let checks = 0;
  let saving = false;

  const filled = (text, count) => text.replace("%(count)s", count.toLocaleString());

  function say(text) {
    status.textContent = text;
  }

  function item(...parts) {
    const line = document.createElement("li");
    line.append(...parts);
    return line;
  }

  function button(text, act) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "btn btn-sm btn-outline-primary";
    made.textContent = text;
    made.addEventListener("click", act);
    return made;
  }

  /** Below the grid: what the cell with the focus is, and what is wrong with it. */
  function describe(row, column) {
    const faults = row?.faults[column.key] ?? [];
    const place = document.getElementById("grid-cell");
    place.textContent = row ? [`${row.code ?? words.new} · ${column.title}`, ...faults, row.refusal].filter(Boolean).join(" — ") : "";
    place.classList.toggle("faulty", faults.length > 0);
  }

  function list(id, lines) {
    const section = document.getElementById(id);
    section.hidden = !lines.length;
    section.querySelector("ul")?.remove();
    const all = document.createElement("ul");
    all.append(...lines);
    section.append(all);
  }

  function showFaults() {
    const lines = [];
    model.rows.forEach((row, number) => {
      for (const [key, messages] of Object.entries(row.faults)) {
        const across = Math.max(0, columns.findIndex((column) => column.key === key));
        const name = `${row.code ?? `${words.row} ${number + 1}`} · ${columns[across].title}`;
        lines.push(item(button(name, () => view.go(number, across)), ` ${messages.join(" ")}`));
      }
    });
    list("grid-faults", lines.slice(0, 100));
  }

  model.changed = () => {
    const unsaved = model.unsaved().length;
    document.getElementById("grid-count").textContent = unsaved ? filled(words.changed, unsaved) : words.clean;
    buttons.save.disabled = !unsaved || saving;
    buttons.discard.disabled = !unsaved;
    buttons.undo.disabled = !model.done.length;
    buttons.redo.disabled = !model.undone.length;
    view.draw();
    describe(model.rows[view.at.row], columns[view.at.column]);
    showFaults();
    if (!model.storable) {
      say(words.unkept);
    }
    clearTimeout(waiting);
    if (unsaved && !saving) {
      waiting = setTimeout(check, 700);
    }
  };

  /** Send rows; the answer and its status, or a null status where there is no line. */
  async function send(address, rows) {
    const options = { method: "POST", credentials: "same-origin", redirect: "manual", body: JSON.stringify({ rows }) };
    for (const fresh of [false, true]) {
      if (fresh) {
        await fetchRows(1); // signed in anew: this session has another token
      }
      const headers = { "Content-Type": "application/json", "X-CSRFToken": token };
      const answer = await fetch(address, { ...options, headers });
      if (answer.type === "opaqueredirect") {
        throw new SignedOut();
      }
      if (answer.headers.get("Content-Type").startsWith("application/json")) {
        return { status: answer.status, ...(await answer.json()) };
      }
    }
    throw new SignedOut();
  }

  class SignedOut extends Error {}

  async function fetchRows(number) {
    const address = new URL(page.dataset.rows, location.href);
    address.search = page.dataset.query;
    address.searchParams.set("page", number);
    const answer = await fetch(address, { credentials: "same-origin", redirect: "manual" });
    if (answer.type === "opaqueredirect") {
      throw new SignedOut();
    }
    const found = await answer.json();
    token = found.token;
    return found;
  }

  function explain(error) {
    say(error instanceof SignedOut ? words.signed_out : words.kept);
  }

  async function check() {
    const number = ++checks;
    const rows = model.unsaved();
    try {
      const { faults } = await send(page.dataset.check, model.sent(rows));
      if (number === checks && !saving && faults) {
        clearTimeout(waiting);
        model.fault(rows, faults);
        clearTimeout(waiting); // showing what was found is no reason to check again
      }
    } catch {
      // No line: saving says so. What was typed is kept all the same.
    }
  }

  async function save() {
    view.leave(true);
    const rows = model.unsaved();
    const sent = model.sent(rows);
    saving = true;
    checks++;
    buttons.save.disabled = true;
    say(words.saving);
    try {
      const answer = await send(page.dataset.save, sent);
      saving = false;
      if (answer.status === 200) {
        model.settle(rows, sent, answer.rows);
        list("grid-conflicts", []);
        say(answer.proposed ? words.proposed : words.saved);
      } else if (answer.conflicts) {
        say(words.conflicts);
        showConflicts(answer.conflicts);
      } else {
        model.fault(rows, answer.faults ?? []);
        clearTimeout(waiting);
        say(answer.faults ? words.faults : answer.message);
      }
    } catch (error) {
      explain(error);
    }
    saving = false;
    buttons.save.disabled = !model.unsaved().length;
  }

  /** Both versions of each row, cell by cell, and a choice between them. */
  function showConflicts(conflicts) {
    list(
      "grid-conflicts",
      conflicts.map((conflict) => {
        const row = model.rows.find((each) => each.code === conflict.code);
        const line = item();
        const choose = (mine) => () => {
          model.resolve(row, conflict, mine);
          line.remove();
          if (!document.querySelector("#grid-conflicts li")) {
            list("grid-conflicts", []);
            view.go(model.rows.indexOf(row), 0);
          }
        };
        const details = document.createElement("dl");
        details.className = "changes";
        for (const [key, mine] of Object.entries(model.changes(row))) {
          const theirs = conflict.cells[key] ?? "";
          if (theirs !== mine) {
            const entry = document.createElement("div");
            const [label, both, old, own] = ["dt", "dd", "del", "ins"].map((name) => document.createElement(name));
            label.textContent = columns.find((column) => column.key === key).title;
            old.textContent = theirs || "–";
            own.textContent = mine || "–";
            both.append(old, " ", own);
            entry.append(label, both);
            details.append(entry);
          }
        }
        const title = document.createElement("strong");
        title.textContent = conflict.code;
        line.append(title, details, button(words.mine, choose(true)), " ", button(words.theirs, choose(false)));
        return line;
      }),
    );
    document.querySelector("#grid-conflicts button").focus();
  }

  async function load() {
    say(words.loading);
    try {
      const rows = [];
      let found;
      let number = 0;
      do {
        found = await fetchRows(++number);
        rows.push(...found.rows);
      } while (number < found.pages);
      const restored = model.load(rows);
      if (!model.rows.length) {
        model.rows.push(model.blank());
      }
      view.draw();
      model.changed();
      say(
        [found.total > rows.length && filled(words.many, rows.length), restored && filled(words.restored, restored)]
          .filter(Boolean)
          .join(" "),
      );
      buttons.add.disabled = false;
    } catch (error) {
      explain(error);
    }
  }

  buttons.save.addEventListener("click", save);
  buttons.undo.addEventListener("click", () => model.undo());
  buttons.redo.addEventListener("click", () => model.redo());
  buttons.discard.addEventListener("click", () => model.discard());
  buttons.add.addEventListener("click", () => {
    model.addRow();
    view.go(model.rows.length - 1, columns.findIndex((column) => !column.fixed));
  });
  page.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s") {
      event.preventDefault();
      save();
    }
  });
  load();
})();
