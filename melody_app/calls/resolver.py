"""Find out what a caller hears: by the department, else by the number, else by the company, else plain ringing.

The later, more specific stage of a call wins when it has a rule of its own. It is one statement, asked anew at every call: a
change is heard by the next one.
"""

from collections.abc import Iterable
from contextlib import nullcontext
from functools import cache
from itertools import takewhile
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Select,
    and_,
    bindparam,
    func,
    literal_column,
    select,
    union,
)
from sqlalchemy.orm import aliased

from melody_app.db import read
from melody_app.directory.phone import NotAPhoneError, to_e164
from melody_app.lean import Lean, LeanLookup, LeanStatement
from melody_app.models import CompanyDefault, Department, Melody, Rule, RuleDepartment, RuleNumber, VirtualNumber

DEPARTMENT, NUMBER = "employee_group", "number"
"""The stages of a call that may have a rule of their own, in the order in which they win."""


class Question(NamedTuple):
    """What is asked: a number and a department, each in one of two ways, or not at all.

    Args:
        number: the number that was called, in any spelling.
        number_capacity_id: the same by its id.
        employee_group_id: the department that the call is passed on to.
        short_phone: the same by its short number.
        on_hold: asks what the company plays to whoever is on hold.
    """

    number: str | None = None
    number_capacity_id: int | None = None
    employee_group_id: int | None = None
    short_phone: str | None = None
    on_hold: bool = False

    @property
    def sought(self) -> dict[str, int | str]:
        """Return what the statement looks for, by the names of `_SOUGHT`: nothing of a stage that isn't asked, or can't be."""
        sought: dict[str, int | str] = {}
        if self.employee_group_id is not None:
            sought["department_id"] = self.employee_group_id
        elif self.short_phone:
            sought["short_phone"] = self.short_phone
        if self.number_capacity_id is not None:
            sought["number_id"] = self.number_capacity_id
        elif digits := self.digits:
            sought["digits"] = digits
        return sought

    @property
    def digits(self) -> str | None:
        """Return the number as the directory keeps it; None when none was spelled."""
        try:
            return to_e164(self.number) if self.number else None
        except NotAPhoneError:
            return None


class Played(NamedTuple):
    """A melody that a stage plays.

    Args:
        source_type: `client` or `system`.
        id: its id in that catalogue.
        name: what it is called; None where the catalogue doesn't hold it.
        sha256: the hash of its audio; None likewise.
    """

    source_type: str
    id: int
    name: str | None
    sha256: str | None


class Stage(NamedTuple):
    """What one stage held.

    Args:
        stage: `employee_group`, `number` or `company`.
        code: `rule`, `no_rule`, `unknown` (not in the directory), `not_a_number`; the company's `melody` or `plain_ringing`.
        id: the department's or the number's; None where the directory knows none.
        name: the department's name, or the number's digits.
        rule_id: the rule that the stage has.
        melody: what it plays.
    """

    stage: str
    code: str
    id: int | None = None
    name: str | None = None
    rule_id: int | None = None
    melody: Played | None = None


class Resolution(NamedTuple):
    """What a caller hears, and why.

    Args:
        source: `employee_group`, `number`, `company`, or `none` for plain ringing.
        stages: each stage that was asked, in their order, also those after the one that decided.
    """

    source: str
    stages: list[Stage]

    @property
    def decisive(self) -> Stage:
        """Return the stage that decided; the company's when nothing plays."""
        return next((each for each in self.stages if each.stage == self.source), self.stages[-1])

    @property
    def melody(self) -> Played | None:
        """Return what plays; None for plain ringing."""
        return None if self.source == "none" else self.decisive.melody

    @property
    def playable(self) -> "Resolution":
        """Return the same for whoever gets sound from us: where a stage's melody isn't in the library, the next one goes on."""
        source = next((each.stage for each in self.stages if each.melody and each.melody.sha256), "none")
        return self._replace(source=source)

    @property
    def lost(self) -> list[Stage]:
        """Return the stages that would have decided, had the library their melody: what gives sound passes them over."""
        silent = takewhile(lambda each: not (each.melody and each.melody.sha256), self.stages)
        return [each for each in silent if each.melody]


def resolve(question: Question, lean: Lean | None = None) -> Resolution:
    """Return what a caller hears.

    Args:
        question: which number and department.
        lean: where to ask, for many questions about one moment; a connection of its own when absent.

    Raises:
        UnavailableError: the database can't answer now.
    """
    sought = question.sought
    with nullcontext(lean) if lean else read() as asked:
        row = asked.one(_statement(tuple(sought), question.on_hold), **sought)
    stages = [_stage(_SOUGHT[name][0], row[place * WIDTH :][:WIDTH]) for place, name in enumerate(sought)]
    if question.number and sought.keys().isdisjoint({"digits", "number_id"}):
        stages.append(Stage(NUMBER, "not_a_number", name=question.number))
    stages.append(_company(row[-COMPANY_WIDTH:]))
    return _decided(stages)


def resolve_each(lean: Lean, stage: str, ids: Iterable[int]) -> dict[int, Resolution]:
    """Return what callers hear at each of many numbers, or departments, by themselves; by the statement that answers a call.

    Args:
        lean: where to ask.
        stage: `number` or `employee_group`.
        ids: which of them; one that neither its directory nor a rule knows is left out.
    """
    found = {}
    for row in _each(stage).all(lean, ids):
        own = _stage(stage, row[:WIDTH])
        found[int(own.id or 0)] = _decided([own, _company(row[WIDTH:])])
    return found


