# SPDX-License-Identifier: Apache-2.0
"""Messages of MRCPv2 (RFC 6787 §5), MRCPv1 (RFC 4463 §5), and of RTSP and SIP, which carry them.

What the other side sends against a standard is kept as a fault; only a stream that cannot be
followed any more raises WireError.
"""
import re

MAX_MESSAGE = 1 << 20
MAX_HEAD = 1 << 16
TOKEN = re.compile(r"[A-Za-z0-9\-.!%*_+`'~]+\Z")
STATES = ("COMPLETE", "IN-PROGRESS", "PENDING")
LENGTH = re.compile(rb"^(?:Content-Length|l)[ \t]*:[ \t]*(\d+)[ \t]*\r?$", re.M | re.I)
MAX_ID = (1 << 32) - 1


class WireError(Exception):
    """The stream makes no sense from here on."""


class Faults:
    """What the other side did wrong: each with a rule's short name and the section."""

    def __init__(self, allow=()):
        self.allow = set(allow)
        self.items = []

    def add(self, rule, section, text):
        if rule not in self.allow:
            self.items.append({"rule": rule, "section": section, "text": text})

    def rules(self):
        return [item["rule"] for item in self.items]


class Headers:
    """Header fields in their order; names match without case."""

    def __init__(self, pairs=()):
        self.pairs = [(name, str(value)) for name, value in pairs]

    def all(self, name):
        return [value for other, value in self.pairs if other.lower() == name.lower()]

    def get(self, name, default=None):
        return (self.all(name) or [default])[0]

    def __contains__(self, name):
        return bool(self.all(name))

    def set(self, name, value):
        self.pairs = [pair for pair in self.pairs if pair[0].lower() != name.lower()]
        self.pairs.append((name, str(value)))

    def encode(self):
        return "".join(f"{name}: {value}\r\n" for name, value in self.pairs).encode()


def parse_headers(text, faults, section, loose=False):
    """The lines after the start-line. SIP and RTSP allow blanks before the colon (`loose`)."""
    headers = Headers()
    for line in text.split("\r\n") if text else []:
        if line[:1] in (" ", "\t") and headers.pairs:
            name, value = headers.pairs[-1]
            headers.pairs[-1] = (name, f"{value} {line.strip()}".strip())
            continue
        name, colon, value = line.partition(":")
        if not colon or not TOKEN.match(name.rstrip() if loose else name):
            faults.add("header-syntax", section, f"not a header field: {line!r}")
            continue
        headers.pairs.append((name.strip(), value.strip()))
    return headers


def split_head(data, faults, section):
    """(start-line, text of the header fields, body)."""
    head, blank, body = data.partition(b"\r\n\r\n")
    if not blank:
        raise WireError(f"no empty line after the header fields: {data[:60]!r}")
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError as error:
        raise WireError(f"header section is not UTF-8: {error}") from error
    if re.search(r"\r(?!\n)|(?<!\r)\n", text):
        faults.add("line-end", section, f"a line does not end with CRLF: {text[:60]!r}")
        text = re.sub(r"\r\n|\r|\n", "\r\n", text)
    start, _, rest = text.partition("\r\n")
    return start, rest, body


def content_length(headers, body, faults, section):
    """Compares what was announced with what is there; a missing field means none."""
    value = headers.get("Content-Length")
    if value is None and body:
        faults.add("content-length-missing", section, f"{len(body)} octets of body without it")
    elif value is not None and (not value.isdigit() or int(value) != len(body)):
        faults.add("content-length", section, f"{value} announced, {len(body)} octets are there")


