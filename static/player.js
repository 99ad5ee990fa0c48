// Plays melodies on the page. Without this script the links lead to the files, which browsers play or save themselves.
// There is one player for the whole page, so only one melody plays at a time.

const player = document.getElementById("player");
const sound = player.querySelector("audio");
const title = player.querySelector(".player-title");
let playing = null; // The button whose melody is in the player.

/** Turn the links below `root` into buttons that play and pause. */
function makeButtons(root) {
  for (const link of root.querySelectorAll("a[data-play]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = `${link.className} play`;
    button.append(...link.childNodes);
    button.dataset.play = link.dataset.play;
    button.dataset.url = link.href;
    button.ariaPressed = "false";
    link.replaceWith(button);
  }
}

function show() {
  for (const button of document.querySelectorAll("button.play")) {
    button.ariaPressed = String(button === playing && !sound.paused);
  }
}

function tell(text) {
  player.hidden = false;
  title.textContent = text;
}

async function play(button) {
  if (button !== playing || sound.error) {
    playing = button;
    sound.src = button.dataset.url;
  }
  tell(`${button.dataset.play} · ${button.firstChild.textContent.trim()}`);
  try {
    await sound.play();
  } catch (error) {
    if (error.name !== "AbortError") tell(player.dataset.textFailed); // Aborted: another melody was chosen meanwhile.
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button.play");
  if (!button) return;
  if (button === playing && !sound.paused) sound.pause();
  else play(button);
});

/** Stop and put the player away; whoever was in it is led back to the melody that it played. */
function close() {
  const isIn = player.contains(document.activeElement);
  sound.pause();
  player.hidden = true;
  if (isIn) playing?.focus();
}

player.querySelector("button").addEventListener("click", close);
document.addEventListener("keydown", (event) => {
  // Where a menu or a list of what was found is open, Escape closes that, and says so by taking the key.
  if (event.key === "Escape" && !player.hidden && !event.defaultPrevented) close();
});

for (const name of ["play", "pause", "ended", "error"]) sound.addEventListener(name, show);
document.addEventListener("melodies-shown", (event) => {
  makeButtons(event.target);
  const same = [...event.target.querySelectorAll("button.play")].find((button) => button.dataset.url === playing?.dataset.url);
  if (same) playing = same; // What plays goes on, and its new button pauses it.
  show();
});
makeButtons(document);
