"""States of pages, as the files beside this one name them, and how a browser is brought into one."""

import re
from collections.abc import Callable

from playwright.sync_api import BrowserContext, Locator, Page

from browser.house import House
from browser.office import furnish

SCRIPT = re.compile(r"\.js(\?|$)")

State = Callable[[Page, House], None]

STRANGERS: dict[str, State] = {}
SIGNED_IN: dict[str, State] = {}
PLAIN: dict[str, State] = {}
"""Pages that scripts change, as they are without them."""


def stranger(state: State) -> State:
    """Note a state that somebody meets who is not signed in."""
    STRANGERS[_name(state)] = state
    return state


def signed_in(state: State) -> State:
    """Note a state of a page for people."""
    SIGNED_IN[_name(state)] = state
    return state


def plain(state: State) -> State:
    """Note a state that looks different without scripts."""
    PLAIN[_name(state)] = state
    return state


def _name(state: State) -> str:
    return state.__name__.replace("_", "-")


def names() -> list[str]:
    """Return the names of all states."""
    return [*STRANGERS, *SIGNED_IN, *PLAIN]


def meet(name: str, house: House, context: BrowserContext) -> Page:
    """Bring a browser's page into a state, whatever it was in before."""
    page = context.pages[0] if context.pages else context.new_page()
    page.goto("/healthz")  # of the same site: the browser keeps its process
    page.unroute_all(behavior="ignoreErrors")
    context.unroute_all()
    context.clear_cookies()
    page.set_viewport_size({"width": 1280, "height": 800})
    if name not in STRANGERS:
        furnish(house)
        context.add_cookies([house.sign_in()])  # type: ignore[list-item]
    if name in PLAIN:
        # Where scripts are switched off, axe can't run either: the pages' own ones come empty instead.
        context.route(SCRIPT, lambda route: route.fulfill(body="", content_type="text/javascript"))
    {**STRANGERS, **SIGNED_IN, **PLAIN}[name](page, house)
    return page


def main_button(page: Page) -> Locator:
    """Return the button that a form is for, in any language."""
    return page.locator("main .actions button[type=submit]").last


def fill(page: Page, **texts: str) -> None:
    for name, text in texts.items():
        page.locator(f"[name={name}]").fill(text)
    main_button(page).click()