def _decided(stages: list[Stage]) -> Resolution:
    return Resolution(next((each.stage for each in stages if each.melody), "none"), stages)


def find_melody(source_type: str, melody_id: int) -> Played:
    """Return a melody of a catalogue, without a hash where it isn't there.

    Args:
        source_type: `client` or `system`.
        melody_id: its id.
    """
    with read() as lean:
        row = lean.one(_MELODY, source_type=source_type, melody_id=melody_id)
    name, sha256 = row or (None, None)
    return Played(source_type, melody_id, name, sha256)


def _stage(stage: str, row: tuple[Any, ...]) -> Stage:
    its_id, name, rule_id, *melody = row
    if rule_id is not None:
        return Stage(stage, "rule", its_id, name, rule_id, Played(*melody))
    return Stage(stage, "unknown" if name is None else "no_rule", its_id, name)


def _company(row: tuple[Any, ...]) -> Stage:
    played = Played(*row)
    if played.source_type in {"beeps", None}:
        return Stage("company", "plain_ringing")
    return Stage("company", "melody", melody=played)


@cache
def _statement(sought: tuple[str, ...], on_hold: bool) -> LeanStatement:  # noqa: FBT001  (a cache's key)
    """Return the one statement: one row of what each stage holds, each found by an index; what isn't asked isn't joined."""
    return LeanStatement(
        _held(select(literal_column("1")).subquery("asked"), [_SOUGHT[name] for name in sought], on_hold)
    )


@cache
def _each(stage: str) -> LeanLookup:
    """Return the same for each of many numbers, or departments, that the directory or a rule knows."""
    directory, _, taken = _TABLES[stage]
    its_ids = (directory.id, taken)

    def held(ids: list[BindParameter[int]]) -> Any:
        asked = union(*(select(each.label("id")).where(each.in_(ids)) for each in its_ids)).subquery("asked")
        return _held(asked, [(stage, asked.c.id, directory.id == asked.c.id)], on_hold=False)

    return LeanLookup(held)


_TABLES: dict[str, tuple[Any, Any, Any]] = {
    DEPARTMENT: (Department, Department.name, RuleDepartment.employee_group_id),
    NUMBER: (VirtualNumber, VirtualNumber.number, RuleNumber.number_capacity_id),
}
"""For each stage its directory, what a person knows one of that by, and where a rule holds it."""

Sought = tuple[str, Any, ColumnElement[bool]]
"""A stage, the id that it is asked for, and the condition that the directory's entry is that one."""


def _by_id(stage: str, directory: Any, name: str) -> Sought:
    its_id = bindparam(name, type_=BigInteger)
    return stage, its_id, directory.id == its_id


_BY_SHORT = select(func.min(Department.id)).where(Department.short_phone == bindparam("short_phone")).scalar_subquery()
_SOUGHT: dict[str, Sought] = {
    "department_id": _by_id(DEPARTMENT, Department, "department_id"),
    "short_phone": (DEPARTMENT, Department.id, Department.id == _BY_SHORT),
    "number_id": _by_id(NUMBER, VirtualNumber, "number_id"),
    # The index of the digits holds all that is asked of the directory: its table needn't be read.
    "digits": (NUMBER, VirtualNumber.id, VirtualNumber.number == bindparam("digits")),
}
"""By what an entry of a directory is found; an id may be a rule's alone."""

WIDTH, COMPANY_WIDTH = 7, 4
"""How many columns tell what a stage holds, and the company's stage, which is the last."""


def _held(asked: Any, sought: Iterable[Sought], on_hold: bool) -> Select[*tuple[Any, ...]]:  # noqa: FBT001
    """Return what the stages hold for each row of what is asked."""
    joined, columns = asked, []
    for stage, its_id, is_it in sought:
        directory, name, taken = _TABLES[stage]
        holder = taken.class_
        rule, melody = aliased(Rule, name=f"{stage}_rule"), aliased(Melody, name=f"{stage}_melody")
        joined = joined.outerjoin(directory, is_it).outerjoin(holder, taken == its_id)
        joined = joined.outerjoin(rule, rule.id == holder.rule_id)
        joined = joined.outerjoin(melody, and_(melody.source_type == rule.source_type, melody.id == rule.media_id))
        columns += [its_id, name, rule.id, rule.source_type, rule.media_id, melody.name, melody.sha256]
    kind = "hold" if on_hold else "dialing"
    source_type, media_id = (getattr(CompanyDefault, f"{kind}_{name}") for name in ("source_type", "media_id"))
    melody = aliased(Melody, name="company_melody")
    joined = joined.outerjoin(CompanyDefault, CompanyDefault.id == literal_column("1"))
    joined = joined.outerjoin(melody, and_(melody.source_type == source_type, melody.id == media_id))
    return select(*columns, source_type, media_id, melody.name, melody.sha256).select_from(joined)


_MELODY = LeanStatement(
    select(Melody.name, Melody.sha256).where(
        Melody.source_type == bindparam("source_type"), Melody.id == bindparam("melody_id", type_=BigInteger)
    )
)
