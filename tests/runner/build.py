# SPDX-License-Identifier: Apache-2.0
"""Builds of the tree, each in a folder of its own inside it, configured once."""

import json
import os
import re
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import process

ROOT = Path(__file__).resolve().parents[2]
PROGRESS_SECONDS = 15
BUILD_TIMEOUT = 3600
STAMP = 'mcp-configured.json'
GIO_MODULES = f'/usr/lib/{os.uname().machine}-linux-gnu/gio/modules'


class BuildError(Exception):
    """The tree does not configure or compile; says where the log is."""


@dataclass(frozen=True)
class Build:
    """A compiler and options; `libraries` are the sanitized libraries of tests/deps that it is
    built or run with."""

    name: str
    compiler: str
    options: tuple
    timeout_factor: float = 1.0
    libraries: tuple = ()

    @property
    def folder(self):
        return ROOT / f'build-{self.name}'

    @property
    def logs(self):
        return self.folder / 'test-logs'


GCC = Build('test', 'gcc', ('-Db_sanitize=address,undefined',))
CLANG = Build('test-clang', 'clang', ('-Db_sanitize=address,undefined',), timeout_factor=1.5)
FUZZ = Build('fuzz', 'clang', (
    '-Dfuzz=true', '-Db_sanitize=address,undefined', '-Db_lundef=false',
    '-Dc_args=-fsanitize=fuzzer-no-link -fprofile-instr-generate -fcoverage-mapping',
    '-Dc_link_args=-fsanitize=fuzzer-no-link -fprofile-instr-generate'), libraries=('sofia-sip',))
TSAN = Build('test-tsan', 'clang', ('-Db_sanitize=thread',), timeout_factor=4.0,
             libraries=('glib',))


def environment(build=None):
    """The environment of a compiler or a test: no locale, no terminal, sanitizers that fail."""
    env = dict(os.environ, LC_ALL='C.UTF-8', TZ='UTC', MCP_SOURCE_ROOT=str(ROOT))
    env.setdefault('MCP_CONFORMANCE', str(ROOT.parent / 'shared' / 'conformance'))
    # GLib's slices hide a leak: what a lost block points to counts as reachable.
    env.setdefault('G_SLICE', 'always-malloc')
    env.setdefault('ASAN_OPTIONS', 'halt_on_error=1:detect_leaks=1:strict_string_checks=1:'
                                   'detect_stack_use_after_return=1')
    env.setdefault('UBSAN_OPTIONS', 'halt_on_error=1:print_stacktrace=1')
    env.setdefault('TSAN_OPTIONS', 'halt_on_error=1:second_deadlock_stack=1:'
                                   f'suppressions={ROOT}/tests/deps/tsan.supp')
    if build:
        env['MCP_BUILD_ROOT'] = str(build.folder)
        folders = [f'{folder}/lib' for folder in configured(build).get('libraries', [])]
        if folders:
            env['LD_LIBRARY_PATH'] = ':'.join(folders)
            # GLib as it is built there has no modules of its own: TLS is the system's.
            env['GIO_MODULE_DIR'] = GIO_MODULES
    return env


def configured(build):
    """What the build folder was configured with; empty if it was not."""
    stamp = build.folder / STAMP
    return json.loads(stamp.read_text()) if stamp.is_file() else {}


def wanted_options(build):
    # A compiler newer than the developers' may warn anew: only CI makes that an error, and clang
    # warns of what GLib's macros expand to.
    werror = 'true' if os.environ.get('CI') and build.compiler == 'gcc' else 'false'
    return ['-Dtests=true', f'-Dwerror={werror}', *build.options]


def library_folder(name, build):
    """Where tests/deps/build has put a sanitized library; the first time it takes minutes."""
    build.logs.mkdir(parents=True, exist_ok=True)
    log = build.logs / f'deps-{name}.log'
    lines = []
    ended = process.run([str(ROOT / 'tests/deps/build'), name], log, lines.append, cwd=ROOT,
                        env=environment(), timeout=BUILD_TIMEOUT)
    if ended.fault():
        raise BuildError(f'tests/deps/build {name}: {ended.fault()}\n{tail(log)}')
    return lines[-1]


def configure(build):
    """Meson's setup, again only when options, compiler or the libraries changed."""
    compiler = f'ccache {build.compiler}' if shutil.which('ccache') else build.compiler
    wanted = {'compiler': compiler, 'options': wanted_options(build),
              'libraries': [library_folder(name, build) for name in build.libraries]}
    if configured(build) == wanted:
        return
    shutil.rmtree(build.folder, ignore_errors=True)
    build.logs.mkdir(parents=True)
    env = dict(environment(), CC=compiler)
    log = build.logs / 'configure.log'
    ended = process.run(['meson', 'setup', str(build.folder), str(ROOT), *wanted['options']], log,
                        lambda line: None, cwd=ROOT, env=env, timeout=BUILD_TIMEOUT)
    if ended.fault():
        raise BuildError(f'meson setup: {ended.fault()}\n{tail(log)}')
    (build.folder / STAMP).write_text(json.dumps(wanted))


def compile_all(build, say, targets=()):
    """Ninja, for all or some targets, with a line of progress now and then."""
    start = last = time.monotonic()
    build.logs.mkdir(parents=True, exist_ok=True)

    def progress(line):
        nonlocal last
        step = re.match(r'\[\d+/\d+\]', line)
        if 'warning:' in line:
            say(f'  {line}')
        elif step and time.monotonic() - last > PROGRESS_SECONDS:
            last = time.monotonic()
            say(f'  {step[0]} {last - start:.0f} s')

    log = build.logs / 'compile.log'
    ended = process.run(['ninja', '-C', str(build.folder), *targets], log, progress,
                        cwd=ROOT, env=environment(), timeout=BUILD_TIMEOUT)
    if ended.fault():
        raise BuildError(f'ninja: {ended.fault()}\n{tail(log, 60)}')
    return time.monotonic() - start


def meson_tests(build):
    """Every test that meson knows of, as its introspection describes it; none unconfigured."""
    if not configured(build):
        return []
    output = subprocess.run(['meson', 'introspect', '--tests', str(build.folder)], check=True,
                            capture_output=True, text=True, cwd=ROOT).stdout
    return json.loads(output)


def tail(log, lines=30):
    text = Path(log).read_text(encoding='utf-8', errors='replace').splitlines()
    return '\n'.join(f'    {line}' for line in text[-lines:])
