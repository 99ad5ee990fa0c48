"""Make the sound of single notes.

Every instrument takes a pitch in Hz and how long the note is held in seconds,
and returns the whole sound with its tail, at RATE_HZ, at about the same peak.
A telephone carries 300 to 3,400 Hz: basses are given overtones to be heard by.
"""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

RATE_HZ = 24_000
_TOP_HZ = 10_000

Sound = npt.NDArray[np.float64]
Instrument = Callable[[float, float], Sound]
Mode = tuple[float, float, float]
"""A partial: its ratio to the pitch, its amplitude, the time it takes to fall to 1/e in s."""


def piano(hz: float, hold: float) -> Sound:
    """Play two barely detuned, slightly stiff strings, damped when let go."""
    ring = 2.4 * (262 / hz) ** 0.5
    modes = [
        (k * (1 + 4e-4 * k * k) ** 0.5 * detune, 0.5 * k**-1.35, ring / (1 + 0.4 * (k - 1)))
        for k in range(1, 10)
        for detune in (0.9996, 1.0004)
    ]
    return _released(_struck(hz, hold + 0.6, modes, 0.004), hold, 0.12)


def electric_piano(hz: float, hold: float) -> Sound:
    """Play a tine by frequency modulation, brighter as it is struck."""
    t = _time(hold + 0.5)
    bend = 1.1 * np.exp(-t / 0.5) * np.sin(2 * np.pi * hz * t)
    tine = 0.1 * np.exp(-t / 0.06) * np.sin(2 * np.pi * min(7 * hz, _TOP_HZ) * t)
    tone = np.exp(-t / 1.3) * np.sin(2 * np.pi * hz * t + bend) + tine
    return _released(_swelled(tone, 0.004), hold, 0.1)


def music_box(hz: float, _hold: float) -> Sound:
    """Pluck a steel comb."""
    return _struck(hz, 2.2, [(1, 1, 0.75), (3.01, 0.22, 0.25), (5.4, 0.1, 0.08)], 0.002)


def celesta(hz: float, _hold: float) -> Sound:
    """Strike a steel plate with felt, over a wooden resonator."""
    return _struck(hz, 2.4, [(1, 1, 0.9), (2, 0.12, 0.5), (4, 0.2, 0.22)], 0.003)


def marimba(hz: float, _hold: float) -> Sound:
    """Strike a wooden bar, whose second mode is tuned two octaves up."""
    ring = 0.32 * (392 / hz) ** 0.5
    modes = [(1, 1, ring), (3.95, 0.28, ring / 4), (9.2, 0.1, ring / 10)]
    return _struck(hz, 6 * ring, modes, 0.003)


def vibraphone(hz: float, _hold: float) -> Sound:
    """Strike a metal bar under turning fans."""
    tone = _struck(hz, 4.0, [(1, 1, 1.3), (4, 0.18, 0.5), (10, 0.04, 0.1)], 0.004)
    return tone * (1 - 0.2 * (1 - np.cos(2 * np.pi * 4.6 * _time(len(tone) / RATE_HZ))))


def bell(hz: float, _hold: float) -> Sound:
    """Strike a small bell."""
    modes = [(0.5, 0.15, 1.8), (1, 1, 1.5), (2, 0.45, 0.9), (2.76, 0.14, 0.5), (4.07, 0.12, 0.3)]
    return _struck(hz, 4.5, modes, 0.002)


def guitar(hz: float, hold: float) -> Sound:
    """Pluck a nylon string."""
    return _released(_plucked(hz, hold + 1.2, 0.996, 30), hold + 0.4, 0.25)


def harp(hz: float, _hold: float) -> Sound:
    """Pluck a long string and leave it ringing."""
    return _plucked(hz, 2.6, 0.997, 45)


def bass(hz: float, hold: float) -> Sound:
    """Pluck an upright bass, with the overtones that a telephone carries."""
    modes = [(k, k**-0.8, 0.9 / k**0.5) for k in range(1, 9)]
    return _released(_struck(hz, hold + 0.3, modes, 0.008), hold, 0.07)


def strings(hz: float, hold: float) -> Sound:
    """Bow a small section: three players, none of them quite alike."""
    return _bowed(hz, hold, 1.3, 0.3, 0.5)


def pad(hz: float, hold: float) -> Sound:
    """Let a dark, slow chord voice swell and fade."""
    return _bowed(hz, hold, 1.9, 0.9, 1.0)


def flute(hz: float, hold: float) -> Sound:
    """Blow a soft flute, whose vibrato comes late."""
    t = _time(hold + 0.15)
    sway = 0.09 * np.clip(t - 0.25, 0, 0.5) * np.sin(2 * np.pi * 5.1 * t)
    tone = sum(a * np.sin(k * (2 * np.pi * hz * t + sway * 12)) for k, a in _FLUTE)
    breath = 0.012 * _noise(len(t), int(hz))
    return _released(_swelled(tone + breath, 0.07), hold, 0.05)


