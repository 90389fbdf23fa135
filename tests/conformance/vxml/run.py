#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Converts VoiceXML test templates and runs them through the suite program; prints TAP.

usage: run.py SUITE-PROGRAM own|irtests [--invert] [NAME…]

Own tests are the files of own/; a first-line comment may say what the caller does and what the
result is:  <!-- caller: 500ms 1; 2s hangup -->  <!-- heard: one|two -->  <!-- result: 3 -->
The implementation report tests are read from MCP_CONFORMANCE; those that need speech or transfers
are named and not run.

--invert swaps pass and fail in every page, and a result that is expected otherwise becomes another
one: every test must then fail.
"""
import csv
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
# Tests that a person judges by ear ("MANUAL" in the suite's manifest) end without a verdict of
# their own, or with a value that says nothing. They are judged by the result of the session, where
# "-" is none at all, as <exit/> gives and the suite's fail does not, and by what was heard, in
# order; "@FILE" is the audio of that file, byte by byte.
BY_EAR = {
    # "Pass if user hears (the choices) in order, with the carrier phrase"; the keys are implied.
    "217": ("-", "For alpha, press 1|For bravo, press 2|For charlie, press 3|For delta, press 4"),
    # "If you heard (the file), then this test passed", by src and by expr; any event is a fail.
    "369": ("-", "@369.wav|pass"),
    "371": ("-", "@371.wav"),
    # The prompt before <exit expr="1+2"/> is heard, the exit is no event and ends the session.
    "1162": ("3", "pass"),
}
# Tests whose text contradicts the standards: the verdict that a correct platform comes to.
WRONG = {
    # The assertion is right (VoiceXML 2.0 §5.3.1: a variable without expr is undefined), its test
    # is not: it asks x === 'undefined', and a strict comparison of the value undefined with a
    # string is false in every edition of ECMAScript (ECMA-262, 3rd edition, §11.9.6, step 1: the
    # types differ). own/var_undefined.vxml tests the assertion as it was meant.
    "394": "fail",
}
# A result that no page has.
INVERTED = '"inverted"'
# Marked as needing speech, but silence is what they expect.
SILENT = {"185", "234"}


def convert(source, target, invert):
    """Writes @source as VoiceXML into @target; files without templates are copied."""
    if source.suffix not in (".txml", ".vxml"):
        target.write_bytes(source.read_bytes())
        return
    words = ("fail", "pass") if invert else ("pass", "fail")
    done = subprocess.run(
        ["xsltproc", "--nonet", "--stringparam", "pass", words[0], "--stringparam", "fail",
         words[1], str(HERE / "irtest.xsl"), str(source)], capture_output=True, check=False)
    # A page that is no XML is a test of its own.
    target.write_bytes(done.stdout if done.returncode == 0 else source.read_bytes())


def convert_folder(folder, target, invert):
    for source in sorted(folder.iterdir()):
        if source.is_file():
            convert(source, target / source.name, invert)


def comment(text, name):
    found = re.search(r"<!--\s*" + name + r":\s*(.*?)\s*-->", text)
    return found.group(1) if found else ""


def own_tests(target, invert):
    convert_folder(HERE / "own", target, invert)
    for source in sorted((HERE / "own").glob("*.vxml")):
        text = source.read_text(encoding="utf-8")
        if "dependent" in text.splitlines()[1]:
            continue
        result = comment(text, "result")
        yield (source.stem, source.name, comment(text, "caller"),
               INVERTED if invert and result else result, comment(text, "heard"))


def report_tests(target, invert, left_out):
    base = pathlib.Path(os.environ.get("MCP_CONFORMANCE", HERE / "../../../../shared/conformance"))
    suite = base / "vxml20-irtests"
    if not suite.is_dir():
        print("1..0 # SKIP conformance data is not beside the tree")
        sys.exit(0)
    convert_folder(HERE / "stand-ins", target, invert)
    convert_folder(suite / "tests", target, invert)
    with open(suite / "MANIFEST.tsv", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            name = row["assert-id"]
            if re.search("speech|transfer", row["needs"]) and name not in SILENT:
                left_out.append(f"{name} ({row['needs']})")
                continue
            result, heard = BY_EAR.get(name, ("", ""))
            if name in WRONG:
                result = f'"{WRONG[name]}"'
            result = INVERTED if invert and result else result
            yield name, row["start"], "", result, heard
    for name, start in (("337", "337.txml"), ("338", "338.txml")):
        part = target / ("more-" + name)
        part.mkdir()
        convert_folder(suite / "tests-jvoicexml" / name, part, invert)
        yield name, f"{part.name}/{start}", "", "", ""
    for folder in sorted((base / "vxml21-irtests/tests").iterdir()):
        part = target / ("v21-" + folder.name)
        part.mkdir()
        convert_folder(folder, part, invert)
        starts = sorted(part.glob("*.txml"))
        yield "2.1/" + folder.name, f"{part.name}/{starts[0].name}", "", "", ""


def main():
    program, which = sys.argv[1:3]
    invert = "--invert" in sys.argv
    names = [name for name in sys.argv[3:] if not name.startswith("--")]
    left_out = []
    with tempfile.TemporaryDirectory() as folder:
        target = pathlib.Path(folder)
        if which == "own":
            tests = list(own_tests(target, invert))
        else:
            tests = list(report_tests(target, invert, left_out))
        lines = "".join("\t".join(test) + "\n" for test in tests if not names or test[0] in names)
        status = subprocess.run([program, folder], input=lines, text=True, check=False).returncode
    if left_out:
        print("# not run, they need more than keys: " + ", ".join(left_out))
    sys.exit(status)


if __name__ == "__main__":
    main()
