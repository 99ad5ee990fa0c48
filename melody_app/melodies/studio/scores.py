"""The music itself: twelve short melodies, composed for this catalogue."""

from .instruments import (
    accordion,
    bass,
    bell,
    brush,
    celesta,
    electric_piano,
    flute,
    guitar,
    harp,
    marimba,
    music_box,
    pad,
    piano,
    shaker,
    strings,
    vibraphone,
)
from .mixing import Part, Piece
from .notation import arpeggio, beaten, block, harmony, melody, played, roots, swung, walking


def morning_light() -> Piece:
    """A quiet piano song in D."""
    chords = harmony("D Bm7 Gmaj7 A | D F#m7 Gmaj7 A7 | Bm7 F#m7 Em7 A7", 4)
    tune = melody(
        "f#5:1.5 e5:.5 d5 a4 | b4:1.5 d5:.5 f#5:2 | g5:1.5 f#5:.5 e5 d5 | e5:3 -:1 |"
        "f#5:1.5 g5:.5 a5 f#5 | e5:1.5 c#5:.5 a4:2 | b4 d5 g5 f#5 | e5:3 c#5:1 |"
        "d5:1.5 e5:.5 f#5 b5 | a5:1.5 f#5:.5 c#5:2 | e5 g5 b4 d5 | c#5:1.5 d5:.5 e5:2"
    )
    hand = played(chords, arpeggio([0, 2, 1, 2, 3, 2, 1, 2], 0.5, 50, 0.4))
    low = played(chords, roots([0], 4, 0.5))
    parts = (Part(piano, tune), Part(piano, hand), Part(piano, low))
    return Piece(50, "morning-light", "Утренний свет", "Morning Light", 88, 48, parts, 0.25)


def little_box() -> Piece:
    """A music box in F, in three."""
    chords = harmony("F Dm Bb C7 | F Am Gm7 C7 | Bb C7 Am Dm | Gm7 C7 F C7", 3)
    tune = melody(
        "a5 c6 f6 | e6 d6:2 | bb5 d6 f6 | e6:2 c6 | a5 c6 a6 | g6 e6:2 | f6 d6 bb5 | g5:2 c6 |"
        "d6 f6 bb6 | g6:2 e6 | c6 e6 a6 | f6:2 d6 | bb5 d6 g6 | e6 c6 bb5 | a5 f5 a5 | g5 bb5 c6"
    )
    hand = played(chords, arpeggio([0, 1, 2], 1, 60, 0.45))
    parts = (Part(music_box, tune), Part(music_box, hand))
    return Piece(51, "music-box", "Музыкальная шкатулка", "Music Box", 126, 48, parts, 0.2)


def sunny_courtyard() -> Piece:
    """A skipping marimba in G."""
    chords = harmony("G C G D | G C Em D | C G Am7 D", 4)
    tune = melody(
        "b4:.5 d5:.5 -:.5 d5:.5 e5:.5 d5:.5 b4 | c5:.5 e5:.5 -:.5 e5:.5 g5:.5 e5:.5 d5 |"
        "b4:.5 d5:.5 g5 a5:.5 g5:.5 d5 | e5:.5 d5:.5 b4:.5 a4:1.5 - |"
        "g5:.5 b5:.5 -:.5 b5:.5 a5:.5 g5:.5 d5 | e5:.5 g5:.5 -:.5 g5:.5 a5:.5 g5:.5 e5 |"
        "g5:.5 e5:.5 b4 e5:.5 g5:.5 b5 | a5:.5 f#5:.5 d5 -:.5 d5:.5 e5:.5 f#5:.5 |"
        "g5:.5 e5:.5 c5:.5 e5 g5:.5 e5 | d5:.5 b4:.5 g4:.5 b4 d5:.5 g5 |"
        "a5:.5 g5:.5 e5:.5 c5 e5:.5 a4 | b4:.5 a4:.5 d5 f#4:.5 a4:.5 -"
    )
    hand = played(chords, arpeggio([0, 2, 1, 2, 0, 2, 1, 2], 0.5, 55, 0.4))
    low = played(chords, roots([0, 1.5, 3], 0.9, 0.6))
    seeds = beaten([0.5, 1.5, 2.5, 3.5], 4, 12, 0.2)
    parts = (Part(marimba, tune), Part(marimba, hand), Part(bass, low, 0.7), Part(shaker, seeds))
    return Piece(52, "sunny-courtyard", "Солнечный двор", "Sunny Courtyard", 116, 48, parts, 0.15)


