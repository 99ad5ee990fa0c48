"""Make and measure real sound files for the tests."""

import io
import math

import numpy as np
import numpy.typing as npt
import soundfile

Samples = npt.NDArray[np.floating]

FORMATS = [
    ("WAV", "PCM_U8", 8_000),
    ("WAV", "PCM_16", 44_100),
    ("WAV", "PCM_24", 96_000),
    ("WAV", "FLOAT", 48_000),
    ("WAV", "ALAW", 8_000),
    ("WAVEX", "PCM_16", 48_000),
    ("FLAC", "PCM_16", 44_100),
    ("FLAC", "PCM_24", 192_000),
    ("OGG", "VORBIS", 44_100),
    ("OGG", "OPUS", 48_000),
    ("MP3", "MPEG_LAYER_III", 44_100),
    ("MP3", "MPEG_LAYER_III", 22_050),
]


def tone(hz: float, seconds: float, rate: int, amplitude: float = 0.25) -> Samples:
    """Make a sine."""
    return amplitude * np.sin(2 * math.pi * hz * np.arange(round(seconds * rate)) / rate)


def stereo(left: Samples, right: Samples) -> Samples:
    """Put two channels side by side."""
    return np.stack([left, right], axis=1)


def encoded(samples: Samples, rate: int, container: str = "WAV", subtype: str = "PCM_16") -> bytes:
    """Write a sound file into memory."""
    out = io.BytesIO()
    soundfile.write(out, samples, rate, format=container, subtype=subtype)
    return out.getvalue()


def decoded(wav: bytes) -> Samples:
    """Read a WAV of callers' format, and check that it is one."""
    with soundfile.SoundFile(io.BytesIO(wav)) as source:
        assert (source.format, source.subtype) == ("WAV", "PCM_16")
        assert (source.channels, source.samplerate) == (1, 8_000)
        samples: Samples = source.read()
    return samples


def level_db(samples: Samples, hz: float, rate: int = 8_000) -> float:
    """Measure how much of one frequency a sound holds, in dB of a full-scale sine."""
    window = np.hanning(len(samples))
    turn = np.exp(-2j * math.pi * hz * np.arange(len(samples)) / rate)
    amplitude = 2 * abs(np.sum(samples * window * turn)) / window.sum()
    return 20 * math.log10(max(amplitude, 1e-12))
