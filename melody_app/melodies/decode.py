"""Decode an untrusted sound file; a child process of audio.py.

Decoders are what attackers aim at, and libsndfile has crashed on a large OGG
block: here they can take nothing down but this process, which has no secret
in its environment and limits on what it may use.

    python -m melody_app.melodies.decode < upload > result

Standard input must be a file (libsndfile seeks in it). The answer on standard
output is one line of JSON: `{"refused": CODE}`, or the fields of report.Report
followed, after the line's end, by a WAV. The exit status is 0 for both; any
other end is a crash. Nothing is printed of what a library says.
"""

import json
import os
import resource
import signal
import sys
import wave
from contextlib import suppress
from dataclasses import asdict, dataclass, field

import numpy as np
import numpy.typing as npt
import soundfile
import soxr

from .containers import OTHER_SOUND, TAKEN_SOUND, has_magic, is_cut_short, is_other_ogg
from .level import Levelled, Mix, level, mix_to_mono, waveform
from .loudness import decibels
from .report import (
    MAX_BYTES,
    MAX_CHANNELS,
    MAX_RATE_HZ,
    MAX_SECONDS,
    MIN_RATE_HZ,
    RATE_HZ,
    Refusal,
    Report,
)

CPU_SECONDS = 30
"""Ten minutes of stereo Opus, the slowest of all, took 8 to 10 on the machine this was made on."""
WALL_SECONDS = 60
MEMORY_BYTES = 1024 * 1024 * 1024
FORMATS = {"WAV": "wav", "WAVEX": "wav", "FLAC": "flac", "OGG": "ogg", "MP3": "mp3"}

_BLOCK = 65_536
_PADDING_S = 0.5
"""By as much, at most, an MP3 is longer than what was saved as one: its delay and its last block are filled up."""
_WHOLE = 0.98
_UNKNOWN_LENGTH = 2**63 - 1
_FULL_SCALE = 1 - 2**-15
_LARGEST = 8.0
"""Float files may pass full scale by 18 dB and are turned down; what is beyond is no sound."""

Frames = npt.NDArray[np.float32]


class Refused(Exception):  # noqa: N818 - an answer, not a fault
    """Carry the code of a refusal."""

    def __init__(self, code: Refusal) -> None:
        super().__init__(code)
        self.code = code


@dataclass(slots=True)
class Decoded:
    """Gather a file's sound at 8 kHz, and what its own samples were like."""

    parts: list[Frames] = field(default_factory=list)
    frames: int = 0
    peak: float = 0.0
    clipped: int = 0

    def take(self, block: Frames) -> Frames:
        """Measure a block, and clean it of what is no number or no sound."""
        np.nan_to_num(block, copy=False, nan=0.0, posinf=_LARGEST, neginf=-_LARGEST)
        np.clip(block, -_LARGEST, _LARGEST, out=block)
        size = np.abs(block)
        peak = float(size.max())
        if peak >= _FULL_SCALE:
            self.clipped += _flat_tops(size >= _FULL_SCALE)
        self.peak = max(self.peak, peak)
        self.frames += len(block)
        return block


def main() -> None:
    """Answer for the file on standard input."""
    limit_self()
    try:
        report, pcm = examine(sys.stdin.fileno())
    except Refused as refused:
        _answer({"refused": refused.code})
        return
    _answer(asdict(report))
    with wave.open(sys.stdout.buffer, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE_HZ)
        out.setnframes(len(pcm))
        out.writeframesraw(pcm.astype("<i2").tobytes())


def limit_self() -> None:
    """Give up, for good, what decoding doesn't need."""
    for kind, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_FSIZE, MAX_BYTES),
        (resource.RLIMIT_NOFILE, 16),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))
    # At the soft limit SIGXCPU tells the parent why; at the hard one there is only SIGKILL.
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))
    # Outlives the parent no longer than this, should the parent be killed.
    signal.alarm(WALL_SECONDS)
    # Calls are looked up on the same processors, and go first.
    with suppress(OSError):  # a sandbox may forbid it
        os.nice(10)


