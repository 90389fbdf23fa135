# SPDX-License-Identifier: Apache-2.0
"""What self_test.py plays: the server's script, the client's steps, and what each must find wrong
with the other."""
GRAMMAR = """<?xml version="1.0"?>
<grammar xmlns="http://www.w3.org/2001/06/grammar" xml:lang="en-US" version="1.0" mode="voice"
 root="r"><rule id="r"><one-of><item>one</item><item>two</item></one-of></rule></grammar>
"""
SSML = """<?xml version="1.0"?>
<speak version="1.0" xml:lang="en-US" xmlns="http://www.w3.org/2001/10/synthesis">One
<mark name="here"/> two <mark name="there"/> three.</speak>
"""
SPEECH = {"do": "say", "audio": [{"silence": 100}, {"tone": 500, "ms": 400}]}
ONE = {"input": "one", "instance": "one", "confidence": 0.9}
BEST = [ONE, {"input": "two", "instance": {"digit": "2"}, "confidence": 0.6},
        {"input": "three", "instance": "3", "confidence": 0.2}]
CLOSE = {"do": "close"}
LONG = {"audio": {"tone": 440, "ms": 60000}}


class Case:
    def __init__(self, name, version, server, steps, failed=None, bad_server=(), bad_client=(),
                 check=None, settled=None, transport="udp", control="tcp", **client):
        self.name, self.version = f"{name}-v{version}", version
        self.server, self.client = server, {"steps": steps, **client}
        self.failed, self.bad_server, self.bad_client = failed, bad_server, bad_client
        self.check, self.settled = check, settled
        self.transport, self.control = transport, control


def opened(*kinds, **more):
    return {"do": "open", "resources": list(kinds), **more}


def ask(kind, method, expect, body="", media_type="text/plain", **headers):
    """A request; without anything expected it must succeed."""
    return {"do": "request", "resource": kind, "method": method, "body": body, "type": media_type,
            "headers": {name.replace("_", "-"): value for name, value in headers.items()},
            "expect": expect or {"status": 200}}


def done(kind, event, cause=None, **more):
    step = {"do": "wait", "resource": kind, "event": event, **more}
    return {**step, "cause": cause} if cause else step


def speak(body="hello", media_type="text/plain", state="IN-PROGRESS", **headers):
    return ask("speechsynth", "SPEAK", {"status": 200, "state": state}, body, media_type, **headers)


def spoken(cause="000 normal", **more):
    return done("speechsynth", "SPEAK-COMPLETE", cause, **more)


def recognize(version, body="builtin:grammar/digits", media_type="text/uri-list",
              state="IN-PROGRESS", status=200, **headers):
    if version == 2:
        headers.setdefault("Cancel_If_Queue", "false")
    for name in ("No_Input_Timeout", "Recognition_Timeout", "DTMF_Interdigit_Timeout"):
        headers.setdefault(name, "100000")
    return ask("speechrecog", "RECOGNIZE", {"status": status, "state": state}, body, media_type,
               **headers)


def recognized(cause="000 success", **more):
    return done("speechrecog", "RECOGNITION-COMPLETE", cause, **more)


def began(version):
    return done("speechrecog", "START-OF-INPUT" if version == 2 else "START-OF-SPEECH")


def requests(**methods):
    return {"requests": {name.replace("_", "-"): steps for name, steps in methods.items()}}


def xml_type(version):
    return "application/srgs+xml" if version == 2 else "application/grammar+xml"


def ssml_type(version):
    return "application/ssml+xml" if version == 2 else "application/synthesis+ssml"


