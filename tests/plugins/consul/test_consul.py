#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The plugin consul in a real mcpd against a stand-in agent that keeps to the API to the letter."""
import os
import pathlib
import shutil
import signal
import socket
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path[:0] = [str(HERE), str(HERE.parent / "sip_tls"), str(HERE.parents[1] / "scenarios")]

import platform_under_test as platforms  # noqa: E402
from agent import Agent, tls_context  # noqa: E402
from authority import Authority  # noqa: E402

TOKEN = "b1gs33cret-0f-the-acl-canary"
DEADLINE = 60
# The library of TLS is loaded late; where the sanitizer guesses its thread-local variables to be
# there is no memory, and its search for leaks would end there.
SANITIZER = ":".join(filter(None, (os.environ.get("ASAN_OPTIONS"), "intercept_tls_get_addr=0")))
SETTINGS = """
[core]
plugins = credentials, sip, media, http, grammar, vxml, recording, web, control, consul
{core}
[consul]
url = {url}
id = mcp-one
service = mcp
tags = voice, test
port = 5062
ttl = 3s
timeout = {timeout}
{more}
"""
CHECK = "mcp-one:health"


class Consul(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="mcp-consul-"))
        self.port = platforms.free_port(socket.SOCK_STREAM)
        self.agent = None
        self.platform = None

    def tearDown(self):
        try:
            if self.platform:
                self.platform.stop()
        finally:
            if self.agent:
                self.agent.end()
            shutil.rmtree(self.folder)

    def start_agent(self, **options):
        self.agent = Agent(self.port, **options)
        return self.agent

    def stop_agent(self):
        self.agent.end()
        self.agent = None

    def start(self, more="", url=None, core="", timeout="1s"):
        settings = SETTINGS.format(url=url or f"http://127.0.0.1:{self.port}", more=more,
                                   core=core, timeout=timeout)
        self.platform = platforms.Platform(pathlib.Path(os.environ["MCP_BUILD_ROOT"]), self.folder,
                                           settings, web=1)
        self.platform.extra_environment["ASAN_OPTIONS"] = SANITIZER
        self.platform.start_server()

    def wait(self, condition, what):
        return platforms.wait_until(condition, DEADLINE, what)

    def wait_status(self, status):
        self.wait(lambda: self.agent.status(CHECK) == status, f"the check to be {status}")

    def log_lines(self, text):
        return [line for line in self.platform.read_log().splitlines() if text in line]

    def health(self):
        return self.platform.ctl("health").stdout

    def end(self):
        self.platform.stop()
        log = self.platform.folder / "mcpd.log"
        text = log.read_text(errors="replace")
        self.platform = None
        return text

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

    def test_required(self):
        """[core] ready_requires = consul: without it the platform is not ready."""
        self.start(core="ready_requires = consul")
        shown = self.wait(lambda: self.platform.ctl("health"), "an answer")
        self.assertEqual(shown.returncode, 1)
        self.assertRegex(shown.stdout, r"ready +down\n +dependency consul: ")
        self.start_agent()
        self.wait(lambda: self.platform.ctl("health").returncode == 0, "to be ready")

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

    def test_degraded(self):
        """What is missing elsewhere makes the check warn, with the reason."""
        agent = self.start_agent()
        root = Authority(self.folder, "root")
        leaf = root.leaf("old", "DNS:localhost", days=(-10, -1))
        self.start(f"[credentials \"old\"]\ncertificate_file = {leaf.chain}\n"
                   f"key_file = {leaf.key}\n")
        self.wait_status("warning")
        self.assertIn("degraded: dependency credentials:", agent.output(CHECK))

    def test_tls(self):
        """8501: the agent's certificate is verified, ours is shown."""
        root = Authority(self.folder, "root")
        other = Authority(self.folder, "other")
        server = root.leaf("agent", "DNS:localhost, IP:127.0.0.1")
        client = root.leaf("mcp", "DNS:mcp.example")
        sets = "".join(f"[credentials \"{name}\"]\ncertificate_file = {client.chain}\n"
                       f"key_file = {client.key}\nca_file = {authority.certificate}\n"
                       for name, authority in (("good", root), ("bad", other)))
        self.start_agent(context=tls_context(server, root))
        self.start("credentials = good\n" + sets, url=f"https://127.0.0.1:{self.port}",
                   timeout="30s")
        self.wait_status("passing")
        self.end()
        self.start("credentials = bad\n" + sets, url=f"https://127.0.0.1:{self.port}",
                   timeout="30s")
        self.wait(lambda: self.log_lines("the agent is not informed"), "the refusal")
        self.assertNotIn("mcp-one", self.agent.services)

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
