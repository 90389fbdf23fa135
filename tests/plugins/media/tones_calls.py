# SPDX-License-Identifier: Apache-2.0
"""Calls for tones.py: what the far end of an outgoing call sends, with line noise and level."""
import numpy

from tones_signals import RATE, count, noise, peak, save, silence, tone
from tones_speech import levelled, say

# (frequencies, on/off seconds); written down here again, apart from the table under test.
CADENCES = {
    "US": {"ringing": ((440, 480), (2.0, 4.0)), "busy": ((480, 620), (0.5, 0.5)),
           "fast-busy": ((480, 620), (0.25, 0.25))},
    "GB": {"ringing": ((400, 450), (0.4, 0.2, 0.4, 2.0)), "busy": ((400,), (0.375, 0.375)),
           "fast-busy": ((400,), (0.4, 0.35, 0.225, 0.525))},
    "DE": {"ringing": ((425,), (1.0, 4.0)), "busy": ((425,), (0.48, 0.48)),
           "fast-busy": ((425,), (0.24, 0.24))},
    "FR": {"ringing": ((440,), (1.5, 3.5)), "busy": ((440,), (0.5, 0.5)),
           "fast-busy": ((440,), (0.25, 0.25))},
}
SHORT, LONG = 0.274, 0.380
INFORMATION = {
    "intercept": ((913.8, SHORT), (1370.6, SHORT), (1776.7, LONG)),
    "vacant": ((985.2, LONG), (1370.6, SHORT), (1776.7, LONG)),
    "reorder": ((913.8, SHORT), (1428.5, LONG), (1776.7, LONG)),
    "no-circuit": ((985.2, LONG), (1428.5, LONG), (1776.7, LONG)),
    "plain": ((950, 0.33), (1400, 0.33), (1800, 0.33)),
}
PERSON_VOICES = ("slt", "rms", "en-us+m3", "en-gb+f2")
MACHINE_VOICES = ("awb", "kal", "en-gb+m7", "en-us+f4")
PERSONS = (
    "Hello?", "Hello.", "Yes?", "Good morning.", "Yes, hello, Smith speaking.",
    "Hello, this is Mary.", "Smith.", "Hello, who is there?", "Good afternoon, Miller here.",
    "Hi, John speaking.", "Jones residence, hello?", "Yes, good evening.", "Anna Baker.",
    "Hello, Peter Brown.", "Speaking.", "Hi there.")
MACHINES = (
    "Hi, you have reached the Smiths. We cannot come to the phone right now. Please leave a "
    "message after the tone.",
    "Hello, this is Mary Jones. I am not at home. Leave your name and number and I will call back.",
    "You have reached the voice mailbox of five five five, one two three four. Please record your "
    "message after the beep.",
    "The person you are calling is not available. At the tone, please record your message. When "
    "you have finished recording, you may hang up.",
    "Thank you for calling Miller and Sons. Our office is closed. Our opening hours are Monday to "
    "Friday, nine to five.",
    "Hi, it's Tom, I am busy at the moment, so please leave me a message.",
    "Hello. We are not able to take your call. Please speak after the tone.",
    "Welcome to the mailbox of Peter Brown. Please leave a message.")

# Beyond the limits of the heuristic: offices that answer at length, machines that are brief.
HARD_PERSON_VOICES = ("kal16", "awb", "en-gb-scotland+m1", "de+f3")
HARD_MACHINE_VOICES = ("rms", "slt", "en-us+m3", "fr-fr+m4")
HARD_PERSONS = (
    "Hello, Robert Taylor here, how can I help?", "Hey.", "Doctor Williams's office, good morning.",
    "Yeah, hello?", "Hello, hello?", "This is Sandra.",
    "Good evening, you are speaking with Frank.", "Who is this?",
    "Hello, Davidson Limited, Karen speaking.", "Hi, this is Lisa, what can I do for you?",
    "Pronto.", "Hallo, Meier am Apparat.", "Customer service.", "Yes, hi.",
    "Front desk, may I help you?", "Mom?")
HARD_MACHINES = (
    "Hello. You have reached Robert Taylor. Please leave a message.",
    "Hey! This is Dave. I can't talk now. You know what to do.",
    "The number you have dialled is currently switched off. Please try again later.",
    "Your call has been forwarded to an automated voice messaging system. Five five five, zero "
    "one nine nine, is not available.",
    "Hi. Sorry I missed you. Leave a message.",
    "Guten Tag, Sie sind verbunden mit dem Anschluss von Familie Meier. Bitte hinterlassen Sie "
    "eine Nachricht.",
    "Good day. All our lines are busy. Please hold the line, or leave a message after the tone.",
    "No one is here. Please talk after the beep.")


def cadence(frequencies, times, seconds, rng, level):
    """The tone in its rhythm for that long, from anywhere in a cycle in half of the calls."""
    frequencies = [f * (1 + rng.uniform(-0.005, 0.005)) for f in frequencies]
    levels = [level - rng.uniform(0, 3) for _ in frequencies]
    stretch = 1 + rng.uniform(-0.05, 0.05)
    cycle = []
    while sum(map(len, cycle)) < count(seconds):
        for index, length in enumerate(times):
            cycle.append(tone(frequencies, levels, length * stretch, rng) if index % 2 == 0
                         else silence(length * stretch))
    samples = numpy.concatenate(cycle)
    if rng.random() < 0.5 and len(times) == 2 and times[0] < 1:
        samples = samples[count(rng.uniform(0, times[0] * 0.9)):]
    return samples


