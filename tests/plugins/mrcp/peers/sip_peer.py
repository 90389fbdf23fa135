# SPDX-License-Identifier: Apache-2.0
"""SIP over UDP, TCP and TLS for the MRCP peers (RFC 3261): transports, transactions, dialogs. What
the other side sends is checked."""
import asyncio
import re
import uuid

from mrcp_wire import Envelope, EnvelopeReader, WireError, parse_envelope

T1 = 0.5
COPIED = ("Via", "From", "To", "Call-ID", "CSeq")
PHRASES = {100: "Trying", 200: "OK", 302: "Moved Temporarily", 400: "Bad Request",
           404: "Not Found", 405: "Method Not Allowed", 422: "Session Interval Too Small",
           480: "Temporarily Unavailable", 481: "Call/Transaction Does Not Exist",
           486: "Busy Here", 487: "Request Terminated", 488: "Not Acceptable Here",
           500: "Server Internal Error", 501: "Not Implemented", 503: "Service Unavailable"}


def uri_of(value):
    found = re.search(r"<([^>]*)>", value)
    return found.group(1) if found else value.partition(";")[0].strip()


def tag_of(value):
    found = re.search(r";\s*tag=([^;\s]+)", value.rpartition(">")[2] or value)
    return found.group(1) if found else None


def branch_of(message):
    found = re.search(r";\s*branch=([^;,\s]+)", message.get("Via"))
    return found.group(1) if found else ""


def target_of(uri):
    """(host, port, transport) of a SIP URI."""
    found = re.match(r"(sips?):(?:[^@]*@)?(\[[^\]]*\]|[^:;>?]+)(?::(\d+))?(.*)", uri)
    scheme, host, port, rest = found.groups()
    kind = re.search(r";transport=(\w+)", rest, re.I)
    kind = kind.group(1).lower() if kind else "tls" if scheme == "sips" else None
    return host.strip("[]"), int(port or (5061 if kind == "tls" else 5060)), kind


class Peer:
    """The way to one other side."""

    def __init__(self, protocol, local, remote, write, close=lambda: None):
        self.protocol, self.local, self.remote = protocol, local, remote
        self.write, self.close = write, close


class Datagrams(asyncio.DatagramProtocol):
    def __init__(self, owner):
        self.owner = owner
        self.transport = None

    def connection_made(self, transport):
        self.transport = transport

    def peer(self, remote):
        return Peer("udp", self.transport.get_extra_info("sockname")[:2], remote,
                    lambda data: self.transport.sendto(data, remote))

    def datagram_received(self, data, addr):
        if not data.strip():
            return
        try:
            message = parse_envelope(data, self.owner.faults)
        except WireError as error:
            self.owner.faults.add("sip-garbage", "RFC 3261 §7", str(error))
            return
        self.owner.take_message(message, self.peer(addr[:2]))


