# SPDX-License-Identifier: Apache-2.0
"""A caller for scenarios: one SIP call over UDP or TCP with PCMU, keys as RFC 4733 events, and all
that was heard kept as μ-law bytes. One thread reads SIP, one moves RTP in 20 ms steps."""
import audioop
import random
import re
import socket
import struct
import threading
import time
import uuid

FRAME = 160
EVENTS = "0123456789*#ABCD"


class CallFailed(Exception):
    """The call did not come about; code is the SIP status, 0 for a time-out."""

    def __init__(self, code, text, headers=""):
        super().__init__(f"{code} {text}")
        self.code = code
        self.text = text
        self.headers = headers


def parse_headers(text):
    headers = {}
    for line in text.split("\r\n")[1:]:
        name, colon, value = line.partition(":")
        if colon:
            headers.setdefault(name.strip().lower(), []).append(value.strip())
    return headers


class Rtp:
    """Sends a packet every 20 ms: speech, keys or silence. Keeps what it receives."""

    payload_type = 0
    attributes = ""  # further lines of the description
    silence = b"\xff" * FRAME  # None: nothing is sent in a pause

    def __init__(self, host, family):
        self.socket = socket.socket(family, socket.SOCK_DGRAM)
        self.socket.bind((host, 0))
        self.socket.settimeout(0.2)
        self.port = self.socket.getsockname()[1]
        self.remote = None
        self.payloads = []  # (sequence, bytes) as they came
        self.arrived = []  # when, in seconds of time.monotonic()
        self.source = None  # of the last one
        self.work = []  # frames and key packets to send next
        self.lock = threading.Lock()
        self.lateness = 0.0  # seconds that a packet left too late, at most
        self.running = True
        self.sequence = random.randrange(1 << 15)
        self.timestamp = random.randrange(1 << 30)
        self.ssrc = random.randrange(1 << 32)
        self.threads = [threading.Thread(target=self.receive, daemon=True),
                        threading.Thread(target=self.send, daemon=True)]
        for thread in self.threads:
            thread.start()

    def receive(self):
        while self.running:
            try:
                packet, source = self.socket.recvfrom(2048)
            except OSError:
                continue
            if len(packet) > 12 and packet[0] >> 6 == 2 and packet[1] & 0x7F == self.payload_type:
                sequence = struct.unpack("!H", packet[2:4])[0]
                self.payloads.append((sequence, packet[12:]))
                self.arrived.append(time.monotonic())
                self.source = source[:2]

    def packet(self, payload_type, payload, marker=False, timestamp=None):
        self.sequence = (self.sequence + 1) & 0xFFFF
        head = struct.pack("!BBHII", 0x80, payload_type | (0x80 if marker else 0), self.sequence,
                           (self.timestamp if timestamp is None else timestamp) & 0xFFFFFFFF,
                           self.ssrc)
        self.socket.sendto(head + payload, self.remote)

    def send(self):
        due = time.monotonic()
        while self.running:
            if self.remote:
                with self.lock:
                    item = self.work.pop(0) if self.work else self.silence
                try:
                    if isinstance(item, bytes):
                        self.packet(self.payload_type, item)
                    elif item is not None:
                        self.packet(101, item[0], item[1], self.timestamp - item[2])
                except OSError:
                    pass
                self.timestamp += FRAME
            due += 0.02
            now = time.monotonic()
            self.lateness = max(self.lateness, now - due)
            time.sleep(max(0.0, due - now))

    def press(self, key, milliseconds=120):
        """Queues the packets of one key press and a pause after it."""
        steps = milliseconds // 20
        items = []
        for step in range(steps + 3):
            duration = min(step + 1, steps) * FRAME
            end = 0x80 if step >= steps else 0
            payload = struct.pack("!BBH", EVENTS.index(key), end | 10, duration)
            items.append((payload, step == 0, step * FRAME))
        with self.lock:
            self.work += items + [self.silence] * 5

    def say(self, mulaw):
        frames = [mulaw[i:i + FRAME].ljust(FRAME, b"\xff") for i in range(0, len(mulaw), FRAME)]
        with self.lock:
            self.work += frames

    def idle(self):
        with self.lock:
            return not self.work

    def close(self):
        self.running = False
        for thread in self.threads:
            thread.join()
        self.socket.close()

    def lost(self):
        """Packets that are missing between the first and the last that came."""
        numbers = [sequence for sequence, _ in self.payloads]
        return ((numbers[-1] - numbers[0]) & 0xFFFF) + 1 - len(set(numbers)) if numbers else 0

    def heard(self):
        """All that was received, in order of sequence numbers, as 16 bit samples."""
        unwrapped = []
        last = None
        for sequence, payload in self.payloads:
            if last is not None:
                sequence = last + ((sequence - last + 0x8000) & 0xFFFF) - 0x8000
            last = sequence
            unwrapped.append((sequence, payload))
        return audioop.ulaw2lin(b"".join(p for _, p in sorted(dict(unwrapped).items())), 2)


