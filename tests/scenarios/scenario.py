# SPDX-License-Identifier: Apache-2.0
"""One scenario: a caller, a real mcpd, expectations, in a text file a person can read.

A scenario is a list of lines; blank lines and those that begin with # say nothing:

    call URI [tcp] [ipv6]   the caller dials; SIP and WEB stand for the ports, HOST for the address
    fails CODE [TEXT]       … and is refused with that status, TEXT in the answer's headers
    hear TEXT               the platform begins to say TEXT (its prompt events), within 15 s
    listen                  the caller does nothing until that is said to its end
    press KEYS              keys as RFC 4733 events; they cut what is being said short
    say SECONDS             the caller speaks
    wait SECONDS            the caller does nothing for so long
    hang up                 the caller hangs up
    ended                   the platform hangs up, within 20 s
    heard SECONDS           so much of what came in was sound
    sounds like TEXT        what came in contains TEXT as the on-board voice says it
    record KEY VALUE        the call's record has it; KEY is a path such as media.codec
    log TEXT                the platform's log has it

Inverted, each expectation is met as ever, so that the call goes on, and its contrary is then asked
for, which must fail: a contrary that holds tells of a step that cannot fail.
"""
import audioop
import pathlib
import subprocess
import time
import wave

import caller as calling
import platform_under_test as platforms

INVERTED_PATIENCE = 0.3  # seconds to wait for what must not come
SOUND = 200  # root mean square of 16 bit samples above which 20 ms count as sound


def speak(text, folder):
    """TEXT as the platform's own voice says it, as 8 kHz samples."""
    target = pathlib.Path(folder) / "reference.wav"
    subprocess.run(["flite", "-voice", "kal", "-t", text, "-o", str(target)], check=True,
                   stdout=subprocess.DEVNULL)
    with wave.open(str(target)) as file:
        samples = file.readframes(file.getnframes())
        rate = file.getframerate()
    if rate != 8000:
        samples, _ = audioop.ratecv(samples, 2, 1, rate, 8000, None)
    return samples


# The step that must fail where the step of this name was met, with the same words.
CONTRARIES = {
    "fails": lambda rest: ("fails", f"{int(rest.split()[0]) + 1} {' '.join(rest.split()[1:])}"),
    "hear": lambda rest: ("hear", rest + " and something that nobody says"),
    "ended": lambda rest: ("goes_on", rest),
    "heard": lambda rest: ("heard", str(float(rest) + 3600)),
    "sounds_like": lambda rest: ("sounds_like", "Nobody says any of these words to a caller."),
    "record": lambda rest: ("record", rest.split()[0] + " inverted"),
    "log": lambda rest: ("log", rest + " and something that nobody logs"),
}


class CannotFail(Exception):
    """An inverted step held: the scenario passes whatever the platform does."""


