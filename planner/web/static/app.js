"use strict";
// Small helps; every page works without them.

// A form that takes a while says so, and cannot be sent twice.
for (const form of document.querySelectorAll("form[data-busy]")) {
  form.addEventListener("submit", () => {
    const button = form.querySelector("button[type=submit]");
    button.disabled = true;
    button.setAttribute("aria-busy", "true");
    form.querySelector("[role=status]").textContent = form.dataset.busy;
    form.classList.add("busy");
  });
}

// Coming back with the browser's Back button finds the form ready again.
window.addEventListener("pageshow", (event) => {
  if (event.persisted && document.querySelector("form.busy")) {
    window.location.reload();
  }
});

// What can only be copied, such as a token that is shown once, is chosen as a whole.
for (const shown of document.querySelectorAll("input[readonly].mono")) {
  shown.addEventListener("focus", () => shown.select());
}

// A filter leaves its empty fields out of the address.
for (const form of document.querySelectorAll("form[data-filter]")) {
  form.addEventListener("formdata", (event) => {
    for (const [name, value] of [...event.formData]) {
      if (!value) {
        event.formData.delete(name);
      }
    }
  });
}

// One box ticks every row of a table; it shows only where it works.
for (const all of document.querySelectorAll("[data-choose-all]")) {
  const boxes = () => document.querySelectorAll(`input[name=code][form="${all.dataset.chooseAll}"]`);
  all.hidden = false;
  all.addEventListener("change", () => boxes().forEach((box) => { box.checked = all.checked; }));
}

// Paper is white: what is printed is in the light theme, whatever the screen shows.
const root = document.documentElement;
let screenTheme = root.dataset.bsTheme;
window.matchMedia("print").addEventListener("change", (print) => {
  if (print.matches) {
    screenTheme = root.dataset.bsTheme;
  }
  root.dataset.bsTheme = print.matches ? "light" : screenTheme;
  document.dispatchEvent(new Event("themechange"));
});
