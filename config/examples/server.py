#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The web server of the examples: serves the pages beside it, and is what those talk to that need
one: takes voice mail, keeps a queue. Listens on 127.0.0.1 only."""
import argparse
import email
import email.policy
import functools
import http.server
import pathlib
import sys
import time
import xml.sax.saxutils

PAGES = pathlib.Path(__file__).resolve().parent
MAX_BODY = 4 << 20

ANSWER = """<?xml version="1.0" encoding="UTF-8"?>
<vxml version="2.1" xmlns="http://www.w3.org/2001/vxml" xml:lang="en-US">
  <form>
    <block>
      <prompt>Your message of {seconds} seconds is delivered. Goodbye.</prompt>
      <exit expr="'delivered'"/>
    </block>
  </form>
</vxml>
"""


def parts_of(content_type, body):
    """The parts of a form (multipart/form-data, RFC 7578) by name."""
    head = f"Content-Type: {content_type}\r\n\r\n".encode("latin-1", "replace")
    message = email.message_from_bytes(head + body, policy=email.policy.HTTP)
    parts = message.iter_parts() if message.is_multipart() else []
    return {part.get_param("name", header="content-disposition"): part for part in parts}


class Handler(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    extensions_map = {".vxml": "application/voicexml+xml", ".wav": "audio/x-wav",
                      ".grxml": "application/srgs+xml", ".xml": "text/xml",
                      "": "application/octet-stream"}

    def do_GET(self):
        # The queue: nobody is free at once. What is cached would be an answer of yesterday.
        if self.path == "/queue/answer.vxml":
            time.sleep(self.server.wait)
        super().do_GET()

    def end_headers(self):
        if self.path == "/queue/answer.vxml":
            self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def do_POST(self):
        length = int(self.headers.get("Content-Length", "0") or 0)
        if self.path != "/voice-mail/deliver" or length > MAX_BODY:
            self.close_connection = True
            self.send_error(404 if length <= MAX_BODY else 413)
            return
        self.take_mail(self.headers.get("Content-Type", ""), self.rfile.read(length))

    def take_mail(self, content_type, body):
        parts = parts_of(content_type, body)
        if not {"message", "seconds"} <= parts.keys():
            self.send_error(400, "the form is incomplete")
            return
        recording = parts["message"]
        print(f"voice mail: {len(recording.get_payload(decode=True))} bytes of "
              f"{recording.get_content_type()}", flush=True)
        seconds = parts["seconds"].get_payload(decode=True).decode("utf-8", "replace")
        self.answer(ANSWER.format(seconds=xml.sax.saxutils.escape(seconds)).encode())

    def answer(self, body):
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
    parser.add_argument("--port", type=int, default=8091, help="0: any that is free")
    parser.add_argument("--wait", type=float, default=3, help="seconds in the queue")
    parser.add_argument("--verbose", action="store_true", help="log every request")
    options = parser.parse_args()
    handler = functools.partial(Handler, directory=str(PAGES))
    try:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", options.port), handler)
    except OSError as error:
        sys.exit(f"examples: 127.0.0.1:{options.port}: {error.strerror}")
    server.verbose = options.verbose
    server.wait = options.wait
    print(f"examples on http://127.0.0.1:{server.server_address[1]}/", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
