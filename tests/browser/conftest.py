"""What the browser's tests share: one Chromium and one installation, emptied before each test."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import PERSON
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from postgresql import quick_folder

from browser.house import House
from browser.office import fill_directories
from browser.watch import Watch

CHROMIUMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""The first that is there is taken. The one without windows shows a page in three quarters of the time."""

FLAGS = [
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--in-process-gpu",
]  # fmt: skip
PATIENCE_MS = 15_000
"""Whatever takes longer is taken for broken, on a busy machine too."""

Visit = Callable[..., Page]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Start the system's own Chromium."""
    path = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if path is None:
        pytest.skip(
            f"none of {', '.join(CHROMIUMS)} is on the PATH; on Debian: apt-get install chromium-headless-shell"
        )
    flags = [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 else FLAGS  # Chromium refuses to run as root otherwise
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def installation(sqlite_template: Path) -> Iterator[House]:
    """Serve one installation for all of the folder: what is in it is each test's own."""
    with tempfile.TemporaryDirectory(prefix="melody-browser-", dir=quick_folder()) as name:
        folder = Path(name)
        shutil.copyfile(sqlite_template, folder / "melody.db")
        house = House(f"sqlite:///{folder / 'melody.db'}", folder)
        with house.service:
            yield house


@pytest.fixture
def house(installation: House) -> House:
    """Give the installation with two people in it and nothing else."""
    installation.clear()
    return installation


@pytest.fixture
def office(house: House) -> House:
    """Give the installation with an office's numbers, departments and melodies in it, and no rule."""
    fill_directories(house)
    return house


Kind = tuple[Any, ...]
"""What a browser was opened with."""


class Opener:
    """Open browsers of their own: cookies, language, width. Whatever one complains of is an error.

    Args:
        chromium: where.
        url: the installation's.
        idle: browsers that nobody looks with any more, by their kind: they have the style sheets already.
    """

    def __init__(self, chromium: Browser, url: str, idle: dict[Kind, list[BrowserContext]]) -> None:
        self.chromium = chromium
        self.url = url
        self.idle = idle
        self.opened: list[tuple[Kind, BrowserContext, Watch]] = []

    def __call__(self, language: str = "en-US", width: int = 1280, **options: Any) -> BrowserContext:
        """Open one more."""
        kind = (language, width, *sorted((name, str(value)) for name, value in options.items()))
        idle = self.idle.get(kind)
        context = idle.pop() if idle else self._open(language, width, options)
        self.opened.append((kind, context, Watch(context)))
        return context

    def _open(self, language: str, width: int, options: dict[str, Any]) -> BrowserContext:
        context = self.chromium.new_context(
            base_url=self.url, locale=language, viewport={"width": width, "height": 800},
            timezone_id="Europe/Moscow", reduced_motion="reduce", **options,
        )  # fmt: skip
        context.set_default_timeout(PATIENCE_MS)
        return context

    def close(self) -> None:
        """Leave them all as if they were new, and see what they complained of."""
        for kind, context, watch in self.opened:
            for page in context.pages:
                page.close()
            watch.stop()
            context.unroute_all()
            context.clear_permissions()
            context.clear_cookies()
            self.idle.setdefault(kind, []).append(context)
        self.expect_no_complaints()

    def expect_no_complaints(self) -> None:
        """See what they complained of until now."""
        assert [complaint for _, _, watch in self.opened for complaint in watch.complaints] == []


@pytest.fixture(scope="session")
def idle_browsers(chromium: Browser) -> dict[Kind, list[BrowserContext]]:
    """Keep browsers for the next test that wants one of the kind."""
    return {}


@pytest.fixture
def open_browser(chromium: Browser, house: House, idle_browsers: dict[Kind, list[BrowserContext]]) -> Iterator[Opener]:
    """Open browsers for one test."""
    opener = Opener(chromium, house.url, idle_browsers)
    yield opener
    opener.close()


@pytest.fixture(scope="module")
def opener(chromium: Browser, installation: House, idle_browsers: dict[Kind, list[BrowserContext]]) -> Iterator[Opener]:
    """Open browsers that stay open for a whole file."""
    opener = Opener(chromium, installation.url, idle_browsers)
    yield opener
    opener.close()


@pytest.fixture
def looked_with(opener: Opener, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    """Give the one browser that all pages of a file are looked at with: to open one takes longer than to look."""
    yield opener.opened[0][1] if opener.opened else opener(request.module.LANGUAGE)
    opener.expect_no_complaints()


@pytest.fixture
def visit(open_browser: Opener, house: House) -> Visit:
    """Open a page in a browser of its own, signed in."""

    def open_page(path: str = "/rules", *, person: str = PERSON, **options: Any) -> Page:
        context = open_browser(**options)
        context.add_cookies([house.sign_in(person)])  # type: ignore[list-item]
        page = context.new_page()
        page.goto(path)
        return page

    return open_page