class Sip:
    """An end point. `take(request, peer)` gets every new request and the ACKs."""

    def __init__(self, faults, take):
        self.faults, self.take = faults, take
        self.datagrams = None
        self.servers, self.tasks, self.streams = [], set(), []
        self.answers = {}  # by branch and method, for requests that come again
        self.waiting = {}  # of our requests: branch → queue of answers
        self.acks = {}  # Call-ID and CSeq: event

    async def listen(self, address, port=0, protocols=("udp", "tcp"), tls=None):
        """The port: the same for UDP and TCP, which is not always free at once."""
        loop = asyncio.get_running_loop()
        for _ in range(50):
            try:
                if "udp" in protocols:
                    _, self.datagrams = await loop.create_datagram_endpoint(
                        lambda: Datagrams(self), local_addr=(address, port))
                    chosen = self.datagrams.transport.get_extra_info("sockname")[1]
                else:
                    chosen = port
                if "tcp" in protocols:
                    server = await asyncio.start_server(self.accept, address, chosen, ssl=tls)
                    self.servers.append(server)
                    chosen = server.sockets[0].getsockname()[1]
                return chosen
            except OSError:
                if port:
                    raise
                self.datagrams.transport.close()
        raise OSError("no port is free for UDP and TCP")

    def accept(self, reader, writer):
        self.start(self.read(reader, self.stream_peer(writer)))

    def stream_peer(self, writer):
        secure = writer.get_extra_info("ssl_object")
        self.streams.append(writer)
        return Peer("tls" if secure else "tcp", writer.get_extra_info("sockname")[:2],
                    writer.get_extra_info("peername")[:2], writer.write, writer.close)

    async def connect(self, protocol, host, port, tls=None):
        if protocol == "udp":
            return self.datagrams.peer((host, port))
        reader, writer = await asyncio.open_connection(host, port, ssl=tls)
        peer = self.stream_peer(writer)
        self.start(self.read(reader, peer))
        return peer

    def start(self, coroutine):
        task = asyncio.get_running_loop().create_task(coroutine)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task

    async def read(self, reader, peer):
        stream = EnvelopeReader(self.faults)
        try:
            while data := await reader.read(65536):
                for message in stream.feed(data):
                    self.take_message(message, peer)
            stream.end()
        except WireError as error:
            self.faults.add("sip-garbage", "RFC 3261 §7", str(error))
        except OSError:
            pass
        peer.close()

    def take_message(self, message, peer):
        branch = branch_of(message)
        if message.status:
            queue = self.waiting.get((branch, message.cseq()[1]))
            if queue is not None:
                queue.put_nowait(message)
            return
        check_request(message, self.faults)
        key = (branch, message.method)
        if message.method == "ACK":
            event = self.acks.get((message.get("Call-ID"), message.cseq()[0]))
            if event:
                event.set()
        elif key in self.answers:
            if peer.protocol == "udp":
                for data in self.answers[key]:
                    peer.write(data)
            else:
                self.faults.add("sip-repeated", "RFC 3261 §17.1.1.2",
                                f"{message.method} was repeated over {peer.protocol}")
            return
        else:
            self.answers[key] = []
        self.take(message, peer)

    def reply(self, request, peer, status, headers=(), body=b"", tag=None):
        """Returns what was sent."""
        lines = [(name, value) for name in COPIED for value in request.headers.all(name)]
        host, port = peer.remote
        lines = [(name, re.sub(r";rport(?![=\w])", f";received={host};rport={port}", value))
                 if name == "Via" else (name, value) for name, value in lines]
        lines = [(name, f"{value};tag={tag}") if name == "To" and tag and not tag_of(value) else
                 (name, value) for name, value in lines]
        data = Envelope("SIP/2.0", status=status, reason=PHRASES.get(status, "Failure"),
                        headers=[*lines, *headers], body=body).encode()
        self.answers[branch_of(request), request.method] = [data]
        peer.write(data)
        return data

    async def await_ack(self, request, peer, data):
        """Repeats a 2xx until its ACK comes (RFC 3261 §13.3.1.4); whether it came."""
        event = self.acks.setdefault((request.get("Call-ID"), request.cseq()[0]), asyncio.Event())
        waited, step = 0.0, T1
        while waited < 64 * T1:
            try:
                await asyncio.wait_for(event.wait(), step)
                return True
            except asyncio.TimeoutError:
                waited += step
                step = min(2 * step, 4.0)
                if peer.protocol == "udp":
                    peer.write(data)
        self.faults.add("sip-no-ack", "RFC 3261 §13.2.2.4", "no ACK for a 2xx")
        return False

    async def request(self, envelope, peer, timeout=32.0, cancel_after=None):
        """The final answer; TimeoutError without one. An INVITE that is refused is acknowledged;
        provisional answers end the repeating."""
        if cancel_after:
            self.start(self.cancel_later(envelope, peer, cancel_after))
        queue = asyncio.Queue()
        branch = branch_of(envelope)
        self.waiting[branch, envelope.method] = queue
        loop = asyncio.get_running_loop()
        end, step, repeat = loop.time() + timeout, T1, peer.protocol == "udp"
        peer.write(envelope.encode())
        try:
            while loop.time() < end:
                try:
                    answer = await asyncio.wait_for(queue.get(), min(step, end - loop.time()))
                except asyncio.TimeoutError:
                    if repeat:
                        peer.write(envelope.encode())
                    step = min(2 * step, 4.0)
                    continue
                if answer.status >= 200:
                    if envelope.method == "INVITE" and answer.status >= 300:
                        peer.write(refusal_ack(envelope, answer).encode())
                    return answer
                repeat = repeat and envelope.method != "INVITE"
        finally:
            del self.waiting[branch, envelope.method]
        raise asyncio.TimeoutError(f"no final answer to {envelope.method}")

    async def cancel_later(self, invite, peer, seconds):
        await asyncio.sleep(seconds)
        cancel = refusal_ack(invite, invite, "CANCEL")
        answer = await self.request(cancel, peer)
        if answer.status != 200:
            self.faults.add("sip-cancel", "RFC 3261 §9.2", f"{answer.status} for CANCEL")

    def close(self):
        for server in self.servers:
            server.close()
        for task in list(self.tasks):
            task.cancel()
        for writer in self.streams:
            writer.close()
        if self.datagrams:
            self.datagrams.transport.close()


