#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The plugin config-server in a real mcpd: a server that hangs or talks nonsense at start."""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from case import ConfigServerCase, Silent  # noqa: E402


class Nonsense(ConfigServerCase):
    def test_nonsense(self):
        """A server that hangs, or talks nonsense, at start: mcpd starts all the same."""
        for answer in (None, b"\x00\xff" * 500,
                       b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n[1,2]",
                       b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n{"):
            with self.subTest(answer=answer):
                server = Silent(self.port, answer)
                try:
                    self.start(start="2s")
                    self.assertEqual(self.setting("core.max_calls")[1], "default")
                    self.assertIn("dependency config-server: ", self.health())
                    self.stop()
                finally:
                    server.stop()


if __name__ == "__main__":
    unittest.main(verbosity=2)
