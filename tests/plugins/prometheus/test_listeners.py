#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Listeners of the pages of metrics that cannot be, or that would be open to anybody."""
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import unittest
import urllib.error

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from test_pages import get, platforms  # noqa: E402


class Refused(unittest.TestCase):
    """What becomes of listeners that cannot be, or that are open to anybody."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="mcp-prometheus-"))
        self.port = platforms.free_port(socket.SOCK_STREAM)

    def tearDown(self):
        shutil.rmtree(self.folder)

    def run_with(self, settings, check):
        platform = platforms.Platform(pathlib.Path(os.environ["MCP_BUILD_ROOT"]), self.folder,
                                      settings, web=1).start()
        try:
            check(platform)
        finally:
            platform.stop()

    def test_port_is_taken(self):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as other:
            other.bind(("127.0.0.1", self.port))
            other.listen()
            self.run_with(f"[core]\nplugins += prometheus\n[prometheus]\n"
                          f"address = 127.0.0.1:{self.port}\n",
                          lambda platform: self.assertIn("prometheus-off", platform.read_log()))

    def test_control_is_not_open(self):
        def check(platform):
            self.assertIn("open to anybody", platform.read_log())
            self.assertEqual(get(self.port, "/status")[0], 404)
            self.assertEqual(get(self.port)[0], 200)
        settings = ("[core]\nplugins += prometheus\n[web.listener \"metrics\"]\naccess = open\n"
                    f"address = 127.0.0.1:{self.port}\n[control]\nlistener = metrics\n")
        platform = platforms.Platform(pathlib.Path(os.environ["MCP_BUILD_ROOT"]), self.folder,
                                      settings, web=1)
        # mcpctl has no listener here: mcpd is started by hand.
        platform.mcpd = subprocess.Popen(
            [str(platform.build / "core/mcpd/mcpd"), "--config", str(self.folder / "mcp.conf")],
            stdout=platform.log, stderr=platform.log, env=platform.environment(),
            preexec_fn=platforms.end_with_parent)
        try:
            platforms.wait_until(lambda: self.answers(), 20, "the page")
            check(platform)
        finally:
            platform.stop()

    def answers(self):
        try:
            return get(self.port)[0] == 200
        except (urllib.error.URLError, ConnectionError):
            return False

    def test_settings(self):
        for settings, message in (
                ("[prometheus]\npath = metrics\n", "begins with no slash"),
                ("[web.listener \"x\"]\naddress = 127.0.0.1:1\n", "a token"),
                ("[web.listener \"x\"]\naddress = 127.0.0.1:1\naccess = anybody\n", "access")):
            platform = platforms.Platform(pathlib.Path(os.environ["MCP_BUILD_ROOT"]), self.folder,
                                          "[core]\nplugins += prometheus\n" + settings, web=1)
            platform.log.close()
            checked = subprocess.run(
                [str(platform.build / "core/mcpd/mcpd"), "--config", str(self.folder / "mcp.conf"),
                 "--check-config"], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                env=platform.environment(), timeout=60)
            self.assertNotEqual(checked.returncode, 0, settings)
            self.assertIn(message, checked.stdout)


if __name__ == "__main__":
    unittest.main(verbosity=2, warnings="ignore")
