# SPDX-License-Identifier: Apache-2.0
"""A far end for scenarios: somebody who is called, with media, keys and a plan of what to answer,
alone or one of many at one address; and tones that are known again by their pitch."""
import math
import re
import socket
import struct
import threading
import time
import uuid

import caller as calling
import platform_under_test as platforms

RATE = 8000
PHRASES = {180: "Ringing", 404: "Not Found", 405: "Method Not Allowed", 480: "Unavailable",
           486: "Busy Here", 503: "Service Unavailable", 600: "Busy Everywhere"}


def tone(pitch, seconds=1.0, amplitude=8000):
    return struct.pack(f"<{int(RATE * seconds)}h",
                       *(int(amplitude * math.sin(2 * math.pi * pitch * i / RATE))
                         for i in range(int(RATE * seconds))))


def level(data, pitch):
    """The amplitude of `pitch` in 16 bit samples."""
    samples = struct.unpack(f"<{len(data) // 2}h", data)
    step = 2 * math.pi * pitch / RATE
    real = sum(value * math.cos(step * i) for i, value in enumerate(samples))
    imaginary = sum(value * math.sin(step * i) for i, value in enumerate(samples))
    return 2 * math.hypot(real, imaginary) / max(1, len(samples))


class Audio(calling.Rtp):
    """Of a callee: any codec is kept, and sent as `codec`; keys are kept apart."""

    def __init__(self):
        self.codec = 0
        self.keys = []
        super().__init__("127.0.0.1", socket.AF_INET)

    def receive(self):
        while self.running:
            try:
                packet, source = self.socket.recvfrom(2048)
            except OSError:
                continue
            kind = packet[1] & 0x7F
            if kind == 101:
                self.keys.append((packet[4:8], packet[12]))
            elif len(packet) > 12:
                self.payloads.append((struct.unpack("!H", packet[2:4])[0], packet[12:]))
                self.source = source[:2]

    def packet(self, payload_type, payload, marker=False, timestamp=None):
        super().packet(self.codec if payload_type == 0 else payload_type, payload, marker,
                       timestamp)


def listening_socket():
    result = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    result.bind(("127.0.0.1", 0))
    result.settimeout(0.2)
    return result


def listen(owner, take):
    """Hands each message that comes to `owner` to take(source, head, headers, body)."""
    while owner.running:
        try:
            data, source = owner.socket.recvfrom(65536)
        except OSError:
            continue
        head, _, body = data.decode().partition("\r\n\r\n")
        take(source, head, calling.parse_headers(head), body)


