"""The library's pages: what callers may hear, listened to, uploaded, renamed, replaced and deleted."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext, ngettext
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.wrappers import Response

from melody_app.accounts import guard, resuming
from melody_app.db import db
from melody_app.fields import FieldError
from melody_app.http import page_link, say
from melody_app.melodies import catalogue, queries, refusals, service, words
from melody_app.melodies.forms import LibraryQuery, PageForm, file_name, stem
from melody_app.melodies.limits import allow_files
from melody_app.melodies.report import MAX_BYTES

bp = Blueprint("library", __name__, url_prefix="/library")
bp.add_app_template_filter(words.spell_length)
bp.add_app_template_filter(words.spell_megabytes)
bp.add_app_template_filter(words.describe)
bp.add_app_template_filter(words.draw)
bp.url_value_preprocessor(allow_files)
refusals.register(bp)

Answer = str | Response | tuple[str, int]


@bp.get("")
@guard.page
def table() -> str:
    """Show the melodies."""
    return _table_page()


@bp.post("")
@guard.page
def upload() -> Answer:
    """Take the files of a plain form; the page's script sends them one by one to the JSON call instead."""
    files = [each for each in request.files.getlist("file") if each]
    failures = [failure for failure in map(_add, files) if failure]
    added = len(files) - len(failures)
    if added:
        say(ngettext("%(num)s melody was added to the library.", "%(num)s melodies were added to the library.", added))
    if not files:
        failures = [("", gettext("Choose one file or several."))]
    return (_table_page(failures), 422) if failures else redirect(url_for("library.table"))


@bp.post("/catalogue")
@guard.page
def load_catalogue() -> Response:
    """Load the standard catalogue."""
    count = service.load_catalogue()
    if count:
        say(ngettext("%(num)s standard melody was loaded.", "%(num)s standard melodies were loaded.", count))
    else:
        say(gettext("The standard melodies are there already, and up to date."))
    strays = queries.stray_rules()
    if strays:
        shown = ", ".join(str(each) for each in strays[: queries.SHOWN_RULES])
        text = gettext("These rules play standard melodies that the catalogue doesn't have: %(ids)s.", ids=shown)
        say(text + (" …" if len(strays) > queries.SHOWN_RULES else ""), "warning")
    return redirect(url_for("library.table"))


@bp.route("/<int:melody_id>", methods=["GET", "POST"])
@guard.form_page
def edit(melody_id: int) -> Answer:
    """Rename a melody, or put another file in its place."""
    if request.method == "GET":
        return _edit_page(melody_id)
    sent: Any = MultiDict(request.form)
    sent.update(request.files)
    form = PageForm.from_page(sent)
    if resuming.is_resumed():
        resuming.ask_for_file(form)
        return _edit_page(melody_id, form)
    return _save(melody_id, form) if form.validate() else (_edit_page(melody_id, form), 422)


@bp.route("/<int:melody_id>/delete", methods=["GET", "POST"])
@guard.page
def remove(melody_id: int) -> Answer:
    """Ask whether to delete a melody, and do it."""
    if request.method == "GET":
        return _remove_page(melody_id)
    try:
        melody = service.delete(melody_id, versions=_version(PageForm.from_page(request.form)))
    except service.InUseError:
        return _remove_page(melody_id), 409
    except service.StaleMelodyError:
        say(gettext("Someone changed this melody in the meantime. Review it before you delete it."), "warning")
        return _remove_page(melody_id), 412
    say(gettext("“%(name)s” was deleted.", name=melody.name))
    return redirect(url_for("library.table"))


def _table_page(failures: list[tuple[str, str]] | None = None) -> str:
    form = LibraryQuery.from_page(request.args)
    form.validate()
    text = form.q.valid or ""
    return render_template(
        "melodies/library.html",
        own=queries.own_page(text, form.page.valid),
        standard=queries.standard_rows(text),
        has_own=queries.count_melodies("client") > 0,
        has_standard=queries.count_melodies("system") > 0,
        tone=catalogue.tone(),
        query=form,
        url_with=page_link,
        failures=failures or [],
        used=queries.used_bytes(db.session()),
        total=service.total_bytes(),
        most_bytes=MAX_BYTES,
    )


def _add(file: FileStorage) -> tuple[str, str] | None:
    """Add a file to the library; return its name and why it can't be there, or None."""
    name = file_name(file) or gettext("Unnamed")
    try:
        service.add(stem(name), file.stream.read(MAX_BYTES + 1))
    except refusals.UNFIT as error:
        return name, str(refusals.reason(error))
    return None


def _save(melody_id: int, form: PageForm) -> Answer:
    try:
        service.change(melody_id, name=form.name.data, data=form.file.new_content, versions=_version(form))
    except refusals.UNFIT as error:
        form.refuse("file", refusals.reason(error))
        return _edit_page(melody_id, form), 422
    except service.StaleMelodyError as error:
        form.version.text = str(error.version)
        message = lazy_gettext(
            "Someone changed this melody in the meantime. Review it, and save again to keep your version."
        )
        form.refuse("name", FieldError("changed_meanwhile", message))
        return _edit_page(melody_id, form), 412
    say(gettext("“%(name)s” was saved.", name=form.name.data))
    return redirect(url_for("library.table"))


def _version(form: PageForm) -> set[int] | None:
    return None if form.version.data is None else {form.version.data}


def _edit_page(melody_id: int, form: PageForm | None = None) -> str:
    row = _row(melody_id)
    return render_template("melodies/edit.html", form=form or PageForm(obj=row.melody), row=row)


def _remove_page(melody_id: int) -> str:
    return render_template("melodies/delete.html", row=_row(melody_id))


def _row(melody_id: int) -> queries.Row:
    row = queries.get_row(melody_id)
    if row is None:
        raise service.NoMelodyError
    return row
