#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs a folder of implementation report tests over SIP and RTP: a real mcpd, a small web server
for the pages, callers that do what the prompts ask for, and whom the pages transfer them to. What
a prompt says is known from the platform's event stream, so nobody has to understand speech; the
key, RFC 4733, comes when it has been said to its end. The verdict is the exit value, from the body
of the BYE (RFC 5552 §4.2) or, where that does not have it, as after a hang-up or <disconnect>, from
the call's record.

usage: wire.py DIR [--invert] [--without-speech | --tones] [--jobs N] [NAME…]

Prints a line a test (id, pass or fail, why) as they end, and closes with "N passed, N failed".
--without-speech leaves out, by name, what needs somebody who is understood; with --tones there is
a recognizer that understands tones (tests/scenarios/tones), and callers say what they are asked to.
Needs root: the pages have to be at http://localhost/vxml/, which is served in a network namespace
of its own.
"""
import argparse
import concurrent.futures
import http.server
import json
import os
import pathlib
import re
import struct
import sys
import tempfile
import threading
import time
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
TESTS = HERE.parent.parent
sys.path[:0] = [str(HERE), str(TESTS / "scenarios")]
import caller as calling  # noqa: E402
import callee as called  # noqa: E402
import checks  # noqa: E402
import platform_under_test as platforms  # noqa: E402
import run as suite  # noqa: E402
import tones  # noqa: E402
import web  # noqa: E402

LIMIT = 30  # seconds a test
DELAY = 0.3  # seconds from the end of a prompt to the first key, and between keys
SPEECH = 2  # seconds that the caller speaks into a recording
# Marked as needing speech, but silence is what they expect.
SILENT = {"185", "234"}
BASE = "http://localhost/vxml/"
TYPES = {".wav": "audio/x-wav", ".au": "audio/basic", ".js": "text/javascript",
         ".grxml": "application/srgs+xml", ".txt": "text/plain"}
SETTINGS = f"""
[vxml]
gateway = 127.0.0.1:{{port}}
[sip.peer "loopback"]
page_urls = {BASE}*
dial = sip:*@127.0.0.1:{{port}}
"""
TONES = """
[core]
plugins += tones
plugin_path = {build}/plugins:{build}/tests/scenarios
[tones]
words = {words}
"""
# "Say 'new york'.", and "Say London." without quotes.
SAY = re.compile(r"Say (?!nothing)(?:'([^']+)'|([^.'<]+)\.)")
# Words of run.FAR as a callee has them.
STEPS = {"ringing": 180, "answer": 200, "early": "early", "bye": "bye"}


class Pages(http.server.ThreadingHTTPServer):
    """A folder below /vxml/, each page as x.vxml and as x.txml."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, folder):
        super().__init__(("127.0.0.1", 80), Page)
        self.folder = pathlib.Path(folder)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def find(self, path):
        """The file of an URL's path, or nothing."""
        name = urllib.parse.unquote(path.partition("?")[0])
        if not name.startswith("/vxml/") or ".." in name:
            return None
        file = self.folder / name.removeprefix("/vxml/")
        other = {".vxml": ".txml", ".txml": ".vxml"}.get(file.suffix, file.suffix)
        return next((found for found in (file, file.with_suffix(other)) if found.is_file()), None)

    def handle_error(self, request, client_address):
        pass  # a client that went away


