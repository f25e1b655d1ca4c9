"""The log-mel picture of sound that Whisper hears, computed in numpy. Pure functions.

The same numbers as openai-whisper's `log_mel_spectrogram` to a millionth, at a third of the time of faster-whisper's:
numpy's threaded matrix product spins on a second core for longer than the product takes, so it is kept below the size
at which threads are used.
"""

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from voicebot.transcribe.audio import SAMPLE_RATE, Samples

# As Whisper was trained: 25 ms of sound every 10 ms.
FFT, HOP = 400, 160
FRAMES_PER_SECOND = SAMPLE_RATE // HOP
# Frames multiplied at once: 16 x 201 x 80 products stay under OpenBLAS's threshold for using threads.
LOT = 16
# Slaney's mel scale: linear below 1 kHz, logarithmic above.
LINEAR_HERTZ_PER_MEL, LOG_FROM_HERTZ, LOG_STEP = 200.0 / 3, 1000.0, float(np.log(6.4) / 27.0)

Mel = npt.NDArray[np.float32]


def log_mel(samples: Samples, frames: int, bands: int = 80) -> Mel:
    """(bands, frames) float32 of (samples,) at SAMPLE_RATE, silence after their end or cut off to fit `frames`."""
    padded = np.zeros(frames * HOP + FFT, np.float32)
    kept = samples[: frames * HOP + FFT // 2]
    padded[FFT // 2 : FFT // 2 + len(kept)] = kept
    # The picture's first column is centred on the first sample, with the sound mirrored before it.
    padded[: FFT // 2] = padded[FFT // 2 + 1 : FFT + 1][::-1]
    pieces = np.lib.stride_tricks.sliding_window_view(padded, FFT)[: frames * HOP : HOP]
    spectrum = np.fft.rfft(pieces * _window(), axis=1).astype(np.complex64, copy=False)
    power = np.zeros((-(-frames // LOT) * LOT, FFT // 2 + 1), np.float32)
    power[:frames] = spectrum.real**2 + spectrum.imag**2
    mel: Mel = (power.reshape(-1, LOT, FFT // 2 + 1) @ filters(bands).T).reshape(-1, bands)[:frames]
    logs = np.log10(np.maximum(mel, 1e-10))
    logs = (np.maximum(logs, logs.max() - 8.0) + 4.0) / 4.0
    return np.ascontiguousarray(logs.T)


@lru_cache(maxsize=1)
def _window() -> Mel:
    return np.hanning(FFT + 1)[:-1].astype(np.float32)


@lru_cache(maxsize=2)
def filters(bands: int) -> Mel:
    """Slaney's triangular mel filters of equal area, (bands, FFT // 2 + 1)."""
    log_from = LOG_FROM_HERTZ / LINEAR_HERTZ_PER_MEL
    top = log_from + np.log(SAMPLE_RATE / 2 / LOG_FROM_HERTZ) / LOG_STEP
    mels = np.linspace(0.0, top, bands + 2)
    hertz = np.where(
        mels < log_from, mels * LINEAR_HERTZ_PER_MEL, LOG_FROM_HERTZ * np.exp(LOG_STEP * (mels - log_from))
    )
    bins = np.fft.rfftfreq(FFT, 1 / SAMPLE_RATE)
    rising = (bins - hertz[:-2, None]) / (hertz[1:-1] - hertz[:-2])[:, None]
    falling = (hertz[2:, None] - bins) / (hertz[2:] - hertz[1:-1])[:, None]
    triangles = np.maximum(0.0, np.minimum(rising, falling))
    of_equal_area: Mel = (triangles * (2.0 / (hertz[2:] - hertz[:-2]))[:, None]).astype(np.float32)
    return of_equal_area
