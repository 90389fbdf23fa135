# SPDX-License-Identifier: Apache-2.0
"""The scripted client's MRCPv2 side: one SIP dialog, its control connections and channels (RFC 6787
§4)."""
import asyncio
import re
import ssl
import uuid

import sdp
from control import Channel
from mrcp_wire import MrcpReader, WireError
from sip_peer import Dialog, Sip, tag_of, uri_of

DIRECTION = {"speechsynth": "recvonly", "speechrecog": "sendonly", "recorder": "sendonly",
             "speakverify": "sendonly"}


class Connections:
    """Control connections, which dialogs may share (RFC 6787 §4.5)."""

    def __init__(self, faults):
        self.faults = faults
        self.writers, self.channels, self.tasks = {}, {}, []
        self.closed = asyncio.Event()

    async def connect(self, place, tls):
        reader, self.writers[place] = await asyncio.open_connection(*place, ssl=tls)
        self.tasks.append(asyncio.get_running_loop().create_task(self.read(reader)))

    async def read(self, reader):
        stream = MrcpReader(self.faults)
        try:
            while data := await reader.read(65536):
                for message in stream.feed(data):
                    await self.take(message)
            stream.end()
        except WireError as error:
            self.faults.add("garbage", "RFC 6787 §5", str(error))
        except OSError:
            pass
        self.closed.set()
        for channel in self.channels.values():
            channel.closed.set()
            await channel.notify()

    async def take(self, message):
        name = message.headers.get("Channel-Identifier", "")
        channel = self.channels.get(name)
        if channel is None:
            self.faults.add("channel", "RFC 6787 §6.2.1", f"{message.start()} for {name}")
            return
        channel.take(message)
        await channel.notify()

    def close(self):
        for writer in self.writers.values():
            writer.close()
        for task in self.tasks:
            task.cancel()


