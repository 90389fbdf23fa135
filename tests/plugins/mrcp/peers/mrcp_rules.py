# SPDX-License-Identifier: Apache-2.0
"""What the standards say of one MRCP message: which method and event a resource has, where a header
field may stand and how it is written, which causes there are. Version 2 is RFC 6787, 1 is RFC 4463.
"""
import re
import xml.etree.ElementTree as ElementTree
from email import message_from_bytes

BOOLEAN, NUMBER, FLOAT = r"true|false", r"\d{1,19}", r"\d+(\.\d*)?|\.\d+"
ANY, WORD, QUOTED = r".+", r"[\x21-\x7e]+", r'"([^"\\]|\\.)*"'
TAG = r"[\x21-\x7e\x80-\U0010ffff]+"
URI = r"[A-Za-z][A-Za-z0-9+.\-]*:\S+"
MEDIA_TYPE = r"[\w.+\-]+/[\w.+\-]+( *; *[\w.+\-]+=([\w.+\-]+|\"[^\"]*\"))*"
LENGTH = r"\d{1,19} (Second|Word|Sentence|Paragraph)s?|\S+ Tag"
MARKER = r"timestamp=\d{1,20}(;.+)?"
ATTRIBUTES = r"[^\s=;]+=(\"[^\"]*\"|[^;\"]+)(; *[^\s=;]+=(\"[^\"]*\"|[^;\"]+))*"
PARAMS = "SET-PARAMS GET-PARAMS"
WAVE = r"(<\S+>; *size=\d+; *duration=\d+)?"

METHODS = {
    (2, "speechsynth"): "SPEAK STOP PAUSE RESUME BARGE-IN-OCCURRED CONTROL DEFINE-LEXICON",
    (2, "speechrecog"): "DEFINE-GRAMMAR RECOGNIZE INTERPRET GET-RESULT START-INPUT-TIMERS STOP "
                        "START-PHRASE-ENROLLMENT ENROLLMENT-ROLLBACK END-PHRASE-ENROLLMENT "
                        "MODIFY-PHRASE DELETE-PHRASE",
    (2, "recorder"): "RECORD STOP START-INPUT-TIMERS",
    (2, "speakverify"): "START-SESSION END-SESSION QUERY-VOICEPRINT DELETE-VOICEPRINT VERIFY "
                        "VERIFY-FROM-BUFFER VERIFY-ROLLBACK STOP CLEAR-BUFFER START-INPUT-TIMERS "
                        "GET-INTERMEDIATE-RESULT",
    (1, "speechsynth"): "SPEAK STOP PAUSE RESUME BARGE-IN-OCCURRED CONTROL",
    (1, "speechrecog"): "DEFINE-GRAMMAR RECOGNIZE GET-RESULT RECOGNITION-START-TIMERS STOP",
}
METHODS[2, "dtmfrecog"] = METHODS[2, "speechrecog"]
METHODS[2, "basicsynth"] = METHODS[2, "speechsynth"]
EVENTS = {
    (2, "speechsynth"): "SPEECH-MARKER SPEAK-COMPLETE",
    (2, "speechrecog"): "START-OF-INPUT RECOGNITION-COMPLETE INTERPRETATION-COMPLETE",
    (2, "recorder"): "START-OF-INPUT RECORD-COMPLETE",
    (2, "speakverify"): "START-OF-INPUT VERIFICATION-COMPLETE",
    (1, "speechsynth"): "SPEECH-MARKER SPEAK-COMPLETE",
    (1, "speechrecog"): "START-OF-SPEECH RECOGNITION-COMPLETE",
}
EVENTS[2, "dtmfrecog"] = EVENTS[2, "speechrecog"]
EVENTS[2, "basicsynth"] = EVENTS[2, "speechsynth"]
SPEAKING = "normal barge-in parse-failure uri-failure error language-unsupported"
CAUSES = {
    (2, "speechsynth"): SPEAKING + " lexicon-load-failure cancelled",
    (2, "speechrecog"): "success no-match no-input-timeout hotword-maxtime grammar-load-failure "
                        "grammar-compilation-failure recognizer-error speech-too-early "
                        "success-maxtime uri-failure language-unsupported cancelled "
                        "semantics-failure partial-match partial-match-maxtime no-match-maxtime "
                        "grammar-definition-failure",
    (1, "speechsynth"): SPEAKING,
    (1, "speechrecog"): "success no-match no-input-timeout recognition-timeout gram-load-failure "
                        "gram-comp-failure error speech-too-early too-much-speech-timeout "
                        "uri-failure language-unsupported",
}
CAUSES = {key: value.split() for key, value in CAUSES.items()}
SAID = ("speechsynth", "basicsynth")
HEARD = ("speechrecog", "dtmfrecog")

