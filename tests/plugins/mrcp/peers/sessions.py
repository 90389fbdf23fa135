# SPDX-License-Identifier: Apache-2.0
"""Sessions of the scripted server: a SIP dialog with its channels (RFC 6787 §4), or an RTSP session
(RFC 4463 §6.1)."""
import asyncio
import re
import uuid

import sdp
from recognizer import Recognizer
from rtp import Stream, write_wav
from sip_peer import Dialog, tag_of, target_of, uri_of
from synthesizer import Synthesizer

KINDS = {"speechsynth": Synthesizer, "speechrecog": Recognizer}
EVENT = "TELEPHONE-EVENT/"
ALLOW = "INVITE, ACK, BYE, CANCEL, OPTIONS, UPDATE"


def choose(audio, codecs):
    """(payload type, codec, type of telephone-event, its rate) for an m=audio line: the first of
    the offer that is known here; events at its rate if there are."""
    offered = audio.codecs()
    for number, name in offered:
        if name in codecs:
            rate = name.partition("/")[2]
            events = [(kind, other.partition("/")[2]) for kind, other in offered
                      if other.startswith(EVENT)]
            events.sort(key=lambda event: event[1] != rate)
            return number, name, *(events or [(None, None)])[0]
    return None


def audio_lines(port, chosen, direction, mid=None):
    number, name, events, rate = chosen
    formats = [str(one) for one in (number, events) if one is not None]
    lines = [f"m=audio {port} RTP/AVP {' '.join(formats)}", f"a=rtpmap:{number} {name}"]
    if events is not None:
        lines += [f"a=rtpmap:{events} telephone-event/{rate}", f"a=fmtp:{events} 0-15"]
    return lines + [f"a={direction}", "a=ptime:20"] + ([f"a=mid:{mid}"] if mid else [])


def description(address, version, lines):
    # What stands in o= is no address to use.
    return "\r\n".join(["v=0", f"o=MrcpPeer 1 {version} IN IP4 192.0.2.2", "s=-",
                        f"c=IN IP4 {address}", "t=0 0", *lines, ""])


class Session:
    def __init__(self, server, version):
        self.server, self.version = server, version
        self.script, self.faults = server.script, server.faults
        self.id = uuid.uuid4().hex[:16]
        self.resources, self.grammars, self.streams = {}, {}, {}
        self.last_number = None
        self.owed = set()  # SPEAKs during which input began
        self.ended = None
        self.closed_by = None
        self.tasks = set()
        server.sessions.append(self)

    def start(self, coroutine):
        task = self.server.start(coroutine)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task

    def take(self, resource, message):
        """A request of the client for one of the channels."""
        self.server.log_request(self, resource, message)
        if message.kind != "request":
            self.faults.add("kind", "RFC 6787 §5", f"a client sent {message.start()}")
            return
        if self.last_number is not None and message.number <= self.last_number:
            self.faults.add("request-id", "RFC 6787 §5.2",
                            f"{message.number} after {self.last_number}")
            if self.version == 2:
                resource.answer(message, {}, status=410)
                return
        self.last_number = message.number
        self.check_barge_in(resource, message)
        resource.take(message)

    def check_barge_in(self, resource, message):
        """RFC 6787 §8.8: the client has to tell a synthesizer that input began, with the tag of
        the event that said so."""
        recognizer = self.resources.get("speechrecog")
        if resource.kind == "speechsynth" and message.name in ("STOP", "BARGE-IN-OCCURRED"):
            tag = message.headers.get("Proxy-Sync-Id")
            if self.owed and message.name != "STOP" and tag != recognizer.sync_id:
                self.faults.add("proxy-sync-id", "RFC 6787 §6.2.4, §8.8",
                                f"{tag}, not {recognizer.sync_id}")
            self.owed.clear()
        elif self.owed and recognizer.active is None:
            self.owed.clear()
            self.faults.add("barge-in", "RFC 6787 §8.8, RFC 4463 §7.10",
                            f"no BARGE-IN-OCCURRED before {message.start()}")

    def input_began(self, step):
        synthesizer = self.resources.get("speechsynth")
        work = synthesizer and synthesizer.active
        if not work or not synthesizer.is_killable(work):
            return
        if self.script.internal_barge_in:
            synthesizer.drop([work])
            synthesizer.complete(work, "barge-in")
        else:
            self.owed.add(work.request.number)

    async def stream(self, key):
        if key not in self.streams:
            self.streams[key] = await Stream(self.faults).open(self.server.address)
        return self.streams[key]

    def finish(self, how):
        if self.ended:
            return
        self.ended = how
        for resource in self.resources.values():
            resource.end()
        for name, stream in self.streams.items():
            stream.close()
            if self.server.record and stream.listener.pcm:
                path = f"{self.server.record}/{self.id}-{name}.wav"
                write_wav(path, bytes(stream.listener.pcm), stream.listener.rate)
        for task in list(self.tasks):
            if task is not asyncio.current_task():
                task.cancel()
        self.server.session_over()

    def summary(self):
        return {"id": self.id, "version": self.version, "ended": self.ended,
                "closed_by": self.closed_by, "resources": list(self.resources),
                "grammars": list(self.grammars),
                "rtp": {name: {**stream.listener.figures(), "sent": stream.sent,
                               "codec": stream.codec.name}
                        for name, stream in self.streams.items()}}


