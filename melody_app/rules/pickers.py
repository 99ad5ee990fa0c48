"""What the pickers of the rule's page ask: which numbers and departments there are, and who holds them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext
from sqlalchemy import select

from melody_app.db import db
from melody_app.models import Melody
from melody_app.rules.queries import name_of
from melody_app.rules.store import BY_FIELD, NUMBERS, Holding, Targets
from melody_app.search import like_pattern, search_key

OFFERED = 50
"""As many entries are offered at once; whoever looks for another types more of it."""


@dataclass(frozen=True)
class Conflict:
    """An id that another rule holds, as the page shows it."""

    field: str
    id: int
    name: str | None
    rule_id: int
    source_type: str
    media_id: int
    melody_name: str | None

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

    def to_dict(self) -> dict[str, Any]:
        """Spell it for the page's script."""
        return {"field": self.field, "id": self.id, "rule_id": self.rule_id, "text": self.text, "url": self.url}


def search(field: str, text: str) -> list[dict[str, Any]]:
    """Return the entries of a directory that match, in the order of their names.

    Args:
        field: the array that the picker fills.
        text: a part of the name or the digits, or an id; empty for the first ones.
    """
    targets = BY_FIELD[field]
    directory, table = targets.directory, targets.table
    key = search_key(text)
    statement = (
        select(directory.id, name_of(targets).label("name"), table.rule_id)
        .join(table, targets.id_column == directory.id, isouter=True)
        .where(directory.search_key.like(like_pattern(key), escape="\\"))
        .order_by(directory.search_key, directory.id)
        .limit(OFFERED)
    )
    return [dict(row._mapping) for row in db.session.execute(statement)]


def conflicts(holdings: Iterable[Holding]) -> list[Conflict]:
    """Give holdings the names that the directories and catalogues know."""
    holdings = list(holdings)
    names = {
        field: _names(targets, [each.id for each in holdings if each.field == field])
        for field, targets in BY_FIELD.items()
    }
    melodies = _melody_names({(each.source_type, each.media_id) for each in holdings})
    return [
        Conflict(
            field=each.field,
            id=each.id,
            name=names[each.field].get(each.id),
            rule_id=each.rule_id,
            source_type=each.source_type,
            media_id=each.media_id,
            melody_name=melodies.get((each.source_type, each.media_id)),
        )
        for each in holdings
    ]


def _names(targets: Targets, ids: list[int]) -> dict[int, str]:
    directory = targets.directory
    rows = db.session.execute(select(directory.id, name_of(targets)).where(directory.id.in_(ids)))
    return {row[0]: row[1] for row in rows}


def _melody_names(melodies: set[tuple[str, int]]) -> dict[tuple[str, int], str]:
    rows = db.session.execute(
        select(Melody.source_type, Melody.id, Melody.name).where(Melody.id.in_([each for _, each in melodies]))
    )
    return {(row[0], row[1]): row[2] for row in rows}
