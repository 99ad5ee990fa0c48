"""What may come in for the journal's page."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from flask_babel import get_timezone, lazy_gettext

from melody_app.fields import FieldError, IntField, TextField, TypedField
from melody_app.forms import BaseForm
from melody_app.journal.service import Filter

FIRST_YEAR, LAST_YEAR = 2000, 2999  # at the calendar's ends, a day's last moment can't be told


class DayField(TypedField):
    """Take a day as `2026-11-23`."""

    def problems(self, value: Any) -> Iterator[FieldError]:
        """Refuse what is no day."""
        try:
            fine = FIRST_YEAR <= date.fromisoformat(value).year <= LAST_YEAR
        except ValueError:
            fine = False
        if not fine:
            yield FieldError("not_a_day", lazy_gettext("Write the day as 2026-11-23."))


class FilterForm(BaseForm):
    """Which entries to show."""

    rule = IntField(lazy_gettext("Rule"), optional=True)
    person = TextField(lazy_gettext("Person or token"), optional=True)
    day = DayField(lazy_gettext("Day"), optional=True)
    before = IntField(optional=True)

    @property
    def wanted(self) -> Filter:
        """Return what the checked form asks for; a day is one in the company's time zone."""
        since = until = None
        if self.day.valid:
            day = date.fromisoformat(self.day.valid)
            since, until = (_midnight(each) for each in (day, day + timedelta(days=1)))
        return Filter(self.rule.valid, self.person.valid, since, until, self.before.valid)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=get_timezone())
