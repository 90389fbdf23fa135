# SPDX-License-Identifier: Apache-2.0
"""A stand-in for Consul's agent (Debian 12 has none), as its API is described: registration with
TTL checks, updates, maintenance, deregistration, ACL tokens; older agents answer 500 for a check
that they do not know. It keeps the checks' deadlines as the real one does."""
import http.server
import json
import re
import ssl
import threading
import time
import urllib.parse

UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600}
STATES = ("passing", "warning", "critical")


def seconds(text):
    """A Go duration of one unit, "15s"."""
    found = re.fullmatch(r"(\d+)(ms|s|m|h)", text)
    if not found:
        raise ValueError(f"Invalid TTL: {text}")
    return int(found[1]) * UNITS[found[2]]


class Refused(Exception):
    def __init__(self, status, text):
        super().__init__(text)
        self.status = status


class Agent(http.server.ThreadingHTTPServer):
    """`fault` changes what it does: None, "hang", "garbage", "forbidden", "error"."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, port=0, token=None, context=None, old=False):
        super().__init__(("127.0.0.1", port), Handler)
        self.port = self.server_address[1]
        self.token = token
        self.old = old
        self.fault = None
        self.services = {}
        self.checks = {}
        self.maintained = {}
        self.seen = []  # (method, path with query, headers)
        self.gone = []  # ids that were deregistered by request
        self.lock = threading.Lock()
        self.open = set()
        if context:
            self.socket = context.wrap_socket(self.socket, server_side=True)
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def end(self):
        """As if it was killed: connections break."""
        self.shutdown()
        self.server_close()
        for connection in list(self.open):
            try:
                connection.shutdown(2)
            except OSError:
                pass

    def handle_error(self, request, client_address):
        pass

    def status(self, name):
        """Of a check, as the agent has it: TTL over is critical."""
        with self.lock:
            check = self.checks.get(name)
            if check is None:
                return None
            late = time.monotonic() - check["updated"] > check["ttl"]
            return "critical" if late else check["status"]

    def output(self, name):
        with self.lock:
            return self.checks.get(name, {}).get("output")

    # --- what requests do ---

    def register(self, body, query):
        if not isinstance(body, dict) or not body.get("Name"):
            raise Refused(400, "Missing service name")
        unknown = set(body) - {"ID", "Name", "Tags", "Address", "Port", "Meta", "Weights",
                               "Checks", "Check", "EnableTagOverride"}
        if unknown:
            raise Refused(400, f"Request decode failed: unknown field {sorted(unknown)[0]}")
        name = body.get("ID") or body["Name"]
        for key, value in body.get("Meta", {}).items():
            if not re.fullmatch(r"[A-Za-z0-9_-]{1,128}", key) or not isinstance(value, str) \
                    or len(value) > 512:
                raise Refused(400, f"Invalid Service Meta: {key}")
        if not isinstance(body.get("Port", 0), int):
            raise Refused(400, "Request decode failed: Port")
        checks = {}
        for check in body.get("Checks", []):
            try:
                ttl = seconds(check["TTL"])
                seconds(check["DeregisterCriticalServiceAfter"])
            except (KeyError, ValueError) as error:
                raise Refused(400, f"Invalid check: {error}") from error
            if check.get("Status", "critical") not in STATES:
                raise Refused(400, "Invalid check: Status")
            checks[check["CheckID"]] = {"ttl": ttl, "service": name, "output": "",
                                        "status": check.get("Status", "critical"),
                                        "updated": time.monotonic()}
        with self.lock:
            if "replace-existing-checks" in query:
                self.checks = {key: value for key, value in self.checks.items()
                               if value["service"] != name}
            self.services[name] = body
            self.checks.update(checks)
        return b""

    def update(self, name, body):
        if not isinstance(body, dict) or body.get("Status") not in STATES:
            raise Refused(400, f"Invalid check status: '{body}'")
        with self.lock:
            check = self.checks.get(name)
            if check is None:
                raise Refused(500 if self.old else 404,
                              f'CheckID "{name}" does not have associated TTL')
            check.update(status=body["Status"], output=body.get("Output", ""),
                         updated=time.monotonic())
        return b""

    def maintain(self, name, query):
        if query.get("enable") not in (["true"], ["false"]):
            raise Refused(400, "Missing value for enable")
        with self.lock:
            if name not in self.services:
                raise Refused(404, f"Unknown service ID {name!r}")
            self.maintained[name] = query.get("reason", [""])[0]
        return b""

    def deregister(self, name):
        with self.lock:
            if name not in self.services:
                raise Refused(404, f"Unknown service ID {name!r}")
            del self.services[name]
            self.checks = {key: value for key, value in self.checks.items()
                           if value["service"] != name}
            self.gone.append(name)
        return b""

    def put(self, path, query, body):
        parts = [urllib.parse.unquote(part) for part in path.split("/")[1:]]
        if parts[:4] == ["v1", "agent", "service", "register"]:
            return self.register(body, query)
        if parts[:4] == ["v1", "agent", "check", "update"]:
            return self.update(parts[4], body)
        if parts[:4] == ["v1", "agent", "service", "maintenance"]:
            return self.maintain(parts[4], query)
        if parts[:4] == ["v1", "agent", "service", "deregister"]:
            return self.deregister(parts[4])
        raise Refused(404, "")


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def setup(self):
        super().setup()
        self.server.open.add(self.request)

    def finish(self):
        self.server.open.discard(self.request)
        try:
            super().finish()
        except OSError:
            pass

    def log_message(self, *arguments):
        pass

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def misbehave(self):
        fault = self.server.fault
        if fault == "hang":
            while self.server.fault == "hang":
                time.sleep(0.05)
            self.close_connection = True
        elif fault == "garbage":
            self.wfile.write(b"\x00\xff\x16 this is no HTTP \r\n\r\n" * 100)
            self.close_connection = True
        elif fault == "forbidden":
            self.answer(403, b"Permission denied: token lacks permission\nFORGED line\x1b[2J")
        elif fault == "error":
            self.answer(500, b"No cluster leader")
        return fault is not None

    def do_PUT(self):
        url = urllib.parse.urlsplit(self.path)
        text = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        with self.server.lock:
            self.server.seen.append(("PUT", self.path, dict(self.headers)))
        if self.misbehave():
            return
        if self.server.token and self.headers.get("X-Consul-Token") != self.server.token:
            self.answer(403, b"Permission denied")
            return
        try:
            body = json.loads(text) if text else None
            self.answer(200, self.server.put(url.path, urllib.parse.parse_qs(url.query), body))
        except Refused as refusal:
            self.answer(refusal.status, str(refusal).encode())
        except ValueError as error:
            self.answer(400, f"Request decode failed: {error}".encode())


def tls_context(leaf, authority):
    """Of an agent that wants a certificate of its clients (verify_incoming)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(leaf.chain, leaf.key)
    context.load_verify_locations(authority.certificate)
    context.verify_mode = ssl.CERT_REQUIRED
    return context
