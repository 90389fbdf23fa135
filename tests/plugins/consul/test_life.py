#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The plugin consul in a real mcpd: registration, TTL, maintenance, reasons, settings."""
import os
import pathlib
import signal
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from case import CHECK, DEADLINE, TOKEN, ConsulCase  # noqa: E402
import platform_under_test as platforms  # noqa: E402
from authority import Authority  # noqa: E402


class Life(ConsulCase):
    def test_life(self):
        """Registered with metadata, updated, in maintenance while draining, deregistered."""
        agent = self.start_agent(token=TOKEN)
        self.start(f"token = {TOKEN}\n[service \"one\"]\nuser = one\n")
        self.wait_status("passing")
        service = agent.services["mcp-one"]
        self.assertEqual((service["Name"], service["Port"], service["Tags"]),
                         ("mcp", 5062, ["voice", "test"]))
        self.assertEqual(service["Meta"]["capacity"], "2000")
        self.assertIn("one", service["Meta"]["services"].split(","))
        self.assertRegex(service["Meta"]["version"], r"^\d+\.\d+")
        self.assertRegex(agent.output(CHECK), r"^0 of 2000 calls, CPU \d+ %$")
        # Longer than a TTL: it is renewed.
        count = len(agent.seen)
        self.wait(lambda: len(agent.seen) >= count + 4, "updates")
        self.assertEqual(agent.status(CHECK), "passing")
        self.assertIn("consul", self.health())
        dump = self.platform.ctl("config", "show").stdout
        self.assertNotIn(TOKEN, dump)
        self.platform.mcpd.send_signal(signal.SIGTERM)
        self.wait(lambda: agent.gone == ["mcp-one"], "the deregistration")
        self.assertEqual(agent.maintained, {"mcp-one": "draining"})
        self.assertEqual(self.platform.mcpd.wait(DEADLINE), 0)
        log = self.end()
        self.assertNotIn(TOKEN, log)
        for _, path, headers in agent.seen:
            self.assertNotIn(TOKEN, path)
            self.assertEqual(headers.get("X-Consul-Token"), TOKEN)

    def test_required(self):
        """[core] ready_requires = consul: without it the platform is not ready."""
        self.start(core="ready_requires = consul")
        shown = self.wait(lambda: self.platform.ctl("health"), "an answer")
        self.assertEqual(shown.returncode, 1)
        self.assertRegex(shown.stdout, r"ready +down\n +dependency consul: ")
        self.start_agent()
        self.wait(lambda: self.platform.ctl("health").returncode == 0, "to be ready")

    def test_degraded(self):
        """What is missing elsewhere makes the check warn, with the reason."""
        agent = self.start_agent()
        root = Authority(self.folder, "root")
        leaf = root.leaf("old", "DNS:localhost", days=(-10, -1))
        self.start(f"[credentials \"old\"]\ncertificate_file = {leaf.chain}\n"
                   f"key_file = {leaf.key}\n")
        self.wait_status("warning")
        self.assertIn("degraded: dependency credentials:", agent.output(CHECK))

    def test_settings(self):
        """What is wrong is told with its place."""
        for line, text in (("url = ftp://x", "[consul] url: \"ftp://x\" needs http://HOST"),
                           ("id = a/b", "[consul] id: \"a/b\" has other than"),
                           ("credentials = x", "[consul] credentials: \"x\" need an https url")):
            conf = self.folder / "bad.conf"
            conf.write_text(f"[core]\nplugin_path = {os.environ['MCP_BUILD_ROOT']}/plugins\n"
                            f"plugins = consul\n[consul]\n{line}\n")
            mcpd = pathlib.Path(os.environ["MCP_BUILD_ROOT"]) / "core/mcpd/mcpd"
            done = platforms.subprocess.run([str(mcpd), "--check-config", "--config", str(conf)],
                                            text=True, capture_output=True, timeout=60)
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertIn(f"bad.conf:5: {text}", done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
