"""Why a rule can't be written: what the service raises, and both doors tell in their own way."""

from melody_app.fields import FieldError
from melody_app.rules.store import Holding, StoredRule


class NoRuleError(Exception):
    """There is no such rule."""


class StaleRuleError(Exception):
    """Somebody changed the rule after the version that was read."""

    def __init__(self, rule: StoredRule) -> None:
        super().__init__(rule.version)
        self.rule = rule


class TakenError(Exception):
    """Other rules hold some of the ids; every one of them is told."""

    def __init__(self, holdings: list[Holding]) -> None:
        super().__init__(len(holdings))
        self.holdings = holdings


class UnknownIdsError(Exception):
    """A directory or a catalogue doesn't know some of the ids."""

    def __init__(self, errors: list[tuple[str, FieldError]]) -> None:
        super().__init__(len(errors))
        self.errors = errors


class RestoredAlreadyError(Exception):
    """The rule is back already: somebody pressed the same button in another window."""
