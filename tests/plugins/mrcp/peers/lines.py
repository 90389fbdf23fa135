# SPDX-License-Identifier: Apache-2.0
"""Connections that carry MRCP on the server's side: MRCPv2's control connection (RFC 6787 §4.5) and
RTSP with MRCPv1 inside (RFC 4463 §3.2). What is written may be cut, spoiled, or stopped half-way.
"""
import asyncio
import socket

from mrcp_wire import Envelope, EnvelopeReader, MrcpReader, WireError, parse_mrcp

PAUSE = 0.02  # between the pieces of one message
LATE = 5.0  # s, for an answer
GARBAGE = b"\x00\xff\x80 this is no MRCP \r\n\r\n\x01" * 8


class Line:
    """Writes in order. An item is bytes, seconds to wait, or None: close."""

    def __init__(self, server, reader, writer):
        self.server, self.reader, self.writer = server, reader, writer
        self.faults = server.faults
        self.closed_by = None
        self.outbox = asyncio.Queue()
        connected = writer.get_extra_info("socket")
        if connected:
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.task = server.start(self.write())

    async def write(self):
        while True:
            item = await self.outbox.get()
            if item is None:
                self.closed_by = self.closed_by or "server"
                self.writer.close()
                return
            if isinstance(item, float):
                await asyncio.sleep(item)
            elif not self.writer.is_closing():
                self.writer.write(item)
                try:
                    await self.writer.drain()
                except OSError:
                    return

    def put(self, data, pieces=1, half=False):
        if half:
            self.outbox.put_nowait(data[:len(data) // 2])
            self.outbox.put_nowait(None)
            return
        size = -(-len(data) // pieces)
        for start in range(0, len(data), size):
            if start:
                self.outbox.put_nowait(PAUSE)
            self.outbox.put_nowait(data[start:start + size])

    def destroy(self, fault):
        if fault == "garbage":
            self.put(GARBAGE)
        elif fault == "exit":
            self.server.die()
        else:
            self.closed_by = "server"
            self.outbox.put_nowait(None)

    def close(self):
        self.outbox.put_nowait(None)

    async def run(self):
        reader = self.make_reader()
        try:
            while data := await self.reader.read(65536):
                for message in reader.feed(data):
                    self.take(message)
            reader.end()
        except WireError as error:
            self.faults.add("garbage", "RFC 6787 §5, RFC 2326 §4", str(error))
            self.closed_by = "server"
        except OSError:
            pass
        self.closed_by = self.closed_by or "client"
        self.close()
        self.server.line_closed(self)


class ControlLine(Line):
    """MRCPv2: many channels, of many sessions."""

    def make_reader(self):
        return MrcpReader(self.faults)

    def take(self, message):
        self.server.take_control(self, message)

    def send(self, resource, messages, channel=None, skew=0, pieces=1, half=False):
        data = b""
        for message in messages:
            message.headers.pairs = [pair for pair in message.headers.pairs
                                     if pair[0] != "Channel-Identifier"]
            message.headers.pairs.insert(0, (
                "Channel-Identifier", f"{channel}@{resource.kind}" if channel
                else resource.channel))
            self.server.log_sent(resource, message)
            data += message.encode(skew)
        self.put(data, pieces, half)


class RtspLine(Line):
    """MRCPv1: one client; responses are bodies of answers, events are ANNOUNCEs."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.last_cseq = 0  # of the client
        self.asked = {}  # request id: the ANNOUNCE it came in
        self.unanswered = []  # CSeq of our ANNOUNCEs
        self.sessions = {}

    def make_reader(self):
        return EnvelopeReader(self.faults)

    def take(self, message):
        if message.status:
            self.take_answer(message)
            return
        number = message.cseq()[0]
        if self.last_cseq and number != self.last_cseq + 1:
            self.faults.add("rtsp-cseq", "RFC 2326 §12.17", f"{number} after {self.last_cseq}")
        self.last_cseq = number
        self.server.take_rtsp(self, message)

    def take_answer(self, message):
        number = message.cseq()[0]
        if number not in self.unanswered:
            self.faults.add("rtsp-answer", "RFC 2326 §12.17",
                            f"an answer with CSeq {number}, which no event had")
            return
        self.unanswered.remove(number)
        if message.status != 200:
            self.faults.add("rtsp-answer", "RFC 4463 §3.2", f"{message.status} for an event")

    async def settle(self):
        """Before the session goes every event must be answered; what crossed TEARDOWN on its way
        may be a moment later."""
        for _ in range(int(LATE / PAUSE)):
            if not self.unanswered:
                return
            await asyncio.sleep(PAUSE)
        self.faults.add("rtsp-unanswered", "RFC 4463 §3.2",
                        f"{len(self.unanswered)} events were never answered")

    def reply(self, request, status, reason="OK", headers=(), body=b""):
        found = Envelope("RTSP/1.0", status=status, reason=reason, headers=[
            ("CSeq", request.get("CSeq")), *headers], body=body)
        self.put(found.encode())

    def wrap(self, resource, message, channel, skew):
        own = channel or resource.session.id
        body = message.encode()
        headers = [("Session", own), ("Content-Type", "application/mrcp"),
                   ("Content-Length", len(body) + skew)]
        if message.kind == "response":
            request = self.asked.pop(message.number)
            return Envelope("RTSP/1.0", status=200, reason="OK", body=body,
                            headers=[("CSeq", request.get("CSeq")), *headers])
        # Real servers use the client's last CSeq again.
        number = self.last_cseq
        if self.server.script.own_cseq:
            self.server.event_cseq += 1
            number = self.server.event_cseq
        self.unanswered.append(number)
        return Envelope("RTSP/1.0", "ANNOUNCE", resource.channel, body=body,
                        headers=[("CSeq", number), *headers])

    def send(self, resource, messages, channel=None, skew=0, pieces=1, half=False):
        data = b""
        for message in messages:
            self.server.log_sent(resource, message)
            data += self.wrap(resource, message, channel, skew).encode()
        self.put(data, pieces, half)

    def take_mrcp(self, request, session, resource):
        try:
            message = parse_mrcp(1, request.body, self.faults)
        except WireError as error:
            self.faults.add("garbage", "RFC 4463 §5", str(error))
            self.reply(request, 400, "Bad Request")
            return
        self.asked[message.number] = request
        session.take(resource, message)
