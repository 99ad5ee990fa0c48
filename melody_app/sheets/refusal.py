"""What in a list can't be taken over, and how a page tells it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flask_babel import LazyString

from melody_app.fields import FieldError

SHOWN = 100
"""As many of each kind are shown in a preview."""


@dataclass(frozen=True)
class Refusal:
    """Something in a list that can't be taken over.

    Args:
        place: the line of a file, or the element of a JSON array, from 1.
        field: what it is about.
        error: what is wrong with it.
    """

    place: int
    field: str
    error: FieldError


@dataclass(frozen=True)
class ShownRefusal:
    """A line that stands in the way, in words.

    Args:
        place: which line, from 1.
        label: what the column is called; empty for the whole line.
        error: what is wrong with it.
    """

    place: int
    label: str
    error: str


def show(refused: Iterable[Refusal], labels: Mapping[str, str | LazyString]) -> list[ShownRefusal]:
    """Put refusals into words.

    Args:
        refused: what is refused.
        labels: what the fields are called.
    """
    return [ShownRefusal(each.place, str(labels.get(each.field, "")), str(each.error)) for each in refused]
