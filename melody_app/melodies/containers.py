"""Look into a sound file's container for what libsndfile doesn't tell.

libsndfile silently shortens a WAV or an OGG that was cut short to what is
there (seen with 1.2.2), so both are checked here.
"""

import os
import struct
from collections.abc import Iterator

OTHER_SOUND = (
    (4, b"ftyp"),  # M4A, MP4
    (0, b"FORM"),  # AIFF
    (0, b".snd"),  # AU
    (0, b"caff"),
    (0, b"#!AMR"),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11"),  # WMA
    (0, b"\xff\xf1"),  # AAC in ADTS
    (0, b"\xff\xf9"),
    (0, b"MThd"),  # MIDI
    (0, b"wvpk"),
    (0, b"MAC "),
    (0, b"\x1a\x45\xdf\xa3"),  # WebM, Matroska
)
TAKEN_SOUND = ((8, b"WAVE"), (0, b"fLaC"), (0, b"OggS"), (0, b"ID3"))
_ENDLESS = 0x7FFF0000
"""Data sizes from here on are what programs write that don't know the length."""
_OGG_HEADER = 27
"""Without its table of segment lengths, whose own length is the last byte."""
_OGG_SERIAL = slice(14, 18)
_OTHER_IN_OGG = (b"\x7fFLAC", b"Speex   ", b"PCM     ", b"\x80theora", b"fishead\x00")
_OGG_PAGE = 65_307
"""The largest page there is (RFC 3533, section 6)."""


def has_magic(head: bytes, magics: tuple[tuple[int, bytes], ...]) -> bool:
    """Tell whether a file's first bytes hold one of the signatures."""
    return any(head[at : at + len(magic)] == magic for at, magic in magics)


def is_other_ogg(fd: int, size: int) -> bool:
    """Tell whether an OGG holds something else than one stream of Vorbis or Opus.

    Of streams one after the other, as recordings of a broadcast have them, libsndfile reads the first
    and says nothing of the rest; of FLAC or Speex it says what it says of damaged files.

    Args:
        fd: a seekable file; its position is left alone.
        size: the file's length in bytes.
    """
    first, last = os.pread(fd, _OGG_PAGE, 0), _last_ogg_page(fd, size)
    if not first.startswith(b"OggS") or len(first) < _OGG_HEADER:
        return False
    content = first[_OGG_HEADER + first[_OGG_HEADER - 1] :]
    return content.startswith(_OTHER_IN_OGG) or (len(last) >= _OGG_HEADER and last[_OGG_SERIAL] != first[_OGG_SERIAL])


def is_cut_short(fd: int, container: str, size: int) -> bool:
    """Tell whether a container ends before its own declared end.

    Args:
        fd: a seekable file; its position is left alone.
        container: libsndfile's name of the format.
        size: the file's length in bytes.
    """
    if container in ("WAV", "WAVEX"):
        return _is_wav_short(fd, size)
    return container == "OGG" and not _ogg_ends(fd, size)


def _is_wav_short(fd: int, size: int) -> bool:
    for name, start, length in _riff_chunks(fd, size):
        if name == b"data":
            return length < _ENDLESS and size - start < 0.98 * length
    return False


def _riff_chunks(fd: int, size: int) -> Iterator[tuple[bytes, int, int]]:
    at = 12
    while at + 8 <= size:
        name, length = struct.unpack("<4sI", os.pread(fd, 8, at))
        yield name, at + 8, length
        at += 8 + length + length % 2


def _ogg_ends(fd: int, size: int) -> bool:
    """Tell whether the last page is whole and says that it is the last (RFC 3533, section 6)."""
    page = _last_ogg_page(fd, size)
    if len(page) < _OGG_HEADER or len(page) < (table := _OGG_HEADER + page[26]):
        return False
    whole = table + sum(page[_OGG_HEADER:table])
    return len(page) >= whole and bool(page[5] & 0x04)


def _last_ogg_page(fd: int, size: int) -> bytes:
    tail = os.pread(fd, 2 * _OGG_PAGE, max(0, size - 2 * _OGG_PAGE))
    at = tail.rfind(b"OggS")
    return tail[at:] if at >= 0 else b""