def information(kind, rng, level):
    parts = [tone((frequency * (1 + rng.uniform(-0.003, 0.003)),), level, length, rng)
             for frequency, length in INFORMATION[kind]]
    return numpy.concatenate(parts + [silence(2)])


def answer_tone(kind, rng, level):
    """CED, V.25 and V.8 answer tones of 3 s, or Bell 103's."""
    frequency = 2225 if kind == "bell" else 2100 + rng.uniform(-8, 8)
    time = numpy.arange(count(3)) / RATE
    samples = peak(level) * numpy.sin(2 * numpy.pi * frequency * time)
    if kind in ("ans", "ansam"):
        samples *= numpy.where((time / 0.45).astype(int) % 2 == 0, 1, -1)
    if kind == "ansam":
        samples *= 1 + 0.2 * numpy.sin(2 * numpy.pi * 15 * time)
    return numpy.concatenate([samples, silence(0.5)])


def calling_fax(rng, level):
    burst = tone((1100 + rng.uniform(-30, 30),), level, 0.5 + rng.uniform(-0.05, 0.05), rng)
    return numpy.concatenate([burst, silence(3), burst, silence(1)])


class Call:
    """A file; what it is, when its signal begins, when the beep is over, when it is answered."""

    def __init__(self, truth, detail, country, signal, lead):
        self.truth = truth
        self.detail = detail
        self.country = country
        self.signal = signal
        self.lead = lead
        self.begin = None
        self.beep = None
        self.answered = None
        self.path = None

    def write(self, folder, index, rng):
        head = silence(self.lead)
        if self.answered is not None:
            # An answer after ringing; all of them at one time, so that one run takes them.
            ring = cadence(*CADENCES[self.country]["ringing"], self.answered, rng, -18)
            head = numpy.concatenate([ring[:count(self.answered)], head])
        signal = numpy.concatenate([head, self.signal, silence(0.5)])
        self.begin = len(head) / RATE
        if self.beep is not None:
            self.beep += self.begin
        self.path = folder / ("%03d-%s-%s.wav" % (index, self.truth, self.detail))
        save(self.path, signal + noise(len(signal), rng.uniform(-62, -46), rng))
        self.signal = None


def tone_calls(rng, each):
    """The tones of the networks, of faxes and modems."""
    calls = []

    def add(truth, detail, country, signal):
        calls.append(Call(truth, detail, country, signal, rng.uniform(0.1, 1)))

    for _ in range(each):
        for country, signals in CADENCES.items():
            for name, (frequencies, times) in signals.items():
                add(name, country, country,
                    cadence(frequencies, times, 9, rng, rng.uniform(-27, -8)))
        for kind in INFORMATION:
            add("sit", kind, "DE" if kind == "plain" else "US",
                information(kind, rng, rng.uniform(-25, -8)))
        for kind in ("ced", "ans", "ansam", "bell"):
            add("fax" if kind == "ced" else "modem", kind, "GB",
                answer_tone(kind, rng, rng.uniform(-25, -8)))
        add("fax", "cng", "DE", calling_fax(rng, rng.uniform(-25, -8)))
    return calls


def trimmed(samples):
    """Without the silence at both ends, so that the begin of speech is known."""
    loud = numpy.nonzero(numpy.abs(samples) > 0.02 * numpy.max(numpy.abs(samples)))[0]
    return samples[loud[0]:loud[-1] + 1]


def spoken(truth, text, voice, folder, rng, country):
    samples = trimmed(say(text, voice, folder / "greeting.wav", rng))
    samples = levelled(samples, rng.uniform(-26, -12))
    beep = None
    if truth == "machine":
        gap = silence(rng.uniform(0.3, 1.2))
        sound = tone((rng.choice((440, 620, 800, 1000, 1400)),), rng.uniform(-18, -8),
                     rng.uniform(0.2, 0.8), rng)
        samples = numpy.concatenate([samples, gap, sound])
        beep = len(samples) / RATE
    samples = numpy.concatenate([samples, silence(4)])
    call = Call(truth, voice, country, samples, rng.uniform(0.2, 1.5))
    call.beep = beep
    if rng.random() < 0.5:
        call.answered = 7.0
    return call


def by_two_voices(truth, texts, voices, folder, rng):
    calls = []
    for index, text in enumerate(texts):
        for turn in range(2):
            voice = voices[(index // len(voices) + index + 2 * turn) % len(voices)]
            country = ("US", "GB", "DE")[(index + turn) % 3]
            calls.append(spoken(truth, text, voice, folder, rng, country))
    return calls


def answered_calls(folder, rng):
    """People and machines: each text by two voices; and nobody."""
    calls = (by_two_voices("person", PERSONS, PERSON_VOICES, folder, rng)
             + by_two_voices("machine", MACHINES + MACHINES, MACHINE_VOICES, folder, rng))
    for index in range(6):
        call = Call("silence", "none", ("US", "GB", "DE")[index % 3], silence(6), 0)
        call.answered = 7.0
        calls.append(call)
    return calls


def hard_calls(folder, rng):
    return (by_two_voices("person", HARD_PERSONS, HARD_PERSON_VOICES, folder, rng)
            + by_two_voices("machine", HARD_MACHINES * 2, HARD_MACHINE_VOICES, folder, rng))
