#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A scripted MRCP client of both versions: it does the steps of a script one by one, sends and
keeps sound in real time, and prints what it saw as JSON, with every fault of the server.

README.md shows the steps. The exit value is 1 after a fault or a step that failed.
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

import sdp  # noqa: E402
from client_rtsp import RtspSide  # noqa: E402
from client_sip import SipSide  # noqa: E402
from mrcp_wire import Faults  # noqa: E402
from rtp import NAMES, Stream, audio, write_wav  # noqa: E402

WITHIN = 60.0
SCRIPT = set("steps allow refresh session_expires sip_timeout cancel_after".split())
STEP = set("do within expect resources resource codecs connection again method headers type body "
           "file id event cause results input instance audio keys min_ms level rule times by text "
           "".split())


class Failure(Exception):
    """A step did not come out as the script wants it."""


def demand(good, text):
    if not good:
        raise Failure(text)


def check_script(script):
    """What is not known is a mistake of who wrote it."""
    unknown = set(script) - SCRIPT
    for step in script["steps"]:
        unknown |= set(step) - STEP
        if not hasattr(Client, method_of(step)):
            unknown.add(step["do"])
    if unknown:
        raise SystemExit(f"script: unknown {', '.join(sorted(unknown))}")


def method_of(step):
    return "do_" + step["do"].replace("-", "_")