class Page(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        file = self.server.find(self.path)
        body = file.read_bytes() if file else b""
        self.send_response(200 if file else 404)
        if file:
            self.send_header("Content-Type",
                             TYPES.get(file.suffix, "application/voicexml+xml"))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.do_GET()

    def log_message(self, *arguments):
        pass


class Test:
    """A name, a first page, what else is known of it, as run.py has them."""

    def __init__(self, name, page, needs="", scripts=("", ""), result="", heard=""):
        self.name, self.page, self.needs = name, page, needs
        self.caller, self.far = scripts
        self.result = result or '"pass"'
        self.heard = heard

    def needs_speech(self):
        return "speech" in self.needs and self.name not in SILENT

    def transfers(self):
        return bool(self.far) or "transfer" in self.needs


def make_sounds(target):
    """In process a stand-in for audio need not be any."""
    sounds = {".wav": web.tone(0.5), ".au": b".snd" + struct.pack(">5I", 24, 4000, 1, 8000, 1) +
              bytes(0x10 if n // 8 % 2 else 0x90 for n in range(4000))}
    for file in (HERE / "stand-ins").iterdir():
        if file.suffix in sounds:
            (target / file.name).write_bytes(sounds[file.suffix])


def tests_of(folder, target, invert):
    """The tests of a folder laid out like those of the standards' data, converted into @target."""
    suite.convert_folder(HERE / "stand-ins", target, invert)
    make_sounds(target)
    suite.convert_folder(folder / "tests", target, invert)
    for part in (path for path in (folder / "tests").iterdir() if path.is_dir()):
        (target / part.name).mkdir()
        suite.convert_folder(part, target / part.name, invert)
    for row in suite.manifest_rows(folder):
        name = row["assert-id"]
        result, heard = suite.BY_EAR.get(name, ("", ""))
        if name in suite.WRONG:
            result = f'"{suite.WRONG[name]}"'
        result = suite.INVERTED if invert and result else result
        yield Test(name, row["start"].removeprefix("tests/"), row.get("needs") or "",
                   suite.transfer_scripts(row), result, heard)


def asked_words(text):
    """What a prompt wants to be said, "" for nothing."""
    found = SAY.search(text)
    return found.group(1) or found.group(2).lower() if found else ""


def all_words(pages):
    """All that callers may be asked to say, as lines of the stand-in recognizer."""
    found = {asked_words(text.group(0)) for page in pages.rglob("*.?xml")
             for text in SAY.finditer(page.read_text(encoding="utf-8", errors="replace"))}
    return sorted(found)[:tones.NUMBERS]


class Caller(calling.Referred):
    """Its answer to our BYE may have a body as well. What it can say are `words`."""

    def __init__(self, words):
        super().__init__()
        self.words = words

    def deeds_of(self, text):
        """What a prompt asks for: (seconds from now, what) each."""
        if "Hang up now" in text:
            return [(DELAY, "hangup")]
        if "Recite a sentence" in text:
            return [(DELAY, "speak")]
        words = asked_words(text)
        if words in self.words:
            return [(DELAY, f"say {words}")]
        keys = re.search(r"Press '([^']*)'", text)
        return [(DELAY * (n + 1), key) for n, key in enumerate(keys.group(1))] if keys else []

    def do(self, what):
        if what == "hangup":
            self.hang_up()
        elif what == "speak":
            tone = bytes((0x10 if n // 8 % 2 else 0x90) for n in range(8000 * SPEECH))
            self.rtp.say(tone)
        elif what.startswith("say "):
            self.rtp.say(tones.spoken(self.words.index(what.removeprefix("say "))))
        elif what != "silent":
            for key in what:
                self.rtp.press(key)


def planned(script):
    """"500ms 1; 2s hangup" as (seconds, what) each."""
    for deed in filter(None, (part.strip() for part in script.split(";"))):
        when, _, what = deed.partition(" ")
        seconds = float(when[:-2]) / 1000 if when.endswith("ms") else float(when.rstrip("s"))
        yield seconds, what.strip()


def answers(script):
    """"0.5 ringing; 1 answer" as the plan of a callee."""
    before = 0.0
    for deed in filter(None, (part.strip() for part in script.split(";"))):
        when, _, what = deed.partition(" ")
        yield float(when) - before
        yield STEPS[what] if what in STEPS else int(what)
        before = float(when)


class Run:
    """One test: a call, followed through the platform's events."""

    def __init__(self, stage, test, number):
        self.platform, self.test = stage.platform, test
        self.mark = f"?wire={number}"
        self.at = len(self.platform.events.seen)
        self.id = None
        self.said = []  # all prompts
        self.answered = 0  # how many of them are done with
        self.plan = []  # (monotonic time, what)
        self.caller = Caller(stage.words)
        self.switchboard = stage.switchboard
        self.callee = None

    def verdict(self):
        """Faults, one a line; none: it passed."""
        url = urllib.parse.quote(BASE + self.test.page + self.mark, safe=":/")
        if self.test.transfers():
            self.callee = self.switchboard.expect(list(answers(self.test.far)))
        try:
            self.caller.place(f"sip:dialog@127.0.0.1;voicexml={url}", self.platform.sip)
            self.follow()
            return self.judge()
        except calling.CallFailed as refusal:
            return [f"refused: {refusal}"]
        except AssertionError as fault:
            return [str(fault)]
        finally:
            self.caller.hang_up()
            self.caller.close()
            if self.callee:
                self.switchboard.leave(self.callee)

    def follow(self):
        begin = time.monotonic()
        self.plan = [(begin + seconds, what) for seconds, what in planned(self.test.caller)]
        while not self.caller.ended.wait(0.02):
            assert time.monotonic() < begin + LIMIT, f"no end within {LIMIT} s"
            self.take_events()
            due = [deed for deed in self.plan if deed[0] <= time.monotonic()]
            self.plan = [deed for deed in self.plan if deed not in due]
            for _, what in due:
                self.caller.do(what)

    def take_events(self):
        events = self.platform.events.since(self.at)
        self.at += len(events)
        for event in events:
            if self.id is None and str(event.get("url", "")).endswith(self.mark):
                self.id = event.get("call")
            if self.id is not None and event.get("call") == self.id:
                self.take(event)

    def take(self, event):
        if event.get("type") != "prompt":
            return
        if event.get("what") == "started":
            self.said.append(str(event.get("text", "")))
        elif event.get("what") == "ended" and event.get("how") == "completed":
            self.obey()

    def obey(self):
        """The newest prompt that asks for something counts, of those since the last time."""
        fresh, self.answered = self.said[self.answered:], len(self.said)
        if self.test.caller:
            return
        for text in reversed(fresh):
            deeds = self.caller.deeds_of(text)
            if deeds:
                self.plan += [(time.monotonic() + seconds, what) for seconds, what in deeds]
                return

    def exit_value(self):
        if self.caller.body:
            form = dict(urllib.parse.parse_qsl(self.caller.body.strip()))
            form.pop("__reason", None)
            if "__exit" in form:
                return json.loads(form["__exit"])
            if form:
                return {name: json.loads(value) for name, value in form.items()}
        return checks.record_of(self.platform, self.caller)["result"].get("value")

    def judge(self):
        wanted = None if self.test.result == "-" else json.loads(self.test.result)
        found = self.exit_value()
        faults = [] if found == wanted else [f"exit value {found!r}, not {wanted!r}"]
        if self.callee:
            faults += self.other_party()
        self.take_events()
        rest = "\n".join(self.said)
        for words in filter(None, self.test.heard.split("|")):
            before, there, rest = rest.partition(words.removeprefix("@"))
            if not there:
                return [*faults, f"did not hear {words!r} in {before!r}"]
        return faults

    def other_party(self):
        """Faults of how the other party was treated. Whom a caller is referred to, the platform
        does not call itself."""
        callee = self.callee
        if self.test.name in suite.FAR and bool(callee.seen) != bool(self.test.far):
            return [f"the other party got {callee.seen or 'no call'}"]
        talked = callee.acked.is_set() and 200 in callee.plan
        if talked and "bye" not in callee.plan and not callee.bye.wait(5):
            return [f"the other party was not hung up: {callee.seen}"]
        return []


class Stage:
    """What the calls share. With `words` there is a recognizer for them."""

    def __init__(self, home, words):
        self.switchboard = called.Switchboard()
        self.words = words
        settings = SETTINGS.format(port=self.switchboard.port)
        if words:
            file = home / "words.txt"
            file.write_text("\n".join(words), encoding="utf-8")
            settings += TONES.format(build=checks.BUILD, words=file)
        self.platform = platforms.Platform(checks.BUILD, home, settings, web=80).start()


def run_all(tests, stage, jobs):
    """A line a test, as they end; the faults by assertion."""
    table = {}
    printing = threading.Lock()

    def one(numbered):
        number, test = numbered
        try:
            faults = Run(stage, test, number).verdict()
        except Exception as error:  # whatever it ran into: its own fault
            faults = [repr(error)]
        table[test.name] = faults
        with printing:
            why = "; ".join(faults).replace("\n", " ")
            print(f"{test.name}\t{'fail' if faults else 'pass'}\t{why}".rstrip(), flush=True)

    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        list(pool.map(one, enumerate(tests)))
    return table


def write_table(build, folder, table):
    target = pathlib.Path(build) / f"conformance-{folder.resolve().name}-wire.tsv"
    target.write_text("".join(f"{name}\t{'fail' if faults else 'pass'}\t{'; '.join(faults)}\n"
                              for name, faults in sorted(table.items())), encoding="utf-8")


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--invert", action="store_true", help="pass and fail are swapped")
    speech = parser.add_mutually_exclusive_group()
    speech.add_argument("--without-speech", action="store_true")
    speech.add_argument("--tones", action="store_true")
    parser.add_argument("--jobs", type=int, default=6, help="calls at once (6)")
    return parser.parse_intermixed_args()


def main():
    arguments = parse_arguments()
    checks.enter_namespace(checks.Checks("vxml-wire"))
    with tempfile.TemporaryDirectory(prefix="mcp-vxml-wire-") as name:
        pages, home = pathlib.Path(name) / "pages", pathlib.Path(name) / "home"
        pages.mkdir()
        home.mkdir()
        tests = [test for test in tests_of(arguments.folder, pages, arguments.invert)
                 if not arguments.names or test.name in arguments.names]
        left_out = [test for test in tests if arguments.without_speech and test.needs_speech()]
        server = Pages(pages)
        stage = Stage(home, all_words(pages) if arguments.tones else [])
        table = run_all([test for test in tests if test not in left_out], stage, arguments.jobs)
        try:
            stage.platform.stop()
        except AssertionError as error:
            print(error, file=sys.stderr)
            table["clean-end"] = [str(error).splitlines()[0]]
            print(f"clean-end\tfail\t{table['clean-end'][0]}")
        stage.switchboard.end()
        server.shutdown()
    if left_out:
        print("# not run, they need speech: " +
              ", ".join(f"{test.name} ({test.needs})" for test in left_out))
    write_table(os.environ.get("MCP_BUILD_ROOT", checks.BUILD), arguments.folder, table)
    failed = sum(bool(faults) for faults in table.values())
    print(f"{len(table) - failed} passed, {failed} failed", flush=True)
    return 0 if table and not failed else 1


if __name__ == "__main__":
    sys.exit(main())
