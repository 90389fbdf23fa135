#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The plugin config-server in a real mcpd: settings, their origin, changes, good and refused."""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from case import PASSWORD, SECRET, ConfigServerCase  # noqa: E402


class Settings(ConfigServerCase):
    def test_settings(self):
        """Origin, precedence, lists, named sections; changes by ETag; the password nowhere."""
        self.core = "drain_timeout = 7m"
        self.nginx.settings({"mcp.core.max_calls": 123, "mcp.core.drain_timeout": "9m",
                             "mcp.service.fax.user[0]": "fax", "mcp.service.fax.user[1]": "modem",
                             "mcp.control.listener": "control"},
                            more=[{"name": "git", "source": {"mcp.core.max_calls": 7}}])
        self.nginx.start()
        self.start()
        self.assertEqual(self.setting("core.max_calls"), ["123", "config server mcp (vault)"])
        self.assertEqual(self.setting("core.drain_timeout")[0], "7m")
        shown = self.platform.ctl("config", "show", "--origins").stdout
        self.assertIn("user = fax, modem    # config server mcp (vault)", shown)
        self.assertNotIn(PASSWORD, shown)
        self.wait(lambda: self.nginx.access().count('" 304 ') >= 2, "looks without a change")
        self.nginx.settings({"mcp.core.max_calls": 321})
        self.wait_setting("core.max_calls", "321")
        self.assertIn("ready      up", self.health())
        copy = next((self.folder / "copies").glob("*.json"))
        self.wait(lambda: "321" in copy.read_text(), "the copy")
        self.assertEqual(copy.stat().st_mode & 0o777, 0o600)
        self.assertNotIn(PASSWORD, self.stop())

    def test_refused_change(self):
        """All of it is valid, or the old settings stay; once the text is mended it is taken."""
        self.nginx.start()
        self.start()
        start = len(self.platform.read_log())
        for values, text in (
                ({"mcp.core.max_calls": "many"}, 'max_calls: "many" is not a whole number'),
                ({"mcp.core.max_cals": 1}, "unknown setting core.max_cals"),
                ({"mcp.core.max_calls": 5, "mcp.core.plugins": "sip"},
                 "core.plugins can only be set on the host"),
                ({"mcp.core.max_calls": "{cipher}00"}, "core.max_calls is encrypted")):
            with self.subTest(text=text):
                self.nginx.settings(values)
                self.wait_log("config server mcp (vault): " + text)
                self.assertEqual(self.setting("core.max_calls")[0], "123")
                self.wait(lambda: "refused" in self.health() or "encrypted" in self.health(),
                          "health to say so")
        self.nginx.write("mcp/default.json", "<html>It works!</html>")
        self.wait(lambda: self.platform.read_log()[start:].count("the settings before stay") >= 2,
                  "the line about garbage")
        self.nginx.settings({"mcp.core.max_calls": 55})
        self.wait_setting("core.max_calls", "55")
        self.wait(lambda: "ready      up" in self.health(), "health to be up")

    def test_check_and_dump(self):
        """--check-config asks the server; the dump shows origins and masks secrets."""
        self.nginx.settings({"mcp.core.max_calls": 123, "mcp.web.listener.x.token": SECRET,
                             "mcp.web.listener.x.socket": f"{self.folder}/x.sock"})
        self.nginx.start()
        checked, dumped = self.check()
        self.assertEqual(checked.returncode, 0, checked.stderr)
        self.assertIn("# config server mcp (vault)\nmax_calls = 123\n", dumped.stdout)
        self.assertIn("# config server mcp (vault)\ntoken = ***\n", dumped.stdout)
        for text in (SECRET, PASSWORD):
            self.assertNotIn(text, dumped.stdout + dumped.stderr + checked.stdout + checked.stderr)
        self.nginx.write("mcp/default.json", "nonsense")
        checked, _ = self.check()
        self.assertEqual(checked.returncode, 1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
