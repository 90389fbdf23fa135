#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Traces of whole calls, as a collector gets them: ids that join, spans and their order, what must
not be in them, whom the trace is taken from and handed on to, and collectors that fail."""
import http.server
import json
import os
import pathlib
import re
import shutil
import socket
import sys
import tempfile
import threading
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "scenarios")]

import caller as calling  # noqa: E402
import platform_under_test as platforms  # noqa: E402
from collector import Collector  # noqa: E402

PROMPT = "Canary prompt of a test"
PIN = "7305"
QUERY = "canary-query"
TOKEN = "Bearer canary-of-the-collector"
FOREIGN = "0af7651916cd43dd8448eb211c80319c"
PARENT = "b7ad6b7169203331"
PAGES = {
    "/start.vxml": f"""<?xml version="1.0"?>
<vxml version="2.1" xmlns="http://www.w3.org/2001/vxml"><form id="f">
<field name="pin" type="digits?length=4"><prompt>{PROMPT}</prompt>
<filled><submit next="next.vxml?q={QUERY}" namelist="pin"/></filled></field></form></vxml>""",
    "/next.vxml": """<?xml version="1.0"?>
<vxml version="2.1" xmlns="http://www.w3.org/2001/vxml"><form><block>
<prompt>Good bye</prompt><exit/></block></form></vxml>""",
}
SETTINGS = """
[core]
plugins += tracing
{core}[tracing]
endpoint = http://127.0.0.1:{port}/v1/traces
authorization = {token}
delay = 0s
service = voice
{tracing}[sip.peer "loopback"]
trace_context = {trusted}
"""


class Web:
    """Serves PAGES; keeps the fields of each request."""

    def __init__(self):
        self.requests = []
        web = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                path = self.path.partition("?")[0]
                web.requests.append((path, dict(self.headers)))
                body = PAGES.get(path, "").encode()
                self.send_response(200 if body else 404)
                self.send_header("Content-Type", "application/voicexml+xml")
                self.send_header("Cache-Control", "no-store")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Tracing(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="mcp-tracing-"))
        self.web = Web()
        self.collectors = []
        self.platform = None

    def tearDown(self):
        if self.platform:
            self.platform.stop()
        for collector in self.collectors:
            collector.close()
            self.assertEqual(collector.faults, [])
        self.web.close()
        shutil.rmtree(self.folder)

    def collect(self, *answers, port=0):
        self.collectors.append(Collector(port, answers))
        return self.collectors[-1]

    def start(self, port, core="", tracing="", trusted="false"):
        text = SETTINGS.format(port=port, token=TOKEN, trusted=trusted, core=core, tracing=tracing)
        self.platform = platforms.Platform(pathlib.Path(os.environ["MCP_BUILD_ROOT"]), self.folder,
                                           text, web=self.web.port).start()

    def place(self, headers="", user=None, keys=PIN):
        """A whole call; its record."""
        caller = calling.Caller()
        caller.headers = headers
        host = f"127.0.0.1:{self.platform.sip}"
        page = f"http://127.0.0.1:{self.web.port}/start.vxml"
        start = len(self.platform.events.seen)
        try:
            caller.place(f"sip:{user}@{host}" if user else f"sip:dialog@{host};voicexml={page}",
                         self.platform.sip)
            platforms.wait_until(lambda: any(
                event.get("type") == "prompt" and event.get("what") == "started"
                for event in self.platform.events.since(start)), 30, "the prompt")
            for key in keys:
                caller.rtp.press(key)
            self.assertTrue(caller.ended.wait(60), "the platform did not hang up")
        finally:
            caller.close()
        return platforms.wait_until(
            lambda: next((r for r in self.platform.read_records()
                          if r["sip"].get("call_id") == caller.call_id), None), 20, "the record")

    def refuse(self, headers=""):
        caller = calling.Caller()
        caller.headers = headers
        try:
            with self.assertRaises(calling.CallFailed):
                caller.place(f"sip:nobody@127.0.0.1:{self.platform.sip}", self.platform.sip)
        finally:
            caller.close()
        line = platforms.wait_until(
            lambda: re.findall(r"call-refused \[([0-9a-f]{16})\]", self.platform.read_log()), 20,
            "the line of the refusal")
        return line[-1]

    def metric(self, name, value):
        listed = json.loads(self.platform.ctl("-o", "json", "metrics").stdout)["metrics"]
        return next(row["value"] for row in listed
                    if row["name"] == name and row.get("label_value") == value)

    def test_whole_call(self):
        collector = self.collect()
        self.start(collector.port)
        record = self.place()
        root = collector.root_of(record["id"])
        spans = {span.id: span for span in collector.trace_of(root)}
        by_name = {}
        for span in spans.values():
            by_name.setdefault(span.name, []).append(span)
        # One id joins log, record, event and trace.
        self.assertEqual((root.trace, root.id, root.parent),
                         ("0" * 16 + record["id"], record["id"], None))
        self.assertIn(f"[{record['id']}]", self.platform.read_log())
        self.assertIn(record["id"], {event.get("call") for event in self.platform.events.seen})
        # Each span has its place in the tree, and its time within that of the call, but for
        # the BYE, which ends it.
        for span in spans.values():
            self.assertTrue(span is root or span.parent in spans, span.name)
            self.assertGreaterEqual(span.start, root.start - 5e8, span.name)
        for name in ("call", "INVITE", "BYE", "page", "form item", "prompt", "fetch", "turn",
                     "synthesis"):
            self.assertIn(name, by_name)
        self.assertEqual(len(by_name["page"]), 2)
        self.assertEqual({span.attributes["http.response.status_code"]
                          for span in by_name["fetch"]}, {200})
        for span in by_name["INVITE"]:
            self.assertEqual((span.attributes["sip.response.status_code"], span.failed),
                             (200, False))
        for span in by_name["form item"]:
            self.assertEqual(spans[span.parent].name, "page")
        self.assertIn("answered", [name for name, _ in root.events])
        self.assertEqual(root.attributes["mcp.service"], "dialog")
        self.assertEqual(root.resource["service.name"], "voice")
        self.assertFalse(root.failed)

    def test_fetches_go_on_with_it(self):
        collector = self.collect()
        self.start(collector.port)
        root = collector.root_of(self.place()["id"])
        fetches = {span.id for span in collector.trace_of(root) if span.name == "fetch"}
        seen = [fields.get("traceparent") for path, fields in self.web.requests
                if path.endswith(".vxml")]
        self.assertEqual(len(seen), 2)
        for text in seen:
            version, trace, parent, flags = text.split("-")
            self.assertEqual((version, trace, flags), ("00", root.trace, "01"))
            self.assertIn(parent, fetches)

    def test_secrets(self):
        collector = self.collect()
        self.start(collector.port, core="log_level = debug\n")
        root = collector.root_of(self.place()["id"])
        self.assertTrue(root)
        sent = b"".join(collector.bodies).decode()
        for canary in (PROMPT, PIN, QUERY, TOKEN):
            self.assertNotIn(canary, sent)
        self.assertEqual({fields["Authorization"] for fields in collector.headers}, {TOKEN})
        self.assertEqual({fields["path"] for fields in collector.headers}, {"/v1/traces"})
        self.assertNotIn(TOKEN, self.platform.read_log())
        self.assertNotIn(TOKEN, self.platform.ctl("config", "show").stdout)

    def test_refused(self):
        collector = self.collect()
        self.start(collector.port)
        call_id = self.refuse()
        root = collector.root_of(call_id)
        self.assertEqual((root.trace, root.id), ("0" * 16 + call_id, call_id))
        self.assertTrue(root.failed)
        self.assertEqual(root.attributes["sip.response.status_code"], 404)
        self.assertIn(call_id, {event.get("call") for event in self.platform.events.seen
                                if event.get("type") == "call-refused"})

    def test_trusted_peer(self):
        collector = self.collect()
        self.start(collector.port, trusted="true")
        record = self.place(f"traceparent: 00-{FOREIGN}-{PARENT}-01\r\n")
        root = collector.root_of(record["id"])
        self.assertEqual((root.trace, root.parent, root.id), (FOREIGN, PARENT, record["id"]))
        self.assertEqual(record["trace_id"], FOREIGN)
        self.assertEqual(self.web.requests[0][1]["traceparent"].split("-")[1], FOREIGN)
        # What it does not want sampled is not; whatever is no traceparent counts as none.
        unsampled = self.place(f"traceparent: 00-{FOREIGN}-{PARENT}-00\r\n")
        odd = self.place("traceparent: 00-canary\r\n")
        self.assertEqual(collector.root_of(odd["id"]).trace, "0" * 16 + odd["id"])
        self.assertNotIn(unsampled["id"], {span.id for span in collector.spans})
        self.assertEqual(self.web.requests[2][1]["traceparent"].split("-")[3], "00")

    def test_strangers_name_no_trace(self):
        collector = self.collect()
        self.start(collector.port)
        header = f"traceparent: 00-{FOREIGN}-{PARENT}-00\r\n"
        record = self.place(header)
        self.assertEqual(collector.root_of(record["id"]).trace, "0" * 16 + record["id"])
        self.assertNotIn("trace_id", record)
        refused = self.refuse(header)
        self.assertEqual(collector.root_of(refused).trace, "0" * 16 + refused)

    def test_nobody_is_sampled(self):
        collector = self.collect()
        self.start(collector.port, tracing="ratio = 0\n")
        self.place()
        platforms.wait_until(lambda: self.metric("mcp_tracing_calls_total", "no") == 1, 20,
                             "the call to be counted")
        self.assertEqual(collector.spans, [])

    def test_absent_collector(self):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.start(port)
        record = self.place()
        platforms.wait_until(lambda: "collector-lost" in self.platform.read_log(), 20, "the line")
        platforms.wait_until(lambda: self.metric("mcp_tracing_requests_total", "failed") >= 3, 60,
                             "more than one try")
        collector = self.collect(port=port)
        self.assertTrue(collector.root_of(record["id"], 60))
        platforms.wait_until(lambda: "collector-back" in self.platform.read_log(), 20, "the line")
        self.assertEqual(self.platform.read_log().count("collector-lost"), 1)

    def test_faulty_collector(self):
        collector = self.collect(503, "close", 429)
        self.start(collector.port)
        self.assertTrue(collector.root_of(self.place()["id"], 60))
        collector.answers.append(400)
        self.refuse()
        platforms.wait_until(lambda: self.metric("mcp_tracing_spans_total", "refused") == 1, 30,
                             "the spans to be given up")

    def test_end_while_it_hangs(self):
        """The platform's end does not wait for a collector; the sanitizer sees what it leaves."""
        collector = self.collect("hang")
        self.start(collector.port)
        self.refuse()
        platforms.wait_until(lambda: not collector.answers, 30, "the request")

    def test_settings(self):
        for settings, message in (("ratio = 2\n", "ratio"), ("ratio = x\n", "ratio"),
                                  ("endpoint = ftp://x/\n", "endpoint"),
                                  ("endpoint = 127.0.0.1\n", "endpoint"),
                                  ("ca_file = /nowhere.pem\n", "ca_file")):
            platform = platforms.Platform(pathlib.Path(os.environ["MCP_BUILD_ROOT"]), self.folder,
                                          "[core]\nplugins += tracing\n[tracing]\n" + settings,
                                          web=1)
            platform.log.close()
            checked = platforms.subprocess.run(
                [str(platform.build / "core/mcpd/mcpd"), "--config", str(self.folder / "mcp.conf"),
                 "--check-config"], text=True, stdout=platforms.subprocess.PIPE,
                stderr=platforms.subprocess.STDOUT, env=platform.environment(), timeout=60)
            self.assertNotEqual(checked.returncode, 0, settings)
            self.assertIn(message, checked.stdout)


if __name__ == "__main__":
    unittest.main(verbosity=2, warnings="ignore")
