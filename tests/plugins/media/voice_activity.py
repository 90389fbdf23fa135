#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Judges the voice activity detector by marked utterances in noise, beside a plain energy detector.

usage: voice_activity.py VAD-TOOL FOLDER [--tuning] [--seed N]

The sounds are made here, the same in each run, from texts, voices, noises and seeds that were not
used for tuning (voice_sounds.py, voice_synthesis.c). A start is found when it is reported within
200 ms after the mark (within 25 dB of the utterance's loudest 10 ms), or on a softer sound of the
utterance before it; one reported where nothing of an utterance can be heard is false. False starts
are counted on calls without a caller, under the same noise. Quick tier: a part of the utterances;
full tier: all. --tuning: the tuning set instead, with seeds of its own, to try out a change; what
is measured on the judging set is for judging alone. --seed: other noises of the same kinds.
"""
import math
import os
import statistics
import subprocess
import sys

import voice_sounds

RATE = 8000
IN_TIME = 0.2
# Decided so long after the last sound, it is no false start yet.
AFTER = 0.1
NOISES = ["clean", "echo", "babble", "line", "breath", "music"]
# Beside the others: a caller who tops the prompt's echo by 6 dB only; keys and tones of the network
# as loud as he.
CONDITIONS = NOISES + ["double", "tones"]
FOUND_SHARE = 0.97
FALSE_A_MINUTE = 0.1
DOUBLE_SHARE = 0.95
WORSE_SHARE = 0.3
TRACK_SECONDS = 40
QUIET_SECONDS = 30
SEED = 900000


class Tally:
    def __init__(self):
        self.utterances = self.found = self.ever = self.false = self.quiet_false = 0
        self.seconds = self.quiet_seconds = 0
        self.delays = []

    def take(self, marks, starts, seconds):
        left = list(starts)
        for first, begin, _, last in marks:
            mine = [s for s in left if first < s[1] <= last + AFTER * RATE]
            left = [s for s in left if s not in mine]
            self.utterances += 1
            if mine:
                delay = (mine[0][1] - begin) / RATE
                self.delays.append(delay)
                self.ever += 1
                self.found += delay <= IN_TIME
        self.false += len(left)
        if not marks:
            self.quiet_false += len(left)
            self.quiet_seconds += seconds
        self.seconds += seconds

    def add(self, other):
        for name in ("utterances", "found", "ever", "false", "quiet_false", "seconds",
                     "quiet_seconds", "delays"):
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def share(self):
        return self.found / self.utterances if self.utterances else 0

    def rate(self):
        return self.quiet_false * 60 / self.quiet_seconds if self.quiet_seconds else math.inf

    def text(self):
        delay = statistics.median(self.delays) * 1000 if self.delays else math.inf
        return (f"{100 * self.share():5.1f} % in time, {100 * self.ever / self.utterances:5.1f} % "
                f"ever, {self.rate():5.2f} false/min, median {delay:3.0f} ms "
                f"({self.utterances} utterances, {self.quiet_seconds / 60:.0f} min)")


def orders(folder, full, tuning, seed):
    if tuning:
        callers = voice_sounds.speak_all(folder, voice_sounds.TUNE_CALLERS, voice_sounds.TUNE_TEXTS)
        prompts = voice_sounds.speak_all(folder, voice_sounds.TUNE_PROMPTERS,
                                         voice_sounds.TUNE_PROMPTS)
    else:
        callers = voice_sounds.speak_all(folder, voice_sounds.JUDGE_CALLERS,
                                         voice_sounds.JUDGE_TEXTS[::1 if full else 3])
        prompts = voice_sounds.speak_all(folder, voice_sounds.JUDGE_PROMPTERS,
                                         voice_sounds.JUDGE_PROMPTS[:6 if full else 3])
    lines = [f"utterance {path}" for path in callers] + [f"voice {path}" for path in prompts]
    quiet, per_track = (30 if full else 4), 8
    for index, condition in enumerate(CONDITIONS):
        # In the quick tier each utterance is heard under one or two conditions only.
        chosen = range(len(callers)) if full else range(index % 3, len(callers), 3)
        for at in range(0, len(chosen), per_track):
            numbers = ",".join(str(n) for n in chosen[at:at + per_track])
            number = seed + index * 1000 + at
            lines.append(f"track {condition} {number} {TRACK_SECONDS} {numbers}")
        lines += [f"track {condition} {seed + 50000 + index * 1000 + n} {QUIET_SECONDS} ,"
                  for n in range(quiet)]
    return lines


def judge(output):
    """(detector, condition) -> Tally"""
    tallies, marks, starts, condition = {}, [], {}, ""
    for line in output.splitlines():
        words = line.split()
        if words[0] == "track":
            condition, marks, starts = words[1], [], {"voice": [], "energy": []}
        elif words[0] == "mark":
            marks.append(tuple(int(word) for word in words[1:5]))
        elif words[0] in starts and words[1] == "start":
            starts[words[0]].append((int(words[2]), int(words[3])))
        elif words[0] == "done":
            for name, found in starts.items():
                tallies.setdefault((name, condition), Tally()).take(marks, found,
                                                                    int(words[1]) / RATE)
    return tallies


def verdicts(tallies, total, full):
    """(good, what) of each demand."""
    voice, energy = total["voice"], total["energy"]
    yield voice.share() >= FOUND_SHARE, f"{100 * voice.share():.1f} % of starts within 200 ms"
    yield voice.rate() <= FALSE_A_MINUTE, f"{voice.rate():.2f} false starts a minute"
    # In the quick tier a condition has two minutes: one false start says nothing.
    for condition in CONDITIONS if full else []:
        rate = tallies["voice", condition].rate()
        yield rate <= FALSE_A_MINUTE, f"{condition}: {rate:.2f} false starts a minute"
    double = tallies["voice", "double"]
    yield double.ever / double.utterances >= DOUBLE_SHARE, \
        f"double talk: {100 * double.ever / double.utterances:.1f} % found"
    yield energy.share() < voice.share() - WORSE_SHARE, \
        f"energy alone finds {100 * energy.share():.1f} % in time"
    yield energy.rate() > 10 * max(voice.rate(), FALSE_A_MINUTE), \
        f"energy alone has {energy.rate():.2f} false starts a minute"


def main():
    tool, folder = sys.argv[1:3]
    full = os.environ.get("MCP_TEST_TIER") == "full"
    tuning = "--tuning" in sys.argv
    seed = int(sys.argv[sys.argv.index("--seed") + 1]) if "--seed" in sys.argv else SEED
    lines = "\n".join(orders(folder, full, tuning, seed)) + "\n"
    output = subprocess.run([tool, "tune" if tuning else "judge"], input=lines, text=True,
                            check=True, stdout=subprocess.PIPE, timeout=1500).stdout
    tallies = judge(output)
    total = {}
    for name in ("voice", "energy"):
        total[name] = Tally()
        for condition in CONDITIONS:
            print(f"# {name:6} {condition:7} {tallies[name, condition].text()}")
            if condition in NOISES:
                total[name].add(tallies[name, condition])
        print(f"# {name:6} overall {total[name].text()}")
    found = list(verdicts(tallies, total, full))
    print(f"1..{len(found)}")
    for number, (good, what) in enumerate(found, 1):
        print(f"{'ok' if good else 'not ok'} {number} {what}")


main()
