#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The master away at start, killed and back, and held for a while: the platform serves, and the
agent comes back by itself."""
import pathlib
import signal
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import peers  # noqa: E402


class Recovery(peers.WatchedCase):
    def test_away_and_back(self):
        self.mcpd = peers.Mcpd(self.folder, self.peers.agentx)
        peers.wait_until(lambda: "snmp-away" in self.mcpd.log_text(), "the line that it is away")
        self.peers.start_master()
        self.wait_for_walk("a master that was away at start")
        for _ in range(3):
            self.peers.stop_master()
            self.assertTrue(self.mcpd.is_up())
            self.peers.start_master()
            self.wait_for_walk("a master that was killed")
        lines = self.mcpd.log_text()
        self.assertEqual(lines.count("snmp-connected"), 4)
        self.assertEqual(lines.count("snmp-away"), 4)

    def test_stopped_master(self):
        """One that is held: its socket still takes what is sent."""
        self.peers.start_master()
        self.mcpd = peers.Mcpd(self.folder, self.peers.agentx)
        self.wait_for_walk("the first session")
        self.peers.master.process.send_signal(signal.SIGSTOP)
        peers.wait_until(lambda: "snmp-away" in self.mcpd.log_text(), "the line that it is away")
        self.peers.master.process.send_signal(signal.SIGCONT)
        self.wait_for_walk("a master that was held")


if __name__ == "__main__":
    unittest.main(verbosity=2, warnings="ignore")
