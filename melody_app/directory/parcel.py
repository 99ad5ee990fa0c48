"""Hand a list that was looked at back to the person, signed: what was previewed is what is taken over.

Nothing has to be kept for it in the meantime, on whichever host: not the list, nor what is left of those never taken over.
"""

from dataclasses import dataclass
from hashlib import sha256

from flask import current_app
from itsdangerous import BadData, URLSafeTimedSerializer

from melody_app.actor import the_actor
from melody_app.directory.difference import Line, Sheet
from melody_app.directory.store import Directory

VALID_S = 12 * 3600


class BadParcelError(Exception):
    """It was not made here for this person and this directory, or it is too old."""


@dataclass(frozen=True)
class Parcel:
    """A list, and what it was looked at with.

    Args:
        sheet: the list; nothing in it is wrong.
        keep: whether entries stay that it lacks.
        seen: the fingerprint of the directory that it was compared with.
    """

    sheet: Sheet
    keep: bool
    seen: str


def pack(directory: Directory, parcel: Parcel) -> str:
    """Return the parcel as a text that nobody else can make."""
    sheet = parcel.sheet
    lines = [(line.place, *line.row) for line in sheet.lines]
    return str(_serializer(directory).dumps([sheet.columns, lines, parcel.keep, parcel.seen]))


def unpack(directory: Directory, text: str) -> Parcel:
    """Return what was packed for the person who acts now.

    Raises:
        BadParcelError: it is no such parcel.
    """
    try:
        columns, lines, keep, seen = _serializer(directory).loads(text, max_age=VALID_S)
    except BadData:
        raise BadParcelError from None
    sheet = Sheet(tuple(columns), [Line(place, tuple(row)) for place, *row in lines])
    return Parcel(sheet, keep, seen)


def _serializer(directory: Directory) -> URLSafeTimedSerializer:
    key = current_app.secret_key
    assert key  # noqa: S101  (the application doesn't start without one)
    salt = f"import {directory.name} {the_actor().person_id}"
    return URLSafeTimedSerializer(key, salt=salt, signer_kwargs={"digest_method": sha256})
