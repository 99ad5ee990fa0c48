"""Answer on a page what callers of a number hear, and why: read what people type, and ask the resolver."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import lazy_gettext
from sqlalchemy import ColumnElement, exists, or_, select
from werkzeug.datastructures import MultiDict

from melody_app.calls.page_forms import BoxForm
from melody_app.calls.resolver import NUMBER, Question, Resolution, resolve
from melody_app.db import db
from melody_app.directory import finding
from melody_app.directory.forms import refuse_phone
from melody_app.directory.phone import NotAPhoneError, to_e164
from melody_app.fields import FieldError
from melody_app.models import Department, RuleDepartment, RuleNumber, VirtualNumber
from melody_app.search import search_key

OFFERED = 10
"""As many departments are offered to choose from where a name fits several."""


@dataclass(frozen=True)
class Choice:
    """A department that may be meant."""

    id: int
    name: str
    short_phone: str | None


@dataclass(frozen=True)
class Box:
    """What the box shows.

    Args:
        form: what was typed, and what is wrong with it.
        resolution: the answer; None when nothing was asked, or something is wrong.
        state: the state that the directory says the number is in; None where it doesn't know it.
        choices: the departments that may be meant.
    """

    form: BoxForm
    resolution: Resolution | None = None
    state: str | None = None
    choices: list[Choice] = field(default_factory=list)


def ask(sent: MultiDict[str, str]) -> Box:
    """Answer what was asked.

    Args:
        sent: the page's query string.
    """
    form = BoxForm.from_page(sent)
    is_fine = form.validate()
    if is_fine and not any(each.data for each in form):
        if form.number.name in sent:
            form.refuse("number", FieldError("required_one_of", lazy_gettext("Type a number or a department.")))
        return Box(form)
    if form.department_id.errors:
        form.refuse("department", _none_or_several([]))
    number = _read_number(form) if is_fine else {}
    department_id, choices = _read_department(form) if is_fine else (None, [])
    if form.errors_list:
        return Box(form, choices=choices)
    resolution = resolve(Question(**number, employee_group_id=department_id))
    return Box(form, resolution, _state_of(resolution))


def _read_number(form: BoxForm) -> Mapping[str, Any]:
    """Return what the resolver is asked for the number; digits that are none may be the id of one."""
    text: str = form.number.data or ""
    if not text:
        return {}
    try:
        to_e164(text)
    except NotAPhoneError as error:
        its_id = finding.id_typed(text)
        if its_id and _is_number_id(its_id):
            return {"number_capacity_id": its_id}
        form.refuse("number", refuse_phone(error))
    return {"number": text}


def _state_of(resolution: Resolution) -> str | None:
    ids = [each.id for each in resolution.stages if each.stage == NUMBER]
    return db.session.scalar(select(VirtualNumber.state).where(VirtualNumber.id == ids[0])) if any(ids) else None


def _is_number_id(its_id: int) -> bool:
    ruled = exists().where(RuleNumber.number_capacity_id == its_id)
    return bool(db.session.scalar(select(or_(ruled, exists().where(VirtualNumber.id == its_id)))))


def _read_department(form: BoxForm) -> tuple[int | None, list[Choice]]:
    """Return the department that was meant, or those that may be."""
    if form.department_id.data:
        found = _choices(Department.id == form.department_id.data)
        form.department.text = found[0].name if found else str(form.department_id.data)
        return form.department_id.data, []
    text: str = form.department.data or ""
    if not text:
        return None, []
    found = _named(text)
    if len(found) == 1:
        return found[0].id, []
    stray = finding.id_typed(text)
    if not found and stray and db.session.scalar(select(exists().where(RuleDepartment.employee_group_id == stray))):
        return stray, []
    form.refuse("department", _none_or_several(found))
    return None, found


def _named(text: str) -> list[Choice]:
    """Return the departments that a text names exactly; else those that hold it."""
    key = search_key(text)
    exact = _choices(or_(Department.id == finding.id_typed(text), Department.short_phone == text))
    # Behind the name the key goes on with the internal number.
    begins = or_(Department.search_key == key, Department.search_key.startswith(f"{key} ", autoescape=True))
    exact += [each for each in _choices(begins) if search_key(each.name) == key and each not in exact]
    return exact or _choices(finding.matching(Department, text)[1])


def _choices(*wanted: ColumnElement[bool]) -> list[Choice]:
    columns = (Department.id, Department.name, Department.short_phone)
    ordered = select(*columns).where(*wanted).order_by(Department.search_key, Department.id)
    return [Choice(*row) for row in db.session.execute(ordered.limit(OFFERED + 1))]


def _none_or_several(found: list[Choice]) -> FieldError:
    if found:
        return FieldError("ambiguous", lazy_gettext("This fits several departments. Choose one of them, or type more."))
    message = lazy_gettext("There is no such department. Type a part of its name, its internal number or its ID.")
    return FieldError("unknown_department", message)