def accordion(hz: float, hold: float) -> Sound:
    """Sound two reeds that beat against each other."""
    t = _time(hold + 0.15)
    tone = sum(
        0.5 / k**1.15 * np.sin(2 * np.pi * k * hz * detune * t + k)
        for k in range(1, int(min(12, _TOP_HZ / hz)))
        for detune in (0.9985, 1.0015)
    )
    return _released(_swelled(tone, 0.05), hold, 0.04)


def shaker(_hz: float, _hold: float) -> Sound:
    """Shake seeds, softly."""
    return _noise(1800, 11) * _swell_and_fall(1800, 0.012, 0.022)


def brush(_hz: float, _hold: float) -> Sound:
    """Sweep a drum with a wire brush."""
    return _noise(4800, 12) * _swell_and_fall(4800, 0.03, 0.06)


_FLUTE = ((1, 1.0), (2, 0.3), (3, 0.12), (4, 0.04))


def _time(seconds: float) -> Sound:
    return np.arange(round(seconds * RATE_HZ)) / RATE_HZ


def _noise(size: int, seed: int) -> Sound:
    """Make the same noise each time, so that the catalogue comes out the same."""
    return np.random.default_rng(seed).uniform(-1, 1, size)


def _struck(hz: float, seconds: float, modes: Sequence[Mode], attack: float) -> Sound:
    """Sum the decaying partials of what has been struck."""
    t = _time(seconds)
    tone = np.zeros_like(t)
    for ratio, amplitude, decay in modes:
        if hz * ratio < _TOP_HZ:
            tone += amplitude * np.exp(-t / decay) * np.sin(2 * np.pi * hz * ratio * t)
    return _faded(_swelled(tone, attack))


def _plucked(hz: float, seconds: float, loss: float, softness: int) -> Sound:
    """Let a noise run round a delay line that averages it (Karplus and Strong, 1983).

    The line is a whole number of samples at about four times the rate, read
    back at the pitch that is wanted; so every string is in tune.
    """
    period = int(np.ceil(4 * RATE_HZ / hz))
    line = _noise(period, round(hz))
    for _ in range(softness):
        line = _averaged(line)
    line = (line - line.mean()) / np.abs(line).max()
    turns = []
    for _ in range(int(seconds * hz) + 2):
        turns.append(line)
        line = loss * _averaged(_averaged(line))
    string = np.concatenate(turns)
    at = np.arange(round(seconds * RATE_HZ)) * period * hz / RATE_HZ
    return _faded(_swelled(np.interp(at, np.arange(len(string)), string), 0.001))


def _averaged(line: Sound) -> Sound:
    """Average neighbours evenly on both sides, which leaves the pitch alone."""
    return (np.roll(line, 1) + 2 * line + np.roll(line, -1)) / 4


def _bowed(hz: float, hold: float, slope: float, attack: float, release: float) -> Sound:
    """Sum the overtones of three detuned voices up to what a telephone carries."""
    t = _time(hold + 3 * release)
    tone = np.zeros_like(t)
    for voice, detune in enumerate((0.9978, 1.0, 1.0023)):
        sway = 0.0018 * np.sin(2 * np.pi * (4.3 + 0.4 * voice) * t + voice)
        for k in range(1, int(min(14, 5000 / hz)) + 1):
            turn = 2 * np.pi * k * hz * detune * t + k * hz * sway + 2.4 * k * voice
            tone += 0.33 * k**-slope * np.sin(turn)
    return _released(_swelled(tone, attack), hold, release)


def _swelled(tone: Sound, attack: float) -> Sound:
    size = min(len(tone), max(1, round(attack * RATE_HZ)))
    tone = tone.copy()
    tone[:size] *= 0.5 - 0.5 * np.cos(np.pi * np.arange(size) / size)
    return tone


def _released(tone: Sound, hold: float, release: float) -> Sound:
    """Let a tone die away from the end of its note on."""
    late = np.clip(_time(len(tone) / RATE_HZ) - hold, 0, None)
    return _faded(tone * np.exp(-late / release))


def _faded(tone: Sound) -> Sound:
    """End a tone at nothing, over its last 50 ms."""
    size = min(len(tone), RATE_HZ // 20)
    tone[-size:] *= np.linspace(1, 0, size)
    return tone


def _swell_and_fall(size: int, attack: float, decay: float) -> Sound:
    t = np.arange(size) / RATE_HZ
    return np.asarray(np.minimum(1, t / attack) * np.exp(-np.clip(t - attack, 0, None) / decay))