# name: (how it is written, requests that may have it; None: all). A field that only the server
# sends has an empty list.
COMMON = {
    "accept": (ANY, None), "active-request-id-list": (r"\d{1,10}( *, *\d{1,10})*", None),
    "accept-charset": (ANY, None), "content-type": (MEDIA_TYPE, None),
    "content-id": (r"<[^<>@\s]+@[^<>@\s]+>", None), "content-base": (URI, None),
    "content-encoding": (ANY, None), "content-location": (r"\S+", None),
    "content-length": (NUMBER, None), "cache-control": (ANY, None),
    "fetch-timeout": (NUMBER, None), "vendor-specific-parameters": (ATTRIBUTES, None),
    "logging-tag": (ANY, PARAMS), "proxy-sync-id": (WORD, "BARGE-IN-OCCURRED"),
    "speech-language": (r"[A-Za-z0-9\-]+", "SPEAK DEFINE-GRAMMAR RECOGNIZE INTERPRET " + PARAMS),
    "failed-uri": (URI, ""), "failed-uri-cause": (ANY, ""), "completion-reason": (QUOTED, ""),
    "speak-restart": (BOOLEAN, ""),
}
SYNTHESIZER = {
    "jump-size": (rf"[+\-]({LENGTH})|\S+ Tag", "SPEAK CONTROL"),
    "kill-on-barge-in": (BOOLEAN, "SPEAK " + PARAMS),
    "speaker-profile": (r"\S+", "SPEAK CONTROL " + PARAMS),
    "fetch-hint": ("prefetch|safe", "SPEAK " + PARAMS),
    "audio-fetch-hint": ("prefetch|safe|stream", "SPEAK " + PARAMS),
    "speak-length": (LENGTH, "SPEAK CONTROL"),
}
RECOGNIZER = {
    "n-best-list-length": (r"0*[1-9]\d*", "RECOGNIZE GET-RESULT " + PARAMS),
    "no-input-timeout": (NUMBER, "RECOGNIZE RECORD VERIFY " + PARAMS),
    "recognition-timeout": (NUMBER, "RECOGNIZE " + PARAMS),
    "speech-complete-timeout": (NUMBER, "RECOGNIZE VERIFY " + PARAMS),
    "speech-incomplete-timeout": (NUMBER, "RECOGNIZE " + PARAMS),
    "dtmf-interdigit-timeout": (NUMBER, "RECOGNIZE " + PARAMS),
    "dtmf-term-timeout": (NUMBER, "RECOGNIZE " + PARAMS),
    "dtmf-term-char": (r"[\x21-\x7e]?", "RECOGNIZE " + PARAMS),
    "save-waveform": (BOOLEAN, "RECOGNIZE VERIFY " + PARAMS),
    "new-audio-channel": (BOOLEAN, "RECOGNIZE RECORD VERIFY"),
}
LEVELS = ("sensitivity-level", "speed-vs-accuracy")
LEVEL = r"0*(0(\.\d*)?|\.\d+|1(\.0*)?)"
PERCENT = r"\d{1,2}|100"
VERSION = {
    2: {"channel-identifier": (r"[A-Za-z0-9]+@[A-Za-z0-9]+", None), "set-cookie": (ANY, None),
        "speech-marker": (MARKER, ""), "completion-cause": (r"\d{3} \S+", ""),
        "voice-gender": ("male|female|neutral", "SPEAK CONTROL " + PARAMS),
        "voice-age": (r"\d{1,3}", "SPEAK CONTROL " + PARAMS),
        "voice-variant": (NUMBER, "SPEAK CONTROL " + PARAMS),
        "voice-name": (r"\S.*", "SPEAK CONTROL " + PARAMS),
        "load-lexicon": (BOOLEAN, "DEFINE-LEXICON"),
        "lexicon-search-order": (r"<\S+>( <\S+>)*", "SPEAK " + PARAMS),
        "confidence-threshold": (LEVEL, "RECOGNIZE GET-RESULT " + PARAMS),
        "start-input-timers": (BOOLEAN, "RECOGNIZE RECORD VERIFY"),
        "waveform-uri": (WAVE, ""), "record-uri": (WAVE, ""), "input-type": ("speech|dtmf", ""),
        "media-type": (MEDIA_TYPE, "RECOGNIZE RECORD VERIFY " + PARAMS),
        "input-waveform-uri": (r"\S+", "RECOGNIZE VERIFY"),
        "recognizer-context-block": (r"\S*", PARAMS),
        "ver-buffer-utterance": (BOOLEAN, "RECOGNIZE"),
        "recognition-mode": ("normal|hotword", "RECOGNIZE"),
        "cancel-if-queue": (BOOLEAN, "RECOGNIZE"),
        "hotword-max-duration": (NUMBER, "RECOGNIZE " + PARAMS),
        "hotword-min-duration": (NUMBER, "RECOGNIZE " + PARAMS),
        "interpret-text": (ANY, "INTERPRET"), "dtmf-buffer-time": (NUMBER, PARAMS),
        "clear-dtmf-buffer": (BOOLEAN, "RECOGNIZE"), "early-no-match": (BOOLEAN, "RECOGNIZE"),
        "enroll-utterance": (BOOLEAN, "RECOGNIZE"), "max-time": (NUMBER, "RECORD"),
        "final-silence": (NUMBER, "RECORD"),
        **{name: (LEVEL, "RECOGNIZE " + PARAMS) for name in LEVELS}},
    1: {"completion-cause": (r"\d+ \S+", ""), "speech-marker": (TAG, ""),
        "content-id": (r"<?[^<>@\s]+@[^<>@\s]+>?", None),
        "voice-gender": ("male|female|neutral", "SPEAK CONTROL " + PARAMS),
        # §7.4.5: the attributes of SSML's <voice>.
        "voice-age": (r"\d{1,3}", "SPEAK CONTROL " + PARAMS),
        "voice-variant": (NUMBER, "SPEAK CONTROL " + PARAMS),
        "voice-name": (r"\S.*", "SPEAK CONTROL " + PARAMS),
        "confidence-threshold": (PERCENT, "RECOGNIZE GET-RESULT " + PARAMS),
        "recognizer-start-timers": (BOOLEAN, "RECOGNIZE"), "waveform-url": (r"\S*", ""),
        "vendor-specific-parameters": (ATTRIBUTES, PARAMS),
        **{name: (PERCENT, "RECOGNIZE " + PARAMS) for name in LEVELS}},
}
FIELDS = {version: {**COMMON, **SYNTHESIZER, **RECOGNIZER, **own}
          for version, own in VERSION.items()}