def quiet_harbour() -> Piece:
    """A flute over slow strings in B flat."""
    chords = harmony("Bb Gm7 Ebmaj7 F | Bb Dm7 Ebmaj7 F7sus4:2 F7:2", 4)
    tune = melody(
        "f5:2 d5 bb4 | d5:3 c5 | bb4:2 g5 f5 | c5:3 - |f5:2 bb5 a5 | f5:3 d5 | g5:1.5 f5:.5 eb5 d5 | c5:2 a4 c5"
    )
    bows = played(chords, block([0], 4, 53, 4, 0.5))
    low = played(chords, roots([0], 4, 0.5))
    parts = (Part(flute, tune, 0.9), Part(strings, bows, 0.8), Part(strings, low, 0.9))
    return Piece(53, "quiet-harbour", "Тихая гавань", "Quiet Harbour", 66, 32, parts, 0.3)


def guitar_by_the_window() -> Piece:
    """A picked guitar in A minor."""
    chords = harmony("Am Fmaj7 C G | Am Dm7 Esus4 E7 | F C Dm7 E7", 4)
    tune = melody(
        "e5:2 c5 b4 | a4:3 c5 | g5:2 e5 d5 | d5:1.5 b4:.5 g4:2 |"
        "e5 a5:2 g5 | f5:2 d5 f5 | e5:2 b4 a4 | g#4:2 b4 e5 |"
        "a5:1.5 g5:.5 f5 c5 | g5:1.5 f5:.5 e5:2 | f5 e5:.5 d5:.5 a4:2 | b4:2 g#4 b4"
    )
    hand = played(chords, arpeggio([0, 1, 2, 3, 1, 2, 3, 2], 0.5, 52, 0.45))
    low = played(chords, roots([0, 2], 2, 0.6))
    parts = (Part(guitar, tune), Part(guitar, hand), Part(guitar, low))
    return Piece(54, "guitar", "Гитара у окна", "Guitar by the Window", 92, 48, parts, 0.2)


def little_bells() -> Piece:
    """Bells over a harp in C."""
    chords = harmony("C Em7 Fmaj7 G | Am7 Em7 Fmaj7 Gsus4 | Dm7 Em7 Fmaj7 G", 4)
    tune = melody(
        "g5 e6:2 d6 | b5:3 g5 | a5 c6 e6 c6 | d6:3 - | e6 c6:2 a5 | b5 g5 e6:2 |"
        "c6 a5 f6 e6 | d6:2 c6:2 | f6 d6 a5:2 | g6 e6 b5:2 | a6 e6 c6 a5 | b5:2 d6:2",
        0.8,
    )
    hand = played(chords, arpeggio([0, 1, 2, 3, 4, 3, 2, 1], 0.5, 55, 0.6))
    parts = (Part(bell, tune, 0.8), Part(harp, hand))
    return Piece(55, "little-bells", "Колокольчики", "Little Bells", 100, 48, parts, 0.25)


