# SPDX-License-Identifier: Apache-2.0
"""Headless Chromium with a page of ours: its functions are called over the DevTools protocol, by a
pipe; its microphone is a WAV file that goes round."""
import base64
import json
import os
import pathlib
import shutil
import subprocess
import threading

import platform_under_test as platforms

HERE = pathlib.Path(__file__).resolve().parent
PROGRAM = "chromium"
OPTIONS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run",
           "--disable-dev-shm-usage", "--disable-extensions", "--disable-background-networking",
           "--disable-component-update", "--disable-sync", "--disable-default-apps",
           "--disable-domain-reliability", "--no-pings", "--no-proxy-server",
           "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
           "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",
           "--autoplay-policy=no-user-gesture-required", "--allow-loopback-in-peer-connection",
           "--remote-debugging-pipe"]
# Blocks of samples to the page; a worklet is a file of its own.
KEEPER = """class Keeper extends AudioWorkletProcessor {
  process(inputs) {
    if (inputs[0].length > 0)
      this.port.postMessage(inputs[0][0].slice());
    return true;
  }
}
registerProcessor('keeper', Keeper);
"""


class Failed(AssertionError):
    """What a function of the page threw."""


class Browser:
    """`voice` is a WAV file; `pages` is a web.Pages, which serves the page as well."""

    def __init__(self, folder, voice, pages):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir()
        pages.add("/keeper.js", KEEPER, "text/javascript")
        self.url = pages.add("/webrtc.html", (HERE / "webrtc.html").read_text(), "text/html")
        self.log = open(self.folder / "log", "wb")
        self.replies, self.sequence, self.session = {}, 0, None
        self.condition = threading.Condition()
        commands, self.commands = os.pipe()
        self.events, events = os.pipe()
        # Sanitized libraries are for the platform alone.
        env = {name: value for name, value in os.environ.items() if name != "LD_LIBRARY_PATH"}
        # The program reads commands from descriptor 3 and writes to 4.
        self.process = subprocess.Popen(
            ["bash", "-c", f'exec "$@" 3<&{commands} 4>&{events}', "bash", PROGRAM, *OPTIONS,
             f"--use-file-for-fake-audio-capture={voice}", f"--user-data-dir={self.folder}/profile",
             "about:blank"], pass_fds=(commands, events), stdin=subprocess.DEVNULL,
            stdout=self.log, stderr=self.log, preexec_fn=platforms.end_with_parent,
            env=dict(env, HOME=str(self.folder), LD_PRELOAD=""), start_new_session=True)
        os.close(commands)
        os.close(events)
        threading.Thread(target=self.read, daemon=True).start()
        self.load()

    def load(self):
        target = self.command("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.command("Target.attachToTarget", targetId=target,
                                    flatten=True)["sessionId"]
        self.command("Page.navigate", url=self.url)
        platforms.wait_until(lambda: self.evaluate("typeof figures") == "function", 20, "the page")

    def read(self):
        """JSON objects, each ended by a zero byte."""
        buffer = b""
        while data := os.read(self.events, 1 << 20):
            *messages, buffer = (buffer + data).split(b"\0")
            for message in map(json.loads, messages):
                with self.condition:
                    if "id" in message:
                        self.replies[message["id"]] = message
                    self.condition.notify_all()

    def command(self, method, seconds=30, **parameters):
        self.sequence += 1
        number = self.sequence
        message = {"id": number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.commands, json.dumps(message).encode() + b"\0")
        with self.condition:
            self.condition.wait_for(lambda: number in self.replies, seconds)
            reply = self.replies.pop(number, None)
        assert reply, f"{method}: no reply within {seconds} s\n{self.read_log()[-2000:]}"
        assert "result" in reply, f"{method}: {reply.get('error')}"
        return reply["result"]

    def evaluate(self, expression):
        result = self.command("Runtime.evaluate", expression=expression, awaitPromise=True,
                              returnByValue=True)
        if "exceptionDetails" in result:
            fault = result["exceptionDetails"]
            raise Failed(fault.get("exception", {}).get("description") or fault["text"])
        return result["result"].get("value")

    def call(self, function, *arguments):
        """A function of the page, with arguments that JSON can tell."""
        return self.evaluate(f"{function}({', '.join(map(json.dumps, arguments))})")

    def samples(self):
        return base64.b64decode(self.call("samples"))

    def read_log(self):
        return (self.folder / "log").read_text(errors="replace")

    def end(self):
        if self.process.poll() is None:
            self.session = None
            try:
                self.command("Browser.close", 10)
                self.process.wait(10)
            except (AssertionError, OSError, subprocess.TimeoutExpired):
                self.process.kill()
                self.process.wait()
        os.close(self.commands)
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)
