#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The demo's web server: serves the pages beside it, with validators, and takes the call-back order
that callback.vxml posts. Listens on 127.0.0.1 only."""
import argparse
import functools
import http.server
import itertools
import pathlib
import sys
import urllib.parse
import xml.sax.saxutils

PAGES = pathlib.Path(__file__).resolve().parent
MAX_BODY = 4096

ANSWER = """<?xml version="1.0" encoding="UTF-8"?>
<vxml version="2.1" xmlns="http://www.w3.org/2001/vxml" xml:lang="en-US" application="root.vxml">
  <form>
    <block>
      <prompt>Thank you. Order {order} is noted.</prompt>
      <goto next="menu.vxml#main"/>
    </block>
  </form>
</vxml>
"""


class Handler(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    extensions_map = {".vxml": "application/voicexml+xml", ".wav": "audio/x-wav",
                      "": "application/octet-stream"}
    orders = itertools.count(1)

    def do_POST(self):
        length = int(self.headers.get("Content-Length", "0") or 0)
        if self.path != "/callback" or length > MAX_BODY:
            self.send_error(404 if length <= MAX_BODY else 413)
            return
        form = urllib.parse.parse_qs(self.rfile.read(length).decode("utf-8", "replace"))
        number = form.get("number", [""])[0]
        if not number.isdigit():
            self.send_error(400, "number is missing")
            return
        order = str(next(self.orders))
        print(f"order {order}: call back {number}", flush=True)
        body = ANSWER.format(order=xml.sax.saxutils.escape(order)).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/voicexml+xml")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        if self.server.verbose:
            super().log_message(*arguments)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8090)
    parser.add_argument("--verbose", action="store_true", help="log every request")
    options = parser.parse_args()
    handler = functools.partial(Handler, directory=str(PAGES))
    try:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", options.port), handler)
    except OSError as error:
        sys.exit(f"demo server: 127.0.0.1:{options.port}: {error.strerror}")
    server.verbose = options.verbose
    print(f"demo pages on http://127.0.0.1:{options.port}/menu.vxml", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
