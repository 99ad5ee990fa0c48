"""A file and what became of it: decoded in a child process, a few at a time."""

import hashlib
import threading
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from melody_app.db import UnavailableError
from melody_app.melodies import audio

DECODERS = 2
"""As many files are decoded at once by one process: each may take a gigabyte."""

WAIT_S = 30

_decoders = threading.BoundedSemaphore(DECODERS)


@dataclass(frozen=True)
class Sound:
    """A file ready to be stored.

    Args:
        wav: what callers hear.
        original: the file as uploaded.
        original_format: what it is: `wav`, `flac`, `ogg` or `mp3`.
        report: the report of report.py.
    """

    wav: bytes
    original: bytes
    original_format: str
    report: dict[str, Any]

    @cached_property
    def sha256(self) -> str:
        """Return the hash of what callers hear."""
        return hashlib.sha256(self.wav).hexdigest()

    @cached_property
    def original_sha256(self) -> str:
        """Return the hash of the file as uploaded."""
        return hashlib.sha256(self.original).hexdigest()

    @property
    def size(self) -> int:
        """Return what both take, in bytes."""
        return len(self.wav) + len(self.original)


def make(data: bytes) -> Sound:
    """Decode a file.

    Args:
        data: a sound file.

    Raises:
        AudioRefused: it can't be a melody.
        UnavailableError: too many others are being decoded.
    """
    if not _decoders.acquire(timeout=WAIT_S):
        raise UnavailableError
    try:
        converted = audio.convert(data)
    finally:
        _decoders.release()
    return Sound(converted.wav, data, converted.report.format, asdict(converted.report))
