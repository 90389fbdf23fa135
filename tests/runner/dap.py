# SPDX-License-Identifier: Apache-2.0
"""A client of the Debug Adapter Protocol, as editors are."""
import json
import subprocess
import threading


class Client:
    """A DAP client: requests one after the other, events kept in order. A debugger from which
    nothing comes for `deadline` seconds is ended."""

    deadline = 60

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.sequence = 0
        self.events = []

    def read(self):
        timer = threading.Timer(self.deadline, self.process.kill)
        timer.start()
        try:
            return self.read_message()
        finally:
            timer.cancel()

    def read_message(self):
        length = 0
        while (line := self.process.stdout.readline().strip()) != b"":
            if line.startswith(b"Content-Length:"):
                length = int(line.split(b":")[1])
        if length == 0:
            raise EOFError("the debugger has gone")
        return json.loads(self.process.stdout.read(length))

    def send(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def request(self, command, **arguments):
        self.sequence += 1
        text = json.dumps({"seq": self.sequence, "type": "request", "command": command,
                           "arguments": arguments}).encode()
        self.send(b"Content-Length: %d\r\n\r\n%s" % (len(text), text))
        while True:
            message = self.read()
            if message["type"] == "response" and message["request_seq"] == self.sequence:
                return message
            self.events.append(message)

    def wait(self, event):
        while True:
            for index, message in enumerate(self.events):
                if message["event"] == event:
                    return self.events.pop(index).get("body", {})
            self.events.append(self.read())

    def where(self):
        frames = self.request("stackTrace", threadId=1)["body"]["stackFrames"]
        return [(frame["name"], frame["line"]) for frame in frames]

    def variables(self, name):
        scopes = self.request("scopes", frameId=1000)["body"]["scopes"]
        number = next(s["variablesReference"] for s in scopes if s["name"] == name)
        listed = self.request("variables", variablesReference=number)["body"]["variables"]
        return {v["name"]: v["value"] for v in listed}
