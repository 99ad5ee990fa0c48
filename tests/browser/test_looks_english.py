"""Every page and state in English: axe finds nothing of any level, nothing is too wide. A file, for files run side by side."""

import pytest

from browser import looks, states
from browser.conftest import OpenBrowser
from browser.house import House

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("state", states.names())
def test_a_page_is_fit_to_be_seen(open_browser: OpenBrowser, house: House, state: str) -> None:
    looks.look(states.meet(state, house, open_browser("en-GB")), state, "en")
