# SPDX-License-Identifier: Apache-2.0
"""Results of tests, and how they are read from what a test program prints.

A program that speaks TAP reports as many tests as it has result lines. One that ends with the line
`N passed, N failed` reports those. Any other is one test, judged by its exit code.
"""

import re
import time
from collections import deque
from dataclasses import dataclass, field

PASSED, FAILED, SKIPPED = 'passed', 'failed', 'skipped'
SKIP_CODE = 77
DETAIL_LINES = 30

RESULT = re.compile(r'^(not )?ok\b(?:\s+\d+)?(?:\s+-)?\s*(.*?)\s*(?:#\s*(SKIP)?\b\s*(.*))?$', re.I)
PLAN = re.compile(r'^1\.\.(\d+)(?:\s*#\s*(.*))?$')
COUNTS = re.compile(r'^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$')


@dataclass
class Result:
    name: str
    verdict: str
    seconds: float = 0.0
    reason: str = ''
    detail: list = field(default_factory=list)
    shown: bool = False
    named: bool = False  # a result line of the program's own


@dataclass
class Program:
    """One test program's output as it comes, and the results in it."""

    name: str
    results: list = field(default_factory=list)
    plan: int = None
    plan_reason: str = ''
    counts: tuple = None
    on_result: object = None

    def __post_init__(self):
        self.since = time.monotonic()
        self.unclaimed = deque(maxlen=DETAIL_LINES)

    def line(self, text):
        now = time.monotonic()
        if match := RESULT.match(text):
            verdict = FAILED if match[1] else SKIPPED if match[3] else PASSED
            result = Result(self.full_name(match[2]), verdict, now - self.since,
                            match[4] if match[3] else '', named=True)
            if verdict == FAILED:
                result.detail.extend(self.unclaimed)
            self.since = now
            self.unclaimed.clear()
            self.results.append(result)
            if self.on_result:
                self.on_result(result)
        elif match := PLAN.match(text):
            self.plan, self.plan_reason = int(match[1]), match[2] or ''
        elif match := COUNTS.match(text):
            self.counts = tuple(int(count or 0) for count in match.groups())
        else:
            self.unclaimed.append(text)

    @property
    def named(self):
        """How many tests the program has reported itself."""
        return sum(result.named for result in self.results)

    def full_name(self, name):
        return f'{self.name}/{name.lstrip("/")}' if name else f'{self.name}/{len(self.results) + 1}'

    def finish(self, ended):
        """Adds what the result lines do not say: crashes, missing results, plain exit codes."""
        if not self.results and self.counts:
            self.results = self.counted(ended)
        if ended.code == SKIP_CODE and not ended.timed_out and not self.results:
            self.add(SKIPPED, ended, self.plan_reason or 'the program skipped itself')
        elif self.plan == 0 and not self.results and not ended.fault():
            self.add(SKIPPED, ended, self.plan_reason.removeprefix('SKIP ') or 'nothing to run')
        elif ended.fault() and not self.has(FAILED):
            self.add(FAILED, ended, ended.fault())
        elif self.plan is not None and len(self.results) < self.plan and not self.has(FAILED):
            self.add(FAILED, ended, f'{len(self.results)} of {self.plan} tests reported')
        elif not self.results:
            self.add(PASSED, ended, '')
        elif ended.fault():
            # A failed assertion ends a GTest program: what it said after the result belongs to it.
            self.last_failure().detail.extend(self.unclaimed)

    def last_failure(self):
        return [result for result in self.results if result.verdict == FAILED][-1]

    def counted(self, ended):
        each = ended.seconds / max(1, sum(self.counts))
        return [Result(f'{self.name}/{verdict}-{number}', verdict, each)
                for verdict, count in zip((PASSED, FAILED, SKIPPED), self.counts)
                for number in range(1, count + 1)]

    def add(self, verdict, ended, reason):
        detail = list(self.unclaimed) if verdict == FAILED else []
        self.results.append(Result(self.name, verdict, ended.seconds, reason, detail))

    def has(self, verdict):
        return any(result.verdict == verdict for result in self.results)

    def count(self, verdict):
        return sum(result.verdict == verdict for result in self.results)
