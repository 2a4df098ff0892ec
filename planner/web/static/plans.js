"use strict";
// Shows what to expect of a requirement while its form is filled in, from the newest plan's prices.
(() => {
  const place = document.querySelector("[data-quote]");
  const form = place.closest("form");
  const sentence = place.querySelector("[data-quote-sentence]");
  const facts = place.querySelector("[data-quote-facts]");
  let newest = 0;
  let waiting;

  const show = (quote) => {
    place.dataset.answer = quote.answer ?? "";
    sentence.textContent = quote.sentence;
    facts.replaceChildren(
      ...quote.facts.map(([label, value]) => {
        const pair = document.createElement("div");
        const [term, detail] = ["dt", "dd"].map((name) => document.createElement(name));
        term.textContent = label;
        detail.textContent = value;
        pair.append(term, detail);
        return pair;
      }),
    );
    facts.hidden = !quote.facts.length;
  };

  const ask = async () => {
    const number = ++newest;
    try {
      const answer = await fetch(place.dataset.quote, { method: "POST", body: new FormData(form), credentials: "same-origin" });
      if (answer.ok && number === newest) {
        show(await answer.json());
      }
    } catch {
      // No line: the quote stays as it was; saving does not need it.
    }
  };

  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, 150);
  });
  place.hidden = false;
  ask();
})();
