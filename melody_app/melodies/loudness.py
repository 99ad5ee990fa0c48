"""Measure loudness and true peak as Recommendation ITU-R BS.1770-4 lays down.

EBU R 128 uses the same measure. Both are taken on the signal that a telephone
carries (mono, 8 kHz): bass and treble that no caller hears would otherwise
make a melody count as louder than it sounds to him.
"""

import numpy as np
import numpy.typing as npt
import soxr

Signal = npt.NDArray[np.floating]

# BS.1770-4, Annex 1, tables 1 and 2: numerators and denominators at 48 kHz.
_DESIGN_RATE_HZ = 48_000
_SHELF = (
    (1.53512485958697, -2.69169618940638, 1.19839281085285),
    (
        1.0,
        -1.69065929318241,
        0.73248077421585,
    ),
)
_HIGH_PASS = (1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621)

_OFFSET_DB = -0.691
_ABSOLUTE_GATE_LUFS = -70.0
_RELATIVE_GATE_LU = -10.0
_HOP_S = 0.1
_HOPS_A_BLOCK = 4
_FFT_SIZE = 1 << 16
_BEFORE, _AFTER = 8192, 1024
"""Samples about a block in which the filter rings out, and which are thrown away."""


def integrated_lufs(signal: Signal, rate_hz: int) -> float | None:
    """Measure the gated loudness of one channel.

    A sound shorter than one block of 0.4 s counts as one block, for which the
    Recommendation has no value.

    Args:
        signal: samples of one channel, full scale 1.0.
        rate_hz: its sample rate, up to 48,000.

    Returns:
        LUFS, or None where nothing passes the gate (silence).

    Source: ITU-R BS.1770-4, Annex 1, equations 2 to 7.
    """
    power = _block_power(k_weighted(signal, rate_hz), round(rate_hz * _HOP_S))
    gate = _ABSOLUTE_GATE_LUFS
    for relative in (_RELATIVE_GATE_LU, None):
        power = power[power > 10 ** ((gate - _OFFSET_DB) / 10)]
        if not power.size:
            return None
        level = _OFFSET_DB + 10 * float(np.log10(power.mean()))
        if relative is not None:
            gate = max(gate, level + relative)
    return level


def k_weighted(signal: Signal, rate_hz: int) -> npt.NDArray[np.float64]:
    """Pass a signal through the K-weighting filter.

    The response is that of the published 48 kHz filter, taken at the signal's
    own frequencies, so that no coefficient has to be derived anew for 8 kHz
    (a bilinear transform would bend the curve towards 4 kHz).

    Args:
        signal: samples of one channel.
        rate_hz: its sample rate, up to 48,000.

    Source: ITU-R BS.1770-4, Annex 1, tables 1 and 2.
    """
    step = _FFT_SIZE - _BEFORE - _AFTER
    padded = np.pad(signal, (_BEFORE, _AFTER + -len(signal) % step))
    blocks = np.lib.stride_tricks.sliding_window_view(padded, _FFT_SIZE)[::step]
    weighted = np.fft.irfft(np.fft.rfft(blocks) * _response(rate_hz))
    return weighted[:, _BEFORE : _BEFORE + step].reshape(-1)[: len(signal)]


def true_peak(signal: Signal, rate_hz: int) -> float:
    """Find the largest value between the samples, by fourfold oversampling.

    Args:
        signal: samples of one channel, full scale 1.0.
        rate_hz: its sample rate.

    Returns:
        The peak as an amplitude, never below the largest sample.

    Source: ITU-R BS.1770-4, Annex 2.
    """
    if not len(signal):
        return 0.0
    finer = soxr.resample(np.asarray(signal, np.float32), rate_hz, 4 * rate_hz)
    return float(max(np.abs(signal).max(), np.abs(finer).max(initial=0.0)))


def decibels(amplitude: float) -> float | None:
    """Turn an amplitude (full scale 1.0) into decibels; None for nothing at all."""
    return 20 * float(np.log10(amplitude)) if amplitude > 0 else None


def _response(rate_hz: int) -> npt.NDArray[np.complex128]:
    """Evaluate the filter at the frequencies of one FFT block."""
    turn = np.exp(-2j * np.pi * np.fft.rfftfreq(_FFT_SIZE, 1 / rate_hz) / _DESIGN_RATE_HZ)
    response: npt.NDArray[np.complex128] = np.ones_like(turn)
    for numerator, denominator in (_SHELF, _HIGH_PASS):
        response *= np.polyval(numerator[::-1], turn) / np.polyval(denominator[::-1], turn)
    return response


def _block_power(weighted: npt.NDArray[np.float64], hop: int) -> npt.NDArray[np.float64]:
    """Average the power of blocks of four hops, each begun a hop after the last."""
    hops = len(weighted) // hop
    if hops < _HOPS_A_BLOCK:
        return np.mean(weighted**2, keepdims=True) if len(weighted) else np.zeros(0)
    power = (weighted[: hops * hop] ** 2).reshape(hops, hop).mean(axis=1)
    return np.convolve(power, np.full(_HOPS_A_BLOCK, 1 / _HOPS_A_BLOCK), "valid")
