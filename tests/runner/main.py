# SPDX-License-Identifier: Apache-2.0
"""Builds the tree with sanitizers and runs the test suites. Called by tests/run."""

import argparse
import os
import sys

import process
from build import CLANG, GCC, ROOT, TSAN, BuildError, compile_all, configure, environment
from report import Report
from suites import FULL, QUICK, run_suite, tests_of

# What the full tier runs again on its further builds: the quick tier's tests, for their reports.
AGAIN = ((CLANG, ('unit', 'harness', 'plugins', 'conformance')),
         (TSAN, ('unit', 'harness', 'scenarios')))
BUILDS = ('gcc', 'clang', 'tsan')


def parse_arguments():
    parser = argparse.ArgumentParser(
        prog='tests/run', description='Installs what is missing, builds, runs the suites.',
        epilog=f'Suites: {" ".join(FULL)}. The last line is "N passed, N failed".')
    parser.add_argument('suites', nargs='*', metavar='SUITE', help='only these suites')
    parser.add_argument('--full', action='store_true',
                        help='add clang, the thread sanitizer, fuzz time and benches; '
                             'write tests/RESULTS.md')
    parser.add_argument('--build', action='append', choices=BUILDS, metavar='BUILD',
                        help=f'of --full only this build ({", ".join(BUILDS)}; may be repeated): '
                             'its parts can run on several machines')
    parser.add_argument('--allow-skip', action='store_true',
                        help='a skipped test is no failure')
    parser.add_argument('--invert', action='store_true',
                        help='swap pass and fail in every test whose verdict comes from an '
                             'application or a list of expectations: then all must fail, and the '
                             'exit code is 0 if all did')
    parser.add_argument('--list-packages', action='store_true',
                        help='print the Debian packages a bare machine needs')
    arguments = parser.parse_args()
    unknown = set(arguments.suites) - set(FULL)
    if unknown:
        parser.error(f'no suite {", ".join(sorted(unknown))}; there are {", ".join(FULL)}')
    if arguments.invert and arguments.full:
        parser.error('--invert and --full do not go together')
    if arguments.build and not arguments.full:
        parser.error('--build chooses among the builds of --full')
    arguments.build = arguments.build or list(BUILDS)
    return arguments


def run_build(build, suites, tier, report, prefix=''):
    """Builds once and runs the suites on it. Without a build only the lints can run."""
    report.say(f'build: {os.path.relpath(build.folder, ROOT)} '
               f'({build.compiler}, {" ".join(build.options)})')
    try:
        configure(build)
        seconds = compile_all(build, report.say)
        report.say(f'build: done in {seconds:.0f} s')
    except BuildError as error:
        report.fail(f'{prefix}build', str(error))
        suites = [suite for suite in suites if suite == 'lint']
    for suite in suites:
        tests = tests_of(suite, build, tier)
        if prefix:
            tests = [test for test in tests if not test.is_runner or suite == 'scenarios']
        if report.invert:
            tests = [test.inverted() for test in tests if test.invertible]
        if tests:
            report.begin_suite(prefix + suite, len(tests))
            try:
                run_suite(tests, build, tier, report)
            finally:
                report.end_suite()


def run_all(arguments, report):
    tier = 'full' if arguments.full else 'quick'
    chosen = arguments.suites or (FULL if arguments.full else QUICK)
    in_order = [suite for suite in FULL if suite in chosen]
    if 'gcc' in arguments.build:
        run_build(GCC, in_order, tier, report)
    if arguments.full:
        for build, suites in AGAIN:
            name = build.name.removeprefix('test-')
            again = [suite for suite in suites if suite in chosen and name in arguments.build]
            if again:
                run_build(build, again, 'quick', report, f'{name}:')
        report.read_figures(GCC.folder / 'bench.json')
        if not arguments.suites:
            report.write_summary()


def main():
    arguments = parse_arguments()
    process.interrupt_on_sigterm()
    os.chdir(ROOT)
    report = Report(arguments.allow_skip, environment()['MCP_CONFORMANCE'], arguments.invert)
    try:
        run_all(arguments, report)
    except KeyboardInterrupt:
        process.stop_all()
        report.fail('interrupted', 'the run was stopped before its end')
        report.end()
        return 130
    return report.end()


if __name__ == '__main__':
    sys.exit(main())
