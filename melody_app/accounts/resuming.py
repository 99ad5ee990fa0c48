"""Keep what was typed into a form while its person signs in again: it waits in hidden fields of the sign-in page.

The view of such a form is a `guard.form_page`, and shows the form once more when `is_resumed()` says so: nothing is saved unseen.
"""

from urllib.parse import urlencode

from flask import request
from flask_babel import lazy_gettext
from werkzeug.exceptions import RequestEntityTooLarge

from melody_app.fields import FieldError
from melody_app.forms import BaseForm

WAITING = "carried-"
"""What the names of a form's fields begin with while they wait behind the sign-in."""

FILE_LOST = "file-lost"
"""Says, among them, that there was a file: no page can put one into a form."""

MOST_KEPT = 800_000
"""As many bytes wait: the sign-in page takes 1 MiB, as other pages do."""

Texts = list[tuple[str, str]]


def take() -> Texts:
    """Return what is to wait of the form that was sent: nothing of another site's, which must not get its words into a page."""
    if request.headers.get("Origin") != request.host_url.rstrip("/"):
        return []
    request.max_form_memory_size = MOST_KEPT
    try:
        texts = [(WAITING + name, text) for name, text in request.form.items(multi=True) if name != "csrf_token"]
        if any(request.files.values()):
            texts.append((WAITING + FILE_LOST, "1"))
    except RequestEntityTooLarge:
        return []
    return texts if len(urlencode(texts)) < MOST_KEPT else []


def waiting() -> Texts:
    """Return what waits in the sign-in form that was sent."""
    return [(name, text) for name, text in request.form.items(multi=True) if name.startswith(WAITING)]


def given_back() -> Texts:
    """Return the same under the names that the fields have in their own form."""
    return [(name.removeprefix(WAITING), text) for name, text in waiting()]


def is_resumed() -> bool:
    """Tell whether the form comes from behind a sign-in, to be looked at once more before it is saved."""
    return "resume" in request.form


def ask_for_file(form: BaseForm) -> None:
    """Ask for the file once more in the form that is shown again, if there was one."""
    if FILE_LOST in request.form:
        message = lazy_gettext("Choose the file again: it could not be kept while you signed in.")
        form.is_checked = True
        form.refuse("file", FieldError("file_lost", message))
