# SPDX-License-Identifier: Apache-2.0
"""A web server for scenarios: pages held in memory, and the faults a page server can have."""
import http.server
import io
import threading
import wave

VXML = "application/voicexml+xml"


def vxml(body, attributes=""):
    return ('<?xml version="1.0" encoding="UTF-8"?>\n<vxml version="2.1" '
            f'xmlns="http://www.w3.org/2001/vxml" xml:lang="en-US"{attributes}>{body}</vxml>\n')


def tone(seconds):
    """A WAV file of a buzz."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(b"".join((((i * 37) % 200) * 100 - 10000).to_bytes(2, "little",
                                                                            signed=True)
                                  for i in range(int(8000 * seconds))))
    return out.getvalue()


class Pages(http.server.ThreadingHTTPServer):
    """Serves what add() was given on a loopback port. A page that hangs is answered by nobody."""

    daemon_threads = True
    request_queue_size = 512

    def __init__(self, address="127.0.0.1", port=0, handler=None):
        super().__init__((address, port), handler or Handler)
        self.pages = {}
        self.held = {}  # path: the event that lets its answer go
        self.seen = []  # paths asked for
        self.posted = []  # (path, type, body)
        self.closing = threading.Event()
        self.port = self.server_address[1]
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def url(self, path):
        return f"http://127.0.0.1:{self.port}{path}"

    def add(self, path, body, content_type=VXML, status=200, headers=()):
        body = body.encode() if isinstance(body, str) else body
        self.pages[path] = (status, [("Content-Type", content_type), *headers], body)
        return self.url(path)

    def add_hanging(self, path):
        self.pages[path] = None
        return self.url(path)

    def add_held(self, path, body, content_type=VXML):
        """A page that is answered once the event that this returns is set."""
        self.held[path] = threading.Event()
        self.add(path, body, content_type)
        return self.held[path]

    def end(self):
        self.closing.set()
        self.shutdown()
        self.server_close()

    def handle_error(self, request, client_address):
        pass  # a client that went away, as they do after a time-out


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        path = self.path.partition("?")[0]
        self.server.seen.append(path)
        if path in self.server.pages and self.server.pages[path] is None:
            self.server.closing.wait(60)
            self.close_connection = True
            return
        if path in self.server.held:
            self.server.held[path].wait(60)
        status, headers, body = self.server.pages.get(path, (404, [], b""))
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        """What is posted is kept; the page of that path is the answer."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.posted.append((self.path, self.headers.get("Content-Type", ""), body))
        self.do_GET()

    def log_message(self, *arguments):
        pass
