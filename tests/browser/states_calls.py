"""States of the pages that tell what callers hear, and what exchanges have asked."""

from playwright.sync_api import Page, expect

from browser.house import House
from browser.meeting import signed_in
from browser.office import NOW
from melody_app.db import Base
from melody_app.models import Lookup

ASKED = [  # seconds ago, subject, door, exchange, department, what decided, rule, melody; the last one first
    (4, "number-74950000446", "asterisk", "Asterisk", 93, "employee_group", 1, ("system", 50)),
    (9, "number-74951234567", "asterisk", "Asterisk", None, "company", None, ("client", 7)),
    (61, "number-78000000611", "freeswitch", "Склад", None, "number", 4, ("client", 8)),
    (75, "group-93", "json", "CRM", 93, "employee_group", 1, ("system", 50)),
    (90, "number-78000000612", "freeswitch", "Склад", None, "company", 5, ("client", 7)),
    (120, "number-78000000613", "asterisk", "Asterisk", None, "none", 77, None),
    (140, "number-anonymous", "asterisk", "Asterisk", None, "none", None, None),
    (300, "number-74950000446", "asterisk", "Asterisk", None, "number", 77, ("system", 99)),
]


def note_lookups(house: House) -> None:
    """Let exchanges have asked."""
    with house.session() as session:
        for ago, subject, door, exchange, department_id, source, rule_id, melody in reversed(ASKED):
            known = subject not in {"number-74951234567", "number-anonymous"}
            source_type, media_id = melody or (None, None)
            session.add(Lookup(
                subject=subject, is_known=known, asked_ms=int(NOW.timestamp() - ago) * 1000, door=door, exchange=exchange,
                department_id=department_id, source=source, rule_id=rule_id, source_type=source_type, media_id=media_id,
            ))  # fmt: skip


@signed_in
def calls(page: Page, house: House) -> None:
    """All that the table can tell apart: an own rule, the company's melody, a state, a lost melody, no name."""
    house.add_rule([9001], [901], source_type="client", media_id=99)
    with house.session() as session:
        numbers = Base.metadata.tables["virtual_numbers"]
        session.execute(numbers.update().where(numbers.c.id == 701).values(state="freeze"))
        session.execute(numbers.update().where(numbers.c.id == 612).values(state="debt_lock"))
    page.goto("/calls")
    page.get_by_role("checkbox").nth(2).check()
    expect(page.locator("#selection [role=status]")).to_contain_text("1")


@signed_in
def calls_empty(page: Page, house: House) -> None:
    house.clear()
    page.context.clear_cookies()
    page.context.add_cookies([house.sign_in()])  # type: ignore[list-item]
    page.goto("/calls")


@signed_in
def calls_answered(page: Page, house: House) -> None:
    page.goto("/calls?number=8+495+000-07-01&department=юрид&show=frozen")
    expect(page.locator("#answer")).to_be_visible()


@signed_in
def calls_lost(page: Page, house: House) -> None:
    """A rule whose melody is not in the library: what callers hear instead, and why."""
    house.add_rule([9001], [901], source_type="client", media_id=99)
    page.goto("/calls?number=9001&department=901&show=no_melody")
    expect(page.locator("#answer .caution").first).to_be_visible()


@signed_in
def calls_refused(page: Page, house: House) -> None:
    page.goto("/calls?number=8+495+000&department=отдел&kind=departments")
    expect(page.locator(".box-choices")).to_be_visible()


@signed_in
def lookups(page: Page, house: House) -> None:
    note_lookups(house)
    page.goto("/calls/lookups")


@signed_in
def number_asked(page: Page, house: House) -> None:
    note_lookups(house)
    page.goto("/numbers/446")
