#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Shows that a suite can fail: its runner is run with --invert, and every test must fail.

    inverted.py RUNNER [argument…]

Prints TAP: "ok" for a test that failed as it must.
"""

import os
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True

import process  # noqa: E402
from results import FAILED, PASSED, SKIPPED, Program  # noqa: E402
from tap import Tap  # noqa: E402

FLAG = '--invert'
FAILED_CODE = 1
TIMEOUT = 3600


def unproven(program, ended):
    """Why an inverted run is no proof; empty when each of its tests failed by its own verdict. A
    crash, a sanitizer's report or a deadline fails a program as well, but proves nothing."""
    if ended.timed_out or ended.code != FAILED_CODE:
        return [f'{program.name}: {ended.fault() or "exit code 0"}, '
                f'exit code {FAILED_CODE} was due']
    reasons = [f'{result.name}: passed, although inverted' for result in program.results
               if result.verdict == PASSED]
    reasons += [f'{result.name}: skipped' for result in program.results
                if result.verdict == SKIPPED]
    if not program.named:
        reasons.append(f'{program.name}: no test reported a verdict')
    if program.plan is not None and program.plan != program.named:
        reasons.append(f'{program.name}: {program.named} of {program.plan} tests reported')
    return reasons


def has_nothing_to_run(program, ended):
    """Whether the suite's data are not there: a skip as a whole."""
    return not ended.timed_out and not program.named and program.count(SKIPPED) == 1


def main():
    name = os.path.basename(sys.argv[1])
    program = Program(name)
    lines = []

    def take(line):
        lines.append(line)
        program.line(line)

    with tempfile.NamedTemporaryFile() as log:
        ended = process.run([*sys.argv[1:], FLAG], log.name, take, cwd=os.getcwd(),
                            env=dict(os.environ), timeout=TIMEOUT)
    program.finish(ended)
    tap = Tap()
    if has_nothing_to_run(program, ended):
        print(f'1..0 # SKIP {program.results[0].reason}')
        return 0
    reasons = unproven(program, ended)
    for result in program.results:
        if result.verdict == FAILED and result.named:
            tap.add(result.name)
    if reasons:
        tap.add(f'{name}/every-test-fails', [f'# {line}' for line in lines[-40:] + reasons])
    return tap.end()


if __name__ == '__main__':
    process.interrupt_on_sigterm()
    sys.exit(main())