def city_waltz() -> Piece:
    """An accordion and a piano, in D minor."""
    chords = harmony("Dm Dm Gm Gm | A7 A7 Dm Dm | F F C7 C7 | Gm A7 Dm Dm | Bb Bb F F | Gm Dm Em7b5 A7", 3)
    tune = melody(
        "a4 d5 f5 | e5:2 d5 | bb4 d5 g5 | f5:2 d5 | e5 g5 bb5 | a5:2 c#5 | d5 e5 f5 | d5:3 |"
        "c5 f5 a5 | g5:2 f5 | e5 g5 c6 | bb5:2 g5 | d5 g5 bb5 | a5 g5 e5 | f5 e5 f5 | d5:2 - |"
        "d5 f5 bb5 | a5:2 g5 | c5 f5 a5 | g5:2 f5 | bb4 d5 g5 | f5 e5 d5 | g5 bb5 g5 | e5 c#5 -"
    )
    hand = played(chords, block([1, 2], 0.5, 57, 3, 0.3))
    low = played(chords, roots([0], 0.9, 0.8))
    parts = (Part(accordion, tune, 0.6), Part(piano, hand), Part(bass, low, 0.6))
    return Piece(56, "city-waltz", "Городской вальс", "City Waltz", 138, 72, parts, 0.2)


def evening_jazz() -> Piece:
    """A swinging electric piano in B flat, with a walking bass and brushes."""
    chords = harmony("Bbmaj7 Gm7 Cm7 F7 | Dm7 G7 Cm7 F7 | Ebmaj7 Ebm6 Dm7:2 G7:2 Cm7:2 F7:2", 4)
    tune = melody(
        "- d5:.5 f5:.5 a5 f5 | g5:1.5 f5:.5 d5 bb4 | - eb5:.5 g5:.5 bb5 g5 |"
        "a5:1.5 g5:.5 eb5 c5 | - f5:.5 a5:.5 c6 a5 | b5 g5:.5 f5:.5 d5:2 |"
        "eb5:.5 d5:.5 c5:.5 g4:1.5 bb4 | a4:.5 c5:.5 eb5:.5 g5:1.5 - |"
        "f5:.5 g5:.5 bb5 g5:.5 f5:.5 d5 | gb5:1.5 eb5:.5 c5 bb4 | f5 d5 b4 d5 |"
        "c5:.5 d5:.5 eb5 a4 c5"
    )
    hand = played(chords, block([0.5, 2], 0.6, 55, 4, 0.3))
    wires = beaten([0, 1, 1.5, 2, 3, 3.5], 4, 12, 0.16)
    parts = (
        Part(electric_piano, swung(tune), 0.9),
        Part(electric_piano, swung(hand), 1.1),
        Part(bass, walking(chords), 0.8),
        Part(brush, swung(wires)),
    )
    return Piece(57, "evening-jazz", "Вечерний джаз", "Evening Jazz", 112, 48, parts, 0.15)


def clouds() -> Piece:
    """Slow chords, and a vibraphone now and then."""
    chords = harmony("Fmaj7 G6 Em7 Am9 | Fmaj7 Cadd9 Dm9 G7sus4", 4)
    tune = melody(
        "- c6:2 a5 | b5:3 g5 | - d6:1.5 b5:.5 g5 | c6:4 | - e6:2 c6 | d6:2 g5:2 |- f5 a5 e6 | d6:3 -",
        0.7,
    )
    slow = played(chords, block([0], 4, 57, 4, 0.5))
    low = played(chords, roots([0], 4, 0.5))
    parts = (Part(vibraphone, tune, 0.8), Part(pad, slow, 0.55), Part(pad, low, 0.5))
    return Piece(58, "clouds", "Облака", "Clouds", 60, 32, parts, 0.35)


def lullaby() -> Piece:
    """A celesta rocked in six, in G."""
    chords = harmony("G C G D7 | Em C Am7 D7 | C G Am7 D7", 6)
    tune = melody(
        "b5:2 a5 g5:3 | e5:2 g5 e5:3 | d5:2 g5 b5:2 d6 | a5:5 - |"
        "b5:2 c6 b5:2 g5 | a5:2 g5 e5:3 | c6:2 b5 a5:2 e5 | f#5:3 a5:3 |"
        "e6:2 d6 c6:2 g5 | d6:2 b5 g5:3 | c6:2 a5 e5:2 g5 | f#5:3 d5:2 -"
    )
    hand = played(chords, arpeggio([0, 1, 2, 3, 2, 1], 1, 55, 0.4))
    bows = played(chords, block([0], 6, 55, 3, 0.4))
    parts = (Part(celesta, tune), Part(celesta, hand), Part(strings, bows, 0.5))
    return Piece(59, "lullaby", "Колыбельная", "Lullaby", 132, 72, parts, 0.25)


