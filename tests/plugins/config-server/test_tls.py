#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The plugin config-server in a real mcpd: a server whose certificate is verified."""
import pathlib
import shutil
import socket
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from case import PASSWORD, ConfigServerCase  # noqa: E402
import platform_under_test as platforms  # noqa: E402
from authority import Authority  # noqa: E402
from nginx import Nginx  # noqa: E402


class Tls(ConfigServerCase):
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
