# SPDX-License-Identifier: Apache-2.0
"""What the run shows while it goes and at its end, and the summary that --full leaves."""

import json
import os
import platform
import subprocess
import threading
import time
from datetime import datetime, timezone

from build import ROOT
from results import FAILED, PASSED, SKIPPED, Result

SLOWEST = 10
SUMMARY = ROOT / 'tests' / 'RESULTS.md'


class Report:
    """Collects results of all suites; a skip that nothing excuses is turned into a failure. Of
    inverted suites every test must fail; what speaks against that is kept in `unproven`."""

    def __init__(self, allow_skip, conformance, invert=False):
        self.allow_skip = allow_skip
        self.invert = invert
        self.unproven = []
        self.has_conformance = os.path.isdir(conformance)
        self.conformance = conformance
        self.results = []
        self.excused = []
        self.suites = {}
        self.figures = {}
        self.suite = ''
        self.lock = threading.Lock()
        self.start = time.monotonic()

    def say(self, text):
        with self.lock:
            print(text, flush=True)

    def begin_suite(self, name, count):
        self.suite = name
        self.suites[name] = {PASSED: 0, FAILED: 0, SKIPPED: 0, 'seconds': 0.0}
        self.suite_start = time.monotonic()
        self.say(f'\n{name}: {count} program{"" if count == 1 else "s"}')

    def end_suite(self):
        suite = self.suites[self.suite]
        suite['seconds'] = time.monotonic() - self.suite_start
        self.say(f'{self.suite}: {counts_line(suite)} in {suite["seconds"]:.1f} s')

    def progress(self, result):
        """One test of a suite's own runner has ended; the runner goes on."""
        if result.verdict == FAILED:
            self.show_failure(result)
        else:
            self.say(f'  {mark(result)} {result.name}  {result.seconds:.2f} s')

    def program_ended(self, test, program, ended, log):
        program.results = [self.judged(result) for result in program.results]
        with self.lock:
            self.results.extend(program.results)
            for result in program.results:
                self.suites[self.suite][result.verdict] += 1
        if not test.is_runner:
            self.say(f'  {"FAIL" if program.has(FAILED) else "ok  "} {test.name}  '
                     f'{program.count(PASSED)} passed  {ended.seconds:.2f} s')
        failed = [result for result in program.results if result.verdict == FAILED]
        for result in failed:
            if not result.shown:
                self.show_failure(result)
        if failed:
            self.say(f'    whole output: {os.path.relpath(log, ROOT)}')

    def inverted_ended(self, program, unproven, ended, log):
        """A program whose verdicts were swapped has ended; `unproven` must be empty."""
        with self.lock:
            self.results.extend(program.results)
            self.unproven += unproven
            for result in program.results:
                self.suites[self.suite][result.verdict] += 1
        self.say(f'  {"NOT ALL" if unproven else "all"} failed  {program.name}  '
                 f'{program.count(FAILED)} of {len(program.results)}  {ended.seconds:.2f} s')
        for reason in unproven:
            self.say(f'    | {reason}')
        if unproven:
            self.say(f'    whole output: {os.path.relpath(log, ROOT)}')

    def show_failure(self, result):
        result.shown = True
        self.say('\n'.join([f'  FAIL {named(result)}',
                            *(f'    | {line}' for line in result.detail)]))

    def fail(self, name, reason):
        """A failure outside any test program, such as a build that does not compile."""
        self.results.append(Result(name, FAILED, 0.0, reason.split('\n')[0]))
        self.unproven.append(f'{name}: {reason.splitlines()[0]}')
        self.say(f'FAIL {name}: {reason}')

    def judged(self, result):
        if result.verdict != SKIPPED or self.allow_skip:
            return result
        if not self.has_conformance and 'conformance' in result.reason.lower():
            self.excused.append(result)
            return result
        return Result(result.name, FAILED, result.seconds, f'skipped: {result.reason}')

    def count(self, verdict):
        return sum(result.verdict == verdict for result in self.results)

    def slowest(self):
        return sorted(self.results, key=lambda result: -result.seconds)[:SLOWEST]

    def end(self):
        """The closing lines; returns the exit code."""
        if self.invert:
            return self.end_inverted()
        if self.results:
            print('\nslowest tests')
            for result in self.slowest():
                print(f'  {result.seconds:7.2f} s  {result.name}')
        failed = [result for result in self.results if result.verdict == FAILED]
        if failed:
            print('\nfailed')
            for result in failed:
                print(f'  {named(result)}')
        if self.excused:
            print(f'\nnot run, no conformance data at {self.conformance} (MCP_CONFORMANCE)')
            for result in self.excused:
                print(f'  {result.name}')
        if not self.results:
            print('\nnothing ran')
        print(f'\nsuites: {", ".join(self.suites) or "none"}; '
              f'{time.monotonic() - self.start:.0f} s in all')
        print(self.last_line(), flush=True)
        return 0 if self.results and not failed else 1

    def end_inverted(self):
        proven = self.results and not self.unproven and not self.count(PASSED)
        if not proven:
            print('\nno proof that the tests can fail')
            for reason in self.unproven or ['nothing ran']:
                print(f'  {reason}')
        print('\ninverted: ' + ('every test failed, as it must' if proven else 'not every test '
                                'failed by its own verdict'))
        print(self.last_line(), flush=True)
        return 0 if proven else 1

    def last_line(self):
        return counts_line({verdict: self.count(verdict)
                            for verdict in (PASSED, FAILED, SKIPPED)})

    def write_summary(self):
        """tests/RESULTS.md, committed with the piece of work that the run closes."""
        text = [
            '# Results of the last full run', '',
            f'{datetime.now(timezone.utc):%Y-%m-%d %H:%M} UTC, commit {commit()}, {machine()}, '
            f'{(time.monotonic() - self.start) / 60:.0f} min', '',
            f'**{self.last_line()}**', '',
            '| suite | passed | failed | skipped | seconds |', '|---|---|---|---|---|']
        text += [f'| {name} | {suite[PASSED]} | {suite[FAILED]} | {suite[SKIPPED]} '
                 f'| {suite["seconds"]:.0f} |' for name, suite in self.suites.items()]
        text += ['', '| slowest tests | seconds |', '|---|---|']
        text += [f'| {result.name} | {result.seconds:.1f} |' for result in self.slowest()]
        if self.figures:
            text += ['', '| figure | value |', '|---|---|']
            text += [f'| {name} | {value} |' for name, value in self.figures.items()]
        SUMMARY.write_text('\n'.join(text) + '\n')
        self.say(f'summary written to {os.path.relpath(SUMMARY, ROOT)}')

    def read_figures(self, path):
        """The benches' JSON, flattened to `case.figure: value` rows."""
        if os.path.isfile(path):
            with open(path, encoding='utf-8') as file:
                self.figures = dict(flat(json.load(file)))


def flat(value, prefix=''):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from flat(inner, f'{prefix}.{key}' if prefix else key)
    elif not isinstance(value, list):
        yield prefix, f'{value:.4g}' if isinstance(value, float) else value


def mark(result):
    return 'skip' if result.verdict == SKIPPED else 'ok  '


def named(result):
    return f'{result.name}{": " if result.reason else ""}{result.reason}'


def counts_line(counts):
    skipped = f', {counts[SKIPPED]} skipped' if counts[SKIPPED] else ''
    return f'{counts[PASSED]} passed, {counts[FAILED]} failed{skipped}'


def commit():
    output = subprocess.run(['git', 'describe', '--always', '--dirty', '--exclude=*'], cwd=ROOT,
                            capture_output=True, text=True)
    return output.stdout.strip() or 'unknown'


def machine():
    with open('/proc/cpuinfo', encoding='utf-8') as file:
        models = [line.split(':', 1)[1].strip() for line in file if line.startswith('model name')]
    model = models[0] if models else platform.machine()
    return f'{os.cpu_count()} processors ({model}), kernel {platform.release().split("-")[0]}'