def office_morning() -> Piece:
    """A brisk beginning of the day, in A."""
    chords = harmony("A E F#m D | A E F#m D | D E C#m F#m | Bm7 E A E", 4)
    tune = melody(
        "c#5:.5 e5:.5 a5 g#5:.5 a5:.5 e5 | b4:.5 e5:.5 g#5 f#5:.5 g#5:.5 e5 |"
        "a4:.5 c#5:.5 f#5 e5:.5 f#5:.5 c#5 | d5:.5 f#5:.5 a5 f#5:2 |"
        "c#5:.5 e5:.5 a5 b5:.5 a5:.5 e5 | g#5:.5 b5:.5 e5 g#5:.5 b5:.5 g#5 |"
        "a5:.5 f#5:.5 c#5 f#5:.5 a5:.5 c#6 | b5:.5 a5:.5 f#5 d5 - |"
        "f#5 a5:.5 d6 c#6:.5 a5 | g#5 b5:.5 e6 b5:.5 g#5 |"
        "e5 g#5:.5 c#6 b5:.5 g#5 | a5 f#5:.5 c#5 e5:.5 f#5 |"
        "d5 f#5:.5 b5 a5:.5 f#5 | g#5 e5:.5 b4 e5:.5 g#5 | a5:1.5 e5:.5 c#5 e5 | b5 g#5 e5 -"
    )
    hand = played(chords, block([0.5, 1.5, 2.5, 3.5], 0.25, 57, 3, 0.35))
    low = played(chords, roots([0, 1.5, 2, 3.5], 0.45, 0.7))
    seeds = beaten([i / 2 for i in range(8)], 4, 16, 0.2)
    parts = (
        Part(electric_piano, tune),
        Part(guitar, hand, 1.6),
        Part(bass, low, 1.1),
        Part(shaker, seeds),
    )
    return Piece(60, "office-morning", "Рабочее утро", "Office Morning", 122, 64, parts, 0.15)


def seaside_bossa() -> Piece:
    """A bossa nova in C: vibraphone and guitar."""
    chords = harmony("Cmaj7 Am7 Dm9 G13 | Em7 A7 Dm7 G7 | Fmaj7 Fm6 Em7 A7 | Dm7 G7 Cmaj7 G7", 4)
    tune = melody(
        "e5:1.5 g5:1.5 b5 | a5:1.5 g5:.5 e5:2 | f5:1.5 a5:1.5 c6 | b5:1.5 a5:.5 e5:2 |"
        "g5:1.5 b5:1.5 d6 | c#6:1.5 b5:.5 g5 e5 | f5:1.5 a5:1.5 f5 | d5:3 - |"
        "a5:1.5 c6:1.5 e6 | d6:1.5 c6:.5 ab5:2 | g5:1.5 b5:1.5 g5 | c#5:1.5 e5:.5 g5 a5 |"
        "f5:1.5 e5:.5 d5 a4 | b4:1.5 d5:.5 f5 a5 | g5:3 e5 | d5:2 b4 d5"
    )
    hand = played(chords, block([0.5, 1.5, 3], 0.6, 55, 4, 0.35))
    low = played(chords, roots([0, 2], 1.4, 0.8))
    seeds = beaten([i / 2 for i in range(8)], 4, 16, 0.16)
    parts = (
        Part(vibraphone, tune, 0.8),
        Part(guitar, hand, 1.2),
        Part(bass, low, 0.9),
        Part(shaker, seeds),
    )
    return Piece(61, "seaside-bossa", "Босса у моря", "Seaside Bossa", 126, 64, parts, 0.2)


PIECES = (
    morning_light,
    little_box,
    sunny_courtyard,
    quiet_harbour,
    guitar_by_the_window,
    little_bells,
    city_waltz,
    evening_jazz,
    clouds,
    lullaby,
    office_morning,
    seaside_bossa,
)
