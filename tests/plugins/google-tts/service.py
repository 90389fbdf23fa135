# SPDX-License-Identifier: Apache-2.0
"""The text-to-speech API as the tests need it: what a request's text says decides what happens.

    invalid        INVALID_ARGUMENT            quota N    RESOURCE_EXHAUSTED to the first N of it
    stall          no answer for a minute      down N     UNAVAILABLE to the first N of it
    garbage        bytes that are no message   notwav     audio that is no WAV file
    hold           one piece of audio, then nothing until the call is gone
    crowd N        no answer before N calls with it are there
"""
import collections
import json
import struct
import threading
import time

import grpc

NAME = "google.cloud.texttospeech.v1.TextToSpeech"
VOICES = [  # languages, name, gender, rate
    (["de-DE"], "de-DE-Chirp3-HD-Kore", 2, 24000),
    (["de-DE"], "de-DE-Standard-A", 2, 24000),
    (["de-DE"], "de-DE-Standard-B", 1, 24000),
    (["en-GB"], "en-GB-Standard-A", 2, 24000),
    (["en-US"], "en-US-Standard-A", 1, 24000),
    (["en-US"], "en-US-Standard-C", 2, 24000),
    (["en-US"], "en-US-Wavenet-A", 1, 24000),
]
PATIENCE = 60
PIECE = 1601  # bytes: samples are cut in two


def samples_of(text, rate):
    """Ten milliseconds of little-endian samples a character, which count up."""
    count = rate // 100 * len(text)
    return struct.pack(f"<{count}h", *((index * 3 + len(text)) % 32768 for index in range(count)))


def wav_of(samples, rate):
    form = struct.pack("<HHIIHH", 1, 1, rate, rate * 2, 2, 16)
    parts = b"fmt " + struct.pack("<I", len(form)) + form
    # An odd chunk before the data, with its padding byte.
    parts += b"LIST" + struct.pack("<I", 3) + b"abc\0"
    parts += b"data" + struct.pack("<I", len(samples)) + samples
    return b"RIFF" + struct.pack("<I", 4 + len(parts)) + b"WAVE" + parts


class Service:
    """Handlers of the three methods; `messages` is the generated module."""

    def __init__(self, messages, accepts):
        self.messages = messages
        self.accepts = accepts  # (metadata) -> bool
        self.lock = threading.Condition()
        self.counts = collections.Counter()
        self.seen = collections.Counter()  # a text's calls
        self.last = {}
        self.voices = True

    def handlers(self):
        m = self.messages
        rows = {
            "SynthesizeSpeech": grpc.unary_unary_rpc_method_handler(
                self.synthesize, m.SynthesizeSpeechRequest.FromString, bytes),
            "StreamingSynthesize": grpc.stream_stream_rpc_method_handler(
                self.stream, m.StreamingSynthesizeRequest.FromString, bytes),
            "ListVoices": grpc.unary_unary_rpc_method_handler(
                self.list_voices, m.ListVoicesRequest.FromString, bytes),
        }
        return grpc.method_handlers_generic_handler(NAME, rows)

    def begin(self, method, context):
        with self.lock:
            self.counts[method] += 1
            self.counts["active"] += 1
            self.counts["most"] = max(self.counts["most"], self.counts["active"])
        if not context.add_callback(self.end):
            self.end()
        if not self.accepts(dict(context.invocation_metadata())):
            with self.lock:
                self.counts["unauthenticated"] += 1
            context.abort(grpc.StatusCode.UNAUTHENTICATED, "credentials were not accepted")

    def end(self):
        with self.lock:
            self.counts["active"] -= 1
            self.lock.notify_all()

    def wait_while(self, context, condition, seconds):
        """Until `condition` is false, the time is over, or the call is gone."""
        context.add_callback(self.wake)
        with self.lock:
            self.lock.wait_for(lambda: not condition() or not context.is_active(), seconds)

    def wake(self):
        with self.lock:
            self.lock.notify_all()

    def misbehave(self, text, context):
        word, number = (text.split() + ["", ""])[:2]
        with self.lock:
            self.seen[text] += 1
            seen = self.seen[text]
            self.lock.notify_all()
        if word == "invalid":
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "the input does not make sense")
        if word == "quota" and seen <= int(number):
            context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "quota exceeded")
        if word == "down" and seen <= int(number):
            context.abort(grpc.StatusCode.UNAVAILABLE, "try again later")
        if word == "stall":
            self.wait_while(context, lambda: True, PATIENCE)
        if word == "crowd":
            self.wait_while(context, lambda: self.seen[text] < int(number), PATIENCE)

    def note(self, voice, audio, **more):
        with self.lock:
            self.last = dict(language=voice.language_code, voice=voice.name,
                             gender=voice.ssml_gender, model=voice.model_name,
                             rate=audio.sample_rate_hertz, encoding=audio.audio_encoding,
                             speed=audio.speaking_rate, **more)

    def synthesize(self, request, context):
        kind = request.input.WhichOneof("input_source")
        text = getattr(request.input, kind)
        audio = request.audio_config
        self.begin("synthesize", context)
        self.note(request.voice, audio, kind=kind, text=text, pitch=audio.pitch,
                  gain=audio.volume_gain_db, effects=list(audio.effects_profile_id))
        if kind == "ssml" and not text.rstrip().endswith("</speak>"):
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "invalid SSML")
        said = text.removeprefix("<speak>").removesuffix("</speak>")
        # Every text of a crowd is another one, or it would be asked for once.
        self.misbehave(said.split("#")[0], context)
        if said == "garbage":
            return b"\x0a\xff\xff\xff\xff\x0f"
        content = wav_of(samples_of(said, audio.sample_rate_hertz), audio.sample_rate_hertz)
        if said == "notwav":
            content = b"ID3" + content
        return self.messages.SynthesizeSpeechResponse(audio_content=content).SerializeToString()

    def stream(self, requests, context):
        self.begin("stream", context)
        config = next(requests).streaming_config
        text = next(requests).input.text
        rate = config.streaming_audio_config.sample_rate_hertz
        closed = next(requests, None) is None
        self.note(config.voice, config.streaming_audio_config, kind="stream", text=text,
                  closed=closed)
        self.misbehave(text, context)
        samples = samples_of(text, rate)
        with self.lock:
            self.last["first"] = time.monotonic()
        for at in range(0, len(samples), PIECE):
            yield self.piece(samples[at:at + PIECE])
            if text.startswith("hold"):
                self.wait_while(context, lambda: True, PATIENCE)
                return
            if text == "garbage":
                yield b"\x0a\xff\xff\xff\xff\x0f"
                return

    def piece(self, content):
        return self.messages.StreamingSynthesizeResponse(audio_content=content).SerializeToString()

    def list_voices(self, request, context):
        self.begin("voices", context)
        if not self.voices:
            context.abort(grpc.StatusCode.UNAVAILABLE, "no list today")
        answer = self.messages.ListVoicesResponse()
        for languages, name, gender, rate in VOICES:
            answer.voices.add(language_codes=languages, name=name, ssml_gender=gender,
                              natural_sample_rate_hertz=rate)
        return answer.SerializeToString()

    def do(self, word, value):
        assert word == "voices", word
        self.voices = value == "on"

    def ask(self, what):
        """A counter, or what the last request said."""
        with self.lock:
            return json.dumps(self.last) if what == "last" else str(self.counts[what])
