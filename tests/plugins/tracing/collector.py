# SPDX-License-Identifier: Apache-2.0
"""A collector of OpenTelemetry for tests: takes OTLP over HTTP in JSON and checks each span by the
rules of the protocol (opentelemetry-proto, trace.proto and its JSON encoding)."""
import http.server
import json
import re
import threading
import time

HEX = {"traceId": re.compile(r"(?!0{32})[0-9a-f]{32}"),
       "spanId": re.compile(r"(?!0{16})[0-9a-f]{16}"),
       "parentSpanId": re.compile(r"(?!0{16})[0-9a-f]{16}")}
KEYS = {"traceId", "spanId", "parentSpanId", "name", "kind", "startTimeUnixNano", "endTimeUnixNano",
        "attributes", "events", "droppedEventsCount", "status"}
VALUES = {"stringValue": str, "intValue": str, "boolValue": bool, "doubleValue": float}


def attributes_of(rows):
    result = {}
    for row in rows:
        (kind, value), = row["value"].items()
        assert isinstance(value, VALUES[kind]), row
        assert row["key"] not in result, f"twice: {row}"
        result[row["key"]] = int(value) if kind == "intValue" else value
    return result


class Span:
    def __init__(self, raw, resource):
        assert set(raw) <= KEYS, set(raw) - KEYS
        for key, pattern in HEX.items():
            assert key not in raw or pattern.fullmatch(raw[key]), (key, raw)
        assert raw["kind"] in (1, 2, 3)
        self.trace, self.id, self.name = raw["traceId"], raw["spanId"], raw["name"]
        self.parent = raw.get("parentSpanId")
        self.kind = raw["kind"]
        self.start, self.end = int(raw["startTimeUnixNano"]), int(raw["endTimeUnixNano"])
        assert self.start <= self.end, raw
        self.attributes = attributes_of(raw["attributes"])
        self.events = [(event["name"], attributes_of(event.get("attributes", [])))
                       for event in raw.get("events", [])]
        self.failed = raw.get("status", {}).get("code") == 2
        self.message = raw.get("status", {}).get("message")
        self.resource = resource


class Collector:
    """Listens on `port`. `answers` is what it says to requests, one after the other, then 200:
    a status, or "hang" or "close"."""

    def __init__(self, port=0, answers=()):
        self.spans = []
        self.bodies = []
        self.headers = []
        self.faults = []
        self.answers = list(answers)
        self.ended = threading.Event()
        collector = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                collector.take(self)

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def take(self, request):
        body = request.rfile.read(int(request.headers["Content-Length"]))
        answer = self.answers.pop(0) if self.answers else 200
        if answer == "hang":
            self.ended.wait(60)
        if answer in ("hang", "close"):
            request.close_connection = True
            return
        self.bodies.append(body)
        self.headers.append(dict(request.headers, path=request.path))
        if answer == 200:
            try:
                self.decode(body)
            except (AssertionError, KeyError, ValueError) as error:
                self.faults.append(repr(error))
        request.send_response(answer)
        request.send_header("Content-Type", "application/json")
        request.send_header("Content-Length", "2")
        request.end_headers()
        request.wfile.write(b"{}")

    def decode(self, body):
        for resource in json.loads(body)["resourceSpans"]:
            of = attributes_of(resource["resource"]["attributes"])
            for scope in resource["scopeSpans"]:
                assert scope["scope"]["name"] == "mcp"
                self.spans += [Span(raw, of) for raw in scope["spans"]]

    def root_of(self, call_id, seconds=30):
        """The span of a call; waits for it."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for span in list(self.spans):
                if span.name == "call" and span.attributes.get("mcp.call.id") == call_id:
                    return span
            time.sleep(0.05)
        raise AssertionError(f"no trace of call {call_id}: {self.faults}")

    def trace_of(self, span):
        return [other for other in self.spans if other.trace == span.trace]

    def close(self):
        self.ended.set()
        self.server.shutdown()
        self.server.server_close()
