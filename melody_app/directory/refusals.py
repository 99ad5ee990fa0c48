"""Why a directory can't be read or written: what the service raises, and both doors tell in their own way."""

from melody_app.directory.difference import Difference
from melody_app.directory.store import Entry, Holding


class NoEntryError(Exception):
    """There is no such number or department."""


class StaleEntryError(Exception):
    """Somebody changed the entry after the version that was read."""

    def __init__(self, entry: Entry) -> None:
        super().__init__(entry.version)
        self.entry = entry


class TakenError(Exception):
    """Another entry has the id or the number.

    Args:
        holders: the entry that has it, by the field.
    """

    def __init__(self, holders: dict[str, int]) -> None:
        super().__init__(len(holders))
        self.holders = holders


class NoIdLeftError(Exception):
    """The greatest possible id is given: the next one has to be chosen by a person."""


class InUseError(Exception):
    """Rules use what is to be deleted; every one of them is told."""

    def __init__(self, held: list[Holding]) -> None:
        super().__init__(len(held))
        self.held = held


class RefusedError(Exception):
    """A list can't be taken over: something in it is wrong."""

    def __init__(self, difference: Difference) -> None:
        super().__init__(len(difference.refused))
        self.difference = difference


class ChangedMeanwhileError(Exception):
    """The directory is no longer what it was when somebody looked at it."""