SECTION = {1: "RFC 4463 §8.4, §7.4", 2: "RFC 6787 §6.2, §8.4, §9.4"}
LISTS = ("accept", "accept-charset", "active-request-id-list", "content-encoding",
         "cache-control", "vendor-specific-parameters")
GRAMMARS = ("application/srgs+xml", "application/srgs", "application/grammar+xml",
            "application/grammar", "application/x-jsgf")
SPEECH = ("application/ssml+xml", "application/synthesis+ssml")


def media_type(headers):
    return (headers.get("Content-Type") or "").partition(";")[0].strip().lower()


def content_id(headers):
    return (headers.get("Content-ID") or "").strip().strip("<>")


def parts(message):
    """(type, Content-ID, body) of the body, or of what a multipart/mixed one has."""
    kind = media_type(message.headers)
    if kind != "multipart/mixed":
        return [(kind, content_id(message.headers), message.body)] if message.body else []
    head = f"Content-Type: {message.headers.get('Content-Type')}\r\n\r\n".encode()
    whole = message_from_bytes(head + message.body)
    return [(part.get_content_type(), (part.get("Content-ID") or "").strip().strip("<>"),
             part.get_payload(decode=True)) for part in whole.get_payload()
            if not isinstance(part, str)]


def check_field(message, name, value, faults, echoed):
    fields = FIELDS[message.version]
    known = fields.get(name.lower())
    section = SECTION[message.version]
    if known is None:
        if name.lower() in FIELDS[3 - message.version]:
            faults.add("foreign-header", section, f"{name} is of the other version")
        return
    pattern, allowed = known
    asked = message.name == "GET-PARAMS" and message.kind == "request"
    if not echoed and not asked and not re.fullmatch(pattern, value, re.I):
        rule = "content-id" if name.lower() == "content-id" else "header-value"
        faults.add(rule, section, f"{name}: {value}")
    if message.kind == "request" and allowed is not None and message.name not in allowed.split():
        faults.add("header-place", "RFC 6787 §5.1", f"{name} may not be in {message.name}")