class Mrcp:
    """One MRCP message of either version. `kind` is request, response or event; `name` is the
    method or the event."""

    def __init__(self, version, kind, number, name=None, status=None, state=None, headers=(),
                 body=b""):
        self.version = version
        self.kind = kind
        self.number = number
        self.name = name
        self.status = status
        self.state = state
        self.headers = headers if isinstance(headers, Headers) else Headers(headers)
        self.body = body if isinstance(body, bytes) else body.encode()

    def start(self):
        words = {"request": (self.name, self.number),
                 "response": (self.number, self.status, self.state),
                 "event": (self.name, self.number, self.state)}[self.kind]
        return " ".join(str(word) for word in words)

    def encode(self, skew=0):
        """`skew` is added to the message-length of version 2, to make it wrong."""
        headers = Headers(self.headers.pairs)
        if self.body and "Content-Length" not in headers:
            headers.set("Content-Length", len(self.body))
        rest = headers.encode() + b"\r\n" + self.body
        if self.version == 1:
            line = (f"MRCP/1.0 {self.start()}" if self.kind == "response"
                    else f"{self.start()} MRCP/1.0")
            return line.encode() + b"\r\n" + rest
        length = 0
        while True:
            line = f"MRCP/2.0 {length} {self.start()}\r\n".encode()
            if len(line) + len(rest) == length:
                return f"MRCP/2.0 {length + skew} {self.start()}\r\n".encode() + rest
            length = len(line) + len(rest)

    def summary(self):
        return {"kind": self.kind, "name": self.name, "id": self.number, "status": self.status,
                "state": self.state, "headers": self.headers.pairs,
                "body": self.body.decode("utf-8", "replace")}


def read_start(words, version, faults):
    """The Mrcp of the words of a start-line without version and length."""
    section = "RFC 6787 §5" if version == 2 else "RFC 4463 §5"
    if len(words) == 4 and words[2].isdigit() and words[3] in STATES:
        # The standard's own examples of INTERPRETATION-COMPLETE have a status.
        faults.add("start-line", section, f"a status in an event: {' '.join(words)}")
        words = [words[0], words[1], words[3]]
    if len(words) == 2 and words[1].isdigit():
        found = Mrcp(version, "request", int(words[1]), name=words[0])
    elif len(words) == 3 and words[0].isdigit() and re.fullmatch(r"\d{3}", words[1]):
        found = Mrcp(version, "response", int(words[0]), status=int(words[1]), state=words[2])
    elif len(words) == 3 and words[1].isdigit():
        found = Mrcp(version, "event", int(words[1]), name=words[0], state=words[2])
    else:
        raise WireError(f"not a start-line: {' '.join(words)!r}")
    if found.kind != "request" and found.state not in STATES:
        faults.add("request-state", section, f"no such state: {found.state}")
    digits = words[0] if found.kind == "response" else words[1]
    if len(digits) > 10 or found.number > MAX_ID:
        faults.add("request-id", section, f"not an unsigned number of 32 bits: {digits}")
    return found


def parse_mrcp(version, data, faults):
    """One whole message."""
    section = "RFC 6787 §5.1" if version == 2 else "RFC 4463 §5"
    start, fields, body = split_head(data, faults, section)
    words = start.split(" ")
    mark = f"MRCP/{version}.0"
    if version == 2:
        if words[0] != mark or len(words) < 2 or not re.fullmatch(r"\d{1,19}", words[1]):
            raise WireError(f"not a start-line: {start!r}")
        if int(words[1]) != len(data):
            faults.add("message-length", section, f"{words[1]} announced, {len(data)} octets")
        words = words[2:]
    elif words[0] == mark:
        words = words[1:]
    elif words[-1] == mark:
        words = words[:-1]
    else:
        raise WireError(f"not a start-line: {start!r}")
    message = read_start(words, version, faults)
    message.headers = parse_headers(fields, faults, section)
    message.body = body
    content_length(message.headers, body, faults, section)
    return message


class MrcpReader:
    """A TCP stream of MRCPv2: bytes come in as they arrive, messages go out."""

    def __init__(self, faults):
        self.faults = faults
        self.buffer = b""

    def feed(self, data):
        self.buffer += data
        found = []
        while self.buffer:
            mark = b"MRCP/2.0 "
            if not self.buffer.startswith(mark[:len(self.buffer)]):
                raise WireError(f"not MRCPv2: {self.buffer[:40]!r}")
            match = re.match(rb"MRCP/2\.0 (\d{1,19}) ", self.buffer)
            if not match:
                if len(self.buffer) > len(mark) + 20:
                    raise WireError(f"no message-length: {self.buffer[:40]!r}")
                break
            length = int(match.group(1))
            if not len(match.group(0)) < length <= MAX_MESSAGE:
                raise WireError(f"message-length {length}")
            if len(self.buffer) < length:
                break
            data, self.buffer = self.buffer[:length], self.buffer[length:]
            found.append(parse_mrcp(2, data, self.faults))
        return found

    def end(self):
        """The stream is over: nothing may be left."""
        if self.buffer:
            self.faults.add("message-length", "RFC 6787 §5.1",
                            f"{len(self.buffer)} octets of a message that never ended")
            self.buffer = b""


