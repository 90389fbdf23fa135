#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Metrics and alerts over SNMP: snmpwalk, the exporter's page and mcpctl agree on every value, the
MIB names them, and notifications arrive with what they are to carry."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest
import urllib.error
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import peers  # noqa: E402

# They change by being looked at, or by themselves.
RESTLESS = ("mcp_memory_bytes", "mcp_cpu_percent", "mcp_media_worker_load_percent",
            "mcp_media_tick_lateness_seconds", "mcp_snmp_variables_total")

# What there is to tell of: a certificate, and a registrar that nobody is.
MORE = """
[sip.transport "tcp"]
transport = tcp
address = 127.0.0.1:{sip}
[sip.trunk "lab"]
proxy = sip:127.0.0.1:{nobody};transport=tcp
identity = sip:100@lab.example
registrar = sip:lab.example
[credentials "x"]
certificate_file = {folder}/chain.pem
key_file = {folder}/key.pem
check_interval = 1s
"""


def make_certificate(folder, days):
    """Put in place at once: the key stays."""
    key = folder / "key.pem"
    if not key.exists():
        subprocess.run(["openssl", "genrsa", "-out", str(key), "2048"], check=True,
                       capture_output=True)
    fresh = folder / "fresh.pem"
    subprocess.run(["openssl", "req", "-x509", "-key", str(key), "-subj", "/CN=x", "-days",
                    str(days), "-out", str(fresh)], check=True, capture_output=True)
    os.replace(fresh, folder / "chain.pem")


