"""The journal: who did what, when, and through which door."""

from melody_app.journal.service import Change, find, record, record_many, spell

__all__ = ["Change", "find", "record", "record_many", "spell"]
