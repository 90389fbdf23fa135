#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The plugin config-server in a real mcpd: certificates that recordings are encrypted for."""
import pathlib
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from case import ConfigServerCase  # noqa: E402
from authority import Authority  # noqa: E402


class Certificates(ConfigServerCase):
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


if __name__ == "__main__":
    unittest.main(verbosity=2)
