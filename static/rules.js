"use strict";
// Makes a rule's two fields of ids comfortable: ids become pieces that are added, pasted and removed; whoever holds a taken id
// is told at once. Without this script the fields are plain text areas and the server says the same after «Save».

const form = document.querySelector("[data-taken-url]");
const texts = form.dataset;
const MOST_PIECES = 300; // More of them are slow to draw and nobody reads them: the text area stays.
const MOST_ASKED = 200; // Keeps a question's address shorter than servers take.

const words = (text) => text.split(/[\s,;]+/).filter(Boolean);
const isId = (word) => /^\d{1,19}$/.test(word);
const withoutZeros = (id) => id.replace(/^0+(?=\d)/, "");

function element(tag, className, ...children) {
  const made = document.createElement(tag);
  made.className = className;
  made.append(...children);
  return made;
}

async function ask(url, parameters) {
  const known = Object.entries(parameters).filter(([, value]) => value);
  const answer = await fetch(`${url}?${new URLSearchParams(known)}`, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(answer.statusText);
  return answer.json();
}

// --- What is taken -------------------------------------------------------------------------------------------------

/** Copy a template's content; `{name}` in its texts and attributes becomes the value of that name. */
function fill(templateId, values) {
  const copy = document.getElementById(templateId).content.cloneNode(true);
  const put = (text) => text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
  const walker = document.createTreeWalker(copy, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (node.nodeType === Node.TEXT_NODE) node.data = put(node.data);
    else for (const attribute of node.attributes) attribute.value = put(attribute.value);
  }
  return copy;
}

const noticeOf = (field, id) => form.querySelector(`[data-conflict="${CSS.escape(`${field}:${id}`)}"]`);

async function tellTaken(picker, field, ids) {
  const { conflicts } = await ask(texts.takenUrl, { [field]: ids.join(","), rule_id: texts.ruleId });
  for (const conflict of conflicts) {
    // The id may have been removed, or told about, while the answer was on its way.
    if (picker.items.includes(String(conflict.id)) && !noticeOf(field, conflict.id)) {
      document.getElementById(`${picker.inputId}-conflicts`).append(fill("conflict-template", conflict));
    }
  }
  warn();
}

/** Say once of each rule of which everything is asked for that it would be deleted. */
function warn() {
  const told = new Map();
  for (const line of form.querySelectorAll("[data-rule]")) {
    const { rule } = line.dataset;
    told.set(rule, [...(told.get(rule) ?? []), line]);
  }
  for (const [first, ...others] of told.values()) {
    first.hidden = others.length + 1 < Number(first.dataset.ruleSize);
    for (const line of others) line.hidden = true;
  }
}

/** Collect the ids that are added in one go and ask about them together. */
function watchTaken(picker, field) {
  let added = [];
  let timer = 0;
  picker.on("item_add", (id) => {
    if (isId(id)) added.push(id);
    clearTimeout(timer);
    timer = setTimeout(() => {
      while (added.length) tellTaken(picker, field, added.splice(0, MOST_ASKED)).catch(() => {}); // «Save» tells it anyway.
    }, 50);
  });
  picker.on("item_remove", (id) => {
    noticeOf(field, id)?.remove();
    warn();
  });
}

form.addEventListener("click", (event) => {
  const button = event.target.closest("button[name=move]");
  if (!button) return;
  event.preventDefault();
  const [field, id] = button.value.split(":");
  const consent = fill("consent-template", { field, id });
  const box = consent.querySelector("input");
  button.replaceWith(consent);
  box.focus();
});

// --- The picker ----------------------------------------------------------------------------------------------------

function drawItem(option) {
  const cross = element("span", "", "×");
  cross.ariaHidden = "true";
  const button = element("button", "remove", cross, element("span", "visually-hidden", `${texts.textRemove} ${option.name ?? ""} ${option.id}`));
  button.type = "button";
  button.tabIndex = -1; // Backspace removes from the keyboard; one stop of Tab is enough for a field.
  const name = option.name ? [`${option.name} `] : [];
  return element("div", isId(option.id) ? "item" : "item wrong", ...name, element("span", "id", option.id), button);
}

function drawOption(option) {
  const holder = option.rule_id ? [element("span", "quiet", ` ${texts.textRule} ${option.rule_id}`)] : [];
  return element("div", "option", `${option.name ?? ""} `, element("span", "id", option.id), ...holder);
}

function drawNothing() {
  const nothing = element("div", "option nothing", this.isFilled ? texts.textNotThere : texts.textNothing);
  nothing.role = "option"; // A listbox may hold nothing else.
  nothing.ariaDisabled = "true";
  return nothing;
}

function drawCreate({ input }) {
  const create = element("div", "create option", `${texts.textAdd} `, element("span", "id", input));
  create.role = "option";
  return create;
}

const toOption = ({ id, name, rule_id }) => ({ id: String(id), name: name ?? undefined, rule_id });

/** What a directory is searched by: case and ё make no difference. */
const plain = (text) => text.toLowerCase().replaceAll("ё", "е");

/** Ask the directory, remember what it found, and offer to add all of it. */
async function find(picker, query) {
  const { total, entries } = await ask(texts.choicesUrl, { field: picker.field, q: query });
  picker.hits = new Set(entries.map(({ id }) => String(id)));
  offerAll(picker, query, total);
  return entries.map(toOption);
}

function offerAll(picker, query, total) {
  const place = document.getElementById(`${picker.inputId}-all`);
  if (!place) return;
  place.hidden = !query || total < 2;
  place.querySelector("span").textContent = total;
  place.firstElementChild.onclick = async () => {
    const { entries } = await ask(texts.choicesUrl, { field: picker.field, q: query, all: 1 });
    place.hidden = true;
    if (picker.items.length + entries.length > MOST_PIECES) return becomeText(picker, entries);
    for (const option of entries.map(toOption)) {
      picker.addOption(option, true);
      picker.addItem(option.id);
    }
    picker.setTextboxValue("");
    picker.focus();
  };
}

/** Give up the pieces for the plain text, when there are too many of them. */
function becomeText(picker, entries) {
  const area = picker.input;
  const ids = new Set([...picker.items, ...entries.map(({ id }) => String(id))]);
  const count = document.getElementById(`${picker.inputId}-note`);
  picker.destroy();
  area.removeAttribute("aria-hidden");
  area.value = [...ids].join(", ");
  area.rows = 6;
  count.textContent = `${texts.textCount} ${ids.size}`;
  area.focus();
}

const settings = (field, isFilled) => ({
  valueField: "id",
  labelField: "id",
  searchField: ["id", "name"],
  refreshThrottle: 0, // With its default, Enter right after typing chose a wrong entry or submitted the form.
  loadThrottle: 150,
  preload: "focus",
  create: isFilled ? false : (input) => ({ id: withoutZeros(input) }),
  addPrecedence: true,
  persist: false,
  hideSelected: true,
  closeAfterSelect: true,
  maxOptions: 50,
  // What the server found is right: it knows digits in any spelling.
  score(query) {
    return ({ id, name }) => (!query || this.hits?.has(id) || plain(`${name ?? ""} ${id}`).includes(plain(query)) ? 1 : 0);
  },
  load(query, give) {
    find(this, query).then(give, () => give());
  },
  onInitialize() {
    this.field = field;
    this.isFilled = isFilled;
  },
  shouldLoad: () => true,
  render: {
    item: drawItem, option: drawOption, no_results: drawNothing, option_create: drawCreate,
    loading: () => null, not_loading: () => null,
  },
});

function add(picker, ids) {
  for (const id of ids.map(withoutZeros)) {
    if (!picker.options[id]) picker.addOption({ id }, true);
    picker.addItem(id);
  }
}

/** Learn the names of ids from the directory, and return those that it knows. */
async function recognise(picker, ids) {
  const known = [];
  for (let start = 0; start < ids.length; start += MOST_ASKED) {
    const some = ids.slice(start, start + MOST_ASKED).join(",");
    const { entries } = await ask(texts.choicesUrl, { field: picker.field, ids: some, all: 1 });
    picker.addOptions(entries.map(toOption), true);
    known.push(...entries.map(({ id }) => String(id)));
  }
  return known;
}

/** Add what was typed or pasted; keep in the field, and tell about, what is no id. */
async function take(picker, text) {
  const found = words(text);
  const ids = found.filter(isId).map(withoutZeros);
  const known = picker.isFilled ? await recognise(picker, ids).catch(() => ids) : ids;
  const rest = found.filter((word) => !isId(word) || !known.includes(withoutZeros(word)));
  add(picker, known);
  picker.setTextboxValue(rest.join(" "));
  picker.refreshOptions(rest.length > 0);
  note(picker, rest);
}

function note(picker, rest) {
  const place = document.getElementById(`${picker.inputId}-note`);
  place.textContent = rest.length ? `${texts.textLeftOut} ${rest.join(", ")}` : "";
}

/** Own the keys that Tom Select would take otherwise: Enter never submits, and a typed id is never a hit of the search. */
function ownKeys(picker) {
  let chosenByArrow = false;
  picker.wrapper.addEventListener("keydown", (event) => {
    const text = picker.inputValue();
    if (event.key === "Enter") event.preventDefault();
    if (["ArrowDown", "ArrowUp"].includes(event.key)) chosenByArrow = true;
    // In a directory digits are searched; without one they are an id.
    const separator = !picker.isFilled && ["Enter", " ", ",", ";"].includes(event.key);
    if (separator && isId(text) && !(event.key === "Enter" && chosenByArrow)) {
      event.preventDefault();
      event.stopPropagation();
      take(picker, text);
    }
  }, true);
  picker.wrapper.addEventListener("input", () => { chosenByArrow = false; note(picker, []); }, true);
  picker.wrapper.addEventListener("paste", (event) => {
    const text = event.clipboardData.getData("text");
    if (words(text).length < 2 && !/[\s,;]/.test(text)) return;
    event.preventDefault();
    event.stopPropagation();
    take(picker, `${picker.inputValue()} ${text}`);
  }, true);
  picker.wrapper.addEventListener("blur", () => {
    if (picker.isFilled) return;
    const found = words(picker.inputValue());
    add(picker, found.filter(isId)); // Whoever goes on to «Save» means what is typed.
    if (found.length) note(picker, found.filter((word) => !isId(word)));
  }, true);
  picker.wrapper.addEventListener("click", (event) => {
    const item = event.target.closest(".remove")?.closest("[data-value]");
    if (!item) return;
    event.preventDefault();
    event.stopPropagation();
    picker.removeItem(item.dataset.value);
    picker.focus();
  }, true);
}

/** Tell those who don't see the pieces how many there are. */
function tellCount(picker) {
  const place = document.getElementById(`${picker.inputId}-count`);
  const tell = () => { place.textContent = `${texts.textCount} ${picker.items.length}`; };
  picker.on("item_add", tell);
  picker.on("item_remove", tell);
}

/** Give the picker's own input what assistive technology knew of the text area. */
function describe(picker, area) {
  area.ariaHidden = "true";
  for (const name of ["aria-describedby", "aria-invalid"]) {
    if (area.hasAttribute(name)) picker.control_input.setAttribute(name, area.getAttribute(name));
  }
  picker.control_input.inputMode = "text"; // Names are searched too.
  picker.control_input.removeAttribute("aria-haspopup"); // A combobox has a listbox by itself; said again, axe can't decide on it.
  for (const link of document.querySelectorAll(`a[href="#${CSS.escape(area.id)}"]`)) link.hash = picker.control_input.id;
}

for (const search of form.querySelectorAll("[data-plain-search]")) search.remove(); // The picker searches by itself.

for (const area of form.querySelectorAll("[data-picker]")) {
  const given = words(area.value);
  if (given.length > MOST_PIECES) continue;
  const field = area.dataset.picker;
  area.value = given.join(",");
  const picker = new TomSelect(area, {
    ...settings(field, area.hasAttribute("data-directory")),
    options: [...given.map((id) => ({ id })), ...JSON.parse(area.dataset.known).map(toOption)], // The later one wins.
    items: given,
    createFilter: (input) => isId(input) && !picker.options[withoutZeros(input)],
  });
  const all = document.getElementById(`${area.id}-all`);
  if (all) picker.wrapper.before(all); // Below it the list of what is found would cover it.
  watchTaken(picker, field);
  ownKeys(picker);
  tellCount(picker);
  describe(picker, area);
}
