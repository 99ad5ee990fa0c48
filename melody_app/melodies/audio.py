"""Convert uploaded sound into what callers hear, and let people hear it as they do.

The decoding happens in a child process (decode.py), so that neither its
libraries' memory nor their crashes reach a web worker.
"""

import io
import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
import wave
from array import array
from dataclasses import dataclass
from pathlib import Path
from typing import IO, NoReturn

from .report import MAX_BYTES, RATE_HZ, REFUSALS, Refusal, Report

log = logging.getLogger(__name__)

WALL_SECONDS = 60.0
"""How long a conversion may take; decode.py limits the processor's time, too."""

# The child imports this folder as a package of its own, `melodies`: as
# `melody_app.melodies` it would import the whole application first, which
# takes longer than the decoding. -P keeps the working folder off its path.
_START = "import sys; sys.path.append(sys.argv[1]); from melodies.decode import main; main()"
COMMAND = (sys.executable, "-P", "-c", _START, str(Path(__file__).resolve().parents[1]))
_PASSED_ON = ("PATH", "PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "LANG", "TMPDIR")


class AudioRefused(ValueError):  # noqa: N818 - an answer, not a fault
    """Say by a stable code (report.Refusal) why a file can't be a melody."""

    def __init__(self, code: Refusal) -> None:
        super().__init__(code)
        self.code: Refusal = code


@dataclass(frozen=True, slots=True)
class Converted:
    """Hold a WAV (8 kHz, mono, 16 bit) and the report on how it came about."""

    wav: bytes
    report: Report


def convert(data: bytes) -> Converted:
    """Turn a sound file of any accepted format into what telephone exchanges play.

    Args:
        data: a WAV, FLAC, OGG (Vorbis, Opus) or MP3, whatever its name.

    Raises:
        AudioRefused: with the code of what is wrong.
    """
    if not data:
        raise AudioRefused("empty")
    if len(data) > MAX_BYTES:
        raise AudioRefused("too_large")
    # Files without a name: whatever dies, nothing is left behind.
    with (
        tempfile.TemporaryFile() as upload,
        tempfile.TemporaryFile() as result,
        tempfile.TemporaryFile() as complaints,
    ):
        upload.write(data)
        upload.seek(0)
        status = _run(upload, result, complaints)
        if status != 0:
            _give_up(status, complaints)
        result.seek(0)
        return _understood(result)


def as_heard(wav: bytes) -> bytes:
    """Pass a WAV through A-law and back, as the telephone network does.

    Args:
        wav: 8 kHz, mono, 16 bit, as `convert` makes it.

    Raises:
        ValueError: it is no such WAV.

    Source: ITU-T G.711, table 1.
    """
    samples = array("h", _pcm(wav))
    if sys.byteorder == "big":
        samples.byteswap()
    heard = array("h", map(_ALAW.__getitem__, [sample >> 4 for sample in samples]))
    if sys.byteorder == "big":
        heard.byteswap()
    return _wav(heard.tobytes())


def _run(upload: IO[bytes], result: IO[bytes], complaints: IO[bytes]) -> int | None:
    """Run the child to its end; None where it had to be killed for taking too long."""
    # Threads of a linear algebra library that is never used would eat the memory limit.
    environment = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    environment |= {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    with subprocess.Popen(  # noqa: S603 - a constant command
        COMMAND, stdin=upload, stdout=result, stderr=complaints, env=environment
    ) as child:
        try:
            return child.wait(WALL_SECONDS)
        except subprocess.TimeoutExpired:
            return None
        finally:
            child.kill()


def _give_up(status: int | None, complaints: IO[bytes]) -> NoReturn:
    """Refuse in the name of a child that didn't answer, and log why for the operator."""
    complaints.seek(0)
    log.warning("audio decoder ended with %s: %r", status, complaints.read()[-2000:])
    late = status in (None, -signal.SIGXCPU, -signal.SIGALRM)
    raise AudioRefused("timed_out" if late else "crashed")


def _understood(result: IO[bytes]) -> Converted:
    """Read the child's answer, trusting nothing: it has handled a stranger's file."""
    try:
        answer = json.loads(result.readline())
        if "refused" in answer:
            code = REFUSALS[REFUSALS.index(answer["refused"])]
        else:
            wav = result.read()
            _pcm(wav)
            return Converted(wav, Report.from_dict(answer))
    except (ValueError, TypeError, KeyError):
        log.warning("audio decoder gave no sense", exc_info=True)
        code = "crashed"
    raise AudioRefused(code)


def _pcm(wav: bytes) -> bytes:
    """Take the samples out of a WAV of callers' format; ValueError for another."""
    try:
        with wave.open(io.BytesIO(wav)) as source:
            if source.getparams()[:3] != (1, 2, RATE_HZ):
                raise ValueError("not 8 kHz, mono, 16 bit")
            return bytes(source.readframes(source.getnframes()))
    except (wave.Error, EOFError) as error:
        raise ValueError("not a WAV") from error


def _wav(pcm: bytes) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as target:
        target.setnchannels(1)
        target.setsampwidth(2)
        target.setframerate(RATE_HZ)
        target.writeframes(pcm)
    return out.getvalue()


def _alaw_step(high: int) -> int:
    """Say which value a sample comes back as from A-law.

    Args:
        high: the upper 12 bits of a 16 bit sample; A-law drops the rest.
    """
    size = high if high >= 0 else ~high
    shift = max(0, size.bit_length() - 5)
    step = (((size >> shift) << 4) + 8) << shift
    return step if high >= 0 else -step


# Negative samples count from the list's end, as Python's indexes do.
_ALAW = [_alaw_step(high) for high in (*range(2048), *range(-2048, 0))]
