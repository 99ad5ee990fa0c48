"""What in a list can't be taken over, and how a page tells it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from flask_babel import LazyString, gettext

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
    """What stands in the way, in words.

    Args:
        place: where in the list it is.
        label: what the column is called; empty for all of the line.
        error: what is wrong with it.
    """

    place: str
    label: str
    error: str


def spell_line(place: int) -> str:
    """Say which line of a file is meant, from 1."""
    return str(gettext("Line %(line)s", line=place))


def spell_entry(place: int) -> str:
    """Say which element of a JSON array is meant, from 1: its lines are nobody's."""
    return str(gettext("Entry %(entry)s", entry=place))


def show(
    refused: Iterable[Refusal],
    labels: Mapping[str, str | LazyString],
    spell_place: Callable[[int], str] = spell_line,
) -> list[ShownRefusal]:
    """Put refusals into words.

    Args:
        refused: what is refused.
        labels: what the fields are called.
        spell_place: says where in the list each one is.
    """
    return [ShownRefusal(spell_place(each.place), str(labels.get(each.field, "")), str(each.error)) for each in refused]
