#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A scripted MRCP server: SIP with MRCPv2, and RTSP with MRCPv1. It does what a script says, right
or wrong on purpose, and reports what the client did, with every fault of the client.

README.md shows the script. The ports are in the file of --port-file as JSON when it is ready. The
report is written at the end of each session, and at SIGTERM.
"""
import argparse
import asyncio
import json
import os
import pathlib
import signal
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "sip_tls")]

import authority  # noqa: E402
import peer as tls_peer  # noqa: E402
import sessions  # noqa: E402
from lines import ControlLine, RtspLine  # noqa: E402
from mrcp_wire import Faults, Mrcp  # noqa: E402
from resources import ALL_FAULTS, GENERIC  # noqa: E402
from rtp import NAMES  # noqa: E402
from sip_peer import Sip, branch_of, tag_of  # noqa: E402

STEP = set("status cause match times delay_ms fault at after_ms skew pieces answer_headers headers "
           "audio markers start complete_ms silence_ms digits result media_type grammar "
           "body".split())
SIP = set("invite delay_ms session_expires min_se bye_after_ms".split())
RTSP = set("setup own_cseq silent delay_ms location timeout describe".split())
GRACE = 5.0  # of a client that closed a connection and owes a BYE


def check_keys(found, known, what):
    unknown = set(found) - set(known)
    if unknown:
        raise SystemExit(f"{what}: unknown {', '.join(sorted(unknown))}")


class Script:
    def __init__(self, data):
        check_keys(data, ["codecs", "formats", "sip", "rtsp", "control", "requests", "allow",
                          "internal_barge_in", "tls"], "script")
        self.codecs = data.get("codecs", list(NAMES))
        self.formats = data.get("formats", {})
        self.sip, self.rtsp = data.get("sip", {}), data.get("rtsp", {})
        check_keys(self.sip, SIP, "sip")
        check_keys(self.rtsp, RTSP, "rtsp")
        self.own_cseq = self.rtsp.get("own_cseq", False)
        self.control = data.get("control", "accept")
        check_keys([self.control], ["accept", "silent", "refuse", "close"], "control")
        self.tls = data.get("tls", False)
        self.internal_barge_in = data.get("internal_barge_in", False)
        self.allow = data.get("allow", [])
        self.steps = {}
        for method, steps in data.get("requests", {}).items():
            self.steps[method] = [dict(step) for step in
                                  (steps if isinstance(steps, list) else [steps])]
            for step in self.steps[method]:
                check_keys(step, STEP, method)
                check_keys([step["fault"]] if "fault" in step else [], ALL_FAULTS, "fault")
        self.invites = 0

    def step(self, version, request):
        """Of each method, one step after the other; the last one of those that match stays."""
        body = request.body.decode("utf-8", "replace")
        fitting = [step for step in self.steps.get(request.name, [])
                   if step.get("match", "") in body and step.get("times", 1) != 0]
        if not fitting:
            return GENERIC
        step = fitting[0]
        if len(fitting) > 1 or "times" in step:
            step["times"] = step.get("times", 1) - 1
        return step

    def invite(self):
        answer = self.sip.get("invite", 200)
        if isinstance(answer, list):
            answer = answer[min(self.invites, len(answer) - 1)]
        self.invites += 1
        return answer


class Server:
    def __init__(self, script, address, report=None, record=None):
        self.script, self.address, self.report_path, self.record = script, address, report, record
        self.faults = Faults(script.allow)
        self.sessions, self.channels, self.dialogs = [], {}, {}
        self.requests, self.sent, self.sip_seen = [], [], []
        self.control_lines, self.control_ports = [], {}
        self.waiting, self.silent = {}, set()  # INVITEs by their branch
        self.event_cseq = 100000
        self.tasks, self.listeners = set(), []
        self.began = time.monotonic()
        self.sip = Sip(self.faults, self.take_sip)
        self.fingerprint = self.folder = None
        self.stopped = asyncio.Event()

    def start(self, coroutine):
        task = asyncio.get_running_loop().create_task(coroutine)
        self.tasks.add(task)
        task.add_done_callback(self.task_over)
        return task

    def task_over(self, task):
        self.tasks.discard(task)
        if not task.cancelled() and task.exception():
            # A mistake of the peer itself, and no test may pass over it.
            self.faults.add("peer-error", "", repr(task.exception()))

    def now(self):
        return round(time.monotonic() - self.began, 3)

    async def listen(self, ports):
        """Everything there is; returns the ports."""
        found = {"sip": await self.sip.listen(self.address, ports.get("sip", 0))}
        context = None
        if self.script.tls:
            self.folder = tempfile.TemporaryDirectory(prefix="mcp-mrcp-peer-")
            root = authority.Authority(self.folder.name, "authority")
            leaf = root.leaf("server", f"IP:{self.address}, DNS:localhost")
            context = tls_peer.server_context(leaf)
            text = authority.openssl("x509", "-in", leaf.certificate, "-noout", "-sha256",
                                     "-fingerprint")
            self.fingerprint = text.strip().partition("=")[2]
            found["authority"] = str(root.certificate)
            found["sip_tls"] = await self.sip.listen(self.address, 0, ("tcp",), context)
        for name, secure in (("tcp", None), ("tls", context)):
            if name == "tcp" or secure:
                self.control_ports[name] = await self.open(
                    ControlLine, ports.get("mrcp", 0) if name == "tcp" else 0, secure)
        found["mrcp"] = self.control_ports["tcp"]
        found["rtsp"] = await self.open(RtspLine, ports.get("rtsp", 0))
        if self.script.control == "refuse":
            for listener in self.listeners[:-1]:
                listener.close()
        if context:
            found["rtsps"] = await self.open(RtspLine, 0, context)
        return found

    async def open(self, kind, port, secure=None):
        def accept(reader, writer):
            self.start(self.connected(kind, reader, writer))

        listener = await asyncio.start_server(accept, self.address, port, ssl=secure)
        self.listeners.append(listener)
        return listener.sockets[0].getsockname()[1]

    async def connected(self, kind, reader, writer):
        line = kind(self, reader, writer)
        line.remote = writer.get_extra_info("peername")[:2]
        if kind is ControlLine:
            self.control_lines.append(line)
            if self.script.control == "close":
                line.close()
        await line.run()

    def line_closed(self, line):
        """A client that closes owes a BYE (RFC 6787 §4.6); one that was closed as well."""
        if line in self.control_lines:
            self.control_lines.remove(line)
        for session in self.sessions:
            mine = [one for one in session.resources.values() if one.line is line]
            if not mine or session.ended:
                continue
            session.closed_by = line.closed_by
            if session.version == 1:
                session.finish("connection")
            elif line.closed_by == "client":
                session.start(self.end_later(session))

    async def end_later(self, session):
        await asyncio.sleep(GRACE)
        self.faults.add("control-closed", "RFC 6787 §4.6",
                        "the control connection was closed, the dialog was not")
        await session.hang_up()

    def take_sip(self, request, peer):
        self.sip_seen.append({"time": self.now(), "method": request.method, "uri": request.uri,
                              "headers": request.headers.pairs,
                              "body": request.body.decode("utf-8", "replace"),
                              "protocol": peer.protocol})
        session = self.dialogs.get(request.get("Call-ID"))
        sip = self.sip
        if session and tag_of(request.get("To")):
            if session.ended:
                if request.method != "ACK":
                    sip.reply(request, peer, 481)
            else:
                self.start(session.take_sip(request, peer))
        elif request.method == "INVITE":
            self.start(self.take_invite(request, peer))
        elif request.method == "OPTIONS":
            sip.reply(request, peer, 200, [("Allow", sessions.ALLOW), ("Accept", "application/sdp"),
                                           ("Content-Type", "application/sdp")],
                      self.capabilities(), tag="options")
        elif request.method == "CANCEL":
            self.cancel(request, peer)
        elif request.method != "ACK":
            if tag_of(request.get("To")):
                self.faults.add("sip-dialog", "RFC 3261 §12.2", f"{request.method} in no dialog")
            sip.reply(request, peer, 481, tag="none")

    def capabilities(self):
        """RFC 6787 §7."""
        lines = [line for kind in sessions.KINDS
                 for line in ("m=application 0 TCP/MRCPv2 1", f"a=resource:{kind}")]
        maps = [f"a=rtpmap:{96 + index} {name}" for index, name in enumerate(self.script.codecs)]
        kinds = " ".join(str(96 + index) for index in range(len(maps)))
        return sessions.description(self.address, 1, [*lines, f"m=audio 0 RTP/AVP {kinds}", *maps])

    def cancel(self, request, peer):
        """RFC 3261 §9.2. One that is silent is so for this too."""
        branch = branch_of(request)
        if branch in self.silent:
            return
        waiting = self.waiting.pop(branch, None)
        self.sip.reply(request, peer, 200 if waiting else 481, tag="refused")
        if waiting:
            self.sip.reply(waiting, peer, 487, tag="refused")

    async def take_invite(self, request, peer):
        wanted = self.script.invite()
        sip, branch = self.sip, branch_of(request)
        if wanted == "silent":
            self.silent.add(branch)
            return
        self.waiting[branch] = request
        if peer.protocol == "udp":
            sip.reply(request, peer, 100)
        if "delay_ms" in self.script.sip:
            await asyncio.sleep(self.script.sip["delay_ms"] / 1000)
        if self.waiting.pop(branch, None) is None:
            return
        least = self.script.sip.get("min_se", 0)
        asked = request.get("Session-Expires").partition(";")[0].strip()
        if asked.isdigit() and int(asked) < least:
            sip.reply(request, peer, 422, [("Min-SE", least)], tag="refused")
        elif wanted != 200:
            sip.reply(request, peer, wanted, tag="refused")
        else:
            session = sessions.SipSession(self, request, peer)
            self.dialogs[request.get("Call-ID")] = session
            if await session.accept(request, peer) != 200:
                session.finish("refused")
            elif "bye_after_ms" in self.script.sip:
                await asyncio.sleep(self.script.sip["bye_after_ms"] / 1000)
                if not session.ended:
                    await session.hang_up()

    def take_control(self, line, message):
        if self.script.control == "silent":
            self.log_request(None, None, message)
            return
        channel = message.headers.get("Channel-Identifier")
        resource = self.channels.get(channel)
        if resource is None:
            self.faults.add("channel", "RFC 6787 §6.2.1", f"{message.start()} for {channel}")
            if message.kind == "request":
                answer = Mrcp(2, "response", message.number, status=405, state="COMPLETE",
                              headers=[("Channel-Identifier", channel or "none@none")])
                line.put(answer.encode())
            return
        resource.line = line
        resource.session.take(resource, message)

    def take_rtsp(self, line, request):
        if self.script.rtsp.get("silent"):
            self.log_rtsp(request)
            return
        self.log_rtsp(request)
        session = line.sessions.get(request.get("Session").partition(";")[0])
        if session:
            session.touch()
        self.start(self.answer_rtsp(line, request))

    async def answer_rtsp(self, line, request):
        kind = next((kind for kind in sessions.KINDS
                     if kind[6:] in request.uri.lower().rpartition("/media/")[2]), None)
        own = request.get("Session").partition(";")[0]
        session = line.sessions.get(own)
        if own and session is None:
            self.faults.add("rtsp-session", "RFC 2326 §12.37", f"unknown session {own}")
            line.reply(request, 454, "Session Not Found")
        elif request.method == "SETUP":
            await self.set_up(line, request, session, kind)
        elif request.method == "OPTIONS":
            line.reply(request, 200, headers=[
                ("Public", "SETUP, TEARDOWN, DESCRIBE, ANNOUNCE, OPTIONS")])
        elif request.method == "DESCRIBE":
            line.reply(request, 200, headers=[("Content-Type", "application/sdp")],
                       body=self.capabilities().replace("m=application 0 TCP/MRCPv2 1\r\n", ""))
        elif request.method in ("ANNOUNCE", "TEARDOWN") and session is None:
            self.faults.add("rtsp-session", "RFC 2326 §12.37", f"{request.method} without one")
            line.reply(request, 454, "Session Not Found")
        elif request.method == "TEARDOWN":
            await line.settle()
            line.reply(request, 200, headers=[("Session", own)])
            if session.tear_down(kind):
                del line.sessions[own]
        elif request.method == "ANNOUNCE":
            self.announce(line, request, session, kind)
        else:
            # RFC 4463 §3.2: no others for these resources.
            self.faults.add("rtsp-method", "RFC 4463 §3.2", request.method)
            line.reply(request, 405, "Method Not Allowed")

    def announce(self, line, request, session, kind):
        if request.get("Content-Type") != "application/mrcp":
            self.faults.add("rtsp-content", "RFC 4463 §3.2", request.get("Content-Type"))
        if kind not in session.resources or kind in session.gone:
            self.faults.add("rtsp-resource", "RFC 4463 §6.1", f"{request.uri} was not set up")
            line.reply(request, 404, "Not Found")
            return
        line.take_mrcp(request, session, session.resources[kind])

    async def set_up(self, line, request, session, kind):
        rtsp = self.script.rtsp
        wanted = rtsp.get("setup", 200)
        await asyncio.sleep(rtsp.get("delay_ms", 0) / 1000)
        if wanted != 200 or kind is None:
            line.reply(request, wanted if wanted != 200 else 404, "Refused",
                       [("Location", rtsp["location"])] if "location" in rtsp else [])
            return
        session = session or sessions.RtspSession(self, line)
        done = await session.set_up(request, kind)
        if done is None:
            session.finish("refused")
            line.reply(request, 461, "Unsupported Transport")
            return
        line.sessions[session.id] = session
        headers, body = done
        line.reply(request, 200, headers=headers, body=body)

    def log_request(self, session, resource, message):
        self.requests.append({"time": self.now(), "session": session and session.id,
                              "channel": resource and resource.channel, **message.summary()})

    def log_sent(self, resource, message):
        self.sent.append({"time": self.now(), "channel": resource.channel, **message.summary()})

    def log_rtsp(self, request):
        self.sip_seen.append({"time": self.now(), "method": request.method, "uri": request.uri,
                              "headers": request.headers.pairs, "protocol": "rtsp",
                              "body": request.body.decode("utf-8", "replace")})

    def report(self):
        return {"faults": self.faults.items,
                "sessions": [session.summary() for session in self.sessions],
                "requests": self.requests, "sent": self.sent, "signalling": self.sip_seen}

    def session_over(self):
        self.write_report()

    def write_report(self):
        if self.report_path:
            new = f"{self.report_path}.new"
            pathlib.Path(new).write_text(json.dumps(self.report(), indent=1))
            os.replace(new, self.report_path)

    def die(self):
        """As a server that crashes."""
        self.write_report()
        os._exit(3)

    async def close(self):
        for listener in self.listeners:
            listener.close()
        for session in self.sessions:
            if not session.ended:
                session.finish("open")
        self.sip.close()
        for task in list(self.tasks):
            task.cancel()
        if self.folder:
            self.folder.cleanup()
        self.write_report()


async def run(arguments):
    script = Script(json.loads(pathlib.Path(arguments.script).read_text()))
    server = Server(script, arguments.address, arguments.report, arguments.record)
    ports = await server.listen({"sip": arguments.sip_port, "mrcp": arguments.mrcp_port,
                                 "rtsp": arguments.rtsp_port})
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, server.stopped.set)
    new = pathlib.Path(f"{arguments.port_file}.new")
    new.write_text(json.dumps(ports))
    new.replace(arguments.port_file)
    await server.stopped.wait()
    await server.close()
    if not arguments.report:
        print(json.dumps(server.report(), indent=1))
    return 1 if server.faults.items else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("--script", required=True, help="JSON; README.md says what is in it")
    parser.add_argument("--port-file", required=True, help="where the ports are written")
    parser.add_argument("--address", default="127.0.0.1")
    parser.add_argument("--report", help="file of the report, else standard output at the end")
    parser.add_argument("--record", help="folder for what was heard, as WAV")
    for name in ("sip", "mrcp", "rtsp"):
        parser.add_argument(f"--{name}-port", type=int, default=0, help="0: any free one")
    sys.exit(asyncio.run(run(parser.parse_args())))


if __name__ == "__main__":
    main()
