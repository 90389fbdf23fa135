# SPDX-License-Identifier: Apache-2.0
"""What the plugin snmp is tested against: Debian's snmpd as the master, snmptrapd, the tools, and
an mcpd; each in a temporary folder, on free ports, without the machine's own configuration."""
import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests/scenarios"))
import platform_under_test as platforms  # noqa: E402

ARC = "1.3.6.1.4.1.8072.9999.9999.1705"
MIBS = f"{pathlib.Path(__file__).parent}/mibs:/usr/share/snmp/mibs"
MODULE = ROOT / "config/mcp.mib"
VARIABLES = f"{ARC}.1.18.3.0"  # how many the agent was asked for
DEADLINE = 60

SNMPD = """
agentAddress udp:127.0.0.1:{udp}
master agentx
agentXSocket tcp:127.0.0.1:{agentx}
view platform included .{arc}
rocommunity public 127.0.0.1 -V platform
rwcommunity private 127.0.0.1 -V platform
trap2sink 127.0.0.1:{trap} public
"""

CONFIG = """
[core]
plugin_path = {build}/plugins
plugins = media, recording, conference, credentials, web, control, snmp{plugins}
log_format = json
max_cpu_percent = 0
max_loop_delay = 0s
[media]
rtp_ports = 47000..47999
[web.listener "control"]
socket = {folder}/control.sock
[recording]
directory = {folder}/recordings
[records]
file = {folder}/records.jsonl
[snmp]
master = tcp:localhost:{agentx}
trap_interval = 4s
{more}
"""


def free_port(kind=socket.SOCK_STREAM):
    return platforms.free_port(kind)


def wait_until(condition, what):
    return platforms.wait_until(condition, DEADLINE, what)


class Lines:
    """A program whose lines of output are kept in order."""

    def __init__(self, command, environment=None):
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                        text=True, errors="replace", env=environment,
                                        preexec_fn=platforms.end_with_parent)
        self.seen = []
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()

    def read(self):
        for line in self.process.stdout:
            self.seen.append(line.rstrip("\n"))

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.thread.join()
        self.process.stdout.close()


class Peers:
    """The master and the receiver of traps; ports stay the same when the master comes back."""

    def __init__(self, folder, agentx=None):
        self.folder = pathlib.Path(folder)
        self.udp = free_port(socket.SOCK_DGRAM)
        self.trap = free_port(socket.SOCK_DGRAM)
        self.agentx = agentx or free_port()
        self.environment = dict(os.environ, SNMPCONFPATH=str(self.folder),
                                SNMP_PERSISTENT_DIR=str(self.folder / "persistent"), MIBS="",
                                MIBDIRS=MIBS)
        (self.folder / "snmpd.conf").write_text(SNMPD.format(arc=ARC, **vars(self)))
        (self.folder / "snmptrapd.conf").write_text("disableAuthorization yes\n")
        self.master = None
        self.traps = None

    def start_master(self):
        self.master = Lines(["/usr/sbin/snmpd", "-f", "-Lo", "-C", "-c",
                             str(self.folder / "snmpd.conf")], self.environment)

    def stop_master(self):
        self.master.stop()
        self.master = None

    def start_traps(self):
        """One line a trap: what it carries, as "name=value" separated by tabs."""
        self.traps = Lines(["/usr/sbin/snmptrapd", "-f", "-Lo", "-On", "-OQ", "-C", "-c",
                            str(self.folder / "snmptrapd.conf"), "-F", "TRAP %v\n",
                            f"udp:127.0.0.1:{self.trap}"], self.environment)
        wait_until(lambda: any("NET-SNMP version" in line for line in self.traps.seen),
                   "snmptrapd")

    def trap_lines(self):
        return [line for line in self.traps.seen if line.startswith("TRAP ")]

    def tool(self, program, *arguments, community="public"):
        """The last argument is a name, or what a name is set to."""
        options = [argument for argument in arguments if isinstance(argument, str)]
        names = [name for argument in arguments if isinstance(argument, tuple)
                 for name in argument] or [options.pop()]
        return subprocess.run([program, "-v2c", "-c", community, "-t2", "-r2", *options,
                               f"udp:127.0.0.1:{self.udp}", *names], text=True,
                              capture_output=True, env=self.environment, timeout=DEADLINE)

    def walk(self, program="snmpbulkwalk"):
        """Numeric names below the arc's objects → their values as text."""
        done = self.tool(program, "-On", "-OQ", "-OU", f"{ARC}.1")
        found = {}
        for line in done.stdout.splitlines():
            name, _, value = line.partition(" = ")
            if name.startswith(f".{ARC}.1.") and not value.startswith("No more variables"):
                found[name[1:]] = value.strip('"')
        return found

    def close(self):
        for peer in (self.master, self.traps):
            if peer:
                peer.stop()


