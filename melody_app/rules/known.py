"""Hold a rule's ids against the directories and catalogues, as far as they know any."""

from flask_babel import lazy_gettext

from melody_app.fields import FieldError
from melody_app.lean import Lean
from melody_app.rules import store
from melody_app.rules.refusals import UnknownIdsError
from melody_app.rules.store import KINDS, RuleValues


def refuse_unknown(lean: Lean, values: RuleValues) -> None:
    """Refuse ids that a directory or a catalogue would have to know; an empty one vouches for nothing.

    Args:
        lean: the transaction that is to store them.
        values: the ids and the melody.

    Raises:
        UnknownIdsError: it names every one of them.
    """
    *known, any_melody = lean.one(store.WHAT_IS_KNOWN, source_type=values.source_type)
    errors = []
    for targets, holds_any in zip(KINDS, known, strict=True):
        if holds_any:
            errors += _unknown(lean, targets, values.ids[targets.field])
    melody = {"source_type": values.source_type, "media_id": values.media_id}
    if any_melody and not lean.one(store.FIND_AND_LOCK_MELODY, **melody):
        message = lazy_gettext(
            "There is no melody %(id)s in this catalogue. Choose one that is there.", id=values.media_id
        )
        errors.append(("media_id", FieldError("unknown_melody", message)))
    if errors:
        raise UnknownIdsError(errors)


def _unknown(lean: Lean, targets: store.Targets, ids: list[int]) -> list[tuple[str, FieldError]]:
    known = {each for (each,) in targets.known.all(lean, ids)}
    return [
        (targets.field, FieldError(targets.code, lazy_gettext("%(id)s is not in the directory.", id=each), index))
        for index, each in enumerate(ids)
        if each not in known
    ]