def synthesis(version):
    """Cases of the synthesizer."""
    def case(name, server, *steps, **more):
        return Case(name, version, server, [opened("speechsynth"), *steps, CLOSE], **more)

    stop = ask("speechsynth", "STOP", {"status": 200,
                                       "headers": {"Active-Request-Id-List": "1"}})
    marker = {"headers": {"Speech-Marker": r"timestamp=\d+;here" if version == 2 else "here"}}
    two = {"headers": {"Active-Request-Id-List": "1,2"}}

    def heard(client, _):
        assert client["rtp"]["packets"] == 25 and client["rtp"]["lost"] == 0, client["rtp"]
        assert client["rtp"]["timestamp_gaps"] == [], client["rtp"]

    yield case("speak-text", requests(SPEAK={"audio": {"tone": 440, "ms": 500}}), speak(),
               spoken(), {"do": "heard", "min_ms": 500, "level": 3000}, check=heard)
    yield case("speak-ssml-markers", requests(SPEAK={"audio": {"tone": 440, "ms": 300}}),
               speak(SSML, ssml_type(version)), done("speechsynth", "SPEECH-MARKER", **marker),
               done("speechsynth", "SPEECH-MARKER"), spoken())
    yield case("speak-script-markers",
               requests(SPEAK={"audio": {"tone": 440, "ms": 200},
                               "markers": [{"name": "here", "ms": 60}]}),
               speak(), done("speechsynth", "SPEECH-MARKER", **marker), spoken())
    yield case("pause-resume", requests(SPEAK={"audio": {"tone": 440, "ms": 600}}),
               ask("speechsynth", "PAUSE", {"status": 402}), speak(),
               ask("speechsynth", "PAUSE", {"status": 200,
                                            "headers": {"Active-Request-Id-List": "2"}}),
               ask("speechsynth", "PAUSE", {}), ask("speechsynth", "RESUME", {}), spoken(),
               {"do": "heard", "min_ms": 600, "level": 3000},
               ask("speechsynth", "RESUME", {"status": 402}))
    yield case("speak-stop", requests(SPEAK=LONG), speak(), stop,
               ask("speechsynth", "GET-PARAMS", {}))
    yield case("speak-queue", requests(SPEAK=[{"times": 2, **LONG},
                                              {"audio": {"tone": 300, "ms": 100}}]),
               speak(), speak(state="PENDING"),
               ask("speechsynth", "STOP", {"status": 200, **two}), speak(), spoken())
    yield case("speak-next", requests(SPEAK={"audio": {"tone": 440, "ms": 200}}), speak(),
               speak(state="PENDING"), spoken(), spoken())
    yield case("barge-in", requests(SPEAK=LONG), speak(), speak(state="PENDING"),
               ask("speechsynth", "BARGE-IN-OCCURRED", {"status": 200, **two}),
               ask("speechsynth", "GET-PARAMS", {}))
    yield case("no-barge-in", requests(SPEAK=LONG), speak(Kill_On_Barge_In="false"),
               ask("speechsynth", "BARGE-IN-OCCURRED", {}), stop)
    yield case("control", requests(SPEAK=LONG), speak(),
               ask("speechsynth", "CONTROL", {"status": 200, "headers": {"Speak-Restart": "true"}},
                   Jump_Size="-9 Second"),
               ask("speechsynth", "CONTROL", {}, Jump_Size="+60 Second"), spoken())
    yield case("params", {}, ask("speechsynth", "SET-PARAMS", {}, Voice_Gender="female"),
               ask("speechsynth", "GET-PARAMS",
                   {"status": 200, "headers": {"Voice-Gender": "female"}}, Voice_Gender=""))
    yield case("speak-cause", requests(SPEAK={"audio": {"silence": 40}, "cause": "error"}),
               speak(), spoken("004 error"))
    yield case("speak-broken-ssml", {}, speak("<speak>", ssml_type(version)),
               spoken("002 parse-failure"), bad_client=["xml"])
    yield case("status-on-demand", requests(SPEAK=[{"status": 404}, {"status": 407,
                                                                     "delay_ms": 50}]),
               ask("speechsynth", "SPEAK", {"status": 404, "state": "COMPLETE"}, "hello"),
               ask("speechsynth", "SPEAK", {"status": 407}, "hello"))
    for codec in ("PCMA/8000", "L16/8000", "L16/16000"):
        yield Case(f"codec-{codec.replace('/', '-')}", version,
                   requests(SPEAK={"audio": {"tone": 440, "ms": 300}}),
                   [opened("speechsynth", codecs=[codec]), speak(), spoken(),
                    {"do": "heard", "min_ms": 300, "level": 4000}, CLOSE])
    yield Case("format-refused", version, {"formats": {"speechsynth": ["L16/16000"]}},
               [opened("speechsynth"), ask("speechsynth", "SPEAK", {
                   "status": 407, "headers": {"Completion-Cause": "004 error"}}, "hello"), CLOSE])
    yield Case("format-wanted", version, {"formats": {"speechsynth": ["L16/16000"]}},
               [opened("speechsynth", codecs=["L16/16000"]), speak(), spoken(), CLOSE])


