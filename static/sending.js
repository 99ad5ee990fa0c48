"use strict";
// Tells that a file is on its way and then prepared: a large one takes a while, and whoever sees nothing happen presses again.

const form = document.querySelector("form[data-text-sending]");
const sending = form.querySelector(".sending");
const button = form.querySelector("button[type=submit]");

function tell(isSending) {
  sending.hidden = !isSending;
  sending.querySelector("[role=status]").textContent = isSending ? form.dataset.textSending : "";
  button.disabled = isSending;
}

form.addEventListener("submit", () => tell(form.querySelector("input[type=file]").files.length > 0));
// Whoever comes back finds the page as it was left.
addEventListener("pageshow", () => tell(false));
