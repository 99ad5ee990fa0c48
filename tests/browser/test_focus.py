"""Whoever goes by the keyboard sees where he is: whatever has the focus has a ring that it doesn't have without."""

from typing import Any

import pytest
from playwright.sync_api import Locator, Page

from browser.conftest import Opener, Visit
from browser.house import House
from browser.office import furnish
from browser.states_calls import note_lookups

pytestmark = pytest.mark.browser

MOST_STOPS = 200
LEAST_CONTRAST = 3
"""WCAG 2.2, 1.4.11: of what shows the focus to what is beside it."""

LOOK = """(element) => {
  const style = getComputedStyle(element);
  return [style.outlineStyle, style.outlineWidth, style.outlineColor, style.boxShadow];
}"""

RING = """() => {
  const element = document.activeElement;
  if (!element || element === document.body || element.dataset.seen) return null;
  element.dataset.seen = "yes";
  // What Tom Select lets be typed into has no frame of its own.
  const framed = element.closest(".ts-wrapper") || element;
  const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const luminance = (rgb) => {
    const [red, green, blue] = rgb.slice(0, 3).map((each) => each / 255).map(
      (each) => (each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const behind = (element) => {
    for (let each = element.parentElement; each; each = each.parentElement) {
      const colour = channels(getComputedStyle(each).backgroundColor);
      if (colour.length === 3 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const look = (style) => [style.outlineStyle, style.outlineWidth, style.outlineColor, style.boxShadow].join(" ");
  const style = getComputedStyle(framed);
  const [width, colour, kind] = [parseFloat(style.outlineWidth), channels(style.outlineColor), style.outlineStyle];
  const focused = look(style);
  const [one, other] = [luminance(colour), luminance(behind(framed))].sort((a, b) => b - a);
  element.blur();
  const unfocused = look(getComputedStyle(framed));
  element.focus();
  const contrast = (one + 0.05) / (other + 0.05);
  return { what: element.outerHTML.slice(0, 150), differs: focused !== unfocused, width: kind === "none" ? 0 : width, contrast };
}"""


def stops(page: Page) -> list[dict[str, Any]]:
    """Go through a page by Tab until it begins anew, and return what each stop is and how its ring looks."""
    found = []
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        ring = page.evaluate(RING)
        if ring is None:
            break
        found.append(ring)
    return found


def assert_ringed(page: Page, least: int) -> None:
    """Expect a ring at every stop, and at least as many of them."""
    found = stops(page)
    assert len(found) >= least, [each["what"] for each in found]
    dull = [each for each in found if not each["differs"] or each["width"] < 2 or each["contrast"] < LEAST_CONTRAST]
    assert dull == [], page.url


@pytest.mark.parametrize(
    ("path", "least"),
    [
        ("/rules", 40),
        ("/rules/new?number_capacity_ids=701", 25),
        ("/calls?number=354&department=отдел&q=8", 30),
        ("/calls?kind=departments", 30),
        ("/calls/lookups", 15),
        ("/library", 30),
        ("/numbers", 30),
        ("/numbers/446", 12),
        ("/company", 20),
        ("/people", 10),
        ("/tokens", 10),
        ("/journal", 12),
    ],
)
def test_every_stop_of_the_keyboard_has_a_ring(visit: Visit, house: House, path: str, least: int) -> None:
    furnish(house)
    note_lookups(house)
    assert_ringed(visit(path), least)


def test_the_way_in_has_a_ring_at_every_stop(open_browser: Opener) -> None:
    page = open_browser().new_page()
    page.goto("/")
    assert_ringed(page, 4)


def test_an_open_menu_and_what_is_pressed_have_a_ring(visit: Visit, house: House) -> None:
    furnish(house)
    page = visit("/calls")
    page.locator("summary").press("Enter")
    assert_ringed(page, 40)
    pressed: Locator = page.get_by_role("link", name="Download as CSV")
    pressed.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    assert pressed.evaluate(LOOK)[0] == "solid"


@pytest.mark.parametrize("path", ["/rules/new?number_capacity_ids=701", "/calls"])
def test_without_scripts_too(open_browser: Opener, house: House, path: str) -> None:
    furnish(house)
    context = open_browser(java_script_enabled=False, width=390)
    context.add_cookies([house.sign_in()])  # type: ignore[list-item]
    page = context.new_page()
    page.goto(path)
    assert_ringed(page, 15)
