"""What may come in for a melody: Base64 in JSON, or a file in a form."""

import base64
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from flask_babel import lazy_gettext
from werkzeug.datastructures import FileStorage

from melody_app.fields import FieldError, IntField, TextField, TypedField, required, spell
from melody_app.forms import BaseForm
from melody_app.melodies.report import MAX_BYTES
from melody_app.sought import SoughtField

NAME_MOST = 200


class SoundField(TypedField):
    """Take a file: as Base64 (RFC 4648, with or without line breaks), or as a part of a multipart form."""

    def from_text(self, texts: list[Any]) -> Any:
        """Take the file; a browser sends an empty one where none was chosen."""
        return next((each for each in reversed(texts) if each), None)

    def shown_text(self, _texts: list[str]) -> str:
        """Show nothing: a browser doesn't let a page choose a file again."""
        return ""

    def problems(self, value: Any) -> Iterator[FieldError]:
        """Refuse what is no Base64; whether it is a melody is told when it is decoded."""
        if isinstance(value, FileStorage):
            return
        if not isinstance(value, str):
            yield FieldError("not_a_text", lazy_gettext("%(value)s is not text.", value=spell(value)))
        elif not self._is_base64():
            yield FieldError("not_base64", lazy_gettext("This is not Base64. Send the file's bytes in Base64."))

    @cached_property
    def content(self) -> bytes:
        """Return the file's bytes; of one that is too large only so many that this shows.

        Raises:
            ValueError: it is no Base64.
        """
        if isinstance(self.data, FileStorage):
            return self.data.stream.read(MAX_BYTES + 1)
        return base64.b64decode("".join(self.data.split()), validate=True)

    @property
    def new_content(self) -> bytes | None:
        """Return the file's bytes, or None where none was sent."""
        return None if self.data is None else self.content

    def _is_base64(self) -> bool:
        try:
            return bool(self.content) or not self.data
        except ValueError:
            return False

    @property
    def file_name(self) -> str:
        """Return the file's own name, without its folders."""
        return file_name(self.data) if isinstance(self.data, FileStorage) else ""


def file_name(file: FileStorage) -> str:
    """Return the name of an uploaded file without folders and what no screen shows, cut to what fits."""
    name = (file.filename or "").replace("\\", "/").rpartition("/")[2]
    return "".join(each for each in name if each.isprintable()).strip()[:NAME_MOST]


def stem(name: str) -> str:
    """Return a file's name without its ending, as people call a melody."""
    return name.rpartition(".")[0].strip() or name


class MelodyForm(BaseForm):
    """A new melody. Where only a file was sent, its own name serves."""

    file = SoundField(lazy_gettext("File"))
    name = TextField(lazy_gettext("Melody name"), most=NAME_MOST, optional=True)

    def check_together(self) -> None:
        """Refuse a melody without any name."""
        if not self.name.errors and not self.given_name:
            self.refuse("name", required())

    @property
    def given_name(self) -> str:
        """Return the name that was sent."""
        return self.name.data or self.file.file_name


class ChangedMelodyForm(BaseForm):
    """What a PUT changes: the name, the file, or both. It may repeat the id of its path."""

    melody_id: int
    file = SoundField(lazy_gettext("File"), optional=True)
    name = TextField(lazy_gettext("Melody name"), most=NAME_MOST, optional=True)
    id = IntField(optional=True)

    def check_together(self) -> None:
        """Refuse a change of nothing, and an id that is not the path's."""
        if all(field.data is None and not field.errors for field in (self.file, self.name)):
            for field in (self.file, self.name):
                self.refuse(field.name, FieldError("required_one_of", lazy_gettext("Send a name, a file, or both.")))
        if not self.id.errors and self.id.data not in {None, self.melody_id}:
            message = lazy_gettext("The URL says %(id)s. Send the same ID, or leave it out.", id=self.melody_id)
            self.refuse("id", FieldError("id_mismatch", message))


class PageForm(BaseForm):
    """A melody's page, which remembers the version it shows."""

    name = TextField(lazy_gettext("Melody name"), most=NAME_MOST)
    file = SoundField(
        lazy_gettext("Another file"),
        optional=True,
        description=lazy_gettext("Only if callers should hear a different recording. The rules stay as they are."),
    )
    version = IntField(optional=True)


class LibraryQuery(BaseForm):
    """What the library's page shows."""

    q = SoughtField(lazy_gettext("Search"), most=NAME_MOST, optional=True)
    page = IntField("page", most=10**9, default=1)


class ChoicesQuery(BaseForm):
    """What is typed into a picker of melodies."""

    q = SoughtField("q", most=NAME_MOST, optional=True)
