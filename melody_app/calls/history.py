"""Read the last lookups for people: of a number, of a department, and of all of them, with the names of what they tell of."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, literal, select

from melody_app.calls.lookups import KEPT
from melody_app.calls.resolver import Played
from melody_app.db import db
from melody_app.directory import finding, phone
from melody_app.models import Department, Lookup, Melody, Rule, VirtualNumber
from melody_app.search import holds

PAGE_SIZE = 50

_NUMBER = "number-"
"""What the subject of a number's lookup begins with; its digits follow."""


@dataclass(frozen=True)
class Named:
    """What a directory calls a number or a department.

    Args:
        id: its id there; None when it isn't there.
        name: what people call it.
        comment: what a number is for.
    """

    id: int | None
    name: str
    comment: str | None = None


@dataclass(frozen=True)
class Asked:
    """A lookup, ready to read.

    Args:
        lookup: what is stored of it.
        number: what was asked for; None where only a department was.
        department: likewise.
        melody: what it was answered, by its name of today; None for plain ringing.
        is_rule_there: whether the rule that decided is still there.
    """

    lookup: Lookup
    number: Named | None
    department: Named | None
    melody: Played | None
    is_rule_there: bool

    @property
    def is_melody_gone(self) -> bool:
        """Tell whether the melody was there when it was answered, and isn't now: a JSON call may name one that never was."""
        return self.melody is not None and self.melody.name is None and self.lookup.door != "json"


def of_number(digits: str) -> list[Asked]:
    """Return the last lookups of a number, the latest first.

    Args:
        digits: the number, as the directory keeps it.
    """
    return _named(_last([Lookup.subject == f"{_NUMBER}{digits}"], KEPT))


def of_department(department_id: int) -> list[Asked]:
    """Return the last lookups of a department, the latest first, with whatever number it was asked for."""
    return _named(_last([Lookup.department_id == department_id], KEPT))


def latest(text: str, before: int | None) -> tuple[list[Asked], int | None]:
    """Return a page of the lookups of all numbers, the latest first, and the `before` of the next page if there is one.

    Args:
        text: digits anywhere in a number, in any spelling, a part of its comment, or a part of a department's name or its
            internal number; empty for all.
        before: only lookups before this one.
    """
    earlier = [Lookup.id < before] if before else []
    kinds = _matching(text) if text else [[]]
    found = {each.id: each for wanted in kinds for each in _last([*wanted, *earlier], PAGE_SIZE + 1)}
    ids = sorted(found, reverse=True)[:PAGE_SIZE]
    return _named([found[each] for each in ids]), ids[-1] if len(found) > PAGE_SIZE else None


def _matching(text: str) -> list[list[ColumnElement[bool]]]:
    """Return the conditions of lookups that the text finds: by a known number, by a known department, by what is unknown."""
    _, of_departments = finding.matching(Department, text)
    department = Lookup.department_id.in_(select(Department.id).where(of_departments))
    typed = phone.digits_typed(text) or text
    return [
        [Lookup.is_known.is_(True), _has_number(text)],
        [Lookup.department_id.is_not(None), department],
        [Lookup.is_known.is_(False), holds(Lookup.subject, typed)],  # these are few
    ]


def _has_number(text: str) -> ColumnElement[bool]:
    total, wanted = finding.matching(VirtualNumber, text)
    if total > finding.OFTEN:  # found sooner by reading the lookups, from the latest on
        own = VirtualNumber.number == func.substr(Lookup.subject, len(_NUMBER) + 1)
        return select(VirtualNumber.id).where(own, wanted).correlate(Lookup).exists()
    return Lookup.subject.in_(select(literal(_NUMBER) + VirtualNumber.number).where(wanted))


def _last(wanted: Sequence[ColumnElement[bool]], limit: int) -> list[Lookup]:
    return list(db.session.scalars(select(Lookup).where(*wanted).order_by(Lookup.id.desc()).limit(limit)))


def _named(lookups: list[Lookup]) -> list[Asked]:
    """Give lookups the names of what they tell of, the latest first: their ids follow the batches in which workers write them."""
    lookups = sorted(lookups, key=lambda each: (each.asked_ms, each.id), reverse=True)
    numbers = _numbers(each.subject.removeprefix(_NUMBER) for each in lookups)
    departments = _names(Department, {each.department_id for each in lookups})
    melodies = _melodies(lookups)
    rule_ids = set(db.session.scalars(select(Rule.id).where(Rule.id.in_({each.rule_id for each in lookups}))))
    return [
        Asked(
            each,
            _number(each.subject, numbers),
            _department(each, departments),
            melodies.get((each.source_type, each.media_id)),
            each.rule_id in rule_ids,
        )
        for each in lookups
    ]


def _number(subject: str, known: dict[str, Named]) -> Named | None:
    if not subject.startswith(_NUMBER):
        return None
    spelled = subject.removeprefix(_NUMBER)
    if spelled in known:
        return known[spelled]
    is_phone = spelled.isascii() and spelled.isdecimal()
    return Named(None, phone.shown(spelled) if is_phone else spelled.replace("id-", "ID "))


def _department(lookup: Lookup, known: dict[int, str]) -> Named | None:
    its_id = lookup.department_id
    if its_id is not None:
        return Named(its_id, known[its_id]) if its_id in known else Named(None, str(its_id))
    is_alone = not lookup.subject.startswith(_NUMBER)
    return Named(None, lookup.subject.partition("-")[2]) if is_alone else None


def _numbers(digits: Iterable[str]) -> dict[str, Named]:
    columns = (VirtualNumber.number, VirtualNumber.id, VirtualNumber.comment)
    rows = db.session.execute(select(*columns).where(VirtualNumber.number.in_(set(digits))))
    return {number: Named(its_id, phone.shown(number), comment) for number, its_id, comment in rows}


def _names(model: Any, ids: set[int | None]) -> dict[int, str]:
    return {row[0]: row[1] for row in db.session.execute(select(model.id, model.name).where(model.id.in_(ids)))}


def _melodies(lookups: Sequence[Lookup]) -> dict[tuple[str | None, int | None], Played]:
    answered = {(each.source_type, each.media_id) for each in lookups if each.source_type and each.media_id}
    columns = (Melody.source_type, Melody.id, Melody.name, Melody.sha256)
    rows = db.session.execute(select(*columns).where(Melody.id.in_({each for _, each in answered})))
    there = {(row[0], row[1]): Played(*row) for row in rows}
    return {key: there.get(key) or Played(str(key[0]), int(key[1] or 0), None, None) for key in answered}
