# SPDX-License-Identifier: Apache-2.0
"""What a client knows of its channels: which requests are open, and which answers and events may
come. What the server does against that is a fault."""
import asyncio

import mrcp_rules as rules
import nlsml
from mrcp_wire import Mrcp


class Asked:
    """A request and what became of it."""

    def __init__(self, message):
        self.message = message
        self.answer = None
        self.state = None  # None until it is answered
        self.queued = self.marked = self.stopped = False
        self.done = asyncio.Event()  # the answer is here


class Channel:
    def __init__(self, version, kind, name, faults):
        self.version, self.kind, self.name, self.faults = version, kind, name, faults
        self.asked = {}
        self.events = []  # those that nobody waited for yet
        self.log = []
        self.arrived = asyncio.Condition()
        self.closed = asyncio.Event()

    def make(self, number, method, headers, body):
        own = [("Channel-Identifier", self.name)] if self.version == 2 else []
        message = Mrcp(self.version, "request", number, name=method, headers=[*own, *headers],
                       body=body)
        self.asked[number] = Asked(message)
        return message

    def open(self):
        """Numbers of requests that are not complete."""
        return [number for number, one in self.asked.items()
                if one.state in ("PENDING", "IN-PROGRESS") and not one.stopped]

    def take(self, message):
        self.log.append(message.summary())
        if message.kind == "response":
            self.take_response(message)
        elif message.kind == "event":
            self.take_event(message)
        else:
            self.faults.add("kind", "RFC 6787 §5", f"a server sent {message.start()}")

    def take_response(self, message):
        one = self.asked.get(message.number)
        if one is None or one.answer:
            self.faults.add("response-unexpected", "RFC 6787 §5.3", message.start())
            return
        name = one.message.name
        rules.check_response(one.message, message, self.kind, self.faults)
        one.answer, one.state = message, message.state
        one.queued = message.state == "PENDING"
        if 200 <= message.status < 300:
            if name in ("STOP", "BARGE-IN-OCCURRED"):
                self.take_stopped(one, message)
            if name == "GET-PARAMS":
                self.check_params(one.message, message)
            if name == "GET-RESULT" and message.body:
                self.results(message)
            self.check_paused(name, message)
        one.done.set()

    def check_paused(self, name, message):
        speaking = [number for number in self.open()
                    if self.asked[number].message.name == "SPEAK"]
        if name in ("PAUSE", "RESUME") and not speaking and message.status == 200:
            self.faults.add("pause", "RFC 6787 §8.9, §8.10", f"{name} succeeded in the idle state")

    def take_stopped(self, one, message):
        """RFC 6787 §8.7, §9.10: the list is of those that were ended, and they are silent."""
        listed = message.headers.get("Active-Request-Id-List")
        numbers = [int(number) for number in listed.split(",")] if listed else []
        for number in numbers:
            other = self.asked.get(number)
            if other is None or other.state not in ("PENDING", "IN-PROGRESS"):
                self.faults.add("active-list", "RFC 6787 §8.7, §9.10",
                                f"{number} was ended, which was not under way")
            else:
                other.stopped, other.state = True, "COMPLETE"
        if one.message.name == "STOP" and "Active-Request-Id-List" not in one.message.headers \
                and self.open():
            self.faults.add("active-list", "RFC 6787 §8.7, §9.10",
                            f"{self.open()} were under way, {numbers} ended")

    def check_params(self, request, message):
        for name, value in request.headers.pairs:
            if not value and name not in message.headers:
                self.faults.add("get-params", "RFC 6787 §6.1.2", f"{name} is missing")

    def results(self, message):
        kind = rules.media_type(message.headers)
        scale = 1.0 if kind == nlsml.TYPE else 100.0
        return nlsml.read(message.body, kind, self.faults, scale)

    def take_event(self, message):
        rules.check_event(message, self.kind, self.faults)
        one = self.asked.get(message.number)
        if one is None:
            self.faults.add("event-unknown", "RFC 6787 §5.5",
                            f"{message.start()}: no such request")
            return
        if one.state not in ("PENDING", "IN-PROGRESS"):
            why = "it was stopped" if one.stopped else f"its state is {one.state}"
            self.faults.add("event-unexpected", "RFC 6787 §5.3, §6.2.3",
                            f"{message.start()}: {why}")
            return
        one.state = message.state
        self.check_course(one, message)
        message.found = []
        if message.body:
            message.found = self.results(message)
        elif (message.headers.get("Completion-Cause") or "").endswith(" success"):
            self.faults.add("result-missing", "RFC 6787 §9.14", f"{message.start()} without one")
        self.events.append(message)

    def check_course(self, one, message):
        headers = one.message.headers
        if message.name == "SPEECH-MARKER":
            one.marked = True
        cause = message.headers.get("Completion-Cause", "")
        if message.name == "SPEAK-COMPLETE" and one.queued and not one.marked and \
                self.version == 2 and "cancelled" not in cause:
            self.faults.add("speech-marker", "RFC 6787 §8.13", "none when a queued SPEAK began")
        if message.name == "START-OF-INPUT" and \
                headers.get("Recognition-Mode", "").lower() == "hotword":
            self.faults.add("hotword", "RFC 6787 §9.9", "START-OF-INPUT in hotword mode")
        if message.name == "RECOGNITION-COMPLETE" and self.version == 2 and \
                headers.get("Save-Waveform", "").lower() == "true" and \
                "Waveform-URI" not in message.headers:
            self.faults.add("waveform-uri", "RFC 6787 §9.4.8", "none, but Save-Waveform was true")

    async def notify(self):
        async with self.arrived:
            self.arrived.notify_all()

    async def wait_for(self, name, within):
        """The next event of that name; earlier ones of others are passed over."""
        def find():
            return next((event for event in self.events if event.name == name), None)

        async with self.arrived:
            await asyncio.wait_for(self.arrived.wait_for(
                lambda: find() or self.closed.is_set()), within)
        found = find()
        if found:
            del self.events[:self.events.index(found) + 1]
        return found
