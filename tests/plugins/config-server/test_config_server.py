#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The plugin config-server in a real mcpd against nginx with the layout of Spring Cloud Config."""
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
from authority import Authority  # noqa: E402
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


class ConfigServer(unittest.TestCase):
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

    def test_wrong_password(self):
        self.nginx.start()
        users = self.nginx.folder / "users"
        users.write_text(users.read_text().replace("node:", "other:"))
        self.start(start="2s")
        self.wait_log("401 for /mcp/default: username or password is missing or wrong")
        self.assertNotIn(PASSWORD, self.stop())

    def test_certificates(self):
        """PEM, DER, several; replaced without restart; bad ones leave those before; expiry told."""
        root = Authority(self.folder, "root")
        one = root.leaf("one", None, days=(-1, 300))
        two = root.leaf("two", None, days=(-1, 300))
        soon = root.leaf("soon", None, days=(-1, 5))
        both = one.certificate.read_text() + two.certificate.read_text()
        self.nginx.write("mcp/default/tenants/a.pem", both)
        self.nginx.start()
        more = ("[config-server.certificates \"a\"]\npath = tenants/a.pem\n"
                "[config-server.certificates \"b\"]\npath = tenants/b.der\n")
        self.start(more)
        self.wait_log('certificates "a": 2 recipients')
        self.wait(lambda: "dependency certificates:b: none could be read" in self.health(),
                  "b to be missed")
        der = subprocess.run(["openssl", "x509", "-in", str(one.certificate), "-outform", "DER"],
                             check=True, stdout=subprocess.PIPE).stdout
        self.nginx.write("mcp/default/tenants/b.der", der)
        self.wait_log('certificates "b": 1 recipients')
        self.wait(lambda: "ready      up" in self.health(), "both to be there")
        self.nginx.write("mcp/default/tenants/a.pem", both[:300])
        self.wait_log('certificates "a": number 1 has no end; those before stay')
        self.wait(lambda: "certificates:a: new ones were refused" in self.health(), "health")
        self.nginx.write("mcp/default/tenants/a.pem", soon.certificate.read_text())
        self.wait_log('certificates "a": 1 recipients')
        self.wait_log('certificates "a" expire on ')
        self.wait(lambda: "certificates:a: expires on" in self.health(), "the warning")
        self.assertEqual(self.nginx.access().count('" 406 '), 0)
        self.nginx.stop()
        self.stop()
        self.start(more, start="1s")
        self.wait(lambda: "certificates:a: expires on" in self.health(), "the copy")
        self.assertNotIn("certificates:b: none", self.health())

    def test_tls(self):
        """The server's certificate is verified against ca_file."""
        root = Authority(self.folder, "root")
        other = Authority(self.folder, "other")
        port = platforms.free_port(socket.SOCK_STREAM)
        leaf = root.leaf("server", "DNS:localhost, IP:127.0.0.1")
        server = Nginx(self.folder / "tls", port, "node", PASSWORD, leaf)
        server.settings({"mcp.core.max_calls": 77})
        server.start()
        try:
            url = f"https://localhost:{port}/prefix"
            self.start(f"ca_file = {root.certificate}\n", url=url, start="30s", timeout="30s")
            self.assertEqual(self.setting("core.max_calls")[0], "77")
            self.stop()
            shutil.rmtree(self.folder / "copies", ignore_errors=True)
            self.start(f"ca_file = {other.certificate}\n", url=url, start="30s", timeout="30s")
            self.assertEqual(self.setting("core.max_calls")[1], "default")
        finally:
            server.stop()


if __name__ == "__main__":
    unittest.main(verbosity=2)
