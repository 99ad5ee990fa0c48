"""What is looked for, by people and at calls: texts from anywhere, of which none is refused."""

import unicodedata
from collections.abc import Iterator
from typing import Any

from melody_app.fields import FieldError, TextField


def plain(text: str) -> str:
    """Spell a text as a screen shows it, for what is pasted from pages and documents holds more than that.

    Each white space (one that doesn't break, a tab) becomes a space, marks that nobody sees (the direction of writing, where a
    word may be parted) are left out, and what no screen shows becomes U+FFFD.

    Args:
        text: as it came.
    """
    return text if text.isprintable() else "".join(map(_plain_letter, text))


def _plain_letter(letter: str) -> str:
    if letter.isspace():
        return " "
    if letter.isprintable():
        return letter
    return "" if unicodedata.category(letter) == "Cf" else "\ufffd"


class SoughtField(TextField):
    """Take a text that is looked for, by people or at a call: none is refused, but what nothing is called is found nowhere."""

    def from_text(self, texts: list[str]) -> Any:
        """Read the text as a screen shows it; one that is too long is cut, and by its mark is nobody's name or number."""
        text = plain(super().from_text(texts) or "").strip()
        return (text if len(text) <= self.most else f"{text[: self.most - 1]}…") or None

    def problems(self, value: Any) -> Iterator[FieldError]:  # noqa: ARG002
        """Refuse nothing."""
        return iter(())