def recognition(version):
    """Cases of the recognizer."""
    def case(name, server, *steps, **more):
        return Case(name, version, server, [opened("speechrecog"), *steps, CLOSE], **more)

    grammar = {"body": GRAMMAR, "media_type": xml_type(version), "Content_ID": "<g@page>"}
    one = requests(RECOGNIZE={"result": ONE})
    timers = {"Start_Input_Timers" if version == 2 else "Recognizer_Start_Timers": "false"}
    start = "START-INPUT-TIMERS" if version == 2 else "RECOGNITION-START-TIMERS"
    threshold = ("0.5", "0.95") if version == 2 else ("50", "95")

    def counted(_, server):
        figures = server["sessions"][0]["rtp"]
        figures = next(iter(figures.values()))
        assert figures["lost"] == 0 and figures["timestamp_gaps"] == [], figures
        assert figures["packets"] > 20 and figures["level"] > 1000, figures

    yield case("recognize-inline", one, recognize(version, **grammar), SPEECH, began(version),
               recognized(input="one", instance="one", results=1), check=counted)
    yield case("recognize-session-uri", one,
               ask("speechrecog", "DEFINE-GRAMMAR",
                   {"status": 200, "headers": {"Completion-Cause": "000 success"}},
                   GRAMMAR, xml_type(version), Content_ID="<g@page>"),
               recognize(version, "session:g@page\r\n"), SPEECH, recognized(input="one"))
    yield case("recognize-timers", requests(RECOGNIZE={"result": BEST, "start": 50,
                                                       "complete_ms": 50}),
               recognize(version, **timers), ask("speechrecog", start, {}), began(version),
               recognized(results=1), ask("speechrecog", start, {"status": 402}))
    yield case("no-input", one, recognize(version, No_Input_Timeout="100"),
               recognized("002 no-input-timeout", results=0))
    # Over at once if the timer ran from the beginning.
    yield case("no-input-held", one, recognize(version, No_Input_Timeout="0", **timers),
               ask("speechrecog", start, {}), recognized("002 no-input-timeout"))
    yield case("no-match", requests(RECOGNIZE={"cause": "no-match"}), recognize(version), SPEECH,
               began(version), recognized("001 no-match"))
    yield case("threshold", one, recognize(version, Confidence_Threshold=threshold[1]), SPEECH,
               recognized("001 no-match"))
    yield case("n-best", requests(RECOGNIZE={"result": BEST}),
               recognize(version, N_Best_List_Length="5", Confidence_Threshold=threshold[0]),
               SPEECH, recognized(results=2),
               ask("speechrecog", "GET-RESULT", {"status": 200, "results": 3},
                   N_Best_List_Length="3", Confidence_Threshold="0"))
    yield case("get-result-early", one, ask("speechrecog", "GET-RESULT", {"status": 402}))
    yield case("recognize-stop", one, recognize(version),
               ask("speechrecog", "STOP", {"status": 200,
                                           "headers": {"Active-Request-Id-List": "1"}}),
               ask("speechrecog", "STOP", {}))
    yield case("keys", requests(RECOGNIZE=[{"digits": 3}, {}]), recognize(version),
               {"do": "press", "keys": "407"}, began(version), recognized(input="407"),
               recognize(version, DTMF_Term_Char="#"), {"do": "press", "keys": "12#"},
               recognized(input="12"))
    yield case("old-result", requests(RECOGNIZE={"result": ONE,
                                                 "media_type": "application/x-nlsml"}),
               recognize(version), SPEECH,
               recognized(input="one", headers={"Content-Type": "application/x-nlsml"}))
    yield case("new-result", requests(RECOGNIZE={"result": BEST[1],
                                                 "media_type": "application/nlsml+xml"}),
               recognize(version), SPEECH, recognized(instance={"digit": "2"}))
    yield case("recognition-timeout", one, recognize(version, Recognition_Timeout="100"),
               {"do": "say", "audio": {"tone": 500, "ms": 4000}},
               recognized("015 no-match-maxtime" if version == 2 else "003 recognition-timeout"))
    yield case("recognize-407", requests(RECOGNIZE={
        "status": 407, "cause": "uri-failure"}), recognize(version, status=407, state="COMPLETE"))
    yield case("define-407", requests(DEFINE_GRAMMAR={
        "status": 407, "cause": "grammar-load-failure" if version == 2 else "gram-load-failure"}),
        ask("speechrecog", "DEFINE-GRAMMAR", {"status": 407}, GRAMMAR, xml_type(version),
            Content_ID="<g@page>"))
    yield case("match", requests(RECOGNIZE=[{"match": "menu", "result": ONE},
                                            {"match": "digits", "result": BEST[1]}]),
               recognize(version, "builtin:grammar/digits"), SPEECH, recognized(input="two"),
               recognize(version, "http://127.0.0.1/menu.grxml"), SPEECH, recognized(input="one"))
    yield case("waveform", one, recognize(version, Save_Waveform="true"), SPEECH,
               recognized(headers={"Waveform-URI" if version == 2 else "Waveform-URL": ""}))


