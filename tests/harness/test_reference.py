#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""config/reference.md says what the settings tables say, config/vxml-reference.md what the tables
of VoiceXML say, config/mcp.mib and config/snmp.yml what those of metrics say; the numbers of these
are unique; config/log-ids.md says what the log calls of the sources say, and the packaged
configurations are valid.

    tests/harness/test_reference.py --build DIR [--write]     (--write renews the files)
"""
import argparse
import difflib
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/lint"))

import log_ids  # noqa: E402

REFERENCE = ROOT / "config/reference.md"
AUTHORS = ROOT / "config/vxml-reference.md"
MIB = ROOT / "config/mcp.mib"
EXPORTER = ROOT / "config/snmp.yml"
NUMBERS = ROOT / "core/plugin/README.md"
LOG_IDS = ROOT / "config/log-ids.md"
PACKAGED = ("mcp.conf", "speech-server.conf")
# Plugins of the tree that are enabled where they are wanted; the reference has them, too.
ON_DEMAND = ("[core]\nplugins += google-tts, google-asr, engines, espeak, mrcp, mrcp-server, "
             "activemq, snmp, health, consul, config-server, "
             "prometheus, log-exporter, tracing, hep\n")


def mcpd(build, *arguments, config=ROOT / "config/mcp.conf"):
    environment = dict(os.environ, MCP__CORE__PLUGIN_PATH=f"{build}/plugins",
                       ASAN_OPTIONS="detect_leaks=0")
    return subprocess.run([f"{build}/core/mcpd/mcpd", "--config", str(config), *arguments],
                          text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          env=environment, timeout=60)


def reference(build):
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as config:
        config.write(ON_DEMAND)
        config.flush()
        return mcpd(build, "--reference", config=config.name).stdout


def authors_reference(build):
    return subprocess.run([f"{build}/plugins/vxml/tool/mcpctl-vxml", "reference"], text=True,
                          stdout=subprocess.PIPE, timeout=60, check=True).stdout


def snmp_files(build, what):
    plugins = sorted(pathlib.Path(build).glob("plugins/*/*.so"))
    return subprocess.run([f"{build}/tests/harness/snmp-files", what, *map(str, plugins)],
                          text=True, stdout=subprocess.PIPE, timeout=60, check=True,
                          env=dict(os.environ, ASAN_OPTIONS="detect_leaks=0")).stdout


def find_number_faults(build):
    """A line for each number that is there twice, or is not the documented one."""
    documented = dict(re.findall(r"^\| (\d+) \| ([\w-]+) \|$", NUMBERS.read_text(), re.M))
    rows = {}
    plugins = {}
    for line in snmp_files(build, "list").splitlines():
        plugin, number, row, name = line.split()
        if documented.get(number) != plugin:
            yield f"{plugin} has {number}, which {NUMBERS.name} does not say"
        if plugins.setdefault(number, plugin) != plugin:
            yield f"{plugin} has {number}, as {plugins[number]}"
        if int(row) == 0 or (number, row) in rows:
            yield f"{name} has {number}.{row}, as {rows.get((number, row), 'nothing may')}"
        rows[number, row] = name


def check_numbers(number, build):
    faults = list(find_number_faults(build))
    print(("not ok" if faults else "ok") + f" {number} - each metric has a number of its own")
    for fault in faults:
        print(f"# {fault}")
    return not faults


def log_id_list():
    paths = sorted(path for folder in ("core", "plugins", "pipelines")
                   for path in (ROOT / folder).rglob("*.[ch]"))
    return log_ids.write(log_ids.collect(
        (str(path.relative_to(ROOT)), path.read_text()) for path in paths))


def check_fresh(number, path, text):
    known = path.read_text() if path.exists() else ""
    fresh = text == known
    print(("ok" if fresh else "not ok") + f" {number} - {path.name} is fresh")
    if not fresh:
        print("# renew it: tests/harness/test_reference.py --build DIR --write")
        for line in difflib.unified_diff(known.splitlines(), text.splitlines(), lineterm="", n=0):
            print(f"# {line}")
    return fresh


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    texts = {REFERENCE: reference(options.build), AUTHORS: authors_reference(options.build),
             LOG_IDS: log_id_list(),
             MIB: snmp_files(options.build, "mib"), EXPORTER: snmp_files(options.build, "exporter")}
    if options.write:
        for path, text in texts.items():
            path.write_text(text)
        return 0
    print(f"1..{len(texts) + 1 + len(PACKAGED)}")
    good = True
    for number, (path, text) in enumerate(texts.items(), 1):
        good = check_fresh(number, path, text) and good
    good = check_numbers(len(texts) + 1, options.build) and good
    for number, name in enumerate(PACKAGED, len(texts) + 2):
        checked = mcpd(options.build, "--check-config", config=ROOT / "config" / name)
        verdict = "ok" if checked.returncode == 0 else "not ok"
        print(f"{verdict} {number} - config/{name} has no faults")
        for line in checked.stderr.splitlines():
            print(f"# {line}")
        good = good and checked.returncode == 0
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
