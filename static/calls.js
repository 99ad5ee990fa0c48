// Selects rows, counts them, and keeps what is selected in the page's address and in every way from it to another page of the
// table. Without this script the links load the page anew, with all of its rows selected or none.

const bar = document.getElementById("selection");
if (bar) keepSelection(bar.closest("form"));

function keepSelection(form) {
  const texts = bar.dataset;
  const most = Number(texts.most);
  const status = bar.querySelector("[role=status]");
  const [all, none] = ["all", "none"].map((name) => makeButton(bar.querySelector(`[data-select=${name}]`)));
  const boxes = [...form.elements].filter(({ type }) => type === "checkbox");
  const names = ["number_capacity_ids", "employee_group_ids"];
  const notShown = Object.fromEntries(names.map((name) => [name, takeHidden(name)]));

  function makeButton(link) {
    if (!link) return null; // there is no row to select
    const button = document.createElement("button");
    button.type = "button";
    button.className = link.className;
    button.hidden = link.hidden;
    button.append(...link.childNodes);
    link.replaceWith(button);
    return button;
  }

  function takeHidden(name) {
    const input = form.querySelector(`input[type=hidden][name=${name}]`);
    input?.remove(); // what is selected is sent as one list
    return input ? input.value.split(" ") : [];
  }

  const selected = (name) => [...notShown[name], ...boxes.filter((box) => box.name === name && box.checked).map(({ value }) => value)];
  const count = () => names.reduce((sum, name) => sum + selected(name).length, 0);

  /** Let an address, or what a form sends, say what is selected. */
  function write(query) {
    for (const name of names) {
      if (selected(name).length) query.set(name, selected(name).join(" "));
      else query.delete(name);
    }
    query.delete("select");
  }

  function withSelection(address) {
    const url = new URL(address, location.href);
    write(url.searchParams);
    return url.pathname + url.search;
  }

  const isOfTheTable = (address) => new URL(address, location.href).pathname === location.pathname;

  function tell() {
    const elsewhere = names.reduce((sum, name) => sum + notShown[name].length, 0);
    const text = elsewhere ? texts.textElsewhere : texts.textCount;
    status.textContent = count() ? text.replace("{count}", count()).replace("{elsewhere}", elsewhere) : "";
    none.hidden = !count();
    history.replaceState(history.state, "", withSelection(location.href));
    for (const link of document.querySelectorAll("a[href]")) {
      if (isOfTheTable(link.href) && !link.hash) link.href = withSelection(link.href);
    }
  }

  /** Tick boxes, as far as the limit lets. */
  function tick(wanted) {
    const left = most - count();
    for (const box of wanted.slice(0, Math.max(0, left))) box.checked = true;
    tell();
    if (wanted.length > left) status.textContent = texts.textMost;
  }

  all?.addEventListener("click", () => tick(boxes.filter((box) => !box.checked)));
  none.addEventListener("click", () => {
    for (const name of names) notShown[name] = [];
    for (const box of boxes) box.checked = false;
    (all ?? form.querySelector("[type=submit]")).focus();
    tell();
  });
  form.addEventListener("change", ({ target }) => {
    if (!target.checked) return tell();
    target.checked = false;
    tick([target]);
  });
  document.addEventListener("formdata", ({ target, formData }) => {
    if (target === form) formData.set("back", withSelection(formData.get("back")));
    if (target === form || isOfTheTable(target.action)) write(formData);
  });
  window.addEventListener("pageshow", tell); // Whoever comes back finds selected what he had selected.
  tell();
}
