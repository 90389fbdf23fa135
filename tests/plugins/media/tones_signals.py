# SPDX-License-Identifier: Apache-2.0
"""Signals for tones.py: tones, noise, WAV files. Levels in dBm0 of a sine (ITU-T G.711)."""
import wave

import numpy

RATE = 8000
FULL_SCALE = 32767
# A sine of 0 dBm0 peaks 3.14 dB below full scale.
PEAK_0_DBM0 = FULL_SCALE * 10 ** (-3.14 / 20)


def count(seconds, rate=RATE):
    return int(round(seconds * rate))


def silence(seconds, rate=RATE):
    return numpy.zeros(count(seconds, rate))


def peak(level):
    return PEAK_0_DBM0 * 10 ** (level / 20)


def tone(frequencies, levels, seconds, rng, rate=RATE):
    """The sum of sines with random phases; a single level is the level of each."""
    if not isinstance(levels, (list, tuple)):
        levels = [levels] * len(frequencies)
    time = numpy.arange(count(seconds, rate)) / rate
    parts = [peak(level) * numpy.sin(2 * numpy.pi * frequency * time + rng.uniform(0, 6.28))
             for frequency, level in zip(frequencies, levels)]
    return numpy.sum(parts, axis=0)


def noise(n, level, rng):
    """White noise with the power of a sine of that level."""
    return rng.normal(0, peak(level) / 2 ** 0.5, n)


def add_noise(signal, snr, rng):
    """Noise at a distance below the mean power of what is not silent."""
    sounding = signal[signal != 0]
    power = numpy.mean(sounding ** 2)
    return signal + rng.normal(0, (power * 10 ** (-snr / 10)) ** 0.5, len(signal))


def save(path, signal, rate=RATE):
    """16-bit WAV; what is too loud is clipped."""
    samples = numpy.clip(numpy.round(signal), -FULL_SCALE - 1, FULL_SCALE).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.tobytes())


def load(path):
    """Samples as floats, and the rate."""
    with wave.open(str(path), "rb") as file:
        data = file.readframes(file.getnframes())
        return numpy.frombuffer(data, "<i2").astype(float), file.getframerate()


def resample(signal, rate_in, rate_out):
    """Band-limited by way of the spectrum; good enough for whole recordings."""
    if rate_in == rate_out:
        return signal
    length = int(len(signal) * rate_out / rate_in)
    spectrum = numpy.fft.rfft(signal)
    bins = length // 2 + 1
    fitted = numpy.zeros(bins, complex)
    fitted[:min(bins, len(spectrum))] = spectrum[:bins]
    return numpy.fft.irfft(fitted, length) * (length / len(signal))
