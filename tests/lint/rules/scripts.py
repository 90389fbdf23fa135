# SPDX-License-Identifier: Apache-2.0
"""Shell and Python scripts parse, and shellcheck agrees."""

import os
import re
import subprocess

from registry import rule
from tree import Finding


@rule('shell', 'Shell scripts parse and pass shellcheck.')
def shell(tree):
    scripts = [s for s in tree.sources.values() if s.is_shell]
    for source in scripts:
        result = subprocess.run([source.interpreter, '-n', source.path], cwd=tree.root,
                                capture_output=True, text=True)
        if result.returncode != 0:
            line = re.search(r'(?:line )?(\d+):', result.stderr)
            yield Finding(source.path, int(line[1]) if line else 1, result.stderr.strip())
    if scripts:
        yield from shellcheck(tree, [source.path for source in scripts])


def shellcheck(tree, paths):
    output = subprocess.run(['shellcheck', '--format=gcc', '--external-sources', *paths],
                            cwd=tree.root, capture_output=True, text=True).stdout
    for line in output.splitlines():
        path, number, _, message = line.split(':', 3)
        yield Finding(path, int(number), message.strip())


@rule('python', "Python compiles with Debian's own interpreter and needs nothing else.")
def python(tree):
    for source in tree.sources.values():
        if not source.is_python:
            continue
        try:
            compile(source.text, source.path, 'exec')
        except SyntaxError as error:
            yield Finding(source.path, error.lineno or 1, error.msg)


@rule('executable', 'A file with an interpreter line is executable, and no other script is.')
def executable(tree):
    for source in tree.sources.values():
        may_run = os.access(tree.root / source.path, os.X_OK)
        if bool(source.interpreter) != may_run:
            yield Finding(source.path, 1, 'interpreter line and executable bit disagree')
