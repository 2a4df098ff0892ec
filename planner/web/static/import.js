"use strict";
// Checks the chosen workbook without leaving the page, so that the same file can be imported next.
(() => {
  const form = document.getElementById("upload");
  const result = document.getElementById("result");
  const file = form.elements.workbook;

  const show = (page) => {
    const found = page.getElementById("result");
    if (found) {
      found.querySelector("[data-again]")?.remove(); // the file is chosen still
      result.replaceChildren(...found.childNodes);
      return;
    }
    const panel = document.createElement("div"); // an error page: show what it says
    panel.className = "panel";
    panel.append(...page.querySelector("main").childNodes);
    result.replaceChildren(panel);
  };

  file.addEventListener("change", () => {
    if (!result.querySelector("[data-again]")) { // what was checked is another file than this
      result.replaceChildren();
    }
  });
  form.addEventListener("submit", async (event) => {
    if (event.submitter && event.submitter.hasAttribute("formaction")) {
      return; // importing is an ordinary request
    }
    event.preventDefault();
    result.textContent = result.dataset.working;
    const button = form.querySelector("button");
    button.disabled = true;
    try {
      const answer = await fetch(form.action, { method: "POST", body: new FormData(form), credentials: "same-origin" });
      show(new DOMParser().parseFromString(await answer.text(), "text/html"));
    } catch {
      form.submit(); // the ordinary way, with the browser's own account of what is wrong
    } finally {
      button.disabled = false;
    }
  });
})();