class Metrics(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory(prefix="mcp-snmp-")
        cls.folder = pathlib.Path(cls.temporary.name)
        cls.peers = peers.Peers(cls.folder)
        cls.peers.start_master()
        cls.peers.start_traps()
        make_certificate(cls.folder, 25)
        # What the library read of the machine's files would never end.
        for name in ("snmp.conf", "mcp-snmp.conf", "snmp.local.conf"):
            os.mkfifo(cls.folder / name)
        cls.persistent = cls.folder / "nothing-here"
        cls.persistent.mkdir()
        cls.mcpd = peers.Mcpd(cls.folder, cls.peers.agentx,
                              MORE.format(folder=cls.folder, sip=peers.free_port(),
                                          nobody=peers.free_port()),
                              {"SNMPCONFPATH": str(cls.folder), "MIBS": "ALL", "MIBDIRS":
                               peers.MIBS, "SNMP_PERSISTENT_DIR": str(cls.persistent)},
                              plugins=", sip")
        for name in ("snmp.conf", "mcp-snmp.conf", "snmp.local.conf"):
            os.unlink(cls.folder / name)
        peers.wait_until(cls.peers.walk, "the first walk")

    @classmethod
    def tearDownClass(cls):
        cls.mcpd.stop()
        cls.peers.close()
        cls.temporary.cleanup()

    def compare(self, series, what):
        """Each series of `series` lies between what mcpctl says before and after."""
        before, after = self.before, self.mcpd.metrics()
        module = peers.Module()
        bounds = {}
        for name, labels in series:
            if name.endswith("_bucket"):
                bounds.setdefault((name, labels[:-1]), []).append(labels[-1][1])
        for rest in bounds.values():
            rest.sort(key=float)
        seen = set()
        for (name, labels), value in series.items():
            key = (name, labels)
            if name.endswith("_bucket"):
                index = bounds[name, labels[:-1]].index(labels[-1][1])
                key = (name, labels[:-1], index)
            seen.add(key)
            if name.startswith(RESTLESS):
                self.assertGreaterEqual(float(value), 0, name)
                continue
            low, high = sorted((before[key], after[key]))
            self.assertLessEqual(low - 1e-6, float(value), f"{what}: {name} {labels}")
            self.assertLessEqual(float(value), high + 1e-6, f"{what}: {name} {labels}")
        known = {row["name"] + ("_sum" if row["sum"] else "") for row in module.rows}
        self.assertEqual({key for key in after if key[0] in known} - seen, set(), what)
        self.assertTrue({key[0] for key in after} <= known, "rows without a number")

    def test_walk_agrees(self):
        self.before = self.mcpd.metrics()
        walked = self.peers.walk()
        series = peers.Module().decode(walked)
        self.assertEqual(len(series), len(walked), "each variable is one series")
        self.assertGreater(len(series), 100)
        self.compare(series, "snmpbulkwalk")
        # The same one by one: GETNEXT in place of GETBULK.
        self.assertEqual(self.peers.walk("snmpwalk").keys(), walked.keys())

    def test_exporter_agrees(self):
        port = peers.free_port()
        exporter = peers.Lines(["/usr/bin/prometheus-snmp-exporter",
                                f"--config.file={peers.ROOT}/config/snmp.yml",
                                f"--web.listen-address=127.0.0.1:{port}"])
        page = f"http://127.0.0.1:{port}/snmp?module=mcp&target=127.0.0.1:{self.peers.udp}"

        def scrape():
            try:
                with urllib.request.urlopen(page, timeout=30) as answer:
                    return answer.read().decode()
            except urllib.error.URLError:
                return None
        try:
            peers.wait_until(scrape, "the exporter's page")
            self.before = self.mcpd.metrics()
            self.compare(peers.page_series(scrape()), "exporter")
        finally:
            exporter.stop()

    def test_mib(self):
        """Names and indexes as people write them; neither tool finds fault with the file."""
        named = ["-m", str(peers.MODULE), "-M", peers.MIBS]
        got = self.peers.tool("snmpget", *named, "-OQU", "MCP-MIB::mcpMemoryBytes.\"resident\"")
        self.assertRegex(got.stdout, r'^MCP-MIB::mcpMemoryBytes."resident" = \d+\n$')
        self.assertGreater(int(got.stdout.split(" = ")[1]), 1 << 20)
        walked = self.peers.tool("snmpwalk", *named, "MCP-MIB::mcpCallDurationSeconds").stdout
        self.assertIn('MCP-MIB::mcpCallDurationSecondsBucket."1800" = Counter64: 0', walked)
        self.assertIn("MCP-MIB::mcpCallDurationSecondsSum.0 = STRING: 0.000000", walked)
        lint = subprocess.run(["smilint", "-l", "5", "-i", "namelength-32",
                               str(peers.MODULE)], text=True, capture_output=True,
                              env=dict(os.environ, SMIPATH=peers.MIBS))
        self.assertEqual(lint.stdout + lint.stderr, "")
        self.assertEqual(lint.returncode, 0)
        name = subprocess.run(["snmptranslate", "-Pw", *named, "-On", "MCP-MIB::mcpEngineDown"],
                              text=True, capture_output=True)
        self.assertEqual(name.stdout, f".{peers.ARC}.0.2\n")
        self.assertNotIn("MCP-MIB", name.stderr)

    def test_not_writable(self):
        """And what is not there is not there."""
        done = self.peers.tool("snmpset", (f"{peers.ARC}.1.1.2.0", "u", "5"), community="private")
        self.assertIn("notWritable", done.stderr)
        for name in (".1.1.2.1", ".1.1.1.1.2.2.105.120", ".1.250.1.0", ".1"):
            done = self.peers.tool("snmpget", "-On", peers.ARC + name)
            self.assertIn("No Such", done.stdout + done.stderr)

    def test_no_files(self):
        self.assertEqual(list(self.persistent.iterdir()), [])

    def expect_trap(self, *parts):
        def find():
            return [line for line in self.peers.trap_lines()[self.taken:]
                    if all(part in line for part in parts)]
        found = peers.wait_until(find, f"a trap with {parts}")
        self.taken = self.peers.trap_lines().index(found[0], self.taken) + 1
        return found[0]

    def test_trap_of_a_peer(self):
        """Plugins that start after the agent are heard from their first moment."""
        base = "." + peers.ARC
        self.taken = 0
        line = self.expect_trap(f"{base}.0.4", f'{base}.2.1.0 = "lab"')
        self.assertIn("sip:100@lab.example is not registered with sip:lab.example", line)

    def test_traps(self):
        """An alert at start; then two in its interval, of which the last one is sent at its end."""
        base = "." + peers.ARC
        self.taken = 0
        kind = f"{base}.0.7"
        subject = f"{base}.2.1.0 = \"x\""
        first = self.expect_trap(kind, subject, f"{base}.2.4.0 = 0")
        self.assertRegex(first, rf'{base}\.2\.2\.0 = "expires on [-0-9: ]+ UTC"')
        self.assertIn(f"{base}.2.3.0 = \"\"", first)
        # Whatever its interval began with, what follows is sent once, with the number held back.
        for days in (5, 4, 3):
            start = self.mcpd.log_text().count("credentials-expiry")
            make_certificate(self.folder, days)
            peers.wait_until(
                lambda: self.mcpd.log_text().count("credentials-expiry") > start, "a warning")
        suppressed = []
        while sum(suppressed) + len(suppressed) < 3:
            line = self.expect_trap(kind, subject)
            suppressed.append(int(re.search(rf"{base}\.2\.4\.0 = (\d+)", line)[1]))
        self.assertEqual(sum(suppressed) + len(suppressed), 3)


if __name__ == "__main__":
    unittest.main(verbosity=2, warnings="ignore")
