"""Everything that a person reads is in Russian too, and each answer is in its reader's language."""

import gettext
import io
import re
from collections.abc import Iterator
from functools import cache

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from browser_like import Browser, Node
from conftest import PASSWORD, PERSON
from entries import DEPARTMENTS, NUMBERS, department, fill, number, use
from flask import Flask
from flask.testing import FlaskClient
from melodies import add, wav

from melody_app.calls.tally import FILTERS
from melody_app.config import HOUSE

TRANSLATIONS = HOUSE / "melody_app" / "translations"
RUSSIAN = TRANSLATIONS / "ru" / "LC_MESSAGES"
KEYWORDS = {**DEFAULT_KEYWORDS, "lazy_gettext": None, "lazy_ngettext": (1, 2)}
HOW = "melody_app/translations/babel.cfg says how to bring the catalogue up to date"

MIXED = "Ид;Номер;Цвет\n448;88005553510;а\n8;88005553511;б\n"
RULES_HEAD = "Правило;Номера;Отделы;Вид мелодии;Мелодия"
RULE = {"number_capacity_ids": [352, 446, 448, 512, 513], "source_type": "system", "media_id": 50}

# A space after these would leave them alone at a line's end, or let a dash begin a line.
LONELY = re.compile(r"\b[вскоуиа] |[^\u00a0]—|\d \d", re.IGNORECASE)
BREAKING = re.compile(r"(?<!\d)\d{3}-\d\d-|\d \d{3}[ \u00a0]\d{3}")
PLACEHOLDER = re.compile(r"%\(\w+\)s|\{[^}]*\}|%(?!\()")


# ---------------------------------------------------------------- the catalogue


