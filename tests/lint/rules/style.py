# SPDX-License-Identifier: Apache-2.0
"""C is laid out as clang-format with the tree's one configuration does it."""

import os
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor

from registry import rule
from tree import Finding

EXCEPTIONS = 'tests/lint/format-exceptions.txt'


def exceptions(tree):
    source = tree.sources.get(EXCEPTIONS)
    lines = source.lines if source else []
    return {line: number for number, line in enumerate(lines, 1)
            if line and not line.startswith('#')}


def formatted(tree, arguments, paths):
    """Runs clang-format over the paths in as many batches as there are processors."""
    count = os.cpu_count() or 1
    batches = [batch for batch in (paths[start::count] for start in range(count)) if batch]

    def run(batch):
        return subprocess.run(['clang-format', *arguments, *batch], cwd=tree.root,
                              capture_output=True, text=True).stderr

    with ThreadPoolExecutor(count) as pool:
        return '\n'.join(pool.map(run, batches))


def fix(tree):
    formatted(tree, ['-i'], [s.path for s in tree.c_sources if s.path not in exceptions(tree)])


@rule('format', 'C is laid out by clang-format; the list of exceptions only shrinks.', fix=fix)
def format_(tree):
    excepted = exceptions(tree)
    output = formatted(tree, ['--dry-run'], [s.path for s in tree.c_sources])
    unclean = {}
    for match in re.finditer(r'^(.+?):(\d+):\d+: (?:warning|error): code should be', output, re.M):
        unclean.setdefault(os.path.normpath(match[1]), int(match[2]))
    for path, line in unclean.items():
        if path not in excepted:
            yield Finding(path, line, 'not as clang-format lays it out (tests/lint/run --fix)')
    for path, line in excepted.items():
        if path not in unclean:
            yield Finding(EXCEPTIONS, line, f'{path} needs no exception any more')
