# SPDX-License-Identifier: Apache-2.0
"""The speech-to-text API as the tests need it. It hears where in the audio somebody speaks, and
keeps the rules of the service; what is said is what a test told it.

    say WORDS[/CONFIDENCE][|WORDS[/CONFIDENCE]]…    alternatives; several pieces are parted by "||"
    fault NAME [N]      the next N streams (1) end so:
        quota, down, invalid    with that status, at once
        early           well, at once
        midway, range   with UNAVAILABLE, or OUT_OF_RANGE, once somebody speaks
        error           as midway, with an answer that says so
        garbage         with an answer that is none, once somebody speaks
        mute            nothing is answered for a minute
        deaf            nor is any audio taken
        plain           no fault, but no events of speech
    crowd N             nothing is answered before N streams run at once
    limit SECONDS       longest audio of a stream
"""
import audioop
import collections
import json
import threading

import grpc

NAME = "google.cloud.speech.v1.Speech"
PATIENCE = 60
MOST_MESSAGE = 25600
MOST_BYTES = 10_000_000
LONGEST = 305
BLOCK = 0.02  # seconds
LOUD = 300
BEGIN, END, PIECE = 0.06, 0.3, 1.0  # of speech that begins, of silence that ends it, or a result
GUESS = 0.4  # of speech, before something is understood
END_OF_UTTERANCE, SPEECH_BEGIN, SPEECH_END, TIMEOUT = 1, 2, 3, 4


class Ear:
    """Where in a stream's audio there is speech, in seconds."""

    def __init__(self, config):
        self.config = config
        self.block = int(config.sample_rate_hertz * BLOCK) * 2
        self.rest = b""
        self.time = self.loud = self.quiet = self.spoken = 0.0
        self.energy = 0.0
        self.speaking = False

    def linear(self, data):
        return audioop.ulaw2lin(data, 2) if self.config.encoding == 3 else data

    def blocks(self, data):
        """Goes on by a block at each step."""
        samples = self.rest + self.linear(data)
        whole = len(samples) // self.block * self.block
        for at in range(0, whole, self.block):
            self.take(audioop.rms(samples[at:at + self.block], 2))
            yield
        self.rest = samples[whole:]

    def take(self, loudness):
        self.time += BLOCK
        if loudness > LOUD:
            self.loud, self.quiet = self.loud + BLOCK, 0.0
            self.spoken += BLOCK
            self.energy = max(self.energy, loudness)
        else:
            self.loud, self.quiet = 0.0, self.quiet + BLOCK