@cache
def in_the_code() -> dict[str, str | None]:
    """Return every text that code and templates ask for, with its plural."""
    with (TRANSLATIONS / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    found: dict[str, str | None] = {}
    for _, _, text, _, _ in extract_from_dir(HOUSE, methods, options, KEYWORDS):
        singular, plural = (text[0], text[1]) if isinstance(text, tuple) else (text, None)
        found[singular] = found.get(singular) or plural
    return found


@cache
def catalogue() -> Catalog:
    """Return the Russian catalogue as it is written."""
    with (RUSSIAN / "messages.po").open("rb") as file:
        return read_po(file, locale="ru")


def messages() -> Iterator[tuple[Message, list[str], list[str]]]:
    """Yield each message with its English and its Russian forms."""
    for message in catalogue():
        if message.id:
            yield message, *([each] if isinstance(each, str) else list(each) for each in (message.id, message.string))


def compiled() -> gettext.GNUTranslations:
    """Return the catalogue that is shipped."""
    with (RUSSIAN / "messages.mo").open("rb") as file:
        return gettext.GNUTranslations(file)


def test_every_text_of_the_code_is_in_the_catalogue_and_no_other() -> None:
    assert len(in_the_code()) > 150, "hardly anything was found: does babel.cfg still name the right files?"
    written = {english[0]: english[1] if len(english) > 1 else None for _, english, _ in messages()}
    assert written == in_the_code(), HOW
    assert not catalogue().obsolete, HOW


def test_every_text_is_translated_for_good() -> None:
    assert not catalogue().fuzzy
    assert [english for message, english, russian in messages() if message.fuzzy or not all(russian)] == []


def test_plurals_have_all_three_russian_forms() -> None:
    assert catalogue().num_plurals == 3
    for message, english, russian in messages():
        assert len(russian) == (3 if message.pluralizable else 1), english


def test_placeholders_are_the_same_on_both_sides() -> None:
    for _, english, russian in messages():
        wanted = sorted(PLACEHOLDER.findall(english[-1]))
        # Russian's first form is for 21 as well as for 1: it too has to show the number.
        assert all(sorted(PLACEHOLDER.findall(form)) == wanted for form in russian), russian


def test_the_russian_is_well_set() -> None:
    for _, _, russian in messages():
        for form in russian:
            assert not LONELY.search(form), f"a non-breaking space (U+00A0) belongs into {form!r}"
            assert not re.search("[\"“”'’]| - |  |\\.\\.\\.|^ | $", form), f"set it with «…», — and …: {form!r}"


def test_a_telephone_number_stays_in_one_line() -> None:
    for _, english, russian in messages():
        for form in [*english, *russian]:
            assert not BREAKING.search(form), f"no-break spaces (U+00A0) and hyphens (U+2011) belong into {form!r}"


def test_what_is_shipped_is_what_the_catalogue_compiles_to() -> None:
    buffer = io.BytesIO()
    write_mo(buffer, catalogue())
    buffer.seek(0)
    fresh, shipped = gettext.GNUTranslations(buffer), compiled()
    assert {**shipped._catalog, "": None} == {**fresh._catalog, "": None}, HOW
    assert [shipped.plural(number) for number in range(200)] == [fresh.plural(number) for number in range(200)]


@pytest.mark.parametrize(
    ("number", "words"), [(1, "правило"), (2, "правила"), (5, "правил"), (11, "правил"), (21, "правило"), (0, "правил")]
)
def test_a_count_takes_the_right_form(number: int, words: str) -> None:
    form = compiled().ngettext("%(num)s rule", "%(num)s rules", number)
    assert (form % {"num": number}).replace("\u00a0", " ") == f"{number} {words}"


# ---------------------------------------------------------------- who reads what


@pytest.mark.parametrize(
    ("preferred", "language", "heading"),
    [
        ("ru", "ru", "Войти"),
        ("ru-RU,ru;q=0.9,en;q=0.8", "ru", "Войти"),
        ("en", "en", "Sign in"),
        ("en-GB,en;q=0.9,ru;q=0.8", "en", "Sign in"),
        (None, "ru", "Войти"),
    ],
)
def test_a_page_is_in_the_browsers_language_and_russian_without_any(
    app: Flask, preferred: str | None, language: str, heading: str
) -> None:
    browser = Browser(app)
    if preferred:
        browser.headers["Accept-Language"] = preferred
    else:
        del browser.headers["Accept-Language"]
    page = browser.get("/sign-in")
    assert page.root.one("html").attributes["lang"] == page.response.headers["Content-Language"] == language
    assert page.root.one("h1").text == heading


def test_the_language_chosen_on_a_page_is_remembered(app: Flask) -> None:
    browser = Browser(app, "ru")
    english = browser.get("/sign-in")
    other = english.root.one("a", hreflang="en").attributes["href"]
    assert browser.get(other).root.one("h1").text == "Sign in"
    assert browser.get("/sign-in").root.one("html").attributes["lang"] == "en"
    back = browser.get("/sign-in").root.one("a", hreflang="ru").attributes["href"]
    browser.get(back)
    assert browser.get("/sign-in").root.one("h1").text == "Войти"


def test_a_call_is_answered_in_its_language_and_in_english_without_any(client: FlaskClient) -> None:
    assert client.get("/melodies/personal").json["title"] == "Sign in first"
    for preferred, title in (("ru", "Сначала войдите"), ("en", "Sign in first")):
        answer = client.get("/melodies/personal", headers={"Accept-Language": preferred})
        assert (answer.json["title"], answer.headers["Content-Language"]) == (title, preferred)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({**RULE, "number_capacity_ids": ["352"]}, '"352" — не целое число. Напишите только цифры.'),
        ({**RULE, "media_id": None}, "Заполните это поле."),
        ({**RULE, "colour": 1}, "Такого поля нет. Проверьте, как написано его имя."),
        ({**RULE, "number_capacity_ids": []}, "Укажите хотя бы один номер или отдел."),
    ],
)
def test_errors_of_a_call_are_in_russian(api: FlaskClient, body: object, message: str) -> None:
    answer = api.post("/melodies/personal", json=body, headers={"Accept-Language": "ru"})
    assert answer.status_code == 422
    assert answer.json["title"] == "В\u00a0запросе есть ошибки"
    assert answer.json["errors"][0]["message"].replace("\u00a0", " ") == message


@pytest.mark.parametrize(
    ("ids", "begin"), [(1, "1 ID уже занят другим"), (2, "2 ID уже заняты"), (5, "5 ID уже заняты")]
)
def test_conflicts_of_a_call_are_counted_in_russian(api: FlaskClient, ids: int, begin: str) -> None:
    api.post("/melodies/personal", json=RULE)
    body = {**RULE, "number_capacity_ids": RULE["number_capacity_ids"][:ids]}
    answer = api.post("/melodies/personal", json=body, headers={"Accept-Language": "ru"})
    assert answer.status_code == 409
    assert answer.json["detail"].replace("\u00a0", " ").startswith(begin)


# ---------------------------------------------------------------- nothing is left in English

NAMES = {"Asterisk", "CRM", "English", "ID", "tests"} | {
    "API",
    "CSV",
    "FLAC",
    "JSON",
    "LUFS",
    "MP",
    "OGG",
    "SIP",
    "WAV",
}
"""What is spelled so in Russian as well, and what the tests have named so."""

PATHS = (
    *("/rules", "/rules?q=%D0%B0", "/rules/new", "/rules/1", "/rules/1/delete", "/rules/404"),
    *("/journal", "/journal?rule=x&day=2026", "/journal?person=x"),
    *("/password", "/people", "/people/new", "/people/1/remove", "/tokens", "/tokens/new", "/tokens/1/revoke"),
)

