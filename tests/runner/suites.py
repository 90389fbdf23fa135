# SPDX-License-Identifier: Apache-2.0
"""The suites: their tests as meson lists them, and runner programs at tests/<suite>/run."""

import os
import re
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace

import inverted
import process
from build import ROOT, environment, meson_tests
from results import Program

QUICK = ('lint', 'unit', 'harness', 'plugins', 'conformance', 'scenarios', 'fuzz')
FULL = QUICK + ('bench',)
RUNNER_TIMEOUT = {'quick': 1200, 'full': 7200}
# Which tests take --invert: those of Meson's suite of this name, and the runners of these suites.
INVERTIBLE = 'invertible'
INVERTIBLE_RUNNERS = ('scenarios',)


@dataclass(frozen=True)
class Test:
    """A program to run: one that meson registered, or a suite's own runner."""

    suite: str
    name: str
    command: tuple
    env: dict
    cwd: str
    timeout: float
    parallel: bool
    is_runner: bool = False
    invertible: bool = False

    def inverted(self):
        return replace(self, command=(*self.command, inverted.FLAG))


def tests_of(suite, build, tier):
    found = [meson_test(suite, entry, build) for entry in meson_tests(build)
             if suite in suites_of(entry)]
    runner = ROOT / 'tests' / suite / 'run'
    if os.access(runner, os.X_OK):
        found.append(Test(suite, suite, (str(runner),), {}, str(ROOT), RUNNER_TIMEOUT[tier],
                          parallel=False, is_runner=True,
                          invertible=suite in INVERTIBLE_RUNNERS))
    return found


def suites_of(entry):
    return {name.rsplit(':', 1)[-1] for name in entry['suite']}


def meson_test(suite, entry, build):
    name = entry['name'] if entry['name'].startswith(suite) else f'{suite}/{entry["name"]}'
    timeout = entry['timeout'] * build.timeout_factor if entry['timeout'] > 0 else 3600
    return Test(suite, name, tuple(entry['cmd']), entry['env'],
                entry['workdir'] or str(build.folder), timeout, entry['is_parallel'],
                invertible=INVERTIBLE in suites_of(entry))


def run_suite(tests, build, tier, report):
    """Runs the tests of one suite: parallel ones side by side, then the others one by one."""
    env = dict(environment(build), MCP_TEST_TIER=tier)
    together = [test for test in tests if test.parallel]
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        jobs = [pool.submit(run_test, test, build, env, report) for test in together]
        try:
            for job in as_completed(jobs):
                job.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            process.stop_all()
            raise
    for test in tests:
        if not test.parallel:
            run_test(test, build, env, report)


def run_test(test, build, env, report):
    build.logs.mkdir(parents=True, exist_ok=True)
    log = build.logs / (re.sub(r'[^\w.-]+', '-', test.name) + '.log')
    program = Program(test.name)
    if test.is_runner and not report.invert:
        program.on_result = report.progress
    ended = process.run(test.command, log, program.line, cwd=test.cwd,
                        env=merged(env, test.env), timeout=test.timeout)
    program.finish(ended)
    if report.invert:
        report.inverted_ended(program, inverted.unproven(program, ended), ended, log)
    else:
        report.program_ended(test, program, ended, log)


def merged(common, own):
    """A test's own variables win; only where libraries are sought, both count."""
    result = {**common, **own}
    paths = [env['LD_LIBRARY_PATH'] for env in (own, common) if env.get('LD_LIBRARY_PATH')]
    if paths:
        result['LD_LIBRARY_PATH'] = ':'.join(paths)
    return result
