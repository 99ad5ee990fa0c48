"""What may come in for the pages of calls: filters, and the box that answers what callers of a number hear."""

from flask_babel import lazy_gettext

from melody_app.calls.coverage import KINDS, View
from melody_app.calls.tally import FILTERS
from melody_app.fields import ChoiceField, IntField
from melody_app.forms import BaseForm
from melody_app.sought import SoughtField


class CoverageQuery(BaseForm):
    """What the table shows."""

    show = ChoiceField("show", dict.fromkeys(FILTERS, ""), default="all")
    kind = ChoiceField(lazy_gettext("Kind"), {each.name: "" for each in KINDS}, optional=True)
    q = SoughtField(lazy_gettext("Search"), most=200, optional=True)
    page = IntField("page", most=10**9, default=1)
    select = ChoiceField("select", {"all": ""}, optional=True)

    @property
    def view(self) -> View:
        """Return which rows the checked query asks for."""
        return View(self.show.valid, self.kind.valid, self.q.valid or "")


class BoxForm(BaseForm):
    """A number and a department, as people name them; a department that was chosen among several comes by its id."""

    number = SoughtField(
        lazy_gettext("Number"),
        optional=True,
        description=lazy_gettext("In any format: 8\u00a0920\u00a0854\u201174\u201133. Or its ID."),
    )
    department = SoughtField(
        lazy_gettext("Department, if the call is passed on to one"),
        most=200,
        optional=True,
        description=lazy_gettext("Its name or a part of it, its internal number or ID."),
    )
    department_id = IntField("department_id", optional=True)


class LookupsQuery(BaseForm):
    """Which lookups to show."""

    q = SoughtField(
        lazy_gettext("Number or department"),
        most=200,
        optional=True,
        description=lazy_gettext(
            "Digits in any format, the number's comment, or the department's name or internal number."
        ),
    )
    before = IntField("before", optional=True)
