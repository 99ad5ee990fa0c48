"""Find out what a caller hears: by the department, else by the number, else by the company, else plain ringing.

The later, more specific stage of a call wins when it has a rule of its own. It is one statement, asked anew at every call: a
change is heard by the next one.
"""

from collections.abc import Iterable
from contextlib import nullcontext
from functools import cache
from itertools import takewhile
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Select, and_, bindparam, func, literal_column, select, union
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
    def asks_department(self) -> bool:
        """Tell whether the question is about a department."""
        return self.employee_group_id is not None or bool(self.short_phone)

    @property
    def asks_number(self) -> bool:
        """Tell whether the question is about a number."""
        return self.number_capacity_id is not None or bool(self.number)

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
    digits = question.digits
    asks_department, is_number = question.asks_department, bool(digits) or question.number_capacity_id is not None
    with nullcontext(lean) if lean else read() as asked:
        row = asked.one(
            _statement(asks_department, is_number, question.on_hold),
            department_id=question.employee_group_id,
            short_phone=question.short_phone,
            number_id=question.number_capacity_id,
            digits=digits,
        )
    stages = []
    if asks_department:
        stages.append(_stage(DEPARTMENT, row[:WIDTH]))
    if is_number:
        stages.append(_stage(NUMBER, row[-COMPANY_WIDTH - WIDTH : -COMPANY_WIDTH]))
    elif question.asks_number:
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
def _statement(asks_department: bool, asks_number: bool, on_hold: bool) -> LeanStatement:  # noqa: FBT001  (a cache's key)
    """Return the one statement: one row of what each stage holds, each found by an index; what isn't asked isn't joined."""
    stages = [stage for stage, is_asked in ((DEPARTMENT, asks_department), (NUMBER, asks_number)) if is_asked]
    asked: list[Any] = [_ASKED[stage].label(stage) for stage in stages]
    return LeanStatement(_held(select(*asked or [literal_column("1")]).subquery("asked"), stages, on_hold=on_hold))


@cache
def _each(stage: str) -> LeanLookup:
    """Return the same for each of many numbers, or departments, that the directory or a rule knows."""
    directory, _, taken = _TABLES[stage]
    its_ids = (directory.id, taken)
    return LeanLookup(
        lambda ids: _held(
            union(*(select(each.label(stage)).where(each.in_(ids)) for each in its_ids)).subquery("asked"),
            [stage],
            on_hold=False,
        )
    )


_TABLES: dict[str, tuple[Any, Any, Any]] = {
    DEPARTMENT: (Department, Department.name, RuleDepartment.employee_group_id),
    NUMBER: (VirtualNumber, VirtualNumber.number, RuleNumber.number_capacity_id),
}
"""For each stage its directory, what a person knows one of that by, and where a rule holds it."""

_BY_SHORT = select(func.min(Department.id)).where(Department.short_phone == bindparam("short_phone"))
_BY_DIGITS = select(VirtualNumber.id).where(VirtualNumber.number == bindparam("digits"))
_ASKED = {
    DEPARTMENT: func.coalesce(bindparam("department_id", type_=BigInteger), _BY_SHORT.scalar_subquery()),
    NUMBER: func.coalesce(bindparam("number_id", type_=BigInteger), _BY_DIGITS.scalar_subquery()),
}
"""For each stage the id that is asked for."""

WIDTH, COMPANY_WIDTH = 7, 4
"""How many columns tell what a stage holds, and the company's stage, which is the last."""


def _held(asked: Any, stages: list[str], *, on_hold: bool) -> Select[*tuple[Any, ...]]:
    """Return what the stages hold for each row of what is asked: an id for each of them."""
    joined, columns = asked, []
    for stage in stages:
        directory, name, taken = _TABLES[stage]
        its_id, holder = asked.c[stage], taken.class_
        rule, melody = aliased(Rule, name=f"{stage}_rule"), aliased(Melody, name=f"{stage}_melody")
        joined = joined.outerjoin(directory, directory.id == its_id).outerjoin(holder, taken == its_id)
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