class Mcpd:
    """A platform that is to be watched by SNMP; `environment` is added to the tests' own."""

    def __init__(self, folder, agentx, more="", environment=None, plugins=""):
        self.folder = pathlib.Path(folder)
        self.build = os.environ["MCP_BUILD_ROOT"]
        config = self.folder / "mcp.conf"
        config.write_text(CONFIG.format(build=self.build, folder=self.folder, agentx=agentx,
                                        more=more, plugins=plugins))
        self.log = open(self.folder / "mcpd.log", "ab")
        sanitizer = os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=1"
        leaks = f"suppressions={platforms.LEAKS}"
        self.process = subprocess.Popen(
            [f"{self.build}/core/mcpd/mcpd", "--config", str(config)], stdout=self.log,
            stderr=self.log, preexec_fn=platforms.end_with_parent,
            env=dict(os.environ, ASAN_OPTIONS=sanitizer, LSAN_OPTIONS=leaks, **(environment or {})))
        wait_until(self.is_up, "mcpd")

    def ctl(self, *arguments):
        return subprocess.run([f"{self.build}/core/ctl/mcpctl", "--socket",
                               str(self.folder / "control.sock"), *arguments], text=True,
                              capture_output=True, timeout=DEADLINE)

    def is_up(self):
        assert self.process.poll() is None, (self.folder / "mcpd.log").read_text()
        return self.ctl("status").returncode == 0

    def metrics(self):
        """(name, labels) → value, as the Prometheus page has them."""
        found = {}
        for row in json.loads(self.ctl("-o", "json", "metrics").stdout)["metrics"]:
            labels = ((row["label"], row["label_value"]),) if "label" in row else ()
            if row["kind"] != "histogram":
                found[row["name"], labels] = max(row["value"], 0)
                continue
            found[row["name"] + "_count", labels] = row["value"]
            found[row["name"] + "_sum", labels] = row["sum"]
            total = 0
            for index, count in enumerate(row["buckets"]):
                total += count
                found[row["name"] + "_bucket", labels, index] = total
        return found

    def log_text(self):
        return (self.folder / "mcpd.log").read_text(errors="replace")

    def stop(self):
        self.process.terminate()
        code = self.process.wait(DEADLINE)
        self.log.close()
        assert code == 0, self.log_text()


class Module:
    """config/snmp.yml, of whose shape the generator is sure: one key a line."""

    def __init__(self):
        self.rows = []
        for line in (ROOT / "config/snmp.yml").read_text().splitlines():
            key, _, value = line.strip().removeprefix("- ").partition(": ")
            if line.startswith("  - name: "):
                self.rows.append({"name": value, "labels": [], "sum": False})
            elif key in ("oid", "type") and line.startswith("    " + key):
                self.rows[-1][key] = value
            elif key == "labelname":
                self.rows[-1]["labels"].append(value)
            elif line.strip() == "_sum:":
                self.rows[-1]["sum"] = True

    def decode(self, walked):
        """Series as (name, labels) → text, of what a walk has found."""
        found = {}
        for row in self.rows:
            for oid, value in walked.items():
                if oid.startswith(row["oid"] + "."):
                    index = [int(sub) for sub in oid[len(row["oid"]) + 1:].split(".")]
                    name = row["name"] + ("_sum" if row["sum"] else "")
                    found[name, self.labels(row, index)] = value
        return found

    @staticmethod
    def labels(row, index):
        labels = []
        for label in row["labels"]:
            length = index[0]
            labels.append((label, bytes(index[1:1 + length]).decode()))
            index = index[1 + length:]
        return tuple(labels)


def page_series(text):
    """(name, labels) → number, of a page in Prometheus' text format."""
    found = {}
    for line in text.splitlines():
        match = re.fullmatch(r'(mcp_\w+)(?:\{(.*)\})? (\S+)', line)
        if match:
            labels = tuple(re.findall(r'(\w+)="([^"]*)"', match[2] or ""))
            found[match[1], labels] = float(match[3])
    return found


class WatchedCase(unittest.TestCase):
    """A folder and peers of its own; what the test made of the rest is ended."""

    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory(prefix="mcp-snmp-")
        self.folder = pathlib.Path(self.temporary.name)
        self.peers = Peers(self.folder)
        self.mcpd = None

    def tearDown(self):
        self.peers.close()
        if self.mcpd:
            self.mcpd.stop()
        self.temporary.cleanup()

    def wait_for_walk(self, what):
        """Until the agent answers through the master; how long that took."""
        start = time.monotonic()
        wait_until(lambda: self.peers.tool("snmpget", "-OQ", VARIABLES).stdout.strip()
                   .rpartition(" = ")[2].isdigit(), what)
        print(f"# {what}: {time.monotonic() - start:.1f} s", flush=True)