class Caller:
    """One call. place() returns when it is answered; the other side's BYE sets `ended`."""

    media = Rtp

    def __init__(self, transport="udp", host="127.0.0.1", server=None):
        self.host = host
        self.server = server or host
        self.family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.transport = transport
        self.ended = threading.Event()
        self.answers = []
        self.condition = threading.Condition()
        self.call_id = uuid.uuid4().hex
        self.tag = uuid.uuid4().hex[:8]
        self.cseq = 1
        self.to = None
        self.contact = None
        self.routes = ""  # Route headers of the dialog (RFC 3261 §12.1.2)
        self.headers = ""  # further lines of its INVITE
        self.reason = None
        self.body = None
        self.answer = ""  # SDP of the other side
        self.offers = []  # SDP of its re-INVITEs, "" without
        self.reply = "200 OK"  # to these; "100 Trying" is all they get then
        self.rtp = self.media(host, self.family)

    def connect(self, port):
        kind = socket.SOCK_STREAM if self.transport == "tcp" else socket.SOCK_DGRAM
        self.socket = socket.socket(self.family, kind)
        self.socket.bind((self.host, 0))
        self.socket.connect((self.server, port))
        self.socket.settimeout(0.2)
        threading.Thread(target=self.listen, daemon=True).start()

    def literal(self):
        return f"[{self.host}]" if ":" in self.host else self.host

    def request(self, method, uri, cseq=None, extra="", body="", to=None, branch=None):
        local = self.socket.getsockname()
        where = f"{self.literal()}:{local[1]}"
        branch = branch or "z9hG4bK" + uuid.uuid4().hex[:12]
        to = to or self.to or f"<{uri}>"
        return (f"{method} {uri} SIP/2.0\r\n"
                f"Via: SIP/2.0/{self.transport.upper()} {where};rport;branch={branch}\r\n"
                f"Max-Forwards: 70\r\nFrom: <sip:caller@{self.literal()}>;tag={self.tag}\r\n"
                f"To: {to}\r\nCall-ID: {self.call_id}\r\n"
                f"CSeq: {cseq or self.cseq} {method}\r\n"
                f"Contact: <sip:caller@{where};transport={self.transport}>\r\n{self.routes}"
                f"{extra}Content-Length: {len(body)}\r\n\r\n{body}")

    def sdp(self, version=1, media=True, direction="sendrecv"):
        where = f"IN IP{6 if ':' in self.host else 4} {self.host}"
        head = f"v=0\r\no=- 1 {version} {where}\r\ns=-\r\nc={where}\r\nt=0 0\r\n"
        return head if not media else (
            f"{head}m=audio {self.rtp.port} RTP/AVP {self.rtp.payload_type} 101\r\n"
            f"{self.rtp.attributes}"
            f"a=rtpmap:101 telephone-event/8000\r\na=ptime:20\r\na={direction}\r\n")

    def send(self, text):
        try:
            self.socket.sendall(text.encode())
        except OSError:
            pass

    def listen(self):
        buffer = b""
        while not self.ended.is_set():
            try:
                data = self.socket.recv(65536)
            except socket.timeout:
                continue
            except OSError:
                return
            buffer = data if self.transport == "udp" else buffer + data
            while b"\r\n\r\n" in buffer:
                head, _, rest = buffer.partition(b"\r\n\r\n")
                headers = parse_headers(head.decode("utf-8", "replace"))
                length = int(headers.get("content-length", ["0"])[0])
                if len(rest) < length:
                    break
                self.take(head.decode("utf-8", "replace"), headers, rest[:length].decode())
                buffer = rest[length:]

    def take(self, head, headers, body):
        first = head.split("\r\n")[0]
        if first.startswith("SIP/2.0"):
            with self.condition:
                self.answers.append((int(first.split()[1]), first, headers, body))
                self.condition.notify_all()
            return
        if first.startswith("ACK"):
            if body:
                self.take_answer(body)
            return
        echo = "".join(f"{name}: {value}\r\n" for name in ("via", "from", "to", "call-id", "cseq")
                       for value in headers.get(name, []))
        if first.startswith("INVITE"):
            self.take_offer(echo, body)
            return
        self.send(f"SIP/2.0 200 OK\r\n{echo}Content-Length: 0\r\n\r\n")
        if first.startswith("CANCEL"):
            echo = echo.replace("CANCEL", "INVITE")
            self.send(f"SIP/2.0 487 Request Terminated\r\n{echo}Content-Length: 0\r\n\r\n")
        if first.startswith("BYE"):
            self.reason = headers.get("reason", [""])[0]
            self.body = body
            self.ended.set()

    def take_offer(self, echo, body):
        """A re-INVITE: what it offers is held against what was held before, and answered."""
        self.offers.append(body)
        host, port = self.literal(), self.socket.getsockname()[1]
        own = ""
        if self.reply.startswith("2"):
            held = "a=sendonly" in body
            own = self.sdp(len(self.offers) + 1, direction="recvonly" if held else "sendrecv")
            if body:
                self.take_answer(body)
        self.send(f"SIP/2.0 {self.reply}\r\n{echo}"
                  f"Contact: <sip:caller@{host}:{port};transport={self.transport}>\r\n"
                  f"Content-Type: application/sdp\r\nContent-Length: {len(own)}\r\n\r\n{own}")

    def wait_final(self, method, timeout, resend):
        """The final answer to the request under way; over UDP the request is repeated (timer A)."""
        end = time.monotonic() + timeout
        interval = 0.5
        while time.monotonic() < end:
            with self.condition:
                self.condition.wait_for(lambda: self.answers, interval)
                answers, self.answers = self.answers, []
            for answer in answers:
                if answer[0] >= 200 and answer[2]["cseq"][0].endswith(method):
                    return answer
            if answers:
                interval = 1.0
                resend = None
            if resend and self.transport == "udp":
                self.send(resend)
                interval = min(interval * 2, 4)
        raise CallFailed(0, f"no final answer to {method}")

    def place(self, uri, port, timeout=20, media=True):
        """Without media the call is to be prepared only (RFC 5552 §2.3); see bring_media()."""
        self.connect(port)
        branch = "z9hG4bK" + uuid.uuid4().hex[:12]
        invite = self.request("INVITE", uri, body=self.sdp(media=media), branch=branch,
                              extra=f"{self.headers}Content-Type: application/sdp\r\n")
        self.send(invite)
        code, first, headers, body = self.wait_final("INVITE", timeout, invite)
        self.to = headers["to"][0]
        if code >= 300:
            self.send(self.request("ACK", uri, branch=branch))
            raise CallFailed(code, first, headers)
        self.contact = re.search(r"<([^>]+)>", headers["contact"][0]).group(1)
        hops = re.findall(r"<[^>]*>[^,]*", ",".join(headers.get("record-route", [])))
        self.routes = "".join(f"Route: {hop}\r\n" for hop in reversed(hops))
        self.send(self.request("ACK", self.contact))
        self.take_answer(body)
        return headers

    def take_answer(self, body):
        self.answer = body
        line = re.search(r"^m=audio (\d+)", body, re.M)
        address = re.search(r"^c=IN IP[46] (\S+)", body, re.M)
        if line and line.group(1) != "0":
            self.rtp.remote = (address.group(1), int(line.group(1)))

    def bring_media(self):
        """A re-INVITE with media, for a call that was placed without."""
        self.offer_again(self.sdp(2))

    def offer_again(self, sdp):
        self.cseq += 1
        invite = self.request("INVITE", self.contact, body=sdp,
                              extra="Content-Type: application/sdp\r\n")
        self.send(invite)
        code, first, headers, body = self.wait_final("INVITE", 10, invite)
        self.send(self.request("ACK", self.contact))
        if code >= 300:
            raise CallFailed(code, first, headers)
        self.take_answer(body)

    def hang_up(self):
        if not self.ended.is_set():
            self.cseq += 1
            bye = self.request("BYE", self.contact)
            self.send(bye)
            try:
                self.wait_final("BYE", 5, bye)
            except CallFailed:
                pass
            self.ended.set()

    def close(self):
        self.ended.set()
        self.rtp.close()
        self.socket.close()


