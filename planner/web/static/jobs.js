"use strict";
// Keeps the panel of a job up to date while it is seen: every second at first, less often as nothing changes.
(() => {
  const FIRST = 1000; // ms between two looks
  const LONGEST = 5000; // ms
  const panel = document.querySelector("[data-job]");
  if (!panel) {
    return;
  }
  const status = panel.querySelector("[data-job-status]");
  const state = panel.querySelector("[data-job-state]");
  let pause = FIRST;
  let shown = "";

  const show = (job) => {
    if (job.finished) {
      window.location.reload();
      return;
    }
    if (status.textContent !== job.status) {
      status.textContent = job.status; // read out, so only when it is another
    }
    const { open } = state.querySelector("details");
    state.innerHTML = job.state; // the server's own template, which escapes what people wrote
    state.querySelector("details").open = open;
  };

  const look = async () => {
    if (document.hidden) {
      return; // looked again as soon as the page is seen
    }
    try {
      const answer = await fetch(panel.dataset.job, {
        credentials: "same-origin",
        headers: shown ? { "If-None-Match": shown } : {},
      });
      if (answer.redirected || answer.status === 403 || answer.status === 404) {
        window.location.reload(); // signed out, or no longer for this person
        return;
      }
      pause = answer.status === 200 ? FIRST : Math.min(pause * 1.5, LONGEST);
      if (answer.status === 200) {
        shown = answer.headers.get("ETag");
        show(await answer.json());
      }
    } catch {
      pause = LONGEST; // no line for now
    }
    waiting = setTimeout(look, pause);
  };

  let waiting = setTimeout(look, pause);
  document.addEventListener("visibilitychange", () => {
    clearTimeout(waiting);
    pause = FIRST;
    look();
  });
})();
