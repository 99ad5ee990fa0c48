"""Backups: a copy of all that is stored, and the way back to it."""
