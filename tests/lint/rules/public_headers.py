# SPDX-License-Identifier: Apache-2.0
"""The installed headers: each compiles alone in C and C++, each function has a doc block."""

import os
import re
import shlex
import subprocess
from concurrent.futures import ThreadPoolExecutor

from registry import rule
from tree import Finding

FOLDER = 'core/include/mcp'
LANGUAGES = (('c', 'gnu17'), ('c++', 'gnu++17'))
PACKAGES = ('glib-2.0', 'gobject-2.0', 'gio-2.0', 'gio-unix-2.0', 'gmodule-no-export-2.0')
DECLARATION = re.compile(
    r'^(?!typedef|static|struct|enum|union|extern "C"|G_DE|G_BEGIN|#|\s|\}|\{)'
    r'[^;{}=#]*?\b(mcp_\w+)\s*\(',
    re.MULTILINE)
UNDOCUMENTED = re.compile(r'_(get_type|quark)$')


def public_headers(tree):
    return [s for s in tree.under(FOLDER) if s.path.endswith('.h')]


@rule('headers-alone', 'Each public header compiles alone, in C and in C++.')
def headers_alone(tree):
    headers = public_headers(tree)
    if not headers:
        return
    flags = shlex.split(subprocess.run(['pkg-config', '--cflags', *PACKAGES], check=True,
                                       capture_output=True, text=True).stdout)
    jobs = [(tree, header.path, language, standard, flags)
            for header in headers for language, standard in LANGUAGES]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for findings in pool.map(lambda job: list(compile_alone(*job)), jobs):
            yield from findings


def compile_alone(tree, path, language, standard, flags):
    name = os.path.relpath(path, 'core/include')
    compiler = 'clang++' if language == 'c++' else 'clang'
    result = subprocess.run(
        [compiler, '-x', language, f'-std={standard}', '-fsyntax-only', '-Wall', '-Wextra',
         '-Werror', '-Wno-unused-parameter', *flags, '-I', str(tree.root / 'core/include'), '-'],
        input=f'#include <{name}>\n', capture_output=True, text=True)
    if result.returncode != 0:
        first = next((line for line in result.stderr.splitlines() if 'error' in line),
                     result.stderr.strip().split('\n')[0])
        where = re.search(re.escape(path) + r':(\d+)', first)
        yield Finding(path, int(where[1]) if where else 1,
                      f'does not compile alone as {language}: {first.split("error:")[-1].strip()}')


@rule('public-docs', 'Each function of a public header has a doc block above it.')
def public_docs(tree):
    for source in public_headers(tree):
        for match in DECLARATION.finditer(source.code):
            if UNDOCUMENTED.search(match[1]):
                continue
            line = source.code.count('\n', 0, match.start()) + 1
            if not has_doc_block(source.lines, line):
                yield Finding(source.path, line, f'{match[1]} has no doc block')


def has_doc_block(lines, line):
    return line > 1 and lines[line - 2].rstrip().endswith('*/')
