"""A browser without scripts: it reads pages, fills in their forms and sends what a browser would send."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}


@dataclass
class Node:
    """An element, or (with an empty tag) a text."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list["Node"] = field(default_factory=list)
    own_text: str = ""

    @property
    def text(self) -> str:
        """Return what a person reads in it, with single spaces."""
        return " ".join((self.own_text + " ".join(each.text for each in self.children)).split())

    def all(self, tag: str = "", **wanted: str) -> list["Node"]:
        """Return the elements below, by their tag and attributes; `class_` asks for one of the classes."""
        found = [self] if self._is(tag, wanted) else []
        return found + [node for child in self.children for node in child.all(tag, **wanted)]

    def one(self, tag: str = "", **wanted: str) -> "Node":
        """Return the only such element."""
        (found,) = self.all(tag, **wanted)
        return found

    def _is(self, tag: str, wanted: dict[str, str]) -> bool:
        if not self.tag or (tag and tag != self.tag):
            return False
        for name, value in wanted.items():
            has = self.attributes.get(name.rstrip("_").replace("_", "-"))
            if has is None or (value not in has.split() if name == "class_" else value != has):
                return False
        return True


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open = [Node("document")]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(node)
        if tag not in VOID:
            self.open.append(node)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
            self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(Node("", own_text=data))


def parse(markup: str) -> Node:
    """Read a page; every element must be closed in its turn."""
    parser = _Parser()
    parser.feed(markup)
    parser.close()
    assert len(parser.open) == 1, f"<{parser.open[-1].tag}> is never closed"
    return parser.open[0]


@dataclass
class Page:
    """An answer with a page in it."""

    response: TestResponse
    root: Node

    @property
    def status(self) -> int:
        """Return the HTTP status."""
        return self.response.status_code

    @property
    def path(self) -> str:
        """Return the path at which the page was found, after redirects."""
        return self.response.request.path

    @property
    def text(self) -> str:
        """Return what a person reads on it."""
        return self.root.one("body").text

    @property
    def main(self) -> Node:
        """Return the part between header and footer."""
        return self.root.one("main")

    @property
    def links(self) -> list[str]:
        """Return where the page's links lead."""
        return [node.attributes["href"] for node in self.root.all("a") if "href" in node.attributes]

    def form(self, action: str = "") -> Node:
        """Return the form that posts to the action; without one the page's main form."""
        forms = [each for each in self.root.all("form") if each.attributes.get("method") == "post"]
        if action:
            return next(each for each in forms if each.attributes.get("action", "") == action)
        in_main = [each for each in self.main.all("form") if each in forms]
        return next((each for each in in_main if not each.attributes.get("action")), in_main[0])

    def fields(self, action: str = "") -> dict[str, Any]:
        """Return what the form would send as it stands, its buttons left out."""
        values: dict[str, Any] = {}
        for node in [*self.form(action).all("input"), *self.form(action).all("textarea")]:
            name, kind = node.attributes.get("name"), node.attributes.get("type", "text")
            if not name or (kind in {"radio", "checkbox"} and "checked" not in node.attributes):
                continue
            value = node.text if node.tag == "textarea" else node.attributes.get("value", "")
            values[name] = [*values[name], value] if isinstance(values.get(name), list) else value
        return values

    def errors(self, name: str) -> str:
        """Return what stands beside a field as its errors."""
        found = self.root.all(id=f"{name}-error")
        return found[0].text if found else ""


class Browser:
    """Go through pages as a person without scripts does.

    Args:
        app: the application.
        language: what the browser says it prefers.
        base: the scheme and host.
    """

    def __init__(self, app: Flask, language: str = "en", base: str = "http://localhost") -> None:
        self.app = app
        self.client = app.test_client()
        self.headers = {"Accept-Language": language, "Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
        self.base = base

    def get(self, path: str, **options: Any) -> Page:
        """Open an address and follow redirects."""
        return self._page(self.raw("GET", path, follow_redirects=True, **options))

    def post(self, path: str, data: dict[str, Any], **options: Any) -> Page:
        """Send a form's values as they are given, and follow redirects."""
        return self._page(self.raw("POST", path, data=data, follow_redirects=True, **options))

    def raw(self, method: str, path: str, **options: Any) -> TestResponse:
        """Send a request and return the bare answer."""
        headers = {**self.headers, **options.pop("headers", {})}
        return self.client.open(path, method=method, base_url=self.base, headers=headers, buffered=True, **options)

    def submit(self, path: str, *, action: str = "", **values: Any) -> Page:
        """Open a page, fill in its form and send it; what is not given goes as it stands."""
        return self.send(self.get(path), action=action, **values)

    def send(self, page: Page, *, action: str = "", **values: Any) -> Page:
        """Send the form of a page that is open; what is not given goes as it stands."""
        target = page.form(action).attributes.get("action") or page.response.request.full_path.rstrip("?")
        return self.post(target, {**page.fields(action), **values})

    def csrf(self) -> str:
        """Return the token that a script would send with what it writes."""
        return str(self.get("/password").root.all("input", name="csrf_token")[0].attributes["value"])

    def sign_in(self, name: str, password: str) -> Page:
        """Sign in, and stay where that leads."""
        page = self.submit("/sign-in", name=name, password=password)
        assert page.status == 200, page.text
        return page

    def _page(self, response: TestResponse) -> Page:
        assert response.mimetype == "text/html", f"{response.status}: {response.mimetype}"
        page = Page(response, parse(response.get_data(as_text=True)))
        ids = {node.attributes.get("id") for node in page.root.all()}
        astray = [each for each in page.links if each.startswith("#") and each[1:] not in ids]
        assert not astray, f"these links lead to nothing on the page: {astray}"
        return page