class Scenario:
    def __init__(self, path, platform, invert=False):
        self.platform = platform
        self.invert = invert
        self.contradicted = []  # inverted: why each contrary fails
        self.patience = None  # seconds that any wait may take at most
        self.lines = [(number, line.strip()) for number, line in
                      enumerate(path.read_text().splitlines(), 1)
                      if line.strip() and not line.strip().startswith("#")]
        self.caller = None
        self.refusal = None
        self.start = len(platform.events.seen)
        self.mark = 0  # how much of what was said is behind us
        self.log_start = len(platform.read_log())

    def run(self):
        try:
            for number, line in self.lines:
                try:
                    self.step(line)
                except (AssertionError, calling.CallFailed) as error:
                    raise AssertionError(f"line {number}, {line!r}: {error}") from error
            if self.refusal:
                raise AssertionError(f"the call was refused: {self.refusal}")
        finally:
            if self.caller:
                self.caller.hang_up()
                self.caller.close()

    def step(self, line):
        verb, _, rest = line.partition(" ")
        name = {"hang": "hang_up", "sounds": "sounds_like"}.get(verb, verb)
        rest = rest.removeprefix("up").removeprefix("like").strip()
        handler = getattr(self, "do_" + name, None)
        if handler is None:
            raise AssertionError("no such step")
        if self.refusal and name not in ("fails", "log"):
            raise AssertionError(f"the call was refused: {self.refusal}")
        before = self.refusal, self.mark
        handler(rest)
        if self.invert and name in CONTRARIES:
            after = self.refusal, self.mark
            self.refusal, self.mark = before
            self.contradict(line, name, rest)
            self.refusal, self.mark = after

    def contradict(self, line, name, rest):
        """Asks for the contrary of an expectation that was just met."""
        self.patience = INVERTED_PATIENCE
        contrary = CONTRARIES[name](rest)
        try:
            getattr(self, "do_" + contrary[0])(contrary[1])
        except AssertionError as error:
            self.contradicted.append(f"{line!r}: {error}")
        else:
            raise CannotFail(f"the contrary of {line!r} holds as well")
        finally:
            self.patience = None

    def wait(self, condition, seconds, what):
        return platforms.wait_until(condition, self.patience or seconds, what)

    def do_call(self, rest):
        uri, *options = rest.split()
        host = "::1" if "ipv6" in options else "127.0.0.1"
        for name, value in (("HOST", f"[{host}]" if ":" in host else host),
                            ("SIP", self.platform.sip), ("WEB", self.platform.web_port)):
            uri = uri.replace(name, str(value))
        self.caller = calling.Caller("tcp" if "tcp" in options else "udp", host)
        try:
            self.caller.place(uri, self.platform.sip)
        except calling.CallFailed as error:
            self.refusal = error

    def do_fails(self, rest):
        code, _, text = rest.partition(" ")
        refusal, self.refusal = self.refusal, None
        assert refusal, "the call was answered"
        assert refusal.code == int(code), f"it was refused with {refusal}"
        headers = str(refusal.headers)
        assert text in headers, f"{text!r} is not in {headers}"

    def said(self):
        """All that the platform has begun to say in this scenario."""
        texts = [str(event.get("text", "")) for event in self.platform.events.since(self.start)
                 if event.get("type") == "prompt" and event.get("what") == "started"]
        return " ".join(" ".join(texts).split()).lower()

    def do_hear(self, text):
        text = text.lower()
        self.wait(lambda: text in self.said()[self.mark:], 15, f"prompt {text!r}")
        self.mark = self.said().index(text, self.mark) + len(text)

    def completed(self):
        """Whether what was begun last has been said to its end; that it was cut is a fault."""
        prompts = [event for event in self.platform.events.since(self.start)
                   if event.get("type") == "prompt" and event.get("what") in ("started", "ended")]
        last = prompts[-1] if prompts else {}
        if last.get("what") != "ended":
            return False
        assert last.get("how") == "completed", f"what is said was {last.get('how')}"
        return True

    def do_listen(self, _):
        platforms.wait_until(self.completed, 30, "the end of what is said")

    def do_press(self, keys):
        for key in keys:
            self.caller.rtp.press(key)
        platforms.wait_until(self.caller.rtp.idle, 10, "keys to be sent")

    def do_say(self, seconds):
        words = speak("This is the message of a caller who has a lot to say. " *
                      (1 + int(float(seconds) / 3)), self.platform.folder)
        self.caller.rtp.say(audioop.lin2ulaw(words, 2)[:int(float(seconds) * 8000)])
        platforms.wait_until(self.caller.rtp.idle, float(seconds) + 5, "speech to be sent")

    def do_hang_up(self, _):
        self.caller.hang_up()

    def do_ended(self, _):
        assert self.caller.ended.wait(20), "the platform did not hang up within 20 s"

    def do_goes_on(self, _):
        assert not self.caller.ended.is_set(), "the platform hung up"

    def do_wait(self, seconds):
        time.sleep(float(seconds))

    def do_heard(self, seconds):
        sound = sum(e > SOUND for e in calling.energies(self.caller.rtp.heard())) * 0.02
        assert sound >= float(seconds), f"{sound:.1f} s of sound came in"

    def do_sounds_like(self, text):
        score, where = calling.likeness(self.caller.rtp.heard(), speak(text, self.platform.folder))
        assert score > 0.85, f"best likeness is {score:.2f} at {where:.1f} s"

    def own_record(self):
        for record in self.platform.read_records():
            if record["sip"].get("call_id") == self.caller.call_id:
                return record
        return None

    def do_record(self, rest):
        key, _, wanted = rest.partition(" ")
        record = self.wait(self.own_record, 10, "the record")
        value = record
        for part in key.split("."):
            value = value.get(part) if isinstance(value, dict) else None
        assert str(value) == wanted or wanted == "*" and value is not None, f"{key} is {value!r}"

    def do_log(self, text):
        self.wait(lambda: text in self.platform.read_log()[self.log_start:], 5,
                  f"log line with {text!r}")