class Stream:
    """One call: what it was told, and what it answers."""

    def __init__(self, service, context):
        self.service, self.context, self.m = service, context, service.messages
        self.fault = ""
        self.pieces = []
        self.ear = self.config = None
        self.audio = bytearray()
        self.messages = self.largest = 0
        self.number = 0
        self.ended = False  # by the client
        self.guessed = self.told = False
        self.piece = 0
        self.asked_to_end = False

    def abort(self, code, text):
        self.context.abort(code, text)

    def begin(self, request):
        if request.WhichOneof("streaming_request") != "streaming_config":
            self.abort(grpc.StatusCode.INVALID_ARGUMENT, "the configuration must come first")
        self.config = request.streaming_config
        if self.config.config.sample_rate_hertz not in (8000, 16000) or \
                self.config.config.encoding not in (1, 3) or not self.config.config.language_code:
            self.abort(grpc.StatusCode.INVALID_ARGUMENT, "the configuration is wrong")
        self.ear = Ear(self.config.config)
        self.service.note(self)
        ends = {"quota": (grpc.StatusCode.RESOURCE_EXHAUSTED, "quota exceeded"),
                "down": (grpc.StatusCode.UNAVAILABLE, "try again later"),
                "invalid": (grpc.StatusCode.INVALID_ARGUMENT, "the model has no such language")}
        if self.fault in ends:
            self.abort(*ends[self.fault])

    def check(self, request):
        content = request.audio_content
        if request.WhichOneof("streaming_request") != "audio_content" or not content:
            self.abort(grpc.StatusCode.INVALID_ARGUMENT, "audio must follow")
        self.audio += content
        self.messages += 1
        self.largest = max(self.largest, len(content))
        if len(content) > MOST_MESSAGE or len(self.audio) > MOST_BYTES:
            self.abort(grpc.StatusCode.INVALID_ARGUMENT, "audio is too long")
        if self.ear.time > self.service.limit:
            self.abort(grpc.StatusCode.OUT_OF_RANGE, "maximum stream duration exceeded")

    # Answers.

    def event(self, kind):
        answer = self.m.StreamingRecognizeResponse(speech_event_type=kind)
        answer.speech_event_time.FromMilliseconds(round(self.ear.time * 1000))
        return answer.SerializeToString()

    def result(self, final):
        """Of the present piece; only the first alternative has a confidence."""
        answer = self.m.StreamingRecognizeResponse()
        result = answer.results.add(is_final=final, stability=0 if final else 0.5)
        said = self.pieces[min(self.piece, len(self.pieces) - 1)]
        for words, confidence in said[:self.config.config.max_alternatives if final else 1]:
            lead = " " if self.piece else ""
            result.alternatives.add(transcript=lead + words, confidence=confidence * final)
        result.result_end_time.FromMilliseconds(round((self.ear.time - self.ear.quiet) * 1000))
        return answer.SerializeToString()

    def finals(self):
        """What is still open; then the pieces that are left, when the client ended."""
        if self.guessed:
            yield self.result(True)
            self.piece, self.guessed = self.piece + 1, False

    def speech_began(self):
        if self.fault == "midway":
            self.abort(grpc.StatusCode.UNAVAILABLE, "the machine goes down")
        if self.fault == "range":
            self.abort(grpc.StatusCode.OUT_OF_RANGE, "long duration elapsed without audio")
        if self.fault == "garbage":
            yield b"\x12\xff\xff\xff\xff\x0f"
        if self.fault == "error":
            answer = self.m.StreamingRecognizeResponse()
            answer.error.code, answer.error.message = 14, "the machine goes down"
            yield answer.SerializeToString()
        if self.config.enable_voice_activity_events and self.fault != "plain":
            yield self.event(SPEECH_BEGIN)

    def speech_ended(self):
        if self.config.enable_voice_activity_events and self.fault != "plain":
            yield self.event(SPEECH_END)

    def step(self):
        """After each block."""
        ear = self.ear
        if not ear.speaking and ear.loud >= BEGIN - 0.001:
            ear.speaking, self.told = True, False
            yield from self.speech_began()
        if ear.speaking and not self.guessed and ear.spoken >= GUESS and self.pieces and \
                ear.loud > 0:
            self.guessed = True
            if self.config.interim_results:
                yield self.result(False)
        if ear.speaking and ear.quiet >= END - 0.001:
            ear.speaking = False
            yield from self.speech_ended()
        yield from self.pause(ear)

    def pause(self, ear):
        timeout = self.config.voice_activity_timeout.speech_end_timeout.ToMilliseconds() / 1000
        if self.config.single_utterance and self.guessed and ear.quiet >= 0.5 and not self.told:
            self.told = True
            yield self.event(END_OF_UTTERANCE)
        elif self.guessed and not self.config.single_utterance and ear.quiet >= PIECE:
            yield from self.finals()
        if timeout and ear.spoken and not self.told and ear.quiet >= END + timeout and \
                self.fault != "plain":
            self.told = True
            yield self.event(TIMEOUT)
            yield from self.finals()

    def run(self, requests):
        self.begin(next(requests))
        if self.fault == "early":
            return
        if self.fault == "deaf":
            self.service.wait_while(self.context, lambda: True)
            return
        self.service.wait_for_crowd(self.context)
        for request in requests:
            self.check(request)
            for _ in self.ear.blocks(request.audio_content):
                if self.fault != "mute":
                    yield from self.step()
            self.service.wake()
        self.ended = True
        if self.fault == "mute":
            self.service.wait_while(self.context, lambda: True)
            return
        # What was too short for a guess is understood when it is all there.
        self.guessed = self.guessed or (self.ear.spoken >= BEGIN and self.piece == 0
                                        and bool(self.pieces))
        yield from self.finals()

    def figures(self):
        return dict(seconds=round(self.ear.time, 2) if self.ear else 0, ended=self.ended,
                    spoken=round(self.ear.spoken, 2) if self.ear else 0,
                    loudness=self.ear.energy if self.ear else 0, messages=self.messages,
                    largest=self.largest, bytes=len(self.audio))


