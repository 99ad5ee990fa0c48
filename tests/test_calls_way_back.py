"""Whoever goes from the page of calls to a new rule comes back to what he had before him, and to no other site."""

from collections.abc import Callable
from typing import Any

import pytest
from browser_like import Browser, Page
from conftest import PASSWORD, PERSON
from flask.testing import FlaskClient
from switchboard import fill_company

HERE = "/calls?show=no_rule&q=499+408"


@pytest.fixture(autouse=True)
def company(api: FlaskClient, sql: Callable[..., Any]) -> None:
    fill_company(api, sql)


def make_rule(browser: Browser, *ids: int, here: str = HERE) -> Page:
    """Press the button for the rows that are selected."""
    (form,) = [each for each in browser.get(here).main.all("form") if each.all(class_="selection")]
    hidden = {each.attributes["name"]: each.attributes["value"] for each in form.all("input", type="hidden")}
    return browser.get(form.attributes["action"], query_string={**hidden, "number_capacity_ids": ids})


def address(page: Page) -> str:
    """Return the path and the query string at which a page was found."""
    return page.response.request.full_path.rstrip("?")


def test_a_saved_rule_leads_back_and_says_so(signed_in: Browser) -> None:
    page = make_rule(signed_in, 353, 356)
    assert [each.text for each in page.main.all("a", href=HERE)] == ["← What do callers hear?", "Cancel"]
    refused = signed_in.send(page, number_capacity_ids="")
    assert (refused.status, len(refused.main.all("a", href=HERE))) == (422, 2)
    saved = signed_in.send(refused, number_capacity_ids="353, 356", melody="client:1")
    assert address(saved) == HERE
    assert "Rule 5 was created." in saved.main.text


def test_the_way_back_is_kept_through_a_search_without_scripts_and_a_sign_in(
    signed_in: Browser, sql: Callable[..., Any]
) -> None:
    page = signed_in.send(make_rule(signed_in, 353), find="number_capacity_ids")
    assert len(page.main.all("a", href=HERE)) == 2
    sql("DELETE FROM sign_ins")
    again = signed_in.post(
        "/rules/new", {**page.fields(), "melody": "client:1"}, headers={"Origin": "http://localhost"}
    )
    resumed = signed_in.send(signed_in.send(again, name=PERSON, password=PASSWORD))
    assert address(signed_in.send(resumed, melody="client:1")) == HERE


@pytest.mark.parametrize(
    "back",
    [
        *("", "/", "/rules/1", "//evil.example/calls", "https://evil.example/calls?q=1", "javascript:alert(1)"),
        *(
            "/calls@evil.example",
            "/calls.evil.example",
            "/calls/lookups",
            "/\\evil.example",
            "\t//evil.example",
            "calls",
        ),
        *("/calls#/", "?q=1", "/calls?q=\r\nX: y", "/calls?q=\x00"),
    ],
)
def test_nothing_but_the_page_of_calls_is_led_back_to(signed_in: Browser, back: str) -> None:
    page = signed_in.get("/rules/new", query_string={"back": back, "number_capacity_ids": 353})
    assert "back" not in page.fields()
    assert page.main.one("a", href="/rules", class_="btn").text == "Cancel"
    nothing = signed_in.raw("GET", "/rules/new", query_string={"back": back})
    assert (nothing.status_code, nothing.headers["Location"]) == (302, "/rules")
    saved = signed_in.raw("POST", "/rules/new", data={**page.fields(), "back": back, "melody": "client:1"})
    assert (saved.status_code, saved.headers["Location"]) == (302, "/rules")


@pytest.mark.parametrize("damaged", ["é😀", "<b>'\"", "%", "&q=2&q=3"])
def test_a_damaged_way_back_stays_on_this_site(signed_in: Browser, damaged: str) -> None:
    back = f"/calls?q={damaged}"
    page = signed_in.get("/rules/new", query_string={"back": back, "number_capacity_ids": 353})
    assert not page.main.all("b")
    answer = signed_in.raw("POST", "/rules/new", data={**page.fields(), "back": back, "melody": "client:1"})
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/calls?q=")


def test_who_has_selected_nothing_is_told_so_where_he_is(signed_in: Browser) -> None:
    page = make_rule(signed_in)
    assert address(page) == HERE
    assert page.main.one(class_="notice-warning").text == "Select numbers or departments first."
    assert not signed_in.get(HERE).main.all(class_="notice")
    assert signed_in.get("/rules/new").path == "/rules/new"
