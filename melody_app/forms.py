"""The two doors of a form: `from_json` for a body, `from_page` for what a page or a query string spells."""

from collections.abc import Mapping
from functools import cache
from typing import Any, Self

from flask_babel import lazy_gettext
from werkzeug.datastructures import MultiDict
from wtforms import Field, Form
from wtforms.fields.core import UnboundField
from wtforms.meta import DefaultMeta

from melody_app.fields import MAX_ERRORS, FieldError


class Values(dict[str, Any]):
    """Hand each value to its field untouched; WTForms asks form data for lists."""

    def getlist(self, name: str) -> list[Any]:
        """Return what WTForms expects: a list of what was sent under the name."""
        return [self[name]] if name in self else []


@cache
def _made(unbound: UnboundField, name: str) -> Field:
    return unbound.bind(form=None, name=name, _meta=DefaultMeta())


class BaseForm(Form):
    """A form with two doors: `from_json` for a body, `from_page` for what a page or a query string spells.

    CSRF is left to the guard, which checks it for everything that a session writes, forms or not.
    """

    class Meta:
        """Make fields quickly."""

        def bind_field(self, form: "BaseForm", unbound_field: UnboundField, options: dict[str, Any]) -> Field:
            """Copy the field that was made for the first form of its class: to make each anew takes half of a form's time.

            What a field holds of one form is set when the form is filled in; all else is the same for every form.
            """
            made = _made(unbound_field, options["name"])
            field: Field = object.__new__(type(made))
            vars(field).update(vars(made), meta=self, _form=form)
            return field

    def __init__(self, formdata: Any = None, **kwargs: Any) -> None:
        self.border_errors: dict[str, list[FieldError]] = {}
        self.is_checked = False
        self.names_used: set[str] = set()
        self.aliases_used: set[str] = set()
        super().__init__(formdata=formdata, **kwargs)

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Self:
        """Fill the form from a JSON object.

        Args:
            body: the object; its values are taken as they are.
        """
        names = cls._names()
        values = Values()
        strays: list[tuple[str, FieldError]] = []
        for key, value in body.items():
            name = names.get(key)
            if name is None:
                strays.append((key, unknown_field()))
            elif name in values:
                strays.append((name, given_twice()))
            else:
                values[name] = value
        form = cls(values)
        form.names_used = body.keys() & values.keys()
        form.aliases_used = body.keys() - values.keys()
        for name, error in strays[:MAX_ERRORS]:
            form.refuse(name, error)
        return form

    @classmethod
    @cache
    def _names(cls) -> dict[str, str]:
        """Return each field's name by every name that JSON may use for it."""
        return {name: field.name for field in cls() for name in (field.name, field.alias) if name}

    @classmethod
    def from_page(cls, data: MultiDict[str, str], *, strict: bool = False) -> Self:
        """Fill the form from texts.

        Args:
            data: a page's form, or a query string.
            strict: refuse names that the form doesn't know, and single values given twice (a query string is written by a
                program, in which either is a mistake).
        """
        form = cls()
        form.process(Values({field.name: field.from_text(data.getlist(field.name)) for field in form}))
        for field in form:
            texts = data.getlist(field.name)
            field.text = field.shown_text(texts) if texts else field.to_text(field.default)
        if strict:
            form._refuse_strays(data)
        return form

    def refuse(self, field: str, error: FieldError) -> None:
        """Add an error that no single field's check can find, before the check or after it."""
        self.border_errors.setdefault(field, []).append(error)
        if self.is_checked:
            self._show(field, [error])

    def validate(self, extra_validators: Any = None) -> bool:
        """Check all; errors found at the border count, and those are shown with their field."""
        fine = super().validate(extra_validators)
        self.check_together()
        for name, errors in self.border_errors.items():
            self._show(name, errors)
        self.is_checked = True
        return fine and not self.border_errors

    def check_again(self, values: Mapping[str, Any]) -> bool:
        """Check other values with the same form: to make a new one takes longer than to check it.

        Args:
            values: the value of every field.
        """
        self.border_errors.clear()
        self.is_checked = False
        for name, value in values.items():
            self[name].data = value
        return self.validate()

    def _show(self, name: str, errors: list[FieldError]) -> None:
        if name in self:
            self[name].errors = [*self[name].errors, *errors]

    def check_together(self) -> None:
        """Refuse what only several fields together show to be wrong."""

    @property
    def errors_list(self) -> list[tuple[str, FieldError]]:
        """Return every error with its field's name, in the order of the fields."""
        strange = [(name, error) for name, errors in self.border_errors.items() if name not in self for error in errors]
        return [(field.name, error) for field in self for error in field.errors] + strange

    @property
    def summary(self) -> list[tuple[str, FieldError]]:
        """Return the errors as a page sums them up: each sentence once for its field, or once for the fields that share it."""
        told: dict[tuple[str, str], tuple[str, FieldError]] = {}
        for name, error in self.errors_list:
            told.setdefault(("" if error.is_shared else name, str(error)), (name, error))
        return list(told.values())

    def _refuse_strays(self, data: MultiDict[str, str]) -> None:
        for name in data:
            if name not in self:
                self.refuse(
                    name, FieldError("unknown_field", lazy_gettext("There is no such field. Check its spelling."))
                )
            elif len(data.getlist(name)) > 1:
                self.refuse(name, given_twice())


class NoOptions(BaseForm):
    """The query string of a call that takes none: an option that another call knows must not be passed over in silence."""


def given_twice() -> FieldError:
    """Say that one value came twice."""
    return FieldError("given_twice", lazy_gettext("This was given twice. Send it once, under one name."))


def unknown_field() -> FieldError:
    """Say that no field has this name."""
    return FieldError("unknown_field", lazy_gettext("There is no such field. Check its spelling."))
