# SPDX-License-Identifier: Apache-2.0
"""What only shows over several messages or packets: a channel's course as the client follows it,
answers to offers, RTP that comes in."""
import struct

import nlsml
import sdp
from control import Channel
from messages_test import CHANNEL, OFFER, SPOKEN, answer, event
from mrcp_wire import Faults
from rtp import NAMES, Codec, Listener
from sessions import choose

STAMP = ("Speech-Marker", "timestamp=1")
NORMAL = ("Completion-Cause", "000 normal")
NO_MATCH = event("RECOGNITION-COMPLETE", "COMPLETE", ("Completion-Cause", "001 no-match"))
SPOKE = event("SPEAK-COMPLETE", "COMPLETE", NORMAL, STAMP, channel=SPOKEN)
RUNS = answer(200, "IN-PROGRESS")
SPEAKS = answer(200, "IN-PROGRESS", STAMP, channel=SPOKEN)


def with_number(message, number):
    message.number = number
    return message


def stopped(*headers, channel=CHANNEL):
    return with_number(answer(200, "COMPLETE", *headers, channel=channel), 2)


def second(*headers):
    """A second request's answer, of the synthesizer."""
    return with_number(answer(200, "COMPLETE", *headers, channel=SPOKEN), 2)


LIST = ("Active-Request-Id-List", "1")
COURSES = [
    # (name, rules, [(method, headers)] that are asked, messages of the server)
    ("good", "", [("RECOGNIZE", ())], [RUNS, NO_MATCH]),
    ("answered-twice", "response-unexpected", [("STOP", ())],
     [answer(200, "COMPLETE"), answer(200, "COMPLETE")]),
    ("answer-to-nothing", "response-unexpected", [], [RUNS]),
    ("event-of-nothing", "event-unknown", [], [NO_MATCH]),
    ("event-before-answer", "event-unexpected", [("RECOGNIZE", ())], [NO_MATCH]),
    ("completed-twice", "event-unexpected", [("RECOGNIZE", ())], [RUNS, NO_MATCH, NO_MATCH]),
    ("stop-without-list", "active-list", [("RECOGNIZE", ()), ("STOP", ())], [RUNS, stopped()]),
    ("stop-of-others", "active-list", [("RECOGNIZE", ()), ("STOP", ())],
     [RUNS, NO_MATCH, stopped(LIST)]),
    ("event-after-stop", "event-unexpected", [("RECOGNIZE", ()), ("STOP", ())],
     [RUNS, stopped(LIST), NO_MATCH]),
    ("success-without-result", "result-missing", [("RECOGNIZE", ())],
     [RUNS, event("RECOGNITION-COMPLETE", "COMPLETE", ("Completion-Cause", "000 success"))]),
    ("start-in-hotword", "hotword", [("RECOGNIZE", (("Recognition-Mode", "hotword"),))],
     [RUNS, event("START-OF-INPUT", "IN-PROGRESS", ("Input-Type", "dtmf"),
                  ("Proxy-Sync-Id", "a"))]),
    ("no-waveform", "waveform-uri", [("RECOGNIZE", (("Save-Waveform", "true"),))],
     [RUNS, NO_MATCH]),
    ("params-missing", "get-params", [("GET-PARAMS", (("No-Input-Timeout", ""),))],
     [answer(200, "COMPLETE")]),
    ("queued-without-marker", "speech-marker", [("SPEAK", ())],
     [answer(200, "PENDING", channel=SPOKEN), SPOKE]),
    ("paused-while-idle", "pause", [("SPEAK", ()), ("PAUSE", ())], [SPEAKS, SPOKE, second()]),
    ("paused", "", [("SPEAK", ()), ("PAUSE", ())], [SPEAKS, second(LIST), SPOKE]),
]


def one_course(rules, asked, messages):
    faults = Faults()
    spoken = any(name == "SPEAK" for name, _ in asked)
    channel = Channel(2, "speechsynth" if spoken else "speechrecog", "0a1b@x", faults)
    for number, (method, headers) in enumerate(asked, 1):
        channel.make(number, method, headers, "")
    for message in messages:
        channel.take(message)
    return [] if faults.rules() == rules.split() else [f"{faults.items}, not {rules}"]


ANSWER = ("v=0\r\no=- 1 1 IN IP4 h\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
          "m=application 1544 TCP/MRCPv2 1\r\na=setup:passive\r\na=connection:new\r\n"
          "a=channel:0a1b@speechrecog\r\na=cmid:1\r\nm=audio 5000 RTP/AVP 0\r\na=recvonly\r\n"
          "a=mid:1\r\n")
ANSWERS = [
    ("good", "", "", ""), ("setup", "passive", "active", "sdp-setup"),
    ("existing", "connection:new", "connection:existing", "sdp-connection"),
    ("channel", "0a1b@speechrecog", "0a1b@speechsynth", "sdp-channel"),
    ("channel-form", "0a1b@speechrecog", "0a-1b@speechrecog", "sdp-channel"),
    ("codec", "RTP/AVP 0", "RTP/AVP 8", "sdp-codec"),
    ("direction", "recvonly", "sendonly", "sdp-direction"),
    ("lines", "m=audio 5000 RTP/AVP 0\r\n", "", "sdp-media"),
    ("protocol", "TCP/MRCPv2", "TCP/TLS/MRCPv2", "sdp-media"),
]