def examine(fd: int) -> tuple[Report, npt.NDArray[np.int16]]:
    """Decode, level and describe a file.

    Args:
        fd: a seekable file at its beginning.

    Raises:
        Refused: it is no melody.
    """
    if is_other_ogg(fd, os.fstat(fd).st_size):
        raise Refused("unsupported_format")
    with _opened(fd) as source:
        if is_cut_short(fd, source.format, os.fstat(fd).st_size):
            raise Refused("cut_short")
        decoded = decode(source)
        frames = np.concatenate(decoded.parts)
        if not len(frames):
            raise Refused("empty")
        mono, mixed = mix_to_mono(frames)
        done = level(mono, RATE_HZ)
        return _reported(source, decoded, mixed, done), done.pcm


def decode(source: soundfile.SoundFile) -> Decoded:
    """Read all sound, block by block, at 8 kHz.

    Raises:
        Refused: it is empty, too long, or less than declared.
    """
    stream = soxr.ResampleStream(source.samplerate, RATE_HZ, source.channels, dtype="float32")
    decoded, more = Decoded(), True
    while more:
        block = _read(source)
        more = len(block) > 0
        if more:
            decoded.take(block)
        if decoded.frames > (MAX_SECONDS + _PADDING_S) * source.samplerate:
            raise Refused("too_long")
        if source.samplerate != RATE_HZ:
            block = stream.resample_chunk(block, last=not more)
        decoded.parts.append(block)
    _require_whole(decoded.frames, source.frames)
    return decoded


def _reported(source: soundfile.SoundFile, decoded: Decoded, mixed: Mix, done: Levelled) -> Report:
    return Report(
        format=FORMATS[source.format],
        codec=source.subtype.lower(),
        duration_s=round(decoded.frames / source.samplerate, 3),
        channels=source.channels,
        sample_rate_hz=source.samplerate,
        peak_dbfs=_rounded(decibels(decoded.peak)),
        loudness_lufs=_rounded(done.loudness_before_lufs),
        clipped=round(decoded.clipped / (decoded.frames * source.channels), 6),
        nearly_silent=done.nearly_silent,
        mixed=mixed,
        resampled=source.samplerate != RATE_HZ,
        gain_db=round(done.gain_db, 1) + 0.0,  # never -0.0
        limited_db=round(done.limited_db, 1),
        result_loudness_lufs=_rounded(done.loudness_lufs),
        result_peak_dbtp=_rounded(done.peak_dbtp),
        waveform=tuple(waveform(done.pcm)),
    )


def _opened(fd: int) -> soundfile.SoundFile:
    try:
        source = soundfile.SoundFile(fd, closefd=False)
    except soundfile.LibsndfileError:
        raise Refused(_why_unopened(os.pread(fd, 16, 0))) from None
    if source.format not in FORMATS:
        raise Refused("unsupported_format")
    if source.channels > MAX_CHANNELS:
        raise Refused("too_many_channels")
    if not MIN_RATE_HZ <= source.samplerate <= MAX_RATE_HZ:
        raise Refused("sample_rate")
    return source


def _why_unopened(head: bytes) -> Refusal:
    if not head:
        return "empty"
    if has_magic(head, OTHER_SOUND):
        return "unsupported_format"
    return "cut_short" if has_magic(head, TAKEN_SOUND) else "not_audio"


def _read(source: soundfile.SoundFile) -> Frames:
    try:
        block: Frames = source.read(_BLOCK, dtype="float32", always_2d=True)
    except soundfile.LibsndfileError:
        raise Refused("cut_short") from None
    return block


def _require_whole(frames: int, declared: int) -> None:
    """Refuse a file that decoded to less than it declares, as damaged MP3s do without an error."""
    if declared < _UNKNOWN_LENGTH and frames < _WHOLE * declared:
        raise Refused("cut_short")
    if not frames:
        raise Refused("empty")


def _flat_tops(full: npt.NDArray[np.bool_]) -> int:
    """Count the samples at full scale that have such neighbours, three or more in a row."""
    runs = full[:-2] & full[1:-1] & full[2:]
    flat = np.zeros_like(full)
    for shift in range(3):
        flat[shift : shift + len(runs)] |= runs
    return int(flat.sum())


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def _answer(values: dict[str, object]) -> None:
    sys.stdout.buffer.write(json.dumps(values, allow_nan=False).encode() + b"\n")


if __name__ == "__main__":
    main()