class Client:
    def __init__(self, arguments, script, pool=None):
        """`pool`: control connections that it shares with others."""
        check_script(script)
        self.arguments, self.script = arguments, script
        self.faults = Faults(script.get("allow", []))
        self.side = RtspSide(self) if arguments.rtsp else SipSide(self, pool)
        self.stream = None
        self.number = 0
        self.answers = []
        self.said = self.sync_id = None

    async def open_stream(self):
        if not self.stream:
            self.stream = await Stream(self.faults, continuous=True).open(self.arguments.address)
        return self.stream

    def codecs(self, step):
        """[(payload type, name)] to offer."""
        fixed = {"PCMU/8000": 0, "PCMA/8000": 8, "L16/8000": 96, "L16/16000": 97}
        return [(fixed[name], name) for name in step.get("codecs", NAMES)]

    async def run(self):
        for index, step in enumerate(self.script["steps"]):
            try:
                await getattr(self, method_of(step))(step)
            except (Failure, OSError, EOFError, asyncio.TimeoutError) as error:
                return f"step {index} ({step['do']}): {error or type(error).__name__}"
        return None

    async def do_open(self, step):
        status = await self.side.open(step)
        wanted = step.get("expect", 200)
        demand(status == wanted, f"answered with {status}, not {wanted}")

    async def do_add(self, step):
        await self.do_open({**step, "again": True})

    async def do_remove(self, step):
        await self.side.remove(step["resource"])

    def channel(self, step):
        name = step.get("resource")
        if name:
            return self.side.channels[name]
        return next(iter(self.side.channels.values()))

    async def do_request(self, step):
        channel = self.channel(step)
        headers = step.get("headers", {})
        headers = [(name, value.replace("{sync}", self.sync_id or "")) for name, value in
                   (headers.items() if isinstance(headers, dict) else headers)]
        body = step.get("body", "")
        if "file" in step:
            body = pathlib.Path(step["file"]).read_text()
        if body:
            headers += [("Content-Type", step["type"])]
        self.number = step.get("id", self.number + 1)
        message = channel.make(self.number, step["method"], headers, body)
        self.side.send(channel, message)
        expect = step.get("expect", {"status": 200})
        asked = channel.asked[self.number]
        await asyncio.wait_for(self.side.or_closed(asked.done, channel), step.get("within", WITHIN))
        demand(asked.answer, "the connection was closed before the answer")
        self.answers.append(asked.answer.summary())
        for name in ("status", "state"):
            value = getattr(asked.answer, name)
            demand(expect.get(name, value) == value,
                   f"{step['method']}: {name} is {value}, not {expect.get(name)}")
        for name, value in expect.get("headers", {}).items():
            found = asked.answer.headers.get(name)
            demand(found is not None and re.fullmatch(value, found), f"{name} is {found}")
        if "results" in expect:
            count = len(channel.results(asked.answer)) if asked.answer.body else 0
            demand(count == expect["results"], f"{count} interpretations")

    async def do_wait(self, step):
        channel = self.channel(step)
        event = await channel.wait_for(step["event"], step.get("within", WITHIN))
        demand(event, f"the connection was closed before {step['event']}")
        self.sync_id = event.headers.get("Proxy-Sync-Id", self.sync_id)
        for name, value in step.get("headers", {}).items():
            found = event.headers.get(name)
            demand(found is not None and re.fullmatch(value, found), f"{name} is {found}")
        if "cause" in step:
            found = event.headers.get("Completion-Cause")
            demand(found == step["cause"], f"the cause is {found}, not {step['cause']}")
        if "results" in step:
            demand(len(event.found) == step["results"], f"{len(event.found)} interpretations")
        if "input" in step:
            found = event.found[0].get("input") if event.found else None
            demand(found == step["input"], f"{found} was heard, not {step['input']}")
        if "instance" in step:
            found = event.found[0].get("instance") if event.found else None
            demand(found == step["instance"], f"the instance is {found}")

    async def do_say(self, step):
        self.said = self.stream.play(audio(step["audio"], self.stream.codec.rate))

    async def do_press(self, step):
        for key in step["keys"]:
            self.stream.press(key)
            self.stream.play(bytes(2 * self.stream.codec.rate // 20))

    async def do_drain(self, step):
        """Until all was said."""
        await asyncio.wait_for(self.said.done.wait(), step.get("within", WITHIN))

    async def do_heard(self, step):
        figures = self.stream.listener.figures()
        demand(figures["milliseconds"] >= step.get("min_ms", 0), f"only {figures['milliseconds']} "
               "ms were heard")
        demand(figures["level"] >= step.get("level", 0), f"the level is {figures['level']}")

    async def do_wait_heard(self, step):
        """Until that much has been heard."""
        await self.until(lambda: self.stream.listener.figures()["milliseconds"] >= step["min_ms"],
                         step)

    async def do_refresh(self, step):
        status = await self.side.refresh(step.get("method", "UPDATE"))
        demand(status == step.get("expect", 200), f"answered with {status}")

    async def do_options(self, step):
        status = await self.side.options(step)
        demand(status == 200, f"answered with {status}")

    async def do_describe(self, step):
        status, body = await self.side.describe(step["resource"])
        demand(status == 200 and sdp.Description(body, self.faults).audio(), f"{status} {body}")

    async def do_wait_fault(self, step):
        """Until the server did that wrong."""
        await self.until(lambda: step["rule"] in self.faults.rules(), step)

    async def do_wait_refresh(self, step):
        """Until the session was refreshed that often, by itself."""
        await self.until(lambda: self.side.refreshes >= step["times"], step)

    async def until(self, condition, step):
        async def poll():
            while not condition():
                await asyncio.sleep(0.02)
        await asyncio.wait_for(poll(), step.get("within", WITHIN))

    async def do_skip_cseq(self, step):
        self.side.number += step.get("by", 1)

    async def do_mute(self, step):
        """Events get no RTSP answer any more."""
        self.side.muted = True

    async def do_expect_closed(self, step):
        await asyncio.wait_for(self.side.closed.wait(), step.get("within", WITHIN))

    async def do_expect_bye(self, step):
        await asyncio.wait_for(self.side.ended.wait(), step.get("within", WITHIN))

    async def do_drop(self, step):
        self.side.drop()

    async def do_raw(self, step):
        """Octets as they are but for {channel}, on the connection that carries MRCP."""
        channel = next(iter(self.side.channels.values()))
        self.side.write_raw(step["text"].replace("{channel}", channel.name).encode("latin-1"))

    async def do_close(self, step):
        status = await self.side.end()
        demand(status == step.get("expect", 200), f"answered with {status}")

    def report(self, failed):
        return {"failed": failed, "faults": self.faults.items,
                "rtp": self.stream and {**self.stream.listener.figures(), "sent": self.stream.sent,
                                        "codec": self.stream.codec.name},
                "answers": self.answers, "sessions": self.side.summary(),
                "received": {name: channel.log for name, channel in self.side.channels.items()}}

    def close(self):
        self.side.close()
        if self.stream:
            self.stream.close()
            if self.arguments.receive and self.stream.listener.pcm:
                write_wav(self.arguments.receive, bytes(self.stream.listener.pcm),
                          self.stream.listener.rate)


async def run(arguments):
    script = json.loads(pathlib.Path(arguments.script).read_text())
    client = Client(arguments, script)
    failed = await client.run()
    client.close()
    report = json.dumps(client.report(failed), indent=1)
    if arguments.report:
        pathlib.Path(arguments.report).write_text(report)
    else:
        print(report)
    return 1 if failed or client.faults.items else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("--script", required=True, help="JSON; README.md says what is in it")
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--sip", help="HOST:PORT of an MRCPv2 server")
    where.add_argument("--rtsp", help="HOST:PORT of an MRCPv1 server")
    parser.add_argument("--transport", choices=("udp", "tcp", "tls"), default="udp", help="of SIP")
    parser.add_argument("--control", choices=("tcp", "tls"), default="tcp", help="of MRCPv2")
    parser.add_argument("--authority", help="certificates to trust, with TLS")
    parser.add_argument("--address", default="127.0.0.1", help="own")
    parser.add_argument("--path", default="/media", help="of the resources' URLs (RTSP)")
    parser.add_argument("--receive", help="WAV of what was heard")
    parser.add_argument("--report", help="file of the report, else standard output")
    sys.exit(asyncio.run(run(parser.parse_args())))


if __name__ == "__main__":
    main()
