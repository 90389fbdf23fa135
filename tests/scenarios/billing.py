# SPDX-License-Identifier: Apache-2.0
"""What the programs about billing share: a platform whose records go to a broker, its calls, its
spools and its health."""
import json

import checks
import platform_under_test as platforms
from web import vxml

USERS = ("mcp", "s3cret-of-the-broker")
QUEUES = ("/queue/mcp.cdr", "/queue/mcp.ors", "/queue/mcp.sqa", "/topic/mcp.events")
PAGE = vxml('<form><block><log>hello</log><exit expr="\'Grüße \U0001f600\'"/></block></form>')
DEADLINE = 60


def settings(folder, broker, *lines):
    return (f"[core]\nplugins += activemq\n[spool]\ndirectory = {folder}/spool\n"
            f"[sip.peer \"loopback\"]\nx_genesys = yes\n"
            f"[activemq]\nuser = {USERS[0]}\npassword = {USERS[1]}\nlongest_retry = 2s\n"
            f"component = node-1\nbrokers = {broker}\n" + "".join(line + "\n" for line in lines))


class Billing:
    """`consumer` takes what the broker has; there is one at a time, for it takes from queues."""

    def __init__(self, platform, web, consumer=None):
        self.platform = platform
        self.web = web
        self.consumer = consumer

    def call(self, header="", page="/page.vxml"):
        """The id of a call that has ended."""
        call = checks.calling.Caller()
        call.headers = header
        call.place(f"sip:dialog@127.0.0.1;voicexml={self.web.url(page)}", self.platform.sip)
        try:
            assert call.ended.wait(30), "the platform did not hang up"
            return checks.record_of(self.platform, call)["id"]
        finally:
            call.hang_up()
            call.close()

    def find(self, kind, session):
        return [(headers, json.loads(body)) for headers, body in self.consumer.since()
                if headers.get("type") == kind and headers.get("sessionId", "") == session]

    def come(self, kind, session):
        """The message of a kind about a call, once it is there."""
        return platforms.wait_until(lambda: self.find(kind, session), DEADLINE,
                                    f"the {kind} of {session!r}")[0]

    def spools(self):
        listed = self.platform.ctl("-o", "json", "spool", "status")
        assert listed.returncode == 0, listed.stderr
        return {spool["name"]: spool for spool in json.loads(listed.stdout)["spools"]}

    def drained(self):
        platforms.wait_until(
            lambda: all(spool["records"] + spool["in_memory"] == 0
                        for spool in self.spools().values()), DEADLINE, "the spools to be empty")

    def export(self, *options):
        """The billing spool's records by their ids."""
        listed = self.platform.ctl("spool", "export", "activemq/billing", *options)
        assert listed.returncode == 0, listed.stderr
        return {record["id"]: record for record in map(json.loads, listed.stdout.splitlines())}

    def replay(self):
        again = self.platform.ctl("spool", "replay", "activemq/billing")
        assert again.returncode == 0, again.stderr
        return int(again.stdout.split()[0])

    def health(self, name="activemq"):
        """(state, text) of a dependency."""
        shown = self.platform.ctl("-o", "json", "health")
        found = {item["name"]: (item["state"], item["text"] or "")
                 for item in json.loads(shown.stdout)["dependencies"]}
        assert name in found, f"{name} is not among {found}"
        return found[name]

    def becomes(self, state, text="", name="activemq"):
        """The dependency is in a state, with `text` among the reasons."""
        def there():
            now = self.health(name)
            return now[0] == state and text in now[1]
        platforms.wait_until(there, DEADLINE, f"{name} to be {state}: {text!r}")