def refusal_ack(invite, answer, method="ACK"):
    """RFC 3261 §17.1.1.3; a CANCEL has the same (§9.1), with the To of the INVITE."""
    return Envelope("SIP/2.0", method, invite.uri, headers=[
        ("Via", invite.get("Via")), ("Max-Forwards", "70"), ("From", invite.get("From")),
        ("To", answer.get("To")), ("Call-ID", invite.get("Call-ID")),
        ("CSeq", f"{invite.cseq()[0]} {method}")])


def check_request(message, faults):
    number, method = message.cseq()
    for name in ("Via", "From", "To", "Call-ID", "Max-Forwards"):
        if not message.get(name):
            faults.add("sip-header", "RFC 3261 §8.1.1", f"{message.method} without {name}")
    if method != message.method or number >= 1 << 31:
        faults.add("sip-cseq", "RFC 3261 §8.1.1.5", f"CSeq {number} {method} in {message.method}")
    if not branch_of(message).startswith("z9hG4bK"):
        faults.add("sip-branch", "RFC 3261 §8.1.1.7", message.get("Via"))
    if not tag_of(message.get("From")):
        faults.add("sip-tag", "RFC 3261 §8.1.1.3", f"no tag in From of {message.method}")
    if message.method == "INVITE" and not message.get("Contact"):
        faults.add("sip-contact", "RFC 3261 §8.1.1.8", "INVITE without Contact")
    if message.body and not message.get("Content-Type"):
        faults.add("sip-content-type", "RFC 3261 §20.15", f"{message.method} with a body only")


class Dialog:
    """One dialog of either side (RFC 3261 §12)."""

    def __init__(self, local, remote, call_id, target, contact, peer):
        self.local, self.remote = local, remote  # values of From and To as we would write them
        self.call_id, self.target, self.contact, self.peer = call_id, target, contact, peer
        self.number = 0
        self.remote_number = None
        self.routes = []

    def request(self, method, headers=(), body=b"", number=None):
        if number is None:
            self.number += 1
        host, port = self.peer.local
        branch = f"z9hG4bK{uuid.uuid4().hex[:16]}"
        lines = [("Via", f"SIP/2.0/{self.peer.protocol.upper()} {host}:{port};rport;"
                         f"branch={branch}"),
                 ("Max-Forwards", "70"), ("From", self.local), ("To", self.remote),
                 ("Call-ID", self.call_id), ("CSeq", f"{number or self.number} {method}"),
                 *[("Route", route) for route in self.routes]]
        if method not in ("ACK", "BYE"):
            lines.append(("Contact", f"<{self.contact}>"))
        return Envelope("SIP/2.0", method, self.target, headers=[*lines, *headers], body=body)

    def check(self, request, faults):
        """A request of the other side within the dialog (RFC 3261 §12.2.2)."""
        number = request.cseq()[0]
        if request.method != "ACK":
            if self.remote_number is not None and number <= self.remote_number:
                faults.add("sip-cseq", "RFC 3261 §12.2.1.1",
                           f"{request.method} {number} after {self.remote_number}")
            self.remote_number = number
        if request.uri != self.contact:
            faults.add("sip-target", "RFC 3261 §12.2.1.1",
                       f"{request.method} to {request.uri}, not to {self.contact}")
        if tag_of(request.get("From")) != tag_of(self.remote):
            faults.add("sip-tag", "RFC 3261 §12.2.1.1", f"From tag of {request.method}")
