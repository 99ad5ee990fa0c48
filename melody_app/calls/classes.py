"""Asterisk's music classes: the names by which it asks, and what each of them asks for.

`number-74994088157` (the number in any spelling), `group-93`, `media-system-50`, `default` (what the company plays to whoever
is being connected) and `hold` (what it plays on hold). Nothing is made in Asterisk for them: it asks for the name it was given.

A class that plays nothing isn't there for Asterisk, which then asks for `default` (res_musiconhold.c, local_ast_moh_start).
"""

import re
from typing import NamedTuple

from melody_app.calls.resolver import Played, Question, Resolution, find_melody, resolve
from melody_app.fields import MAX_ID, to_int
from melody_app.lean import Lean
from melody_app.melodies import catalogue
from melody_app.models import SOURCE_TYPES

MOST_LETTERS = 100
"""No class of ours has a longer name."""

_FORMS = {
    "number": re.compile(r"number-(?P<number>.+)"),
    "department": re.compile(r"group-(?P<id>[0-9]+)"),
    "melody": re.compile(rf"media-(?P<source_type>{'|'.join(SOURCE_TYPES)})-(?P<id>[0-9]+)"),
}


class Heard(NamedTuple):
    """What a class plays.

    Args:
        melody: the melody; None when there is nothing to play.
        question: what the name asked for, unless it named a melody itself, or nothing.
        resolution: how it was answered, by what can be played.
    """

    melody: Played | None = None
    question: Question | None = None
    resolution: Resolution | None = None


def hear(name: str, lean: Lean | None = None) -> Heard:
    """Return what a class plays.

    Args:
        name: the class's name, as the exchange sent it.
        lean: where to ask for a number's or a department's; a connection of its own when absent.

    Raises:
        UnavailableError: the database can't answer now.
    """
    if len(name) > MOST_LETTERS:
        return Heard()
    named = _FORMS["melody"].fullmatch(name)
    if named:
        return Heard(find_melody(named["source_type"], _to_id(named["id"])))
    question = _question(name)
    if question is None:
        return Heard()
    resolution = resolve(question, lean).playable
    # On hold no exchange rings, and for an empty class Asterisk would go on to `default`.
    otherwise = ringing_tone() if question.on_hold else None
    return Heard(resolution.melody or otherwise, question, resolution)


def ringing_tone() -> Played:
    """Return the standard tone, for where ringing was chosen and nobody rings."""
    tone = catalogue.tone()
    return Played("system", tone.id, tone.name, tone.sha256)


def name_of(melody: Played) -> str:
    """Return the class that plays a melody, whoever is called."""
    return f"media-{melody.source_type}-{melody.id}"


def _question(name: str) -> Question | None:
    if name in {"default", "hold"}:
        return Question(on_hold=name == "hold")
    number, department = (_FORMS[kind].fullmatch(name) for kind in ("number", "department"))
    if number:
        return Question(number=number["number"])
    return Question(employee_group_id=_to_id(department["id"])) if department else None


def _to_id(digits: str) -> int:
    number = to_int(digits)
    return number if number <= MAX_ID else 0  # what the database can't hold is no row's id, as 0 is none
