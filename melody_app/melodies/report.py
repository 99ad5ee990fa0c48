"""What the converting parent and the decoding child agree on.

Standard library only: web workers import this, and must not load numpy.
Imports among the audio modules are relative, because the child knows this
folder as `melodies`, not as `melody_app.melodies` (see audio.py).
"""

from dataclasses import dataclass
from typing import Any, Literal, get_args

MAX_BYTES = 20 * 1024 * 1024
MAX_SECONDS = 600
MIN_RATE_HZ, MAX_RATE_HZ = 4_000, 192_000
MAX_CHANNELS = 2
RATE_HZ = 8_000
"""What telephone exchanges play: WAV, PCM 16 bit, mono, 8 kHz."""

Refusal = Literal[
    "empty",  # no bytes, or no sound in the file
    "too_large",  # over MAX_BYTES
    "not_audio",  # no known sound format
    "unsupported_format",  # sound, but not WAV, FLAC, OGG or MP3
    "too_many_channels",  # more than two
    "sample_rate",  # outside 4 to 192 kHz
    "cut_short",  # less sound than declared: cut short, or damaged
    "too_long",  # over MAX_SECONDS
    "timed_out",  # decoding took too long
    "crashed",  # the decoder died
]
REFUSALS: tuple[Refusal, ...] = get_args(Refusal)


@dataclass(frozen=True, slots=True)
class Report:
    """Say what was in an uploaded file and what was done to it.

    Loudness is of what a telephone carries of the file (mono, 8 kHz): see
    loudness.py. A level of None means silence, whose decibels are not finite.
    """

    format: str
    """wav, flac, ogg or mp3, by content."""
    codec: str
    """As libsndfile names it, in lower case: pcm_16, vorbis, opus..."""
    duration_s: float
    channels: int
    sample_rate_hz: int
    peak_dbfs: float | None
    """The largest sample of the file; above 0 where a float file exceeds full scale."""
    loudness_lufs: float | None
    """Before levelling."""
    clipped: float
    """The share (0 to 1) of samples at full scale, three or more in a row."""
    nearly_silent: bool
    mixed: Literal["none", "average", "left", "right"]
    """How two channels became one; one side alone where both would cancel out."""
    resampled: bool
    gain_db: float
    limited_db: float
    """How far the loudest peak was held back; 0 where the gain alone was enough."""
    result_loudness_lufs: float | None
    result_peak_dbtp: float | None
    waveform: tuple[int, ...]
    """The picture: up to 600 peaks, 0 to 100, of the result's largest."""

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "Report":
        """Build a report from the child's JSON.

        Raises:
            TypeError: a field is missing or unknown.
        """
        return cls(**{**values, "waveform": tuple(values["waveform"])})
