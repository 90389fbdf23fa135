#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The MRCP peers against each other: every feature and every fault of the server's script with the
client, in both versions; the faults that each of them must see in the other; all captures."""
import argparse
import asyncio
import json
import pathlib
import subprocess
import sys
import tempfile
import traceback

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path[:0] = [str(HERE)]

import cases  # noqa: E402
import captures  # noqa: E402
import client as clients  # noqa: E402
import course_test  # noqa: E402
import messages_test  # noqa: E402
import replay_test  # noqa: E402
import rtp  # noqa: E402
import server as servers  # noqa: E402
from client_sip import Connections  # noqa: E402
from mrcp_wire import Faults  # noqa: E402

AT_ONCE = 6
DEADLINE = 120.0


def arguments_of(case, ports):
    where = "rtsp" if case.version == 1 else "sip_tls" if case.transport == "tls" else "sip"
    place = f"127.0.0.1:{ports[where]}"
    return argparse.Namespace(
        sip=None if case.version == 1 else place, rtsp=place if case.version == 1 else None,
        transport=case.transport, control=case.control, authority=ports.get("authority"),
        address="127.0.0.1", path="/media", receive=None)


async def play(case):
    """(what the client saw, what the server saw)."""
    server = servers.Server(servers.Script(json.loads(json.dumps(case.server))), "127.0.0.1")
    ports = await server.listen({})
    client = clients.Client(arguments_of(case, ports), case.client)
    try:
        failed = await asyncio.wait_for(client.run(), DEADLINE)
        report = client.report(failed)
        if case.settled:
            await asyncio.wait_for(settle(server, case), DEADLINE)
        return report, server.report()
    finally:
        client.close()
        await server.close()


async def settle(server, case):
    """Until the server has seen what the case waits for."""
    while not case.settled(server.report()):
        await asyncio.sleep(0.02)


def compare(case, client, server):
    """What is not as the case wants it."""
    wrong = []
    if (case.failed or "") not in (client["failed"] or "") or \
            bool(case.failed) != bool(client["failed"]):
        wrong.append(f"the client ended with {client['failed']!r}, not {case.failed!r}")
    for who, report, wanted in (("server", client, case.bad_server),
                                ("client", server, case.bad_client)):
        found = [item["rule"] for item in report["faults"]]
        if sorted(set(found)) != sorted(set(wanted)):
            wrong.append(f"faults of the {who}: {report['faults']}, not {wanted}")
    if case.check:
        try:
            case.check(client, server)
        except AssertionError as error:
            wrong.append("".join(traceback.format_exception_only(error)).strip() + " " +
                         traceback.extract_tb(error.__traceback__)[-1].line)
    return wrong


async def play_all(chosen):
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(case):
        async with gate:
            try:
                return compare(case, *await play(case))
            except Exception as error:  # pylint: disable=broad-except
                return ["".join(traceback.format_exception(error))]
    return await asyncio.gather(*(one(case) for case in chosen))


async def play_shared():
    """Many dialogs at once over one control connection, which outlives each of them."""
    case = cases.shared()
    server = servers.Server(servers.Script(case.server), "127.0.0.1")
    arguments = arguments_of(case, await server.listen({}))
    pool = Connections(Faults())
    first = clients.Client(arguments, case.client, pool)
    others = [clients.Client(arguments, case.client, pool) for _ in range(5)]
    try:
        failed = [await asyncio.wait_for(first.run(), DEADLINE)]
        failed += await asyncio.wait_for(asyncio.gather(*(one.run() for one in others)), DEADLINE)
        report, ends = server.report(), [one["ended"] for one in server.report()["sessions"]]
        wrong = [text for text in failed if text]
        for faults in (pool.faults, server.faults, *(one.faults for one in [first, *others])):
            wrong += [str(item) for item in faults.items]
        if len(pool.writers) != 1 or len(server.control_lines) != 1 or ends != 6 * ["bye"]:
            wrong.append(f"{pool.writers} {server.control_lines} {report['sessions']}")
        return wrong
    finally:
        for one in [first, *others]:
            one.close()
        pool.close()
        await server.close()


def wait_for_ports(process, path):
    """The server says that it is ready by its file of ports."""
    while not path.exists():
        if process.poll() is not None:
            raise AssertionError(f"the server ended with {process.returncode}")
        try:
            process.wait(0.05)
        except subprocess.TimeoutExpired:
            pass
    return json.loads(path.read_text())


def as_programs(case, wanted_exit, work):
    """The case with the two as programs; the server's exit value and both reports."""
    work = pathlib.Path(work)
    # Of another rate than the call.
    rtp.write_wav(work / "tone.wav", rtp.tone(16000, 440, 500), 16000)
    for name, script in (("server", case.server), ("client", case.client)):
        work.joinpath(f"{name}.json").write_text(
            json.dumps(script).replace("{work}", str(work)))
    process = subprocess.Popen(
        [sys.executable, HERE / "server.py", "--script", work / "server.json", "--port-file",
         work / "ports", "--report", work / "report", "--record", work])
    try:
        ports = wait_for_ports(process, work / "ports")
        where = ["--rtsp", f"127.0.0.1:{ports['rtsp']}"] if case.version == 1 else \
            ["--sip", f"127.0.0.1:{ports['sip']}"]
        done = subprocess.run([sys.executable, HERE / "client.py", "--script", work / "client.json",
                               *where, "--receive", work / "heard.wav"],
                              stdout=subprocess.PIPE, text=True, timeout=DEADLINE, check=False)
        if wanted_exit == 0:
            process.terminate()
        code = process.wait(DEADLINE)
    finally:
        process.kill()
    client = json.loads(done.stdout)
    server = json.loads(work.joinpath("report").read_text())
    wrong = compare(case, client, server)
    if (code == 0) != (wanted_exit == 0):
        wrong.append(f"the server ended with {code}")
    if bool(done.returncode) != bool(client["failed"] or client["faults"]):
        wrong.append(f"the client ended with {done.returncode}")
    if wanted_exit == 0:
        wrong += [f"{len(kept)} bytes in {path.name}" for path in
                  [work / "heard.wav", *work.glob("*-audio*.wav")]
                  for kept in [rtp.read_wav(path, 8000)] if len(kept) < 8000]
    return wrong