def both_resources(version):
    """A prompt with barge-in: the recognizer hears, the client tells the synthesizer."""
    server = requests(SPEAK=LONG, RECOGNIZE={"result": ONE})
    first = [opened("speechsynth", "speechrecog"), recognize(version), speak(), SPEECH,
             began(version)]
    barged = ask("speechsynth", "BARGE-IN-OCCURRED",
                 {"status": 200, "headers": {"Active-Request-Id-List": "2"}})
    yield Case("barge-in-told", version, server, [
        *first, {**barged, "headers": {"Proxy-Sync-Id": "{sync}"}}, recognized(), CLOSE])
    yield Case("barge-in-no-tag", version, server, [*first, barged, recognized(), CLOSE],
               bad_client=["proxy-sync-id"])
    yield Case("barge-in-untold", version, server,
               [*first, recognized(), recognize(version), CLOSE], bad_client=["barge-in"])
    yield Case("barge-in-inside", version, {"internal_barge_in": True, **server},
               [*first, spoken("001 barge-in"), recognized(), CLOSE])


def faults(version):
    """Everything the server does wrong on purpose."""
    def case(name, step, *steps, **more):
        step = {"result": ONE, "start": 20, "complete_ms": 20, **step}
        return Case(f"fault-{name}", version, requests(RECOGNIZE=step),
                    [opened("speechrecog"), *steps], **more)

    run = recognize(version)
    ended = [{"do": "expect-closed"}] + ([CLOSE] if version == 2 else [])
    stop = ask("speechrecog", "STOP", {})
    later = ask("speechrecog", "GET-PARAMS", {})
    silent = dict(run, within=0.5)
    length = "message-length" if version == 2 else "content-length"
    yield case("no-answer", {"fault": "no-answer"}, silent, failed="step 1 (request)")
    yield case("no-complete", {"fault": "no-complete"}, run, began(version), stop, CLOSE)
    yield case("close", {"fault": "close"}, run, began(version), *ended,
               check=lambda _, server: check_closed(server))
    yield case("close-early", {"fault": "close", "at": "answer"}, run,
               failed="the connection was closed" if version == 2 else "step 1 (request)")
    yield case("close-amid", {"fault": "close", "at": "progress", "start": "never"}, run, *ended)
    yield case("close-half", {"fault": "half"}, run, *ended, bad_server=[length])
    yield case("garbage", {"fault": "garbage"}, run, *ended, bad_server=["garbage"])
    yield case("too-long", {"fault": "wrong-length", "skew": 9}, run, recognized(within=0.5),
               failed="step 2 (wait)")
    cut = [run, *ended] if version == 2 else [run, recognized(None)]
    yield case("too-short", {"fault": "wrong-length", "skew": -9}, *cut,
               bad_server=["content-length", "garbage" if version == 2 else "nlsml"])
    yield case("one-segment", {"fault": "together"}, run, began(version), recognized(input="one"),
               CLOSE)
    yield case("five-segments", {"fault": "split"}, run, recognized(input="one"), CLOSE)
    yield case("fifty-segments", {"fault": "split", "pieces": 50}, run, recognized(input="one"),
               CLOSE)
    yield case("answer-in-pieces", {"fault": "split", "at": "answer"}, run, recognized(), CLOSE)
    yield case("twice", {"fault": "twice"}, run, recognized(), later, later, CLOSE,
               bad_server=["event-unexpected"])
    yield case("other-id", {"fault": "other-id"}, run, began(version), later,
               {"do": "wait-fault", "rule": "event-unknown"}, CLOSE,
               bad_server=["event-unknown"])
    yield case("other-channel", {"fault": "other-channel"}, run, began(version),
               {"do": "wait-fault", "rule": "channel" if version == 2 else "rtsp-session"}, CLOSE,
               bad_server=["channel" if version == 2 else "rtsp-session"])
    yield case("after-stop", {"fault": "after-stop", "start": "never", "complete_ms": 60000}, run,
               stop, {"do": "wait-fault", "rule": "event-unexpected"}, CLOSE,
               bad_server=["event-unexpected"])
    yield Case("fault-speak-together", version,
               requests(SPEAK={"fault": "together", "audio": {"tone": 440, "ms": 100}}),
               [opened("speechsynth"), speak(SSML, ssml_type(version)),
                done("speechsynth", "SPEECH-MARKER"), spoken(), CLOSE])


