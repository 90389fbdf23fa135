# SPDX-License-Identifier: Apache-2.0
"""What the tests of the plugin config-server share: an mcpd, and nginx with the layout of Spring
Cloud Config."""
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path[:0] = [str(HERE), str(HERE.parent / "sip_tls"), str(HERE.parents[1] / "scenarios")]

import platform_under_test as platforms  # noqa: E402
from nginx import Nginx  # noqa: E402

PASSWORD = "canary:p@ss of the server"
SECRET = "canary-secret-of-a-setting"
DEADLINE = 60
# The library of TLS is loaded late; where the sanitizer guesses its thread-local variables to be
# there is no memory, and its search for leaks would end there.
SANITIZER = ":".join(filter(None, (os.environ.get("ASAN_OPTIONS"), "intercept_tls_get_addr=0")))
BUILD = pathlib.Path(os.environ["MCP_BUILD_ROOT"])
SETTINGS = """
[core]
plugins = sip, media, http, grammar, vxml, recording, web, control, config-server
{core}
[config-server]
url = {url}
username = node
password = {password}
directory = {folder}/copies
interval = 1s
timeout = {timeout}
start_timeout = {start}
{more}
"""


class Silent:
    """Takes connections and says what `answer` is; nothing for None."""

    def __init__(self, port, answer=None):
        self.socket = socket.create_server(("127.0.0.1", port))
        self.answer = answer
        self.clients = []
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            try:
                client, _ = self.socket.accept()
            except OSError:
                return
            self.clients.append(client)
            if self.answer is not None:
                client.recv(65536)
                client.sendall(self.answer)
                client.close()

    def stop(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        for client in self.clients:
            client.close()


class ConfigServerCase(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="mcp-config-server-"))
        self.folder.chmod(0o755)
        self.port = platforms.free_port(socket.SOCK_STREAM)
        self.nginx = Nginx(self.folder / "nginx", self.port, "node", PASSWORD)
        self.nginx.settings({"mcp.core.max_calls": 123, "spring.application.name": "other"})
        self.platform = None
        self.core = ""

    def tearDown(self):
        try:
            if self.platform:
                self.platform.stop()
        finally:
            self.nginx.stop()
            shutil.rmtree(self.folder)

    def make(self, more="", start="10s", url=None, timeout="1s"):
        settings = SETTINGS.format(url=url or self.nginx.url, password=PASSWORD, more=more,
                                   folder=self.folder, start=start, core=self.core,
                                   timeout=timeout)
        platform = platforms.Platform(BUILD, self.folder, settings, web=1)
        platform.extra_environment["ASAN_OPTIONS"] = SANITIZER
        return platform

    def start(self, *arguments, **options):
        self.platform = self.make(*arguments, **options)
        self.platform.start_server()

    def stop(self):
        platform, self.platform = self.platform, None
        platform.stop()
        return (self.folder / "mcpd.log").read_text(errors="replace")

    def check(self, *arguments, **options):
        """mcpd --check-config and --dump-config with these settings."""
        self.make(*arguments, **options).log.close()
        result = []
        for option in ("--check-config", "--dump-config"):
            result.append(subprocess.run(
                [str(BUILD / "core/mcpd/mcpd"), option, "--config", str(self.folder / "mcp.conf")],
                text=True, capture_output=True, timeout=120,
                env=dict(os.environ, ASAN_OPTIONS="detect_leaks=0")))
        return result

    def setting(self, name):
        """[value, origin] that is in force."""
        section, _, key = name.rpartition(".")
        settings = json.loads(self.platform.ctl("-o", "json", "config", "show").stdout)["settings"]
        return next([row["value"], row["origin"]] for row in settings
                    if row["section"] == section and row["key"] == key)

    def wait(self, condition, what):
        return platforms.wait_until(condition, DEADLINE, what)

    def wait_setting(self, name, value):
        self.wait(lambda: self.setting(name)[0] == value, f"{name} to be {value}")

    def wait_log(self, text, count=1):
        """Before the settings are known the log is JSON, with its quotes escaped."""
        self.wait(lambda: self.platform.read_log().replace('\\"', '"').count(text) >= count,
                  f"{count} x {text!r}")

    def health(self):
        return self.platform.ctl("health").stdout
