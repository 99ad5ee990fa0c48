"""The pages on which a directory is taken over from a list, and given away as one."""

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask_babel import get_locale, gettext
from werkzeug.wrappers import Response as BaseResponse

from melody_app.accounts import guard, resuming
from melody_app.directory import answers, importing, refusals, service
from melody_app.directory.columns import COLUMNS
from melody_app.directory.exporting import rows
from melody_app.directory.forms import ListForm
from melody_app.directory.pages import KIND
from melody_app.directory.parcel import Parcel, pack, unpack
from melody_app.directory.preview import Preview
from melody_app.directory.reading import MOST_ENTRIES
from melody_app.directory.store import BY_NAME
from melody_app.fields import FieldError
from melody_app.http import say
from melody_app.sheets import upload
from melody_app.sheets.parcel import BadParcelError
from melody_app.sheets.reading import UnreadableError
from melody_app.sheets.upload import ApplyForm
from melody_app.sheets.writing import download

bp = Blueprint("lists", __name__)
answers.register(bp)
upload.allow(bp, {"lists.look": upload.MAX_UPLOAD, "lists.apply": upload.MAX_PARCEL})

Answer = str | BaseResponse | tuple[str, int]


@bp.route(f"{KIND}/import", methods=["GET", "POST"])
@guard.form_page
def look(kind: str) -> Answer:
    """Take a list and show what it would change."""
    form = ListForm.from_page(request.form)
    if request.method == "GET" or resuming.is_resumed():
        resuming.ask_for_file(form)
        return _show_form(kind, form)
    data = upload.sent(form)
    if not form.validate():
        return _show_form(kind, form), 422
    try:
        sheet = importing.read(BY_NAME[kind], data)
    except UnreadableError as error:
        form.refuse("text" if form.text.data else "file", FieldError(error.code, error.message))
        return _show_form(kind, form), 422
    return _show_preview(kind, Parcel(sheet, form.keep, ""))


@bp.route(f"{KIND}/import/apply", methods=["GET", "POST"])
@guard.page
def apply(kind: str) -> Answer:
    """Take over the list that was looked at: all of it, or nothing."""
    if request.method == "GET":  # the preview that was shown here was reloaded, or the sign-in had ended meanwhile
        say(gettext("Nothing has been imported yet. Choose the list again."), "warning")
        return redirect(url_for("lists.look", kind=kind))
    try:
        parcel = unpack(BY_NAME[kind], ApplyForm.from_page(request.form).parcel.data or "")
    except BadParcelError:
        say(gettext("This preview is too old, or someone else's. Choose the list again."), "warning")
        return redirect(url_for("lists.look", kind=kind))
    try:
        done = service.take_over(BY_NAME[kind], parcel.sheet, keep=parcel.keep, meant_for=parcel.seen.__eq__)
    except refusals.ChangedMeanwhileError:
        say(
            gettext(
                "Nothing was changed: the directory has changed in the meantime. This is what the list would change now."
            ),
            "warning",
        )
        return _show_preview(kind, parcel), 412
    except (refusals.RefusedError, refusals.InUseError):
        return _show_preview(kind, parcel), 409
    say(gettext("The list was imported. New: %(new)s, changed: %(changed)s, deleted: %(gone)s.", **done.counts))
    return redirect(url_for(f"entries.{kind}"))


@bp.get(f"{KIND}/export.csv")
@guard.page
def export(kind: str) -> Response:
    """Give the directory away as CSV."""
    entries, _ = service.get_all(BY_NAME[kind])
    language = str(get_locale())
    return download(COLUMNS[kind], rows(entries), language, f"{kind}.csv")


def _show_form(kind: str, form: ListForm) -> str:
    return render_template(
        "directory/import.html",
        kind=kind,
        form=form,
        columns=COLUMNS[kind],
        most_mib=upload.MAX_LIST // 1024**2,
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
        shown=Preview(found, parcel.sheet),
        sheet=parcel.sheet,
        keep=parcel.keep,
        parcel=pack(directory, Parcel(parcel.sheet, parcel.keep, found.seen)) if possible else "",
    )
