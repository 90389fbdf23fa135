#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Traces of whole calls, as a collector gets them: ids that join, spans and their order, what must
not be in them, and whom the trace is handed on to."""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from case import PROMPT, QUERY, TOKEN, TracingCase  # noqa: E402

# Longer than any part of a time stamp may be like it.
PIN = "730519284655"


class Tracing(TracingCase):
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
        root = collector.root_of(self.place(keys=PIN)["id"])
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


if __name__ == "__main__":
    unittest.main(verbosity=2, warnings="ignore")