def example():
    """The script in README.md is one that the server takes."""
    text = HERE.joinpath("README.md").read_text()
    block = text[text.index('    {"codecs"'):].split("\n\n")[0]
    try:
        script = servers.Script(json.loads(block))
        return [] if script.steps["RECOGNIZE"] else ["no steps"]
    except (ValueError, SystemExit) as error:
        return [str(error)]


def programs():
    """[(name, what is wrong)]"""
    found = []
    for version in (2, 1):
        for name, case, code in cases.programs(version):
            with tempfile.TemporaryDirectory(prefix="mcp-mrcp-") as work:
                try:
                    wrong = as_programs(case, code, work)
                except Exception as error:  # pylint: disable=broad-except
                    wrong = ["".join(traceback.format_exception(error))]
                found.append((f"program-{name}-v{version}", wrong))
    return found


def main():
    chosen = [case for case in cases.every() if not sys.argv[1:] or case.name in sys.argv[1:]]
    results = list(zip([case.name for case in chosen], asyncio.run(play_all(chosen))))
    if not sys.argv[1:]:
        results += [("shared-connection", asyncio.run(play_shared())), ("readme", example()),
                    *programs(), *messages_test.every(), *course_test.every(),
                    *replay_test.every()]
    skips = [] if captures.folder() else ["captures # SKIP no conformance data"]
    print(f"1..{len(results) + len(skips)}")
    for number, (name, wrong) in enumerate(results, 1):
        print(f"{'not ok' if wrong else 'ok'} {number} {name}")
        for text in wrong:
            print("\n".join(f"# {line}" for line in text.splitlines()))
    for number, text in enumerate(skips, len(results) + 1):
        print(f"ok {number} {text}")
    sys.exit(any(wrong for _, wrong in results))


if __name__ == "__main__":
    main()
