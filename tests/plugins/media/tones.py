#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How well tones are found: digits by ITU-T Q.24, speech that is no digit, and outgoing calls.

usage: tones.py DETECT-TOOL FOLDER-FOR-AUDIO

The audio is made anew in each run, always the same. Quick tier: 5 minutes of speech; full: 60.
"""
import collections
import json
import os
import pathlib
import subprocess
import sys

import numpy

import tones_calls
import tones_digits
from tones_signals import RATE, save
from tones_speech import readings

LEAST_ACCURACY = 99.5
# Dial tone as loud as the digits' louder tone, 8 dB over the weaker one: beyond what Q.24 asks.
LEAST_UNDER_LOUD_DIAL = 99.0
MOST_TALK_OFF_AN_HOUR = 5
LEAST_TONES = 95
LEAST_ANSWERS = 85
# Longer hellos and shorter announcements than the heuristic is made for: known to be weak.
LEAST_HARD_ANSWERS = 70
LONGEST = 4.0
BEEP_WITHIN = 0.25
SEEDS = {"digits": 24, "speech": 7, "calls": 11, "hard": 21}


class Tool:
    def __init__(self, path):
        self.path = path
        self.has_spandsp = False

    def run(self, *arguments, files):
        """The reports of each file."""
        output = subprocess.run([self.path, *arguments, *map(str, files)], check=True,
                                capture_output=True, text=True, timeout=1000).stdout
        reports = collections.defaultdict(list)
        for line in output.splitlines():
            report = json.loads(line)
            reports[report.get("file")].append(report)
        return reports

    def probe(self, path):
        """Whether the tool was built with spandsp."""
        self.has_spandsp = subprocess.run([self.path, "spandsp", str(path)],
                                          capture_output=True).returncode == 0


class Tap:
    def __init__(self):
        self.count = 0
        self.failed = 0

    def ok(self, condition, what):
        self.count += 1
        self.failed += not condition
        print("%sok %d %s" % ("" if condition else "not ", self.count, what), flush=True)

    def say(self, text):
        print("# " + text, flush=True)


def accuracy(tool, command, cases):
    """Percent of the digits that were heard, and what was heard besides."""
    reports = tool.run(command, files=[case.path for case in cases])
    right, extra = 0, 0
    for case in cases:
        heard, wrong = tones_digits.heard_of(case, reports[str(case.path)])
        right += heard
        extra += wrong
    return 100.0 * right / sum(len(case.digits) for case in cases), extra


def test_accepted(tap, tool, folder, rng):
    for name, cases in tones_digits.accepted(folder, rng).items():
        percent, extra = accuracy(tool, "dtmf", cases)
        total = sum(len(case.digits) for case in cases)
        text = "%-24s %5d digits, heard %6.2f %%, %d besides" % (name, total, percent, extra)
        tool.probe(cases[0].path)
        peer = 0
        if tool.has_spandsp and cases[0].rate == RATE:
            peer, wrong = accuracy(tool, "spandsp", cases)
            text += "; spandsp %6.2f %%, %d besides" % (peer, wrong)
        least = LEAST_UNDER_LOUD_DIAL if name.startswith("dial tone of") else LEAST_ACCURACY
        tap.ok(percent >= least and percent >= peer and extra == 0, text)


def test_refused(tap, tool, folder, rng):
    for name, (case, total) in tones_digits.refused(folder, rng).items():
        heard = len(tool.run("dtmf", files=[case.path])[str(case.path)])
        text = "%-24s %5d tones, taken for digits %d" % (name, total, heard)
        if tool.has_spandsp:
            text += "; spandsp %d" % len(tool.run("spandsp", files=[case.path])[str(case.path)])
        tap.ok(heard == 0, text)


def test_talk_off(tap, tool, folder, rng, minutes):
    """Speech in which there is no digit; and no tone of a network or a beep either."""
    heard = collections.Counter()
    seconds = 0
    path = folder / "reading-8k.wav"
    voices = set()
    for voice, samples in readings(folder, minutes * 60, rng):
        save(path, samples)
        voices.add(voice)
        seconds += len(samples) / RATE
        for command in ("dtmf", "spandsp") if tool.has_spandsp else ("dtmf",):
            heard[command] += sum(map(len, tool.run(command, files=[path]).values()))
        for report in tool.run("progress", "all", "-1", files=[path])[str(path)]:
            heard[report["progress"]] += 1
    hours = seconds / 3600
    tap.say("%.1f minutes of speech by %d voices" % (seconds / 60, len(voices)))
    tap.ok(heard["dtmf"] <= MOST_TALK_OFF_AN_HOUR * hours,
           "talk-off: %d digits in %.1f minutes; spandsp %s"
           % (heard["dtmf"], seconds / 60, heard["spandsp"] if tool.has_spandsp else "absent"))
    others = sum(heard[kind] for kind in ("ringing", "busy", "fast-busy", "sit", "fax", "modem",
                                          "beep"))
    tap.ok(others <= MOST_TALK_OFF_AN_HOUR * hours,
           "talk-off: %d tones of networks, faxes and beeps; %d readings were a machine, %d a "
           "person" % (others, heard["machine"], heard["person"]))


class Outcome:
    """What became of a call."""

    def __init__(self, call, reports):
        since = call.answered or 0
        reports = [report for report in reports if report["at"] >= since]
        verdicts = [report for report in reports
                    if report["progress"] not in ("ringing", "beep")]
        rings = [report for report in reports if report["progress"] == "ringing"]
        self.call = call
        self.report = (verdicts + rings + [None])[0]
        self.name = self.report["progress"] if self.report else "nothing"
        self.seconds = self.report["at"] - call.begin if self.report else 0
        self.right = self.name == call.truth
        self.exact = self.right and (call.truth not in ("sit", "fax", "modem")
                                     or self.report["detail"] == call.detail)
        beeps = [report["at"] for report in reports if report["progress"] == "beep"]
        self.beep = len(beeps) == 1 and abs(beeps[0] - (call.beep or 0)) <= BEEP_WITHIN


def judge(tool, calls):
    groups = collections.defaultdict(list)
    for call in calls:
        groups[call.country, call.answered].append(call)
    outcomes = []
    for (country, answered), group in groups.items():
        answer = "-1" if answered is None else str(int(answered * 1000))
        reports = tool.run("progress", country, answer, files=[call.path for call in group])
        outcomes += [Outcome(call, reports[str(call.path)]) for call in group]
    return outcomes


def print_matrix(tap, outcomes):
    cells = collections.Counter((o.call.truth, o.name) for o in outcomes)
    truths = sorted({o.call.truth for o in outcomes})
    names = truths + sorted({o.name for o in outcomes} - set(truths))
    tap.say("%-10s" % "is \\ said" + "".join("%10s" % name for name in names))
    for truth in truths:
        tap.say("%-10s" % truth + "".join("%10s" % (cells[truth, name] or ".") for name in names))
    for outcome in outcomes:
        if not outcome.exact or outcome.seconds > LONGEST:
            tap.say("%s: %s" % (outcome.call.path.name, outcome.report))


def share(outcomes):
    return 100.0 * sum(o.right for o in outcomes) / len(outcomes)


def write_all(calls, folder, rng):
    for index, call in enumerate(calls):
        call.write(folder, index, rng)
    return calls


def test_calls(tap, tool, folder, rng):
    calls = write_all(tones_calls.tone_calls(rng, 4)
                      + tones_calls.answered_calls(folder, rng), folder, rng)
    outcomes = judge(tool, calls)
    print_matrix(tap, outcomes)
    spoken = [o for o in outcomes if o.call.truth in ("person", "machine")]
    tones = [o for o in outcomes if o not in spoken]
    kinds = [o for o in tones if o.call.truth in ("sit", "fax", "modem")]
    with_beep = [o for o in outcomes if o.call.beep is not None]
    beeps = sum(o.beep for o in with_beep)
    longest = max(outcomes, key=lambda o: o.seconds)
    tap.ok(len(calls) >= 150, "%d calls" % len(calls))
    tap.ok(share(tones) >= LEAST_TONES, "tones: %.1f %% of %d right" % (share(tones), len(tones)))
    tap.ok(sum(o.exact for o in kinds) >= LEAST_TONES / 100 * len(kinds),
           "kinds of special tones: %d of %d right" % (sum(o.exact for o in kinds), len(kinds)))
    tap.ok(share(spoken) >= LEAST_ANSWERS,
           "person or machine: %.1f %% of %d right" % (share(spoken), len(spoken)))
    tap.ok(beeps >= LEAST_TONES / 100 * len(with_beep),
           "beeps: %d of %d found once and within %.2f s of their end"
           % (beeps, len(with_beep), BEEP_WITHIN))
    tap.ok(longest.seconds <= LONGEST,
           "latest verdict %.2f s after the begin (%s)" % (longest.seconds, longest.call.truth))


def test_hard_answers(tap, tool, folder, rng):
    """Texts beyond the heuristic's limits, so that its figures are not taken for more."""
    outcomes = judge(tool, write_all(tones_calls.hard_calls(folder, rng), folder, rng))
    print_matrix(tap, outcomes)
    tap.ok(share(outcomes) >= LEAST_HARD_ANSWERS,
           "long hellos and short announcements: %.1f %% of %d right"
           % (share(outcomes), len(outcomes)))


def print_cost(tap, tool, folder):
    for name in ("clean", "clean16"):
        for report in tool.run("cost", files=[folder / (name + ".wav")])[None]:
            tap.say("%s at %d Hz: %.2f µs a frame of 20 ms"
                    % (report["cost"], report["rate"], report["us_per_frame"]))


def main():
    tool = Tool(sys.argv[1])
    folder = pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    tap = Tap()
    generator = {name: numpy.random.default_rng(seed) for name, seed in SEEDS.items()}
    test_accepted(tap, tool, folder, generator["digits"])
    test_refused(tap, tool, folder, generator["digits"])
    print_cost(tap, tool, folder)
    minutes = 60 if os.environ.get("MCP_TEST_TIER") == "full" else 5
    test_talk_off(tap, tool, folder, generator["speech"], minutes)
    test_calls(tap, tool, folder, generator["calls"])
    test_hard_answers(tap, tool, folder, generator["hard"])
    print("1..%d" % tap.count)
    return 1 if tap.failed else 0


sys.exit(main())
