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

// A password can be looked at while it is typed. It is sent as one, so that no browser keeps it as plain text.
for (const button of document.querySelectorAll("[data-reveal]")) {
  const field = document.getElementById(button.dataset.reveal);
  const show = (shown) => {
    field.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
  };
  field.spellcheck = false;
  button.hidden = false;
  button.addEventListener("click", () => show(field.type === "password"));
  field.form.addEventListener("submit", () => show(false));
}

// The longer a new password, the stronger; characters are counted as the server counts them.
for (const place of document.querySelectorAll("[data-strength]")) {
  const field = document.getElementById(place.dataset.strength);
  place.hidden = false;
  field.addEventListener("input", () => {
    const length = [...field.value.normalize("NFKC")].length;
    place.querySelector("meter").value = length;
    place.querySelector("[data-length]").textContent = length;
  });
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
