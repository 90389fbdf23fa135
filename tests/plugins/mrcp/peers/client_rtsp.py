# SPDX-License-Identifier: Apache-2.0
"""The scripted client's MRCPv1 side: RTSP on one connection, MRCP in ANNOUNCE (RFC 4463 §3.2)."""
import asyncio
import re

import sdp
from control import Channel
from mrcp_wire import Envelope, EnvelopeReader, WireError, parse_mrcp

PATHS = {"speechsynth": "speechsynthesizer", "speechrecog": "speechrecognizer"}


class RtspSide:
    def __init__(self, client):
        self.client, self.arguments, self.faults = client, client.arguments, client.faults
        self.channels = {}
        self.reader = self.writer = self.session = None
        self.number = 0
        self.waiting = {}  # CSeq: future of the answer
        self.ended, self.closed = asyncio.Event(), asyncio.Event()
        self.tasks = []
        self.events = 0
        self.muted = False

    async def start(self):
        host, _, port = self.arguments.rtsp.rpartition(":")
        self.reader, self.writer = await asyncio.open_connection(host, int(port))
        self.tasks.append(asyncio.ensure_future(self.read()))

    def url(self, kind):
        return f"rtsp://{self.arguments.rtsp}{self.arguments.path}/{PATHS[kind]}"

    def ask(self, method, kind, headers=(), body=b""):
        """The future of the answer."""
        self.number += 1
        own = [("Session", self.session)] if self.session else []
        message = Envelope("RTSP/1.0", method, self.url(kind), body=body,
                           headers=[("CSeq", self.number), *own, *headers])
        future = asyncio.get_running_loop().create_future()
        self.waiting[self.number] = future
        self.writer.write(message.encode())
        return future

    async def open(self, step):
        if self.writer is None:
            await self.start()
        stream = await self.client.open_stream()
        status = 200
        for kind in step["resources"]:
            answer = await asyncio.wait_for(self.set_up(kind, step, stream),
                                            step.get("within", 60))
            status = answer.status
            if status != 200:
                break
            self.channels[kind] = Channel(1, kind, self.url(kind), self.faults)
        return status

    async def set_up(self, kind, step, stream):
        headers = [("Transport", f"RTP/AVP;unicast;client_port={stream.port}-{stream.port + 1}")]
        body = ""
        if not self.session:
            codecs = self.client.codecs(step)
            stream.hear(dict(codecs), 101)
            kinds = [str(number) for number, _ in codecs] + ["101"]
            body = "\r\n".join([
                "v=0", "o=MrcpPeer 0 0 IN IP4 192.0.2.1", "s=-",
                f"c=IN IP4 {self.arguments.address}", "t=0 0",
                f"m=audio {stream.port} RTP/AVP {' '.join(kinds)}",
                *[f"a=rtpmap:{number} {name}" for number, name in codecs],
                "a=rtpmap:101 telephone-event/8000", "a=fmtp:101 0-15", "a=sendrecv", "a=ptime:20",
                ""])
            headers.append(("Content-Type", "application/sdp"))
        answer = await self.ask("SETUP", kind, headers, body.encode())
        if answer.status == 200:
            self.take_setup(answer, stream)
        return answer

    def take_setup(self, answer, stream):
        own = answer.get("Session").partition(";")[0]
        ports = re.search(r"server_port=(\d+)", answer.get("Transport"))
        if not own or not ports:
            self.faults.add("rtsp-setup", "RFC 2326 §12.37, §12.39",
                            f"Session: {own}, Transport: {answer.get('Transport')}")
            return
        if self.session and own != self.session:
            self.faults.add("rtsp-session", "RFC 4463 §6.1", f"{self.session} became {own}")
        first, self.session = not self.session, own
        if not first:
            return
        if not answer.body:
            self.faults.add("rtsp-sdp", "RFC 4463 §6.1", "SETUP was answered without SDP")
            return
        media = sdp.Description(answer.body.decode(), self.faults).audio()[0]
        number, name = media.codecs()[0]
        stream.use(number, name, (media.address, int(ports.group(1))), 101)

    async def read(self):
        stream = EnvelopeReader(self.faults)
        try:
            while data := await self.reader.read(65536):
                for message in stream.feed(data):
                    await self.take(message)
            stream.end()
        except WireError as error:
            self.faults.add("garbage", "RFC 2326 §4", str(error))
        except OSError:
            pass
        self.closed.set()
        for future in self.waiting.values():
            if not future.done():
                future.set_exception(EOFError("the connection was closed"))
        for channel in self.channels.values():
            channel.closed.set()
            await channel.notify()

    async def take(self, message):
        number = message.cseq()[0]
        if message.status:
            future = self.waiting.pop(number, None)
            if future is None:
                self.faults.add("rtsp-answer", "RFC 2326 §12.17", f"CSeq {number} again")
            else:
                future.set_result(message)
                await self.take_mrcp(message)
            return
        if message.method != "ANNOUNCE":
            self.faults.add("rtsp-method", "RFC 4463 §3.2", f"a server sent {message.method}")
        self.events += 1
        answer = Envelope("RTSP/1.0", status=200, reason="OK", headers=[
            ("CSeq", number), ("Session", message.get("Session"))])
        if not self.muted:
            self.writer.write(answer.encode())
        if message.get("Session").partition(";")[0] != self.session:
            self.faults.add("rtsp-session", "RFC 2326 §12.37",
                            f"an event for session {message.get('Session')}")
            return
        await self.take_mrcp(message)

    async def take_mrcp(self, envelope):
        if envelope.get("Content-Type") != "application/mrcp":
            return
        try:
            message = parse_mrcp(1, envelope.body, self.faults)
        except WireError as error:
            self.faults.add("garbage", "RFC 4463 §5", str(error))
            return
        channel = next((one for one in self.channels.values()
                        if one.name == envelope.uri or message.number in one.asked), None)
        if channel is None:
            self.faults.add("channel", "RFC 4463 §3.2", f"{message.start()} for {envelope.uri}")
            return
        channel.take(message)
        await channel.notify()

    async def or_closed(self, event, channel):
        tasks = [asyncio.ensure_future(one.wait()) for one in (event, channel.closed)]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()

    def send(self, channel, message):
        future = self.ask("ANNOUNCE", channel.kind, [("Content-Type", "application/mrcp")],
                          message.encode())
        future.add_done_callback(self.answered)

    def answered(self, future):
        if not future.cancelled() and not future.exception() and future.result().status != 200:
            self.faults.add("rtsp-status", "RFC 4463 §3.2",
                            f"ANNOUNCE was answered with {future.result().status}")

    def write_raw(self, data):
        self.writer.write(data)

    def drop(self):
        if self.writer:
            self.writer.close()

    async def remove(self, kind):
        await self.ask("TEARDOWN", kind)
        del self.channels[kind]

    async def refresh(self, method):
        return (await self.ask("OPTIONS", "speechsynth")).status

    async def options(self, step):
        if self.writer is None:
            await self.start()
        return (await asyncio.wait_for(self.ask("OPTIONS", "speechsynth"), 60)).status

    async def describe(self, kind):
        if self.writer is None:
            await self.start()
        answer = await asyncio.wait_for(self.ask("DESCRIBE", kind), 60)
        return answer.status, answer.body.decode()

    async def end(self):
        status = 200
        for kind in list(self.channels):
            status = (await asyncio.wait_for(self.ask("TEARDOWN", kind), 60)).status
        self.ended.set()
        return status

    def summary(self):
        return {"version": 1, "ended": self.ended.is_set(), "session": self.session,
                "events": self.events}

    def close(self):
        self.drop()
        for task in self.tasks:
            task.cancel()
