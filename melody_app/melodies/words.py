"""Say in plain words why a file can't be a melody, and what was in one that can."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from flask_babel import format_decimal, gettext, lazy_gettext

REFUSALS = {
    "empty": lazy_gettext("There is no sound in this file. Check that it plays on your computer and upload it again."),
    "too_large": lazy_gettext("This file is over 20 MiB. Save it as MP3, or make it shorter."),
    "not_audio": lazy_gettext("This is not a sound file, whatever its name says. Upload MP3, WAV, OGG or FLAC."),
    "unsupported_format": lazy_gettext("This kind of sound file is not supported. Save it as MP3, WAV, OGG or FLAC."),
    "too_many_channels": lazy_gettext("This file has more than two channels. Save it as stereo or mono."),
    "sample_rate": lazy_gettext("This file's sample rate is not supported. Save it at 44.1 or 48 kHz."),
    "cut_short": lazy_gettext(
        "This file is damaged or was cut short: part of its sound is missing. Get it from its source once more."
    ),
    "too_long": lazy_gettext("This melody is over 10 minutes long. Make it shorter: callers wait a minute or two."),
    "timed_out": lazy_gettext("Reading this file took too long. Save it as MP3 and upload that."),
    "crashed": lazy_gettext("This file can't be read: it is damaged. Save it again as MP3 and upload that."),
}
"""What is wrong, and what to do, by the code of the refusal."""

CHANNELS = {1: lazy_gettext("mono"), 2: lazy_gettext("stereo")}

QUIET_LUFS = -33
LOUD_LUFS = -13


class Line(NamedTuple):
    """One sentence of a report.

    Args:
        text: the sentence.
        is_warning: whether somebody should do something about it.
    """

    text: str
    is_warning: bool = False


def spell_length(seconds: float) -> str:
    """Spell a length as minutes and seconds: 1:05."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}"


def spell_megabytes(size: int) -> str:
    """Spell a size in bytes as megabytes, to a tenth."""
    return str(format_decimal(round(size / 1_000_000, 1)))


def describe(report: dict[str, Any]) -> list[Line]:
    """Say what was in the file and what was done to it.

    Args:
        report: the report of report.py, as it is stored.
    """
    return [*_warnings(report), Line(_contents(report)), *_loudness(report), *_changes(report)]


def _warnings(report: dict[str, Any]) -> Iterator[Line]:
    if report["nearly_silent"]:
        yield Line(gettext("It is nearly silent: callers will hear next to nothing. Check the file."), is_warning=True)
    if report["clipped"] >= 0.0005:  # noqa: PLR2004  (rounds to 0.1 %)
        share = format_decimal(round(100 * report["clipped"], 1))
        text = gettext("It was recorded too loud: %(share)s %% of it is cut off and may crackle.", share=share)
        yield Line(text, is_warning=True)
    if report["mixed"] in {"left", "right"}:
        yield Line(
            gettext("Its two channels cancel each other out, so only the louder one is played."), is_warning=True
        )


def _contents(report: dict[str, Any]) -> str:
    return str(
        gettext(
            "The file: %(format)s, %(channels)s, %(rate)s kHz, %(length)s.",
            format=report["format"].upper(),
            channels=CHANNELS[report["channels"]],
            rate=format_decimal(report["sample_rate_hz"] / 1000),
            length=spell_length(report["duration_s"]),
        )
    )


def _loudness(report: dict[str, Any]) -> Iterator[Line]:
    loudness = report["loudness_lufs"]
    if loudness is None:
        return
    word = gettext("ordinary")
    if loudness < QUIET_LUFS:
        word = gettext("quiet")
    elif loudness > LOUD_LUFS:
        word = gettext("loud")
    yield Line(gettext("Its loudness was %(word)s: %(lufs)s LUFS.", word=word, lufs=format_decimal(loudness)))


def _changes(report: dict[str, Any]) -> Iterator[Line]:
    gain = report["gain_db"]
    if gain > 0:
        yield Line(gettext("It was made louder by %(gain)s dB, to match the others.", gain=format_decimal(gain)))
    elif gain < 0:
        yield Line(gettext("It was made quieter by %(gain)s dB, to match the others.", gain=format_decimal(-gain)))
    if report["limited_db"] > 0:
        held = format_decimal(report["limited_db"])
        yield Line(
            gettext("Its loudest moments were turned down by %(held)s dB, so that they don't crackle.", held=held)
        )
    if report["mixed"] == "average":
        yield Line(gettext("Two channels were mixed into one: a telephone has only one."))
    if report["resampled"]:
        yield Line(gettext("It was converted to 8 kHz: a telephone carries no more."))


def draw(waveform: list[int], bars: int = 100) -> str:
    """Draw a waveform as the path of an SVG that is `bars` wide and 100 high.

    Args:
        waveform: peaks from 0 to 100.
        bars: how many strokes.
    """
    count = len(waveform)
    peaks = [
        max(waveform[at * count // bars : max((at + 1) * count // bars, at * count // bars + 1)]) for at in range(bars)
    ]
    return "".join(f"M{at}.5 {50 - max(peak, 2) / 2:g}v{max(peak, 2)}" for at, peak in enumerate(peaks))
