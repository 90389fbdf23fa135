# SPDX-License-Identifier: Apache-2.0
"""The scripted server's speechrecog (RFC 6787 §9, RFC 4463 §8)."""
import asyncio
import collections
import uuid

import mrcp_rules as rules
import nlsml
from resources import Resource, Work
from rtp import Detector


class Recognizer(Resource):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.sync_id = None  # of the last START-OF-INPUT
        self.result = None  # (interpretations, grammar, media type) of the last recognition

    def store(self, request):
        """Keeps what is inline; the session: URIs that nothing was defined for."""
        missing = []
        for kind, name, body in rules.parts(request):
            if kind in rules.GRAMMARS and name:
                self.session.grammars[name] = body
            if kind in ("text/uri-list", "text/grammar-ref-list"):
                missing += [uri for uri in rules.uris(body) if uri.startswith("session:")
                            and uri[8:] not in self.session.grammars]
        if missing:
            self.session.faults.add("grammar-unknown", "RFC 6787 §9.5.1, §13.6",
                                    f"never defined: {missing}")
        return missing

    def do_define_grammar(self, request, step):
        if self.active:
            self.answer(request, step, status=402)
            return
        name = rules.content_id(request.headers)
        if not request.body:
            self.session.grammars.pop(name, None)
        missing = self.store(request)
        cause = "uri-failure" if missing else "success"
        self.answer(request, step, status=407 if missing else 200,
                    headers=[("Completion-Cause", self.cause(step.get("cause", cause)))])

    def do_recognize(self, request, step):
        if self.store(request):
            self.answer(request, step, status=407,
                        headers=[("Completion-Cause", self.cause("uri-failure"))])
            return
        work = Work(request, step)
        active = self.active
        if active and active.request.name == "RECOGNIZE" and \
                active.request.headers.get("Cancel-If-Queue", "false").lower() == "true":
            self.complete(active, "cancelled")
            self.active = None
            active.task.cancel()
        if self.active:
            self.pending.append(work)
            self.answer(request, step, state="PENDING")
        else:
            self.begin(work)

    def begin(self, work, queued=False):
        self.active = work
        self.result = None
        if not queued:
            self.answer(work.request, work.step, state="IN-PROGRESS")
        timers = "Start-Input-Timers" if self.version == 2 else "Recognizer-Start-Timers"
        if work.request.headers.get(timers, "true").lower() == "true":
            work.timers.set()
        work.task = self.session.start(self.recognize(work))

    def do_start_input_timers(self, request, step):
        if self.active:
            self.active.timers.set()
        self.answer(request, step, status=200 if self.active else 402)

    do_recognition_start_timers = do_start_input_timers

    async def recognize(self, work):
        hotword = work.request.headers.get("Recognition-Mode", "normal").lower() == "hotword"
        detector = Detector(work.step.get("silence_ms", 300))
        keys = Keys(work, self)
        listener = self.stream.listener
        listener.on_sound, listener.on_key = detector.take, keys.take
        cause = await self.await_start(work, detector, keys)
        if cause is None:
            if not hotword:
                self.start_of_input(work, "dtmf" if keys.pressed else "speech")
            cause = await self.await_end(work, detector, keys, hotword)
        listener.on_sound = listener.on_key = None
        if work.step.get("fault") == "no-complete":
            return
        self.active = None
        failed = self.complete(work, cause, keys.pressed)
        if failed and self.version == 2:
            self.cancel_pending()
        self.begin_next()

    async def await_start(self, work, detector, keys):
        """None when input began, else the cause that ends it all."""
        step = work.step
        start = step.get("start", "speech")
        timeout = self.number(work.request, "No-Input-Timeout", 5000) / 1000
        if start == "never" or step.get("cause") == "no-input-timeout":
            events = []
        elif isinstance(start, (int, float)):
            events = [asyncio.sleep(start / 1000)]
        else:
            events = [detector.started.wait(), keys.first.wait()]
        if start == "never" and "complete_ms" in step:
            await asyncio.sleep(step["complete_ms"] / 1000)
            return step.get("cause", "success")
        began = await first_of([*events, self.no_input(work, timeout)])
        return "no-input-timeout" if began == len(events) else None

    async def no_input(self, work, timeout):
        await work.timers.wait()
        await asyncio.sleep(timeout)

    async def await_end(self, work, detector, keys, hotword):
        step = work.step
        timeout = self.number(work.request, "Recognition-Timeout", 10000) / 1000
        if "complete_ms" in step:
            ends = [asyncio.sleep(step["complete_ms"] / 1000)]
        elif isinstance(step.get("start"), (int, float)):
            ends = [asyncio.sleep(0)]
        else:
            ends = [detector.ended.wait(), keys.ended.wait()]
        if await first_of([*ends, asyncio.sleep(timeout)]) < len(ends):
            return step.get("cause", "success")
        return "recognition-timeout" if self.version == 1 else \
            "hotword-maxtime" if hotword else "no-match-maxtime"

    def start_of_input(self, work, mode):
        # Letters, for version 1.
        self.sync_id = uuid.uuid4().hex.translate(str.maketrans("0123456789", "ghijklmnop"))
        name, headers = "START-OF-SPEECH", [("Proxy-Sync-Id", self.sync_id)]
        if self.version == 2:
            name, headers = "START-OF-INPUT", [("Input-Type", mode), *headers]
        self.event(work, "start", name, "IN-PROGRESS", headers)
        self.session.input_began(work.step)

    def interpretations(self, work, pressed):
        step = work.step
        given = step.get("result")
        if given is None:
            text = pressed or work.request.headers.get("Interpret-Text") or "one"
            given = {"input": text, "instance": text, "mode": "dtmf" if pressed else "speech",
                     "confidence": 1.0 if pressed else 0.97}
        return given if isinstance(given, list) else [given]

    def select(self, request, found):
        """RFC 6787 §9.4.1 and §9.4.4: above the threshold, and no more than were asked for."""
        scale = 1 if self.version == 2 else 100
        threshold = self.number(request, "Confidence-Threshold", 0) / scale
        count = int(self.number(request, "N-Best-List-Length", 1))
        return [one for one in found if one.get("confidence", 1.0) >= threshold][:count]

    def grammar_of(self, work):
        """The first one that the request names."""
        for kind, name, body in rules.parts(work.request):
            if kind in ("text/uri-list", "text/grammar-ref-list"):
                return (rules.uris(body) or [""])[0]
            if name:
                return f"session:{name}"
        return "session:none"

    def complete(self, work, cause, pressed=""):
        """Whether it failed."""
        cause, body, headers = cause or "success", b"", []
        step = work.step
        kind = step.get("media_type", nlsml.TYPE if self.version == 2 else nlsml.OLD_TYPE)
        if cause.rpartition(" ")[2] in ("success", "success-maxtime", "semantics-failure"):
            found = self.interpretations(work, pressed)
            grammar = step.get("grammar", self.grammar_of(work))
            self.result = (found, grammar, kind)
            chosen = self.select(work.request, found)
            body = step.get("body") or (nlsml.write(chosen, grammar, kind) if chosen else b"")
            cause = cause if body else "no-match"
        headers.append(("Completion-Cause", self.cause(cause)))
        if self.parameter(work.request, "Save-Waveform", "false").lower() == "true":
            headers.append(("Waveform-URI" if self.version == 2 else "Waveform-URL", ""))
        headers += list(step.get("headers", {}).items())
        if body:
            headers.append(("Content-Type", kind))
        name = "INTERPRETATION-COMPLETE" if work.request.name == "INTERPRET" \
            else "RECOGNITION-COMPLETE"
        self.event(work, "complete", name, "COMPLETE", headers, body)
        return not cause.endswith("success")

    def cancel_pending(self):
        """RFC 6787 §9.4.27: what waits behind one that failed."""
        waiting, self.pending = self.pending, collections.deque()
        for work in waiting:
            self.complete(work, "cancelled")

    def do_get_result(self, request, step):
        if not self.result:
            self.answer(request, step, status=402)
            return
        found, grammar, kind = self.result
        chosen = self.select(request, found)
        body = nlsml.write(chosen, grammar, kind).encode() if chosen else b""
        self.answer(request, step, headers=[("Content-Type", kind)] if body else [], body=body)

    def do_interpret(self, request, step):
        if self.active or self.store(request):
            self.answer(request, step, status=402 if self.active else 407)
            return
        work = Work(request, step)
        self.active = work
        self.answer(request, step, state="IN-PROGRESS")
        work.task = self.session.start(self.interpret(work))

    async def interpret(self, work):
        await asyncio.sleep(work.step.get("complete_ms", 0) / 1000)
        if work.step.get("fault") != "no-complete":
            self.active = None
            self.complete(work, work.step.get("cause"))


class Keys:
    """DTMF of one recognition: over at the term character, at `digits` of the script, or when the
    next key does not come."""

    def __init__(self, work, resource):
        self.pressed = ""
        self.first, self.ended = asyncio.Event(), asyncio.Event()
        self.count = work.step.get("digits")
        self.term = resource.parameter(work.request, "DTMF-Term-Char", "")
        self.pause = resource.number(work.request, "DTMF-Interdigit-Timeout", 5000) / 1000
        self.timer = None

    def take(self, key):
        self.first.set()
        if self.timer:
            self.timer.cancel()
        if key == self.term:
            self.ended.set()
            return
        self.pressed += key
        if len(self.pressed) == self.count:
            self.ended.set()
        self.timer = asyncio.get_running_loop().call_later(self.pause, self.ended.set)


async def first_of(coroutines):
    """The index of the one that ends first; the others are cancelled."""
    tasks = [asyncio.ensure_future(one) for one in coroutines]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        return next(index for index, task in enumerate(tasks) if task.done())
    finally:
        for task in tasks:
            task.cancel()
