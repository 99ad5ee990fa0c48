"""Read a list as the operator's API answers it: JSON."""

import json
from typing import Any

from flask_babel import lazy_gettext

from melody_app.fields import to_int
from melody_app.sheets.reading import UnreadableError, refuse_long

MOST_ENTRIES = 200_000


def is_json(text: str) -> bool:
    """Tell whether the text is meant as JSON: no heading of a CSV begins so."""
    return text.lstrip()[:1] in {"[", "{"}


def read_json(text: str) -> list[Any]:
    """Return the elements of a JSON array.

    Raises:
        UnreadableError: it is none.
    """
    try:
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_constant, parse_int=to_int)
    except json.JSONDecodeError as error:
        message = lazy_gettext(
            "This is not JSON: see line %(line)s, column %(column)s.", line=error.lineno, column=error.colno
        )
        raise UnreadableError("not_json", message) from None
    except RecursionError:
        raise UnreadableError("nested_too_deep", lazy_gettext("This JSON is nested too deeply.")) from None
    if not isinstance(value, list):
        message = lazy_gettext("The list must be a JSON array of objects: [{…}, {…}].")
        raise UnreadableError("bad_request", message)
    refuse_long(len(value), MOST_ENTRIES)
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        raise UnreadableError("repeated_name", lazy_gettext("A name appears twice in one object."))
    return value


def _constant(name: str) -> None:
    raise UnreadableError("not_json", lazy_gettext("%(name)s is not JSON.", name=name))
