#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A plugin outside of the tree: built from plugins/example by its README against the installed
headers alone, loaded by mcpd, and refused with one clear line for each thing that can be wrong."""
import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

BROKEN = {
    "wrong interface": (
        {"MCP_PLUGIN_HEAD,": ".magic = MCP_PLUGIN_MAGIC, .abi_major = 99, "
                             ".size = sizeof(McpPluginDesc),"},
        ["found interface 99.0, wanted 1."]),
    "wrong interface in the note": (
        {"#include <mcp/mcp.h>": "#include <mcp/mcp.h>\n#undef MCP_ABI_MAJOR\n"
                                 "#define MCP_ABI_MAJOR 7"},
        ["found interface 7.0, wanted 1."]),
    "newer core function": (
        {"mcp_host_publish(host": "extern void mcp_from_the_future(void);\n"
                                  "    mcp_from_the_future();\n    mcp_host_publish(host"},
        ["wanted function mcp_from_the_future, which core"]),
    "wrong name": (
        {'MCP_PLUGIN_NOTE("example"': 'MCP_PLUGIN_NOTE("sample"'},
        ['found name "sample", wanted "example"']),
    "no note": (
        {'MCP_PLUGIN_NOTE("example", "0.1.0");': ""},
        ["found no plugin identity"]),
    "bad setting row": (
        {'"440", "50..3500"': '"40", "50..3500"'},
        ["default of setting [example] pitch: 40 is out of range"]),
}


class Lab:
    """An installed copy of the platform in a temporary folder."""

    def __init__(self, build, source, folder):
        self.source = pathlib.Path(source)
        self.root = pathlib.Path(folder)
        environment = dict(os.environ, DESTDIR=str(self.root / "dest"))
        subprocess.run(["meson", "install", "-C", build, "--no-rebuild", "--quiet"], check=True,
                       env=environment, stdout=subprocess.DEVNULL)
        pc_file = next(self.root.rglob("mcp-core.pc"))
        self.pkgconfig = pc_file.parent
        # The copy stands below DESTDIR: its prefix has to say so, that of other packages not.
        pc_file.write_text(pc_file.read_text().replace("prefix=/", f"prefix={self.root}/dest/", 1))
        self.mcpd = next(self.root.rglob("sbin/mcpd"))
        self.libs = next(self.root.rglob("libmcp-core.so")).parent
        self.plugins = self.root / "plugins"
        self.plugins.mkdir(mode=0o755)
        for built in ("media", "recording"):
            found = list(self.root.glob(f"dest/**/mcp/plugins/{built}.so"))
            for path in found:
                shutil.copy(path, self.plugins)

    def pkg_config(self, *arguments):
        environment = dict(os.environ, PKG_CONFIG_PATH=str(self.pkgconfig))
        done = subprocess.run(["pkg-config", *arguments, "mcp-core"],
                              check=True, env=environment, text=True, stdout=subprocess.PIPE)
        return done.stdout.split()

    def compile(self, replacements):
        text = (self.source / "plugins/example/example.c").read_text()
        for old, new in replacements.items():
            if old not in text:
                raise AssertionError(f"example.c no longer has {old!r}")
            text = text.replace(old, new)
        outside = self.root / "outside"
        outside.mkdir(exist_ok=True)
        (outside / "example.c").write_text(text)
        target = self.plugins / "example.so"
        command = ["gcc", "-shared", "-fPIC", "-fvisibility=hidden", "-Wall",
                   '-DG_LOG_DOMAIN="mcp-example"', *self.pkg_config("--cflags"), "-o",
                   str(target), str(outside / "example.c"), *self.pkg_config("--libs"), "-lm"]
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
        target.chmod(0o644)
        return target

    def check(self, config):
        file = self.root / "mcp.conf"
        file.write_text(f"[core]\nplugin_path = {self.plugins}\n{config}")
        environment = dict(os.environ, LD_LIBRARY_PATH=str(self.libs),
                           ASAN_OPTIONS="detect_leaks=0:verify_asan_link_order=0")
        done = subprocess.run([str(self.mcpd), "--config", str(file), "--check-config"], text=True,
                              env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              timeout=60)
        return done.returncode, done.stderr.strip()


class Tap:
    def __init__(self):
        self.number = 0
        self.failed = 0

    def result(self, passed, name, detail=""):
        self.number += 1
        self.failed += not passed
        print(f"{'ok' if passed else 'not ok'} {self.number} - {name}")
        if not passed:
            for line in detail.splitlines():
                print(f"# {line}")

    def refused(self, name, outcome, needles):
        code, text = outcome
        lines = text.splitlines()
        good = code == 1 and len(lines) == 1 and all(needle in text for needle in needles)
        self.result(good, name, f"exit {code}, wanted one line with {needles}\n{text}")


def run(lab, tap):
    target = lab.compile({})
    code, text = lab.check("plugins = recording, media, example\n")
    tap.result(code == 0, "the example of the README loads", f"exit {code}\n{text}")
    tap.refused("missing requirement", lab.check("plugins = example\n"),
                ["plugin example: requires contract media 1.0"])
    tap.refused("unknown plugin", lab.check("plugins = absent\n"), ["plugin absent: no absent.so"])
    tap.refused("bad setting", lab.check("plugins = recording, media, example\n[example]\n"
                                         "pitch = high\n"), ["pitch: \"high\" is not a whole"])
    target.chmod(0o666)
    tap.refused("world-writable file", lab.check("plugins = recording, media, example\n"),
                ["found mode 0666, wanted one that only the owner may write"])
    target.chmod(0o644)
    lab.plugins.chmod(0o777)
    tap.refused("world-writable folder", lab.check("plugins = example\n"), ["found mode 0777"])
    lab.plugins.chmod(0o755)
    for name, (replacements, needles) in BROKEN.items():
        lab.compile(replacements)
        tap.refused(name, lab.check("plugins = recording, media, example\n"), needles)
    (lab.plugins / "example.so").write_bytes(b"\x7fELF" + bytes(200))
    tap.refused("not a plugin", lab.check("plugins = example\n"), ["found no plugin identity"])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", required=True)
    parser.add_argument("--source", required=True)
    options = parser.parse_args()
    tap = Tap()
    with tempfile.TemporaryDirectory(prefix="mcp-example-") as folder:
        run(Lab(options.build, options.source, folder), tap)
    print(f"1..{tap.number}")
    return 1 if tap.failed else 0


if __name__ == "__main__":
    sys.exit(main())
