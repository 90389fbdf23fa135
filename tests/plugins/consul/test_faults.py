#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The plugin consul in a real mcpd: an agent that hangs, refuses, fails or talks nonsense."""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from case import ConsulCase  # noqa: E402


class Faults(ConsulCase):
    def test_faults(self):
        """Hangs, nonsense, refusals, errors: harmless, told once, over when they are over."""
        agent = self.start_agent()
        self.start()
        self.wait_status("passing")
        for fault, text in (("hang", "no answer within 1.0 s"), ("garbage", "not informed"),
                            ("forbidden", "answers 403: Permission denied: token lacks permission"),
                            ("error", "not informed")):
            with self.subTest(fault=fault):
                before = len(self.log_lines("the agent is not informed"))
                recovered = len(self.log_lines("is informed again"))
                agent.fault = fault
                if fault != "error":
                    self.wait(lambda: len(self.log_lines("the agent is not informed")) > before,
                              f"a line about {fault}")
                    self.assertIn(text, self.log_lines("the agent is not informed")[-1])
                else:
                    # 500 to an update is "unknown check": it registers anew, and that fails.
                    self.wait(lambda: self.log_lines("No cluster leader"), "the error")
                self.assertEqual(self.platform.ctl("status").returncode, 0)
                agent.fault = None
                self.wait(lambda: len(self.log_lines("is informed again")) > recovered,
                          f"the end of {fault}")
                self.wait_status("passing")
        self.assertFalse([line for line in self.log_lines("FORGED")
                          if line.startswith("FORGED") or "\x1b" in line])

    def test_stop_hanging(self):
        """The end does not wait for an agent that hangs longer than it must."""
        agent = self.start_agent()
        self.start()
        self.wait_status("passing")
        agent.fault = "hang"
        self.end()
        agent.fault = None


if __name__ == "__main__":
    unittest.main(verbosity=2)
