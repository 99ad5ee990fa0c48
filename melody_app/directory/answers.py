"""Say why nothing was done to a directory: the answers that the JSON calls and the pages share."""

from flask import Blueprint, Response
from flask_babel import lazy_gettext, ngettext

from melody_app.directory import refusals
from melody_app.directory.store import Holding
from melody_app.errors import Problem, respond, unprocessable
from melody_app.fields import MAX_ERRORS, FieldError
from melody_app.http import tag
from melody_app.sheets.reading import UnreadableError


def register(bp: Blueprint) -> None:
    """Let a blueprint answer so."""
    bp.register_error_handler(refusals.NoEntryError, no_entry)
    bp.register_error_handler(refusals.StaleEntryError, stale)
    bp.register_error_handler(refusals.TakenError, taken)
    bp.register_error_handler(refusals.NoIdLeftError, no_id_left)
    bp.register_error_handler(refusals.InUseError, in_use)
    bp.register_error_handler(refusals.RefusedError, refused)
    bp.register_error_handler(refusals.ChangedMeanwhileError, changed_meanwhile)
    bp.register_error_handler(UnreadableError, unreadable)


def no_entry(_error: refusals.NoEntryError) -> Response:
    """Say that there is no such number or department."""
    return respond(Problem(404, detail=lazy_gettext("The directory has no such entry. It may have been deleted.")))


def stale(error: refusals.StaleEntryError) -> Response:
    """Say that the entry has another version by now."""
    return respond(Problem(412, headers={"ETag": tag(error.entry.version)}))


def taken(error: refusals.TakenError) -> Response:
    """Name the entries that have what was asked for."""
    conflicts = [{"field": field, "id": holder} for field, holder in error.holders.items()]
    detail = " ".join(str(message) for message in taken_errors(error).values())
    return respond(Problem(409, detail=detail, conflicts=conflicts))


def taken_errors(error: refusals.TakenError) -> dict[str, FieldError]:
    """Say beside each field which entry has what it asks for."""
    messages = {
        "id": lazy_gettext("An entry with this ID already exists. Choose another ID."),
        "number": lazy_gettext(
            "The directory already has this number, with the ID %(id)s.", id=error.holders.get("number")
        ),
    }
    return {field: FieldError("taken", messages[field]) for field in error.holders}


def no_id() -> FieldError:
    """Say that an id has to be chosen."""
    return FieldError("required", lazy_gettext("The largest ID is already taken. Choose a free one."))


def no_id_left(_error: refusals.NoIdLeftError) -> Response:
    """Say that an id has to be chosen."""
    return respond(unprocessable([no_id().to_dict("id")]))


def in_use(error: refusals.InUseError) -> Response:
    """Name every rule that uses what was to be deleted."""
    conflicts = [{"id": each.id, "rule_id": each.rule_id} for each in error.held]
    rule_ids = sorted({each.rule_id for each in error.held})
    problem = Problem(409, "in_use", say_in_use(error.held), conflicts=conflicts, rule_ids=rule_ids)
    problem.title = lazy_gettext("In use")
    return respond(problem)


def say_in_use(held: list[Holding]) -> str:
    """Say which rules use what was to be deleted, and what to do."""
    rule_ids = sorted({each.rule_id for each in held})
    shown = ", ".join(str(each) for each in rule_ids[:20]) + (", …" if len(rule_ids) > 20 else "")  # noqa: PLR2004
    ids = ", ".join(str(each.id) for each in held[:20]) + (", …" if len(held) > 20 else "")  # noqa: PLR2004
    text: str = ngettext(
        "Rule %(rules)s uses what would be deleted (%(ids)s). Nothing was changed. Remove it from the rule first.",
        "Rules %(rules)s use what would be deleted (%(ids)s). Nothing was changed. Remove it from the rules first.",
        len(rule_ids),
        rules=shown,
        ids=ids,
    )
    return text


def refused(error: refusals.RefusedError) -> Response:
    """Name what is wrong in a list, by the index of its element."""
    errors = [
        each.error.to_dict(each.field) | {"index": each.place - 1} for each in error.difference.refused[:MAX_ERRORS]
    ]
    return respond(unprocessable(errors))


def changed_meanwhile(_error: refusals.ChangedMeanwhileError) -> Response:
    """Say that the directory is another one by now."""
    return respond(Problem(412))


def unreadable(error: UnreadableError) -> Response:
    """Say why a body is no list."""
    if error.code == "too_many":
        return respond(Problem(413, detail=error.message))
    return respond(Problem(400, error.code, error.message))
