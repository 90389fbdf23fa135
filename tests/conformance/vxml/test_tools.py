#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The authors' tools as an author uses them, over mcpctl: run with a script, debug by a DAP client.

usage: test_tools.py MCPCTL
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "runner"))
from dap import Client  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[3]
DEADLINE = 120
PAGE = """<?xml version="1.0" encoding="UTF-8"?>
<vxml version="2.1" xmlns="http://www.w3.org/2001/vxml" xml:lang="en-US">
  <var name="tries" expr="0"/>
  <form id="main">
    <block>
      <assign name="tries" expr="tries + 1"/>
      <prompt>Welcome.</prompt>
    </block>
    <field name="pin" type="digits?length=2">
      <prompt>Your code.</prompt>
      <noinput>Please type. <reprompt/></noinput>
    </field>
    <field name="sure" type="boolean">
      <prompt>Sure?</prompt>
      <filled>
        <exit expr="pin + tries"/>
      </filled>
    </field>
  </form>
</vxml>
"""


class Tap:
    def __init__(self):
        self.number = self.failed = 0

    def check(self, good, name, why=""):
        self.number += 1
        self.failed += not good
        print(f"{'ok' if good else 'not ok'} {self.number} - {name}")
        if not good:
            for line in str(why).splitlines():
                print("# " + line)


def test_run(tap, mcpctl, folder):
    page = folder / "page.vxml"
    script = folder / "inputs"
    page.write_text(PAGE)
    script.write_text("; a silent caller at first\n#noinput\n47\n1\n")
    done = subprocess.run([mcpctl, "vxml", "run", "--text", "--script", script, page],
                          capture_output=True, text=True, check=False, timeout=DEADLINE)
    out = done.stdout
    tap.check(done.returncode == 0 and out.endswith('ended: exit, result "471"\n'),
              "run: the application's result", out + done.stderr)
    at = [out.find(word) for word in ("Welcome.", "Your code.", "Please type.", "47", "Sure?")]
    tap.check(-1 not in at and at == sorted(at), "run: prompts and inputs in order", out)
    script.write_text("12\n#hangup\n")
    done = subprocess.run([mcpctl, "vxml", "run", "--all", "--script", script, page],
                          capture_output=True, text=True, check=False, timeout=DEADLINE)
    tap.check(done.returncode == 0 and "ended: hangup" in done.stdout, "run: the caller hangs up",
              done.stdout + done.stderr)
    page.write_text("<vxml>")
    done = subprocess.run([mcpctl, "vxml", "run", "--script", script, page], check=False,
                          capture_output=True, text=True, timeout=DEADLINE)
    tap.check(done.returncode == 1 and "refused" in done.stdout, "run: a page that is none",
              done.stdout + done.stderr)
    for argument in (["run"], ["lint"], ["lint", "--format", "xml", page], ["nonsense"]):
        code = subprocess.run([mcpctl, "vxml", *argument], capture_output=True, check=False,
                              timeout=DEADLINE).returncode
        tap.check(code == 2, f"usage: {argument[0]} {len(argument)}", code)


def test_demo(tap, mcpctl, folder):
    """The demo's front door, as far as it is files: menu by a key, goodbye."""
    script = folder / "demo"
    script.write_text("7\n9\n")
    done = subprocess.run([mcpctl, "vxml", "run", "--script", script,
                           ROOT / "config/demo/menu.vxml"], capture_output=True, text=True,
                          check=False, timeout=DEADLINE)
    tap.check(done.returncode == 0 and "That key has no meaning here." in done.stdout and
              "Goodbye." in done.stdout, "run: the demo", done.stdout + done.stderr)


def test_words(tap, mcpctl, folder):
    """Words typed are what a recognizer heard."""
    page = folder / "words.vxml"
    script = folder / "words"
    page.write_text('<vxml version="2.1" xmlns="http://www.w3.org/2001/vxml" xml:lang="en-US">'
                    '<menu>'
                    '<prompt>Sales or support?</prompt><choice next="#a">sales</choice>'
                    '<choice next="#b">support</choice></menu>'
                    '<form id="a"><block><exit expr="1"/></block></form>'
                    '<form id="b"><block><exit expr="2"/></block></form></vxml>')
    script.write_text("something else\nsupport\n")
    out = subprocess.run([mcpctl, "vxml", "run", "--script", script, page], capture_output=True,
                         text=True, check=False, timeout=DEADLINE).stdout
    tap.check("nomatch" in out and out.endswith("result 2\n"), "run: words", out)


