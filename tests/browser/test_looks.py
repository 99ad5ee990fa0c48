"""Every page and state, in both languages, wide and narrow: axe finds nothing of any level, nothing is too wide."""

import pytest
from playwright.sync_api import Page

from browser import looks, states
from browser.conftest import OpenBrowser, Visit
from browser.house import House
from browser.office import furnish

pytestmark = pytest.mark.browser

WIDTHS = (1280, 390)
LOCALES = {"ru": "ru-RU", "en": "en-US"}


def look(page: Page, name: str, language: str) -> None:
    assert page.locator("html").get_attribute("lang") == language
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        looks.keep(page, f"{name}-{language}-{width}")
        found += [f"{width}: {each}" for each in looks.findings(page)]
        found += [f"{width}: too wide: {each}" for each in looks.too_wide(page)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("language", LOCALES)
@pytest.mark.parametrize("state", states.SIGNED_IN)
def test_a_page_is_fit_to_be_seen(visit: Visit, house: House, state: str, language: str) -> None:
    furnish(house)
    page = visit("/healthz", language=LOCALES[language])
    states.SIGNED_IN[state](page, house)
    look(page, state, language)


@pytest.mark.parametrize("language", LOCALES)
@pytest.mark.parametrize("state", states.STRANGERS)
def test_a_strangers_page_is_fit_to_be_seen(open_browser: OpenBrowser, house: House, state: str, language: str) -> None:
    page = open_browser(LOCALES[language]).new_page()
    states.STRANGERS[state](page, house)
    look(page, state, language)


@pytest.mark.parametrize("language", LOCALES)
@pytest.mark.parametrize("state", states.PLAIN)
def test_a_page_without_scripts_is_fit_to_be_seen(visit: Visit, house: House, state: str, language: str) -> None:
    furnish(house)
    page = visit("/healthz", language=LOCALES[language], java_script_enabled=False)
    states.PLAIN[state](page, house)
    look(page, state, language)
