// Searches in a list of melodies while one types; the server searches, as it knows ё as е. Without this script the whole list
// is there all the same.

for (const picker of document.querySelectorAll(".melody-picker")) {
  const search = picker.querySelector(".melody-search");
  const input = search.querySelector("input");
  const status = search.querySelector("[role=status]");
  const choices = [...picker.querySelectorAll(".melody-choice")];
  const nothing = picker.querySelector(".melody-nothing");
  let asked = 0;

  /** Show the choices of the set, and whatever is chosen; all of them without a set. */
  function show(values) {
    const seen = choices.filter((choice) => {
      const found = !values || values.has(choice.dataset.value);
      choice.hidden = !found && !choice.querySelector(":checked");
      return found;
    });
    for (const group of picker.querySelectorAll(".melody-group")) group.hidden = Boolean(values);
    nothing.hidden = seen.length > 0;
    status.textContent = values ? `${status.dataset.textFound} ${seen.length}` : "";
  }

  async function find() {
    const ticket = ++asked;
    const text = input.value.trim();
    if (!text) return show(null);
    const answer = await fetch(`${picker.dataset.choicesUrl}?${new URLSearchParams({ q: text })}`);
    if (!answer.ok || ticket !== asked) return; // A later question has been asked meanwhile.
    show(new Set((await answer.json()).map((each) => each.value)));
  }

  let timer = 0;
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => find().catch(() => {}), 150);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault(); // It would save the form.
  });
  search.hidden = choices.length < 6;
  const list = picker.querySelector(".melody-list");
  const chosen = picker.querySelector(":checked")?.closest(".melody-choice");
  // The list alone is scrolled: a page begins on top, where it says what was refused.
  if (chosen) list.scrollTop = chosen.offsetTop + chosen.offsetHeight - list.clientHeight;
}