class SipSession(Session):
    def __init__(self, server, invite, peer):
        super().__init__(server, 2)
        host, port = peer.local
        suffix = f";transport={peer.protocol}" if peer.protocol != "udp" else ""
        self.dialog = Dialog(f"{invite.get('To')};tag={uuid.uuid4().hex[:8]}", invite.get("From"),
                             invite.get("Call-ID"), uri_of(invite.get("Contact")),
                             f"sip:{host}:{port}{suffix}", peer)
        self.dialog.routes = invite.headers.all("Record-Route")
        self.dialog.remote_number = invite.cseq()[0]
        self.offer = self.latest = None  # agreed upon; the last, refused or not
        self.version_of_sdp = 0
        self.controls = {}  # index of the m= line: resource
        self.timer = None
        self.refreshes = 0
        self.expires = None

    def tag(self):
        return tag_of(self.dialog.local)

    async def accept(self, request, peer):
        """An INVITE, first or later, or an UPDATE."""
        body, status = b"", 200
        if request.body:
            new = sdp.Description(request.body.decode(), self.faults)
            known = self.offer or self.server.control_lines
            sdp.check_offer(new, self.faults, first=not known)
            if self.offer:
                sdp.check_successor(self.offer, self.latest, new, self.faults)
            self.latest = new
            lines = await self.answer_lines(new)
            if lines is None:
                status = 488
            else:
                self.offer = new
                self.version_of_sdp += 1
                body = description(self.server.address, self.version_of_sdp, lines)
        elif request.method == "INVITE":
            self.faults.add("sdp-offer", "RFC 6787 §4.2", "INVITE without an offer")
            status = 488
        headers = [("Contact", f"<{self.dialog.contact}>"), ("Allow", ALLOW),
                   *[("Record-Route", route) for route in request.headers.all("Record-Route")]]
        if status == 200:
            headers += self.timer_headers(request)
        if body:
            headers.append(("Content-Type", "application/sdp"))
        data = self.server.sip.reply(request, peer, status, headers, body, self.tag())
        if status == 200 and request.method == "INVITE":
            self.start(self.server.sip.await_ack(request, peer, data))
        return status

    def timer_headers(self, request):
        """RFC 4028 §9: the client refreshes, if it can and does not want it of us."""
        own = self.script.sip.get("session_expires")
        can = "timer" in re.split(r"[,\s]+", ",".join(request.headers.all("Supported")))
        if not own or not can:
            return []
        asked = re.match(r"(\d+)(?:.*refresher=(\w+))?", request.get("Session-Expires", ""))
        self.expires = min(own, int(asked.group(1))) if asked else own
        if self.timer:
            self.refreshes += 1
            self.timer.cancel()
        headers = [("Supported", "timer"), ("Min-SE", self.script.sip.get("min_se", 90))]
        if asked and asked.group(2) == "uas":
            self.timer = self.start(self.refresh())
            return [("Session-Expires", f"{self.expires};refresher=uas"), *headers]
        self.timer = self.start(self.expire(self.expires))
        return [("Require", "timer"), ("Session-Expires", f"{self.expires};refresher=uac"),
                *headers]

    async def refresh(self):
        """By us, half-way."""
        while True:
            await asyncio.sleep(self.expires / 2)
            request = self.dialog.request("UPDATE", [
                ("Supported", "timer"), ("Session-Expires", f"{self.expires};refresher=uas")])
            answer = await self.server.sip.request(request, self.dialog.peer)
            self.refreshes += 1
            if answer.status != 200:
                self.faults.add("sip-refresh", "RFC 4028 §7.4", f"{answer.status} for UPDATE")

    async def expire(self, seconds):
        await asyncio.sleep(seconds)
        self.faults.add("session-expired", "RFC 4028 §10", f"no refresh within {seconds} s")
        await self.hang_up("expired")

    async def hang_up(self, how="server"):
        try:
            await self.server.sip.request(self.dialog.request("BYE"), self.dialog.peer, 8)
        except asyncio.TimeoutError:
            self.faults.add("sip-no-answer", "RFC 3261 §15.1.2", "BYE was not answered")
        self.finish(how)

    async def answer_lines(self, offer):
        """The m= lines of the answer; None when nothing fits."""
        audio, lines = {}, {}
        for index, media in enumerate(offer.media):
            if media.kind == "audio" and media.port:
                chosen = choose(media, self.script.codecs)
                if chosen is None:
                    return None
                audio[id(media)] = await self.open_audio(index, media, chosen)
                lines[index] = audio_lines(
                    audio[id(media)].port, chosen, sdp.OPPOSITE.get(media.direction(), "sendrecv"),
                    media.get("mid"))
        for index, media in enumerate(offer.media):
            if media.is_control() and media.port:
                stream = audio.get(id(offer.audio_of(media)))
                found = self.control_lines(index, media, stream)
                if found is None:
                    return None
                lines[index] = found
            elif index not in lines:
                self.close_line(index)
                lines[index] = [f"m={media.kind} 0 {media.protocol} {' '.join(media.formats)}"]
        return [line for index in sorted(lines) for line in lines[index]]

    async def open_audio(self, index, media, chosen):
        stream = await self.stream(f"audio{index}")
        number, name, events, _ = chosen
        stream.use(number, name, (media.address, media.port))
        stream.hear({number: name}, events)
        return stream

    def control_lines(self, index, media, stream):
        """The answer to one control line, with a channel that is made for it if need be."""
        kind = media.get("resource")
        if index not in self.controls:
            if kind not in KINDS or kind in self.resources:
                return None
            channel = f"{self.id}@{kind}"
            self.controls[index] = self.resources[kind] = KINDS[kind](self, kind, channel, stream)
            self.server.channels[channel] = self.controls[index]
        secure = media.protocol == "TCP/TLS/MRCPv2"
        port = self.server.control_ports.get("tls" if secure else "tcp")
        if port is None:
            return None
        lines = [f"m=application {port} {media.protocol} 1", "a=setup:passive",
                 f"a=connection:{media.get('connection', 'new')}",
                 f"a=channel:{self.controls[index].channel}"]
        lines += [f"a=cmid:{value}" for value in media.all("cmid")]
        return lines + ([f"a=fingerprint:SHA-256 {self.server.fingerprint}"] if secure else [])

    def close_line(self, index):
        """A port of 0 gives the channel back."""
        resource = self.controls.pop(index, None)
        if resource:
            resource.end()
            del self.resources[resource.kind]
            del self.server.channels[resource.channel]

    async def take_sip(self, request, peer):
        """A request within the dialog."""
        self.dialog.check(request, self.faults)
        self.dialog.peer = peer
        if request.method in ("INVITE", "UPDATE"):
            self.dialog.target = uri_of(request.get("Contact", f"<{self.dialog.target}>"))
            await self.accept(request, peer)
        elif request.method == "BYE":
            self.server.sip.reply(request, peer, 200, tag=self.tag())
            self.finish("bye")
        elif request.method == "OPTIONS":
            self.server.sip.reply(request, peer, 200, [("Allow", ALLOW)], tag=self.tag())
        elif request.method != "ACK":
            self.server.sip.reply(request, peer, 405, [("Allow", ALLOW)], tag=self.tag())

    def finish(self, how):
        for resource in self.resources.values():
            self.server.channels.pop(resource.channel, None)
        super().finish(how)

    def summary(self):
        return {**super().summary(), "call_id": self.dialog.call_id,
                "protocol": self.dialog.peer.protocol, "session_expires": self.expires,
                "refreshes": self.refreshes}


