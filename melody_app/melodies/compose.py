"""Compose the standard catalogue anew; run by hand when a score has changed.

    python -m melody_app.melodies.compose melody_app/melodies/catalogue

Every melody becomes two files: a WAV of what callers hear, and an MP3 at
24 kHz to listen to. catalogue.json lists them with their hashes. The music and
the sounds are made here from nothing, so their licence is the project's (MIT).
"""

import hashlib
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from .audio import convert
from .level import CEILING_DBTP, TARGET_LUFS
from .loudness import decibels, integrated_lufs, true_peak
from .studio.instruments import RATE_HZ, Sound
from .studio.mixing import CALLERS_RATE_HZ, for_callers, render
from .studio.scores import PIECES

RINGING_ID = 123
"""The id that the operator's `GET /melodies/beeps` shows for the same tone."""
RINGING_HZ = 425
RINGING_S, SILENT_S = 1.0, 4.0
_RAMP_S = 0.005


def main(folder: Path) -> None:
    """Write all files of the catalogue into a folder.

    Args:
        folder: made when it isn't there; older files of the same name are replaced.
    """
    folder.mkdir(parents=True, exist_ok=True)
    entries = [_entry(folder, *item) for item in _recordings()]
    lines = ",\n".join(json.dumps(entry, ensure_ascii=False) for entry in entries)
    (folder / "catalogue.json").write_text(f"[\n{lines}\n]\n", encoding="utf-8")


def ringing_tone() -> Sound:
    """Make the ringing tone of Russian exchanges: 425 Hz, a second in five.

    Its ends are rounded over 5 ms, lest they click.

    Source: pbx.md of the project's decisions; ITU-T E.180 Supplement 2 lists the tones in use.
    """
    tone = np.zeros(round((RINGING_S + SILENT_S) * RATE_HZ))
    on, ramp = round(RINGING_S * RATE_HZ), round(_RAMP_S * RATE_HZ)
    tone[:on] = np.sin(2 * np.pi * RINGING_HZ * np.arange(on) / RATE_HZ)
    slope = 0.5 - 0.5 * np.cos(np.pi * np.arange(ramp) / ramp)
    tone[:ramp] *= slope
    tone[on - ramp : on] *= slope[::-1]
    return tone


def _recordings() -> Iterator[tuple[dict[str, Any], str, Sound]]:
    """Name and play every melody, and the tone last."""
    for score in PIECES:
        piece = score()
        names = {"id": piece.id, "kind": "melody"}
        names |= {"name_ru": piece.name_ru, "name_en": piece.name_en}
        yield names, f"{piece.id}-{piece.slug}", render(piece)
    names = {"id": RINGING_ID, "kind": "tone"}
    names |= {"name_ru": "Стандартные телефонные гудки", "name_en": "Standard ringing tone"}
    yield names, f"{RINGING_ID}-ringing-tone", ringing_tone()


def _entry(folder: Path, names: dict[str, Any], stem: str, ring: Sound) -> dict[str, Any]:
    """Level and write one melody; return its line of the catalogue."""
    heard = for_callers(ring)
    loudness = integrated_lufs(heard, CALLERS_RATE_HZ)
    if loudness is None:
        raise ValueError(f"{stem} is silent")
    # One gain for the whole, and no limiter: that would see a seam where there is none.
    gain = 10 ** ((TARGET_LUFS - loudness) / 20)
    if (decibels(true_peak(gain * heard, CALLERS_RATE_HZ)) or 0) > CEILING_DBTP:
        raise ValueError(f"{stem} is too uneven to be levelled by gain alone")
    wav, original = folder / f"{stem}.wav", folder / f"{stem}.mp3"
    soundfile.write(wav, gain * heard, CALLERS_RATE_HZ, subtype="PCM_16")
    soundfile.write(original, gain * ring, RATE_HZ, format="MP3", compression_level=0.6)
    report = asdict(convert(wav.read_bytes()).report)
    return {
        **names,
        "file": wav.name,
        "sha256": hashlib.sha256(wav.read_bytes()).hexdigest(),
        "original": original.name,
        "original_sha256": hashlib.sha256(original.read_bytes()).hexdigest(),
        "report": report,
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]))
