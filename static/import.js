"use strict";
// Sends a list and tells how far it is: how much is sent, then that it is being worked through. What comes back takes the page's
// place. Without this script the browser sends the form itself.

function findForm() {
  return document.querySelector("form[data-progress]");
}

function send(form, onSent) {
  const request = new XMLHttpRequest(); // fetch() doesn't tell how much of a body is sent.
  request.open("POST", form.action);
  request.setRequestHeader("Accept", "text/html");
  request.upload.addEventListener("progress", (event) => onSent(event.loaded / event.total));
  request.upload.addEventListener("load", () => onSent(1));
  return new Promise((resolve, reject) => {
    request.addEventListener("load", () => resolve(request));
    request.addEventListener("error", reject);
    request.send(new FormData(form));
  });
}

function showSent(form, share) {
  const progress = form.querySelector(".send-progress progress");
  const state = form.querySelector(".send-progress [role=status]");
  if (share < 1) {
    progress.value = share;
    state.textContent = `${form.dataset.textSending}: ${Math.round(share * 100)} %`;
  } else {
    progress.removeAttribute("value");
    state.textContent = form.dataset.textWorking;
  }
}

/** Show the page that came back at its own address. */
function show(request) {
  const page = new DOMParser().parseFromString(request.responseText, "text/html");
  const fresh = page.querySelector("main");
  document.title = page.title;
  document.querySelector("main").replaceWith(fresh);
  history.replaceState(null, "", request.responseURL); // An entry of its own would lead back to an address without its page.
  (fresh.querySelector("[autofocus]") ?? fresh).focus();
  scrollTo(0, 0);
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form !== findForm()) return;
  event.preventDefault();
  const button = form.querySelector("button[type=submit]");
  form.querySelector(".send-progress").hidden = false;
  button.disabled = true;
  try {
    show(await send(form, (share) => showSent(form, share)));
  } catch {
    form.querySelector(".send-progress progress").value = 0;
    form.querySelector(".send-progress [role=status]").textContent = form.dataset.textLost;
    button.disabled = false;
  }
});
