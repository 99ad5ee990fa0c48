"""The standard catalogue as it is shipped: files beside this module, listed by catalogue.json."""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

FOLDER = Path(__file__).with_name("catalogue")


class Entry(NamedTuple):
    """A shipped melody.

    Args:
        id: its id in the standard catalogue.
        name: what it is called; Russian, as its listeners are.
        name_en: the same in English, to be found by.
        is_tone: whether it is the ringing tone.
        file: the name of the WAV that callers hear.
        sha256: the hash of that file.
        original: the name of the file to listen to.
        original_sha256: the hash of that file.
        report: what stands in a report of report.py.
    """

    id: int
    name: str
    name_en: str
    is_tone: bool
    file: str
    sha256: str
    original: str
    original_sha256: str
    report: dict[str, Any]

    @property
    def wav(self) -> bytes:
        """Return what callers hear."""
        return (FOLDER / self.file).read_bytes()

    @property
    def original_data(self) -> bytes:
        """Return the file to listen to."""
        return (FOLDER / self.original).read_bytes()

    @property
    def original_format(self) -> str:
        """Return the format of the file to listen to."""
        return Path(self.original).suffix.removeprefix(".")


@lru_cache(maxsize=1)
def entries() -> tuple[Entry, ...]:
    """Return every shipped melody, the ringing tone among them."""
    listed = json.loads((FOLDER / "catalogue.json").read_text(encoding="utf-8"))
    return tuple(_entry(**each) for each in listed)


def tone() -> Entry:
    """Return the ringing tone, which is there before the catalogue is loaded."""
    return next(each for each in entries() if each.is_tone)


def _entry(*, kind: str, name_ru: str, **values: Any) -> Entry:
    return Entry(name=name_ru, is_tone=kind == "tone", **values)
