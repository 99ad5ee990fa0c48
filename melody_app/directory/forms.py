"""What may come in for a number or a department: one validation for JSON, pages and lists."""

from collections.abc import Iterator
from typing import Any

from flask_babel import lazy_gettext

from melody_app.directory import phone
from melody_app.directory.queries import SORTS
from melody_app.directory.store import DEPARTMENTS, NUMBERS, Directory
from melody_app.fields import ChoiceField, FieldError, IntField, OptionField, TextField, TypedField
from melody_app.forms import BaseForm
from melody_app.models import NUMBER_STATES, NUMBER_TYPES
from melody_app.sheets.upload import RESTS, ImportForm
from melody_app.sought import SoughtField

TYPES = {
    "def": lazy_gettext("Mobile"),
    "abc": lazy_gettext("Landline"),
    "sip_registration": lazy_gettext("SIP, registers with the operator"),
    "sip_redirection": lazy_gettext("SIP, calls are redirected"),
    "toll_free": lazy_gettext("Toll-free (8 800)"),
}
STATES = {
    "active": lazy_gettext("In service"),
    "activation": lazy_gettext("Being connected"),
    "debt_lock": lazy_gettext("Blocked for debt"),
    "unconfirmed": lazy_gettext("Not confirmed"),
    "freeze": lazy_gettext("Frozen"),
}
assert tuple(TYPES) == NUMBER_TYPES  # noqa: S101  (what the database takes)
assert tuple(STATES) == NUMBER_STATES  # noqa: S101

_NOT_A_PHONE = {
    "characters": lazy_gettext("Write the number in digits, for example +7\u00a0920\u00a0854\u201174\u201133."),
    "shortened": lazy_gettext(
        "A spreadsheet has shortened this number, and its last digits are lost. Set the column's format to “Text” there."
    ),
    "impossible": lazy_gettext("No such number can exist. Check its digits and the country code at the beginning."),
}


def refuse_phone(error: phone.NotAPhoneError) -> FieldError:
    """Say why a text is no telephone number, and what to do."""
    return FieldError("not_a_phone", _NOT_A_PHONE[error.reason])


class PhoneField(TypedField):
    """Take a telephone number in any spelling; the value is its digits with the country code."""

    def from_text(self, texts: list[str]) -> Any:
        """Read the text as typed."""
        return texts[-1].strip() or None if texts else None

    def to_text(self, value: Any) -> str:
        """Spell a stored number as people write it."""
        return phone.shown(value) if value else ""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Take the number's digits, or what is wrong with it."""
        super().process_formdata(valuelist)
        self.data = self.read(self.data)

    def read(self, value: Any) -> Any:
        """Return the digits that a text spells, or the error; any other value as it is.

        Args:
            value: what was sent.
        """
        if not isinstance(value, str):
            return value
        try:
            return phone.to_e164(value)
        except phone.NotAPhoneError as error:
            return refuse_phone(error)

    def problems(self, value: Any) -> Iterator[FieldError]:
        """Refuse what spells no number."""
        if isinstance(value, FieldError):
            yield value
        elif not isinstance(value, str):
            yield FieldError("not_a_text", lazy_gettext("Send the number as text, in quotation marks."))


class EntryForm(BaseForm):
    """What numbers and departments have in common."""

    directory: Directory
    entry_id: int | None = None
    """The entry whose address the body was sent to."""

    id = IntField(
        lazy_gettext("ID"),
        optional=True,
        description=lazy_gettext("Its code in the operator's account. Leave it empty to get the next free ID."),
    )

    def check_together(self) -> None:
        """Refuse an id that is not the address's."""
        if self.entry_id is not None and not self.id.errors and self.id.data not in {None, self.entry_id}:
            message = lazy_gettext("The URL says %(id)s. Send the same ID, or leave it out.", id=self.entry_id)
            self.refuse("id", FieldError("id_mismatch", message))

    @property
    def values(self) -> dict[str, Any]:
        """Return what the checked form says of the entry, besides its id."""
        return {name: self[name].data for name in self.directory.columns}