def check_closed(server):
    session = server["sessions"][0]
    assert session["closed_by"] == "server", session
    assert session["ended"] == ("bye" if session["version"] == 2 else "connection"), session


def refusals():
    """Of SIP, of the control connection and of RTSP."""
    one, both = opened("speechrecog"), [opened("speechrecog"), CLOSE]
    for status in (480, 486, 488, 503):
        yield Case(f"invite-{status}", 2, {"sip": {"invite": status}},
                   [opened("speechrecog", expect=status)])
    yield Case("invite-busy-once", 2, {"sip": {"invite": [503, 200]}},
               [opened("speechrecog", expect=503), *both])
    yield Case("invite-silent", 2, {"sip": {"invite": "silent"}}, [one],
               failed="step 0 (open)", sip_timeout=1.5,
               check=lambda _, server: count(server, "INVITE", 1))
    yield Case("invite-slow", 2, {"sip": {"delay_ms": 700}}, both)
    yield Case("no-codec", 2, {"codecs": ["L16/16000"]},
               [opened("speechrecog", codecs=["PCMU/8000"], expect=488)])
    yield Case("control-silent", 2, {"control": "silent"},
               [one, dict(recognize(2), within=0.5)], failed="step 1 (request)",
               check=lambda _, server: count_requests(server, 1))
    yield Case("control-refused", 2, {"control": "refuse"}, [one], failed="step 0 (open)")
    yield Case("control-closed", 2, {"control": "close"}, [one, {"do": "expect-closed"}, CLOSE])
    yield Case("server-bye", 2, {"sip": {"bye_after_ms": 100}}, [one, {"do": "expect-bye"}])
    yield Case("setup-503", 1, {"rtsp": {"setup": 503}}, [opened("speechrecog", expect=503)])
    yield Case("rtsp-silent", 1, {"rtsp": {"silent": True}},
               [opened("speechrecog", within=0.5)], failed="step 0 (open)")
    yield Case("no-codec", 1, {"codecs": ["L16/16000"]},
               [opened("speechrecog", codecs=["PCMU/8000"], expect=461)])


def count(server, method, least):
    found = [one for one in server["signalling"] if one["method"] == method]
    assert len(found) >= least, found


def count_requests(server, wanted):
    assert len(server["requests"]) == wanted, server["requests"]


