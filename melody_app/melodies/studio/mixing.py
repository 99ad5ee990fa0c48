"""Turn a score into sound that loops without a seam.

Time is a ring here: what rings past the end goes on at the beginning, and the
reverberation and the change of rate run around the ring as well.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import soxr

from .instruments import RATE_HZ, Instrument, Sound
from .notation import Note

CALLERS_RATE_HZ = 8_000
_REDUCTION = RATE_HZ // CALLERS_RATE_HZ
_LOWEST_HZ = 90.0


@dataclass(frozen=True, slots=True)
class Part:
    """Hold what one instrument plays, and how loud it is in the mix."""

    instrument: Instrument
    notes: Sequence[Note]
    gain: float = 1.0


@dataclass(frozen=True, slots=True)
class Piece:
    """Hold a melody of the catalogue."""

    id: int
    slug: str
    name_ru: str
    name_en: str
    bpm: float
    beats: int
    parts: tuple[Part, ...]
    reverb: float = 0.2
    """The share of the room in the sound."""


def render(piece: Piece) -> Sound:
    """Play a piece once around, at RATE_HZ, from where it begins most quietly."""
    # Whole samples at the callers' rate too, or its loop would be out of step.
    size = round(piece.beats * 60 / piece.bpm * CALLERS_RATE_HZ) * _REDUCTION
    ring = np.zeros(size)
    chance = np.random.default_rng(piece.id)
    for part in piece.parts:
        for note in part.notes:
            sound = _sound(part.instrument, note.key, round(note.length * 60 / piece.bpm, 3))
            # Nobody plays like a machine: a few milliseconds, a few per cent.
            start = note.beat * 60 / piece.bpm + chance.normal(0, 0.004)
            force = part.gain * note.force * (1 + chance.normal(0, 0.05))
            at = (round(start * RATE_HZ) + np.arange(len(sound))) % size
            np.add.at(ring, at, force * sound)
    return _begun_quietly(_in_a_room(ring, piece.reverb))


def for_callers(ring: Sound) -> Sound:
    """Bring a loop to the callers' rate, its seam filtered like every other place."""
    lap = RATE_HZ
    around = np.concatenate([ring[-lap:], ring, ring[:lap]])
    lower = soxr.resample(around, RATE_HZ, CALLERS_RATE_HZ, quality="VHQ")
    edge = lap // _REDUCTION
    return np.asarray(lower[edge : edge + len(ring) // _REDUCTION], np.float64)


@cache
def _sound(instrument: Instrument, key: int, hold: float) -> Sound:
    sound = instrument(440 * 2.0 ** ((key - 69) / 12), hold)
    return np.asarray(sound / np.abs(sound).max())


def _begun_quietly(ring: Sound) -> Sound:
    """Turn the ring to begin in the quietest moment before the first beat.

    Whoever is put through hears it begin out of nothing, where the tails of
    the last notes would be a click.
    """
    pause, moment = RATE_HZ // 4, RATE_HZ // 100
    power = np.convolve(ring[-pause:] ** 2, np.ones(moment), "valid")
    quietest = len(ring) - pause + int(power.argmin())
    crossing = quietest + int(np.abs(ring[quietest : quietest + moment]).argmin())
    return np.roll(ring, -crossing)


def _in_a_room(ring: Sound, share: float) -> Sound:
    """Add reverberation, and take away the rumble that no telephone carries."""
    t = np.arange(int(1.5 * RATE_HZ)) / RATE_HZ
    echo = np.random.default_rng(7).standard_normal(len(t)) * np.exp(-t / 0.28)
    echo[: RATE_HZ // 100] = 0
    response = np.fft.rfft(echo / np.sqrt(np.sum(echo**2)), len(ring))
    hz = np.fft.rfftfreq(len(ring), 1 / RATE_HZ)
    response /= 1 + (hz / 2500) ** 2
    clean = hz**2 / (hz**2 + _LOWEST_HZ**2)
    return np.fft.irfft(np.fft.rfft(ring) * clean * (1 + share * response), len(ring))
