"""What each problem means: the page that a problem's `type` leads to (RFC 9457, 4)."""

from flask import Blueprint, render_template
from flask_babel import lazy_gettext

from melody_app.accounts import guard
from melody_app.errors import STATUSES, Problem

bp = Blueprint("problems", __name__)

# Problems that are told apart from others of their status.
OWN = {
    "in_use": (409, lazy_gettext("It is in use. Choose something else wherever it is used, then delete it.")),
    "no_melody": (404, lazy_gettext("There is no such melody. It may have been deleted.")),
    "csrf": (
        403,
        lazy_gettext("A browser session must send the X-CSRFToken header or the form's hidden field with every write."),
    ),
    "no_rule": (404, lazy_gettext("There is no such rule. It may have been deleted.")),
    "not_an_object": (400, lazy_gettext("The body must be a JSON object: {…}.")),
    "not_json": (400, lazy_gettext("The body is not valid JSON. NaN and Infinity are not allowed.")),
    "not_utf8": (400, lazy_gettext("The body is not text in UTF-8.")),
    "nested_too_deep": (400, lazy_gettext("The body is nested too deeply.")),
    "schema": (503, lazy_gettext("The database is older than the program. Run: flask --app wsgi init")),
    "repeated_name": (
        400,
        lazy_gettext("A name appears twice in one object, so it is not clear which value is meant."),
    ),
}
MEANINGS = {**{each.code: (status, each.detail) for status, each in STATUSES.items()}, **OWN}


@bp.get("/problems/<code>")
@guard.call("call")
def explain(code: str) -> str:
    """Explain a problem."""
    if code not in MEANINGS:
        raise Problem(404)
    status, meaning = MEANINGS[code]
    return render_template("problem.html", code=code, status=status, title=STATUSES[status].title, meaning=meaning)
