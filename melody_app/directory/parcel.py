"""A list of entries that was looked at, as it is handed back to the person and comes again."""

from dataclasses import dataclass

from melody_app.directory.difference import Line, Sheet
from melody_app.directory.store import Directory
from melody_app.sheets.parcel import seal, unseal


@dataclass(frozen=True)
class Parcel:
    """A list, and what it was looked at with.

    Args:
        sheet: the list; nothing in it is wrong.
        keep: whether entries stay that it lacks.
        seen: the fingerprint of the directory that it was compared with.
    """

    sheet: Sheet
    keep: bool
    seen: str


def pack(directory: Directory, parcel: Parcel) -> str:
    """Return the parcel as a text that nobody else can make."""
    sheet = parcel.sheet
    lines = [(line.place, *line.row) for line in sheet.lines]
    return seal(directory.name, [sheet.columns, lines, parcel.keep, parcel.seen])


def unpack(directory: Directory, text: str) -> Parcel:
    """Return what was packed for the person who acts now.

    Raises:
        BadParcelError: it is no such parcel.
    """
    columns, lines, keep, seen = unseal(directory.name, text)
    sheet = Sheet(tuple(columns), [Line(place, tuple(row)) for place, *row in lines])
    return Parcel(sheet, keep, seen)
