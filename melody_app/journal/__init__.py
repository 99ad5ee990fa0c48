"""The journal: who did what, when, and through which door."""

from melody_app.journal.service import find, record

__all__ = ["find", "record"]
