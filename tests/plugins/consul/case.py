# SPDX-License-Identifier: Apache-2.0
"""What the tests of the plugin consul share: an mcpd and a stand-in agent that keeps to the API to
the letter."""
import os
import pathlib
import shutil
import socket
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path[:0] = [str(HERE), str(HERE.parent / "sip_tls"), str(HERE.parents[1] / "scenarios")]

import platform_under_test as platforms  # noqa: E402
from agent import Agent  # noqa: E402

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


class ConsulCase(unittest.TestCase):
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