def run_script(mcpctl, folder, body, lines):
    """The lines of the transcript, without times and places, and the exit code."""
    page, script = folder / "body.vxml", folder / "lines"
    page.write_text('<vxml version="2.1" xmlns="http://www.w3.org/2001/vxml" xml:lang="en-US">'
                    f'{body}</vxml>')
    script.write_text("\n".join(lines) + "\n")
    done = subprocess.run([mcpctl, "vxml", "run", "--text", "--script", script, page],
                          capture_output=True, text=True, check=False, timeout=DEADLINE)
    seen = [re.sub(r" \(file:[^)]*\)$", "", re.sub(r"^ *\d+\.\d{3}  ", "", line))
            for line in done.stdout.splitlines()[1:]]
    return [re.sub(r"  +", " ", line) for line in seen] + done.stderr.splitlines(), done.returncode


def test_speech(tap, mcpctl, folder):
    """Aliases, pauses and marks, each when it is due; what a key cuts off is not said."""
    body = ('<form><block><prompt>The <sub alias="World Wide Web">WWW</sub>,<break/> and <break '
            'time="1.5s"/><mark name="half"/>more <break strength="none"/>of <s>it</s>.</prompt>'
            '</block><field name="key" type="digits?length=1"><prompt timeout="20s">First.'
            '<break time="5s"/>Second.</prompt><filled><prompt>Third.<break time="9s"/>Fourth.'
            '</prompt></filled></field><field name="more" type="digits?length=1">'
            '<filled><exit expr="key + more"/></filled></field></form>')
    seen, code = run_script(mcpctl, folder, body, ["7,8"])
    wanted = ["says The World Wide Web,", "pause 0.5 s", "says and", "pause 1.5 s", "mark half",
              "says more", "says of it.", "says First.", "pause 5 s", "says Second.", "caller 7,8",
              "says Third.", "pause 9 s", 'ended: exit, result "78"']
    tap.check(seen == wanted and code == 0, "run: aliases, pauses, marks, and what is cut off",
              "\n".join(seen))
    seen, code = run_script(mcpctl, folder, '<form><field name="x" type="digits"><prompt>a'
                            '<break time="soon"/></prompt></field><catch event="error">'
                            '<exit expr="_event"/></catch></form>', [])
    tap.check(seen[-1] == 'ended: exit, result "error.badfetch"', "run: a pause that is none",
              "\n".join(seen))


TRANSFER = """<form><transfer name="x" dest="sip:a@b.example" type="%s" connecttimeout="9s"
maxtime="30s"><grammar mode="dtmf" version="1.0" root="r" type="application/srgs+xml"
xmlns="http://www.w3.org/2001/06/grammar"><rule id="r">0</rule></grammar>
<filled><exit expr="x + ' ' + (x$.duration || 0)"/></filled></transfer>
<catch event="error connection.disconnect"><exit expr="_event"/></catch></form>"""
OUTCOMES = (
    ("bridge", ["#transfer busy"], "busy 0"), ("bridge", ["#transfer noanswer"], "noanswer 0"),
    ("bridge", ["#transfer network_busy"], "network_busy 0"),
    ("bridge", ["#transfer refused 404"], "error.connection.baddestination"),
    ("bridge", ["#transfer answered 12s"], "far_end_disconnect 12"),
    ("bridge", ["#transfer answered 45s"], "maxtime_disconnect 30"),
    ("bridge", ["#transfer cut 2.5s"], "network_disconnect 2.5"),
    ("bridge", ["#transfer answered", ",,0"], "near_end_disconnect 2.3"),
    ("bridge", ["#transfer answered", "5", "#hangup"], "maxtime_disconnect 30"),
    ("bridge", ["#transfer answered", "#hangup"], "connection.disconnect.hangup"),
    ("bridge", ["#transfer"], "error.connection.noresource"),
    ("bridge", ["#transfer refused 200"], "error.connection.noresource"),
    ("bridge", ["#transfer answered soon"], "error.connection.noresource"),
    ("bridge", [], "error.connection.noresource"),
    ("blind", ["#transfer answered"], "connection.disconnect.transfer"),
    ("blind", ["#transfer busy"], "unknown 0"), ("blind", ["#transfer noanswer"], "network_busy 0"),
    ("blind", ["#transfer refused 403"], "error.connection.noauthorization"),
    ("blind", [], "error.connection.noresource"),
    ("consultation", ["#transfer answered"], "connection.disconnect.transfer"),
    ("consultation", ["#transfer busy"], "busy 0"),
)


