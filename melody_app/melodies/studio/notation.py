"""Write music down in text, and read it as notes.

A melody is `f#5:1.5 e5:.5 -:1`: a pitch or a rest, and its length in beats
(1 when absent). A harmony is `Dm7 G7:2 C:2`: chords, a bar long when absent.
Bar lines (`|`) are for the reader.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

_STEPS = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11}
_OFFBEAT = 0.5
_ACCIDENTALS = {"#": 1, "b": -1}
_QUALITIES = {
    "": (0, 4, 7),
    "m": (0, 3, 7),
    "6": (0, 4, 7, 9),
    "m6": (0, 3, 7, 9),
    "7": (0, 4, 7, 10),
    "m7": (0, 3, 7, 10),
    "maj7": (0, 4, 7, 11),
    "sus4": (0, 5, 7),
    "7sus4": (0, 5, 7, 10),
    "add9": (0, 2, 4, 7),
    "m9": (0, 2, 3, 7, 10),
    "13": (0, 4, 9, 10),
    "m7b5": (0, 3, 6, 10),
}


@dataclass(frozen=True, slots=True)
class Note:
    """Hold a note: when and how long in beats, which key (60 is middle C), how strong (0 to 1)."""

    beat: float
    length: float
    key: int
    force: float = 1.0


@dataclass(frozen=True, slots=True)
class Chord:
    """Hold a chord: when and how long in beats, its root (0 is C), its intervals."""

    beat: float
    length: float
    root: int
    intervals: tuple[int, ...]

    def voiced(self, low: int, count: int) -> list[int]:
        """Stack `count` of its tones from the key `low` upwards, so that chords follow closely."""
        tones = {(self.root + step) % 12 for step in self.intervals}
        return [key for key in range(low, low + 48) if key % 12 in tones][:count]

    def bass(self, low: int = 43) -> int:
        """Find its root in the octave from the key `low`."""
        return low + (self.root - low) % 12


Pattern = Callable[[Chord], Iterable[Note]]


def melody(text: str, force: float = 1.0) -> list[Note]:
    """Read a melody."""
    notes, beat = [], 0.0
    for name, length in _tokens(text, 1.0):
        if name != "-":
            key = _pitch_class(name[:-1]) + 12 * (int(name[-1]) + 1)
            notes.append(Note(beat, length, key, force))
        beat += length
    return notes


def harmony(text: str, bar: float) -> list[Chord]:
    """Read a harmony whose bars have so many beats."""
    chords, beat = [], 0.0
    for name, length in _tokens(text, bar):
        split = 2 if name[1:2] in ("#", "b") else 1
        root = _pitch_class(name[:split].lower()) % 12
        chords.append(Chord(beat, length, root, _QUALITIES[name[split:]]))
        beat += length
    return chords


def played(chords: Sequence[Chord], pattern: Pattern) -> list[Note]:
    """Play every chord by a pattern, whose beats count from the chord's own."""
    return [
        replace(note, beat=chord.beat + note.beat)
        for chord in chords
        for note in pattern(chord)
        if note.beat < chord.length
    ]


def arpeggio(order: Sequence[int], step: float, low: int, force: float = 0.6) -> Pattern:
    """Break a chord: its tones in the given order, `step` beats apart."""
    return lambda chord: [
        Note(
            i * step,
            2 * step,
            chord.voiced(low, max(order) + 1)[tone],
            force * (0.85 + 0.15 * (i % 4 == 0)),
        )
        for i, tone in enumerate(order)
    ]


def block(beats: Sequence[float], length: float, low: int, count: int, force: float = 0.5) -> Pattern:
    """Strike a chord whole, on each of the given beats."""
    return lambda chord: [
        Note(beat, min(length, chord.length), key, force) for beat in beats for key in chord.voiced(low, count)
    ]


def roots(beats: Sequence[float], length: float, force: float = 0.7) -> Pattern:
    """Play the root on the first of the beats and the fifth or root, in turn, on the others."""
    return lambda chord: [
        Note(beat, min(length, chord.length), chord.bass() + (7 if i % 2 else 0), force) for i, beat in enumerate(beats)
    ]


def walking(chords: Sequence[Chord], force: float = 0.8) -> list[Note]:
    """Walk a bass through a harmony: chord tones, and a half-tone into each next root."""
    notes = []
    for chord, following in zip(chords, [*chords[1:], chords[0]], strict=True):
        root = chord.bass()
        way = [root + step for step in (0, chord.intervals[1], chord.intervals[2])]
        way = [*way[: int(chord.length) - 1], following.bass() + 1]
        notes += [Note(chord.beat + i, 0.95, key, force) for i, key in enumerate(way)]
    return notes


def beaten(beats: Sequence[float], bar: float, bars: int, force: float) -> list[Note]:
    """Repeat a rhythm, for what has no pitch."""
    return [Note(bar * i + beat, 0.1, 60, force) for i in range(bars) for beat in beats]


def swung(notes: Iterable[Note]) -> list[Note]:
    """Play the second of two quavers late, as two thirds to one."""
    return [replace(note, beat=note.beat + (note.beat % 1 == _OFFBEAT) / 6) for note in notes]


def _tokens(text: str, length: float) -> list[tuple[str, float]]:
    pairs = [word.partition(":") for word in text.replace("|", " ").split()]
    return [(name, float(beats or length)) for name, _, beats in pairs]


def _pitch_class(name: str) -> int:
    return _STEPS[name[0]] + sum(_ACCIDENTALS[sign] for sign in name[1:])
