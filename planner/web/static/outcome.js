"use strict";
// A button that prints the letter; the browser's own menu does the same without it.
const button = document.getElementById("print");
button.hidden = false;
button.addEventListener("click", () => window.print());