class Referred(Caller):
    """A caller that keeps the REFER it gets, and answers it as it was told."""

    def __init__(self, reply="202 Accepted"):
        self.refer_reply = reply
        self.referred = threading.Event()
        self.refer = {}
        super().__init__()

    def take(self, head, headers, body):
        if not head.startswith("REFER"):
            super().take(head, headers, body)
            return
        echo = "".join(f"{name}: {value}\r\n" for name in ("via", "from", "to", "call-id", "cseq")
                       for value in headers[name])
        self.send(f"SIP/2.0 {self.refer_reply}\r\n{echo}Content-Length: 0\r\n\r\n")
        self.refer = headers
        self.referred.set()

    def notify(self, status):
        """Tells how the call that was asked for goes (RFC 3515)."""
        over = int(status[:3]) >= 200
        state = "terminated;reason=noresource" if over else "active;expires=60"
        body = f"SIP/2.0 {status}\r\n"
        self.cseq += 1
        notify = self.request("NOTIFY", self.contact, body=body,
                              extra=f"Event: refer\r\nSubscription-State: {state}\r\n"
                                    "Content-Type: message/sipfrag\r\n")
        self.send(notify)
        code = self.wait_final("NOTIFY", 5, notify)[0]
        assert code == 200, f"NOTIFY was answered with {code}"


def energies(samples, width=160):
    """Root mean square of each 20 ms."""
    step = width * 2
    return [audioop.rms(samples[i:i + step], 2) for i in range(0, len(samples) - step + 1, step)]


def likeness(heard, wanted):
    """How well the loudness of `wanted` (samples) is found somewhere in `heard`: −1 to 1, and the
    second where. A prompt that was really played scores above 0.9; another sentence below 0.6."""
    a = [min(e, 8000) for e in energies(heard)]
    b = [min(e, 8000) for e in energies(wanted)]
    best, where = -1.0, 0
    n = len(b)
    mean_b = sum(b) / n
    var_b = sum((x - mean_b) ** 2 for x in b) or 1.0
    for start in range(0, max(1, len(a) - n + 1)):
        part = a[start:start + n]
        if len(part) < n:
            break
        mean_a = sum(part) / n
        var_a = sum((x - mean_a) ** 2 for x in part) or 1.0
        score = sum((x - mean_a) * (y - mean_b) for x, y in zip(part, b)) / (var_a * var_b) ** 0.5
        if score > best:
            best, where = score, start
    return best, where * 0.02