def test_transfers(tap, mcpctl, folder):
    for kind, lines, result in OUTCOMES:
        seen, code = run_script(mcpctl, folder, TRANSFER % kind, lines)
        hinted = any(line.startswith("hint") and "noanswer" in line for line in seen)
        tap.check(seen[-1] == f'ended: exit, result "{result}"' and code == 0 and
                  hinted == (result == "error.connection.noresource"),
                  f"run: {kind} transfer, {', '.join(lines) or 'nothing said'}", "\n".join(seen))
    # A line that is for no transfer is the caller's next one.
    seen, _ = run_script(mcpctl, folder, '<form><transfer name="x" dest="sip:a@b.example"/>'
                         '<catch event="error"><goto next="#ask"/></catch></form><form id="ask">'
                         '<field name="key" type="digits?length=1"><filled><exit expr="key"/>'
                         '</filled></field></form>', ["4", "5"])
    tap.check(seen[-1] == 'ended: exit, result "4"', "run: a line that is for no transfer",
              "\n".join(seen))


def test_support(tap, mcpctl, folder):
    """What the reference says of support is so."""
    text = subprocess.run([mcpctl, "vxml", "reference"], capture_output=True, text=True,
                          check=True, timeout=DEADLINE).stdout
    refused = set(re.findall(r"^### (\w+)\n\nSupported: no;", text, re.MULTILINE))
    tap.check(not refused, "reference: no element is refused as a whole", refused)
    page = folder / "support.vxml"
    page.write_text('<vxml version="2.1" xmlns="http://www.w3.org/2001/vxml"><catch event='
                    '"error.unsupported"><exit expr="_event"/></catch><form>'
                    '<object name="x" classid="builtin://none"/></form></vxml>')
    out = subprocess.run([mcpctl, "vxml", "run", "--script", os.devnull, page],
                         capture_output=True, text=True, check=False, timeout=DEADLINE).stdout
    tap.check('result "error.unsupported.objectname"' in out and
              "error.unsupported.objectname" in text, "reference: objects nobody registered", out)


def test_debug(tap, mcpctl, folder):
    page = folder / "debug.vxml"
    page.write_text(PAGE)
    client = Client([mcpctl, "vxml", "debug"])
    body = client.request("initialize", adapterID="mcp")["body"]
    tap.check(body["supportsConfigurationDoneRequest"], "debug: capabilities", body)
    launched = client.request("launch", program=str(page), inputs=["47", "1"])
    client.wait("initialized")
    client.request("setBreakpoints", source={"path": str(page)}, breakpoints=[{"line": 7}])
    client.request("configurationDone")
    tap.check(launched["success"] and client.wait("stopped")["reason"] == "breakpoint",
              "debug: stops at a breakpoint", launched)
    tap.check(client.request("threads")["body"]["threads"][0]["id"] == 1, "debug: one thread")
    where = client.where()
    tap.check(where[0][1] == 7 and ("<form main>", 4) in where, "debug: the stack", where)
    tap.check(client.variables("document").get("tries") == "1", "debug: variables of the document",
              client.variables("document"))
    tap.check(client.variables("dialog").get("pin") == "undefined", "debug: a field not yet filled",
              client.variables("dialog"))
    value = client.request("evaluate", expression="tries * 21", frameId=1000)
    tap.check(value["success"] and value["body"]["result"] == "21", "debug: evaluate", value)
    value = client.request("evaluate", expression="nobody", frameId=1000)
    tap.check(not value["success"] and value["message"], "debug: evaluate what fails", value)
    client.request("next", threadId=1)
    tap.check(client.wait("stopped")["reason"] == "step" and
              client.where()[0] == ("<field pin>", 9), "debug: a step by form item", client.where())
    client.request("stepIn", threadId=1)
    client.wait("stopped")
    where = client.where()
    tap.check(where[0] == ("<field sure>", 13), "debug: a step into what comes next", where)
    tap.check(client.variables("dialog").get("pin") == '"47"', "debug: the field is filled",
              client.variables("dialog"))
    client.request("continue", threadId=1)
    code = client.wait("exited")["exitCode"]
    client.wait("terminated")
    said = "".join(e["body"]["output"] for e in client.events if e["event"] == "output")
    tap.check(code == 0 and 'result "471"' in said and "Welcome." in said,
              "debug: to its end", said)
    client.request("disconnect")
    client.process.stdin.close()
    tap.check(client.process.wait(DEADLINE) == 0, "debug: the adapter ends")


