"""Find out what a caller hears: by the department, else by the number, else by the company, else plain ringing.

The later, more specific stage of a call wins when it has a rule of its own. It is one statement, asked anew at every call: a
change is heard by the next one.
"""

from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Select, and_, bindparam, cast, func, literal_column, null, select, union
from sqlalchemy.orm import aliased

from melody_app.db import read
from melody_app.directory.phone import NotAPhoneError, to_e164
from melody_app.lean import Lean, LeanLookup, LeanStatement
from melody_app.models import CompanyDefault, Department, Melody, Rule, RuleDepartment, RuleNumber, VirtualNumber


@dataclass(frozen=True, slots=True)
class Question:
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


def resolve(question: Question, lean: Lean | None = None) -> Resolution:
    """Return what a caller hears.

    Args:
        question: which number and department.
        lean: where to ask, for many questions about one moment; a connection of its own when absent.

    Raises:
        UnavailableError: the database can't answer now.
    """
    digits = question.digits
    with nullcontext(lean) if lean else read() as asked:
        row = asked.one(
            _statement(on_hold=question.on_hold),
            department_id=question.employee_group_id,
            short_phone=question.short_phone,
            number_id=question.number_capacity_id,
            digits=digits,
        )
    stages = []
    if question.asks_department:
        stages.append(_stage("employee_group", row[0:7]))
    if question.asks_number:
        spelled = digits or question.number_capacity_id is not None
        stages.append(_stage("number", row[7:14]) if spelled else Stage("number", "not_a_number", name=question.number))
    stages.append(_company(row[14:18]))
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
        own = _stage(stage, row[0:7] if stage == "employee_group" else row[7:14])
        found[int(own.id or 0)] = _decided([own, _company(row[14:18])])
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
def _statement(*, on_hold: bool) -> LeanStatement:
    """Return the one statement: one row of what each stage holds, each found by an index."""
    return LeanStatement(_held(_asked().subquery("asked"), on_hold=on_hold))


@cache
def _each(stage: str) -> LeanLookup:
    """Return the same for many: a row for each."""
    return LeanLookup(lambda ids: _held(_asked_each(stage, ids).subquery("asked"), on_hold=False))


def _held(asked: Any, *, on_hold: bool) -> Select[*tuple[Any, ...]]:
    """Return what each stage holds for each row of what is asked, a department's id and a number's."""
    rules = [aliased(Rule, name=name) for name in ("department_rule", "number_rule")]
    melodies = [aliased(Melody, name=name) for name in ("department_melody", "number_melody", "company_melody")]
    kind = "hold" if on_hold else "dialing"
    source_type, media_id = (getattr(CompanyDefault, f"{kind}_{name}") for name in ("source_type", "media_id"))
    company = melodies[2]
    joined: Any = asked.outerjoin(Department, Department.id == asked.c.department_id)
    joined = joined.outerjoin(RuleDepartment, RuleDepartment.employee_group_id == asked.c.department_id)
    joined = _with_melody(joined, RuleDepartment.rule_id, rules[0], melodies[0])
    joined = joined.outerjoin(VirtualNumber, VirtualNumber.id == asked.c.number_id)
    joined = joined.outerjoin(RuleNumber, RuleNumber.number_capacity_id == asked.c.number_id)
    joined = _with_melody(joined, RuleNumber.rule_id, rules[1], melodies[1])
    joined = joined.outerjoin(CompanyDefault, CompanyDefault.id == literal_column("1"))
    joined = joined.outerjoin(company, and_(company.source_type == source_type, company.id == media_id))
    columns = [asked.c.department_id, Department.name, *_played(rules[0], melodies[0])]
    columns += [asked.c.number_id, VirtualNumber.number, *_played(rules[1], melodies[1])]
    columns += [source_type, media_id, company.name, company.sha256]
    return select(*columns).select_from(joined)


def _asked() -> Select[*tuple[Any, ...]]:
    by_short = select(func.min(Department.id)).where(Department.short_phone == bindparam("short_phone"))
    by_digits = select(VirtualNumber.id).where(VirtualNumber.number == bindparam("digits"))
    ids = {"department_id": by_short, "number_id": by_digits}
    return select(
        *(
            func.coalesce(bindparam(name, type_=BigInteger), by_other.scalar_subquery()).label(name)
            for name, by_other in ids.items()
        )
    )


def _asked_each(stage: str, ids: list[Any]) -> Any:
    """Return the numbers, or the departments, that the directory or a rule knows."""
    nothing = cast(null(), BigInteger)
    if stage == "number":
        columns: list[tuple[Any, Any]] = [(nothing, VirtualNumber.id), (nothing, RuleNumber.number_capacity_id)]
    else:
        columns = [(Department.id, nothing), (RuleDepartment.employee_group_id, nothing)]
    place = ["employee_group", "number"].index(stage)
    return union(
        *(
            select(each[0].label("department_id"), each[1].label("number_id")).where(each[place].in_(ids))
            for each in columns
        )
    )


def _with_melody(joined: Any, rule_id: Any, rule: Any, melody: Any) -> Any:
    joined = joined.outerjoin(rule, rule.id == rule_id)
    return joined.outerjoin(melody, and_(melody.source_type == rule.source_type, melody.id == rule.media_id))


def _played(rule: Any, melody: Any) -> list[Any]:
    return [rule.id, rule.source_type, rule.media_id, melody.name, melody.sha256]


_MELODY = LeanStatement(
    select(Melody.name, Melody.sha256).where(
        Melody.source_type == bindparam("source_type"), Melody.id == bindparam("melody_id", type_=BigInteger)
    )
)
