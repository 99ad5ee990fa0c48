"""Write all rules as a list: an import takes it back unchanged, and no spreadsheet takes a cell of it for a formula."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import BigInteger, and_, bindparam, select

from melody_app.db import read
from melody_app.directory import phone
from melody_app.lean import Lean, LeanStatement
from melody_app.models import Melody, Rule
from melody_app.rules.lists.columns import BETWEEN_IDS, spell_source
from melody_app.rules.queries import name_columns
from melody_app.rules.store import KINDS, NUMBERS, Targets
from melody_app.sheets.columns import harmless, harmless_throughout

CHUNK = 1000
"""As many rules are read at once."""
NAMED = 20
"""As many names of a rule's numbers or departments are written for reading."""

_RULES = LeanStatement(
    select(Rule.id, Rule.source_type, Rule.media_id, Melody.name)
    .join_from(Rule, Melody, and_(Melody.source_type == Rule.source_type, Melody.id == Rule.media_id), isouter=True)
    .where(Rule.id > bindparam("after", type_=BigInteger))
    .order_by(Rule.id)
    .limit(CHUNK)
)
_TARGETS = {
    targets.field: LeanStatement(
        select(targets.table.rule_id, targets.id_column, *name_columns(targets))
        .join_from(targets.table, targets.directory, targets.directory.id == targets.id_column, isouter=True)
        .where(targets.table.rule_id.between(bindparam("first", type_=BigInteger), bindparam("last", type_=BigInteger)))
        .order_by(targets.table.rule_id, targets.table.position)
    )
    for targets in KINDS
}


@dataclass
class _Cell:
    """The numbers or departments of a rule, and what people call the first of them."""

    ids: list[int] = field(default_factory=list)
    names: list[str] = field(default_factory=list)

    @property
    def said(self) -> str:
        """Spell the ids."""
        return harmless(BETWEEN_IDS.join(map(str, self.ids)))

    @property
    def for_reading(self) -> str:
        """Spell the names."""
        more = ["…"] if len(self.ids) > NAMED and self.names else []
        return harmless_throughout(BETWEEN_IDS.join([*self.names, *more]))


def rows(language: str) -> Iterator[list[str]]:
    """Yield the cells of every rule, all as they are at one moment.

    Args:
        language: `ru` or `en`.
    """
    with read(snapshot=True) as lean:
        after = 0
        while rules := lean.all(_RULES, after=after):
            numbers, departments = (_cells(lean, targets, rules[0][0], rules[-1][0]) for targets in KINDS)
            for rule_id, source_type, media_id, name in rules:
                own = [cells.get(rule_id, _Cell()) for cells in (numbers, departments)]
                melody = [spell_source(source_type, language), harmless(str(media_id))]
                names = [*(cell.for_reading for cell in own), harmless_throughout(name or "")]
                yield [harmless(str(rule_id)), *(cell.said for cell in own), *melody, *names]
            after = rules[-1][0]


def _cells(lean: Lean, targets: Targets, first: int, last: int) -> dict[int, _Cell]:
    cells: dict[int, _Cell] = {}
    for rule_id, target_id, *name in lean.all(_TARGETS[targets.field], first=first, last=last):
        cell = cells.setdefault(rule_id, _Cell())
        cell.ids.append(target_id)
        if len(cell.ids) <= NAMED and name[0]:
            cell.names.append(_spell(targets, name))
    return cells


def _spell(targets: Targets, name: list[str]) -> str:
    if targets is not NUMBERS:
        return name[0]
    number, comment = name
    return " ".join(filter(None, [phone.for_sheet(number), comment]))
