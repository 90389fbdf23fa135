#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The gallery of examples, run as its files tell a newcomer to; prints TAP.

usage: examples.py MCPCTL [--invert|--write]

Each folder of config/examples/ has the page start.vxml and one or more scripts of a caller,
"inputs" or "*.inputs", whose first line is the command to run it with. What that prints, without
the times, stands in "expected" or "*.expected". --write writes these anew: read the difference.
"""
import difflib
import os
import pathlib
import re
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[3]
GALLERY = ROOT / "config/examples"
DEADLINE = 60
PREFIX = "; mcpctl "
SERVER = "http://127.0.0.1:8091/"
# So many there are at least: fewer means that the search for them went wrong.
LEAST = 12


class Tap:
    def __init__(self, invert):
        self.number = self.failed = 0
        self.invert = invert

    def check(self, good, name, why=()):
        good = bool(good) != self.invert
        self.number += 1
        self.failed += not good
        print(f"{'ok' if good else 'not ok'} {self.number} - {name}")
        if not good:
            for line in why:
                print("# " + line.rstrip("\n"))


class Server:
    """server.py of the gallery on a port that is free, with a queue that is short."""

    def __enter__(self):
        self.process = subprocess.Popen([GALLERY / "server.py", "--port", "0", "--wait", "0.2"],
                                        stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        self.url = line.split()[-1] if line else ""
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(DEADLINE)
        self.process.stdout.close()


def command_of(inputs):
    """The arguments behind mcpctl in the first line of @inputs; empty: it has none."""
    lines = inputs.read_text(encoding="utf-8").splitlines()
    if not lines or not lines[0].startswith(PREFIX):
        return []
    return shlex.split(lines[0][len(PREFIX):])


def transcript(output, server):
    """@output without times, and with places as below the gallery."""
    for place in (GALLERY.as_uri() + "/", f"{GALLERY}/", server):
        output = output.replace(place, "")
    lines = [re.sub(r"^ *\d+\.\d{3}  ", "", line).rstrip() for line in output.splitlines()]
    return [line + "\n" for line in lines]


def run(mcpctl, inputs, server):
    arguments = [a.replace(SERVER, server) for a in command_of(inputs)]
    done = subprocess.run([mcpctl, *arguments], cwd=GALLERY, capture_output=True, text=True,
                          check=False, timeout=DEADLINE)
    return done.returncode, transcript(done.stdout, server), done.stderr.splitlines()


def test_script(tap, mcpctl, inputs, server):
    name = inputs.relative_to(GALLERY)
    expected = inputs.with_name(inputs.name.replace("inputs", "expected"))
    arguments = command_of(inputs)
    named = "--script" in arguments and str(name) in arguments
    tap.check(named, f"{name}: the first line tells how to run it", arguments)
    if not named:
        return
    code, lines, errors = run(mcpctl, inputs, server)
    wanted = []
    if expected.exists():
        wanted = expected.read_text(encoding="utf-8").splitlines(keepends=True)
    same = code == 0 and lines == wanted and not errors
    why = [f"exit code {code}", *errors, *difflib.unified_diff(wanted, lines, "expected", "seen")]
    tap.check(same, f"{name}: as expected", why)


def test_lint(tap, mcpctl, folder):
    """By all pages of the folder at once: nothing, not even a note."""
    pages = sorted(folder.glob("*.vxml"))
    done = subprocess.run([mcpctl, "vxml", "lint", *pages], capture_output=True, text=True,
                          check=False, timeout=DEADLINE)
    clean = done.returncode == 0 and done.stdout.strip() == "0 errors, 0 warnings, 0 notes"
    tap.check(clean, f"{folder.name}: lint", done.stdout.splitlines())


def test_complete(tap, folder, readme):
    """What a folder has to have; a file that no script uses is left over."""
    scripts = scripts_of(folder)
    tap.check((folder / "start.vxml").exists() and scripts, f"{folder.name}: a page, a script")
    tap.check(f"({folder.name}/start.vxml)" in readme, f"{folder.name}: stands in the README")
    # One that is spoken to is called by a sentence: no command can speak.
    tap.check(f"\n    at {folder.name} " in readme or f"call `{folder.name}`" in readme,
              f"{folder.name}: a call in the README")
    stray = {p.name for p in folder.glob("*expected")} - {
        p.name.replace("inputs", "expected") for p in scripts}
    tap.check(not stray, f"{folder.name}: nothing is left over", sorted(stray))


def scripts_of(folder):
    return sorted(p for p in folder.iterdir() if p.name == "inputs" or p.suffix == ".inputs")


def write(mcpctl, folders, server):
    for inputs in [script for folder in folders for script in scripts_of(folder)]:
        _, lines, _ = run(mcpctl, inputs, server)
        expected = inputs.with_name(inputs.name.replace("inputs", "expected"))
        expected.write_text("".join(lines), encoding="utf-8")


def main():
    mcpctl = sys.argv[1]
    tap = Tap("--invert" in sys.argv)
    os.environ.setdefault("ASAN_OPTIONS", "detect_leaks=1")
    folders = sorted(p for p in GALLERY.iterdir() if p.is_dir() and p.name != "__pycache__")
    readme = (GALLERY / "README.md").read_text(encoding="utf-8")
    with Server() as server:
        if "--write" in sys.argv:
            write(mcpctl, folders, server.url)
        for folder in folders:
            test_complete(tap, folder, readme)
            test_lint(tap, mcpctl, folder)
            for inputs in scripts_of(folder):
                test_script(tap, mcpctl, inputs, server.url)
    tap.check(len(folders) >= LEAST, f"{len(folders)} examples")
    print(f"1..{tap.number}")
    sys.exit(1 if tap.failed else 0)


main()
