"""How many numbers and departments there are of what the table can be filtered by; each is counted along an index.

The only one that goes over a whole index is how many have no rule: a directory's smallest index beside that of the rules, at
100,000 numbers some 15 milliseconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, literal, select, true, union_all

from melody_app.calls.resolver import Question, resolve
from melody_app.db import read
from melody_app.directory.finding import OFTEN
from melody_app.directory.store import DEPARTMENTS, NUMBERS, Directory
from melody_app.lean import LeanStatement
from melody_app.models import SOURCE_TYPES, Melody, Rule, VirtualNumber

FILTERS = ("all", "no_rule", "frozen", "unknown", "no_melody")
"""All; without a rule of its own; a frozen number; not in the directory; plays a melody that is not in the library."""


@dataclass(frozen=True)
class Tally:
    """How many rows of one kind there are.

    Args:
        known: by the filter, those that the directory knows.
        strays: by the filter, those that only a rule knows.
        is_often_mute: whether many rules of either play a melody that is not in the library.
        is_always_mute: whether every rule does, as before the melodies are loaded.
        is_company_mute: whether the company's own melody is not in the library.
    """

    known: Mapping[str, int]
    strays: Mapping[str, int]
    is_often_mute: bool
    is_always_mute: bool
    is_company_mute: bool

    def total(self, show: str) -> int:
        """Return how many rows a filter shows."""
        return self.known[show] + self.strays[show]


def take() -> dict[str, Tally]:
    """Count numbers and departments, by the name of their directory."""
    played = resolve(Question()).melody
    is_mute = played is not None and played.sha256 is None
    with read(snapshot=True) as lean:
        is_any_heard = lean.one(_ANY_HEARD) is not None
        rows = {
            name: (lean.one(counts), lean.one(mute) if is_any_heard else None)
            for name, (counts, mute) in _COUNTS.items()
        }
    return {name: _tally(*counts, mutes=mutes, is_company_mute=is_mute) for name, (counts, mutes) in rows.items()}


def totals(tallies: Mapping[str, Tally]) -> dict[str, int]:
    """Return how many rows each filter shows, of both kinds."""
    return {show: sum(each.total(show) for each in tallies.values()) for show in FILTERS}


def _tally(
    known: int, no_rule: int, held: int, frozen: int, *, mutes: tuple[int, int] | None, is_company_mute: bool
) -> Tally:
    strays = held - (known - no_rule)
    without = no_rule if is_company_mute else 0
    mute, known_mute = mutes or (held, known - no_rule)  # None where every rule is: they needn't be looked at
    return Tally(
        dict(zip(FILTERS, (known, no_rule, frozen, 0, known_mute + without), strict=True)),
        dict(zip(FILTERS, (strays, 0, 0, strays, mute - known_mute), strict=True)),
        mute > OFTEN,
        mutes is None,
        is_company_mute,
    )


def has_rule(directory: Directory) -> ColumnElement[bool]:
    """Return the condition that an entry of the directory has a rule of its own."""
    return select(directory.target).where(directory.target == directory.model.id).correlate(directory.model).exists()


def is_known(directory: Directory) -> ColumnElement[bool]:
    """Return the condition that the directory knows what a rule applies to."""
    return select(directory.model.id).where(directory.model.id == directory.target).correlate(directory.rules).exists()


def has_mute_rule(directory: Directory, counts: Tally) -> ColumnElement[bool]:
    """Return the condition that an entry's own rule plays a melody that is not in the library.

    Args:
        directory: whose entries.
        counts: where many do, each entry is looked at in its order, instead of all of them being found first.
    """
    if counts.is_always_mute:
        return has_rule(directory)
    own = select(directory.target).where(is_mute(directory, counts))
    if not counts.is_often_mute:
        found: ColumnElement[bool] = directory.model.id.in_(own)
        return found
    return own.where(directory.target == directory.model.id).correlate(directory.model).exists()


def is_mute(directory: Directory, counts: Tally) -> ColumnElement[bool]:
    """Return the condition that what a rule applies to gets a melody that is not in the library.

    Args:
        directory: for which of what rules apply to.
        counts: whether many do, or all.
    """
    rule_id = directory.rules.rule_id
    if counts.is_always_mute:
        return true()
    if not counts.is_often_mute:
        found: ColumnElement[bool] = rule_id.in_(select(Rule.id).select_from(_LOST).join(Rule, _PLAYS_LOST))
        return found
    return select(Rule.id).where(Rule.id == rule_id, ~_is_there(Rule)).correlate(directory.rules).exists()


def _played(*, there: bool) -> Any:
    """Return the melodies that rules play and that the library holds, or doesn't.

    Those that rules play are found by steps in an index, one for each of them, however many rules play it.
    """
    found = []
    for source_type in SOURCE_TYPES:
        of_source = Rule.source_type == source_type
        first = select(literal(source_type).label("source_type"), func.min(Rule.media_id).label("media_id"))
        played = first.where(of_source).cte(f"played_{source_type}", recursive=True)
        after = select(func.min(Rule.media_id)).where(of_source, Rule.media_id > played.c.media_id).scalar_subquery()
        played = played.union_all(select(played.c.source_type, after).where(played.c.media_id.is_not(None)))
        is_so = _is_there(played.c) if there else ~_is_there(played.c)
        found.append(select(played.c.source_type, played.c.media_id).where(played.c.media_id.is_not(None), is_so))
    return union_all(*found)


def _is_there(playing: Any) -> ColumnElement[bool]:
    """Return the condition that the library holds what somebody plays.

    Args:
        playing: has the columns `source_type` and `media_id`.
    """
    return exists().where(Melody.source_type == playing.source_type, Melody.id == playing.media_id)


_ANY_HEARD = LeanStatement(_played(there=True).limit(1))
_LOST = _played(there=False).subquery("lost")
_PLAYS_LOST = and_(Rule.source_type == _LOST.c.source_type, Rule.media_id == _LOST.c.media_id)


def _counts(directory: Directory) -> LeanStatement:
    model, rules = directory.model, directory.rules
    frozen = [VirtualNumber.state == "freeze"] if directory is NUMBERS else [model.id < 0]
    # SQLite goes along both indexes side by side here; for each of the one it would look into the other thrice as long.
    unruled = select(model.id).except_(select(directory.target)).subquery()
    counted = {
        "known": select(func.count()).select_from(model),
        "no_rule": select(func.count()).select_from(unruled),
        "held": select(func.count()).select_from(rules),
        "frozen": select(func.count()).select_from(model).where(*frozen),
    }
    return LeanStatement(select(*(each.scalar_subquery().label(name) for name, each in counted.items())))


def _mute_counts(directory: Directory) -> LeanStatement:
    """Count what rules with such melodies apply to, and how much of it the directory knows."""
    model, rules = directory.model, directory.rules
    joined = _LOST.join(Rule, _PLAYS_LOST).join(rules, rules.rule_id == Rule.id)
    joined = joined.outerjoin(model, model.id == directory.target)
    return LeanStatement(select(func.count(), func.count(model.id)).select_from(joined))


_COUNTS = {directory.name: (_counts(directory), _mute_counts(directory)) for directory in (NUMBERS, DEPARTMENTS)}
