# SPDX-License-Identifier: Apache-2.0
"""What all of a speech server's resources do with requests, as the script says, and what they do
wrong on purpose. The same for both versions; a line (lines.py) carries the messages."""
import asyncio
import collections
import re

import mrcp_rules as rules
from mrcp_wire import Headers, Mrcp

GENERIC = {"status": 200}
# When a fault happens unless the script says so.
MOMENT = {"close": "complete", "exit": "complete", "garbage": "complete", "half": "complete",
          "wrong-length": "complete", "split": "complete", "twice": "complete",
          "other-id": "complete", "other-channel": "complete"}
ALL_FAULTS = [*MOMENT, "no-answer", "no-complete", "together", "after-stop"]


def cause_of(version, kind, name):
    return f"{rules.CAUSES[version, kind].index(name):03} {name}"


class Work:
    """A request that lasts: SPEAK, RECOGNIZE or INTERPRET."""

    def __init__(self, request, step):
        self.request, self.step = request, step
        self.task = self.playback = None
        self.marker = None
        self.timers = asyncio.Event()  # the no-input timer may run


class Resource:
    def __init__(self, session, kind, channel, stream):
        self.session, self.kind, self.channel, self.stream = session, kind, channel, stream
        self.version = session.version
        self.line = None
        self.active = None
        self.pending = collections.deque()
        self.held = []
        self.params = Headers()

    def take(self, request):
        rules.check_request(request, self.kind, self.session.faults)
        step = self.session.script.step(self.version, request)
        self.session.start(self.handle(request, step))

    async def handle(self, request, step):
        if step.get("fault") == "no-answer":
            return
        if "delay_ms" in step:
            await asyncio.sleep(step["delay_ms"] / 1000)
        status, headers = step.get("status", 200), []
        wanted = self.session.script.formats.get(self.kind)
        if request.name in ("SPEAK", "RECOGNIZE") and wanted and \
                self.stream.codec.name not in wanted:
            status, step = 407, {"cause": step.get("cause", self.error()), **step}
        if status >= 300:
            if "cause" in step:
                headers.append(("Completion-Cause", self.cause(step["cause"])))
            self.answer(request, step, status=status, headers=headers)
            return
        name = "do_" + request.name.lower().replace("-", "_")
        handler = getattr(self, name, None)
        if handler is None:
            self.answer(request, step, status=401)
        else:
            handler(request, step)

    def cause(self, name):
        """As the version numbers it; whole in the script, it goes out as it is."""
        return name if re.match(r"\d", name) else cause_of(self.version, self.kind, name)

    def answer(self, request, step, status=200, state="COMPLETE", headers=(), body=b""):
        extra = list(step.get("answer_headers", {}).items())
        self.emit(step, "answer", Mrcp(self.version, "response", request.number, status=status,
                                       state=state, headers=[*headers, *extra], body=body))

    def event(self, work, moment, name, state, headers=(), body=b""):
        self.emit(work.step, moment, Mrcp(self.version, "event", work.request.number, name=name,
                                          state=state, headers=headers, body=body))

    def emit(self, step, moment, message):
        """Sends the message, unless the script wants it otherwise."""
        fault = step.get("fault")
        now = fault in MOMENT and step.get("at", MOMENT[fault]) == moment
        if fault == "together" and moment == "start":
            self.held.append(message)
            return
        if now and fault in ("close", "exit", "garbage"):
            self.line.destroy(fault)
            return
        if now and fault == "other-id":
            message.number += 1000
        channel = "0123456789abcdef" if now and fault == "other-channel" else None
        messages, self.held = [*self.held, message], []
        self.line.send(self, messages, channel=channel,
                               skew=step.get("skew", 7) if now and fault == "wrong-length" else 0,
                               pieces=step.get("pieces", 5) if now and fault == "split" else 1,
                               half=now and fault == "half")
        if now and fault == "twice":
            self.line.send(self, messages)
        if fault in ("close", "exit") and step.get("at") == "progress" and moment == "answer":
            self.session.start(self.destroy_later(step, fault))

    async def destroy_later(self, step, fault):
        await asyncio.sleep(step.get("after_ms", 100) / 1000)
        self.line.destroy(fault)

    def parameter(self, request, name, default):
        return request.headers.get(name, self.params.get(name, default))

    def number(self, request, name, default):
        """What is no number counts as not sent; the fault is known already."""
        value = str(self.parameter(request, name, default))
        return float(value) if re.fullmatch(r"\d+\.?\d*|\.\d+", value) else default

    def do_set_params(self, request, step):
        for name, value in request.headers.pairs:
            if name.lower() not in ("channel-identifier", "content-length"):
                self.params.set(name, value)
        self.answer(request, step)

    def do_get_params(self, request, step):
        asked = [name for name, _ in request.headers.pairs
                 if name.lower() not in ("channel-identifier", "content-length")]
        names = asked or [name for name, _ in self.params.pairs]
        self.answer(request, step,
                    headers=[(name, self.params.get(name, "")) for name in names])

    def error(self):
        return "error" if self.kind in rules.SAID or self.version == 1 else "recognizer-error"

    def affected(self, request):
        """What a request applies to: all, or those it lists."""
        works = [work for work in [self.active, *self.pending] if work]
        listed = request.headers.get("Active-Request-Id-List")
        numbers = [int(number) for number in listed.split(",")] if listed else None
        return [work for work in works if numbers is None or work.request.number in numbers]

    def drop(self, works):
        """Ends them without an event; the next of the queue begins."""
        for work in works:
            if work.task:
                work.task.cancel()
            if work.playback:
                work.playback.stop()
            if work in self.pending:
                self.pending.remove(work)
        if self.active in works:
            self.active = None
            self.begin_next()

    def begin_next(self):
        if self.pending and self.active is None:
            self.begin(self.pending.popleft(), queued=True)

    def listed(self, works):
        numbers = ",".join(str(work.request.number) for work in works)
        return [("Active-Request-Id-List", numbers)] if works else []

    def do_stop(self, request, step):
        works = self.affected(request)
        self.answer(request, step, headers=self.listed(works) + self.stamp(self.active))
        late = [work for work in works if work.step.get("fault") == "after-stop"]
        self.drop(works)
        for work in late:
            self.session.start(self.complete_late(work))

    async def complete_late(self, work):
        await asyncio.sleep(0.05)
        self.complete(work, work.step.get("cause"))

    def stamp(self, work):
        return []

    def end(self):
        """The channel is gone."""
        self.drop([work for work in [*self.pending, self.active] if work])
