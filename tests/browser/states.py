"""Every page in every state that a person can meet it in."""

from browser import states_accounts, states_calls, states_directory, states_library, states_rules
from browser.meeting import meet, names

__all__ = ["meet", "names", "states_accounts", "states_calls", "states_directory", "states_library", "states_rules"]
