"""Hand a list that was looked at back to the person, signed: what was previewed is what is taken over.

Nothing has to be kept for it in the meantime, on whichever host: not the list, nor what is left of those never taken over.
"""

from hashlib import sha256
from typing import Any

from flask import current_app
from itsdangerous import BadData, URLSafeTimedSerializer

from melody_app.actor import the_actor

VALID_S = 12 * 3600


class BadParcelError(Exception):
    """It was not made here for this person and this purpose, or it is too old."""


def seal(purpose: str, content: list[Any]) -> str:
    """Return the content as a text that nobody else can make, and that only the person who acts now can use.

    Args:
        purpose: what it is for; for anything else it is worth nothing.
        content: whatever JSON holds.
    """
    return str(_serializer(purpose).dumps(content))


def unseal(purpose: str, text: str) -> Any:
    """Return what was sealed for the person who acts now.

    Raises:
        BadParcelError: it is no such parcel.
    """
    try:
        return _serializer(purpose).loads(text, max_age=VALID_S)
    except BadData:
        raise BadParcelError from None


def _serializer(purpose: str) -> URLSafeTimedSerializer:
    key = current_app.secret_key
    assert key  # noqa: S101  (the application doesn't start without one)
    salt = f"import {purpose} {the_actor().person_id}"
    return URLSafeTimedSerializer(key, salt=salt, signer_kwargs={"digest_method": sha256})