SIP_SHORT = {"v": "Via", "f": "From", "t": "To", "i": "Call-ID", "m": "Contact",
             "c": "Content-Type", "l": "Content-Length", "s": "Subject", "k": "Supported",
             "x": "Session-Expires"}


class Envelope:
    """A message of SIP or RTSP. `protocol` is "SIP/2.0" or "RTSP/1.0"; `status` is 0 in a
    request."""

    def __init__(self, protocol, method=None, uri=None, status=0, reason="", headers=(), body=b""):
        self.protocol = protocol
        self.method = method
        self.uri = uri
        self.status = status
        self.reason = reason
        self.headers = headers if isinstance(headers, Headers) else Headers(headers)
        self.body = body if isinstance(body, bytes) else body.encode()

    def encode(self):
        headers = Headers(self.headers.pairs)
        if "Content-Length" not in headers and (self.body or self.protocol == "SIP/2.0"):
            headers.set("Content-Length", len(self.body))
        start = (f"{self.protocol} {self.status} {self.reason}" if self.status
                 else f"{self.method} {self.uri} {self.protocol}")
        return start.encode() + b"\r\n" + headers.encode() + b"\r\n" + self.body

    def get(self, name, default=""):
        return self.headers.get(name, default)

    def cseq(self):
        """(number, method); RTSP has no method in it."""
        words = self.get("CSeq").split()
        number = int(words[0]) if words and words[0].isdigit() else -1
        return number, words[1] if len(words) > 1 else ""


def parse_envelope(data, faults):
    start, fields, body = split_head(data, faults, "RFC 3261 §7, RFC 2326 §4")
    answer = re.fullmatch(r"(SIP/2\.0|RTSP/1\.0) (\d{3}) ?(.*)", start)
    request = re.fullmatch(r"([A-Z_]+) (\S+) (SIP/2\.0|RTSP/1\.0)", start)
    if answer:
        found = Envelope(answer.group(1), status=int(answer.group(2)), reason=answer.group(3))
    elif request:
        found = Envelope(request.group(3), request.group(1), request.group(2))
    else:
        raise WireError(f"neither a request nor an answer: {start!r}")
    found.headers = parse_headers(fields, faults, "RFC 3261 §7.3", loose=True)
    if found.protocol == "SIP/2.0":
        found.headers.pairs = [(SIP_SHORT.get(name.lower(), name), value)
                               for name, value in found.headers.pairs]
    found.body = body
    content_length(found.headers, body, faults, "RFC 3261 §20.14, RFC 2326 §12.14")
    if found.cseq()[0] < 0:
        faults.add("cseq", "RFC 3261 §8.1.1.5, RFC 2326 §12.17", f"no CSeq in {start!r}")
    return found


class EnvelopeReader:
    """A TCP stream of SIP or RTSP."""

    def __init__(self, faults):
        self.faults = faults
        self.buffer = b""

    def feed(self, data):
        self.buffer += data
        found = []
        while True:
            self.buffer = self.buffer.lstrip(b"\r\n")  # keep-alives
            head, blank, rest = self.buffer.partition(b"\r\n\r\n")
            if not blank:
                if len(head) > MAX_HEAD:
                    raise WireError(f"a head without an end: {head[:40]!r}")
                return found
            match = LENGTH.search(head)
            length = int(match.group(1)) if match else 0
            if length > MAX_MESSAGE:
                raise WireError(f"Content-Length {length}")
            if len(rest) < length:
                return found
            whole = head + blank + rest[:length]
            self.buffer = rest[length:]
            found.append(parse_envelope(whole, self.faults))

    def end(self):
        if self.buffer.strip():
            self.faults.add("content-length", "RFC 3261 §18.3",
                            f"{len(self.buffer)} octets of a message that never ended")
            self.buffer = b""
