# SPDX-License-Identifier: Apache-2.0
"""The scripted server's speechsynth (RFC 6787 §8, RFC 4463 §7)."""
import re
import time

import mrcp_rules as rules
from mrcp_wire import Faults
from resources import Resource, Work
from rtp import audio

NTP = 2208988800  # seconds from its epoch to that of Unix


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
