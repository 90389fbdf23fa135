# SPDX-License-Identifier: Apache-2.0
"""Words that do not belong into the tree."""

import re

from registry import rule
from tree import Finding

UNFINISHED = re.compile(r'\b(TO' r'DO|FIX' r'ME|XX' r'X|HA' r'CK)\b')
MACHINE_PATH = re.compile(r'(?<![\w./])/(work|home|root)/\w')


@rule('unfinished', 'What is there works; no mark of unfinished work.')
def unfinished(tree):
    return occurrences(tree, UNFINISHED, 'finish it or leave it out')


@rule('machine-paths', "No path of one developer's machine.")
def machine_paths(tree):
    return occurrences(tree, MACHINE_PATH, 'a path of one machine')


def occurrences(tree, pattern, message):
    for source in tree.sources.values():
        for number, line in enumerate(source.lines, 1):
            match = pattern.search(line)
            if match:
                yield Finding(source.path, number, f'{match[0]}: {message}')
