"""What a person does on a rule's page, with scripts and without, and what he sees there."""

import re

from playwright.sync_api import Locator, Page, expect

NUMBERS = "Numbers"
DEPARTMENTS = "Departments"
FIELDS = {
    **dict.fromkeys((NUMBERS, "Номера"), "number_capacity_ids"),
    **dict.fromkeys((DEPARTMENTS, "Отделы"), "employee_group_ids"),
}


def box(page: Page, label: str) -> Locator:
    """Return what ids are typed into."""
    textbox = page.get_by_role("textbox", name=label, exact=True)
    return page.get_by_role("combobox", name=label, exact=True).or_(textbox)


def type_ids(page: Page, label: str, ids: str) -> None:
    """Type ids with a space after each, as somebody does who can't know what the script makes of them."""
    box(page, label).press_sequentially(f"{ids} ")


PASTE = """(input, text) => {
  const clipboardData = new DataTransfer();
  clipboardData.setData("text", text);
  input.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
}"""


def paste_ids(page: Page, label: str, ids: str) -> None:
    """Paste ids, with a space behind them, into the picker of a field; in any language of the page."""
    page.locator(f"#{FIELDS[label]}-ts-control").evaluate(PASTE, f"{ids} ")
    for each in ids.split():
        expect(pieces(page, label).filter(has_text=each)).to_have_count(1)


def pick(page: Page, label: str, text: str) -> None:
    """Find an entry of the directory by its name or digits, and choose it."""
    field = FIELDS[label]
    page.locator(f"#{field}").wait_for(state="attached")
    page.wait_for_load_state("domcontentloaded")  # by then the scripts have made of the plain form what they make of it
    search = page.locator(f"#{field}-find")
    if search.count():  # without scripts
        search.fill(text)
        page.locator(f"button[name=find][value={field}]").click()
        page.locator(f".plain-found [name={field}]").check()
    else:
        box(page, label).fill(text)
        found = page.get_by_role("option").filter(has=page.locator(".id"), visible=True)
        expect(found).to_have_count(1)  # until it is found, what was offered before may still be shown
        found.click()


def choose_melody(page: Page, name: str, group: str = "Melody") -> None:
    """Choose a melody by its name."""
    page.get_by_role("group", name=group).get_by_role("radio", name=name).check()


def pieces(page: Page, label: str) -> Locator:
    """Return the pieces that the script has made of a field's ids."""
    return page.locator(f"#{FIELDS[label]} ~ .ts-wrapper .item")


def has_ids(page: Page, label: str, ids: list[str]) -> None:
    """Expect a field to hold these ids: what stands behind the script's pieces is what would be sent."""
    spelled = re.compile(r"^\s*" + r"[\s,]+".join(ids) + r"\s*$")
    expect(page.locator(f"[name={FIELDS[label]}]")).to_have_value(spelled)


def save(page: Page) -> None:
    """Press the button that saves."""
    page.get_by_role("button", name="Save the rule").click()


def conflict(page: Page, number: int, label: str = NUMBERS) -> Locator:
    """Return the notice that an id is taken."""
    return page.locator(f"[data-conflict='{FIELDS[label]}:{number}']")


def said(page: Page, text: str) -> None:
    """Expect the page to say what was done."""
    expect(page.locator(".notice[role=status]").filter(has_text=text)).to_be_visible()


def row(page: Page, rule_id: int) -> Locator:
    """Return a rule's row in the table."""
    return page.get_by_role("row").filter(has=page.get_by_role("link", name=f"Rule {rule_id}", exact=True))
