#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Converts VoiceXML test templates and runs them through the suite program; prints TAP.

usage: run.py SUITE-PROGRAM own|irtests [--invert] [NAME…]

Own tests are the files of own/; a first-line comment may say what the caller does and what the
result is:  <!-- caller: 500ms 1; 2s hangup -->  <!-- heard: one|two -->  <!-- result: 3 -->
For transfers: what the party that is called does, at how many seconds, and what was done to it:
<!-- far: 1 ringing; 2 answer; 5 bye -->  <!-- done: dial sip:x@y|join|hang-up -->
The implementation report tests are read from MCP_CONFORMANCE. What is said reaches the session as
words, as from a recognizer; whoever is called does what FAR says. A table by assertion is written
beside the suite program: results-WHICH.tsv.

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
# What is called, and what the caller does then (the scripts that the suite's README asks for).
ANSWERS = "0.5 ringing; 1 answer"
FAR = {"288": ANSWERS, "289": "", "290": ANSWERS, "293": "", "294": "", "295": ANSWERS,
       "296": ANSWERS, "298": "", "300": ANSWERS, "301": "0.5 486", "302": "0.5 503"}
CALLER = {"300": "5s hangup"}
# A result that no page has.
INVERTED = '"inverted"'


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
               INVERTED if invert and result else result, comment(text, "heard"),
               comment(text, "far"), comment(text, "done"))


def transfer_scripts(row):
    """What the caller and the party that is called do, for a test of the report."""
    name = row["assert-id"]
    far = FAR.get(name, ANSWERS if "transfer" in (row.get("needs") or "") else "")
    return CALLER.get(name, ""), far


def manifest_rows(suite):
    """The tests of a folder as rows: by its MANIFEST.tsv, else by its tests.txt or its folders."""
    manifest = suite / "MANIFEST.tsv"
    if manifest.is_file():
        with open(manifest, encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, delimiter="\t"):
                yield {**row, "start": row["start"].removeprefix("tests/")}
        return
    listed = suite / "tests.txt"
    if listed.is_file():
        for line in listed.read_text(encoding="utf-8").splitlines():
            name, _, files = line.partition("\t")
            pages = [file for file in files.split() if file.endswith((".txml", ".vxml"))]
            if pages:
                yield {"assert-id": name, "start": pages[0].removeprefix("tests/")}
        return
    for folder in sorted((suite / "tests").iterdir()):
        starts = sorted(folder.glob("*.txml")) + sorted(folder.glob("*.vxml"))
        if folder.is_dir() and starts:
            yield {"assert-id": folder.name, "start": f"{folder.name}/{starts[0].name}"}


def suite_tests(suite, target, invert):
    """Converts a folder like those of the conformance material; yields the suite program's lines."""
    convert_folder(HERE / "stand-ins", target, invert)
    convert_folder(suite / "tests", target, invert)
    for folder in sorted((suite / "tests").iterdir()):
        if folder.is_dir():
            (target / folder.name).mkdir()
            convert_folder(folder, target / folder.name, invert)
    for row in manifest_rows(suite):
        name = row["assert-id"]
        result, heard = BY_EAR.get(name, ("", ""))
        if name in WRONG:
            result = f'"{WRONG[name]}"'
        caller, far = transfer_scripts(row)
        yield name, row["start"], caller, INVERTED if invert and result else result, heard, far


def report_tests(target, invert):
    base = pathlib.Path(os.environ.get("MCP_CONFORMANCE", HERE / "../../../../shared/conformance"))
    suite = base / "vxml20-irtests"
    if not suite.is_dir():
        print("1..0 # SKIP conformance data is not beside the tree")
        sys.exit(0)
    yield from suite_tests(suite, target, invert)
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


def run_program(program, folder, tests):
    """Runs the suite program; yields its lines, and in the end "# status N"."""
    lines = "".join("\t".join(test) + "\n" for test in tests)
    with tempfile.TemporaryFile("w+", encoding="utf-8") as stdin:
        stdin.write(lines)
        stdin.seek(0)
        with subprocess.Popen([program, folder], stdin=stdin, stdout=subprocess.PIPE,
                              text=True) as child:
            for line in child.stdout:
                yield line
    # A program that dies has not told of all tests, which is a failure of its own.
    yield f"# status {child.returncode}\n"


RESULT = re.compile(r"(not )?ok \d+ - (\S+) # (\d+) ms")


def main():
    program, which = sys.argv[1:3]
    invert = "--invert" in sys.argv
    names = [name for name in sys.argv[3:] if not name.startswith("--")]
    results = []
    status = 1
    with tempfile.TemporaryDirectory() as folder:
        target = pathlib.Path(folder)
        make = own_tests if which == "own" else report_tests
        tests = [test for test in make(target, invert) if not names or test[0] in names]
        for line in run_program(program, folder, tests):
            found = RESULT.match(line)
            if found:
                results.append((found.group(2), "fail" if found.group(1) else "pass",
                                found.group(3)))
            if line.startswith("# status "):
                status = int(line.split()[2])
            else:
                print(line, end="", flush=True)
    if not names:
        # By assertion: what the readers look for.
        table = pathlib.Path(program).parent / f"results-{which}{'-inverted' if invert else ''}.tsv"
        table.write_text("assert-id\tverdict\tms\n" +
                         "".join("\t".join(result) + "\n" for result in results), encoding="utf-8")
    sys.exit(status)


if __name__ == "__main__":
    main()
