"""What is no melody is refused by its code, and a dying decoder takes nothing with it."""

import io
import os
import signal
import struct
import subprocess
import sys
import threading
import time
import zipfile

import numpy as np
import pytest
import soundfile
from sounds import encoded, stereo, tone

from melody_app.melodies import audio
from melody_app.melodies.audio import AudioRefused, convert
from melody_app.melodies.report import MAX_BYTES, REFUSALS

MUSIC = np.random.default_rng(3).standard_normal((5 * 44_100, 2)) * 0.1
MELODY = encoded(tone(440, 1, 8_000), 8_000)


def refusal(data):
    with pytest.raises(AudioRefused) as caught:
        convert(data)
    assert caught.value.code in REFUSALS
    return caught.value.code


def zipped():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("melody.mp3", encoded(MUSIC, 44_100, "MP3", "MPEG_LAYER_III"))
    return out.getvalue()


def ogg_page(content):
    return struct.pack("<4sBBqIII2B", b"OggS", 0, 6, 0, 7, 0, 0, 1, len(content)) + content


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (encoded(MUSIC[:0], 44_100), "empty"),
        (encoded(MUSIC[:0], 44_100, "OGG", "VORBIS"), "empty"),
        (b"Hello, this is a text.\n" * 500, "not_audio"),
        (os.urandom(50_000), "not_audio"),
        (bytes(50_000), "not_audio"),
        (b"\x89PNG\r\n\x1a\n" + bytes(2_000), "not_audio"),
        (zipped(), "not_audio"),
        (encoded(MUSIC, 44_100, "AIFF"), "unsupported_format"),
        (encoded(MUSIC, 44_100, "AU"), "unsupported_format"),
        (encoded(MUSIC, 44_100, "CAF"), "unsupported_format"),
        (b"\x00\x00\x00\x20ftypM4A " + bytes(2_000), "unsupported_format"),
        (b"\x1a\x45\xdf\xa3" + bytes(2_000), "unsupported_format"),
        (ogg_page(b"Speex   1.2.1" + bytes(60)), "unsupported_format"),
        (ogg_page(b"\x7fFLAC\x01\x00" + bytes(60)), "unsupported_format"),
        (encoded(np.zeros((8_000, 3)), 8_000), "too_many_channels"),
        (encoded(np.zeros((8_000, 6)), 48_000, "FLAC"), "too_many_channels"),
        (encoded(MUSIC, 3_999), "sample_rate"),
        (encoded(MUSIC, 192_001), "sample_rate"),
        (bytes(MAX_BYTES + 1), "too_large"),
    ],
)
def test_what_is_no_melody_is_refused(data, code):
    assert refusal(data) == code


def test_ogg_streams_one_after_the_other_are_refused_and_not_cut_to_the_first():
    first, second = (encoded(MUSIC[:at], 44_100, "OGG", "VORBIS") for at in (88_200, 44_100))
    assert first[14:18] != second[14:18]  # the numbers of the streams
    assert convert(first).report.duration_s == 2
    assert refusal(first + second) == "unsupported_format"


@pytest.mark.parametrize("part", [0.3, 0.5, 0.9])
@pytest.mark.parametrize(
    ("container", "subtype"),
    [
        ("WAV", "PCM_16"),
        ("WAVEX", "FLOAT"),
        ("FLAC", "PCM_16"),
        ("OGG", "VORBIS"),
        ("MP3", "MPEG_LAYER_III"),
    ],
)
def test_a_file_that_is_cut_short_is_refused(container, subtype, part):
    data = encoded(MUSIC, 44_100, container, subtype)
    assert refusal(data[: int(part * len(data))]) == "cut_short"


