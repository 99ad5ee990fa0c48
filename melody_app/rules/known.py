"""Hold a rule's ids against the directories and catalogues, as far as they know any."""

from collections.abc import Iterator
from typing import Self

from flask_babel import lazy_gettext
from sqlalchemy import select

from melody_app.fields import FieldError
from melody_app.lean import Lean, LeanStatement
from melody_app.models import Melody
from melody_app.rules import store
from melody_app.rules.refusals import UnknownIdsError
from melody_app.rules.store import KINDS, RuleValues

_MELODIES = select(Melody.source_type, Melody.id)
_ALL_MELODIES = LeanStatement(_MELODIES)
_LOCK_ALL_MELODIES = LeanStatement(_MELODIES.with_for_update(read=True))
_ALL_IDS = {targets.field: LeanStatement(select(targets.directory.id)) for targets in KINDS}

Errors = list[tuple[str, FieldError]]


def refuse_unknown(lean: Lean, values: RuleValues) -> None:
    """Refuse ids that a directory or a catalogue would have to know; an empty one vouches for nothing.

    Args:
        lean: the transaction that is to store them.
        values: the ids and the melody.

    Raises:
        UnknownIdsError: it names every one of them.
    """
    held = {
        targets.field: {each for (each,) in targets.known.all(lean, values.ids[targets.field])} for targets in KINDS
    }
    melody = lean.one(store.FIND_AND_LOCK_MELODY, source_type=values.source_type, media_id=values.media_id)
    if melody and all(held[name].issuperset(ids) for name, ids in values.ids.items()):
        return  # as mostly: nobody need be asked who holds anything
    *vouching, any_melody = lean.one(store.WHAT_IS_KNOWN, source_type=values.source_type)
    errors = []
    for targets, vouches in zip(KINDS, vouching, strict=True):
        if vouches:
            errors += _unknown(targets, values.ids[targets.field], held[targets.field])
    if any_melody and not melody:
        errors.append(_unknown_melody(values))
    if errors:
        raise UnknownIdsError(errors)


class Known:
    """All that the directories and catalogues hold, to hold many rules against.

    Args:
        ids: the ids that each directory holds, by the array that names them.
        melodies: the melodies that each catalogue holds, by its source.
    """

    def __init__(self, ids: dict[str, set[int]], melodies: dict[str, set[int]]) -> None:
        self._ids = ids
        self._melodies = melodies

    @classmethod
    def read(cls, lean: Lean, *, lock: bool = False) -> Self:
        """Ask for all of it.

        Args:
            lean: where to ask.
            lock: keep melodies from being deleted until the transaction ends; numbers and departments are deleted by
                transactions that run alone.
        """
        melodies: dict[str, set[int]] = {}
        for source_type, melody_id in lean.all(_LOCK_ALL_MELODIES if lock else _ALL_MELODIES):
            melodies.setdefault(source_type, set()).add(melody_id)
        return cls({field: {each for (each,) in lean.all(ids)} for field, ids in _ALL_IDS.items()}, melodies)

    def errors(self, values: RuleValues) -> Iterator[tuple[str, FieldError]]:
        """Yield what `refuse_unknown` would refuse a rule for."""
        for targets in KINDS:
            if known := self._ids[targets.field]:
                yield from _unknown(targets, values.ids[targets.field], known)
        if values.media_id not in self._melodies.get(values.source_type, {values.media_id}):
            yield _unknown_melody(values)


def _unknown(targets: store.Targets, ids: list[int], known: set[int]) -> Errors:
    return [
        (targets.field, FieldError(targets.code, lazy_gettext("%(id)s is not in the directory.", id=each), index))
        for index, each in enumerate(ids)
        if each not in known
    ]


def _unknown_melody(values: RuleValues) -> tuple[str, FieldError]:
    message = lazy_gettext("There is no melody %(id)s in this catalogue. Choose one that is there.", id=values.media_id)
    return "media_id", FieldError("unknown_melody", message)
