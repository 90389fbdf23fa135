# SPDX-License-Identifier: Apache-2.0
"""Messages by themselves: every one of every capture, what the checks find in them, and what they
find in messages that are wrong."""
import captures
import mrcp_rules as rules
import nlsml
import sdp
import sip_peer
from mrcp_wire import (Envelope, EnvelopeReader, Faults, Mrcp, MrcpReader, WireError,
                       parse_envelope, parse_mrcp)

# What the independent implementation does not do as the standard says, by capture.
DEVIATIONS = {
    "mrcp-dtmf": ["content-id"], "mrcp-rec": [], "mrcp-verify": [], "mrcp-recog1": [],
    "mrcp-synth1": [], "mrcp-recog": ["content-id", "input-type", "proxy-sync-id"],
    "mrcp-real-recog": ["content-id", "input-type", "proxy-sync-id"],
    "mrcp-synth": ["speech-marker", "speech-marker"],
    "mrcp-real-synth": ["speech-marker", "speech-marker"],
}


class Course:
    """Reads one capture in both directions."""

    def __init__(self):
        self.faults = Faults()
        self.asked, self.offer, self.kind, self.count = {}, None, None, 0

    def take(self, segment):
        """What is wrong with it."""
        tcp = segment.transport == "TCP"
        mrcp = tcp and segment.data.startswith(b"MRCP/2.0")
        reader = (MrcpReader if mrcp else EnvelopeReader)(self.faults)
        # In pieces of seven octets, as TCP may bring them.
        size = 7 if tcp else len(segment.data)
        found = [message for start in range(0, len(segment.data), size)
                 for message in reader.feed(segment.data[start:start + size])]
        reader.end()
        self.count += len(found)
        for message in found:
            self.check(message)
        written = b"".join(message.encode() for message in found)
        return [] if written == segment.data else [f"{segment.time}: {written} {segment.data}"]

    def check(self, message):
        if isinstance(message, Envelope):
            self.check_envelope(message)
            return
        kind = self.kind
        if message.version == 2:
            kind = message.headers.get("Channel-Identifier").partition("@")[2]
        if message.kind == "request":
            self.asked[message.number] = message
            rules.check_request(message, kind, self.faults)
        elif message.kind == "response":
            rules.check_response(self.asked[message.number], message, kind, self.faults)
        else:
            rules.check_event(message, kind, self.faults)
            if kind == "speechrecog" and message.body:
                nlsml.read(message.body, rules.media_type(message.headers), self.faults, 100)

    def check_envelope(self, message):
        if message.get("Content-Type") == "application/sdp":
            description = sdp.Description(message.body.decode(), self.faults)
            if message.status:
                sdp.check_answer(self.offer, description, self.faults)
            else:
                self.offer = description
                sdp.check_offer(description, self.faults)
        if message.uri and "/speech" in message.uri:
            self.kind = "speechsynth" if "synth" in message.uri else "speechrecog"
        if message.get("Content-Type") == "application/mrcp":
            self.check(parse_mrcp(1, message.body, self.faults))


def one_capture(path):
    course, wrong = Course(), []
    for segment in captures.read(path):
        if len(segment.data) != segment.length:
            wrong.append(f"{segment.time}: {len(segment.data)} octets of {segment.length}")
        wrong += course.take(segment)
    if sorted(course.faults.rules()) != DEVIATIONS[path.stem]:
        wrong.append(f"found {course.faults.items}")
    if course.count < 8:
        wrong.append(f"{course.count} messages only")
    return wrong


CHANNEL = ("Channel-Identifier", "0a1b@speechrecog")
SPOKEN = ("Channel-Identifier", "0a1b@speechsynth")


def request(name, *headers, body=b"", channel=CHANNEL):
    return Mrcp(2, "request", 1, name=name, headers=[channel, *headers], body=body)


def event(name, state, *headers, channel=CHANNEL):
    return Mrcp(2, "event", 1, name=name, state=state, headers=[channel, *headers])


def answer(status, state, *headers, channel=CHANNEL):
    return Mrcp(2, "response", 1, status=status, state=state, headers=[channel, *headers])