class Callee:
    """Answers one call at a time as `plan` says: statuses to send, "early" for a 183 with media,
    200 for an answer, "bye" to hang up, seconds to wait before the next; nothing more follows the
    last one. At a `switchboard` it has no socket of its own."""

    def __init__(self, switchboard=None, plan=(180, 200)):
        self.socket = switchboard.socket if switchboard else listening_socket()
        self.port = self.socket.getsockname()[1]
        self.running = True
        self.rtp = None
        self.forget(plan)
        if not switchboard:
            threading.Thread(target=listen, args=(self, self.hear), daemon=True).start()

    def forget(self, plan=(180, 200), codec=0):
        if self.rtp:
            self.rtp.close()
        self.plan, self.codec = plan, codec
        self.rtp = Audio()
        self.rtp.codec = codec
        self.invite, self.seen, self.bye = None, [], threading.Event()
        self.acked = threading.Event()
        self.reason = ""
        self.answers = []
        self.uri = ""
        self.version = 0

    def sdp(self, direction="sendrecv"):
        self.version += 1
        return (f"v=0\r\no=- 7 {self.version} IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\n"
                f"t=0 0\r\nm=audio {self.rtp.port} RTP/AVP {self.codec} 101\r\n"
                f"a=rtpmap:101 telephone-event/8000\r\na={direction}\r\n")

    def take_media(self, body):
        port = re.search(r"^m=audio (\d+)", body, re.M)
        if port and port.group(1) != "0":
            self.rtp.remote = ("127.0.0.1", int(port.group(1)))

    def hear(self, source, head, headers, body):
        self.source = source
        self.take(head, headers, body)

    def answer(self, headers, status, body=""):
        lines = [f"{name}: {value}" for name in ("via", "from", "to", "call-id", "cseq")
                 for value in headers[name]]
        lines = [line + ";tag=callee" if line.startswith("to:") and "tag=" not in line else line
                 for line in lines]
        self.send(f"SIP/2.0 {status}\r\n" + "\r\n".join(lines) +
                  f"\r\nContact: <sip:callee@127.0.0.1:{self.port}>\r\n"
                  f"Content-Type: application/sdp\r\nContent-Length: {len(body)}\r\n\r\n{body}")

    def send(self, text):
        self.socket.sendto(text.encode(), self.source)

    def take(self, head, headers, body):
        first = head.split("\r\n")[0]
        method = first.split()[0]
        self.seen.append(first)
        if first.startswith("SIP/2.0"):
            self.answers.append((int(first.split()[1]), headers, body))
        elif method == "INVITE" and "tag=" not in headers["to"][0]:
            if self.invite is None:
                self.invite = headers
                self.uri = first.split()[1]
                self.offer = body
                self.take_media(body)
                threading.Thread(target=self.follow_plan, daemon=True).start()
        elif method == "INVITE":
            self.take_media(body)
            self.answer(headers, "200 OK", self.sdp())
        elif method == "ACK":
            self.acked.set()
        elif method in ("BYE", "CANCEL"):
            self.reason = headers.get("reason", [""])[0]
            self.answer(headers, "200 OK")
            if method == "CANCEL":
                self.answer(self.invite, "487 Request Terminated")
            self.bye.set()
        else:
            self.answer(headers, "200 OK")

    def follow_plan(self):
        """Until the call is taken back."""
        for step in self.plan:
            if self.bye.is_set():
                return
            if isinstance(step, float):
                self.bye.wait(step)  # how long a callee rings, or talks
            elif step == "early":
                self.answer(self.invite, "183 Session Progress", self.sdp())
            elif step == "bye":
                self.request("BYE", 2)
            elif step == 200:
                self.answer(self.invite, "200 OK", self.sdp())
            else:
                self.answer(self.invite, f"{step} {PHRASES[step]}")

    def request(self, method, cseq, body=""):
        """A request of the callee within the dialog; the final answer to it."""
        to = self.invite["from"][0]
        own = self.invite["to"][0] + ";tag=callee"
        contact = re.search(r"<([^>]+)>", self.invite["contact"][0]).group(1)

        def text(name):
            return (f"{name} {contact} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{self.port};rport;"
                    f"branch=z9hG4bK{uuid.uuid4().hex[:12]}\r\nMax-Forwards: 70\r\nFrom: {own}\r\n"
                    f"To: {to}\r\nCall-ID: {self.invite['call-id'][0]}\r\nCSeq: {cseq} {name}\r\n"
                    f"Contact: <sip:callee@127.0.0.1:{self.port}>\r\n")
        self.answers.clear()
        self.send(text(method) + "Content-Type: application/sdp\r\n"
                  f"Content-Length: {len(body)}\r\n\r\n{body}")
        status, headers, answer = platforms.wait_until(
            lambda: next((a for a in self.answers if a[0] >= 200), None), 5, f"answer to {method}")
        if method == "INVITE":
            self.send(text("ACK") + "Content-Length: 0\r\n\r\n")
            self.take_media(answer)
        return status, answer

    def end(self):
        self.running = False
        self.rtp.close()
        self.socket.close()


class Switchboard:
    """One address at which many are called at a time. Nothing in an INVITE tells on whose behalf
    it comes, so that one callee is expected at a time, until its INVITE is here."""

    def __init__(self):
        self.socket = listening_socket()
        self.port = self.socket.getsockname()[1]
        self.running = True
        self.turn = threading.Lock()  # of who is expected
        self.lock = threading.Lock()
        self.expected = None
        self.calls = {}  # callee by Call-ID; what is left of a call may come late
        threading.Thread(target=listen, args=(self, self.route), daemon=True).start()

    def expect(self, plan):
        """Who gets the next call."""
        self.turn.acquire()
        self.expected = Callee(self, plan)
        return self.expected

    def take_expected(self, callee=None):
        """Who was expected (if it is `callee`) is so no more."""
        with self.lock:
            expected = self.expected
            if expected is None or callee not in (None, expected):
                return None
            self.expected = None
            self.turn.release()
            return expected

    def leave(self, callee):
        """It talks no more, and waits for no call."""
        self.take_expected(callee)
        callee.rtp.close()

    def route(self, source, head, headers, body):
        call = headers["call-id"][0]
        callee = self.calls.get(call) or self.take_expected()
        if callee:
            self.calls[call] = callee
            callee.hear(source, head, headers, body)

    def end(self):
        self.running = False
        self.socket.close()