def signalling():
    """SIP dialogs and transports; RTSP sessions."""
    speaks = [speak(), spoken()]
    yield Case("sip-tcp", 2, {}, [opened("speechsynth"), *speaks, CLOSE], transport="tcp")
    yield Case("sip-tls", 2, {"tls": True}, [opened("speechsynth"), *speaks, CLOSE],
               transport="tls", control="tls")
    yield Case("control-tls", 2, {"tls": True}, [opened("speechsynth"), *speaks, CLOSE],
               control="tls")
    yield Case("timer-refreshed", 2, {"sip": {"session_expires": 6, "min_se": 1}},
               [opened("speechsynth"), *speaks, {"do": "wait-refresh", "times": 1}, CLOSE],
               check=refreshed)
    yield Case("timer-reinvite", 2, {"sip": {"session_expires": 90}},
               [opened("speechsynth"), {"do": "refresh", "method": "INVITE"},
                {"do": "refresh", "method": "UPDATE"}, *speaks, CLOSE],
               check=lambda _, server: refreshes(server, 2))
    yield Case("timer-expires", 2, {"sip": {"session_expires": 1, "min_se": 1}},
               [opened("speechsynth"), {"do": "expect-bye"}], refresh=False,
               bad_client=["session-expired"])
    yield Case("timer-too-small", 2, {"sip": {"session_expires": 90, "min_se": 90}},
               [opened("speechsynth", expect=422)], session_expires=30)
    yield Case("timer-by-server", 2, {"sip": {"session_expires": 2, "min_se": 1}},
               [opened("speechsynth"), {"do": "wait-refresh", "times": 2}, CLOSE],
               session_expires="2;refresher=uas", check=lambda _, server: refreshes(server, 1))
    yield Case("cancel", 2, {"sip": {"delay_ms": 100000}},
               [opened("speechsynth", expect=487)], cancel_after=0.1)
    yield Case("options", 2, {}, [{"do": "options"}, opened("speechsynth"), {"do": "options"},
                                  CLOSE])
    yield Case("add-channel", 2, {}, [
        opened("speechsynth"), {"do": "add", "resources": ["speechrecog"]}, *speaks,
        recognize(2, No_Input_Timeout="50"), recognized("002 no-input-timeout"), CLOSE],
        check=lambda client, _: connections(client, 1))
    yield Case("add-connection", 2, {}, [
        opened("speechsynth"), {"do": "add", "resources": ["speechrecog"], "connection": "new"},
        recognize(2, No_Input_Timeout="50"), recognized("002 no-input-timeout"), CLOSE])
    yield Case("remove-channel", 2, {}, [
        opened("speechsynth", "speechrecog"), {"do": "remove", "resource": "speechrecog"}, *speaks,
        {"do": "add", "resources": ["speechrecog"]}, recognize(2, No_Input_Timeout="50"),
        recognized("002 no-input-timeout"), CLOSE])
    yield Case("twice-the-same", 2, {},
               [opened("speechsynth", "speechsynth", expect=488)])
    yield Case("rtsp-options", 1, {}, [{"do": "options"}, {"do": "describe",
                                                          "resource": "speechsynth"},
                                       opened("speechsynth"), *speaks, CLOSE])
    yield Case("rtsp-one-goes", 1, {}, [
        opened("speechsynth", "speechrecog"), {"do": "remove", "resource": "speechrecog"}, *speaks,
        {"do": "add", "resources": ["speechrecog"]}, recognize(1, No_Input_Timeout="50"),
        recognized("002 no-input-timeout"), CLOSE],
        check=lambda _, server: ended(server, "teardown"))
    yield Case("rtsp-own-cseq", 1, {"rtsp": {"own_cseq": True}},
               [opened("speechsynth"), *speaks, CLOSE])


def ended(server, how):
    assert [one["ended"] for one in server["sessions"]] == [how], server["sessions"]


def refreshed(client, server):
    assert client["sessions"]["refreshes"] >= 1, client["sessions"]
    refreshes(server, 1)


def refreshes(server, least):
    assert server["sessions"][0]["refreshes"] >= least, server["sessions"]


