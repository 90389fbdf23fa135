#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The plugin config-server in a real mcpd: a server that is absent or refuses, and the copies."""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from case import PASSWORD, ConfigServerCase  # noqa: E402


class Away(ConfigServerCase):
    def test_absent(self):
        """Absent at start: files alone; then there; away: the copy counts at the next start."""
        self.start(start="1s")
        self.assertEqual(self.setting("core.max_calls")[1], "default")
        self.assertIn("dependency config-server: ", self.health())
        self.nginx.start()
        self.wait_setting("core.max_calls", "123")
        self.wait_log("answers again")
        self.nginx.stop()
        self.wait(lambda: "dependency config-server: " in self.health(), "the server to be missed")
        self.assertEqual(self.setting("core.max_calls")[0], "123")
        self.wait(lambda: list((self.folder / "copies").glob("*.json")), "the copy")
        self.stop()
        self.start(start="1s")
        self.assertEqual(self.setting("core.max_calls"), ["123", "config server mcp (vault)"])

    def test_copy_of_others(self):
        """A copy that others may write counts for nothing."""
        self.nginx.start()
        self.start()
        self.wait(lambda: list((self.folder / "copies").glob("*.json")), "the copy")
        self.stop()
        self.nginx.stop()
        next((self.folder / "copies").glob("*.json")).chmod(0o666)
        self.start(start="1s")
        self.assertEqual(self.setting("core.max_calls")[1], "default")
        self.wait_log("is not a file of this user alone")

    def test_wrong_password(self):
        self.nginx.start()
        users = self.nginx.folder / "users"
        users.write_text(users.read_text().replace("node:", "other:"))
        self.start(start="2s")
        self.wait_log("401 for /mcp/default: username or password is missing or wrong")
        self.assertNotIn(PASSWORD, self.stop())


if __name__ == "__main__":
    unittest.main(verbosity=2)