GOOD_CAUSE = ("Completion-Cause", "000 success")
WRONG = [
    # (name, rules, message, request that it answers)
    ("cause-name", "completion-cause", event(
        "RECOGNITION-COMPLETE", "COMPLETE", ("Completion-Cause", "000 normal")), None),
    ("cause-number", "completion-cause", event(
        "RECOGNITION-COMPLETE", "COMPLETE", ("Completion-Cause", "017 success")), None),
    ("cause-form", "header-value completion-cause", event(
        "RECOGNITION-COMPLETE", "COMPLETE", ("Completion-Cause", "success")), None),
    ("cause-none", "completion-cause", event("RECOGNITION-COMPLETE", "COMPLETE"), None),
    ("complete-in-progress", "request-state",
     event("RECOGNITION-COMPLETE", "IN-PROGRESS", GOOD_CAUSE), None),
    ("start-complete", "request-state", event(
        "START-OF-INPUT", "COMPLETE", ("Input-Type", "speech"), ("Proxy-Sync-Id", "a")), None),
    ("event-of-other", "event", event("SPEAK-COMPLETE", "COMPLETE", GOOD_CAUSE), None),
    ("speech-marker", "header-value", event(
        "SPEECH-MARKER", "IN-PROGRESS", ("Speech-Marker", "here"), channel=SPOKEN), None),
    ("no-speech-marker", "speech-marker", answer(200, "IN-PROGRESS", channel=SPOKEN),
     request("SPEAK", channel=SPOKEN)),
    ("recognize-complete", "request-state", answer(200, "COMPLETE"), request("RECOGNIZE")),
    ("stop-in-progress", "request-state", answer(200, "IN-PROGRESS"), request("STOP")),
    ("status", "status", answer(300, "COMPLETE"), request("STOP")),
    ("define-cause", "completion-cause", answer(407, "COMPLETE"), request("DEFINE-GRAMMAR")),
    ("no-channel", "channel-identifier", Mrcp(2, "request", 1, name="STOP"), None),
    ("threshold", "header-value", request("SET-PARAMS", ("Confidence-Threshold", "90")), None),
    ("language", "header-value", request("SET-PARAMS", ("Speech-Language", "en US")), None),
    ("sync-id", "header-place", request("STOP", ("Proxy-Sync-Id", "a")), None),
    ("content-type", "content-type-missing", request("INTERPRET", ("Interpret-Text", "a"),
                                                     body=b"x"), None),
    ("vendor", "header-value", request("SET-PARAMS", ("Vendor-Specific-Parameters", "a;b")), None),
]


def one_wrong(broken, message, asked):
    faults = Faults()
    kind = (message.headers.get("Channel-Identifier") or "@speechrecog").partition("@")[2]
    if message.kind == "request":
        rules.check_request(message, kind, faults)
    elif message.kind == "response":
        rules.check_response(asked, message, kind, faults)
    else:
        rules.check_event(message, kind, faults)
    good = set(faults.rules()) == set(broken.split())
    return [] if good else [f"{faults.items}, not {broken}"]


BYTES = [
    # # stands for the length
    ("good", b"MRCP/2.0 # STOP 1\r\nA: b\r\n\r\n", None),
    ("zeros", b"MRCP/2.0 029 STOP 1\r\nA: b\r\n\r\n", None),
    ("length", b"MRCP/2.0 99 STOP 1\r\nA: b\r\n\r\n", "message-length"),
    ("lines", b"MRCP/2.0 # STOP 1\nA: b\r\n\r\n", "line-end"),
    ("colon", b"MRCP/2.0 # STOP 1\r\nA b \r\n\r\n", "header-syntax"),
    ("blank", b"MRCP/2.0 # STOP 1\r\nA : b\r\n\r\n", "header-syntax"),
    ("id", b"MRCP/2.0 # STOP 4294967296\r\nA: b\r\n\r\n", "request-id"),
    ("state", b"MRCP/2.0 # 1 200 DONE\r\nA: b\r\n\r\n", "request-state"),
    ("status-in-event", b"MRCP/2.0 # GO-ON 1 200 COMPLETE\r\nA: b\r\n\r\n", "start-line"),
    ("body", b"MRCP/2.0 # STOP 1\r\nA: b\r\n\r\nabc", "content-length-missing"),
    ("body-length", b"MRCP/2.0 # STOP 1\r\nContent-Length: 4\r\n\r\nabc", "content-length"),
    ("spaces", b"MRCP/2.0 # STOP  1\r\nA: b\r\n\r\n", WireError),
    ("version", b"MRCP/1.0 # STOP 1\r\nA: b\r\n\r\n", WireError),
    ("no-end", b"MRCP/2.0 # STOP 1\r\nA: b\r\n", WireError),
    ("tab", b"MRCP/2.0\t# STOP 1\r\nA: b\r\n\r\n", WireError),
]


def one_message(data, rule):
    faults = Faults()
    if b"#" in data:
        data = data.replace(b"#", str(len(data) + 1).encode())  # all have two digits
    try:
        parse_mrcp(2, data, faults)
    except WireError as error:
        return [] if rule is WireError else [str(error)]
    return [] if faults.rules() == [rule][:rule is not None] else [f"{faults.items}, not {rule}"]


