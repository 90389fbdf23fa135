# SPDX-License-Identifier: Apache-2.0
"""The list of rules. A rule is a function from a Tree to findings, with a name and a sentence."""

from dataclasses import dataclass
from typing import Callable

from tree import Finding

RULES = {}


class Skip(Exception):
    """Raised by a rule that cannot be checked here; says what is missing."""


@dataclass(frozen=True)
class Rule:
    name: str
    sentence: str
    check: Callable
    full_only: bool
    fix: Callable = None


def rule(name, sentence, full_only=False, fix=None):
    """Registers a rule: a function that takes a Tree and yields Findings."""

    def register(check):
        RULES[name] = Rule(name, sentence, check, full_only, fix)
        return check

    return register


def apply(rule_, tree):
    """The findings of one rule that no suppression covers."""
    allowed = [suppression for suppression in tree.suppressions
               if suppression.rule == rule_.name and suppression.reason]
    left = []
    for finding in rule_.check(tree):
        covering = [suppression for suppression in allowed
                    if suppression.path == finding.path and finding.line in suppression.covers]
        if not covering:
            left.append(finding)
        for suppression in covering:
            suppression.used = True
    left.extend(Finding(s.path, s.line, 'suppression without effect: remove it')
                for s in allowed if not s.used)
    return sorted(left, key=lambda f: (f.path, f.line))