def connections(client, wanted):
    assert client["sessions"]["connections"] == wanted, client["sessions"]


def only_second():
    """What only version 2 has."""
    queue = requests(RECOGNIZE={"result": ONE})
    yield Case("hotword", 2, queue, [
        opened("speechrecog"), recognize(2, Recognition_Mode="hotword"), SPEECH,
        recognized(input="one"), CLOSE])
    yield Case("interpret", 2, requests(INTERPRET={"result": ONE}), [
        opened("speechrecog"),
        ask("speechrecog", "INTERPRET", {"status": 200, "state": "IN-PROGRESS"}, GRAMMAR,
            "application/srgs+xml", Content_ID="<g@page>", Interpret_Text="one"),
        done("speechrecog", "INTERPRETATION-COMPLETE", "000 success", input="one"), CLOSE])
    yield Case("cancel-if-queue", 2, queue, [
        opened("speechrecog"), recognize(2, Cancel_If_Queue="true"), recognize(2),
        recognized("011 cancelled"), SPEECH, recognized(), CLOSE])
    yield Case("recognize-queue", 2, queue, [
        opened("speechrecog"), recognize(2), recognize(2, state="PENDING"), SPEECH, recognized(),
        SPEECH, recognized(), CLOSE])
    yield Case("lexicon", 2, {}, [
        opened("speechsynth"), ask("speechsynth", "DEFINE-LEXICON", {}, "<lexicon/>",
                                   "application/pls+xml", Content_ID="<l@page>"), CLOSE])
    yield Case("multipart", 2, queue, [
        opened("speechrecog"),
        recognize(2, "--cut\r\nContent-Type: text/uri-list\r\n\r\nbuiltin:grammar/digits\r\n"
                     "--cut\r\nContent-Type: application/srgs+xml\r\nContent-ID: <m@page>\r\n\r\n"
                     f"{GRAMMAR}\r\n--cut--\r\n", 'multipart/mixed; boundary="cut"'), SPEECH,
        recognized(), recognize(2, "session:m@page"), SPEECH, recognized(), CLOSE])


