"""What the JSON calls share: reading a body exactly, the query string, entity tags."""

import json
from collections import Counter
from collections.abc import Container
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import Response, flash, request
from flask_babel import lazy_gettext
from werkzeug.datastructures import ETags, MultiDict

from melody_app.errors import Problem, unprocessable
from melody_app.fields import spell, to_int
from melody_app.forms import BaseForm

Form = TypeVar("Form", bound=BaseForm)

MOST_LEVELS = 20
"""What a body's lists and objects may be nested to; Python's own limit is met at another depth in every place."""


def read_json() -> dict[str, Any]:
    """Return the request's JSON object.

    Raises:
        Problem: 415 for another media type, 413 for a body over the limit, 400 for what is no JSON object in UTF-8, and for
            what JSON leaves undefined (RFC 8259: NaN, a repeated name, half of a surrogate pair).
    """
    if not request.is_json:
        raise Problem(415, headers={"Accept-Post": "application/json"})
    value = _decode(request.get_data())
    if not isinstance(value, dict):
        raise Problem(400, "not_an_object", lazy_gettext("The body must be a JSON object: {…}."))
    if _is_deeper(value, MOST_LEVELS):
        raise _nested_too_deep()
    return value


def _decode(body: bytes) -> Any:
    try:
        text = body.decode("utf-8")
        value = _DECODER.decode(text)
        if "\\u" in text:
            json.dumps(value, ensure_ascii=False).encode("utf-8")  # half of a surrogate pair can't be encoded
    except UnicodeError:
        raise Problem(400, "not_utf8", lazy_gettext("The body is not text in UTF-8.")) from None
    except RecursionError:
        raise _nested_too_deep() from None
    except json.JSONDecodeError as error:
        detail = lazy_gettext(
            "The body is not JSON: see line %(line)s, column %(column)s.", line=error.lineno, column=error.colno
        )
        raise Problem(400, "not_json", detail) from None
    return value


def _nested_too_deep() -> Problem:
    return Problem(400, "nested_too_deep", lazy_gettext("The body is nested too deeply."))


def read_query(form: type[Form]) -> Form:
    """Return the checked query string.

    Raises:
        Problem: 422 for a name that the form doesn't know, a name given twice, or a wrong value.
    """
    filled: Form = checked(form.from_page(request.args, strict=True)) if request.args else _empty(form)  # type: ignore[arg-type]
    return filled


@cache
def _empty(form: Any) -> Any:
    """Return the form that nothing was sent for; made once, for a call mostly has no query string."""
    return checked(form.from_page(MultiDict(), strict=True))


def checked(form: Form) -> Form:
    """Return the form if all in it is right.

    Raises:
        Problem: 422 with every error.
    """
    if not form.validate():
        raise unprocessable([error.to_dict(name) for name, error in form.errors_list])
    return form


def tag(version: int) -> str:
    """Spell a version as an entity tag (RFC 9110, 8.8.3)."""
    return f'"{version}"'


@dataclass(frozen=True)
class _Versions:
    """Hold the versions that a write is meant for.

    Args:
        wanted: those; None for any.
        unwanted: those that it isn't meant for; None for whatever is there.
    """

    wanted: set[int] | None
    unwanted: set[int] | None

    def __contains__(self, version: object) -> bool:
        is_wanted = self.wanted is None or version in self.wanted
        return is_wanted and self.unwanted is not None and version not in self.unwanted


def versions_of() -> Container[int] | None:
    """Return the versions that the write is meant for, or None when any will do.

    Source: RFC 9110, 13.1.1 (If-Match, strong tags only) and 13.1.2 (If-None-Match).
    """
    wanted = _named(request.if_match, weak=False) if request.headers.get("If-Match") else None
    unwanted = _named(request.if_none_match, weak=True) if request.headers.get("If-None-Match") else set()
    return None if wanted is None and unwanted == set() else _Versions(wanted, unwanted)


def _named(tags: ETags, *, weak: bool) -> set[int] | None:
    """Return the versions that entity tags name, None for any; a tag of another form, as the empty one, names none."""
    if tags.star_tag:
        return None
    return {to_int(each) for each in tags.as_set(include_weak=weak) if each and each.isascii() and each.isdecimal()}


def conditional(response: Response) -> Response:
    """Answer a GET as its preconditions say (RFC 9110, 13.2.2).

    Raises:
        Problem: 412 where they don't hold.
    """
    response.make_conditional(request)
    if response.status_code == HTTPStatus.PRECONDITION_FAILED:
        raise Problem(412, headers={"ETag": response.headers["ETag"]})
    return response


def with_tag(response: Response, version: int) -> Response:
    """Give the answer its entity tag."""
    response.headers["ETag"] = tag(version)
    return response


def say(text: str, category: str = "success", *, undo_url: str = "") -> None:
    """Tell the person on the next page what was done.

    Args:
        text: what was done, in a sentence.
        category: `success`, `warning` or `danger`.
        undo_url: where a POST undoes it; none when it can't be undone.
    """
    flash({"text": text, "undo_url": undo_url}, category)  # type: ignore[arg-type]  # whatever JSON holds may be flashed


def page_link(**changed: object) -> str:
    """Return this request's URL with some of its query arguments changed; None removes one."""
    args = MultiDict(request.args)
    for name, value in changed.items():
        args.pop(name, None)
        if value is not None:
            args[name] = str(value)
    query = urlencode(list(args.items(multi=True)))
    return f"{request.path}?{query}" if query else request.path


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        twice, _ = Counter(name for name, _ in pairs).most_common(1)[0]
        detail = lazy_gettext("The name %(name)s appears twice in one object.", name=spell(twice))
        raise Problem(400, "repeated_name", detail)
    return value


def _constant(name: str) -> None:
    raise Problem(400, "not_json", lazy_gettext("%(name)s is not JSON.", name=name))


def _is_deeper(value: Any, levels: int) -> bool:
    if not isinstance(value, list | dict):
        return False
    inner = value.values() if isinstance(value, dict) else value
    return levels == 0 or any(_is_deeper(each, levels - 1) for each in inner)


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_constant, parse_int=to_int)
