#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The plugin config-server in a real mcpd: settings that are no good when it starts."""
import pathlib
import shutil
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from case import ConfigServerCase  # noqa: E402


class BadAtStart(ConfigServerCase):
    def test_bad_at_start(self):
        """Settings that are no good: a copy of better ones counts; without one they are told."""
        self.nginx.start()
        self.start()
        self.wait(lambda: list((self.folder / "copies").glob("*.json")), "the copy")
        self.stop()
        self.nginx.settings({"mcp.core.max_calls": 0})
        checked, _ = self.check()
        self.assertEqual(checked.returncode, 1)
        self.assertIn("config server mcp (vault): max_calls: 0 is out of range", checked.stderr)
        self.start()
        self.assertEqual(self.setting("core.max_calls")[0], "123")
        self.wait_log("the last good copy is in force")
        self.stop()
        shutil.rmtree(self.folder / "copies")
        platform = self.make()
        with self.assertRaisesRegex(AssertionError, "max_calls: 0 is out of range"):
            platform.start_server()
        platform.log.close()


if __name__ == "__main__":
    unittest.main(verbosity=2)
