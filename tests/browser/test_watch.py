"""The watch over all pages is awake: it sees what it is there to see."""

import pytest
from playwright.sync_api import Browser

from browser.house import House
from browser.watch import Watch

pytestmark = pytest.mark.browser


def test_a_breach_of_the_policy_and_a_script_error_are_seen(chromium: Browser, house: House) -> None:
    context = chromium.new_context(base_url=house.url)
    watch = Watch(context)
    page = context.new_page()
    page.goto("/sign-in")
    assert watch.complaints == []
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\">')")
    page.evaluate("setTimeout(() => { throw new Error('broken on purpose') })")
    page.evaluate("fetch('/static/nowhere.js').then((answer) => answer.text())")
    page.wait_for_function("performance.getEntriesByName(new URL('/static/nowhere.js', location.href).href).length > 0")
    context.close()
    seen = "\n".join(watch.complaints)
    assert "Content Security Policy" in seen
    assert "broken on purpose" in seen
    assert "/static/nowhere.js" in seen
