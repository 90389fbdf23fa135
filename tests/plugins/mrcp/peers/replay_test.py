# SPDX-License-Identifier: Apache-2.0
"""Each capture's server against the scripted client, which does what the captured client did, less,
and more."""
import argparse
import asyncio

import captures
import client as clients
import replay
from cases import CLOSE, GRAMMAR, SSML, ask, done, opened, recognized, ssml_type, xml_type

SPEED = 20.0


def recognition(version, grammar_type):
    timers = "Start_Input_Timers" if version == 2 else "Recognizer_Start_Timers"
    queue = {"Cancel_If_Queue": "false"} if version == 2 else {}
    return [
        opened("speechrecog"),
        ask("speechrecog", "DEFINE-GRAMMAR", {}, GRAMMAR, grammar_type, Content_ID="<own@page>"),
        ask("speechrecog", "RECOGNIZE", {"status": 200, "state": "IN-PROGRESS"}, "session:own@page",
            "text/uri-list", **{timers: "true"}, **queue),
        done("speechrecog", "START-OF-INPUT" if version == 2 else "START-OF-SPEECH"),
        recognized(input="one", results=1), CLOSE]


def synthesis(version):
    return [opened("speechsynth"),
            ask("speechsynth", "SPEAK", {"status": 200, "state": "IN-PROGRESS"}, SSML,
                ssml_type(version)),
            done("speechsynth", "SPEAK-COMPLETE", "000 normal"), CLOSE]


INPUT = ("input-type", "proxy-sync-id")
PLAYS = {
    # capture: (steps, what the client finds wrong with that server)
    "mrcp-recog": (recognition(2, xml_type(2)), INPUT),
    "mrcp-real-recog": (recognition(2, xml_type(2)), INPUT),
    "mrcp-recog1": (recognition(1, xml_type(1)), ()),
    "mrcp-synth": (synthesis(2), ("speech-marker",)),
    "mrcp-real-synth": (synthesis(2), ("speech-marker",)),
    "mrcp-synth1": (synthesis(1), ()),
    "mrcp-dtmf": ([opened("speechrecog"),
                   ask("speechrecog", "RECOGNIZE", {}, "builtin:dtmf/digits", "text/uri-list",
                       Cancel_If_Queue="false"), recognized("002 no-input-timeout"), CLOSE], ()),
    "mrcp-rec": ([opened("recorder"), ask("recorder", "RECORD", {}, Max_Time="10000"),
                  done("recorder", "RECORD-COMPLETE"), CLOSE], ()),
    "mrcp-verify": ([opened("speakverify"), ask("speakverify", "START-SESSION", {}),
                     ask("speakverify", "VERIFY", {}), done("speakverify", "VERIFICATION-COMPLETE"),
                     ask("speakverify", "END-SESSION", {}), CLOSE], ("nlsml-namespace",)),
}


def less_and_more():
    """[(name, capture, steps, deviations)]"""
    for version, name in ((2, "mrcp-recog"), (1, "mrcp-recog1")):
        steps, announce = PLAYS[name][0], "ANNOUNCE " if version == 1 else ""
        yield (f"less-v{version}", name, [steps[0], *steps[2:]],
               [f"missing: {announce}DEFINE-GRAMMAR, before {announce}RECOGNIZE"])
        yield (f"more-v{version}", name,
               [*steps[:2], ask("speechrecog", "GET-PARAMS", {}), *steps[2:]],
               [f"more: {announce}GET-PARAMS, where {announce}RECOGNIZE was expected"])
        yield (f"broken-off-v{version}", name, steps[:2],
               [f"missing: {announce}RECOGNIZE", f"missing: {'TEARDOWN' if announce else 'BYE'}"])
    again = {"do": "raw", "text": "RTSP/1.0 200 OK\r\nCSeq: 2\r\n\r\n"}
    yield ("twice-v1", "mrcp-synth1", [*PLAYS["mrcp-synth1"][0][:-1], again, CLOSE],
           ["more: answer, 1 times"])
    yield ("mute-v1", "mrcp-synth1", [PLAYS["mrcp-synth1"][0][0], {"do": "mute"},
                                      *PLAYS["mrcp-synth1"][0][1:]], ["missing: answer, 1 times"])


async def play(path, steps, goes):
    """The client `goes` at the end of its steps, where the capture may go on."""
    player = replay.Replay(replay.read_items(path), "127.0.0.1", SPEED, 60.0)
    ports = await player.listen()
    client = clients.Client(argparse.Namespace(
        sip=f"127.0.0.1:{ports['sip']}" if "sip" in ports else None,
        rtsp=f"127.0.0.1:{ports['rtsp']}" if "rtsp" in ports else None, transport="udp",
        control="tcp", authority=None, address="127.0.0.1", path="/media", receive=None),
        {"steps": steps})

    async def run():
        failed = await client.run()
        if goes:
            player.over.set()
        return failed

    try:
        failed, _ = await asyncio.gather(run(), asyncio.wait_for(player.run(), 200))
        return client.report(failed), player.report()
    finally:
        client.close()
        player.close()


async def one(path, steps, broken, deviations, goes=False):
    client, server = await play(path, steps, goes)
    wrong = [client["failed"]] if client["failed"] else []
    found = sorted({item["rule"] for item in client["faults"]})
    if found != sorted(broken):
        wrong.append(f"faults of the server: {client['faults']}, not {broken}")
    if server["deviations"] != deviations or server["faults"]:
        wrong.append(f"{server['deviations']} {server['faults']}, not {deviations}")
    return wrong


async def all_of(folder):
    runs, names = [], []
    for name, (steps, broken) in PLAYS.items():
        names.append(f"replay-{name}")
        runs.append(one(folder / f"{name}.txt", steps, broken, []))
    for name, capture, steps, deviations in less_and_more():
        names.append(f"replay-{name}")
        broken = PLAYS[capture][1] if "broken-off" not in name else ()
        runs.append(one(folder / f"{capture}.txt", steps, broken, deviations,
                        "broken-off" in name or "mute" in name))
    return list(zip(names, await asyncio.gather(*runs)))


def every():
    """[(name, what is wrong)]"""
    folder = captures.folder()
    return asyncio.run(all_of(folder)) if folder else []