LIBRARY_PATHS = (
    *(
        "/library",
        "/library?q=x",
        "/library/1",
        "/library/1/delete",
        "/library/2/delete",
        "/company",
        "/rules/new",
        "/rules/1",
    ),
    *("/numbers", "/numbers?q=x", "/numbers/new", "/numbers/352", "/numbers/352/delete", "/numbers/446/delete"),
    *("/departments", "/departments?q=x", "/departments/new", "/departments/93", "/departments/97/delete"),
    *("/numbers/import", "/departments/import", "/rules/import", "/rules"),
    *("/calls", "/calls?select=all", "/calls?show=unknown", "/calls?show=frozen", "/calls/lookups?q=1"),
    *(
        "/calls?number=8+920+854-74-32&department=93",
        "/calls?number=1&department=%D0%AF",
        "/rules/new?number_capacity_ids=352",
    ),
)
EMPTY = ("/numbers", "/departments", "/calls", *(f"/calls?show={show}" for show in FILTERS), "/calls/lookups")


def test_no_page_shows_english_to_a_russian_reader(app: Flask, api: FlaskClient) -> None:
    browser = Browser(app, "ru")
    pages = {"sign-in": browser.get("/sign-in"), "first run": browser.sign_in(PERSON, PASSWORD)}
    rule_id = api.post("/melodies/personal", json=RULE).json["id"]
    pages |= {path: browser.get(path.replace("/rules/1", f"/rules/{rule_id}")) for path in PATHS}
    browser.submit("/tokens/new", name="Склад", scope="call")
    pages["a token's entry"] = browser.get("/journal")
    assert "только узнавать мелодию" in pages["a token's entry"].root.text.replace("\u00a0", " ")
    pages["refused"] = browser.submit("/rules/new", number_capacity_ids="446 a", media_id="")
    pages["taken"] = browser.submit("/rules/new", number_capacity_ids="446", media_id="50")
    left = {name: words for name, page in pages.items() if (words := latin(page.root))}
    assert left == {}


def test_no_page_of_what_rules_are_made_of_shows_english_to_a_russian_reader(app: Flask, api: FlaskClient) -> None:
    browser = Browser(app, "ru")
    browser.sign_in(PERSON, PASSWORD)
    pages = {f"empty {path}": browser.get(path) for path in (*EMPTY, "/library", "/company")}
    pages["loaded"] = browser.submit("/library", action="/library/catalogue")
    fill(api, NUMBERS, *(number(each, f"7920854743{each % 10}") for each in (352, 446, 448, 603)))
    fill(api, DEPARTMENTS, department(), department(97, "Склад"))
    melody_ids = [add(api, wav(hz), "Утро")["id"] for hz in (440, 550)]
    use(api, numbers=(352,), departments=(93,))
    api.post(
        "/melodies/personal",
        json={**RULE, "number_capacity_ids": [446], "source_type": "client", "media_id": melody_ids[0]},
    )
    pages |= {path: browser.get(path) for path in LIBRARY_PATHS}
    pages["no file"] = browser.submit("/library", action="/library", file=b"")
    pages["saved"] = browser.submit("/company", dialing="system:50", hold=f"client:{melody_ids[0]}")
    pages["not a number"] = browser.submit("/numbers/new", number="1")
    pages["numbers"] = browser.submit("/numbers/import", text="Ид;Номер\n448;8 800 555-35-10\n7;\n", rest="delete")
    pages["held"] = browser.submit("/numbers/import", text="Ид;Номер\n448;8 800 555-35-10\n", rest="delete")
    pages["new, changed"] = browser.submit("/numbers/import", text=MIXED, rest="keep")
    pages["imported"] = browser.send(pages["new, changed"], action="/numbers/import/apply")
    pages["rules"] = browser.submit("/rules/import", text=f"{RULES_HEAD}\n;603;Склад;стандартная;50\n", rest="delete")
    pages["refused rules"] = browser.submit("/rules/import", text=f"{RULES_HEAD}\n9;1;Бухгалтерия;чужая;x\n")
    pages["journal"] = browser.get("/journal")
    left = {name: words for name, page in pages.items() if (words := latin(page.root))}
    assert left == {}


def latin(node: Node) -> set[str]:
    """Return the Latin words that a person sees or hears there, but for names, codes and what was typed."""
    if node.tag in {"script", "code", "pre", "textarea"} or node.attributes.get("lang") == "en":
        return set()
    spoken = [
        value for name, value in node.attributes.items() if re.match("aria-label$|alt$|data-label|data-text", name)
    ]
    # What stands in braces is a place that a script fills; eight hexadecimal digits are a file's sum in the journal.
    text = re.sub(r"\{\w+\}|\b[0-9a-f]{8}\b", "", " ".join([node.own_text, *spoken]))
    return (set(re.findall(r"[A-Za-z]{2,}", text)) - NAMES).union(*(latin(child) for child in node.children))
