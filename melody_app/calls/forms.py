"""What may come in for the call-time lookups."""

from flask_babel import lazy_gettext

from melody_app.calls.resolver import Question
from melody_app.fields import FieldError, IntField, TextField
from melody_app.forms import BaseForm


class ResolveQuery(BaseForm):
    """The query string of the lookups: a number and a department, each in one of two ways.

    A number that is none ("anonymous") is not refused: a call that is on its way has to sound somehow.
    """

    number = TextField(lazy_gettext("Number"), optional=True)
    number_capacity_id = IntField(lazy_gettext("Number"), optional=True)
    employee_group_id = IntField(lazy_gettext("Department"), optional=True)
    short_phone = TextField(lazy_gettext("Department"), most=20, optional=True)

    def check_together(self) -> None:
        """Refuse to guess which of two is meant."""
        for one, other in ((self.number, self.number_capacity_id), (self.employee_group_id, self.short_phone)):
            if one.data is not None and other.data is not None:
                message = lazy_gettext("Send %(one)s or %(other)s, not both.", one=one.name, other=other.name)
                self.refuse(other.name, FieldError("given_twice", message))

    @property
    def question(self) -> Question:
        """Return what the checked query asks."""
        return Question(**{field.name: field.data for field in self})