def test_an_opus_file_that_is_cut_short_is_refused():
    data = encoded(MUSIC, 48_000, "OGG", "OPUS")
    assert refusal(data[: len(data) // 2]) == "cut_short"


@pytest.mark.parametrize(("container", "subtype"), [("FLAC", "PCM_16"), ("OGG", "VORBIS"), ("MP3", "MPEG_LAYER_III")])
def test_a_file_with_a_hole_of_rubbish_is_refused(container, subtype):
    data = encoded(MUSIC, 44_100, container, subtype)
    middle = len(data) // 2
    rubbish = np.random.default_rng(4).bytes(8_000)
    assert refusal(data[:middle] + rubbish + data[middle + 8_000 :]) == "cut_short"


@pytest.mark.parametrize("header", [b"RIFF", b"fLaC", b"OggS", b"ID3"])
def test_a_bare_header_is_refused(header):
    assert refusal(header + b"\x00\x00\x01\x00WAVE" + bytes(100)) in ("cut_short", "empty")


def test_a_wav_that_claims_ten_hours_is_refused():
    wav = bytearray(MELODY)
    wav[40:44] = struct.pack("<I", 10 * 3600 * 16_000)
    assert refusal(bytes(wav)) == "cut_short"


def test_a_flac_that_claims_ten_hours_is_refused():
    flac = bytearray(encoded(MUSIC, 44_100, "FLAC"))
    claimed = 10 * 3600 * 44_100
    flac[21] = flac[21] & 0xF0 | claimed >> 32
    flac[22:26] = struct.pack(">I", claimed & 0xFFFFFFFF)
    assert refusal(bytes(flac)) == "cut_short"


def test_a_wav_of_a_program_that_did_not_know_its_length_is_taken():
    wav = bytearray(MELODY)
    wav[4:8] = wav[40:44] = b"\xff\xff\xff\xff"
    assert convert(bytes(wav)).report.duration_s == 1


def test_ten_hours_of_silence_are_refused_soon():
    out, second = io.BytesIO(), np.zeros(4_000 * 60, np.int16)
    with soundfile.SoundFile(out, "w", 4_000, 1, format="FLAC", subtype="PCM_16") as target:
        for _ in range(600):
            target.write(second)
    assert len(out.getvalue()) < MAX_BYTES
    begun = time.monotonic()
    assert refusal(out.getvalue()) == "too_long"
    assert time.monotonic() - begun < 30


def test_ten_minutes_are_taken_and_a_second_more_is_not():
    minutes = np.tile(tone(440, 1, 4_000), 601)
    assert convert(encoded(minutes[: 600 * 4_000], 4_000)).report.duration_s == 600
    assert refusal(encoded(minutes, 4_000)) == "too_long"


def test_an_mp3_of_ten_minutes_is_taken_although_its_format_makes_it_longer():
    minutes = encoded(np.tile(tone(440, 1, 8_000), 600), 8_000, "MP3", "MPEG_LAYER_III")
    tag = minutes.find(b"LAME")  # where it stands how much is filled up
    assert convert(minutes[:tag] + bytes(4) + minutes[tag + 4 :]).report.duration_s == pytest.approx(600, abs=0.5)


def child(monkeypatch, program):
    monkeypatch.setattr(audio, "COMMAND", (sys.executable, "-c", program))


def limited(program):
    start = audio.COMMAND[3].replace("import main; main()", "import limit_self")
    return f"import sys; sys.argv[1:] = [{audio.COMMAND[-1]!r}]; {start}; {program}"


@pytest.mark.parametrize(
    ("program", "code"),
    [
        ("import os; os.kill(os.getpid(), 11)", "crashed"),
        ("raise RuntimeError('a secret path')", "crashed"),
        ("import os; os._exit(3)", "crashed"),
        ("pass", "crashed"),
        ("print('no json')", "crashed"),
        ("print('[1]')", "crashed"),
        ("print('{}')", "crashed"),
        ('print(\'{"refused": "an unknown code"}\')', "crashed"),
        ("print('{\"refused\": [1]}')", "crashed"),
        ('print(\'{"refused": "too_long"}\')', "too_long"),
    ],
)
def test_a_decoder_that_dies_or_talks_nonsense_is_a_refusal(monkeypatch, program, code):
    child(monkeypatch, program)
    assert refusal(MELODY) == code


def test_a_decoder_that_hangs_is_ended(monkeypatch):
    child(monkeypatch, "import time; time.sleep(60)")
    monkeypatch.setattr(audio, "WALL_SECONDS", 0.5)
    assert refusal(MELODY) == "timed_out"


@pytest.mark.parametrize(
    ("program", "code"),
    [
        ("bytearray(2 * 1024**3)", "crashed"),
        ("sys.stdout.buffer.write(bytes(21 * 1024**2))", "crashed"),
        ("import signal; signal.alarm(1); signal.pause()", "timed_out"),
        (
            "import resource as r; r.setrlimit(r.RLIMIT_CPU, (1, 2)); [0 for _ in iter(int, 1)]",
            "timed_out",
        ),
    ],
)
def test_a_decoder_that_wants_too_much_is_ended(monkeypatch, program, code):
    child(monkeypatch, limited(f"limit_self(); {program}"))
    assert refusal(MELODY) == code


@pytest.mark.parametrize(("blow", "code"), [(signal.SIGKILL, "crashed"), (signal.SIGSTOP, "timed_out")])
def test_a_real_decoder_killed_or_hung_at_work_leaves_the_service_answering(monkeypatch, blow, code):
    started, codes = [], []

    class Watched(subprocess.Popen):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            started.append(self)

    monkeypatch.setattr(audio.subprocess, "Popen", Watched)
    monkeypatch.setattr(audio, "WALL_SECONDS", 3)
    long = encoded(np.tile(stereo(tone(440, 1, 48_000), tone(550, 1, 48_000)), (60, 1)), 48_000, "FLAC")
    work = threading.Thread(target=lambda: codes.append(refusal(long)))
    work.start()
    while not started:
        time.sleep(0.01)
    started[0].send_signal(blow)
    work.join(10)
    assert codes == [code]
    assert started[0].returncode is not None
    monkeypatch.undo()
    assert convert(MELODY).report.duration_s == 1


def test_the_decoder_is_given_no_secret(monkeypatch):
    monkeypatch.setenv("MELODY_SECRET_KEY", "a secret")
    found = "'MELODY_SECRET_KEY' in os.environ"
    child(
        monkeypatch,
        f"import os; print('{{\"refused\": \"%s\"}}' % ('too_long' if {found} else 'empty'))",
    )
    assert refusal(MELODY) == "empty"
