#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""config/reference.md says what the settings tables say, and the packaged configuration is valid.

    tests/harness/test_reference.py --build DIR [--write]     (--write renews the file)
"""
import argparse
import difflib
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "config/reference.md"


def mcpd(build, *arguments):
    environment = dict(os.environ, MCP__CORE__PLUGIN_PATH=f"{build}/plugins",
                       ASAN_OPTIONS="detect_leaks=0")
    return subprocess.run([f"{build}/core/mcpd/mcpd", "--config", str(ROOT / "config/mcp.conf"),
                           *arguments], text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          env=environment, timeout=60)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    text = mcpd(options.build, "--reference").stdout
    if options.write:
        REFERENCE.write_text(text)
        return 0
    known = REFERENCE.read_text()
    print("1..2")
    fresh = text == known
    print(("ok" if fresh else "not ok") + " 1 - reference.md is fresh")
    if not fresh:
        print("# renew it: tests/harness/test_reference.py --build DIR --write")
        for line in difflib.unified_diff(known.splitlines(), text.splitlines(), lineterm="", n=0):
            print(f"# {line}")
    checked = mcpd(options.build, "--check-config")
    print(("ok" if checked.returncode == 0 else "not ok") + " 2 - config/mcp.conf has no faults")
    for line in checked.stderr.splitlines():
        print(f"# {line}")
    return 0 if fresh and checked.returncode == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
