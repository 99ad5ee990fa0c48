"""Bring a melody to one channel and one loudness, without clipping.

The loudness is -23 LUFS, the target level of EBU R 128. For 8 kHz mono that is
about -23 dB RMS below full scale, next to the level which RFC 7874, section 4,
asks of speech on the wire (an RMS of 2,600 in 16 bit, -22 dB): a melody is as
loud as the person who then answers. Peaks stay under -1 dBTP (EBU R 128).

There is no dither: A-law, which comes after, rounds to steps of 16 and more of
the 16 bit scale, so dither of one step is lost in it; and without it the same
file always gives the same bytes, and so the same address.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import soxr

from .loudness import decibels, integrated_lufs, true_peak

TARGET_LUFS = -23.0
CEILING_DBTP = -1.0
MAX_GAIN_DB = 30.0
"""A file that needs more is nearly silent: more gain would only bring up its noise."""
FAINT_LUFS = TARGET_LUFS - 15
"""What stays below this is nearly silent, too: its few loud moments allow no more gain."""
WAVEFORM_POINTS = 600

_TOLERANCE_LU = 0.1
_ROUNDS = 4
_LOOK_AHEAD_S = 0.005
_CANCELLED = 0.1
"""Below this share of the louder side's power, the sides have cancelled each other out."""

Mono = npt.NDArray[np.float64]
Mix = Literal["none", "average", "left", "right"]


@dataclass(frozen=True, slots=True)
class Levelled:
    """Hold a levelled signal and what was done to it."""

    pcm: npt.NDArray[np.int16]
    loudness_before_lufs: float | None
    loudness_lufs: float | None
    peak_dbtp: float | None
    nearly_silent: bool
    gain_db: float
    limited_db: float


def mix_to_mono(frames: npt.NDArray[np.floating]) -> tuple[Mono, Mix]:
    """Make one channel of one or two.

    Two sides of opposite phase cancel out when averaged (a widened or miswired
    stereo recording); then the louder side is taken alone.

    Args:
        frames: samples, one row a frame, one column a channel.
    """
    sides = np.ascontiguousarray(frames.T, np.float64)
    if len(sides) == 1:
        return sides[0], "none"
    left, right = sides
    mono = (left + right) / 2
    power = left @ left, right @ right
    if mono @ mono >= _CANCELLED * max(power):
        return mono, "average"
    return (left, "left") if power[0] >= power[1] else (right, "right")


def level(mono: Mono, rate_hz: int) -> Levelled:
    """Bring a signal to TARGET_LUFS with its true peak under CEILING_DBTP.

    Args:
        mono: samples of one channel, full scale 1.0; a constant offset is taken out.
        rate_hz: its sample rate.
    """
    centred = mono - mono.mean()
    before = integrated_lufs(centred, rate_hz)
    wanted = 0.0 if before is None else TARGET_LUFS - before
    gain_db = min(wanted, MAX_GAIN_DB)
    out, peak, limited_db = _within_ceiling(centred, gain_db, rate_hz)
    pcm = np.clip(np.rint(out * 32768), -32768, 32767).astype(np.int16)
    after = integrated_lufs(pcm / 32768, rate_hz)
    return Levelled(
        pcm=pcm,
        loudness_before_lufs=before,
        loudness_lufs=after,
        peak_dbtp=decibels(peak),
        nearly_silent=before is None or after is None or wanted > MAX_GAIN_DB or after < FAINT_LUFS,
        gain_db=gain_db,
        limited_db=limited_db,
    )


def waveform(pcm: npt.NDArray[np.int16]) -> list[int]:
    """Draw a signal as up to WAVEFORM_POINTS peaks of 0 to 100, the largest being 100."""
    size = np.abs(pcm.astype(np.int32))
    starts = np.linspace(0, len(size), min(WAVEFORM_POINTS, len(size)), endpoint=False)
    peaks = np.maximum.reduceat(size, starts.astype(np.intp))
    return [int(peak) for peak in np.rint(100 * peaks / max(1, peaks.max()))]


def _within_ceiling(signal: Mono, gain_db: float, rate_hz: int) -> tuple[Mono, float, float]:
    """Amplify, and hold back what would pass the ceiling.

    What the limiter takes away is made up for in a few rounds, so that a melody
    of sharp strokes comes out as loud as the others.

    Returns:
        The signal, its true peak, and how far the loudest peak was held back in dB.
    """
    out = signal * 10 ** (gain_db / 20)
    peak = true_peak(out, rate_hz)
    if peak <= 10 ** (CEILING_DBTP / 20):
        return out, peak, 0.0
    drive_db = gain_db
    for _ in range(_ROUNDS):
        out, limited_db = _limited(signal * 10 ** (drive_db / 20), rate_hz)
        loudness = integrated_lufs(out, rate_hz)
        short = 0.0 if loudness is None else TARGET_LUFS - loudness
        if gain_db == MAX_GAIN_DB or short < _TOLERANCE_LU:
            break
        drive_db += short
    return out, true_peak(out, rate_hz), limited_db


def _limited(signal: Mono, rate_hz: int) -> tuple[Mono, float]:
    """Turn the gain down around each peak, smoothly, beginning before the peak.

    The least gain that is needed within the look-ahead, averaged over the same
    span, is never above what the peak itself needs.
    """
    reach = max(1, round(_LOOK_AHEAD_S * rate_hz))
    needed = np.minimum(1.0, _ceiling_gain(signal, rate_hz))
    edged = np.pad(needed, 2 * reach, constant_values=1.0)
    least = np.lib.stride_tricks.sliding_window_view(edged, 2 * reach + 1).min(axis=1)
    window = np.hanning(2 * reach + 3)[1:-1]
    gain = np.convolve(least, window / window.sum(), "valid")
    return signal * gain, max(0.0, -20 * float(np.log10(gain.min())))


def _ceiling_gain(signal: Mono, rate_hz: int) -> Mono:
    """Say for each sample which gain keeps it, and what lies between it and the next, under."""
    finer = soxr.resample(signal.astype(np.float32), rate_hz, 4 * rate_hz)
    finer = np.resize(np.abs(finer), 4 * len(signal)).reshape(-1, 4)
    peaks = np.maximum(finer.max(axis=1), np.abs(signal))
    # A tenth of a decibel of reserve for what fourfold oversampling reads low.
    ceiling = 10 ** ((CEILING_DBTP - 0.1) / 20)
    return np.asarray(ceiling / np.maximum(peaks, 1e-9), np.float64)
