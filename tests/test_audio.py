"""Uploaded sound becomes what callers hear: its length, level and spectrum."""

import hashlib
import io
import json
import math
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import soundfile
from sounds import FORMATS, Samples, decoded, encoded, level_db, stereo, tone

from melody_app.melodies import audio
from melody_app.melodies.audio import as_heard, convert
from melody_app.melodies.decode import examine
from melody_app.melodies.level import CEILING_DBTP, TARGET_LUFS
from melody_app.melodies.loudness import decibels, integrated_lufs, true_peak
from melody_app.melodies.report import Report


class Examined(NamedTuple):
    """What the decoder makes of a file."""

    report: Report
    heard: Samples


def examined(data: bytes) -> Examined:
    """Decode a file here: what is asked of its sound needs no process of its own, that takes longer than the decoding."""
    with tempfile.TemporaryFile() as upload:
        upload.write(data)
        upload.seek(0)
        report, pcm = examine(upload.fileno())
    return Examined(report, pcm / 32_768)


@pytest.mark.parametrize(("container", "subtype", "rate"), FORMATS)
def test_every_format_keeps_its_length_and_comes_to_one_loudness(container, subtype, rate):
    sound = stereo(tone(440, 3, rate), tone(1000, 3, rate, 0.1))
    done = convert(encoded(sound, rate, container, subtype))
    heard = decoded(done.wav)
    assert len(heard) / 8_000 == pytest.approx(3, abs=0.08)
    assert integrated_lufs(heard, 8_000) == pytest.approx(TARGET_LUFS, abs=0.1)
    assert level_db(heard, 440) - level_db(heard, 1000) == pytest.approx(8, abs=1)
    report = done.report
    assert (report.channels, report.sample_rate_hz, report.mixed) == (2, rate, "average")
    assert report.format == {"WAVEX": "wav"}.get(container, container.lower())
    assert report.duration_s == pytest.approx(3, abs=0.08)
    assert report.resampled == (rate != 8_000)
    assert report.peak_dbfs == pytest.approx(-12, abs=5 if subtype == "OPUS" else 0.7)
    assert report.clipped == 0


@pytest.mark.parametrize("rate", [11_025, 22_050, 44_100, 48_000, 96_000, 192_000])
@pytest.mark.parametrize("hz", [4_500, 5_000])
def test_what_a_telephone_cannot_carry_does_not_fold_back(rate, hz):
    heard = examined(encoded(tone(1000, 2, rate) + tone(hz, 2, rate), rate)).heard
    middle = heard[2_000:-2_000]
    assert level_db(middle, 8_000 - hz) - level_db(middle, 1000) < -60


def test_a_6_khz_tone_does_not_come_back_at_2_khz():
    heard = examined(encoded(tone(1000, 2, 44_100) + tone(6000, 2, 44_100), 44_100)).heard
    assert level_db(heard[2_000:-2_000], 2000) - level_db(heard[2_000:-2_000], 1000) < -60


@pytest.mark.parametrize("hz", [300, 1000, 2000, 3400])
def test_what_a_telephone_carries_is_kept(hz):
    sound = encoded(tone(800, 2, 44_100) + tone(hz, 2, 44_100), 44_100)
    heard = examined(sound).heard[2_000:-2_000]
    wanted = 6.02 if hz == 800 else 0
    assert level_db(heard, hz) - level_db(heard, 800) == pytest.approx(wanted, abs=0.2)


@pytest.mark.parametrize("gain_db", [-40, -20, 0])
def test_quiet_and_loud_music_come_out_alike(gain_db):
    noise = np.random.default_rng(1).standard_normal(3 * 8_000) * 0.2 * 10 ** (gain_db / 20)
    done = examined(encoded(np.clip(noise, -1, 1), 8_000, subtype="PCM_24"))
    assert integrated_lufs(done.heard, 8_000) == pytest.approx(TARGET_LUFS, abs=0.1)
    assert done.report.result_loudness_lufs == pytest.approx(TARGET_LUFS, abs=0.1)
    loudness = done.report.loudness_lufs
    assert loudness is not None
    assert done.report.gain_db == pytest.approx(TARGET_LUFS - loudness, abs=0.11)


def test_sharp_strokes_are_levelled_without_clipping():
    strokes = np.random.default_rng(2).standard_normal(5 * 8_000) * 0.003
    strokes[::4_000] = 0.9
    done = examined(encoded(strokes, 8_000))
    heard = done.heard
    assert done.report.limited_db > 0
    assert (decibels(true_peak(heard, 8_000)) or 0) <= CEILING_DBTP + 0.05
    assert integrated_lufs(heard, 8_000) == pytest.approx(TARGET_LUFS, abs=0.5)


def test_a_clipped_file_is_said_to_be_clipped_and_is_not_clipped_further():
    report = examined(encoded(np.clip(tone(440, 2, 44_100, 3), -1, 1), 44_100)).report
    assert 0.5 < report.clipped < 1
    assert report.result_peak_dbtp is not None
    assert report.result_peak_dbtp < CEILING_DBTP


def test_floats_beyond_full_scale_and_not_numbers_are_tamed():
    wild = tone(440, 2, 44_100)
    wild[1000], wild[2000], wild[3000], wild[4000] = 400, math.nan, math.inf, -math.inf
    done = examined(encoded(wild, 44_100, subtype="FLOAT"))
    heard = done.heard
    assert np.isfinite(heard).all()
    assert np.abs(heard).max() < 1
    assert done.report.peak_dbfs == pytest.approx(18.1, abs=0.1)


def test_loud_floats_are_turned_down_and_not_cut_off():
    heard = examined(encoded(tone(440, 2, 48_000, 2.5), 48_000, subtype="FLOAT")).heard
    middle = heard[2_000:-2_000]
    assert level_db(middle, 1320) - level_db(middle, 440) < -60


