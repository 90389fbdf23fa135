# SPDX-License-Identifier: Apache-2.0
"""Callers who speak: words in the voices of flite, through a telephone, RTP that gives back an echo
of what it hears, and calls to a page that asks again and again."""
import audioop
import collections
import subprocess
import time
import urllib.parse

import caller as calling
import platform_under_test as platforms
from web import vxml

VOICES = ("slt", "rms", "kal")  # American, as the model of the recognizer is
SCOTTISH = "awb"
STRETCHES = (0.9, 1.0, 1.1, 1.2, 0.95)  # of the duration
PITCHES = {"slt": (190, 175, 205, 160, 220), "rms": (95,), "kal": (105, 95, 118, 88, 125),
           "awb": (125, 110, 140, 100, 155)}  # Hz
GAINS = (-3, -9, -6)  # dB
BAND = "300-3400"  # Hz
# A packet that leaves later than this is not what a telephone sends: a platform that follows the
# clock has filled its place with silence.
LATE = 0.06  # seconds

# A page that asks again and again (form "ask") and submits what came of it (form "tell").
PAGE = """<property name="timeout" value="{timeout}"/>
<property name="completetimeout" value="300ms"/>
<property name="incompletetimeout" value="700ms"/>
<var name="verdict"/><var name="value"/><var name="words"/><var name="confidence"/>
<catch event="noinput nomatch"><assign name="verdict" expr="_event"/><goto next="#tell"/></catch>
{ask}<form id="tell"><block>
<if cond="verdict != 'noinput' &amp;&amp; verdict.indexOf('error') != 0">
<assign name="words" expr="application.lastresult$.utterance"/>
<assign name="confidence" expr="application.lastresult$.confidence"/></if>
<submit next="/heard/{name}" method="post" namelist="verdict value words confidence"/>
</block></form>"""
FIELD = """<form id="ask"><field name="said" type="{kind}"><prompt>{prompt}</prompt><filled>
<assign name="verdict" expr="'match'"/><assign name="value" expr="said"/><goto next="#tell"/>
</filled></field></form>"""
CHOICES = """<menu id="ask"><prompt>{prompt}</prompt>{choices}</menu>
<form id="chosen"><block><assign name="verdict" expr="'match'"/>
<assign name="value" expr="application.lastresult$.utterance"/><goto next="#tell"/></block></form>
"""


def spoken(voice, words, variant=0):
    """μ-law of `words`; each variant is said in another way."""
    pitches = PITCHES[voice]
    stretch = STRETCHES[variant % len(STRETCHES)]
    pitch = pitches[variant // len(STRETCHES) % len(pitches)]
    gain = GAINS[variant % len(GAINS)]
    said = subprocess.run(["flite", "-voice", voice, "--setf", f"duration_stretch={stretch}",
                           "--setf", f"int_f0_target_mean={pitch}", "-t", words, "-o",
                           "/dev/stdout"], stdout=subprocess.PIPE, check=True).stdout
    return subprocess.run(["sox", "-t", "wav", "-", "-t", "raw", "-r", "8000", "-c", "1", "-e",
                           "mu-law", "-", "gain", "-n", str(gain), "sinc", BAND],
                          input=said, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          check=True).stdout


class Rtp(calling.Rtp):
    """With an echo, what comes in goes out again: `delay` seconds later, `size` times as large."""

    def __init__(self, host, family):
        self.delay = self.size = 0.0
        self.line = collections.deque()  # (when it came, samples)
        self.taken = 0  # payloads that are in the line or were
        self.echoed = 0  # frames
        super().__init__(host, family)

    def set_echo(self, delay, size):
        self.delay, self.size = delay, size

    def echo(self, now):
        """What comes back now: samples of 20 ms, or nothing."""
        while self.taken < len(self.arrived):
            samples = audioop.ulaw2lin(self.payloads[self.taken][1], 2)
            self.line.append((self.arrived[self.taken], samples))
            self.taken += 1
        if self.size == 0 or not self.line or self.line[0][0] + self.delay > now:
            return None
        return audioop.mul(self.line.popleft()[1], 2, self.size)

    def packet(self, payload_type, payload, marker=False, timestamp=None):
        echo = self.echo(time.monotonic()) if payload_type == 0 else None
        if echo is not None and len(echo) == 2 * len(payload):
            self.echoed += 1
            payload = audioop.lin2ulaw(audioop.add(audioop.ulaw2lin(payload, 2), echo, 2), 2)
        super().packet(payload_type, payload, marker, timestamp)

    def is_quiet(self, since, seconds):
        """Something has come behind the first `since` packets, and for so long nothing more."""
        return len(self.arrived) > since and time.monotonic() - self.arrived[-1] > seconds


class Speaker(calling.Caller):
    """A caller with that RTP."""

    media = Rtp

    def listen_to_prompt(self, since, seconds=30, quiet=0.2):
        """Until a prompt behind the first `since` packets is over, or the call."""
        platforms.wait_until(lambda: self.ended.is_set() or self.rtp.is_quiet(since, quiet),
                             seconds, "a prompt and its end")
        assert not self.ended.is_set(), "the platform hung up"

    def speak(self, mulaw):
        """Says it; how late its packets left at most."""
        self.rtp.lateness = 0.0
        self.rtp.say(mulaw)
        platforms.wait_until(self.rtp.idle, 30, "speech to be sent")
        return self.rtp.lateness


def menu(prompt, words):
    choices = "".join(f'<choice next="#chosen">{word}</choice>' for word in words)
    return CHOICES.format(prompt=prompt, choices=choices)


class Conversation:
    """A call to a page that asks `ask` again and again."""

    def __init__(self, platform, web, name, ask, timeout="8s"):
        self.platform, self.web, self.name = platform, web, name
        page = vxml(PAGE.format(timeout=timeout, ask=ask, name=name))
        self.url = web.add(f"/{name}.vxml", page)
        web.add(f"/heard/{name}", page)
        self.told = 0
        self.call = Speaker()

    def __enter__(self):
        self.call.place(f"sip:dialog@127.0.0.1;voicexml={self.url}", self.platform.sip)
        return self

    def __exit__(self, *what):
        self.call.hang_up()
        self.call.close()

    def submitted(self):
        """All verdicts so far."""
        return [dict(urllib.parse.parse_qsl(body.decode()))
                for path, _, body in list(self.web.posted) if path == f"/heard/{self.name}"]

    def verdict(self):
        """What is submitted next."""
        def find():
            assert not self.call.ended.is_set(), "the platform hung up"
            return self.submitted()[self.told:]
        form = platforms.wait_until(find, 60, f"a verdict of {self.name}")[0]
        self.told += 1
        return form
