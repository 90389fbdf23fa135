#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The pages of prometheus and log-exporter of a running mcpd: their formats by other people's
parsers, their values against mcpctl and the log, Debian's prometheus, the dashboard and rules."""
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request

from prometheus_client import parser as text_parser
from prometheus_client.openmetrics import parser as open_parser

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path[:0] = [str(HERE.parents[1] / "scenarios")]

import caller as calling  # noqa: E402
import platform_under_test as platforms  # noqa: E402
from strangers import Strangers  # noqa: E402

ROOT = HERE.parents[2]
OPEN = "application/openmetrics-text; version=1.0.0"
STRANGERS = 10000 if os.environ.get("MCP_TEST_TIER") == "full" else 500
SETTINGS = """
[core]
plugins += mrcp, prometheus, log-exporter
[prometheus]
address = 127.0.0.1:{metrics}
[log-exporter]
address = 127.0.0.1:{log}
"""
# A number as a name of a metric in an expression of PromQL.
SERIES = re.compile(r"\bmcp_[a-z0-9_]+\b")
SUFFIX = re.compile(r"_(bucket|count|sum)$")


def get(port, path="/metrics", accept=None, method="GET"):
    """(status, media type, text)."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", method=method,
                                     headers={"Accept": accept} if accept else {})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.headers["Content-Type"], answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers["Content-Type"], error.read().decode()


def samples_of(families):
    """{(name, labels): value}; bounds as numbers, since each parser writes them its own way."""
    result = {}
    for family in families:
        for sample in family.samples:
            labels = tuple(sorted((key, float(value) if key == "le" else value)
                                  for key, value in sample.labels.items()))
            assert (sample.name, labels) not in result, f"twice: {sample}"
            result[sample.name, labels] = sample.value
    return result


def read_open(port):
    return list(open_parser.text_string_to_metric_families(get(port, accept=OPEN)[2]))


def read_text(port):
    return list(text_parser.text_string_to_metric_families(get(port)[2]))


class Pages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="mcp-prometheus-"))
        cls.metrics = platforms.free_port(socket.SOCK_STREAM)
        cls.log = platforms.free_port(socket.SOCK_STREAM)
        cls.platform = platforms.Platform(
            pathlib.Path(os.environ["MCP_BUILD_ROOT"]), cls.folder,
            SETTINGS.format(metrics=cls.metrics, log=cls.log)).start()

    @classmethod
    def tearDownClass(cls):
        cls.platform.stop()
        shutil.rmtree(cls.folder)

    def call(self):
        """One call to the demo; its record."""
        caller = calling.Caller()
        try:
            caller.place(f"sip:demo@127.0.0.1:{self.platform.sip}", self.platform.sip)
            caller.hang_up()
        finally:
            caller.close()
        return platforms.wait_until(
            lambda: next((r for r in self.platform.read_records()
                          if r["sip"].get("call_id") == caller.call_id), None), 20, "the record")

    def test_formats(self):
        for port in (self.metrics, self.log):
            status, kind, text = get(port)
            self.assertEqual((status, kind), (200, "text/plain; version=0.0.4; charset=utf-8"))
            linted = subprocess.run(["promtool", "check", "metrics"], input=text, text=True,
                                    stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            self.assertEqual((linted.returncode, linted.stdout), (0, ""))
            status, kind, text = get(port, accept=OPEN)
            self.assertEqual((status, kind), (200, OPEN + "; charset=utf-8"))
            self.assertTrue(text.endswith("\n# EOF\n"))
            by_open, by_text = samples_of(read_open(port)), samples_of(read_text(port))
            self.assertEqual(set(by_open) ^ set(by_text), set())
            self.assertNotIn(" # {", get(port)[2])

    def test_families_tell_apart(self):
        """In OpenMetrics a counter's family and a gauge of that name would be one."""
        names = [family.name for family in read_open(self.metrics)]
        self.assertEqual(len(names), len(set(names)))

    def test_what_else_is_there(self):
        self.assertEqual(get(self.metrics, "/")[0], 404)
        self.assertEqual(get(self.metrics, "/metrics/more")[0], 404)
        self.assertEqual(get(self.metrics, "/status")[0], 404)
        self.assertEqual(get(self.metrics, method="POST")[0], 405)
        self.assertEqual(get(self.metrics, method="DELETE")[0], 405)
        status, _, text = get(self.metrics, method="HEAD")
        self.assertEqual((status, text), (200, ""))

    def values_by_mcpctl(self):
        listed = self.platform.ctl("-o", "json", "metrics")
        self.assertEqual(listed.returncode, 0, listed.stderr)
        return {(row["name"], row.get("label"), row.get("label_value")): row
                for row in json.loads(listed.stdout)["metrics"]}

    def test_agrees_with_mcpctl(self):
        """Each value that stands still for three looks is the same in all of them."""
        self.call()
        before = self.values_by_mcpctl()
        page = samples_of(read_open(self.metrics))
        after = self.values_by_mcpctl()
        still = [key for key in before if before[key]["value"] == after[key]["value"]]
        self.assertEqual(set(before), set(after))
        self.assertGreater(len(still), len(before) / 2)
        for name, label, value in still:
            row = before[name, label, value]
            labels = ((label, value),) if label else ()
            if row["kind"] == "histogram":
                self.assertEqual(page[name + "_count", labels], row["value"], name)
                if row["sum"] == after[name, label, value]["sum"]:
                    self.assertAlmostEqual(page[name + "_sum", labels], row["sum"], places=5)
            else:
                self.assertEqual(page[name, labels], row["value"], name)

    def test_exemplar_is_a_call(self):
        record = self.call()
        found = {sample.exemplar.labels["call_id"]: sample.exemplar
                 for family in read_open(self.metrics) for sample in family.samples
                 if sample.name == "mcp_call_duration_seconds_bucket" and sample.exemplar}
        self.assertIn(record["id"], found)
        self.assertAlmostEqual(found[record["id"]].value, record["duration_ms"] / 1000, places=2)

    def refused(self):
        page = samples_of(read_text(self.metrics))
        return page["mcp_calls_refused_total", (("class", "4xx"),)]

    def test_callers_add_no_series(self):
        strangers = Strangers(self.platform.sip)
        self.addCleanup(strangers.close)
        strangers.call("first")
        before = [set(samples_of(read_text(port))) for port in (self.metrics, self.log)]
        start = self.refused()
        for number in range(STRANGERS):
            strangers.call(number)
        self.assertGreaterEqual(self.refused(), start + STRANGERS)
        after = [set(samples_of(read_text(port))) for port in (self.metrics, self.log)]
        self.assertEqual(after[0] ^ before[0], set())
        # What was left out of the log by its limit is told in lines of one more id.
        self.assertLessEqual({dict(labels).get("id") for _, labels in after[1] ^ before[1]},
                             {"calls-refused", "requests-refused"})

    def levels_agree(self):
        lines = samples_of(read_open(self.log))
        return all(lines["mcp_log_level_lines_total", (("level", level),)]
                   == sum(value for (name, labels), value in lines.items()
                          if name == "mcp_log_lines_total" and ("level", level) in labels)
                   for level in ("error", "warning", "info", "debug"))

    def test_log_counters(self):
        self.call()
        lines = samples_of(read_open(self.log))
        text = self.platform.read_log()
        for word in ("call-arrived", "call-answered", "call-ended"):
            counted = lines["mcp_log_lines_total",
                            (("id", word), ("level", "info"), ("plugin", "core"))]
            self.assertEqual(counted, len(re.findall(rf" core +{word} \[", text)), word)
        # Not one line may come between the two rows of a page.
        platforms.wait_until(self.levels_agree, 20, "levels to be the sums of their ids")

    def known_series(self):
        return {name for port in (self.metrics, self.log)
                for name, _ in samples_of(read_open(port))}

    def check_names(self, expressions):
        self.call()
        known = self.known_series()
        for expression in expressions:
            for name in SERIES.findall(expression):
                self.assertIn(name, known, expression)

    def test_dashboard_names_what_exists(self):
        dashboard = json.loads((ROOT / "config/grafana/mcp.json").read_text())
        expressions = [target["expr"] for panel in dashboard["panels"]
                       for target in panel.get("targets", [])]
        expressions += [note["expr"] for note in dashboard["annotations"]["list"]]
        expressions += [variable["definition"] for variable in dashboard["templating"]["list"]
                        if "definition" in variable]
        self.assertGreater(len(expressions), 60)
        self.assertEqual(len({panel["id"] for panel in dashboard["panels"]}),
                         len(dashboard["panels"]))
        self.check_names(expressions)

    def test_rules_name_what_exists(self):
        self.check_names(re.sub(r"#.*", "", (ROOT / f"config/prometheus/{name}").read_text())
                         for name in ("alerts.yml", "alerts.test.yml"))

    def test_promtool(self):
        for arguments in (("check", "rules", "alerts.yml"), ("check", "config", "prometheus.yml"),
                          ("test", "rules", "alerts.test.yml")):
            done = subprocess.run(["promtool", *arguments], cwd=ROOT / "config/prometheus",
                                  text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            self.assertEqual(done.returncode, 0, done.stdout)

    def test_every_rule_is_shown_to_fire(self):
        rules = (ROOT / "config/prometheus/alerts.yml").read_text()
        tests = (ROOT / "config/prometheus/alerts.test.yml").read_text()
        self.assertEqual(set(re.findall(r"alert: (\w+)", rules)),
                         set(re.findall(r'alertname="(\w+)"', tests)))

    def test_prometheus(self):
        """The packaged configuration, with the ports of this test."""
        self.call()
        folder = self.folder / "prometheus"
        shutil.copytree(ROOT / "config/prometheus", folder)
        text = (folder / "prometheus.yml").read_text()
        text = text.replace(": 15s", ": 1s")
        for default, port in ((9464, self.metrics), (8200, self.log)):
            self.assertIn(f"127.0.0.1:{default}", text)
            text = text.replace(f"127.0.0.1:{default}", f"127.0.0.1:{port}")
        (folder / "prometheus.yml").write_text(text)
        port = platforms.free_port(socket.SOCK_STREAM)
        with open(folder / "log", "wb") as log:
            server = subprocess.Popen(
                ["prometheus", f"--config.file={folder}/prometheus.yml",
                 f"--storage.tsdb.path={folder}/data", f"--web.listen-address=127.0.0.1:{port}",
                 "--enable-feature=exemplar-storage"],
                stdout=log, stderr=log, preexec_fn=platforms.end_with_parent)
        try:
            self.check_prometheus(port)
        finally:
            server.terminate()
            server.wait()

    def query(self, port, path, **parameters):
        """What the server's API answers; None while it does not."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/{path}?"
                                        + urllib.parse.urlencode(parameters), timeout=10) as answer:
                return json.loads(answer.read())["data"]
        except (urllib.error.URLError, ConnectionError):
            return None

    def value(self, port, expression):
        data = self.query(port, "query", query=expression)
        return {tuple(sorted(row["metric"].items())): float(row["value"][1])
                for row in data["result"]} if data else {}

    def check_prometheus(self, port):
        platforms.wait_until(lambda: sum(self.value(port, "up").values()) == 2, 60,
                             "both pages to be scraped")
        page = samples_of(read_open(self.metrics))
        total = page["mcp_calls_total", (("direction", "incoming"),)]
        platforms.wait_until(
            lambda: list(self.value(port, 'mcp_calls_total{direction="incoming"}').values())
            == [total], 30, f"{total} calls")
        lines = self.value(port, 'sum(mcp_log_lines_total{id="call-arrived"})')
        self.assertEqual(list(lines.values()), [total])
        exemplars = platforms.wait_until(
            lambda: self.query(port, "query_exemplars", query="mcp_call_duration_seconds_bucket",
                               start=time.time() - 3600, end=time.time() + 3600), 30, "exemplars")
        ids = {found["labels"]["call_id"] for row in exemplars for found in row["exemplars"]}
        self.assertLessEqual(ids, {record["id"] for record in self.platform.read_records()})
        self.assertTrue(ids)
        rules = self.query(port, "rules")
        self.assertEqual({rule["health"] for group in rules["groups"] for rule in group["rules"]}
                         - {"unknown"}, {"ok"})


if __name__ == "__main__":
    unittest.main(verbosity=2, warnings="ignore")
