#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Strangers that send requests without pause, as a process of its own: so many a second over UDP or
TCP, of every kind, from several addresses. Prints one JSON object at the end.

    flood.py udp|tcp PORT RATE SECONDS [ADDRESSES]
"""
import json
import select
import socket
import sys
import time
import uuid

STEP = 0.01  # seconds; what is due in it is sent in one go
CONNECTIONS = 20  # of each address over TCP


def sdp(address):
    return (f"v=0\r\no=- 1 1 IN IP4 {address}\r\ns=-\r\nc=IN IP4 {address}\r\nt=0 0\r\n"
            "m=audio 4000 RTP/AVP 0 8 101\r\na=rtpmap:101 telephone-event/8000\r\n")


def request(method, number, address, port, protocol, headers="", body="", to_tag=""):
    key = f"{number}-{uuid.uuid4().hex[:8]}"
    return (f"{method} sip:dialog@127.0.0.1 SIP/2.0\r\n"
            f"Via: SIP/2.0/{protocol.upper()} {address}:{port};rport;branch=z9hG4bK{key}\r\n"
            f"Max-Forwards: 70\r\nFrom: <sip:stranger@{address}>;tag={key}\r\n"
            f"To: <sip:dialog@127.0.0.1>{to_tag}\r\nCall-ID: {key}@{address}\r\n"
            f"CSeq: {number} {method}\r\nContact: <sip:stranger@{address}:{port}>\r\n{headers}"
            f"Content-Length: {len(body)}\r\n\r\n{body}").encode()


def kinds(address, port, protocol):
    """What strangers send: calls, registrations, probes, requests of no dialog, nonsense."""
    calls = "Content-Type: application/sdp\r\n"
    yield lambda n: request("INVITE", n, address, port, protocol, calls, sdp(address))
    yield lambda n: request("INVITE", n, address, port, protocol, calls, "v=0\r\nm=x 1 x =\r\n")
    yield lambda n: request("REGISTER", n, address, port, protocol)
    yield lambda n: request("OPTIONS", n, address, port, protocol)
    yield lambda n: request("BYE", n, address, port, protocol, to_tag=";tag=none")
    yield lambda n: request("SUBSCRIBE", n, address, port, protocol, "Event: presence\r\n")
    yield lambda n: request("NONSENSE", n, address, port, protocol)
    if protocol == "udp":  # a connection ends with the first of these
        yield lambda n: request("INVITE", n, address, port, protocol, "Contact: <<<\r\n")
        yield lambda n: b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 20


class Udp:
    def __init__(self, address, port):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((address, 0))
        self.socket.connect(("127.0.0.1", port))
        self.socket.setblocking(False)
        self.makers = list(kinds(address, self.socket.getsockname()[1], "udp"))
        self.answers = 0

    def send(self, number):
        try:
            self.socket.send(self.makers[number % len(self.makers)](number))
            return True
        except OSError:
            return False

    def drain(self):
        try:
            while True:
                self.socket.recv(65536)
                self.answers += 1
        except OSError:
            pass


class Tcp:
    """A connection that is made anew when the other side has closed it."""

    def __init__(self, address, port):
        self.address, self.port = address, port
        self.answers = self.closed = 0
        self.socket = None
        self.open()

    def open(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.socket.bind((self.address, 0))
        self.socket.setblocking(False)
        self.socket.connect_ex(("127.0.0.1", self.port))
        self.makers = list(kinds(self.address, self.socket.getsockname()[1], "tcp"))

    def again(self):
        self.closed += 1
        self.socket.close()
        try:
            self.open()
        except OSError:
            pass

    def send(self, number):
        try:
            message = self.makers[number % len(self.makers)](number)
            if self.socket.send(message) == len(message):
                return True
        except BlockingIOError:
            return False
        except OSError:
            pass
        self.again()
        return False

    def drain(self):
        try:
            data = self.socket.recv(65536)
            self.answers += data.count(b"SIP/2.0 ")
            if not data:
                self.again()
        except BlockingIOError:
            pass
        except OSError:
            self.again()


def run(protocol, port, rate, seconds, addresses):
    names = [f"127.0.0.{2 + i}" for i in range(addresses)]
    senders = [Udp(name, port) if protocol == "udp" else Tcp(name, port)
               for name in names for _ in range(1 if protocol == "udp" else CONNECTIONS)]
    begin = time.monotonic()
    tried = sent = 0
    while (now := time.monotonic()) < begin + seconds:
        while tried < (now - begin) * rate:
            tried += 1
            sent += senders[tried % len(senders)].send(tried // len(senders) + tried)
        for sender in senders:
            sender.drain()
        select.select([], [], [], max(0, STEP - (time.monotonic() - now)))
    return {"sent": sent, "tried": tried, "rate": round(sent / (time.monotonic() - begin)),
            "answers": sum(sender.answers for sender in senders),
            "closed": sum(getattr(sender, "closed", 0) for sender in senders)}


if __name__ == "__main__":
    print(json.dumps(run(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4]),
                         int(sys.argv[5]) if len(sys.argv) > 5 else 8)))
