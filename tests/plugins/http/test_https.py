#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Pages and data over HTTPS with a real mcpd: whom it trusts by [http] ca_file, and what a caller's
page and the log say of a server that is not trusted."""
import http.server
import os
import pathlib
import shutil
import ssl
import sys
import tempfile
import threading
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path[:0] = [str(HERE.parent / "sip_tls"), str(HERE.parents[1] / "scenarios")]

import checks  # noqa: E402
import platform_under_test as platforms  # noqa: E402
from authority import Authority  # noqa: E402

BUILD = pathlib.Path(os.environ["MCP_BUILD_ROOT"])
OWN = "IP:127.0.0.1"
SETTINGS = """
[http]
ca_file = {folder}/authorities.pem
[sip.peer "loopback"]
page_urls = {url}/*
"""
# The library of TLS is loaded late; where the sanitizer guesses its thread-local variables to be
# there is no memory, and its search for leaks would end there.
SANITIZER = "intercept_tls_get_addr=0"
QUOTE = b"<quote>F</quote>"
PAGE = """<?xml version="1.0"?>
<vxml version="2.1" xmlns="http://www.w3.org/2001/vxml">
  <form>
    <block>
      <data name="q" src="{data}" namelist="digits" method="{method}"/>
      <exit expr="q.documentElement.firstChild.data"/>
    </block>
    <catch><exit expr="_event"/></catch>
  </form>
  <var name="digits" expr="'12'"/>
</vxml>
"""


class Server(http.server.ThreadingHTTPServer):
    """On a port of its own, with the certificate of `leaf` (None: it does not know TLS): /quote is
    data, /page and /post are pages that fetch /quote from `target`."""

    daemon_threads = True

    def __init__(self, leaf):
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"https://127.0.0.1:{self.server_address[1]}"
        self.target = self
        self.seen = []  # method, path, body of each request
        if leaf:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(leaf.chain, leaf.key)
            # The handshake belongs to the thread of its connection, not to the one that accepts.
            self.socket = context.wrap_socket(self.socket, server_side=True,
                                              do_handshake_on_connect=False)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, client_address):
        pass  # a client that does not trust us, as it has to

    def end(self):
        self.shutdown()
        self.server_close()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.seen.append((self.command, self.path, body))
        text, kind = QUOTE, "application/xml"
        if not self.path.startswith("/quote"):
            method = self.path.strip("/")
            text = PAGE.format(data=f"{self.server.target.url}/quote", method=method).encode()
            kind = "application/voicexml+xml"
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_POST = do_GET

    def log_message(self, *arguments):
        pass


class Https(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="mcp-https-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.root = Authority(self.folder, "root")
        self.middle = Authority(self.folder, "intermediate", self.root)
        shutil.copy(self.root.certificate, self.folder / "authorities.pem")
        self.own = self.serve(self.middle.leaf("own", OWN))

    def serve(self, leaf):
        server = Server(leaf)
        self.addCleanup(server.end)
        return server

    def start(self, settings=SETTINGS):
        settings = settings.format(folder=self.folder, url=self.own.url)
        self.platform = platforms.Platform(BUILD, self.folder, settings, web=1)
        self.platform.extra_environment["ASAN_OPTIONS"] = ":".join(
            filter(None, (os.environ.get("ASAN_OPTIONS"), SANITIZER)))
        self.platform.start_server()
        self.addCleanup(self.platform.stop)

    def value(self, page="get"):
        """What a call's page exits with."""
        record, _ = checks.run_page(self.platform, f"{self.own.url}/{page}")
        return record["result"].get("value")

    def told(self, server, words, since):
        """The log's line of a failed fetch from @server has @words."""
        lines = checks.log_since(self.platform, since, f"fetch of {server.url}/quote")
        self.assertEqual(len(lines), 1, lines)
        self.assertIn("failed after", lines[0])
        self.assertIn(words, lines[0])

    def refused(self, leaf, words):
        """Data from a server with that certificate are error.badfetch, and the log says why."""
        self.own.target = self.serve(leaf)
        since = len(self.platform.read_log())
        self.assertEqual(self.value(), "error.badfetch")
        self.assertEqual(self.own.target.seen, [])
        self.told(self.own.target, words, since)

    def test_trusted(self):
        self.start()
        self.assertEqual(self.value(), "F")
        self.assertEqual(self.value("post"), "F")
        self.assertEqual(self.own.seen,
                         [("GET", "/get", b""), ("GET", "/quote?digits=12", b""),
                          ("GET", "/post", b""), ("POST", "/quote", b"digits=12")])

    def test_not_trusted(self):
        foreign = Authority(self.folder, "foreign")
        refusal = "certificate of 127.0.0.1 is refused: "
        self.start()
        self.refused(foreign.leaf("foreign", OWN), refusal + "its issuer is not trusted")
        self.refused(self.middle.leaf("other", "DNS:elsewhere.example"),
                     refusal + "it is for another host")
        self.refused(self.middle.leaf("nameless", None), refusal + "it is for another host")
        self.refused(self.middle.leaf("expired", OWN, days=(-10, -1)), refusal + "it has expired")
        self.refused(self.middle.leaf("early", OWN, days=(2, 30)),
                     refusal + "it is not valid yet")
        self.refused(self.middle.leaf("both", "DNS:elsewhere.example", days=(-10, -1)),
                     refusal + "it is for another host, it has expired")
        # The server that is trusted still is.
        self.own.target = self.own
        self.assertEqual(self.value(), "F")

    def test_no_tls(self):
        self.start()
        self.refused(None, "TLS")

    def test_trust_changes(self):
        """Without its authority the first page cannot be had; a reload takes the setting up."""
        self.start(SETTINGS.replace("ca_file", "# ca_file"))
        url = f"{self.own.url}/get"
        checks.refusal(self.platform, f"sip:dialog@127.0.0.1;voicexml={url}")
        self.assertIn("certificate of 127.0.0.1 is refused: its issuer is not trusted",
                      self.platform.read_log())
        self.platform.write_config(SETTINGS.format(folder=self.folder, url=self.own.url))
        done = self.platform.ctl("reload")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.value(), "F")


if __name__ == "__main__":
    unittest.main(verbosity=2, warnings="ignore")
