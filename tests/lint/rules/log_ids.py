# SPDX-License-Identifier: Apache-2.0
"""Ids of log lines, by which operators count and filter them."""

import re

import log_ids
from registry import rule
from tree import Finding

FORM = re.compile(r'[a-z][a-z0-9]*(-[a-z0-9]+)*')
LIST = 'config/log-ids.md'


@rule('log-ids', f'The id of a log line is a literal, lower case with hyphens, and in {LIST}.')
def ids(tree):
    known = log_ids.listed(tree.sources[LIST].text) if LIST in tree.sources else set()
    for use in log_ids.collect((s.path, s.text) for s in tree.c_sources):
        if use.id is None:
            yield Finding(use.path, use.line, 'the id of the line is no literal')
        elif not FORM.fullmatch(use.id):
            yield Finding(use.path, use.line, f'{use.id}: not lower case with hyphens')
        elif use.id not in known:
            yield Finding(use.path, use.line, f'{use.id} is not in {LIST}: '
                                              'tests/harness/test_reference.py --write')
