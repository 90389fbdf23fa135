# SPDX-License-Identifier: Apache-2.0
"""What a speech server's resources do with requests, as the script says, and what they do wrong on
purpose. The same for both versions; a line (lines.py) carries the messages."""
import asyncio
import collections
import re
import time
import uuid

import mrcp_rules as rules
import nlsml
from mrcp_wire import Faults, Headers, Mrcp
from rtp import Detector, audio

NTP = 2208988800
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


class Synthesizer(Resource):
    def stamp(self, work):
        """RFC 6787 §8.4.8: an NTP time of 64 bits, and the last mark."""
        if self.version == 1:
            return []
        now = int((time.time() + NTP) * (1 << 32))
        mark = f";{work.marker}" if work and work.marker else ""
        return [("Speech-Marker", f"timestamp={now}{mark}")]

    def do_speak(self, request, step):
        work = Work(request, step)
        if self.active:
            self.pending.append(work)
            self.answer(request, step, state="PENDING")
        else:
            self.begin(work)

    def begin(self, work, queued=False):
        self.active = work
        if queued and self.version == 2:
            self.event(work, "start", "SPEECH-MARKER", "IN-PROGRESS", self.stamp(None))
        elif not queued:
            self.answer(work.request, work.step, state="IN-PROGRESS", headers=self.stamp(None))
        work.task = self.session.start(self.speak(work))

    def marks(self, work, milliseconds):
        """Of the script, or of the SSML, at even distances."""
        given = work.step.get("markers")
        if given is None:
            names = re.findall(r'<mark\s+name="([^"]+)"', work.request.body.decode())
            given = [{"name": name, "ms": milliseconds * (i + 1) // (len(names) + 1)}
                     for i, name in enumerate(names)]
        return [(mark["ms"], lambda name=mark["name"]: self.reach(work, name)) for mark in given]

    def reach(self, work, name):
        work.marker = name
        headers = self.stamp(work) if self.version == 2 else [("Speech-Marker", name)]
        self.event(work, "start", "SPEECH-MARKER", "IN-PROGRESS", headers)

    async def speak(self, work):
        broken = Faults()
        for kind, _, body in rules.parts(work.request):
            if kind in rules.SPEECH:
                rules.check_xml(body, "speak", broken)
        if not broken.items:
            codec = self.stream.codec
            pcm = audio(work.step.get("audio", {"tone": 440, "ms": 500}), codec.rate)
            marks = self.marks(work, len(pcm) * 500 // codec.rate)
            work.playback = self.stream.play(pcm, marks)
            await work.playback.done.wait()
        if work.step.get("fault") == "no-complete":
            return
        self.active = None
        self.complete(work, "parse-failure" if broken.items else work.step.get("cause"))
        self.begin_next()

    def complete(self, work, cause):
        cause = cause or "normal"
        self.event(work, "complete", "SPEAK-COMPLETE", "COMPLETE",
                   [("Completion-Cause", self.cause(cause)), *self.stamp(work)])
        if cause not in ("normal", "barge-in") and self.version == 2:
            for other in list(self.pending):
                self.pending.remove(other)
                self.event(other, "complete", "SPEAK-COMPLETE", "COMPLETE",
                           [("Completion-Cause", self.cause("cancelled")), *self.stamp(other)])

    def set_paused(self, request, step, paused):
        work = self.active
        if not work:
            self.answer(request, step, status=402)
            return
        if work.playback:
            work.playback.paused = paused
        self.answer(request, step, headers=self.listed([work]))

    def do_pause(self, request, step):
        self.set_paused(request, step, True)

    def do_resume(self, request, step):
        self.set_paused(request, step, False)

    def do_barge_in_occurred(self, request, step):
        work = self.active
        self.session.barged(request)
        killed = work and self.is_killable(work)
        works = [work, *self.pending] if killed else []
        self.answer(request, step, headers=self.listed(works) + self.stamp(work))
        for one in works[1:]:
            self.pending.remove(one)
        self.drop(works)

    def is_killable(self, work):
        return self.parameter(work.request, "Kill-On-Barge-In", "true").lower() == "true"

    def do_control(self, request, step):
        work, headers = self.active, []
        jump = re.match(r"([+-])(\d+) Second", request.headers.get("Jump-Size", ""))
        if work and work.playback and jump:
            rate = self.stream.codec.rate
            to = work.playback.at + 2 * rate * int(jump.group(1) + jump.group(2))
            if to <= 0:
                headers.append(("Speak-Restart", "true"))
            work.playback.at = max(0, to)
        self.answer(request, step, status=200 if work else 402,
                    headers=self.listed([work] if work else []) + headers + self.stamp(work))

    def do_define_lexicon(self, request, step):
        self.answer(request, step, status=402 if self.active else 200)


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
        events = [] if start == "never" else [asyncio.sleep(start / 1000)] \
            if isinstance(start, (int, float)) else [detector.started.wait(), keys.first.wait()]
        if step.get("cause") == "no-input-timeout":
            events = []
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
