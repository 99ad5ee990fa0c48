"""How a list comes in on a page: as a file or pasted, larger than other bodies."""

from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any

from flask import Blueprint, Response, request
from flask_babel import gettext, lazy_gettext
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import RequestEntityTooLarge

from melody_app.errors import Problem, respond
from melody_app.fields import ChoiceField, FieldError, TypedField
from melody_app.forms import BaseForm

MAX_LIST = 20 * 1024 * 1024
"""The largest list that is taken, in bytes: 100,000 numbers are some 8 MB of CSV, 20 MB of JSON with the operator's fields."""
MAX_UPLOAD = MAX_LIST + 64 * 1024
"""A list with what a form puts around it."""
MAX_PARCEL = 2 * MAX_LIST
"""A list comes back as a parcel, which is a little larger where it can't be made smaller."""


class PasteField(TypedField):
    """Take text of many lines as it is."""

    def from_text(self, texts: list[str]) -> Any:
        """Take the text, if there is more than space."""
        text = texts[-1] if texts else ""
        return text if text.strip() else None

    def problems(self, value: Any) -> Iterator[FieldError]:  # noqa: ARG002
        """Leave it to the reading of lists."""
        return iter(())


RESTS = {
    "delete": lazy_gettext("is deleted"),
    "keep": lazy_gettext("stays as it is"),
}


class ImportForm(BaseForm):
    """A list to take over, as a file or pasted."""

    file = PasteField(lazy_gettext("File"), optional=True)
    text = PasteField(lazy_gettext("Or paste the lines here"), optional=True)
    rest = ChoiceField(lazy_gettext("What is not in the list"), RESTS, default="keep")

    @property
    def keep(self) -> bool:
        """Tell whether what the list lacks stays."""
        return bool(self.rest.valid == "keep")


class ApplyForm(BaseForm):
    """A list that was looked at, to be taken over."""

    parcel = PasteField("")


def allow(bp: Blueprint, most: Mapping[str, int]) -> None:
    """Let bodies be larger than other ones.

    Args:
        bp: the blueprint.
        most: the most that each endpoint takes, in bytes.
    """

    # Said here, before the guard looks into the body for its token.
    @bp.url_value_preprocessor
    def _allow(endpoint: str | None, _values: dict[str, Any] | None) -> None:
        if endpoint and endpoint in most:
            request.max_content_length = request.max_form_memory_size = most[endpoint]

    bp.register_error_handler(RequestEntityTooLarge, say_too_large)


def say_too_large(_error: RequestEntityTooLarge) -> Response:
    """Say how much is taken here."""
    most = (request.max_content_length or 0) // 1024 // 1024
    return respond(Problem(413, detail=gettext("The limit here is %(most)s MiB. Send less at a time.", most=most)))


def sent(form: ImportForm) -> bytes:
    """Return the bytes of what was sent, or note why there is nothing to read."""
    with closing(request.files.get("file") or FileStorage()) as file:
        data = file.read()
    text = form.text.data or ""
    if data and text:
        message = lazy_gettext("There are both a file and pasted lines. Keep only one of them.")
        form.refuse("file", FieldError("given_twice", message))
    elif not data and not text:
        message = lazy_gettext("Choose a file, or paste the lines below. An empty file can't be read.")
        form.refuse("file", FieldError("required", message))
    return data or text.encode("utf-8", "replace")