class SipSide:
    def __init__(self, client, pool=None):
        self.client, self.arguments, self.faults = client, client.arguments, client.faults
        self.sip = Sip(self.faults, self.take_sip)
        self.dialog = self.answer = self.offer = None
        self.kinds = []  # in the order of their m= lines; None: given back
        self.channels = {}
        self.own_pool = pool is None
        self.pool = pool or Connections(self.faults)
        self.writers, self.closed = self.pool.writers, self.pool.closed
        self.ended = asyncio.Event()
        self.version = 0
        self.refreshes = 0
        self.refresher = None
        self.tls = None
        if self.arguments.authority:
            self.tls = ssl.create_default_context(cafile=self.arguments.authority)

    @property
    def number(self):
        """CSeq of the last request."""
        return self.dialog.number

    @number.setter
    def number(self, value):
        self.dialog.number = value

    async def start(self):
        host, _, port = self.arguments.sip.rpartition(":")
        protocol = self.arguments.transport
        await self.sip.listen(self.arguments.address, 0, ("udp",))
        peer = await self.sip.connect(protocol, host, int(port),
                                      self.tls if protocol == "tls" else None)
        own = f"{peer.local[0]}:{peer.local[1]}"
        suffix = "" if protocol == "udp" else f";transport={protocol}"
        target = f"sip:{host}:{port}{suffix}"
        self.dialog = Dialog(f"<sip:{own}>;tag={uuid.uuid4().hex[:8]}", f"<{target}>",
                             uuid.uuid4().hex, target, f"sip:{own}{suffix}", peer)

    def lines(self, step):
        """The m= lines of an offer: a control line for each resource, one audio line for all."""
        secure = self.arguments.control == "tls"
        lines = []
        for index, kind in enumerate(self.kinds):
            port = 9 if kind else 0
            lines += [f"m=application {port} TCP/{'TLS/' if secure else ''}MRCPv2 1"]
            if kind:
                reuse = (self.writers or index) and step.get("connection") != "new"
                lines += ["a=setup:active", f"a=connection:{'existing' if reuse else 'new'}",
                          f"a=resource:{kind}", "a=cmid:1"]
        codecs = self.client.codecs(step)
        kinds = [str(number) for number, _ in codecs] + ["101"]
        ways = {DIRECTION[kind] for kind in self.kinds if kind}
        return [*lines, f"m=audio {self.client.stream.port} RTP/AVP {' '.join(kinds)}",
                *[f"a=rtpmap:{number} {name}" for number, name in codecs],
                "a=rtpmap:101 telephone-event/8000", "a=fmtp:101 0-15",
                f"a={ways.pop() if len(ways) == 1 else 'sendrecv'}", "a=ptime:20", "a=mid:1"]

    def write_offer(self, lines):
        address = self.arguments.address
        return "\r\n".join(["v=0", f"o=MrcpPeer 2 {self.version} IN IP4 192.0.2.1", "s=-",
                            f"c=IN IP4 {address}", "t=0 0", *lines, ""])

    async def open(self, step):
        if self.dialog is None:
            await self.start()
        stream = await self.client.open_stream()
        codecs = self.client.codecs(step)
        stream.hear(dict(codecs), 101)
        # m= lines keep their places: the audio is last only at first.
        if step.get("again"):
            return await self.extend(step)
        self.kinds = list(step["resources"])
        status = await self.invite(self.lines(step))
        if status == 200:
            await self.connect()
        return status

    async def extend(self, step):
        """More channels, after the audio line (RFC 3264 §8)."""
        lines = [line for line in self.offer_lines]
        for kind in step["resources"]:
            self.kinds.append(kind)
            way = step.get("connection", "existing")
            lines += [f"m=application 9 TCP/{'TLS/' * (self.arguments.control == 'tls')}MRCPv2 1",
                      "a=setup:active", f"a=connection:{way}", f"a=resource:{kind}", "a=cmid:1"]
        both = {"a=sendonly": "a=sendrecv", "a=recvonly": "a=sendrecv"}
        status = await self.invite([both.get(line, line) for line in lines])
        if status == 200:
            await self.connect(step.get("connection") == "new")
        return status

    async def remove(self, kind):
        """A port of 0 gives the channel back."""
        lines, gone = [], False
        blocks = re.split(r"\n(?=m=)", "\n".join(self.offer_lines))
        for block in blocks:
            gone = f"a=resource:{kind}" in block.split("\n")
            lines += [re.sub(r"^(m=application) \d+", r"\1 0", block.split("\n")[0])] if gone \
                else block.split("\n")
        del self.pool.channels[self.channels.pop(kind).name]
        await self.invite(lines)

    async def invite(self, lines, method="INVITE"):
        """The status of the final answer."""
        body = ""
        if lines:
            self.version += 1
            self.offer_lines = lines
            body = self.write_offer(lines)
            self.offer = sdp.Description(body, self.faults)
        headers = [("Supported", "timer"), ("Allow", "INVITE, ACK, BYE, CANCEL, OPTIONS, UPDATE")]
        if self.refresher:
            headers.append(("Session-Expires", f"{self.expires};refresher=uac"))
        elif "session_expires" in self.client.script and method == "INVITE":
            headers.append(("Session-Expires", self.client.script["session_expires"]))
        if body:
            headers.append(("Content-Type", "application/sdp"))
        request = self.dialog.request(method, headers, body)
        answer = await self.sip.request(request, self.dialog.peer,
                                        self.client.script.get("sip_timeout", 32),
                                        self.client.script.get("cancel_after"))
        if answer.status == 200:
            self.take_answer(request, answer)
        return answer.status

    def take_answer(self, request, answer):
        if not answer.get("Contact") or not tag_of(answer.get("To")):
            self.faults.add("sip-contact", "RFC 3261 §12.1.1", "a 2xx without Contact or tag")
        self.dialog.remote = answer.get("To")
        self.dialog.target = uri_of(answer.get("Contact"))
        self.dialog.routes = answer.headers.all("Record-Route")[::-1]
        if request.method == "INVITE":
            number = request.cseq()[0]
            self.dialog.peer.write(self.dialog.request("ACK", number=number).encode())
        if answer.body:
            new = sdp.Description(answer.body.decode(), self.faults)
            sdp.check_answer(self.offer, new, self.faults)
            if self.answer:
                sdp.check_successor(self.answer, self.answer, new, self.faults)
            self.answer = new
            self.take_media()
        self.take_timer(answer)

    def take_media(self):
        for media in self.answer.audio():
            if media.port:
                number, name = media.codecs()[0]
                self.client.stream.use(number, name, (media.address, media.port), 101)

    def take_timer(self, answer):
        """RFC 4028 §7.2: half-way, if it is on us."""
        found = re.match(r"(\d+)\s*;\s*refresher=uac", answer.get("Session-Expires"))
        if self.refresher:
            self.refresher.cancel()
            self.refresher = None
        if found and "timer" not in answer.get("Require"):
            self.faults.add("sip-require", "RFC 4028 §9", "refresher=uac without Require: timer")
        if found:
            self.expires = int(found.group(1))
            if self.client.script.get("refresh", True):
                self.refresher = self.sip.start(self.refresh_later(self.expires / 2))

    async def refresh_later(self, seconds):
        await asyncio.sleep(seconds)
        self.refreshes += 1
        # In a task of its own: the answer puts the timer up anew.
        self.sip.start(self.refresh("UPDATE"))

    async def refresh(self, method):
        return await self.invite(self.offer_lines if method == "INVITE" else None, method)

    async def connect(self, new=False):
        """A control connection for each port of the answer, if there is none."""
        for media in self.answer.controls():
            channel = media.get("channel")
            if not media.port or not channel:
                continue
            kind = channel.partition("@")[2]
            if kind in self.channels:
                continue
            self.channels[kind] = Channel(2, kind, channel, self.faults)
            self.pool.channels[channel] = self.channels[kind]
            place = (media.address, media.port)
            if place not in self.writers or new:
                secure = self.tls if media.protocol == "TCP/TLS/MRCPv2" else None
                await self.pool.connect(place, secure)
            self.channels[kind].writer = self.writers[place]

    async def or_closed(self, event, channel):
        """Until the event, or the end of the connection."""
        tasks = [asyncio.ensure_future(one.wait()) for one in (event, channel.closed)]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()

    def send(self, channel, message):
        channel.writer.write(message.encode())

    def write_raw(self, data):
        next(iter(self.writers.values())).write(data)

    def drop(self):
        if self.own_pool:
            self.pool.close()

    def take_sip(self, request, peer):
        if request.method == "ACK":
            return
        if self.dialog is None or request.get("Call-ID") != self.dialog.call_id:
            self.sip.reply(request, peer, 481, tag="none")
            return
        self.dialog.check(request, self.faults)
        known = request.method in ("BYE", "OPTIONS", "UPDATE")
        headers = []
        if request.method == "UPDATE":
            self.refreshes += 1
            headers = [("Contact", f"<{self.dialog.contact}>"),
                       ("Session-Expires", request.get("Session-Expires"))]
        self.sip.reply(request, peer, 200 if known else 405, headers)
        if request.method == "BYE":
            self.ended.set()

    async def options(self, step):
        if self.dialog is None:
            await self.start()
        answer = await self.sip.request(self.dialog.request("OPTIONS"), self.dialog.peer)
        return answer.status

    async def end(self):
        answer = await self.sip.request(self.dialog.request("BYE"), self.dialog.peer)
        self.ended.set()
        for channel in self.channels.values():
            self.pool.channels.pop(channel.name, None)
        return answer.status

    def summary(self):
        return {"version": 2, "ended": self.ended.is_set(), "refreshes": self.refreshes,
                "connections": len(self.writers), "call_id": self.dialog and self.dialog.call_id}

    def close(self):
        self.drop()
        self.sip.close()