def one_answer(old, new, rule):
    faults = Faults()
    offer = sdp.Description(OFFER, faults)
    sdp.check_answer(offer, sdp.Description(ANSWER.replace(old, new), faults), faults)
    return [] if faults.rules() == rule.split() else [f"{faults.items}, not {rule}"]


SUCCESSORS = [
    ("same", "", "", ""), ("next", "o=- 1 1", "o=- 1 2", ""),
    ("jump", "o=- 1 1", "o=- 1 3", "sdp-version"), ("back", "o=- 1 1", "o=- 1 0", "sdp-version"),
    ("other", "o=- 1 1", "o=- 2 1", "sdp-origin"),
    ("fewer", "m=audio 4000 RTP/AVP 0\r\n", "", "sdp-media"),
]


def one_successor(old, new, rule):
    faults = Faults()
    before = sdp.Description(OFFER, faults)
    sdp.check_successor(before, before, sdp.Description(OFFER.replace(old, new), faults), faults)
    return [] if faults.rules() == rule.split() else [f"{faults.items}, not {rule}"]


def packet(sequence, timestamp, kind=0, payload=bytes(160), ssrc=7, marker=0):
    return struct.pack("!BBHII", 0x80, marker | kind, sequence & 0xFFFF, timestamp & 0xFFFFFFFF,
                       ssrc) + payload


KEY = struct.pack("!BBH", 5, 10, 160)
STREAMS = [
    # (name, packets, figures, rules)
    ("good", [packet(1, 0), packet(2, 160)], {"packets": 2, "lost": 0, "milliseconds": 40}, ""),
    ("wraps", [packet(65535, -160), packet(65536, 0)], {"lost": 0, "milliseconds": 40}, ""),
    ("lost", [packet(1, 0), packet(3, 320)], {"lost": 1, "timestamp_gaps": [],
                                             "milliseconds": 60}, ""),
    ("twice", [packet(1, 0), packet(1, 0)], {"duplicates": 1, "milliseconds": 20}, ""),
    ("late", [packet(1, 0), packet(3, 320), packet(2, 160)], {"late": 1, "lost": 0}, ""),
    ("gap", [packet(1, 0), packet(2, 480)], {"timestamp_gaps": [320], "milliseconds": 80}, ""),
    ("talk-spurt", [packet(1, 0), packet(2, 480, marker=0x80)], {"timestamp_gaps": []}, ""),
    ("back", [packet(1, 800), packet(2, 800)], {"lost": 0}, "rtp-timestamp"),
    ("other-source", [packet(1, 0), packet(900, 9000, ssrc=8)], {"lost": 0,
                                                               "timestamp_gaps": []}, ""),
    ("type", [packet(1, 0, kind=3)], {"packets": 1}, "rtp-payload-type"),
    ("version", [b"\x40" + bytes(20)], {"packets": 0}, "rtp-version"),
    ("key", [packet(1, 0, 101, KEY, marker=0x80), packet(2, 0, 101, KEY), packet(3, 900, 101, KEY)],
     {"keys": "55"}, ""),
]


def one_stream(packets, wanted, rule):
    faults = Faults()
    listener = Listener(faults)
    listener.codecs, listener.event_type = {0: Codec("PCMU/8000")}, 101
    for one in packets:
        listener.take(one)
    figures = {name: listener.figures()[name] for name in wanted}
    good = figures == wanted and faults.rules() == rule.split()
    return [] if good else [f"{figures} {faults.items}, not {wanted} {rule}"]


CHOICES = [
    ("first", "97 0 101\r\na=rtpmap:97 L16/16000\r\na=rtpmap:101 telephone-event/8000",
     (97, "L16/16000", 101, "8000")),
    ("event-rate", "97 101 102\r\na=rtpmap:97 L16/16000\r\na=rtpmap:101 telephone-event/8000\r\n"
     "a=rtpmap:102 telephone-event/16000", (97, "L16/16000", 102, "16000")),
    ("unknown-first", "9 8", (8, "PCMA/8000", None, None)), ("none", "9", None),
]


def one_choice(lines, wanted):
    text = OFFER.replace("RTP/AVP 0", f"RTP/AVP {lines}")
    found = choose(sdp.Description(text, Faults()).audio()[0], NAMES)
    return [] if found == wanted else [f"{found}, not {wanted}"]


def round_trip():
    """What is written as a result is read as the same."""
    faults = Faults()
    given = [{"confidence": 0.9, "input": "a & b", "mode": "dtmf", "instance": {"a": {"b": "1"}}},
             {"confidence": 0.5, "input": "", "mode": "speech", "instance": "<2>"}]
    found = nlsml.read(nlsml.write(given, "session:g@p"), nlsml.TYPE, faults)
    wanted = [{**one, "grammar": "session:g@p"} for one in given]
    return [] if found == wanted and not faults.items else [f"{found} {faults.items}"]


def every():
    """[(name, what is wrong)]"""
    found = [(f"course-{name}", one_course(*rest)) for name, *rest in COURSES]
    found += [(f"answer-{name}", one_answer(*rest)) for name, *rest in ANSWERS]
    found += [(f"successor-{name}", one_successor(*rest)) for name, *rest in SUCCESSORS]
    found += [(f"stream-{name}", one_stream(*rest)) for name, *rest in STREAMS]
    found += [(f"choice-{name}", one_choice(*rest)) for name, *rest in CHOICES]
    return found + [("result-round-trip", round_trip())]
