#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks the table that maps the statements of VoiceXML 2.0 and 2.1 to tests; prints TAP.

usage: statements.py

statements.tsv has a row a statement: section ("VoiceXML 2.1 §6" for those of 2.1), the statement
in our words, must, should or may, and the tests, separated by blanks: names of own tests,
"irtests/ID" for those of the implementation report, or "reason: …" where there is none. Each test
that is named must exist, each own test must be named, and each row must have a test or a reason.
"""
import collections
import csv
import os
import pathlib
import re
import sys

sys.dont_write_bytecode = True

import run  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
LEVELS = ("must", "should", "may")
REASON = "reason: "


def report_names():
    """Assertions of the implementation reports; None where the data are not beside the tree."""
    base = pathlib.Path(os.environ.get("MCP_CONFORMANCE", HERE / "../../../../shared/conformance"))
    manifest = base / "vxml20-irtests/MANIFEST.tsv"
    if not manifest.is_file():
        return None
    with open(manifest, encoding="utf-8", newline="") as file:
        names = {"irtests/" + row["assert-id"] for row in csv.DictReader(file, delimiter="\t")}
    names |= {"irtests/337", "irtests/338"}
    names |= {"irtests/2.1/" + folder.name for folder in (base / "vxml21-irtests/tests").iterdir()}
    return names


def faults_of(number, row, known, report):
    """What is wrong with a row; its tests."""
    tests = row["tests"]
    if row["level"] not in LEVELS:
        yield f"line {number}: level {row['level']}"
    if not re.fullmatch(r"(VoiceXML 2\.1 §)?[0-9][0-9.]*|Appendix [A-Z]", row["section"]):
        yield f"line {number}: section {row['section']}"
    if not row["statement"]:
        yield f"line {number}: no statement"
    if tests.startswith(REASON):
        return
    if not tests:
        yield f"line {number}: neither a test nor a reason"
    for name in tests.split():
        if name.startswith("irtests/"):
            if report is not None and name not in report:
                yield f"line {number}: the report has no {name}"
        elif name not in known:
            yield f"line {number}: there is no test {name}"


def check(rows, known, report):
    named = set()
    for number, row in enumerate(rows, 2):
        yield from faults_of(number, row, known, report)
        if not row["tests"].startswith(REASON):
            named |= set(row["tests"].split())
    for name in sorted(known - named):
        yield f"own test {name} stands in no row"


def tell(rows, known):
    counts = collections.Counter()
    for row in rows:
        counts[row["level"], row["tests"].startswith(REASON)] += 1
    for level in LEVELS:
        print(f"# {level}: {counts[level, False] + counts[level, True]} statements, "
              f"{counts[level, False]} with tests, {counts[level, True]} with a reason")
    print(f"# {len(known)} own tests, {len(run.known_faults())} of them known faults")


def main():
    with open(HERE / "statements.tsv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    known = {name for name, _ in run.own_pages()}
    faults = list(check(rows, known, report_names()))
    tell(rows, known)
    for fault in faults:
        print("# " + fault)
    print("1..1\n" + ("not ok" if faults else "ok") + " 1 - statements")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
