"""The whole schema: every table, and the words that its columns take."""

from melody_app.models.accounts import SCOPES, Person, SignIn, SignInAttempts, Token
from melody_app.models.base import SOURCE_TYPES
from melody_app.models.calls import Lookup
from melody_app.models.directory import NUMBER_STATES, NUMBER_TYPES, Department, VirtualNumber
from melody_app.models.journal import JournalEntry
from melody_app.models.library import Audio, Melody
from melody_app.models.rules import CompanyDefault, Rule, RuleDepartment, RuleNumber

__all__ = [
    "NUMBER_STATES",
    "NUMBER_TYPES",
    "SCOPES",
    "SOURCE_TYPES",
    "Audio",
    "CompanyDefault",
    "Department",
    "JournalEntry",
    "Lookup",
    "Melody",
    "Person",
    "Rule",
    "RuleDepartment",
    "RuleNumber",
    "SignIn",
    "SignInAttempts",
    "Token",
    "VirtualNumber",
]