class NumberForm(EntryForm):
    """A virtual number."""

    directory = NUMBERS

    number = PhoneField(
        lazy_gettext("Number"),
        description=lazy_gettext("In any format, for example 8\u00a0920\u00a0854\u201174\u201133."),
    )
    comment = TextField(
        lazy_gettext("Comment"),
        most=200,
        optional=True,
        description=lazy_gettext("What it is for, so that people can find it: “Support”, “Advertising”."),
    )
    type = ChoiceField(lazy_gettext("Kind"), TYPES, optional=True)
    state = ChoiceField(lazy_gettext("State"), STATES, default="active")
    region_name = TextField(lazy_gettext("Region"), optional=True)


class DepartmentForm(EntryForm):
    """A department."""

    directory = DEPARTMENTS

    name = TextField(lazy_gettext("Department name"), most=200)
    short_phone = TextField(
        lazy_gettext("Internal number"), most=20, optional=True, description=lazy_gettext("For example 101.")
    )


class NumberPageForm(NumberForm):
    """A number's page, which remembers the version it shows."""

    version = IntField(optional=True)


class DepartmentPageForm(DepartmentForm):
    """A department's page, which remembers the version it shows."""

    version = IntField(optional=True)


class DeleteOptions(BaseForm):
    """How an entry is to be written or deleted: the query string of POST, PUT and DELETE."""

    dry_run = OptionField("dry_run", dict.fromkeys(("0", "1", "false", "true"), ""), default="0")

    @property
    def is_dry(self) -> bool:
        """Tell whether nothing is to be stored."""
        return self.dry_run.data in {"1", "true"}


class DepartmentFilter(BaseForm):
    """Which departments to list, and how many: the query string of GET."""

    limit = IntField(most=1000, optional=True)
    after = IntField(least=0, default=0)

    @property
    def is_whole(self) -> bool:
        """Tell whether the whole directory is asked for."""
        return not any(field.data for field in self)

    @property
    def asked(self) -> dict[str, Any]:
        """Return what the directory is asked."""
        return dict(self.data)


class NumberFilter(DepartmentFilter):
    """Which numbers to list, and how many.

    The operator's clients also ask by purpose, of which the directory knows nothing: with every number it is `not_specified`,
    as the operator itself calls that, and no number has another.
    """

    number = PhoneField("number", optional=True)
    type = ChoiceField("type", TYPES, optional=True)
    purpose = ChoiceField("purpose", dict.fromkeys(("not_specified", "company", "employee"), ""), optional=True)

    @property
    def asked(self) -> dict[str, Any]:
        """Return what the directory is asked; for the id 0, which is nobody's, where no number can be found."""
        asked = super().asked
        purpose = asked.pop("purpose")
        return asked if purpose in {None, "not_specified"} else {**asked, "id": 0}


class NumbersQuery(BaseForm):
    """What the numbers' table shows."""

    q = SoughtField(lazy_gettext("Search"), most=200, optional=True)
    sort = ChoiceField("sort", dict.fromkeys(SORTS[NUMBERS.name], ""), default="number")
    page = IntField("page", most=10**9, default=1)


class DepartmentsQuery(NumbersQuery):
    """What the departments' table shows."""

    sort = ChoiceField("sort", dict.fromkeys(SORTS[DEPARTMENTS.name], ""), default="name")


class ListForm(ImportForm):
    """A directory's list; it usually is the whole of the directory."""

    rest = ChoiceField(lazy_gettext("What is not in the list"), RESTS, default="delete")


ENTRY_FORMS: dict[str, type[EntryForm]] = {NUMBERS.name: NumberForm, DEPARTMENTS.name: DepartmentForm}
PAGE_FORMS: dict[str, type[EntryForm]] = {NUMBERS.name: NumberPageForm, DEPARTMENTS.name: DepartmentPageForm}
FILTERS: dict[str, type[DepartmentFilter]] = {NUMBERS.name: NumberFilter, DEPARTMENTS.name: DepartmentFilter}
QUERIES: dict[str, type[NumbersQuery]] = {NUMBERS.name: NumbersQuery, DEPARTMENTS.name: DepartmentsQuery}
