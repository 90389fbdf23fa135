# SPDX-License-Identifier: Apache-2.0
"""Budgets of size. A hard limit fails at once; a soft one may be passed by a small share only."""

import re

from registry import rule
from tree import Finding

FILE_SOFT, FILE_HARD = 500, 800
HEADER_LIMIT = 200
FUNCTION_SOFT, FUNCTION_HARD = 40, 80
NESTING_LIMIT = 4
PARAMETER_LIMIT = 7
LINE_LIMIT = 100
PLUGIN_LIMIT = 3000
LARGE_PLUGINS = ('vxml', 'media')

# At most one in ten of the product's files or functions is between its soft and its hard limit.
SOFT_SHARE = 10
SOFT_GRACE = 5


def over_soft_share(sized, soft, hard, what):
    """Findings for all that is over the soft limit, once they are more than their share."""
    over = [(size, path, line, name) for size, path, line, name in sized if soft < size <= hard]
    allowed = max(SOFT_GRACE, len(sized) // SOFT_SHARE)
    if len(over) > allowed:
        for size, path, line, name in over:
            yield Finding(path, line, f'{name} has {size} lines; {len(over)} {what} are over '
                                      f'{soft}, {allowed} may be')


@rule('file-size', f'A .c file has at most {FILE_SOFT} lines ({FILE_HARD} hard), '
                   f'a header {HEADER_LIMIT}.')
def file_size(tree):
    sized = []
    for source in tree.c_sources:
        size = len(source.lines)
        limit = HEADER_LIMIT if source.path.endswith('.h') else FILE_HARD
        if size > limit:
            yield Finding(source.path, 1, f'{size} lines, {limit} are the limit')
        if source.path.endswith('.c') and not source.is_test:
            sized.append((size, source.path, 1, 'file'))
    yield from over_soft_share(sized, FILE_SOFT, FILE_HARD, 'files')


@rule('function-size', f'A function has at most {FUNCTION_SOFT} lines ({FUNCTION_HARD} hard).')
def function_size(tree):
    sized = []
    for path, functions in tree.functions.items():
        for function in functions:
            if function.lines > FUNCTION_HARD:
                yield Finding(path, function.line, f'{function.name} has {function.lines} lines, '
                                                   f'{FUNCTION_HARD} are the limit')
            if not path.startswith('tests/'):
                sized.append((function.lines, path, function.line, function.name))
    yield from over_soft_share(sized, FUNCTION_SOFT, FUNCTION_HARD, 'functions')


@rule('parameters', f'A function takes at most {PARAMETER_LIMIT} parameters.')
def parameters(tree):
    for path, functions in tree.functions.items():
        for function in functions:
            count = parameter_count(function.signature)
            if count > PARAMETER_LIMIT:
                yield Finding(path, function.line, f'{function.name} takes {count} parameters, '
                                                   f'{PARAMETER_LIMIT} are the limit')


def parameter_count(signature):
    inner = signature.strip()[1:-1].strip()
    if inner in ('', 'void'):
        return 0
    depth, commas = 0, 0
    for char in inner:
        depth += (char == '(') - (char == ')')
        commas += char == ',' and depth == 0
    return commas + 1


@rule('line-length', f'A line has at most {LINE_LIMIT} columns.')
def line_length(tree):
    for source in tree.sources.values():
        if not (source.is_c or source.is_shell or source.is_python):
            continue
        for number, line in enumerate(source.lines, 1):
            if len(line.expandtabs(8)) > LINE_LIMIT:
                yield Finding(source.path, number, f'{len(line)} columns')


@rule('plugin-size', f'A plugin has at most {PLUGIN_LIMIT} lines.')
def plugin_size(tree):
    for name in tree.plugins():
        if name in LARGE_PLUGINS:
            continue
        files = [s for s in tree.under(f'plugins/{name}') if s.is_c and not s.is_generated]
        size = sum(len(s.lines) for s in files)
        if size > PLUGIN_LIMIT:
            yield Finding(f'plugins/{name}/meson.build', 1, f'the plugin has {size} lines')


TOKEN = re.compile(r'[A-Za-z_]\w*|[(){}\[\];:]|\S')
CONTROL = {'if', 'for', 'while', 'switch'}


@rule('nesting', f'Statements nest at most {NESTING_LIMIT} deep.')
def nesting(tree):
    for path, functions in tree.functions.items():
        lines = tree.sources[path].code_lines
        for function in functions:
            depth, line = Nesting(lines, function).deepest()
            if depth > NESTING_LIMIT:
                yield Finding(path, line, f'{function.name} nests {depth} deep')


class Nesting:
    """Walks a function's statements; a control statement adds a level, with braces or without."""

    def __init__(self, lines, function):
        self.tokens = [(match.group(), number)
                       for number in range(function.line, function.end + 1)
                       if not lines[number - 1].lstrip().startswith('#')
                       for match in TOKEN.finditer(lines[number - 1])]
        self.at = 0
        self.depth = 0
        self.line = function.line

    def deepest(self):
        while self.at < len(self.tokens) and self.peek() != '{':
            self.at += 1
        self.block(0)
        return self.depth, self.line

    def peek(self):
        return self.tokens[self.at][0] if self.at < len(self.tokens) else ''

    def note(self, depth):
        if depth > self.depth:
            self.depth = depth
            self.line = self.tokens[min(self.at, len(self.tokens) - 1)][1]

    def group(self):
        """Skips a bracketed group and what is inside it."""
        level = 0
        while self.at < len(self.tokens):
            token = self.peek()
            level += (token in '([{') - (token in ')]}')
            self.at += 1
            if level == 0:
                return

    def block(self, depth):
        self.at += 1
        while self.peek() not in ('}', ''):
            self.statement(depth)
        self.at += 1

    def body(self, depth):
        self.note(depth)
        if self.peek() == '{':
            self.block(depth)
        else:
            self.statement(depth)

    def statement(self, depth):
        token = self.peek()
        if token == '{':
            self.block(depth)
        elif token in CONTROL:
            self.control(depth)
        elif token == 'else':
            self.at += 1
            if self.peek() == 'if':
                self.control(depth)
            else:
                self.body(depth + 1)
        elif token == 'do':
            self.at += 1
            self.body(depth + 1)
        else:
            self.expression(depth)

    def control(self, depth):
        self.at += 1
        self.group()
        self.body(depth + 1)

    def expression(self, depth):
        """Up to the semicolon or the label's colon; NAME(...) { is a loop by macro."""
        first = self.at
        while self.peek() not in ('', ';', '}'):
            if self.peek() == ':' and self.tokens[first][0] in ('case', 'default'):
                break
            if self.peek() in '([{':
                self.group()
                if self.at > first + 2 and self.peek() == '{' and self.is_loop_macro(first):
                    self.body(depth + 1)
                    return
            else:
                self.at += 1
        if self.peek() in (';', ':'):
            self.at += 1

    def is_loop_macro(self, first):
        return (re.match(r'[A-Za-z_]', self.tokens[first][0]) and self.tokens[first + 1][0] == '('
                and self.tokens[self.at - 1][0] == ')')
