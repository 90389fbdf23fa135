# SPDX-License-Identifier: Apache-2.0
"""What the tests of tracing share: an mcpd, pages, calls, and collectors as they are wanted."""
import http.server
import json
import os
import pathlib
import re
import shutil
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
SHORT_PIN = "7305"
QUERY = "canary-query"
TOKEN = "Bearer canary-of-the-collector"
FOREIGN = "0af7651916cd43dd8448eb211c80319c"
PARENT = "b7ad6b7169203331"
PAGES = {
    "/start.vxml": f"""<?xml version="1.0"?>
<vxml version="2.1" xmlns="http://www.w3.org/2001/vxml"><form id="f">
<field name="pin" type="digits?minlength=4;maxlength=12"><prompt>{PROMPT}</prompt>
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


class TracingCase(unittest.TestCase):
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

    def start(self, port, core="", tracing="", trusted="false", environment=None):
        text = SETTINGS.format(port=port, token=TOKEN, trusted=trusted, core=core, tracing=tracing)
        self.platform = platforms.Platform(pathlib.Path(os.environ["MCP_BUILD_ROOT"]), self.folder,
                                           text, web=self.web.port)
        self.platform.extra_environment.update(environment or {})
        self.platform.start()

    def place(self, headers="", user=None, keys=SHORT_PIN):
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
            for key in keys + "#":
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