def check_fields(message, faults):
    seen = set()
    echoed = message.kind == "response" and message.status in (403, 404, 409)
    for name, value in message.headers.pairs:
        if name.lower() in seen and name.lower() not in LISTS:
            faults.add("header-twice", "RFC 6787 §6.2, RFC 4463 §5.4", name)
        seen.add(name.lower())
        check_field(message, name, value, faults, echoed)
    if message.body and not message.headers.get("Content-Type"):
        faults.add("content-type-missing", "RFC 6787 §5.1", f"a body without it: {message.start()}")
    if message.version == 2 and "Channel-Identifier" not in message.headers:
        faults.add("channel-identifier", "RFC 6787 §6.2.1", f"none in {message.start()}")


def check_grammars(message, faults):
    for kind, name, body in parts(message):
        if kind in GRAMMARS and not name:
            faults.add("grammar-content-id", "RFC 6787 §9.5.1, RFC 4463 §8.5.1",
                       f"a grammar in {message.name} without Content-ID")
        if kind in ("application/srgs+xml", "application/grammar+xml"):
            check_xml(body, "grammar", faults)
        if kind == "text/uri-list" and not uris(body):
            faults.add("uri-list", "RFC 2483 §5", "no URI in the list")


def check_xml(body, root, faults):
    try:
        found = ElementTree.fromstring(body).tag.rpartition("}")[2]
    except ElementTree.ParseError as error:
        faults.add("xml", "W3C SRGS, SSML", f"{root}: {error}")
        return
    if found != root:
        faults.add("xml", "W3C SRGS, SSML", f"<{found}> where <{root}> belongs")


def uris(body):
    """Of text/uri-list (RFC 2483 §5) and text/grammar-ref-list (RFC 6787 §13.5.1)."""
    lines = [line.strip() for line in body.decode("utf-8", "replace").splitlines()]
    found = [re.match(r"<([^>]+)>", line) for line in lines]
    return [match.group(1) if match else line for match, line in zip(found, lines)
            if line and not line.startswith("#")]


