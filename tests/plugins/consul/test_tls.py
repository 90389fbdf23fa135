#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The plugin consul in a real mcpd: an agent with TLS that wants a certificate, at 8501."""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from case import ConsulCase  # noqa: E402
from agent import tls_context  # noqa: E402
from authority import Authority  # noqa: E402


class Tls(ConsulCase):
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


if __name__ == "__main__":
    unittest.main(verbosity=2)
