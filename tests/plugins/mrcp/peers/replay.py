#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Plays the server of a capture to a client under test: what the captured server sent is sent
again, with the client's own addresses, ports, tags and numbers in it.

Reported is where the client leaves the order of requests that the captured client had: requests
that are missing, and those that are more; and what is against the standards. It ends when the
capture does, or when nothing has come for --within seconds.
"""
import argparse
import asyncio
import json
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "sip_tls")]

import captures  # noqa: E402
import mrcp_rules as rules  # noqa: E402
import sdp  # noqa: E402
from mrcp_wire import (Envelope, EnvelopeReader, Faults, Mrcp, MrcpReader,  # noqa: E402
                       WireError, parse_mrcp)
from rtp import NAMES, Stream, tone  # noqa: E402
from sessions import audio_lines, choose, description  # noqa: E402
from sip_peer import COPIED, Dialog, Sip, uri_of  # noqa: E402

# These come when they come: nobody waits for them before going on.
SOFT = ("ACK", "answer")
KEPT = {name.lower() for name in COPIED} | {"contact", "content-length", "cseq", "transport"}


def unpack(message):
    """The MRCP message in RTSP, or None."""
    if message.get("Content-Type") != "application/mrcp":
        return None
    return parse_mrcp(1, message.body, Faults())


def label_of(message):
    """What a request is called; an answer is "answer"."""
    if isinstance(message, Mrcp):
        return message.name or "answer"
    inner = unpack(message) if message.protocol == "RTSP/1.0" else None
    if message.status:
        return "answer"
    return f"{message.method} {inner.name}" if inner else message.method


class Item:
    """One message of the capture."""

    def __init__(self, message, time, of_client):
        self.message, self.time, self.of_client = message, time, of_client
        self.label = label_of(message)
        self.mrcp = message if isinstance(message, Mrcp) else unpack(message)


def read_items(path):
    found, client = [], None
    for segment in captures.read(path):
        if client is None:
            client = {segment.transport: segment.source}
        faults = Faults()
        mrcp = segment.data.startswith(b"MRCP/2.0")
        messages = (MrcpReader if mrcp else EnvelopeReader)(faults).feed(segment.data)
        # The side that connects is the client's.
        of_client = client.setdefault(segment.transport, segment.source) == segment.source
        found += [Item(message, segment.time, of_client) for message in messages]
    return found


class Replay:
    def __init__(self, items, address, speed, within):
        self.items, self.address, self.speed, self.within = items, address, speed, within
        self.faults, self.deviations = Faults(), []
        self.queue = asyncio.Queue()  # of (label, message, way to answer)
        self.owed, self.paid = [], []  # soft ones: expected, and those that came
        self.sip = Sip(self.faults, self.take_sip)
        self.version = 1 if isinstance(items[0].message, Envelope) and \
            items[0].message.protocol == "RTSP/1.0" else 2
        self.matched = {}  # id in the capture: the client's request
        self.names = {}  # Content-ID in the capture: the client's
        self.answered = {}  # index of an item of the client: (message, way)
        self.line = self.stream = self.offer = self.dialog = None
        self.url, self.last_cseq, self.control_port = "", 0, 0
        self.channel = next((item.message.headers.get("Channel-Identifier") for item in items
                             if isinstance(item.message, Mrcp)), None)
        self.tasks = []
        self.over = asyncio.Event()  # the client has gone: nothing more will come

    async def listen(self):
        self.stream = await Stream(self.faults).open(self.address)
        listener = await asyncio.start_server(self.accept, self.address, 0)
        self.listener = listener
        port = listener.sockets[0].getsockname()[1]
        if self.version == 1:
            return {"rtsp": port}
        self.control_port = port
        return {"sip": await self.sip.listen(self.address), "mrcp": port}

    def accept(self, reader, writer):
        self.line = writer
        self.tasks.append(asyncio.get_running_loop().create_task(self.read(reader)))

    async def read(self, reader):
        stream = (MrcpReader if self.version == 2 else EnvelopeReader)(self.faults)
        try:
            while data := await reader.read(65536):
                for message in stream.feed(data):
                    self.take(message)
        except WireError as error:
            self.faults.add("garbage", "RFC 6787 §5, RFC 2326 §4", str(error))
        except OSError:
            pass

    def take(self, message):
        """From the control connection, or RTSP."""
        inner = message
        if isinstance(message, Envelope):
            if not message.status:
                self.last_cseq = message.cseq()[0]
            inner = unpack(message)
        if inner is not None and inner.kind == "request":
            kind = (self.channel or "").partition("@")[2]
            if self.version == 1:
                kind = "speechsynth" if "synth" in message.uri else "speechrecog"
            rules.check_request(inner, kind, self.faults)
        self.arrive(message, None)

    def take_sip(self, request, peer):
        self.arrive(request, peer)

    def arrive(self, message, peer):
        label = label_of(message)
        if label in SOFT:
            self.paid.append(label)
        else:
            self.queue.put_nowait((label, message, peer))

    async def run(self):
        before = self.items[0].time
        index = 0
        while index < len(self.items):
            item = self.items[index]
            if item.of_client and item.label in SOFT:
                self.owed.append(item.label)
            elif item.of_client:
                index = await self.await_client(index)
                if index is None:
                    return
                item = self.items[index]
            else:
                await asyncio.sleep(max(0.0, item.time - before) / self.speed)
                self.send(index, item)
            before = item.time
            index += 1
        await self.await_soft()

    async def await_client(self, index):
        """The index of the item that came; items before it are missing. None: nothing came."""
        while True:
            try:
                label, message, peer = await self.next_request()
            except asyncio.TimeoutError:
                self.deviations += [f"missing: {item.label}" for item in self.items[index:]
                                    if item.of_client and item.label not in SOFT]
                return None
            found = next((at for at in range(index, len(self.items))
                          if self.items[at].of_client and self.items[at].label == label), None)
            if found is None:
                self.deviations.append(f"more: {label}, where {self.items[index].label} was "
                                       "expected")
                self.answer_more(message, peer)
                continue
            self.deviations += [f"missing: {item.label}, before {label}"
                                for item in self.items[index:found]
                                if item.of_client and item.label not in SOFT]
            self.remember(found, message, peer)
            return found

    async def next_request(self):
        """TimeoutError when none comes, or the client has gone."""
        gone = asyncio.ensure_future(self.over.wait())
        came = asyncio.ensure_future(self.queue.get())
        await asyncio.wait((gone, came), timeout=self.within, return_when=asyncio.FIRST_COMPLETED)
        gone.cancel()
        if not came.done():
            came.cancel()
            raise asyncio.TimeoutError
        return came.result()

    def remember(self, index, message, peer):
        self.answered[index] = (message, peer)
        own, inner = self.items[index].mrcp, message
        if isinstance(message, Envelope):
            inner = unpack(message)
            self.url = message.uri
        if own is not None and inner is not None:
            self.matched[own.number] = (inner, message)
            if rules.content_id(own.headers) and rules.content_id(inner.headers):
                self.names[rules.content_id(own.headers)] = rules.content_id(inner.headers)

    async def await_soft(self):
        loop = asyncio.get_running_loop()
        end = loop.time() + self.within
        while sorted(self.paid) != sorted(self.owed) and len(self.paid) < len(self.owed) and \
                loop.time() < end and not self.over.is_set():
            await asyncio.sleep(0.02)
        for label in set(self.owed) | set(self.paid):
            wanted, came = self.owed.count(label), self.paid.count(label)
            if wanted > came:
                self.deviations.append(f"missing: {label}, {wanted - came} times")
            elif came > wanted:
                self.deviations.append(f"more: {label}, {came - wanted} times")

    def send(self, index, item):
        """One message of the captured server, made to fit."""
        if isinstance(item.message, Mrcp):
            adapted = self.adapt(item.message)
            if adapted:
                self.line.write(adapted.encode())
        elif self.version == 1:
            self.send_rtsp(index, item)
        else:
            self.send_sip(index, item)
        self.sound(item)

    def asked_by(self, index, item):
        """What the client sent that this answers: the last of the method, or RTSP's CSeq."""
        number = item.message.cseq()
        for at in range(index - 1, -1, -1):
            other = self.items[at]
            if other.of_client and isinstance(other.message, Envelope) and \
                    not other.message.status and other.message.cseq() == number:
                return self.answered.get(at)
        return None

    def send_sip(self, index, item):
        asked = self.asked_by(index, item)
        if not asked:
            return
        request, peer = asked
        headers = [pair for pair in item.message.headers.pairs if pair[0].lower() not in KEPT]
        body = b""
        if item.message.status == 200 and request.method == "INVITE":
            own = f"sip:{peer.local[0]}:{peer.local[1]}"
            headers.append(("Contact", f"<{own}>"))
            if "timer" not in ",".join(request.headers.all("Supported")):
                # RFC 4028 §9: it must not be required of a client that cannot.
                headers = [pair for pair in headers
                           if pair[0] not in ("Require", "Session-Expires", "Min-SE")]
            body = self.answer_sdp(request)
            self.dialog = Dialog(request.get("To"), request.get("From"), request.get("Call-ID"),
                                 uri_of(request.get("Contact")), own, peer)
        tag = None if item.message.status == 100 else "replay"
        data = self.sip.reply(request, peer, item.message.status, headers, body, tag)
        if body:
            self.sip.start(self.sip.await_ack(request, peer, data))

    def answer_sdp(self, request):
        """As the captured one, for the lines of this offer."""
        offer = sdp.Description(request.body.decode(), self.faults)
        sdp.check_offer(offer, self.faults)
        lines = []
        for media in offer.media:
            chosen = choose(media, NAMES) if media.kind == "audio" else None
            wanted = media.is_control() and media.get("resource") == self.channel.partition("@")[2]
            if chosen:
                lines += self.audio(media, chosen, (media.address, media.port))
            elif wanted:
                lines += [f"m=application {self.control_port} {media.protocol} 1",
                          "a=setup:passive", "a=connection:new", f"a=channel:{self.channel}",
                          *[f"a=cmid:{value}" for value in media.all("cmid")]]
            else:
                self.deviations.append(f"not to be answered: m={media.kind} "
                                       f"{media.get('resource', '')}")
                lines.append(f"m={media.kind} 0 {media.protocol} {' '.join(media.formats)}")
        return description(self.address, 1, lines).encode()

    def audio(self, media, chosen, remote):
        number, name, events, _ = chosen
        self.stream.use(number, name, remote, events)
        self.stream.hear({number: name}, events)
        return audio_lines(self.stream.port, chosen,
                           sdp.OPPOSITE.get(media.direction(), "sendrecv"), media.get("mid"))

    def adapt(self, message):
        """The client's number, channel and grammar names; None when it never asked."""
        if message.number not in self.matched:
            return None
        inner, _ = self.matched[message.number]
        body = message.body.decode()
        for old, new in self.names.items():
            body = re.sub(re.escape(old) + r"(\.store)?", new, body)
        headers = [pair for pair in message.headers.pairs if pair[0].lower() != "content-length"]
        return Mrcp(message.version, message.kind, inner.number, message.name, message.status,
                    message.state, headers, body)

    def send_rtsp(self, index, item):
        headers = [pair for pair in item.message.headers.pairs if pair[0].lower() not in KEPT]
        adapted = self.adapt(item.mrcp) if item.mrcp else None
        body = adapted.encode() if adapted else b""
        if item.mrcp and not adapted:
            return
        if not item.message.status:
            found = Envelope("RTSP/1.0", item.message.method, self.url, body=body,
                             headers=[("CSeq", self.last_cseq), *headers])
            self.line.write(found.encode())
            return
        asked = self.asked_by(index, item)
        if not asked:
            return
        request, _ = asked
        if request.method == "SETUP":
            body = self.set_up(request)
            headers.append(("Transport", f"{request.get('Transport')};server_port="
                                         f"{self.stream.port}-{self.stream.port + 1}"))
        found = Envelope("RTSP/1.0", status=item.message.status, reason=item.message.reason,
                         headers=[("CSeq", request.get("CSeq")), *headers], body=body)
        self.line.write(found.encode())

    def set_up(self, request):
        offer = sdp.Description(request.body.decode(), self.faults)
        media = offer.audio()[0]
        port = int(re.search(r"client_port=(\d+)", request.get("Transport")).group(1))
        lines = self.audio(media, choose(media, NAMES), (media.address, port))
        return description(self.address, 1, lines).encode()

    def sound(self, item):
        """The captures have no RTP: a tone while the captured server spoke."""
        message = item.mrcp
        if message is None:
            return
        asked = self.matched.get(message.number)
        if asked and asked[0].name == "SPEAK" and message.state == "IN-PROGRESS":
            self.stream.play(tone(self.stream.codec.rate, 440, 10000))
        elif message.name == "SPEAK-COMPLETE":
            for playback in self.stream.queue:
                playback.stop()

    def answer_more(self, message, peer):
        """Something that keeps the client going."""
        if isinstance(message, Mrcp):
            self.line.write(Mrcp(2, "response", message.number, status=200, state="COMPLETE",
                                 headers=[("Channel-Identifier", self.channel)]).encode())
        elif message.protocol == "RTSP/1.0":
            inner = unpack(message)
            body = Mrcp(1, "response", inner.number, status=200,
                        state="COMPLETE").encode() if inner else b""
            headers = [("CSeq", message.get("CSeq"))] + \
                ([("Content-Type", "application/mrcp")] if inner else [])
            self.line.write(Envelope("RTSP/1.0", status=200, reason="OK", headers=headers,
                                     body=body).encode())
        else:
            self.sip.reply(message, peer, 200 if message.method in ("OPTIONS", "UPDATE") else 405,
                           tag="replay")

    def report(self):
        return {"deviations": self.deviations, "faults": self.faults.items,
                "rtp": self.stream.listener.figures()}

    def close(self):
        self.listener.close()
        self.sip.close()
        self.stream.close()
        if self.line:
            self.line.close()
        for task in self.tasks:
            task.cancel()


async def run(arguments):
    replay = Replay(read_items(arguments.capture), arguments.address, arguments.speed,
                    arguments.within)
    ports = await replay.listen()
    new = pathlib.Path(f"{arguments.port_file}.new")
    new.write_text(json.dumps(ports))
    new.replace(arguments.port_file)
    await replay.run()
    replay.close()
    report = json.dumps(replay.report(), indent=1)
    if arguments.report:
        pathlib.Path(arguments.report).write_text(report)
    else:
        print(report)
    return 1 if replay.deviations or replay.faults.items else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("--capture", required=True)
    parser.add_argument("--port-file", required=True, help="where the ports are written")
    parser.add_argument("--address", default="127.0.0.1")
    parser.add_argument("--report", help="file of the report, else standard output")
    parser.add_argument("--speed", type=float, default=1.0, help="10: ten times as fast")
    parser.add_argument("--within", type=float, default=30.0, help="seconds without a request")
    sys.exit(asyncio.run(run(parser.parse_args())))


if __name__ == "__main__":
    main()
