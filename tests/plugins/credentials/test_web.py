#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""An HTTP listener with a named set of credentials: the chain it shows, and its change."""
import hashlib
import http.client
import os
import pathlib
import shutil
import socket
import ssl
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path[:0] = [str(HERE.parent / "sip_tls"), str(HERE.parents[1] / "scenarios")]

import platform_under_test as platforms  # noqa: E402
from authority import Authority  # noqa: E402

TOKEN = "a token of the test"
SETTINGS = """
[credentials "web"]
certificate_file = {folder}/chain.pem
key_file = {folder}/key.pem
[web.listener "tls"]
address = 127.0.0.1:{port}
credentials = web
token = {token}
[control]
listener = tls
"""


class Web(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="mcp-credentials-"))
        self.root = Authority(self.folder, "root")
        self.middle = Authority(self.folder, "intermediate", self.root)
        self.port = platforms.free_port(socket.SOCK_STREAM)
        self.install(self.middle.leaf("first", "DNS:localhost"))

    def tearDown(self):
        shutil.rmtree(self.folder)

    def install(self, leaf):
        shutil.copy(leaf.key, self.folder / "key.pem")
        shutil.copy(leaf.chain, self.folder / "chain.pem")
        self.digest = hashlib.sha256(ssl.PEM_cert_to_DER_cert(leaf.certificate.read_text()))

    def connect(self):
        context = ssl.create_default_context(cafile=str(self.root.certificate))
        connection = http.client.HTTPSConnection("localhost", self.port, context=context,
                                                 timeout=10)
        connection.connect()
        return connection

    def shown(self, connection):
        return hashlib.sha256(connection.sock.getpeercert(True)).digest() == self.digest.digest()

    def status(self, connection):
        connection.request("GET", "/status", headers={"Authorization": f"Bearer {TOKEN}"})
        answer = connection.getresponse()
        answer.read()
        return answer.status

    def test_change(self):
        settings = SETTINGS.format(folder=self.folder, port=self.port, token=TOKEN)
        platform = platforms.Platform(pathlib.Path(os.environ["MCP_BUILD_ROOT"]), self.folder,
                                      settings, web=1)
        # mcpctl is for the Unix socket: here the control API is on the listener under test.
        platform.mcpd = platforms.subprocess.Popen(
            [str(platform.build / "core/mcpd/mcpd"), "--config", str(self.folder / "mcp.conf")],
            stdout=platform.log, stderr=platform.log, preexec_fn=platforms.end_with_parent)
        try:
            first = platforms.wait_until(self.try_connect, 20, "the listener")
            self.assertTrue(self.shown(first))
            self.assertEqual(self.status(first), 200)
            self.install(self.middle.leaf("second", "DNS:localhost"))
            platform.mcpd.send_signal(platforms.signal.SIGHUP)
            platforms.wait_until(lambda: self.shown(self.connect()), 10, "the new certificate")
            self.assertEqual(self.status(self.connect()), 200)
        finally:
            platform.stop()

    def try_connect(self):
        try:
            return self.connect()
        except ConnectionError:
            return None


if __name__ == "__main__":
    unittest.main(verbosity=2, warnings="ignore")
