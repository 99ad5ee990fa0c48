"""The one shape of an error: problem+json (RFC 9457) for a program, a page for a person, a word for a telephone exchange."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import structlog
from flask import Flask, Response, current_app, json, make_response, render_template, request
from flask_babel import LazyString, gettext, lazy_gettext
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from werkzeug.exceptions import HTTPException, InternalServerError, RequestEntityTooLarge

from melody_app.current import the_g
from melody_app.db import UnavailableError

log = structlog.get_logger()

RETRY_AFTER_S = "1"
MOST_READ_AWAY = 32 * 1024 * 1024
CHUNK = 64 * 1024


@dataclass(frozen=True)
class Status:
    """What a status means here.

    Args:
        code: the stable name, the end of a problem's `type`.
        title: what happened.
        detail: what to do next, where a request's own detail doesn't say it.
    """

    code: str
    title: LazyString
    detail: LazyString


STATUSES = {
    400: Status(
        "bad_request",
        lazy_gettext("The request can't be read"),
        lazy_gettext("Check how the request is written and send it again."),
    ),
    401: Status(
        "unauthorized",
        lazy_gettext("Sign in first"),
        lazy_gettext("Send a token in the Authorization header, or sign in on the page."),
    ),
    403: Status(
        "forbidden",
        lazy_gettext("This isn't allowed"),
        lazy_gettext("You don't have permission to do this. Ask whoever gave you access."),
    ),
    404: Status(
        "not_found",
        lazy_gettext("There is nothing here"),
        lazy_gettext("Check the address: what was here may have been deleted."),
    ),
    405: Status(
        "method_not_allowed",
        lazy_gettext("This address doesn't accept that method"),
        lazy_gettext("Use one of the methods in the Allow header."),
    ),
    409: Status(
        "taken", lazy_gettext("Already in use"), lazy_gettext("Another rule already uses it. Nothing was saved.")
    ),
    412: Status(
        "changed_meanwhile",
        lazy_gettext("Someone else changed it in the meantime"),
        lazy_gettext("It has changed since you read it. Read it again and repeat the change."),
    ),
    413: Status(
        "too_large",
        lazy_gettext("The request is too large"),
        lazy_gettext("The limit is 1 MiB. Send less at a time."),
    ),
    415: Status(
        "unsupported_media_type",
        lazy_gettext("Unsupported content type"),
        lazy_gettext("Send the body as JSON, with the header Content-Type: application/json."),
    ),
    416: Status(
        "range_not_satisfiable",
        lazy_gettext("The file has no such part"),
        lazy_gettext("Ask for a part that lies within the file, or for the whole file."),
    ),
    422: Status(
        "invalid",
        lazy_gettext("The request has errors"),
        lazy_gettext("Fix what is listed here and send it again."),
    ),
    429: Status(
        "too_many_attempts",
        lazy_gettext("Too many attempts"),
        lazy_gettext("Wait as long as the Retry-After header says."),
    ),
    500: Status(
        "fault",
        lazy_gettext("Something went wrong on our side"),
        lazy_gettext("Nothing was saved. Try again. If it keeps happening, give your administrator the request ID."),
    ),
    503: Status(
        "unavailable",
        lazy_gettext("The service is busy"),
        lazy_gettext("Nothing was saved. Try again in a moment."),
    ),
}
"""Every status that an error of ours has; another one that a library raises is told as the nearest of its hundred."""


class Problem(Exception):  # noqa: N818  (RFC 9457's own word)
    """Answer the request with an error.

    Args:
        status: the HTTP status.
        code: the problem's stable name, the end of its `type`; the status's own name when absent.
        detail: what is wrong with this very request, and what to do next.
        headers: what the answer carries besides.
        members: what the problem+json body says besides, such as `errors` or `conflicts`.
    """

    def __init__(
        self,
        status: int,
        code: str = "",
        detail: str | LazyString | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        **members: Any,
    ) -> None:
        super().__init__(code)
        about = STATUSES.get(status) or STATUSES[500 if status >= HTTPStatus.INTERNAL_SERVER_ERROR else 400]
        self.status = status
        self.code = code or about.code
        self.title = about.title
        self.detail = detail or about.detail
        self.headers = dict(headers or {})
        self.members = members

    def to_dict(self) -> dict[str, Any]:
        """Spell the problem as RFC 9457 says; `type` is the address of a page that explains the code."""
        return {
            "type": f"/problems/{self.code}",
            "title": str(self.title),
            "status": self.status,
            "detail": str(self.detail),
            **self.members,
        }


def wants_page() -> bool:
    """Decide once whether the answer is a page: an endpoint says so itself, an unknown address leaves it to the client."""
    stated = the_g().get("answers_page")
    if stated is not None:
        return bool(stated)
    return (
        request.accept_mimetypes.best_match(["application/problem+json", "application/json", "text/html"])
        == "text/html"
    )


def answer_plainly(app: Flask, prefix: str, body: str) -> None:
    """Let errors below an address be told by the status alone, also where nothing is, or not by that method.

    Args:
        app: the application.
        prefix: what such addresses begin with.
        body: what is answered: whoever asks there takes any body for the answer that he asked for.
    """
    app.extensions.setdefault("plain_errors", {})[f"{prefix}/"] = body


def _plain_body() -> str | None:
    plain: dict[str, str] = current_app.extensions.get("plain_errors", {})
    return next((body for prefix, body in plain.items() if f"{request.path}/".startswith(prefix)), None)


def respond(problem: Problem) -> Response:
    """Turn a problem into the answer."""
    if (plain := _plain_body()) is not None:
        # Whatever fails, the exchange goes on without us for now.
        status = (
            HTTPStatus.SERVICE_UNAVAILABLE if problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR else problem.status
        )
        response = Response(plain, status, mimetype="text/plain")
    elif wants_page():
        response = make_response(render_template("error.html", problem=problem), problem.status)
    else:
        body = json.dumps(problem.to_dict()) + "\n"
        response = Response(body, problem.status, mimetype="application/problem+json")
    response.headers.extend(problem.headers)
    _read_away()
    return response


def _from_http(error: HTTPException) -> Response:
    if isinstance(error, RequestEntityTooLarge):
        return respond(Problem(413))
    if error.response is not None or (error.code or 500) < HTTPStatus.BAD_REQUEST:
        return make_response(error.get_response())
    headers = {name: value for name, value in error.get_headers() if name in {"Allow", "Retry-After"}}
    return respond(Problem(error.code or 500, headers=headers))


def _from_fault(error: Exception) -> Response:
    log.error("fault", exc_info=error)
    return respond(Problem(InternalServerError.code))


def _from_database(error: Exception) -> Response:
    # The driver's text is for the log: an answer never shows it.
    log.error("database", exc_info=error)
    return respond(Problem(503, headers={"Retry-After": RETRY_AFTER_S}))


def unprocessable(errors: list[dict[str, Any]]) -> Problem:
    """Make the 422 that names every culprit."""
    first = errors[0]
    detail = gettext("%(field)s: %(message)s", field=first["field"], message=first["message"])
    return Problem(422, detail=detail, errors=errors)


def _read_away() -> None:
    """Read the rest of a refused body: who is still sending would see a broken connection and not the answer."""
    stream = request.environ["wsgi.input"]
    endless = request.environ.get("wsgi.input_terminated", False)
    left = MOST_READ_AWAY if endless else min(request.content_length or 0, MOST_READ_AWAY)
    while left > 0 and (chunk := stream.read(min(left, CHUNK))):
        left -= len(chunk)


def init_app(app: Flask) -> None:
    """Let every error leave in the one shape."""
    app.register_error_handler(Problem, respond)
    app.register_error_handler(HTTPException, _from_http)
    app.register_error_handler(UnavailableError, _from_database)
    app.register_error_handler(DBAPIError, _from_database)
    app.register_error_handler(PoolTimeoutError, _from_database)
    app.register_error_handler(Exception, _from_fault)
