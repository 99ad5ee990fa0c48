"""What the pickers of the rule's page ask: which numbers and departments there are, and who holds them."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext
from sqlalchemy import func, select

from melody_app.db import db
from melody_app.directory import finding
from melody_app.models import Melody
from melody_app.rules.queries import Named, name_columns, spell_name
from melody_app.rules.store import BY_FIELD, NUMBERS, Holding, Targets

OFFERED = 50
"""As many entries are offered at once; whoever looks for another types more of it."""
MOST_AT_ONCE = 10_000
"""As many are taken by «select all that is found»: no more fit into one rule."""


@dataclass(frozen=True)
class Conflict:
    """An id that another rule holds, as the page shows it.

    Args:
        field: the array that names the id.
        id: the id.
        name: what its directory calls it.
        rule_id: the rule that holds it.
        rule_size: how many ids that rule holds in all.
        source_type: whose melody the rule plays.
        media_id: the melody.
        melody_name: what its catalogue calls it.
        is_warning: all that the rule holds is asked for, and this is the place to say what becomes of the rule.
    """

    field: str
    id: int
    name: str | None
    rule_id: int
    rule_size: int
    source_type: str
    media_id: int
    melody_name: str | None
    is_warning: bool

    @property
    def url(self) -> str:
        """Return the address of the rule that holds it."""
        return url_for("rules.edit", rule_id=self.rule_id)

    @property
    def text(self) -> str:
        """Say it in a sentence."""
        words = {
            "target": f"{self.name} ({self.id})" if self.name else self.id,
            "rule": self.rule_id,
            "melody": self.melody_name or self.media_id,
        }
        if self.field == NUMBERS.field:
            return str(gettext("Number %(target)s is already in rule %(rule)s and plays melody %(melody)s.", **words))
        return str(gettext("Department %(target)s is already in rule %(rule)s and plays melody %(melody)s.", **words))

    @property
    def warning(self) -> str:
        """Say what becomes of the rule when nothing is left in it."""
        if self.rule_size == 1:
            message = gettext(
                "Nothing else is in rule %(rule)s: it will be deleted once this is moved.", rule=self.rule_id
            )
        else:
            message = gettext("Rule %(rule)s will be deleted if everything in it is moved here.", rule=self.rule_id)
        return str(message)

    def to_dict(self) -> dict[str, Any]:
        """Spell it for the page's script."""
        shown = "field", "id", "rule_id", "rule_size", "text", "url", "warning"
        return {name: getattr(self, name) for name in shown}


@dataclass(frozen=True)
class Found:
    """Entries of a directory that match.

    Args:
        total: how many match in all.
        entries: the first of them, each with the rule that holds it.
    """

    total: int
    entries: list[Named]

    def to_dict(self) -> dict[str, Any]:
        """Spell it for the page's script."""
        return {"total": self.total, "entries": [asdict(each) for each in self.entries]}


def is_directory_filled(field: str) -> bool:
    """Tell whether the directory knows any entry; else ids belong to another system and are typed."""
    return db.session.scalar(select(BY_FIELD[field].directory.id).limit(1)) is not None


def search(field: str, text: str, *, ids: list[int] | None = None, limit: int = OFFERED) -> Found:
    """Find entries of a directory, in the order of their names.

    Args:
        field: the array that the picker fills.
        text: a part of the name or the number's digits in any spelling, or an id; empty for all.
        ids: these instead, whatever they are called.
        limit: how many to return at most.
    """
    targets = BY_FIELD[field]
    directory = targets.directory
    order = directory.search_key, directory.id
    found = None if ids else finding.find_page(directory, text, order, size=limit)
    rows = db.session.execute(
        select(directory.id, targets.table.rule_id, *name_columns(targets))
        .join(targets.table, targets.id_column == directory.id, isouter=True)
        .where(directory.id.in_(found.rows if found else ids or []))
        .order_by(*order)
    )
    entries = [Named(each, spell_name(targets, name), rule_id) for each, rule_id, *name in rows][:limit]
    return Found(found.total if found else len(entries), entries)


def conflicts(holdings: Iterable[Holding]) -> list[Conflict]:
    """Give holdings the names that the directories and catalogues know, and tell which rules would be left empty."""
    holdings = list(holdings)
    asked = Counter(each.rule_id for each in holdings)
    sizes = _sizes(asked)
    warnings = {each.rule_id: each for each in reversed(holdings) if asked[each.rule_id] == sizes[each.rule_id]}
    known = {
        field: names(targets, [each.id for each in holdings if each.field == field])
        for field, targets in BY_FIELD.items()
    }
    melodies = melody_names({(each.source_type, each.media_id) for each in holdings})
    return [
        Conflict(
            field=each.field,
            id=each.id,
            name=known[each.field].get(each.id),
            rule_id=each.rule_id,
            rule_size=sizes[each.rule_id],
            source_type=each.source_type,
            media_id=each.media_id,
            melody_name=melodies.get((each.source_type, each.media_id)),
            is_warning=warnings.get(each.rule_id) is each,
        )
        for each in holdings
    ]


def _sizes(rule_ids: Iterable[int]) -> Counter[int]:
    """Return how many ids each of the rules holds."""
    sizes: Counter[int] = Counter()
    for targets in BY_FIELD.values():
        rule_id = targets.table.rule_id
        counted = select(rule_id, func.count()).where(rule_id.in_(rule_ids)).group_by(rule_id)
        sizes.update({row[0]: row[1] for row in db.session.execute(counted)})
    return sizes


def names(targets: Targets, ids: Iterable[int]) -> dict[int, str]:
    """Return what the directory calls each of the ids that it knows."""
    directory = targets.directory
    rows = db.session.execute(select(directory.id, *name_columns(targets)).where(directory.id.in_(ids)))
    return {each: spell_name(targets, name) or "" for each, *name in rows}


def melody_names(melodies: set[tuple[str, int]]) -> dict[tuple[str, int], str]:
    """Return the name of each of the melodies (source and id) that are in their catalogue."""
    rows = db.session.execute(
        select(Melody.source_type, Melody.id, Melody.name).where(Melody.id.in_([each for _, each in melodies]))
    )
    return {(row[0], row[1]): row[2] for row in rows}
