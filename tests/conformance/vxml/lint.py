#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The lint finds seeded mistakes, and raises no false alarm; prints TAP.

usage: lint.py MCPCTL-VXML seeded|pages [--invert]

seeded: each page of lint/ says in its third line which rule must be told in which line; nothing
graver than a note may be told beside it.
pages: the pages of both implementation report suites, converted as the suite does it, and those of
config/ and own/. An error or warning there is a false alarm, unless lint-expected.tsv knows it: the
suites test what happens to faulty pages, too.
"""
import collections
import csv
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
sys.path.insert(0, str(HERE))
sys.dont_write_bytecode = True
# Of the 60 and more mistakes so many in a hundred.
SHARE = 95


def lint(program, pages):
    done = subprocess.run([program, "lint", "--format", "json", *map(str, pages)],
                          capture_output=True, text=True, check=False, timeout=300)
    if done.returncode not in (0, 1):
        print(f"# exit code {done.returncode}: {done.stderr}")
        sys.exit(2)
    return done.returncode, json.loads(done.stdout)["findings"]


def brief(finding):
    return (f"{finding['line']}:{finding['column']}: {finding['severity']}: {finding['text']} "
            f"[{finding['rule']}]")


def seeded(program, invert):
    pages = sorted((HERE / "lint").glob("*.vxml"))
    found = number = 0
    for page in pages:
        wanted = re.search(r"<!-- expect: ([a-z-]+):(\d+) -->",
                           page.read_text(encoding="utf-8").splitlines()[2])
        if not wanted:
            continue
        rule, line = wanted.group(1), int(wanted.group(2))
        code, findings = lint(program, [page])
        hits = [f for f in findings if f["rule"] == rule and f["line"] == line and f["hint"]]
        others = [f for f in findings if f not in hits and f["severity"] != "note"]
        grave = any(f["severity"] != "note" for f in findings)
        good = bool(hits) and not others and code == (1 if grave else 0)
        number += 1
        found += good
        print(f"{'ok' if good != invert else 'not ok'} {number} - {page.stem}: {rule}")
        if not good:
            for finding in findings:
                print("#   " + brief(finding))
    enough = number >= 60 and found * 100 >= SHARE * number
    print(f"{'ok' if enough != invert else 'not ok'} {number + 1} - {found} of {number} found")
    print(f"1..{number + 1}")
    return enough and found == number


def converted(target, suite):
    """The suite's own conversion, with both names by which pages name each other."""
    from run import convert
    for source in sorted(suite.iterdir()):
        if not source.is_file():
            continue
        convert(source, target / source.name, False)
        other = {".txml": ".vxml", ".vxml": ".txml"}.get(source.suffix)
        if other and not (suite / (source.stem + other)).exists():
            (target / (source.stem + other)).write_bytes((target / source.name).read_bytes())


def collections_of_pages(folder):
    base = pathlib.Path(os.environ.get("MCP_CONFORMANCE", ROOT / "../shared/conformance"))
    yield "config", sorted((ROOT / "config").rglob("*.vxml"))
    for name, suite in [("own", HERE / "own"), ("vxml20", base / "vxml20-irtests/tests")]:
        if not suite.is_dir():
            continue
        target = folder / name
        target.mkdir()
        if name == "vxml20":
            converted(target, HERE / "stand-ins")
        converted(target, suite)
        wanted = {p.suffix for p in suite.iterdir()} & {".txml"} or {".vxml"}
        yield name, sorted(p for p in target.iterdir() if p.suffix in wanted)
    if (base / "vxml21-irtests/tests").is_dir():
        for part in sorted((base / "vxml21-irtests/tests").iterdir()):
            target = folder / ("v21-" + part.name)
            target.mkdir()
            converted(target, part)
            yield "vxml21/" + part.name, sorted(target.glob("*.txml"))


def read_expected():
    with open(HERE / "lint-expected.tsv", encoding="utf-8", newline="") as file:
        rows = csv.reader((line for line in file if not line.startswith("#")), delimiter="\t")
        return {(row[0], row[1]): row[2] for row in rows}


def pages(program, invert):
    expected = read_expected()
    seen = set()
    number = alarms = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, files in collections_of_pages(pathlib.Path(folder)):
            _, findings = lint(program, files)
            by_page = collections.defaultdict(list)
            for finding in findings:
                page = f"{name}/{pathlib.Path(finding['file']).name}"
                key = (page, finding["rule"])
                seen.add(key)
                # True as long as the table says so, which test_tools.py holds against the machine.
                if finding["rule"] == "unsupported-element":
                    continue
                if finding["severity"] != "note" and key not in expected:
                    by_page[page].append(finding)
            alarms += len(by_page)
            number += 1
            good = not by_page and bool(files)
            print(f"{'ok' if good != invert else 'not ok'} {number} - {name}: {len(files)} pages")
            for page, list_of_page in by_page.items():
                for finding in list_of_page:
                    print(f"# {page}:{brief(finding)}")
    stale = sorted(set(expected) - seen) if number > 2 else []
    number += 1
    print(f"{'ok' if (not stale) != invert else 'not ok'} {number} - what is expected is told")
    for page, rule in stale:
        print(f"# not told any more: {page} {rule}")
    print(f"1..{number}")
    return not stale and alarms == 0


def main():
    program, which = sys.argv[1:3]
    invert = "--invert" in sys.argv
    good = (seeded if which == "seeded" else pages)(program, invert)
    sys.exit(0 if good != invert else 1)


main()
