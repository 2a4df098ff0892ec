"use strict";
// Shows a sweep anew whenever another of its runs has ended, while the page is seen.
(() => {
  const FIRST = 2000; // ms between two looks
  const LONGEST = 10000; // ms
  const place = document.querySelector("[data-sweep]");
  let pause = FIRST;
  let waiting;

  const look = async () => {
    if (document.hidden) {
      return; // looked again as soon as the page is seen
    }
    try {
      const answer = await fetch(place.dataset.sweep, { credentials: "same-origin" });
      if (answer.redirected || !answer.ok || String((await answer.json()).done) !== place.dataset.done) {
        window.location.reload();
        return;
      }
      pause = Math.min(pause * 1.3, LONGEST);
    } catch {
      pause = LONGEST; // no line for now
    }
    waiting = setTimeout(look, pause);
  };

  waiting = setTimeout(look, pause);
  document.addEventListener("visibilitychange", () => {
    clearTimeout(waiting);
    pause = FIRST;
    waiting = setTimeout(look, pause);
  });
})();
