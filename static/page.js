"use strict";
// What every page has: the menu under the person's name closes as people expect, by Escape or by a press elsewhere.

const menu = document.querySelector("details.menu");

menu?.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && menu.open) {
    event.preventDefault(); // the key is taken: nothing else closes by it
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

document.addEventListener("click", (event) => {
  if (menu && !menu.contains(event.target)) menu.open = false;
});