def test_debug_private(tap, mcpctl, folder):
    """After private input a debugger is told names, and values that are older."""
    page = folder / "private.vxml"
    page.write_text(PAGE.replace('<field name="pin" type="digits?length=2">', '<field name="pin" '
                                 'type="digits?length=2"><property name="com.genesyslab.private" '
                                 'value="true"/>').replace("<filled>", '<filled>\n<var name="twice"'
                                                           ' expr="pin * 2"/>'))
    client = Client([mcpctl, "vxml", "debug"])
    client.request("initialize", adapterID="mcp")
    client.request("launch", program=str(page), inputs=["47", "1"])
    client.wait("initialized")
    client.request("setBreakpoints", source={"path": str(page)}, breakpoints=[{"line": 17}])
    client.request("configurationDone")
    client.wait("stopped")
    told = [client.request("evaluate", expression=name).get("body", {}).get("result")
            for name in ("pin", "dialog.pin", "twice", "tries", "document.tries", "nobody",
                         "pin - 1", "tries + pin", "twice.length")]
    tap.check(told == ["(private)"] * 3 + ["1", "1", None, None, None, None],
              "debug: private input and what is made of it", told)
    shown = client.variables("dialog")
    tap.check(shown.get("pin") == "(private)" and "47" not in str(shown),
              "debug: variables with private input", shown)
    client.request("disconnect")
    client.process.stdin.close()
    tap.check(client.process.wait(DEADLINE) == 0, "debug: the adapter ends here, too")


def test_attach_refused(tap, mcpctl, folder):
    """What can be said without an mcpd; calls are debugged by scenarios/programs/vxml-debug."""
    missing = folder / "nobody.sock"
    done = subprocess.run([mcpctl, "vxml", "debug", "--attach", "x", "--socket", missing],
                          capture_output=True, text=True, check=False, timeout=DEADLINE)
    tap.check(done.returncode == 4 and "debug_socket" in done.stderr, "attach: nobody is there",
              done.stderr)
    for arguments in (["--attach", "x", "page.vxml"], ["--socket", missing]):
        code = subprocess.run([mcpctl, "vxml", "debug", *arguments], capture_output=True,
                              check=False, timeout=DEADLINE).returncode
        tap.check(code == 2, f"attach: usage of {arguments[0]}", code)
    client = Client([mcpctl, "vxml", "debug"])
    answer = client.request("attach", call="x")
    tap.check(not answer["success"] and "--attach" in answer["message"],
              "attach: not where an application is launched", answer)
    for arguments in ({"source": 7, "breakpoints": "x"}, {"breakpoints": [1, {"line": "x"}]}):
        answer = client.request("setBreakpoints", **arguments)
        tap.check("breakpoints" in answer["body"], "debug: arguments of other types", answer)
    client.send(b"Content-Length: 2\r\n\r\n{]")
    tap.check(client.request("threads")["success"], "debug: a message that is none")
    client.send(b"Content-Length: 99999999999\r\n\r\n")
    tap.check(client.process.wait(DEADLINE) == 0, "debug: a message of any length")


def main():
    tap = Tap()
    mcpctl = sys.argv[1]
    os.environ.setdefault("ASAN_OPTIONS", "detect_leaks=1")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for test in (test_run, test_demo, test_words, test_speech, test_transfers, test_support,
                     test_debug, test_debug_private, test_attach_refused):
            test(tap, mcpctl, folder)
    print(f"1..{tap.number}")
    sys.exit(1 if tap.failed else 0)


main()
