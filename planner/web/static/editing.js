"use strict";
// Checks a form as it is filled in, by the same rules as saving it, and shows what is wrong at fields already left.
(() => {
  const form = document.querySelector("form[data-check]");
  const touched = new Set(
    [...form.querySelectorAll("[data-messages]")].filter((place) => place.children.length).map((place) => place.dataset.messages),
  );
  let newest = 0;
  let waiting;

  const show = (faults) => {
    for (const place of form.querySelectorAll("[data-messages]")) {
      const name = place.dataset.messages;
      const messages = touched.has(name) ? (faults[name] ?? []) : [];
      if (messages.join("\n") === [...place.children].map((line) => line.textContent).join("\n")) {
        continue;
      }
      place.replaceChildren(
        ...messages.map((message) => {
          const line = document.createElement("div");
          line.textContent = message;
          return line;
        }),
      );
      for (const field of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
        field.classList.toggle("is-invalid", messages.length > 0);
        field.toggleAttribute("aria-invalid", false);
        if (messages.length) {
          field.setAttribute("aria-invalid", "true");
        }
      }
    }
  };

  const check = async () => {
    const number = ++newest;
    try {
      const answer = await fetch(form.dataset.check, { method: "POST", body: new FormData(form), credentials: "same-origin" });
      const { faults } = await answer.json();
      if (number === newest) {
        show(faults);
      }
    } catch {
      // No line, or signed out meanwhile: saving checks everything again and says so.
    }
  };

  form.addEventListener("change", (event) => {
    touched.add(event.target.name);
    clearTimeout(waiting);
    waiting = setTimeout(check, 300);
  });
  for (const place of form.querySelectorAll("[data-messages]")) {
    place.setAttribute("aria-live", "polite");
  }
})();
