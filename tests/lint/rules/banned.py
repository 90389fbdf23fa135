# SPDX-License-Identifier: Apache-2.0
"""Words of C that have a better one here, and the folders where they are at home."""

import re
from dataclasses import dataclass

from registry import rule
from tree import Finding


@dataclass(frozen=True)
class Ban:
    pattern: re.Pattern
    instead: str
    homes: tuple = ()


def call(names):
    return re.compile(rf'(?<![\w.>])({names})\s*\(')


CLOCK_HOMES = ('core/clock/', 'plugins/media/worker')
CLOCK_BANS = (
    Ban(call(r'g_timeout_(?:add|source_new)\w*'), 'a timer of McpClock', CLOCK_HOMES),
    Ban(call(r'g_get_monotonic_time'), 'mcp_clock_now', CLOCK_HOMES),
    Ban(call(r'g_usleep|sleep|usleep|nanosleep'), 'a timer of McpClock', CLOCK_HOMES),
)
POOL_BANS = (
    Ban(call(r'g_task_run_in_thread\w*'), "core's bounded pools", ('core/pool/',)),
    Ban(call(r'g_file_\w+_async'), 'the disk pool', ('core/pool/',)),
    Ban(call(r'g_resolver_get_default|getaddrinfo|gethostbyname'), "core's resolver",
        ('core/pool/',)),
)
STRING_BANS = (
    Ban(call(r'strcpy|stpcpy|strcat|strncat'), 'g_strlcpy or GString'),
    Ban(call(r'v?sprintf'), 'g_snprintf or g_strdup_printf'),
    Ban(call(r'gets'), 'fgets'),
    Ban(call(r'ato[ifl]|atoll'), 'g_ascii_string_to_signed or g_ascii_string_to_unsigned'),
)
ABORT_BANS = (
    Ban(call(r'g_error|g_assert\w*|assert'), 'a GError: input never stops the process'),
    Ban(call(r'abort'), 'a GError: nothing stops the process'),
)


def violations(tree, bans):
    for source in tree.product_c:
        for ban in bans:
            if source.path.startswith(ban.homes or ('\0',)):
                continue
            for line, match in source.matches(ban.pattern):
                yield Finding(source.path, line, f'{match[1]}: use {ban.instead}')


@rule('goto', 'Control flow never jumps.')
def goto(tree):
    for source in tree.c_sources:
        for line, _ in source.matches(re.compile(r'\bgoto\b')):
            yield Finding(source.path, line, 'goto')


@rule('clock', 'Time comes from McpClock, which tests can replace.')
def clock(tree):
    return violations(tree, CLOCK_BANS)


@rule('sleep', 'A test waits for an event with a deadline, it never sleeps.')
def sleep(tree):
    for source in tree.c_sources:
        if source.is_test and not source.path.startswith('tests/bench/'):
            for line, match in source.matches(call('g_usleep|sleep|usleep')):
                yield Finding(source.path, line, f'{match[1]}: wait for an event instead')


@rule('pools', 'Blocking work runs in the bounded pools.')
def pools(tree):
    return violations(tree, POOL_BANS)


@rule('strings', 'No function that writes or reads without a bound or an error.')
def strings(tree):
    return violations(tree, STRING_BANS)


@rule('aborts', 'Nothing in the product stops the process.')
def aborts(tree):
    return violations(tree, ABORT_BANS)
