"""Watches whatever a browser complains of, on every page that a test opens."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, Response, WebError

GONE_AWAY = "net::ERR_ABORTED"
"""A page was left while it was still asking."""


SIGN_IN_ENDED = 401


class Watch:
    """What went wrong in one browser context: complaints on the console, script errors, requests without an answer.

    Args:
        context: what to watch.
    """

    def __init__(self, context: BrowserContext) -> None:
        self.complaints: list[str] = []
        self._context = context
        self._watched: dict[Any, Callable[[Any], None]] = {
            "console": self._on_console,
            "weberror": self._on_error,
            "requestfailed": self._on_failed,
            "response": self._on_response,
        }
        for event, note in self._watched.items():
            context.on(event, note)

    def stop(self) -> None:
        """Watch it no longer."""
        for event, note in self._watched.items():
            self._context.remove_listener(event, note)

    def _on_console(self, message: ConsoleMessage) -> None:
        # A status of 400 and more is complained of by the browser even where a page is refused on purpose: see below.
        if message.type in {"error", "warning"} and not message.text.startswith("Failed to load resource"):
            self.complaints.append(f"{message.type}: {message.text} ({message.location['url']})")

    def _on_error(self, error: WebError) -> None:
        self.complaints.append(f"script: {error.error}")

    def _on_failed(self, request: Request) -> None:
        if request.failure != GONE_AWAY:
            self.complaints.append(f"{request.failure}: {request.url}")

    def _on_response(self, response: Response) -> None:
        # A page that refuses a form is one, whether the browser or the page's script has sent it.
        is_page = response.request.is_navigation_request() or "text/html" in response.headers.get("content-type", "")
        worst = 499 if is_page else 399
        # A script may still ask when its person's sign-in has just ended: it is refused, and the next page says so.
        if response.status > worst and response.status != SIGN_IN_ENDED:
            self.complaints.append(f"{response.status}: {response.url}")
