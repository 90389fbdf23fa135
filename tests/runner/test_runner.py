# SPDX-License-Identifier: Apache-2.0
"""The runner counts what programs print, and leaves no process behind."""

import contextlib
import io
import os
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import inverted  # noqa: E402
import process  # noqa: E402
from report import Report  # noqa: E402
from results import FAILED, PASSED, SKIPPED, Program  # noqa: E402


class RunnerTest(unittest.TestCase):

    def verdicts(self, text, code=0, timed_out=False):
        program = Program('unit/ring')
        for line in text.splitlines():
            program.line(line)
        program.finish(process.Ended(code, 1.0, timed_out))
        self.results = program.results
        self.unproven = inverted.unproven(program, process.Ended(code, 1.0, timed_out))
        return [program.count(verdict) for verdict in (PASSED, FAILED, SKIPPED)]

    def run_shell(self, script, timeout=10):
        self.lines = []
        with tempfile.NamedTemporaryFile() as log:
            return process.run(['sh', '-c', script], log.name, self.lines.append, cwd='/',
                               env=dict(os.environ), timeout=timeout)

    def test_tap_results_are_counted(self):
        text = '1..3\n# Start of ring tests\nok 1 /ring/push\nok 2 /ring/pop # SKIP no ring\n'
        self.assertEqual(self.verdicts(text + 'not ok 3 - /ring/full\n', code=1), [1, 1, 1])
        self.assertEqual([r.name for r in self.results],
                         ['unit/ring/ring/push', 'unit/ring/ring/pop', 'unit/ring/ring/full'])
        self.assertEqual(self.results[1].reason, 'no ring')

    def test_crash_after_good_results_is_a_failure(self):
        self.assertEqual(self.verdicts('1..2\nok 1 /a\nheap-use-after-free\n', code=-6), [1, 1, 0])
        self.assertIn('SIGABRT', self.results[-1].reason)
        self.assertEqual(self.results[-1].detail, ['heap-use-after-free'])

    def test_leak_at_exit_is_a_failure(self):
        self.assertEqual(self.verdicts('1..1\nok 1 /a\nLeakSanitizer\n', code=23), [1, 1, 0])

    def test_missing_results_are_a_failure(self):
        self.assertEqual(self.verdicts('1..2\nok 1 /a\n'), [1, 1, 0])

    def test_plain_program_is_judged_by_its_exit_code(self):
        self.assertEqual(self.verdicts('hello\n'), [1, 0, 0])
        self.assertEqual(self.verdicts('hello\n', code=1), [0, 1, 0])
        self.assertEqual(self.verdicts('hello\n', code=77), [0, 0, 1])
        self.assertEqual(self.verdicts('hello\n', timed_out=True), [0, 1, 0])

    def test_counts_in_the_last_line_are_taken(self):
        self.assertEqual(self.verdicts('3 passed, 0 failed, 1 skipped\n'), [3, 0, 1])
        self.assertEqual(self.verdicts('3 passed, 2 failed\n', code=1), [3, 2, 0])
        self.assertEqual(self.verdicts('3 passed, 0 failed\n', code=1), [3, 1, 0])

    def test_empty_plan_is_a_skip(self):
        self.assertEqual(self.verdicts('1..0 # SKIP no peer\n'), [0, 0, 1])
        self.assertEqual(self.results[0].reason, 'no peer')

    def test_skip_is_a_failure_unless_allowed_or_without_data(self):
        self.verdicts('ok 1 a # SKIP no conformance data\nok 2 b # SKIP no peer\n')
        strict = Report(allow_skip=False, conformance='/')
        plain_clone = Report(allow_skip=False, conformance='/nonexistent')
        lenient = Report(allow_skip=True, conformance='/')
        self.assertEqual([strict.judged(r).verdict for r in self.results], [FAILED, FAILED])
        self.assertEqual([plain_clone.judged(r).verdict for r in self.results], [SKIPPED, FAILED])
        self.assertEqual([lenient.judged(r).verdict for r in self.results], [SKIPPED, SKIPPED])

    def test_last_line_has_the_counts(self):
        self.assertEqual(Report(False, '/').last_line(), '0 passed, 0 failed')

    def test_inverted_run_is_a_proof_when_all_fail(self):
        self.verdicts('1..2\nnot ok 1 /a\nnot ok 2 /b\n', code=1)
        self.assertEqual(self.unproven, [])

    def test_inverted_run_is_no_proof_otherwise(self):
        runs = {
            'passed': ('1..2\nnot ok 1 /a\nok 2 /b\n', 1),
            'skipped': ('1..2\nnot ok 1 /a\nok 2 /b # SKIP no peer\n', 1),
            'reported': ('1..2\nnot ok 1 /a\n', 1),
            'no test': ('cannot start\n', 1),
            'SIGABRT': ('1..1\nnot ok 1 /a\n', -6),
            'exit code 23': ('1..1\nnot ok 1 /a\nLeakSanitizer\n', 23),
            'exit code 0': ('1..1\nnot ok 1 /a\n', 0),
        }
        for word, (text, code) in runs.items():
            self.verdicts(text, code)
            self.assertEqual(len(self.unproven), 1, word)
            self.assertIn(word, self.unproven[0])
        self.verdicts('1..1\nnot ok 1 /a\n', code=1, timed_out=True)
        self.assertIn('timed out', self.unproven[0])

    def test_inverted_report_demands_failures(self):
        for texts, code in ((('not ok 1 a\n',), 0), (('not ok 1 a\n', 'ok 1 b\n'), 1), ((), 1)):
            report = Report(False, '/', invert=True)
            report.say = print_nothing
            report.begin_suite('conformance', len(texts))
            for text in texts:
                self.verdicts(text, code=1)
                program = Program('p')
                program.results = self.results
                report.inverted_ended(program, self.unproven, process.Ended(1, 1.0, False), '/log')
            report.end_suite()
            with contextlib.redirect_stdout(io.StringIO()):
                self.assertEqual(report.end(), code)

    def test_inverted_report_is_not_content_with_a_broken_build(self):
        report = Report(False, '/', invert=True)
        report.say = print_nothing
        report.fail('build', 'ninja: exit code 1')
        with contextlib.redirect_stdout(io.StringIO()):
            self.assertEqual(report.end(), 1)

    def test_inverted_driver(self):
        driver = [sys.executable, inverted.__file__, 'sh', '-c']
        failing = 'test "$0" = --invert && echo "not ok 1 a" && exit 1'
        passing = 'echo "not ok 1 a"; echo "ok 2 b"; exit 1'
        self.assertEqual(self.driven([*driver, failing]), (0, '1 passed, 0 failed'))
        self.assertEqual(self.driven([*driver, passing]), (1, '1 passed, 1 failed'))

    def driven(self, command):
        ended = subprocess.run(command, capture_output=True, text=True)
        return ended.returncode, ended.stdout.splitlines()[-1]

    def test_process_output_and_exit_code(self):
        ended = self.run_shell('echo one; echo two >&2; exit 3')
        self.assertEqual((self.lines, ended.code), (['one', 'two'], 3))
        self.assertEqual(ended.fault(), 'exit code 3')

    def test_process_deadline(self):
        start = time.monotonic()
        ended = self.run_shell('exec sleep 60', timeout=0.2)
        self.assertTrue(ended.timed_out)
        self.assertLess(time.monotonic() - start, 5)

    def test_process_group_is_ended_with_its_leader(self):
        self.run_shell('sleep 60 & echo $!')
        deadline = time.monotonic() + 5
        while is_running(int(self.lines[0])) and time.monotonic() < deadline:
            os.sched_yield()
        self.assertFalse(is_running(int(self.lines[0])))


def print_nothing(text):
    pass


def is_running(pid):
    """Whether the process still runs; an ended one may wait for its parent's look."""
    try:
        with open(f'/proc/{pid}/stat', encoding='ascii') as file:
            return file.read().rsplit(')', 1)[1].split()[0] != 'Z'
    except FileNotFoundError:
        return False


if __name__ == '__main__':
    unittest.main()
