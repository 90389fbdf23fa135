#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Whom the trace of a call is taken from: a peer that may name it, and nobody else."""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from case import FOREIGN, PARENT, TracingCase  # noqa: E402


class Parents(TracingCase):
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


if __name__ == "__main__":
    unittest.main(verbosity=2, warnings="ignore")
