"""Every page in Russian: axe finds nothing of any level, nothing is too wide. A file, for files run side by side."""

import pytest
from playwright.sync_api import BrowserContext

from browser import looks, states
from browser.house import House

pytestmark = pytest.mark.browser

LANGUAGE = "ru-RU"


@pytest.mark.parametrize("state", states.EVERY_PAGE)
def test_a_page_is_fit_to_be_seen(looked_with: BrowserContext, house: House, state: str) -> None:
    looks.look(states.meet(state, house, looked_with), state, "ru")