class RtspSession(Session):
    def __init__(self, server, line):
        super().__init__(server, 1)
        self.line = line
        self.gone = set()
        self.timer = None
        self.touch()

    def touch(self):
        """RFC 2326 §12.37: whatever the client sends for the session keeps it."""
        seconds = self.script.rtsp.get("timeout")
        if self.timer:
            self.timer.cancel()
        if seconds:
            self.timer = self.start(self.expire(seconds))

    async def expire(self, seconds):
        await asyncio.sleep(seconds)
        self.faults.add("session-expired", "RFC 2326 §12.37", f"nothing came for {seconds} s")
        self.line.sessions.pop(self.id, None)
        self.finish("expired")

    async def set_up(self, request, kind):
        """The first resource brings the ports (RFC 4463 §6.1)."""
        transport = request.get("Transport")
        ports = re.search(r"client_port=(\d+)(?:-(\d+))?", transport)
        if "RTP/AVP" not in transport or "unicast" not in transport:
            self.faults.add("rtsp-transport", "RFC 2326 §12.39", f"Transport: {transport}")
        seconds = self.script.rtsp.get("timeout")
        headers, body = [("Session", self.id + (f";timeout={seconds}" if seconds else ""))], b""
        if self.streams:
            stream = self.streams["audio"]
        else:
            if not ports:
                self.faults.add("rtsp-transport", "RFC 2326 §12.39", f"no client_port: {transport}")
                return None
            stream = await self.stream("audio")
            body = self.answer(request, stream, int(ports.group(1)))
            if body is None:
                return None
            if self.script.rtsp.get("describe", True):
                headers.append(("Content-Type", "application/sdp"))
            else:
                body = b""
        headers.insert(0, ("Transport", f"{transport};server_port={stream.port}-"
                                        f"{stream.port + 1}"))
        resource = KINDS[kind](self, kind, request.uri, stream)
        resource.line = self.line
        self.resources[kind] = resource
        self.gone.discard(kind)
        return headers, body

    def answer(self, request, stream, port):
        """The description of the ports; None when no codec fits."""
        host = target_of(f"sip:{self.line.remote[0]}")[0]
        chosen, direction = (0, "PCMU/8000", 101, 8000), "sendrecv"
        if request.body:
            offer = sdp.Description(request.body.decode(), self.faults)
            audio = (offer.audio() or [None])[0]
            chosen = audio and choose(audio, self.script.codecs)
            if chosen is None:
                return None
            direction = sdp.OPPOSITE.get(audio.direction(), "sendrecv")
            host = audio.address if audio.address not in (None, "0.0.0.0") else host
        number, name, events, _ = chosen
        stream.use(number, name, (host, port))
        stream.hear({number: name}, events)
        return description(self.server.address, 1, audio_lines(stream.port, chosen, direction))

    def tear_down(self, kind):
        """All resources, or one; whether the session is over."""
        for name in [kind] if kind else list(self.resources):
            resource = self.resources.get(name)
            if resource:
                resource.end()
        self.gone |= {kind} if kind else set(self.resources)
        if self.gone >= set(self.resources):
            self.finish("teardown")
            return True
        return False
