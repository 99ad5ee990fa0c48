"""What may come in for a rule: one validation for the JSON call and for the page."""

from typing import Any

from flask_babel import lazy_gettext

from melody_app.fields import ChoiceField, FieldError, IntField, IntListField, OptionField
from melody_app.forms import BaseForm
from melody_app.rules.queries import SORTS
from melody_app.rules.store import BY_FIELD, Ids, RuleValues
from melody_app.sought import SoughtField

SOURCES = {"system": lazy_gettext("Standard melody"), "client": lazy_gettext("Own melody")}


class RuleForm(BaseForm):
    """A rule's body. The seed's example spells the arrays without underscores; both spellings are taken."""

    number_capacity_ids = IntListField(lazy_gettext("Numbers"), alias="numbercapacityids")
    employee_group_ids = IntListField(lazy_gettext("Departments"), alias="employeegroupids")
    source_type = ChoiceField(lazy_gettext("Kind of melody"), SOURCES)
    media_id = IntField(lazy_gettext("Melody"))

    def check_together(self) -> None:
        """Refuse a rule that would apply to nothing."""
        arrays = (self.number_capacity_ids, self.employee_group_ids)
        if any(array.data or array.errors or array.name in self.border_errors for array in arrays):
            return
        for array in arrays:
            message = lazy_gettext("Enter at least one number or department.")
            self.refuse(array.name, FieldError("required_one_of", message, is_shared=True))

    def respell(self, rule: dict[str, Any]) -> dict[str, Any]:
        """Spell a rule's arrays as this form's were spelled.

        Args:
            rule: the rule in the API's own spelling.
        """
        return {self._spelling(name): value for name, value in rule.items()}

    def _spelling(self, name: str) -> str:
        aliased = self.aliases_used and name not in self.names_used
        return getattr(self[name], "alias", "") or name if aliased and name in self else name

    @property
    def values(self) -> RuleValues:
        """Return what the checked form says."""
        return RuleValues(
            number_capacity_ids=self.number_capacity_ids.ids,
            employee_group_ids=self.employee_group_ids.ids,
            source_type=self.source_type.data,
            media_id=self.media_id.data,
        )


class ChangedRuleForm(RuleForm):
    """A rule's body in a PUT, which may repeat the id of its path."""

    rule_id: int
    id = IntField(optional=True)

    def check_together(self) -> None:
        """Refuse an id that is not the path's."""
        super().check_together()
        if not self.id.errors and self.id.data not in {None, self.rule_id}:
            message = lazy_gettext("The URL says %(id)s. Send the same ID, or leave it out.", id=self.rule_id)
            self.refuse("id", FieldError("id_mismatch", message))


class PageForm(RuleForm):
    """A rule's page, which remembers the version it shows."""

    version = IntField(optional=True)


class DeleteOptions(BaseForm):
    """How a rule is to be deleted: the query string of DELETE."""

    dry_run = OptionField("dry_run", dict.fromkeys(("0", "1", "false", "true"), ""), default="0")

    @property
    def is_dry(self) -> bool:
        """Tell whether nothing is to be stored."""
        return self.dry_run.data in {"1", "true"}


class WriteOptions(DeleteOptions):
    """How a rule is to be written: the query string of POST and PUT."""

    on_conflict = OptionField("on_conflict", {"refuse": "", "move": ""}, default="refuse")

    @property
    def moves(self) -> bool:
        """Tell whether ids are to be taken away from other rules."""
        return bool(self.on_conflict.data == "move")


class RuleFilter(BaseForm):
    """Which rules to list, and how many: the query string of GET."""

    number_capacity_id = IntField(optional=True)
    employee_group_id = IntField(optional=True)
    source_type = ChoiceField("source_type", SOURCES, optional=True)
    media_id = IntField(optional=True)
    limit = IntField(most=1000, default=1000)
    after = IntField(least=0, default=0)


class UndoQuery(BaseForm):
    """The journal's entries of rules that are to come back together."""

    entries = IntListField()


class TableQuery(BaseForm):
    """What the page's table shows."""

    q = SoughtField(lazy_gettext("Search"), most=200, optional=True)
    sort = ChoiceField("sort", dict.fromkeys(SORTS, ""), default="id")
    page = IntField("page", most=10**9, default=1)


class PickerQuery(BaseForm):
    """What is typed into a picker."""

    field = ChoiceField("field", dict.fromkeys(BY_FIELD, ""))
    q = SoughtField("q", most=200, optional=True)
    ids = IntListField()
    all = ChoiceField("all", {"0": "", "1": ""}, default="0")


class HeldQuery(BaseForm):
    """The ids that a page holds, and the rule that it edits."""

    number_capacity_ids = IntListField()
    employee_group_ids = IntListField()
    rule_id = IntField(optional=True)

    @property
    def ids(self) -> Ids:
        """Return the ids by their field."""
        return {name: self[name].ids for name in BY_FIELD}