def bad_clients():
    """What the server must notice. The client here does as it is told."""
    def case(name, version, rules, *steps, **more):
        return Case(f"client-{name}", version, requests(RECOGNIZE={"result": ONE}),
                    [opened("speechrecog"), *steps], bad_client=rules, **more)

    bare = ask("speechrecog", "RECOGNIZE", {"status": 200}, "builtin:x", "text/uri-list")
    stop = ask("speechrecog", "STOP", {})
    for version in (1, 2):
        yield case("grammar-id", version, ["grammar-content-id"],
                   recognize(version, GRAMMAR, xml_type(version)), stop, CLOSE)
        yield case("grammar-xml", version, ["xml"],
                   recognize(version, "<grammar", xml_type(version), Content_ID="<a@b>"), stop,
                   CLOSE)
        yield case("session-uri", version, ["grammar-unknown"],
                   recognize(version, "session:no@page", status=407, state="COMPLETE"), CLOSE)
        yield case("header-value", version, ["header-value"],
                   recognize(version, No_Input_Timeout="5s"), stop, CLOSE) \
            if version == 2 else case("header-value", 1, ["header-value"], recognize(
                1, Confidence_Threshold="0.5"), stop, CLOSE)
        yield case("header-place", version, ["header-place"],
                   ask("speechrecog", "STOP", {}, No_Input_Timeout="500"), CLOSE)
        yield case("foreign-header", version, ["foreign-header"], recognize(version, **{
            "Recognizer_Start_Timers" if version == 2 else "Start_Input_Timers": "true"}), stop,
            CLOSE)
        yield case("method", version, ["method"],
                   ask("speechrecog", "PAUSE", {"status": 401}), CLOSE)
        yield case("no-body", version, ["recognize-body"],
                   ask("speechrecog", "RECOGNIZE", {}, **(
                       {"Cancel_If_Queue": "false"} if version == 2 else {})), stop, CLOSE)
        yield case("header-twice", version, ["header-twice"], {
            **ask("speechrecog", "SET-PARAMS", {}),
            "headers": [["No-Input-Timeout", "5"], ["No-Input-Timeout", "6"]]}, CLOSE)
    yield case("cancel-if-queue", 2, ["cancel-if-queue"], bare, stop, CLOSE)
    yield case("content-id", 2, ["content-id"], recognize(2, GRAMMAR, "application/srgs+xml",
                                                          Content_ID="g@page"), stop, CLOSE)
    yield case("request-id", 2, ["request-id"], {**stop, "id": 5},
               {**stop, "id": 4, "expect": {"status": 410}}, {**stop, "id": 6}, CLOSE)
    yield case("channel", 2, ["channel"],
               {"do": "raw", "text": "MRCP/2.0 58 STOP 9\r\nChannel-Identifier: aa@speechrecog"
                                     "\r\n\r\n"}, {**stop, "id": 10}, CLOSE,
               bad_server=["channel"])
    yield case("garbage", 2, ["garbage"], {"do": "raw", "text": "GET / HTTP/1.0\r\n\r\n"},
               {"do": "expect-closed"}, CLOSE)
    yield case("half", 2, ["message-length"], stop,
               {"do": "raw", "text": "MRCP/2.0 500 STOP 9\r\n"}, CLOSE, {"do": "drop"},
               settled=lambda server: server["faults"])
    yield case("interpret-text", 2, ["interpret-text"],
               ask("speechrecog", "INTERPRET", {}, "builtin:x", "text/uri-list"), CLOSE)
    yield Case("client-allowed", 2, {"allow": ["cancel-if-queue"]},
               [opened("speechrecog"), bare, stop, CLOSE])
    yield case("sip-cseq", 2, ["sip-cseq"], stop, {"do": "skip-cseq", "by": -1}, {"do": "options"},
               CLOSE)
    yield case("no-bye", 2, ["control-closed"], stop, {"do": "drop"}, {"do": "expect-bye"})
    yield case("rtsp-cseq", 1, ["rtsp-cseq"], stop, {"do": "skip-cseq"}, stop, CLOSE)
    yield case("rtsp-session", 1, ["rtsp-session"], {"do": "raw", "text":
               "ANNOUNCE rtsp://h/media/speechrecognizer RTSP/1.0\r\nCSeq: 2\r\nSession: none\r\n"
               "Content-Type: application/mrcp\r\nContent-Length: 19\r\n\r\n"
               "STOP 9 MRCP/1.0\r\n\r\n"}, {"do": "wait-fault", "rule": "rtsp-answer"},
               bad_server=["rtsp-answer"])
    yield case("rtsp-garbage", 1, ["garbage"], {"do": "raw", "text": "what is this?\r\n\r\n"},
               {"do": "expect-closed"})
    yield case("rtsp-mute", 1, ["rtsp-unanswered"], {"do": "mute"}, recognize(1), SPEECH,
               recognized(), CLOSE)


def shared():
    """For several clients at once."""
    return Case("shared", 2, requests(RECOGNIZE={"result": ONE}), [
        opened("speechsynth", "speechrecog"), speak(), spoken(), recognize(2), SPEECH,
        recognized(input="one"), CLOSE])


def programs(version):
    """(name, case, exit value of the server) for the two as programs."""
    server = requests(SPEAK={"audio": {"wav": "{work}/tone.wav"}}, RECOGNIZE={"result": ONE})
    steps = [opened("speechsynth", "speechrecog"), speak(), spoken(),
             {"do": "heard", "min_ms": 500, "level": 3000}, recognize(version),
             {"do": "say", "audio": {"wav": "{work}/tone.wav"}}, recognized(), CLOSE]
    yield "session", Case("program", version, server, steps), 0
    yield "dies", Case("program", version, requests(RECOGNIZE={
        "fault": "exit", "start": 20, "complete_ms": 20}), [
            opened("speechrecog"), recognize(version), began(version), {"do": "expect-closed"}],
        ), 3


def every():
    for version in (2, 1):
        for group in (synthesis, recognition, both_resources, faults):
            yield from group(version)
    for group in (refusals, signalling, only_second, bad_clients):
        yield from group()
