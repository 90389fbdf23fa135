#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Memory does not grow with the number of requests."""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import peers  # noqa: E402


class Memory(peers.WatchedCase):
    def asked(self):
        return int(self.peers.tool("snmpget", "-OQ", peers.VARIABLES).stdout.rpartition(" = ")[2])

    def memory(self):
        status = pathlib.Path(f"/proc/{self.mcpd.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0])

    def ask(self, n):
        end = self.asked() + n
        while self.asked() < end:
            self.assertTrue(self.peers.walk())

    def test_memory(self):
        """Ten thousand variables more need no more memory than the first five thousand left."""
        self.peers.start_master()
        self.mcpd = peers.Mcpd(self.folder, self.peers.agentx)
        self.wait_for_walk("the first session")
        self.ask(5000)
        before = self.memory()
        self.ask(10000)
        print(f"# {before} KB, then {self.memory()} KB", flush=True)
        self.assertLess(self.memory() - before, 4096)


if __name__ == "__main__":
    unittest.main(verbosity=2, warnings="ignore")
