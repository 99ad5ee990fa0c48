"""The pages of numbers and departments: the table, an entry made, changed and deleted."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response

from melody_app.accounts import guard, resuming
from melody_app.calls import history
from melody_app.directory import answers, queries, refusals, service
from melody_app.directory.forms import PAGE_FORMS, QUERIES, STATES, TYPES, EntryForm
from melody_app.directory.store import BY_NAME, Entry
from melody_app.fields import FieldError
from melody_app.http import page_link, say

bp = Blueprint("entries", __name__)
answers.register(bp)

KIND = "/<any(numbers, departments):kind>"

Answer = str | Response | tuple[str, int]


@bp.app_template_filter("phone_state")
def spell_state(code: str) -> str:
    """Say in words what state a number is in."""
    return str(STATES.get(code, code))


@bp.app_template_filter("phone_type")
def spell_type(code: str | None) -> str:
    """Say in words what kind of number it is, if that is known."""
    return str(TYPES.get(code, code)) if code else ""


@bp.get("/numbers", endpoint="numbers", defaults={"kind": "numbers"})
@bp.get("/departments", endpoint="departments", defaults={"kind": "departments"})
@guard.page
def table(kind: str) -> str:
    """Show a directory."""
    query = QUERIES[kind].from_page(request.args)
    query.validate()
    found = queries.search(BY_NAME[kind], query.q.valid or "", query.sort.valid, query.page.valid)
    return render_template("directory/table.html", kind=kind, page=found, query=query, url_with=page_link)


@bp.route(f"{KIND}/new", methods=["GET", "POST"])
@guard.form_page
def new(kind: str) -> Answer:
    """Add an entry on a page."""
    return _save(kind, None) if request.method == "POST" else _show_form(kind, PAGE_FORMS[kind]())


@bp.route(f"{KIND}/<int:entry_id>", methods=["GET", "POST"])
@guard.form_page
def edit(kind: str, entry_id: int) -> Answer:
    """Change an entry on a page."""
    if request.method == "POST":
        return _save(kind, entry_id)
    entry = service.get(BY_NAME[kind], entry_id)
    return _show_form(kind, PAGE_FORMS[kind](data={**entry.values, "version": entry.version}), entry_id)


@bp.route(f"{KIND}/<int:entry_id>/delete", methods=["GET", "POST"])
@guard.page
def remove(kind: str, entry_id: int) -> Answer:
    """Ask whether to delete an entry, and do it."""
    if request.method == "GET":
        return _show_removal(kind, entry_id)
    try:
        entry = service.delete(BY_NAME[kind], entry_id, versions=_version_of(PAGE_FORMS[kind].from_page(request.form)))
    except refusals.InUseError:
        return _show_removal(kind, entry_id), 409
    except refusals.StaleEntryError:
        say(gettext("Someone changed it in the meantime. Review it before you delete it."), "warning")
        return _show_removal(kind, entry_id), 412
    say(gettext("Deleted: %(name)s.", name=entry.name))
    return redirect(url_for(f"entries.{kind}"))


def _show_removal(kind: str, entry_id: int) -> str:
    row = queries.get_row(BY_NAME[kind], entry_id)
    if row is None:
        raise refusals.NoEntryError
    return render_template("directory/delete.html", kind=kind, row=row)


def _show_form(kind: str, form: EntryForm, entry_id: int | None = None, *, theirs: Entry | None = None) -> str:
    row = queries.get_row(BY_NAME[kind], entry_id) if entry_id else None
    saving = queries.last_saving(BY_NAME[kind], entry_id) if entry_id else None
    stored = PAGE_FORMS[kind](data=theirs.values) if theirs else None
    return render_template(
        "directory/edit.html",
        kind=kind,
        form=form,
        row=row,
        saving=saving,
        stored=stored,
        types=TYPES,
        states=STATES,
        lookups=_lookups(kind, row) if row else [],
    )


def _lookups(kind: str, row: queries.Row) -> list[history.Asked]:
    return history.of_number(row.values["number"]) if kind == "numbers" else history.of_department(row.id or 0)


def _save(kind: str, entry_id: int | None) -> Answer:
    form = PAGE_FORMS[kind].from_page(request.form)
    form.entry_id = entry_id
    if resuming.is_resumed():
        return _show_form(kind, form, entry_id)
    if not form.validate():
        return _show_form(kind, form, entry_id), 422
    return _attempt(kind, form, entry_id)


def _attempt(kind: str, form: EntryForm, entry_id: int | None) -> Answer:
    try:
        entry = _store(kind, form, entry_id)
    except refusals.TakenError as error:
        return _refuse(kind, form, entry_id, answers.taken_errors(error)), 409
    except refusals.NoIdLeftError:
        return _refuse(kind, form, entry_id, {"id": answers.no_id()}), 422
    except refusals.StaleEntryError as error:
        form.version.text = str(error.entry.version)
        return _show_form(kind, form, entry_id, theirs=error.entry), 412
    except refusals.NoEntryError:
        # What was typed is not lost with the entry: it can be saved as a new one, under the same id.
        message = lazy_gettext("Someone deleted this while you were editing. Save to create it again.")
        form.id.text = str(entry_id)
        return _refuse(kind, form, None, {"id": FieldError("deleted", message)}), 404
    say(gettext("Saved: %(name)s.", name=entry.name))
    return redirect(url_for(f"entries.{kind}"))


def _refuse(kind: str, form: EntryForm, entry_id: int | None, errors: dict[str, FieldError]) -> str:
    for name, error in errors.items():
        form.refuse(name, error)
    return _show_form(kind, form, entry_id)


def _store(kind: str, form: EntryForm, entry_id: int | None) -> Entry:
    if entry_id is None:
        return service.create(BY_NAME[kind], form.values, form.id.data)
    return service.change(BY_NAME[kind], entry_id, form.values, versions=_version_of(form))


def _version_of(form: Any) -> set[int]:
    """Return the version that the page showed; a page that says none is refused as one that is too old."""
    return {form.version.data} if type(form.version.data) is int else set()
