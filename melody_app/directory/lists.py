"""The pages on which a directory is taken over from a list, and given away as one."""

from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask_babel import get_locale, gettext, lazy_gettext
from werkzeug.wrappers import Response as BaseResponse

from melody_app.accounts import guard
from melody_app.directory import answers, importing, refusals, service
from melody_app.directory.columns import COLUMNS
from melody_app.directory.exporting import to_csv
from melody_app.directory.forms import ApplyForm, ImportForm
from melody_app.directory.pages import KIND
from melody_app.directory.parcel import BadParcelError, Parcel, pack, unpack
from melody_app.directory.preview import Preview
from melody_app.directory.reading import MOST_ENTRIES
from melody_app.directory.store import BY_NAME
from melody_app.fields import FieldError
from melody_app.http import say

bp = Blueprint("lists", __name__)
answers.register(bp)

AROUND = 64 * 1024
MAX_PARCEL = 2 * answers.MAX_LIST
"""A list comes back as a parcel, which is a little larger where it can't be made smaller."""

BODY_LIMITS = {"lists.look": answers.MAX_LIST + AROUND, "lists.apply": MAX_PARCEL}

Answer = str | BaseResponse | tuple[str, int]


@bp.url_value_preprocessor
def allow_lists(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Let lists be larger than other bodies; said here, before the guard looks into the body for its token."""
    if endpoint in BODY_LIMITS:
        request.max_content_length = request.max_form_memory_size = BODY_LIMITS[endpoint]


@bp.route(f"{KIND}/import", methods=["GET", "POST"])
@guard.page
def look(kind: str) -> Answer:
    """Take a list and show what it would change."""
    if request.method == "GET" or "resume" in request.form:
        return _show_form(kind, ImportForm.from_page(request.form))
    form = ImportForm.from_page(request.form)
    data = _sent(form)
    if not form.validate():
        return _show_form(kind, form), 422
    try:
        sheet = importing.read(BY_NAME[kind], data)
    except refusals.UnreadableError as error:
        form.refuse("text" if form.text.data else "file", FieldError(error.code, error.message))
        return _show_form(kind, form), 422
    return _show_preview(kind, Parcel(sheet, form.keep, ""))


@bp.route(f"{KIND}/import/apply", methods=["GET", "POST"])
@guard.page
def apply(kind: str) -> Answer:
    """Take over the list that was looked at: all of it, or nothing."""
    if request.method == "GET":  # the preview that was shown here was reloaded
        return redirect(url_for("lists.look", kind=kind))
    try:
        parcel = unpack(BY_NAME[kind], ApplyForm.from_page(request.form).parcel.data or "")
    except BadParcelError:
        say(gettext("This preview is too old, or another person's. Choose the list again."), "warning")
        return redirect(url_for("lists.look", kind=kind))
    try:
        done = service.take_over(BY_NAME[kind], parcel.sheet, keep=parcel.keep, meant_for=parcel.seen.__eq__)
    except refusals.ChangedMeanwhileError:
        say(
            gettext("Nothing was changed: the directory has changed since. This is what the list would do now."),
            "warning",
        )
        return _show_preview(kind, parcel), 412
    except (refusals.RefusedError, refusals.InUseError):
        return _show_preview(kind, parcel), 409
    say(gettext("The list is taken over. New: %(new)s, changed: %(changed)s, deleted: %(gone)s.", **done.counts))
    return redirect(url_for(f"entries.{kind}"))


@bp.get(f"{KIND}/export.csv")
@guard.page
def export(kind: str) -> Response:
    """Give the directory away as CSV."""
    entries, _ = service.get_all(BY_NAME[kind])
    body = to_csv(BY_NAME[kind], entries, str(get_locale()))
    response = Response(body, content_type="text/csv; charset=utf-8")
    response.headers.set("Content-Disposition", "attachment", filename=f"{kind}.csv")
    return response


def _sent(form: ImportForm) -> bytes:
    """Return the bytes of what was sent, or note why there is nothing to read."""
    file = request.files.get("file")
    data = file.read() if file else b""
    text = form.text.data or ""
    if data and text:
        message = lazy_gettext("Here are a file and pasted lines. Choose one of them.")
        form.refuse("file", FieldError("given_twice", message))
    elif not data and not text:
        message = lazy_gettext("Choose a file, or paste the lines below. An empty file can't be read.")
        form.refuse("file", FieldError("required", message))
    return data or text.encode("utf-8", "replace")


def _show_form(kind: str, form: ImportForm) -> str:
    return render_template(
        "directory/import.html",
        kind=kind,
        form=form,
        columns=COLUMNS[kind],
        most_mib=answers.MAX_LIST // 1024 // 1024,
        most_entries=MOST_ENTRIES,
    )


def _show_preview(kind: str, parcel: Parcel) -> str:
    directory = BY_NAME[kind]
    found = service.preview(directory, parcel.sheet, keep=parcel.keep)
    possible = found.is_possible and not found.is_empty
    return render_template(
        "directory/preview.html",
        kind=kind,
        found=found,
        shown=Preview(found),
        sheet=parcel.sheet,
        keep=parcel.keep,
        parcel=pack(directory, Parcel(parcel.sheet, parcel.keep, found.seen)) if possible else "",
    )