def check_request(message, resource, faults):
    """A request by itself; what depends on the session is the server's to check."""
    check_fields(message, faults)
    own = METHODS.get((message.version, resource), "").split() + PARAMS.split()
    if message.name not in own:
        faults.add("method", "RFC 6787 §8.2, §9.2", f"{message.name} is not for {resource}")
    if message.name in ("RECOGNIZE", "DEFINE-GRAMMAR", "INTERPRET"):
        check_grammars(message, faults)
    if message.name == "RECOGNIZE" and message.version == 2 and \
            "Cancel-If-Queue" not in message.headers:
        faults.add("cancel-if-queue", "RFC 6787 §9.4.27", "RECOGNIZE without Cancel-If-Queue")
    if message.name == "RECOGNIZE" and not message.body:
        faults.add("recognize-body", "RFC 6787 §9.5", "RECOGNIZE without grammars")
    if message.name == "INTERPRET" and not message.headers.get("Interpret-Text"):
        faults.add("interpret-text", "RFC 6787 §9.4.30", "INTERPRET without Interpret-Text")
    if message.name == "SPEAK":
        if not message.body:
            faults.add("speak-body", "RFC 6787 §8.5.1", "SPEAK without anything to say")
        for kind, _, body in parts(message):
            if kind in SPEECH:
                check_xml(body, "speak", faults)


def check_cause(message, resource, faults, needed):
    value = message.headers.get("Completion-Cause")
    if value is None:
        if needed:
            faults.add("completion-cause", "RFC 6787 §8.4.4, §9.4.11", f"none: {message.start()}")
        return
    causes = CAUSES.get((message.version, resource))
    code, _, name = value.partition(" ")
    known = causes and code.isdigit() and int(code) < len(causes) and causes[int(code)] == name
    if causes and not known:
        faults.add("completion-cause", "RFC 6787 §8.4.4, §9.4.11", f"no such cause: {value}")


def check_response(request, message, resource, faults):
    """The answer to `request` by itself."""
    check_fields(message, faults)
    name, good = request.name, 200 <= message.status < 300
    if not (good or message.status // 100 in (4, 5)):
        faults.add("status", "RFC 6787 §5.4", f"status {message.status}")
    lasting = {"SPEAK", "RECOGNIZE", "INTERPRET", "RECORD", "VERIFY", "VERIFY-FROM-BUFFER"}
    if (name not in lasting or not good) and message.state != "COMPLETE":
        faults.add("request-state", "RFC 6787 §5.3", f"{name}: {message.start()}")
    if name in ("SPEAK", "RECOGNIZE") and good and message.state == "COMPLETE":
        faults.add("request-state", "RFC 6787 §8.6, §9.9", f"{name}: {message.start()}")
    failed = name in ("DEFINE-GRAMMAR", "RECOGNIZE") and message.status == 407
    check_cause(message, resource, faults, failed)
    stamped = name in ("STOP", "CONTROL", "BARGE-IN-OCCURRED") or \
        (name == "SPEAK" and message.state == "IN-PROGRESS")
    if message.version == 2 and resource in SAID and stamped and good and \
            "Speech-Marker" not in message.headers:
        faults.add("speech-marker", "RFC 6787 §8.4.8", f"none in the answer to {name}")


def check_event(message, resource, faults):
    """An event by itself."""
    check_fields(message, faults)
    if message.name not in EVENTS.get((message.version, resource), "").split():
        faults.add("event", "RFC 6787 §8.3, §9.3", f"{message.name} is not of {resource}")
    last = message.name.endswith("-COMPLETE")
    if (message.state == "COMPLETE") != last:
        faults.add("request-state", "RFC 6787 §5.5", message.start())
    check_cause(message, resource, faults, last)
    if message.version == 1:
        return
    if message.name == "START-OF-INPUT" and resource in HEARD:
        for field, section in (("Input-Type", "§9.4.5"), ("Proxy-Sync-Id", "§9.12")):
            if field not in message.headers:
                faults.add(field.lower(), f"RFC 6787 {section}", "none in START-OF-INPUT")
    if resource in SAID and "Speech-Marker" not in message.headers:
        faults.add("speech-marker", "RFC 6787 §8.4.8", f"none in {message.name}")
