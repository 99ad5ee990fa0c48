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
    return seal(_purpose(directory), [sheet.columns, sheet.is_json, lines, parcel.keep, parcel.seen])


def unpack(directory: Directory, text: str) -> Parcel:
    """Return what was packed for the person who acts now.

    Raises:
        BadParcelError: it is no such parcel.
    """
    columns, is_json, lines, keep, seen = unseal(_purpose(directory), text)
    sheet = Sheet(tuple(columns), is_json, [Line(place, tuple(row)) for place, *row in lines])
    return Parcel(sheet, keep, seen)


def _purpose(directory: Directory) -> str:
    # The figure counts the forms that a parcel has had: one of an earlier form is none, and the list is asked for again.
    return f"{directory.name} 2"
