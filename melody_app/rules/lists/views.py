"""The pages on which rules are taken over from a list, and given away as one."""

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask_babel import format_decimal, get_locale, gettext
from werkzeug.wrappers import Response as BaseResponse

from melody_app.accounts import guard, resuming
from melody_app.fields import FieldError
from melody_app.http import say
from melody_app.rules.lists import exporting, reading, service
from melody_app.rules.lists.columns import COLUMNS, FOR_READING, NEEDED
from melody_app.rules.lists.preview import Preview
from melody_app.rules.lists.reading import MOST_LINES, Sheet
from melody_app.sheets import upload
from melody_app.sheets.parcel import BadParcelError, seal, unseal
from melody_app.sheets.reading import UnreadableError
from melody_app.sheets.upload import ApplyForm, ImportForm
from melody_app.sheets.writing import download

bp = Blueprint("rule_lists", __name__)
upload.allow(bp, {"rule_lists.look": upload.MAX_UPLOAD, "rule_lists.apply": upload.MAX_PARCEL})

PURPOSE = "rules"

Answer = str | BaseResponse | tuple[str, int]


@bp.get("/rules/export.csv")
@guard.page
def export() -> Response:
    """Give all rules away as CSV."""
    language = str(get_locale())
    return download((*COLUMNS, *FOR_READING), exporting.rows(language), language, "rules.csv")


@bp.route("/rules/import", methods=["GET", "POST"])
@guard.form_page
def look() -> Answer:
    """Take a list and show what it would change."""
    form = ImportForm.from_page(request.form)
    if request.method == "GET" or resuming.is_resumed():
        resuming.ask_for_file(form)
        return _show_form(form)
    data = upload.sent(form)
    if not form.validate():
        return _show_form(form), 422
    try:
        sheet = reading.read(data)
    except UnreadableError as error:
        form.refuse("text" if form.text.data else "file", FieldError(error.code, error.message))
        return _show_form(form), 422
    return _show_preview(sheet, keep=form.keep)


@bp.route("/rules/import/apply", methods=["GET", "POST"])
@guard.page
def apply() -> Answer:
    """Take over the list that was looked at: all of it, or nothing."""
    if request.method == "GET":  # the preview that was shown here was reloaded, or the sign-in had ended meanwhile
        say(gettext("Nothing has been imported yet. Choose the list again."), "warning")
        return redirect(url_for("rule_lists.look"))
    try:
        lines, keep, seen = unseal(PURPOSE, ApplyForm.from_page(request.form).parcel.data or "")
    except BadParcelError:
        say(gettext("This preview is too old, or someone else's. Choose the list again."), "warning")
        return redirect(url_for("rule_lists.look"))
    sheet = reading.unpack(lines)
    try:
        done = service.take_over(sheet, keep=keep, seen=seen)
    except service.ChangedMeanwhileError:
        say(
            gettext(
                "Nothing was changed: the rules have changed in the meantime. This is what the list would change now."
            ),
            "warning",
        )
        return _show_preview(sheet, keep=keep), 412
    except service.RefusedError:
        return _show_preview(sheet, keep=keep), 409
    counts = {name: format_decimal(count) for name, count in done.counts.items()}
    say(gettext("The list was imported. New: %(new)s, changed: %(changed)s, deleted: %(gone)s.", **counts))
    return redirect(url_for("rules.table"))


def _show_form(form: ImportForm) -> str:
    return render_template(
        "rules/import.html",
        form=form,
        columns=COLUMNS,
        needed=NEEDED,
        most_lines=MOST_LINES,
        most_mib=upload.MAX_LIST // 1024**2,
    )


def _show_preview(sheet: Sheet, *, keep: bool) -> str:
    found = service.preview(sheet, keep=keep)
    possible = found.is_possible and not found.is_empty
    return render_template(
        "rules/preview.html",
        found=found,
        shown=Preview(found),
        sheet=sheet,
        parcel=seal(PURPOSE, [reading.pack(sheet), keep, found.seen]) if possible else "",
    )
