"""The journal's page."""

from typing import Any

from flask import Blueprint, render_template, request
from flask_babel import LazyString, format_decimal, lazy_gettext

from melody_app.accounts import guard
from melody_app.accounts.forms import SCOPE_LABELS
from melody_app.company.forms import SOURCES
from melody_app.directory.forms import STATES, TYPES
from melody_app.http import page_link
from melody_app.journal import service
from melody_app.journal.forms import FilterForm
from melody_app.melodies.words import spell_length
from melody_app.models import JournalEntry

bp = Blueprint("journal", __name__)

PAGE_SIZE = 50
SHOWN_IDS = 20

LABELS = {
    "number_capacity_ids": lazy_gettext("Numbers"),
    "employee_group_ids": lazy_gettext("Departments"),
    "source_type": lazy_gettext("Kind of melody"),
    "media_id": lazy_gettext("Melody"),
    "dialing_source_type": lazy_gettext("While being connected"),
    "dialing_media_id": lazy_gettext("Melody while being connected"),
    "hold_source_type": lazy_gettext("On hold"),
    "hold_media_id": lazy_gettext("Melody on hold"),
    "name": lazy_gettext("Name"),
    "file": lazy_gettext("File"),
    "comment": lazy_gettext("Comment"),
    "type": lazy_gettext("Kind"),
    "state": lazy_gettext("State"),
    "region_name": lazy_gettext("Region"),
    "short_phone": lazy_gettext("Internal number"),
    "new": lazy_gettext("Entries added"),
    "changed": lazy_gettext("Entries changed"),
    "gone": lazy_gettext("Entries deleted"),
    "scope": lazy_gettext("Permissions"),
}
NAME_LABELS = {
    "melody": lazy_gettext("Melody name"),
    "token": lazy_gettext("Token name"),
    "number": lazy_gettext("Number"),
    "department": lazy_gettext("Department name"),
    "database": lazy_gettext("Backup"),
}
"""What the name of such a subject is called; a person's is simply a name."""

WORDS: dict[str, dict[Any, LazyString]] = {
    **dict.fromkeys(("source_type", "dialing_source_type", "hold_source_type"), SOURCES),
    "scope": SCOPE_LABELS,
    "type": TYPES,
    "state": STATES,
}
"""What a page calls the values of these fields; the same words elsewhere are names that people have given."""


@bp.get("/journal")
@guard.page
def table() -> str:
    """Show who did what."""
    form = FilterForm.from_page(request.args)
    form.validate()
    entries = service.list_entries(form.wanted, PAGE_SIZE + 1)
    older = page_link(before=entries[PAGE_SIZE - 1].id) if len(entries) > PAGE_SIZE else None
    return render_template(
        "journal/table.html",
        entries=entries[:PAGE_SIZE],
        filter_form=form,
        persons=service.list_persons(),
        older_url=older,
        newest_url=page_link(before=None) if form.before.valid else None,
        changes=changes,
    )


def changes(entry: JournalEntry) -> list[tuple[str, str, str]]:
    """Return what the entry changed: what it is called, what it was and what it is, ready to read."""
    before, after = entry.before or {}, entry.after or {}
    labels = {**LABELS, "name": NAME_LABELS.get(entry.subject, LABELS["name"])}
    rows = [(label, _spell(name, before.get(name)), _spell(name, after.get(name))) for name, label in labels.items()]
    # Most labels are not shown: none is translated before that is known.
    return [(str(label), was, now) for label, was, now in rows if was != now]


def _spell(name: str, value: Any) -> str:
    if isinstance(value, dict):
        return _spell_file(**value)
    if isinstance(value, list):
        shown = ", ".join(str(each) for each in value[:SHOWN_IDS])
        return f"{shown}, … ({format_decimal(len(value))})" if len(value) > SHOWN_IDS else shown
    return "" if value is None else str(WORDS.get(name, {}).get(value, value))


def _spell_file(*, format: str, duration_s: float, sha256: str) -> str:  # noqa: A002  (the entry's own word)
    return f"{format.upper()}, {spell_length(duration_s)}, {sha256}"
