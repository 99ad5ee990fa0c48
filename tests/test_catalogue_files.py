"""The shipped melodies: whole, level with each other, and looping without a click."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from sounds import decoded, level_db

from melody_app.melodies import audio
from melody_app.melodies.loudness import integrated_lufs, true_peak
from melody_app.melodies.report import Report
from melody_app.melodies.studio.instruments import bell
from melody_app.melodies.studio.mixing import Part, Piece, for_callers, render
from melody_app.melodies.studio.notation import melody

FOLDER = Path(audio.__file__).with_name("catalogue")
ENTRIES = json.loads((FOLDER / "catalogue.json").read_text(encoding="utf-8"))
MELODIES = [entry for entry in ENTRIES if entry["kind"] == "melody"]
TONE = next(entry for entry in ENTRIES if entry["kind"] == "tone")

each = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["file"])
each_melody = pytest.mark.parametrize("entry", MELODIES, ids=lambda entry: entry["file"])


def heard(entry):
    return decoded((FOLDER / entry["file"]).read_bytes())


def test_there_are_at_least_ten_melodies_from_id_50_and_a_tone():
    ids = [entry["id"] for entry in MELODIES]
    assert ids == list(range(50, 50 + len(ids)))
    assert len(ids) >= 10
    assert TONE["id"] not in ids
    for name in ("name_ru", "name_en"):
        assert len({entry[name] for entry in ENTRIES}) == len(ENTRIES)


def test_the_folder_holds_what_the_catalogue_lists_and_stays_small():
    listed = {entry[key] for entry in ENTRIES for key in ("file", "original")}
    assert {path.name for path in FOLDER.iterdir()} == {*listed, "catalogue.json"}
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 8_000_000


@each
def test_files_are_those_of_the_catalogue(entry):
    for file, digest in (("file", "sha256"), ("original", "original_sha256")):
        content = (FOLDER / entry[file]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == entry[digest]


@each
def test_the_report_is_true(entry):
    report = Report.from_dict(entry["report"])
    assert report.duration_s == pytest.approx(len(heard(entry)) / 8_000, abs=0.001)
    assert (report.channels, report.clipped, report.nearly_silent) == (1, 0, False)
    assert len(report.waveform) == 600


@each
def test_melodies_are_level_with_each_other_and_never_clip(entry):
    samples = heard(entry)
    assert integrated_lufs(samples, 8_000) == pytest.approx(-23, abs=0.1)
    assert true_peak(samples, 8_000) < 10 ** (-1 / 20)


@each_melody
def test_melodies_last_twenty_to_forty_seconds(entry):
    assert 20 <= len(heard(entry)) / 8_000 <= 40


@each
def test_the_original_is_the_same_music_with_more_treble(entry):
    samples, rate = soundfile.read(FOLDER / entry["original"])
    assert rate == 24_000
    assert samples.ndim == 1
    assert len(samples) / rate == pytest.approx(len(heard(entry)) / 8_000, abs=0.1)
    assert integrated_lufs(samples, rate) == pytest.approx(-23, abs=1)


@each_melody
def test_the_loop_has_no_click(entry):
    """What comes after the seam follows from what was before, as well as anywhere else."""
    samples = heard(entry)
    elsewhere = [surprise(samples[:at], samples[at:]) for at in range(4_000, len(samples), 4_999)]
    assert surprise(samples, samples) <= np.percentile(elsewhere, 90)


@each_melody
def test_the_test_of_the_loop_would_find_a_click(entry):
    samples = heard(entry)
    seam = surprise(samples, samples)
    spoilt = [surprise(samples[: -4_000 - 37 * i], samples) for i in range(20)]
    assert np.median(spoilt) > 2 * seam


@each
def test_a_caller_hears_it_begin_and_not_click(entry):
    """The step out of silence is one that the melody makes all the time."""
    samples = heard(entry)
    assert abs(samples[0]) <= np.median(np.abs(np.diff(samples[:16_000])))


def test_no_place_of_a_rendered_loop_is_special():
    """Begun elsewhere, a loop is the same sound, at both rates."""
    notes = melody("c5 e5 g5 c6 | e5 g5 b5:2")
    late = [replace(note, beat=(note.beat + 3) % 8) for note in notes]
    loops = [for_callers(render(Piece(1, "", "", "", 120, 8, (Part(bell, n),)))) for n in (notes, late)]
    spectra = [np.abs(np.fft.rfft(loop)) for loop in loops]
    assert len(loops[0]) == 4 * 8_000
    assert np.abs(spectra[0] - spectra[1]).max() < 1e-3 * spectra[0].max()


@each_melody
def test_a_melody_neither_stops_nor_starts_at_the_seam(entry):
    samples = heard(entry)
    seam = np.concatenate([samples[-1_600:], samples[:1_600]])
    blocks = samples[: len(samples) // 3_200 * 3_200].reshape(-1, 3_200)
    power = (blocks**2).mean(axis=1)
    assert (seam**2).mean() >= power.min() / 2


def test_the_tone_is_the_russian_ringing_tone():
    samples = heard(TONE)
    assert len(samples) == 5 * 8_000
    on, off = samples[:8_000], samples[8_000:]
    assert level_db(on, 425) == pytest.approx(20 * np.log10(np.abs(on).max()), abs=0.2)
    assert np.abs(off).max() < 1e-3
    assert np.abs(on).max() > 0.05


def surprise(before, after):
    """Measure how badly three samples are foretold by those before (linear prediction).

    Returns:
        The error, as a multiple of the 99th percentile of those that the same
        prediction makes in the 0.2 s before.
    """
    order, past = 24, before[-1_600:]
    known = np.lib.stride_tricks.sliding_window_view(past, order + 1)
    weights = np.linalg.lstsq(known[:, :-1], known[:, -1], rcond=None)[0]
    usual = np.percentile(np.abs(known[:, -1] - known[:, :-1] @ weights), 99)
    line = np.concatenate([past[-order:], after[:3]])
    errors = [line[order + i] - line[i : order + i] @ weights for i in range(3)]
    return np.abs(errors).max() / usual
