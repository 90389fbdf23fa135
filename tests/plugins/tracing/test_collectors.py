#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Collectors that are absent, fail, hang, or get nothing; settings."""
import os
import pathlib
import socket
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from case import TracingCase, platforms  # noqa: E402


class Collectors(TracingCase):
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

    def test_no_proxy_is_asked(self):
        """The collector is the operator's own: proxies of the environment are not for it."""
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as proxy:
            proxy.bind(("127.0.0.1", 0))
            proxy.listen()
            proxy.setblocking(False)
            collector = self.collect()
            url = f"http://127.0.0.1:{proxy.getsockname()[1]}"
            self.start(collector.port, environment={
                "http_proxy": url, "HTTP_PROXY": url, "no_proxy": "", "NO_PROXY": ""})
            self.refuse()
            platforms.wait_until(lambda: collector.spans, 30, "the spans")
            with self.assertRaises(BlockingIOError):
                proxy.accept()

    def test_nobody_is_sampled(self):
        collector = self.collect()
        self.start(collector.port, tracing="ratio = 0\n")
        self.place()
        platforms.wait_until(lambda: self.metric("mcp_tracing_calls_total", "no") == 1, 20,
                             "the call to be counted")
        self.assertEqual(collector.spans, [])

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
