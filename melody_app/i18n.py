"""The language of an answer: Russian or English."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask, Request, g, has_request_context, redirect
from flask_babel import Babel, format_datetime, format_decimal, get_translations
from werkzeug.datastructures import LanguageAccept
from werkzeug.wrappers import Response as BaseResponse

from melody_app.current import the_g, the_request
from melody_app.errors import wants_page
from melody_app.http import page_link
from melody_app.security import YEAR_S

LANGUAGES = ("ru", "en")
COOKIE = "lang"
SOUNDS = {"media.wav", "media.heard", "media.original"}


def choose_language() -> str:
    """Return what was chosen on a page, else what the client prefers.

    A page is Russian for whoever states no preference among the two, as its readers are; a JSON answer is English, as its
    readers are.
    """
    if not has_request_context():
        return "en"  # the command line speaks English
    its = the_g()
    language: str | None = its.get("language")
    if language is None:
        request = the_request()
        language = its.language = _chosen(request) or _preferred(request) or ("ru" if wants_page() else "en")
    return language


def _chosen(request: Request) -> str | None:
    chosen = request.cookies.get(COOKIE) if "HTTP_COOKIE" in request.environ else None
    return chosen if chosen in LANGUAGES else None


def _preferred(request: Request) -> str | None:
    if "HTTP_ACCEPT_LANGUAGE" not in request.environ:
        return None
    # "*", which programs send by themselves, prefers none.
    named = [each for each in request.accept_languages if each[0] != "*"]
    return LanguageAccept(named).best_match(LANGUAGES)


def remember_language() -> BaseResponse | None:
    """Take `?lang=` off a page's address and remember it in a cookie."""
    if not the_g().get("answers_page"):
        return None
    request = the_request()
    if request.method != "GET":
        return None
    chosen = request.args.get("lang")
    if chosen not in LANGUAGES:
        return None
    response = redirect(page_link(lang=None))
    response.set_cookie(COOKIE, chosen, max_age=YEAR_S, secure=request.is_secure, httponly=True, samesite="Lax")
    return response


def headers(request: Request, status: str, _own: Mapping[str, str]) -> Mapping[str, str]:
    """Return the answer's language, and what it depends on."""
    endpoint = request.endpoint
    if endpoint == "static" or (endpoint in SOUNDS and status < "4"):
        return {}  # a file is the same in every language, and one that is public is to stay in shared caches
    vary = {"Vary": "Accept-Language, Cookie"}
    return vary if status.startswith("304") else {"Content-Language": choose_language(), **vary}


def init_app(app: Flask, timezone: str) -> None:
    """Let texts and times be in the reader's language and the company's time zone.

    Args:
        app: the application.
        timezone: the zone's name in the IANA database.
    """
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = "translations"
    Babel(app, default_locale="en", default_timezone=timezone, locale_selector=choose_language)
    _speed_up_templates(app)
    app.before_request(remember_language)
    app.context_processor(_page_context)


def _speed_up_templates(app: Flask) -> None:
    """Let templates look a text up in the request's translations, which Flask-Babel would find anew for each of them."""
    env = app.jinja_env
    env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda text: _translations().ugettext(text),
        lambda one, many, count: _translations().ungettext(one, many, count),
        newstyle=True,
        pgettext=lambda context, text: _translations().upgettext(context, text),
        npgettext=lambda context, one, many, count: _translations().unpgettext(context, one, many, count),
    )
    env.globals["_"] = env.globals["gettext"]


def _translations() -> Any:
    translations = g.get("translations")
    if translations is None:
        translations = g.translations = get_translations()
    return translations


def _page_context() -> dict[str, object]:
    language_url: Callable[[str], str] = lambda code: page_link(lang=code)  # noqa: E731
    return {
        "locale": choose_language(),
        "language_url": language_url,
        "format_datetime": format_datetime,
        "format_decimal": format_decimal,
    }
