# SPDX-License-Identifier: Apache-2.0
"""How a file begins and who names it: licence line, opening paragraph, own header, meson.build."""

import os
import re

from registry import rule
from tree import Finding

SPDX = 'SPDX-License-Identifier: Apache-2.0'
OPENING = re.compile(r'\A/\* SPDX-License-Identifier: Apache-2\.0 \*/\s*/\*(.*?)\*/', re.DOTALL)
OPENING_WORDS = 8


@rule('licence', 'Each source file has the licence line at its top.')
def licence(tree):
    for source in tree.sources.values():
        is_source = source.is_c or source.is_shell or source.is_python
        if is_source and SPDX not in '\n'.join(source.lines[:3]):
            yield Finding(source.path, 1, f'no line with {SPDX}')


@rule('opening', 'A .c file opens by saying what it owns and in which context it runs.')
def opening(tree):
    for source in tree.c_sources:
        if not source.path.endswith('.c'):
            continue
        match = OPENING.match(source.text)
        if not match or len(match[1].split()) < OPENING_WORDS:
            yield Finding(source.path, 2, 'no opening paragraph after the licence line')


@rule('own-header', 'A .c file includes its own header first, so that the header stands alone.')
def own_header(tree):
    for source in tree.c_sources:
        own = f'{source.folder}/{source.stem}.h'
        if not source.path.endswith('.c') or own not in tree.sources:
            continue
        line, name = next(((line, name) for line, name, _ in source.includes()), (1, ''))
        if not begins_with(tree, source, name, own):
            yield Finding(source.path, line, f'{own} is not included first')


def begins_with(tree, source, name, own):
    """Whether the include is the own header, or a private one beside it that includes it."""
    if os.path.basename(name) == os.path.basename(own):
        return True
    private = tree.sources.get(f'{source.folder}/{os.path.basename(name)}')
    return bool(private) and any(os.path.basename(inner) == os.path.basename(own)
                                 for _, inner, _ in private.includes())


@rule('registered', 'Each .c file is named in a meson.build of its folder or one above.')
def registered(tree):
    for source in tree.sources.values():
        if source.path.endswith('.c') and not is_named(tree, source.path):
            yield Finding(source.path, 1, 'no meson.build names this file')


def is_named(tree, path):
    """By its path from the meson.build, or by its stem alone in a list that a loop completes."""
    folder = path
    while folder:
        folder = os.path.dirname(folder)
        build = tree.sources.get(os.path.join(folder, 'meson.build'))
        if build:
            relative = os.path.relpath(path, folder or '.')
            stem = os.path.splitext(relative)[0]
            short = re.sub(r'(^|/)(test|fuzz)_([^/]*)$', r'\1\3', stem)
            names = {relative, stem, short, os.path.basename(relative), os.path.basename(stem),
                     os.path.basename(short)}
            if any(f"'{name}'" in build.text for name in names):
                return True
    return False
