#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Converts VoiceXML test templates and runs them through the suite program; prints TAP.

usage: run.py SUITE-PROGRAM own|irtests [--invert] [NAME…]

Own tests are the pages below own/, named by their path; a page whose second line says "dependent"
is a part of others. Comments of a page say what the caller does, how pages answer, and what must be
seen beside the verdict (expectations.h has the forms):
<!-- caller: 500ms 1; 2s hangup -->   <!-- serve: slow.vxml 3s; none.vxml 500 -->
<!-- heard: one|two -->  <!-- unheard: three -->  <!-- asked: GET next.vxml?a=1 -->
<!-- without: store -->  <!-- logged: words -->  <!-- lasts: 4900ms 5100ms -->
<!-- body: x=1 -->       <!-- result: 3 -->
For transfers: what the party that is called does, at how many seconds, and what was done to it:
<!-- far: 1 ringing; 2 answer; 5 bye -->  <!-- done: dial sip:x@y|join|hang-up -->
Tests of known-faults.tsv are run and must fail; one that passes is a failure of the suite.
statements.py maps the statements of the standard to tests.

The implementation report tests are read from MCP_CONFORMANCE. What is said reaches the session as
words, as from a recognizer; whoever is called does what FAR says. A table by assertion is written
beside the suite program: results-WHICH.tsv.

--invert swaps pass and fail in every page, and a result that is expected otherwise becomes another
one: every test must then fail. Known faults are left out there.
"""
import csv
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import xml.parsers.expat

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
FAR = {"288": f"{ANSWERS}; 3 bye", "289": "", "290": ANSWERS, "293": "", "294": "",
       "295": ANSWERS, "296": ANSWERS, "298": "", "300": ANSWERS, "301": "0.5 486",
       "302": "0.5 503"}
CALLER = {"300": "5s hangup"}
# A result that no page has.
INVERTED = '"inverted"'


# Comments of a page that the suite program understands.
SAYS = ("caller", "serve", "heard", "unheard", "asked", "unasked", "logged", "unlogged", "lasts",
        "body", "reason", "without", "far", "done")
BATCH = 100


def is_page(source):
    """Whether @source is a template; a page that is no XML is a test of its own."""
    if source.suffix not in (".txml", ".vxml"):
        return False
    try:
        xml.parsers.expat.ParserCreate().Parse(source.read_bytes(), True)
    except xml.parsers.expat.ExpatError:
        return False
    return True


def transform(sources, invert):
    """What xsltproc makes of @sources, each; one process for all, since each takes a while."""
    words = ("fail", "pass") if invert else ("pass", "fail")
    done = subprocess.run(
        ["xsltproc", "--nonet", "--stringparam", "pass", words[0], "--stringparam", "fail",
         words[1], str(HERE / "irtest.xsl"), *map(str, sources)], capture_output=True, check=False)
    pages = re.split(rb"(?=<\?xml version=\"1\.0\"\?>)", done.stdout)[1:]
    if done.returncode == 0 and len(pages) == len(sources):
        return pages
    if len(sources) == 1:
        return [sources[0].read_bytes()]
    return [transform([source], invert)[0] for source in sources]


def convert(source, target, invert):
    """One file."""
    page = transform([source], invert)[0] if is_page(source) else source.read_bytes()
    target.write_bytes(page)


def convert_files(sources, folder, target, invert):
    """Writes the templates of @sources as VoiceXML below @target; other files are copied."""
    templates = []
    for source in sources:
        copy = target / source.relative_to(folder)
        copy.parent.mkdir(exist_ok=True)
        if is_page(source):
            templates.append((source, copy))
        else:
            copy.write_bytes(source.read_bytes())
    for start in range(0, len(templates), BATCH):
        batch = templates[start:start + BATCH]
        pages = transform([source for source, _ in batch], invert)
        for (_, copy), page in zip(batch, pages):
            copy.write_bytes(page)


def convert_folder(folder, target, invert):
    """The files of @folder itself."""
    convert_files([source for source in sorted(folder.iterdir()) if source.is_file()],
                  folder, target, invert)


def convert_tree(folder, target, invert):
    """The files of @folder and of what is below."""
    convert_files([source for source in sorted(folder.rglob("*")) if source.is_file()],
                  folder, target, invert)


def comment(text, name):
    found = re.search(r"<!--\s*" + name + r":\s*(.*?)\s*-->", text, re.DOTALL)
    return " ".join(found.group(1).split()) if found else ""


def known_faults():
    with open(HERE / "known-faults.tsv", encoding="utf-8", newline="") as file:
        return {row["test"]: row["why"] for row in csv.DictReader(file, delimiter="\t")}


def own_pages():
    """The tests of own/: name and file."""
    for source in sorted((HERE / "own").rglob("*.vxml")):
        if "dependent" not in source.read_text(encoding="utf-8").splitlines()[1]:
            yield source.relative_to(HERE / "own").with_suffix("").as_posix(), source


def own_tests(target, invert):
    known = known_faults()
    convert_tree(HERE / "own", target, invert)
    for name, source in own_pages():
        text = source.read_text(encoding="utf-8")
        says = {key: comment(text, key) for key in SAYS}
        result = comment(text, "result")
        says["result"] = INVERTED if invert and result else result
        says["known"] = known.pop(name, "")
        if not (invert and says["known"]):
            yield name, name + ".vxml", says
    for name in known:
        print(f"# known-faults.tsv names {name}, which is not there")
        yield name, name + ".vxml", {}


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
    """Converts a folder like those of the conformance material; yields the tests."""
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
        yield name, row["start"], {"caller": caller, "heard": heard, "far": far,
                                   "result": INVERTED if invert and result else result}


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
        yield name, f"{part.name}/{start}", {}
    for folder in sorted((base / "vxml21-irtests/tests").iterdir()):
        part = target / ("v21-" + folder.name)
        part.mkdir()
        convert_folder(folder, part, invert)
        starts = sorted(part.glob("*.txml"))
        yield "2.1/" + folder.name, f"{part.name}/{starts[0].name}", {}


def input_line(name, page, says):
    """A line of the suite program's input."""
    words = [f"{key}={value}" for key, value in says.items() if value]
    return "\t".join([name, page, *words]) + "\n"


def run_program(program, folder, tests):
    """Runs the suite program; yields its lines, and in the end "# status N"."""
    lines = "".join(input_line(*test) for test in tests)
    with tempfile.TemporaryFile("w+", encoding="utf-8") as stdin:
        stdin.write(lines)
        stdin.seek(0)
        with subprocess.Popen([program, folder], stdin=stdin, stdout=subprocess.PIPE,
                              text=True) as child:
            for line in child.stdout:
                yield line
    # A program that dies has not told of all tests, which is a failure of its own.
    yield f"# status {child.returncode}\n"


RESULT = re.compile(r"(not )?ok \d+ - (\S+) # (?:(\d+) ms|known fault)")


def main():
    program, which = sys.argv[1:3]
    invert = "--invert" in sys.argv
    names = [name for name in sys.argv[3:] if not name.startswith("--")]
    results = []
    status = 1
    with tempfile.TemporaryDirectory() as folder:
        target = pathlib.Path(folder)
        make = own_tests if which == "own" else report_tests
        tests = [test for test in make(target, invert)
                 if not names or test[0] in names or test[0].split("/")[0] in names]
        for line in run_program(program, folder, tests):
            found = RESULT.match(line)
            if found:
                verdict = "pass" if found.group(3) else "known fault"
                results.append((found.group(2), "fail" if found.group(1) else verdict,
                                found.group(3) or ""))
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
