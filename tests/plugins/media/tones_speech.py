# SPDX-License-Identifier: Apache-2.0
"""Speech for tones.py by flite and espeak-ng: long readings, and words for greetings."""
import pathlib
import re
import subprocess

import numpy

from tones_signals import RATE, load, peak, resample

FLITE = ("kal", "kal16", "awb", "rms", "slt")
ESPEAK = ("en-us+m3", "en-gb+f2", "en-gb+m7", "en-us+f4", "en-gb-scotland+m1", "de+f3", "fr-fr+m4")
# Long English texts that every Debian has.
TEXTS = ("GPL-3", "GPL-2", "Apache-2.0", "Artistic", "GFDL-1.3", "MPL-2.0")
LICENCES = pathlib.Path("/usr/share/common-licenses")
SPEECH_SECONDS_PER_WORD = 0.36


def flite(text, voice, path, stretch=1.0, pitch=None):
    command = ["flite", "-voice", voice, "--setf", "duration_stretch=%.3f" % stretch]
    if pitch:
        command += ["--setf", "int_f0_target_mean=%d" % pitch]
    subprocess.run(command + ["-t", text, "-o", str(path)], check=True, timeout=120,
                   stdout=subprocess.DEVNULL)


def espeak(text, voice, path, speed=165, pitch=50):
    subprocess.run(["espeak-ng", "-v", voice, "-s", str(speed), "-p", str(pitch),
                    "-w", str(path), text], check=True, timeout=120)


def say(text, voice, path, rng):
    """Speech as floats at 8 kHz, and as it was made; pace and pitch vary with the generator."""
    if voice in FLITE:
        flite(text, voice, path, rng.uniform(0.9, 1.15), int(rng.uniform(85, 220)))
    else:
        espeak(text, voice, path, int(rng.uniform(145, 190)), int(rng.uniform(30, 70)))
    samples, rate = load(path)
    path.unlink()
    return resample(samples, rate, RATE)


def levelled(samples, level):
    """Speech whose loud half has a mean power of that level in dBm0."""
    blocks = samples[:len(samples) // 160 * 160].reshape(-1, 160)
    power = numpy.sort(numpy.mean(blocks ** 2, axis=1))
    loud = numpy.mean(power[len(power) // 2:])
    return samples * (peak(level) / 2 ** 0.5 / max(loud, 1e-9) ** 0.5)


def sentences():
    text = " ".join((LICENCES / name).read_text(errors="replace")
                    for name in TEXTS if (LICENCES / name).exists())
    parts = re.split(r"(?<=[.;:])\s+", re.sub(r"[^A-Za-z0-9.,;:'() -]+", " ", text))
    return [" ".join(part.split()) for part in parts if 4 <= len(part.split()) <= 60]


def numbers(rng):
    """What callers say most: numbers, names spelt, amounts."""
    kind = rng.integers(3)
    if kind == 0:
        return "My number is " + ", ".join(str(rng.integers(10)) for _ in range(10)) + "."
    if kind == 1:
        return "It is spelt " + ", ".join(chr(65 + rng.integers(26)) for _ in range(7)) + "."
    return "The amount is %d dollars and %d cents." % (rng.integers(1, 9999), rng.integers(100))


def readings(folder, seconds, rng):
    """Speech of that length, in turns by all voices: yields (voice, samples) of about 40 s."""
    texts = sentences()
    voices = [voice for pair in zip(FLITE + FLITE, ESPEAK + ESPEAK) for voice in pair]
    made, turn = 0.0, 0
    while made < seconds:
        words, passage = 0, []
        while words < 40 / SPEECH_SECONDS_PER_WORD:
            passage.append(numbers(rng) if rng.random() < 0.2
                           else texts[rng.integers(len(texts))])
            words += len(passage[-1].split())
        voice = voices[turn % len(voices)]
        samples = say(" ".join(passage), voice, folder / "reading.wav", rng)
        samples = levelled(samples, rng.uniform(-24, -10))
        made += len(samples) / RATE
        turn += 1
        yield voice, samples
