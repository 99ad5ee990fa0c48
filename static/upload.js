// Sends the chosen files one by one and tells how far each is: waiting, sending, being converted, in the library or refused.
// Without this script the form sends them all at once and the next page tells the same.

const upload = document.getElementById("upload");
const chosen = upload.querySelector("input[type=file]");
const list = document.getElementById("uploads");
const told = document.getElementById("uploads-told");
const say = upload.dataset;

function makeItem(file) {
  const item = document.getElementById("upload-template").content.firstElementChild.cloneNode(true);
  item.querySelector(".upload-name").textContent = file.name;
  item.querySelector("progress").ariaLabel = file.name;
  list.append(item);
  tell(item, say.textWaiting);
  return item;
}

function tell(item, text) {
  item.querySelector(".upload-state").textContent = text;
}

function finish(item, text, kind) {
  item.querySelector("progress").remove();
  item.className = kind;
  tell(item, text);
  told.textContent = `${item.querySelector(".upload-name").textContent}: ${text}`;
}

/** Send a file; `onSent` is called with the share that is on its way (0 to 1). */
function send(file, onSent) {
  const body = new FormData();
  body.append("file", file);
  body.append("name", file.name.replace(/\.[^.]+$/, "").slice(0, 200) || file.name);
  const request = new XMLHttpRequest(); // fetch() doesn't tell how much of a body is sent.
  request.open("POST", say.url);
  request.setRequestHeader("X-CSRFToken", upload.elements.csrf_token.value);
  request.setRequestHeader("Accept-Language", document.documentElement.lang);
  request.responseType = "json";
  request.upload.addEventListener("progress", (event) => onSent(event.loaded / event.total));
  request.upload.addEventListener("load", () => onSent(1));
  return new Promise((resolve, reject) => {
    request.addEventListener("load", () => resolve(request));
    request.addEventListener("error", reject);
    request.send(body);
  });
}

function showSent(item, share) {
  const progress = item.querySelector("progress");
  if (share < 1) {
    progress.value = share;
    tell(item, `${say.textSending}: ${Math.round(share * 100)} %`);
  } else {
    progress.removeAttribute("value");
    tell(item, say.textConverting);
  }
}

function whatHappened(status, response) {
  if (status === 201) return say.textDone;
  if (status === 401) return say.textSignedOut; // The call's own words are for programs.
  return response?.errors?.[0].message ?? response?.detail ?? say.textLost;
}

/** Upload one file; tell whether it is in the library now. */
async function uploadOne(file, item) {
  if (file.size > say.mostBytes) {
    finish(item, say.textLarge, "refused");
    return false;
  }
  try {
    const { status, response } = await send(file, (share) => showSent(item, share));
    finish(item, whatHappened(status, response), status === 201 ? "done" : "refused");
    return status === 201;
  } catch {
    finish(item, say.textLost, "refused");
    return false;
  }
}

/** Show the library as it is now, without losing what the uploads tell. */
async function refresh() {
  const answer = await fetch(location.href);
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById("library");
  document.getElementById("library").replaceWith(fresh);
  fresh.dispatchEvent(new Event("melodies-shown", { bubbles: true }));
}

upload.addEventListener("submit", async (event) => {
  event.preventDefault();
  const files = [...chosen.files];
  const button = upload.querySelector("button[type=submit]");
  list.hidden = false;
  list.replaceChildren();
  document.getElementById("file-error")?.remove();
  const items = files.map(makeItem);
  upload.reset();
  button.disabled = true;
  let added = 0;
  for (const [place, file] of files.entries()) {
    if (await uploadOne(file, items[place])) added += 1;
  }
  button.disabled = false;
  if (added) await refresh();
});
