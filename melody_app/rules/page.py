"""What the rule's pages do between the form and the service: nothing that was typed is lost, whatever refuses it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from flask import redirect, render_template, request, url_for
from flask_babel import format_decimal, gettext, lazy_gettext, ngettext
from werkzeug.wrappers import Response

from melody_app.accounts import resuming
from melody_app.calls import selection
from melody_app.fields import MAX_ID, FieldError
from melody_app.http import say
from melody_app.melodies import picker as melodies
from melody_app.rules import pickers, queries, refusals, service, telling
from melody_app.rules.forms import HeldQuery, PageForm
from melody_app.rules.queries import Named
from melody_app.rules.store import BY_FIELD, Holding

SHOWN = 300
"""As many ids have their names in the form; of more it is a plain text."""

Answer = str | Response | tuple[str, int]


def show_form(form: PageForm, rule_id: int | None = None, *, stale: bool = False) -> str:
    """Show the form of a rule; whichever of its ids another rule holds is told beside its field.

    Args:
        form: what is typed, or stored.
        rule_id: which rule; None for a new one.
        stale: somebody has saved the rule meanwhile: show both versions.
    """
    rule = queries.get_row(rule_id) if rule_id else None
    offer = melodies.offer(form.source_type.text, form.media_id.text)
    if not offer.is_empty:
        melodies.tell_one_choice(form.source_type, form.media_id, is_only=True)
    return render_template(
        "rules/edit.html",
        form=form,
        rule=rule,
        conflicts=pickers.conflicts(_held_by_others(form, rule_id)),
        pickers={field: _picker(form, field) for field in BY_FIELD},
        melodies=offer,
        moves=set(request.form.getlist("move")),
        theirs=rule if stale else None,
        back_url=_way_back(),
    )


def _way_back() -> str:
    """Return where whoever saves or leaves the form goes: to the page of calls as he left it, else to all rules.

    Only that page's own address is taken: a link here must not lead elsewhere, and no header holds a line break.
    """
    back = request.values.get("back", "")
    is_calls = back.partition("?")[0] == url_for("coverage.table") and back.isprintable()
    return back if is_calls else url_for("rules.table")


@dataclass(frozen=True)
class Picker:
    """What the form shows beside a field of ids.

    Args:
        is_filled: whether there is a directory to search; else ids are typed.
        known: those of the ids whose names the directory knows.
        text: what was searched without a script.
        found: what that found.
    """

    is_filled: bool
    known: list[Named]
    text: str
    found: pickers.Found | None


def _picker(form: PageForm, field: str) -> Picker:
    if not pickers.is_directory_filled(field):
        return Picker(is_filled=False, known=[], text="", found=None)
    ids = _sound_ids(form, field)[:SHOWN]
    known = pickers.search(field, "", ids=ids, limit=SHOWN).entries if ids else []
    text = request.form.get(f"find-{field}", "").strip()
    return Picker(is_filled=True, known=known, text=text, found=pickers.search(field, text) if text else None)


def _sound_ids(form: PageForm, field: str) -> list[int]:
    """Return those of the ids typed that can be ids at all, and no more than a rule can have."""
    ids = [each for each in form[field].ids if isinstance(each, int) and 1 <= each <= MAX_ID]
    return ids[: form[field].most_elements]


def _held_by_others(form: PageForm, rule_id: int | None) -> list[Holding]:
    ids = {field: _sound_ids(form, field) for field in BY_FIELD}
    return service.held_by_others(ids, besides=rule_id) if any(ids.values()) else []


def start() -> Answer:
    """Show the form of a new rule, with the numbers and departments that its address names."""
    query = HeldQuery.from_page(request.args)
    query.validate()
    ids = {field: query[field].valid or [] for field in BY_FIELD}
    if "back" in request.args and not any(ids.values()):
        # A button for what is selected was pressed, maybe by Enter on a row that was yet to be ticked.
        say(gettext("Select numbers or departments first."), "warning")
        return redirect(_way_back())
    return show_form(PageForm(data={"source_type": "system", **ids}))


def save(rule_id: int | None) -> Answer:
    """Save what was sent, or show the form again with what stands in the way.

    Args:
        rule_id: which rule; None for a new one.
    """
    form = PageForm.from_page(melodies.spread(request.form, "melody", "source_type", "media_id"))
    if resuming.is_resumed() or "find" in request.form:
        # Typed before a sign-in that had to come between, to be looked at once more; or a search without a script.
        return show_form(form, rule_id)
    if not form.validate():
        return _refuse(form, rule_id), 422
    return _attempt(form, rule_id)


def _refuse(form: PageForm, rule_id: int | None, blocked: Iterable[Holding] | None = None) -> str:
    """Show the form with what stands in the way: its errors, and how many of each field's ids other rules hold.

    Args:
        form: what was typed, with its errors.
        rule_id: which rule; None for a new one.
        blocked: the ids that the service was refused; None to ask which it would be.
    """
    if blocked is None:
        movable = _movable()
        blocked = [each for each in _held_by_others(form, rule_id) if not movable(each)]
    for field, count in Counter(each.field for each in blocked).items():
        message = ngettext(
            "%(count)s ID is already in another rule. Move it here, or take it out.",
            "%(count)s IDs are already in other rules. Move them here, or take them out.",
            count,
            count=format_decimal(count),
        )
        form.refuse(field, FieldError("taken", message))
    return show_form(form, rule_id)


def _movable() -> service.Movable:
    """Return which ids somebody has agreed on the page to move here."""
    consents = set(request.form.getlist("move"))
    return (lambda each: f"{each.field}:{each.id}" in consents) if consents else service.nothing_moves


def _attempt(form: PageForm, rule_id: int | None) -> Answer:
    try:
        telling.tell_saved(_store(form, rule_id), rule_id)
        return redirect(selection.without(_way_back()))
    except refusals.TakenError as error:
        return _refuse(form, rule_id, error.holdings), 409
    except refusals.UnknownIdsError as error:
        for name, each in error.errors:
            form.refuse(name, each)
        return _refuse(form, rule_id), 422
    except refusals.StaleRuleError as error:
        form.version.text = str(error.rule.version)
        return show_form(form, rule_id, stale=True), 412
    except refusals.NoRuleError:
        # What was typed is not lost with the rule: it can be saved as a new one.
        message = lazy_gettext("Someone deleted this rule while you were editing. Save to create it again.")
        form.refuse("number_capacity_ids", FieldError("deleted", message))
        return _refuse(form, None), 404


def _store(form: PageForm, rule_id: int | None) -> service.Outcome:
    if rule_id is None:
        return service.create(form.values, movable=_movable())
    return service.change(rule_id, form.values, versions=version_of(form), movable=_movable())


def version_of(form: PageForm) -> set[int]:
    """Return the version that the page showed; a page that says none is refused as one that is too old."""
    return set() if form.version.data is None else {form.version.data}


def show_removal(rule_id: int) -> str:
    """Ask whether to delete a rule, and say what changes for callers.

    Raises:
        NoRuleError: there is no such rule.
    """
    row = queries.get_row(rule_id, shown=20)
    if row is None:
        raise refusals.NoRuleError
    return render_template("rules/delete.html", rule=row)
