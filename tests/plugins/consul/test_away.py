#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The plugin consul in a real mcpd: an agent that is absent, restarts, and has forgotten."""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from case import ConsulCase  # noqa: E402


class Away(ConsulCase):
    def test_restart(self):
        """An agent that has forgotten us is told again: 404, and 500 of old ones."""
        for old in (False, True):
            with self.subTest(old=old):
                agent = self.start_agent(old=old)
                if not self.platform:
                    self.start()
                self.wait_status("passing")
                with agent.lock:
                    agent.services.clear()
                    agent.checks.clear()
                self.wait_status("passing")
                self.stop_agent()
        self.start_agent()
        self.wait_status("passing")

    def test_absent(self):
        """Absent at start; then there; then away: one line each, and calls are served meanwhile."""
        self.start()
        self.wait(lambda: self.log_lines("the agent is not informed"), "the line that it is away")
        self.assertRegex(self.health(), r"consul +consul +false +down")
        self.assertIn("ready      degraded", self.health())
        self.start_agent()
        self.wait_status("passing")
        self.wait(lambda: "ready      up" in self.health(), "to be ready again")
        self.stop_agent()
        self.wait(lambda: len(self.log_lines("the agent is not informed")) == 2, "the next line")
        self.start_agent()
        self.wait_status("passing")
        self.assertEqual(len(self.log_lines("the agent is not informed")), 2)


if __name__ == "__main__":
    unittest.main(verbosity=2)
