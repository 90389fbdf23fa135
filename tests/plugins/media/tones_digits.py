# SPDX-License-Identifier: Apache-2.0
"""The material of ITU-T Q.24 for tones.py: digits that must be taken, and tones that must not."""
import itertools

import numpy

from tones_signals import RATE, add_noise, count, noise, save, silence, tone

ROWS = (697, 770, 852, 941)
COLUMNS = (1209, 1336, 1477, 1633)
KEYS = ("123A", "456B", "789C", "*0#D")
PAIRS = {key: (ROWS[r], COLUMNS[c])
         for r, row in enumerate(KEYS) for c, key in enumerate(row)}
LEVELS = (0, -5, -10, -15, -20, -25)
TWISTS = (4, 0, -8)
DEVIATIONS = ((0, 0), (1.5, 1.5), (-1.5, -1.5), (1.5, -1.5), (-1.5, 1.5))


class Case:
    """A file and the digits in it: (digit, start, length) in samples."""

    def __init__(self, name, rate=RATE):
        self.name = name
        self.rate = rate
        self.parts = [silence(0.1, rate)]
        self.digits = []
        self.at = len(self.parts[0])
        self.path = None

    def add(self, samples, digit=None):
        if digit:
            self.digits.append((digit, self.at, len(samples)))
        self.parts.append(samples)
        self.at += len(samples)

    def pause(self, seconds):
        self.add(silence(seconds, self.rate))

    def write(self, folder, rng, snr=None, floor=None, dial=None):
        signal = numpy.concatenate(self.parts + [silence(0.1, self.rate)])
        if dial is not None:
            signal = signal + tone((350, 440), dial, len(signal) / self.rate, rng, self.rate)
        if snr is not None:
            signal = add_noise(signal, snr, rng)
        if floor is not None:
            signal = signal + noise(len(signal), floor, rng)
        self.path = folder / (self.name + ".wav")
        save(self.path, signal, self.rate)
        self.parts = []
        return self


def key_tone(key, level, twist, deviation, seconds, rng, rate=RATE):
    """The stronger tone has the level; twist: column over row in dB; deviation in percent."""
    frequencies = [f * (1 + d / 100) for f, d in zip(PAIRS[key], deviation)]
    levels = [level - max(twist, 0), level + min(twist, 0)]
    return tone(frequencies, levels, seconds, rng, rate)


def grid(case, rng, levels=LEVELS, on=0.040, off=0.040):
    """Every digit at every level, twist and deviation."""
    for level, twist, deviation, key in itertools.product(levels, TWISTS, DEVIATIONS, PAIRS):
        case.add(key_tone(key, level, twist, deviation, on, rng, case.rate), key)
        # The pauses differ by less than a millisecond, so that digits begin anywhere.
        case.pause(off + rng.uniform(0, 0.001))
    return case


def accepted(folder, rng):
    """Groups of cases in which each digit is to be heard: {name: [case]}."""
    def graded(name, **disturbance):
        """The disturbance follows the level: one file a level."""
        return [grid(Case("%s-%d" % (name, -level)), rng, (level,)).write(
            folder, rng, **{key: value(level) for key, value in disturbance.items()})
                for level in LEVELS]

    easy = Case("easy")
    for level, key in itertools.product(LEVELS * 3, PAIRS):
        easy.add(key_tone(key, level, 0, (0, 0), 0.06, rng), key)
        easy.pause(0.06 + rng.uniform(0, 0.001))
    groups = {"clean 40/40": [grid(Case("clean"), rng).write(folder, rng)],
              "clean 40/40, 16 kHz": [grid(Case("clean16", 16000), rng).write(folder, rng)],
              "noise 15 dB below": graded("noise", snr=lambda level: 15),
              "dial tone 20 dB below": graded("dial", dial=lambda level: level - 20),
              "nominal 60/60": [easy.write(folder, rng)]}
    loud = Case("dial-loud")
    loud.pause(0.5)
    grid(loud, rng, (-5, -10, -15, -20))
    groups["dial tone of -20 dBm0"] = [loud.write(folder, rng, dial=-20)]
    broken = Case("drop-out")
    for level, key in itertools.product(LEVELS, PAIRS):
        samples = key_tone(key, level, 0, (0, 0), 0.1, rng)
        hole = count(rng.uniform(0.03, 0.06))
        samples[hole:hole + count(rng.uniform(0.001, 0.0099))] = 0
        broken.add(samples, key)
        broken.pause(0.06)
    groups["drop-outs below 10 ms"] = [broken.write(folder, rng)]
    return groups


def refused(folder, rng):
    """Cases in which no digit is to be heard: {name: (case, tones in it)}."""
    groups = {}

    def case(name, title, tones):
        made = Case(name)
        for samples in tones:
            made.add(samples)
            made.pause(0.06)
        groups[title] = (made.write(folder, rng, floor=-70), len(tones))

    case("short", "22.5 ms long",
         [key_tone(key, level, 0, (0, 0), 0.0225, rng)
          for level in LEVELS for key in PAIRS for _ in range(3)])
    case("off", "3.5 % off",
         [key_tone(key, level, twist, deviation, 0.1, rng)
          for level in (0, -10, -25) for twist in TWISTS for key in PAIRS
          for deviation in ((3.5, 0), (-3.5, 0), (0, 3.5), (0, -3.5), (3.5, 3.5), (-3.5, -3.5))])
    case("faint", "-55 dBm0",
         [key_tone(key, -55, 0, (0, 0), 0.1, rng) for key in PAIRS for _ in range(3)])
    case("single", "one tone alone",
         [tone((frequency,), level, 0.1, rng)
          for frequency in ROWS + COLUMNS for level in LEVELS])
    return groups


def heard_of(case, reports, slack=0.045):
    """How many of a case's digits were heard once and right, and how many reports are wrong."""
    reports = sorted(reports, key=lambda report: report["start"])
    early = count(0.012, case.rate)
    late = count(slack, case.rate)
    right, used = 0, set()
    at = 0
    for digit, start, length in case.digits:
        while at < len(reports) and reports[at]["start"] < start - early:
            at += 1
        if at < len(reports) and reports[at]["start"] < start + length + late \
                and reports[at]["digit"] == digit:
            right += 1
            used.add(at)
            at += 1
    return right, len(reports) - len(used)
