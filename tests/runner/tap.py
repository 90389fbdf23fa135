# SPDX-License-Identifier: Apache-2.0
"""What a suite's own runner prints: TAP lines as tests end, then the counts."""

import threading


class Tap:
    def __init__(self):
        self.passed = self.failed = self.skipped = 0
        self.lock = threading.Lock()

    def add(self, name, faults=(), skipped=None, comment=''):
        """One test: failed if there are faults (lines that explain), else skipped or passed."""
        with self.lock:
            for fault in faults:
                print(fault)
            self.passed += not faults and not skipped
            self.failed += bool(faults)
            self.skipped += bool(skipped)
            verdict = 'not ok' if faults else 'ok'
            directive = f' # SKIP {skipped}' if skipped else f' # {comment}' if comment else ''
            print(f'{verdict} {self.count()} {name}{directive}', flush=True)

    def count(self):
        return self.passed + self.failed + self.skipped

    def end(self):
        """The closing lines; returns the exit code."""
        skipped = f', {self.skipped} skipped' if self.skipped else ''
        print(f'1..{self.count()}')
        print(f'{self.passed} passed, {self.failed} failed{skipped}', flush=True)
        return 0 if self.count() and not self.failed else 1
