"""Say why nothing was done to a melody: the answers that the JSON calls and the pages share."""

from flask import Blueprint, Response
from flask_babel import lazy_gettext
from werkzeug.exceptions import RequestEntityTooLarge

from melody_app.errors import Problem, respond, unprocessable
from melody_app.fields import FieldError
from melody_app.http import tag
from melody_app.melodies import service, words
from melody_app.melodies.audio import AudioRefused

UnfitError = AudioRefused | service.LibraryFullError
UNFIT = (AudioRefused, service.LibraryFullError)
"""What is raised for a file that can't be stored."""


def register(bp: Blueprint) -> None:
    """Let a blueprint answer so."""
    bp.register_error_handler(service.NoMelodyError, no_melody)
    bp.register_error_handler(service.StaleMelodyError, stale)
    bp.register_error_handler(service.InUseError, in_use)
    bp.register_error_handler(AudioRefused, unfit)
    bp.register_error_handler(service.LibraryFullError, unfit)
    bp.register_error_handler(RequestEntityTooLarge, large_body)


def reason(error: UnfitError) -> FieldError:
    """Say why a file can't be stored, and what to do."""
    if isinstance(error, AudioRefused):
        return FieldError(error.code, words.REFUSALS[error.code])
    message = lazy_gettext(
        "This melody takes %(size)s MB, and the library has room for %(free)s of its %(total)s MB. Delete a melody that isn't "
        "played anywhere, or ask your administrator for more room (MELODY_LIBRARY_MB).",
        size=words.spell_megabytes(error.size),
        free=words.spell_megabytes(max(0, error.total - error.used)),
        total=words.spell_megabytes(error.total),
    )
    return FieldError("library_full", message)


def no_melody(_error: service.NoMelodyError) -> Response:
    """Say that there is no such melody."""
    return respond(Problem(404, "no_melody", lazy_gettext("There is no such melody. It may have been deleted.")))


def stale(error: service.StaleMelodyError) -> Response:
    """Say that the melody has another version by now."""
    detail = lazy_gettext("The melody has changed since you read it. Read it again and repeat the change.")
    return respond(Problem(412, "changed_meanwhile", detail, headers={"ETag": tag(error.version)}))


def in_use(error: service.InUseError) -> Response:
    """Name whatever plays the melody."""
    detail = lazy_gettext("This melody is in use, so it was not deleted. First choose another one wherever it plays.")
    problem = Problem(409, "in_use", detail, rule_ids=error.uses.rule_ids, company_default=error.uses.company)
    problem.title = lazy_gettext("In use")
    return respond(problem)


def unfit(error: UnfitError) -> Response:
    """Say why the file can't be stored."""
    why = reason(error)
    if why.code == "too_large":
        return respond(Problem(413, why.code, str(why)))
    return respond(unprocessable([why.to_dict("file")]))


def large_body(_error: RequestEntityTooLarge) -> Response:
    """Say that the file is too large, before it was read."""
    return respond(Problem(413, "too_large", words.REFUSALS["too_large"]))