def pieces_of(text):
    """[[(words, confidence), …], …]"""
    def alternative(part, usual):
        words, _, confidence = part.partition("/")
        return words.strip(), float(confidence or usual)
    return [[alternative(part, 0 if i else 0.9) for i, part in enumerate(piece.split("|"))]
            for piece in text.split("||")]


class Service:
    """`messages` is the generated module."""

    def __init__(self, messages, accepts):
        self.messages = messages
        self.accepts = accepts  # (metadata) -> bool
        self.lock = threading.Condition()
        self.counts = collections.Counter()
        self.streams = []
        self.last = {}
        self.pieces = []
        self.faults = []
        self.crowd = 0
        self.limit = LONGEST

    def handlers(self):
        rows = {"StreamingRecognize": grpc.stream_stream_rpc_method_handler(
            self.recognize, self.messages.StreamingRecognizeRequest.FromString, bytes)}
        return grpc.method_handlers_generic_handler(NAME, rows)

    def recognize(self, requests, context):
        stream = Stream(self, context)
        with self.lock:
            self.counts["active"] += 1
            self.counts["most"] = max(self.counts["most"], self.counts["active"])
            self.lock.notify_all()
        if not context.add_callback(self.end):
            self.end()
        if not self.accepts(dict(context.invocation_metadata())):
            with self.lock:
                self.counts["unauthenticated"] += 1
            context.abort(grpc.StatusCode.UNAUTHENTICATED, "credentials were not accepted")
        with self.lock:
            self.counts["streams"] += 1
            stream.number = self.counts["streams"]
            stream.fault = self.faults.pop(0) if self.faults else ""
            stream.pieces = self.pieces
            self.streams.append(stream)
        yield from stream.run(requests)

    def end(self):
        with self.lock:
            self.counts["active"] -= 1
            self.lock.notify_all()

    def wake(self):
        with self.lock:
            self.lock.notify_all()

    def wait_while(self, context, condition):
        """Until `condition` is false, the time is over, or the call is gone."""
        context.add_callback(self.wake)
        with self.lock:
            self.lock.wait_for(lambda: not condition() or not context.is_active(), PATIENCE)

    def wait_for_crowd(self, context):
        if self.crowd:
            self.wait_while(context, lambda: self.counts["most"] < self.crowd)

    def note(self, stream):
        config = stream.config.config
        phrases = [phrase for each in config.speech_contexts for phrase in each.phrases]
        with self.lock:
            self.last = dict(
                language=config.language_code, rate=config.sample_rate_hertz,
                encoding=config.encoding, alternatives=config.max_alternatives,
                model=config.model, enhanced=config.use_enhanced, phrases=phrases,
                boost=[each.boost for each in config.speech_contexts],
                single=stream.config.single_utterance, interim=stream.config.interim_results,
                events=stream.config.enable_voice_activity_events,
                end=stream.config.voice_activity_timeout.speech_end_timeout.ToMilliseconds(),
                start=stream.config.voice_activity_timeout.speech_start_timeout.ToMilliseconds())

    def do(self, word, value):
        with self.lock:
            if word == "say":
                self.pieces = pieces_of(value) if value else []
            elif word == "fault":
                name, _, count = value.partition(" ")
                self.faults = [name] * int(count or 1)
            elif word == "crowd":
                self.crowd = int(value)
            else:
                assert word == "limit", word
                self.limit = float(value)

    def ask(self, what):
        """A counter, what the last configuration said, figures of all streams, or of one stream its
        audio in hex."""
        with self.lock:
            if what == "last":
                return json.dumps(self.last)
            if what == "figures":
                return json.dumps([stream.figures() for stream in self.streams])
            if what.startswith("audio "):
                return bytes(self.streams[int(what.split()[1]) - 1].audio).hex()
            if what == "spoken":  # hundredths of a second, of the last stream
                return str(round(self.streams[-1].ear.spoken * 100)) if self.streams else "0"
            if what == "ended":
                return str(sum(stream.ended for stream in self.streams))
            return str(self.counts[what])