@pytest.mark.parametrize("amplitude", [0, 1e-4])
def test_near_silence_is_told(amplitude):
    report = examined(encoded(tone(440, 2, 8_000, amplitude), 8_000)).report
    assert report.nearly_silent
    assert report.gain_db <= 30
    assert max(report.waveform) in (0, 100)


def test_what_a_telephone_does_not_carry_is_told_as_near_silence():
    done = examined(encoded(tone(6_000, 5, 44_100), 44_100))  # only its abrupt beginning and end can be heard
    assert done.report.loudness_lufs > -60
    assert done.report.nearly_silent


@pytest.mark.parametrize(("left", "right", "mixed"), [(0.6, -0.5, "left"), (0.5, -0.6, "right")])
def test_sides_that_cancel_out_leave_the_louder_one(left, right, mixed):
    side = tone(440, 2, 44_100)
    done = examined(encoded(stereo(left * side, right * side), 44_100))
    assert done.report.mixed == mixed
    assert level_db(done.heard[2_000:-2_000], 440) > -30


def test_the_waveform_is_a_picture_of_the_loudness():
    rising = tone(440, 3, 8_000) * np.linspace(0, 1, 3 * 8_000)
    picture = examined(encoded(rising, 8_000)).report.waveform
    assert len(picture) == 600
    assert picture[0] < 5
    assert picture[300] == pytest.approx(50, abs=3)
    assert max(picture) == picture[-1] == 100


@pytest.mark.parametrize("frames", [1, 100, 799, 3_199])
def test_very_short_sounds_are_taken(frames):
    assert len(examined(encoded(tone(440, 1, 8_000)[1 : frames + 1], 8_000)).heard) == frames


def test_the_same_file_gives_the_same_bytes():
    sound = encoded(tone(440, 1, 44_100), 44_100)
    assert convert(sound).wav == convert(sound).wav


def test_callers_hear_a_law():
    samples = np.arange(-32_768, 32_768, dtype=np.int16)
    plain, alaw = io.BytesIO(), io.BytesIO()
    soundfile.write(plain, samples, 8_000, format="WAV", subtype="PCM_16")
    soundfile.write(alaw, samples, 8_000, format="WAV", subtype="ALAW")
    heard = (decoded(as_heard(plain.getvalue())) * 32_768).astype(int)
    peer = soundfile.read(io.BytesIO(alaw.getvalue()), dtype="int16")[0].astype(int)
    # libsndfile rounds negative numbers towards zero where G.711 doesn't.
    assert np.array_equal(heard[32_768:], peer[32_768:])
    assert np.array_equal(heard[:32_768], -heard[:32_767:-1])


@pytest.mark.parametrize("wav", [b"", b"RIFF", encoded(tone(440, 1, 16_000), 16_000)])
def test_only_what_callers_hear_goes_through_a_law(wav):
    with pytest.raises(ValueError, match="not"):
        as_heard(wav)


@pytest.mark.parametrize("rate", [8_000, 48_000])
@pytest.mark.parametrize(
    ("steps", "loudness"),
    [
        ([(0, 20)], -3.01),
        ([(-23, 20)], -26.01),
        ([(-36, 10), (-23, 60), (-36, 10)], -26.01),
        ([(-72, 10), (-36, 10), (-23, 60), (-36, 10), (-72, 10)], -26.01),
        ([(-26, 20), (-20, 20.1), (-26, 20)], -26.01),
    ],
)
def test_loudness_is_measured_as_ebu_tech_3341_demands(rate, steps, loudness):
    """Cases 1 to 5, of one channel (3.01 LU less than the two of the originals)."""
    parts = [tone(997, seconds, rate, 10 ** (level / 20)) for level, seconds in steps]
    assert integrated_lufs(np.concatenate(parts), rate) == pytest.approx(loudness, abs=0.1)


def test_true_peak_finds_what_lies_between_samples():
    """Of a sine at a quarter of the rate, sampled at 45 degrees, all samples are 3 dB low."""
    sine = np.sin(math.pi / 2 * np.arange(8_000) + math.pi / 4)
    assert np.abs(sine).max() == pytest.approx(0.707, abs=0.001)
    assert true_peak(sine[:4_000], 8_000) == pytest.approx(1, abs=0.08)


def test_web_workers_load_no_numpy_and_the_decoder_no_application():
    loaded = "import sys, {}; print(*[n for n in {} if n in sys.modules])"
    parent = loaded.format("melody_app.melodies.audio", ["numpy", "soundfile", "soxr"])
    root = Path(audio.__file__).parents[2]
    assert _output("-c", parent, cwd=root) == ""
    child = "sys.path.append(sys.argv[1]); import melodies.decode; print('melody_app' in sys.modules)"
    assert _output("-P", "-c", f"import sys; {child}", audio.COMMAND[-1], cwd="/") == "False"


def test_the_decoder_runs_by_hand(tmp_path):
    upload = tmp_path / "upload"
    upload.write_bytes(encoded(tone(440, 1, 44_100), 44_100))
    root = Path(audio.__file__).parents[2]
    with upload.open("rb") as source:
        done = subprocess.run(
            [sys.executable, "-m", "melody_app.melodies.decode"],
            stdin=source,
            capture_output=True,
            check=True,
            cwd=root,
        )
    line, _, wav = done.stdout.partition(b"\n")
    assert json.loads(line)["sample_rate_hz"] == 44_100
    assert hashlib.sha256(wav).digest() == hashlib.sha256(convert(upload.read_bytes()).wav).digest()


def _output(*arguments, cwd):
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=True, cwd=cwd)
    return done.stdout.strip()