RESULTS = [
    ("good", nlsml.TYPE, nlsml.write([{"input": "a<b", "instance": {"x": "1"}}], "session:g"), []),
    ("old", nlsml.OLD_TYPE, nlsml.write([{"input": "a"}], "session:g", nlsml.OLD_TYPE), []),
    ("namespace", nlsml.TYPE, nlsml.write([{"input": "a"}], "g", nlsml.OLD_TYPE),
     ["nlsml-namespace"]),
    ("order", nlsml.TYPE, nlsml.write([{"confidence": 0.1}, {"confidence": 0.9}], "g"),
     ["nlsml-order"]),
    ("confidence", nlsml.TYPE, nlsml.write([{"confidence": 90}], "g"), ["nlsml-confidence"]),
    ("empty", nlsml.TYPE, nlsml.write([], "g"), ["nlsml"]),
    ("cut", nlsml.TYPE, nlsml.write([{}], "g")[:-10], ["nlsml"]),
    ("type", "text/xml", nlsml.write([{}], "g"), ["nlsml-type"]),
    ("grammar", nlsml.OLD_TYPE, "<result><interpretation/></result>", ["nlsml-grammar"]),
]


def one_result(kind, text, wanted):
    faults = Faults()
    nlsml.read(text, kind, faults)
    return [] if faults.rules() == wanted else [f"{faults.items}, not {wanted}"]


OFFER = ("v=0\r\no=- 1 1 IN IP4 h\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
         "m=application 9 TCP/MRCPv2 1\r\na=setup:active\r\na=connection:new\r\n"
         "a=resource:speechrecog\r\na=cmid:1\r\nm=audio 4000 RTP/AVP 0\r\na=sendonly\r\n"
         "a=mid:1\r\n")
OFFERS = [
    ("good", "", "", []), ("setup", "setup:active", "setup:passive", ["sdp-setup"]),
    ("existing", "connection:new", "connection:existing", ["sdp-connection"]),
    ("port", "application 9", "application 5000", ["sdp-port"]),
    ("format", "MRCPv2 1", "MRCPv2 2", ["sdp-format"]),
    ("resource", "a=resource:speechrecog\r\n", "", ["sdp-resource"]),
    ("cmid", "a=cmid:1", "a=cmid:2", ["sdp-cmid"]),
    ("direction", "sendonly", "recvonly", ["sdp-direction"]),
    ("time", "t=0 0\r\n", "", ["sdp-line"]), ("address", "c=IN IP4 127.0.0.1\r\n", "",
                                              ["sdp-line", "sdp-line"]),
]


def one_offer(old, new, wanted):
    faults = Faults()
    sdp.check_offer(sdp.Description(OFFER.replace(old, new), faults), faults)
    return [] if faults.rules() == wanted else [f"{faults.items}, not {wanted}"]


INVITE = ("INVITE sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nMax-Forwards: 70\r\n"
          "From: <sip:a>;tag=1\r\nTo: <sip:b>\r\nCall-ID: c\r\nCSeq: 2 INVITE\r\n"
          "Contact: <sip:a>\r\nContent-Length: 0\r\n\r\n")
INVITES = [
    ("good", "", "", ""), ("branch", "z9hG4bK1", "1", "sip-branch"),
    ("tag", ";tag=1", "", "sip-tag"), ("contact", "Contact: <sip:a>\r\n", "", "sip-contact"),
    ("method", "2 INVITE", "2 BYE", "sip-cseq"), ("call", "Call-ID: c\r\n", "", "sip-header"),
    ("number", "CSeq: 2 ", "CSeq: 2147483648 ", "sip-cseq"),
    ("hops", "Max-Forwards: 70\r\n", "", "sip-header"),
    ("length", "Length: 0", "Length: 3", "content-length"),
]


def one_invite(old, new, rule):
    faults = Faults()
    sip_peer.check_request(parse_envelope(INVITE.replace(old, new).encode(), faults), faults)
    return [] if faults.rules() == rule.split() else [f"{faults.items}, not {rule}"]


def short_names():
    """SIP's compact forms (RFC 3261 §7.3.3)."""
    faults = Faults()
    message = parse_envelope(b"BYE sip:a@b SIP/2.0\r\nv: SIP/2.0/UDP h;branch=z9hG4bK1\r\n"
                             b"f: <sip:a>;tag=1\r\nCSeq : 2 BYE\r\nl: 0\r\n\r\n", faults)
    good = message.get("From") == "<sip:a>;tag=1" and message.cseq() == (2, "BYE")
    return [] if good and not faults.items else [f"{message.headers.pairs} {faults.items}"]


def every():
    """[(name, what is wrong)]"""
    folder = captures.folder()
    paths = sorted(folder.glob("mrcp-*.txt")) if folder else []
    found = [(f"capture-{path.stem}", one_capture(path)) for path in paths]
    found += [(f"wrong-{name}", one_wrong(*rest)) for name, *rest in WRONG]
    found += [(f"octets-{name}", one_message(*rest)) for name, *rest in BYTES]
    found += [(f"result-{name}", one_result(*rest)) for name, *rest in RESULTS]
    found += [(f"offer-{name}", one_offer(*rest)) for name, *rest in OFFERS]
    found += [(f"invite-{name}", one_invite(*rest)) for name, *rest in INVITES]
    return found + [("sip-short-names", short_names())]
