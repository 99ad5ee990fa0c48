"""What may come in for the call-time lookups."""

from functools import cache
from typing import Any

from flask_babel import lazy_gettext

from melody_app.calls.resolver import Question
from melody_app.current import the_request
from melody_app.fields import FieldError, IntField
from melody_app.forms import BaseForm
from melody_app.http import read_query
from melody_app.sought import SoughtField


class ResolveQuery(BaseForm):
    """The query string of the lookups: a number and a department, each in one of two ways.

    No text of a number is refused, be it none ("anonymous"): a call that is on its way has to sound somehow.
    """

    PAIRS = ({"number", "number_capacity_id"}, {"employee_group_id", "short_phone"})

    number = SoughtField(lazy_gettext("Number"), optional=True)
    number_capacity_id = IntField(lazy_gettext("Number"), optional=True)
    employee_group_id = IntField(lazy_gettext("Department"), optional=True)
    short_phone = SoughtField(lazy_gettext("Department"), most=20, optional=True)

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


def read_question() -> Question:
    """Return what the request's query string asks.

    What is right is taken by the fields' own checks alone, for to fill in a form takes longer than to answer. What isn't is
    given to the form, whose refusal names the culprit.

    Raises:
        Problem: 422.
    """
    fields = _fields()
    values: dict[str, Any] = {}
    for name, texts in the_request().args.lists():
        field = fields.get(name)
        value = field.from_text(texts) if field else None
        if field is None or len(texts) > 1 or (value is not None and any(field.problems(value))):
            return read_query(ResolveQuery).question
        values[name] = value
    return Question(**values) if len(values) < 2 or _is_plain(values) else read_query(ResolveQuery).question  # noqa: PLR2004


def _is_plain(values: dict[str, Any]) -> bool:
    return not any(values.keys() >= pair for pair in ResolveQuery.PAIRS)


@cache
def _fields() -> dict[str, Any]:
    # A field's reading and checking know nothing of what was sent before: these serve every request.
    return {field.name: field for field in ResolveQuery()}
