#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""SIP over TLS with a real mcpd: openssl, baresip and a peer of our own on the other side."""
import contextlib
import json
import os
import pathlib
import re
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "scenarios")]

import peer  # noqa: E402
import platform_under_test as platforms  # noqa: E402
from authority import Authority  # noqa: E402
from baresip import Baresip  # noqa: E402

BUILD = pathlib.Path(os.environ["MCP_BUILD_ROOT"])
CALLS = 50 if os.environ.get("MCP_TEST_TIER") == "full" else 10
SOURCE_MAX = CALLS + 30

PAGE = """<?xml version="1.0"?>
<vxml version="2.1" xmlns="http://www.w3.org/2001/vxml">
  <property name="timeout" value="120s"/>
  <form><field name="key" type="digits?length=1"><filled><exit/></filled></field></form>
</vxml>
"""

SETTINGS = """
[core]
trace_directory = {folder}
[credentials "a"]
certificate_file = {folder}/a-chain.pem
key_file = {folder}/a-key.pem
check_interval = 1s
ca_file = {folder}/roots.pem
crl_file = {folder}/revocations.pem
[credentials "b"]
certificate_file = {folder}/b-chain.pem
key_file = {folder}/b-key.pem
key_password = open sesame
ca_file = {folder}/roots.pem
[sip]
tls_max_connections_per_source = {source_max}
tls_handshake_timeout = 2s
[sip.transport "tls"]
transport = tls
address = 127.0.0.1:{tls}
credentials = a, b
client_certificate = optional
[sip.transport "tls-required"]
transport = tls
address = 127.0.0.1:{required}
credentials = a
client_certificate = required
tls_min_version = 1.3
[sip.transport "tls6"]
transport = tls
address = [::1]:{tls}
credentials = b
[sip.peer "named"]
tls_names = *.trunk.example
services = wait
[sip.peer "elsewhere"]
addresses = 192.0.2.0/24
tls_names = elsewhere.example
services = wait
[sip.peer "loopback"]
services += wait
[http]
file_root = {folder}
[service "wait"]
user = wait
dialog = vxml
page = file://{folder}/wait.vxml
"""

WILDCARDS = """
[credentials "a"]
certificate_file = {folder}/a-chain.pem
key_file = {folder}/a-key.pem
ca_file = {folder}/roots.pem
[sip.transport "tls"]
transport = tls
address = 127.0.0.1:{port}
credentials = a
wildcard_names = true
"""


class Files:
    """All certificates of the test."""

    def __init__(self, folder):
        self.folder = folder
        self.root = Authority(folder, "root")
        self.middle = Authority(folder, "intermediate", self.root)
        self.foreign = Authority(folder, "foreign")
        self.a = self.middle.leaf("a", "DNS:a.platform.example, IP:127.0.0.1, DNS:localhost",
                                  kind="rsa")
        self.b = self.middle.leaf("b", "URI:sip:b.platform.example, DNS:b.platform.example",
                                  password="open sesame")
        self.revoked = self.middle.leaf("revoked", "DNS:sbc.trunk.example")
        self.middle.revoke(self.revoked)
        folder.joinpath("roots.pem").write_text(self.root.certificate.read_text())
        shutil.copy(self.middle.revocations(), folder / "revocations.pem")
        folder.joinpath("wait.vxml").write_text(PAGE)
        self.install("a", self.a)
        self.install("b", self.b)

    def install(self, name, leaf):
        """By renaming, as an administrator's tool would; the key first."""
        for kind, source in (("key", leaf.key), ("chain", leaf.chain)):
            new = self.folder / "new"
            shutil.copy(source, new)
            new.rename(self.folder / f"{name}-{kind}.pem")


FILES = PLATFORM = PORTS = None


def setUpModule():
    global FILES, PLATFORM, PORTS
    folder = pathlib.Path(tempfile.mkdtemp(prefix="mcp-sip-tls-"))
    FILES = Files(folder)
    PORTS = {"tls": platforms.free_port(socket.SOCK_STREAM),
             "required": platforms.free_port(socket.SOCK_STREAM)}
    settings = SETTINGS.format(folder=folder, source_max=SOURCE_MAX, **PORTS)
    PLATFORM = platforms.Platform(BUILD, folder, settings, web=1).start()


def tearDownModule():
    if PLATFORM:
        platforms.wait_until(lambda: not calls(), 30, "the calls to end")
        platforms.wait_until(lambda: metric("mcp_sip_tls_connections") == 0, 10,
                             "the connections to end")
        PLATFORM.stop()
        shutil.rmtree(PLATFORM.folder)


def ctl(*arguments):
    result = PLATFORM.ctl("-o", "json", *arguments)
    return json.loads(result.stdout or "{}")


def calls():
    return ctl("calls").get("calls", [])


def metric(name, label=None):
    for row in ctl("metrics")["metrics"]:
        if row["name"] == name and row.get("label_value") == label:
            return row["value"]
    raise AssertionError(f"no metric {name} {label}")


def s_client(*arguments, port=None, host="127.0.0.1", name="a.platform.example"):
    """What openssl says of a connection that is closed at once."""
    sni = ["-servername", name] if name else ["-noservername"]
    return subprocess.run(
        ["openssl", "s_client", "-connect", f"{host}:{port or PORTS['tls']}", *sni,
         "-CAfile", str(FILES.root.certificate), "-verify_return_error", *arguments],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        timeout=30)


def shown_serial(name, **options):
    text = s_client(name=name, **options).stdout
    pem = text[text.index("-----BEGIN"):text.index("-----END CERTIFICATE-----")]
    done = subprocess.run(["openssl", "x509", "-noout", "-serial"], text=True,
                          input=pem + "-----END CERTIFICATE-----\n", stdout=subprocess.PIPE)
    return done.stdout.strip().split("=")[1]


def open_connection(authority=None, leaf=None, port=None, name=None, host="127.0.0.1"):
    context = peer.client_context(authority, leaf)
    return peer.connect(port or PORTS["tls"], context, name, host)


def target(user="wait", port=None):
    return f"sip:{user}@127.0.0.1:{port or PORTS['tls']};transport=tls"


class AsServer(unittest.TestCase):
    def test_chain(self):
        for version in ("-tls1_2", "-tls1_3"):
            done = s_client(version, "-verify_hostname", "a.platform.example")
            self.assertEqual(done.returncode, 0, done.stdout)
            self.assertIn("Verify return code: 0 (ok)", done.stdout)
            self.assertRegex(done.stdout, r"(?s)depth=2.*depth=1.*depth=0")

    def test_name_chooses(self):
        self.assertEqual(shown_serial("a.platform.example"), FILES.a.serial())
        self.assertEqual(shown_serial("b.platform.example"), FILES.b.serial())
        self.assertEqual(shown_serial("B.Platform.Example"), FILES.b.serial())
        self.assertEqual(shown_serial("other.example"), FILES.a.serial())
        self.assertEqual(shown_serial(None), FILES.a.serial())
        self.assertEqual(shown_serial(None, host="[::1]"), FILES.b.serial())

    def test_old_versions(self):
        weak = ("-cipher", "DEFAULT@SECLEVEL=0")
        self.assertNotEqual(s_client("-tls1_1", *weak).returncode, 0)
        self.assertIn("protocol version", s_client("-tls1_1", *weak).stdout)
        done = s_client("-tls1_2", port=PORTS["required"])
        self.assertIn("protocol version", done.stdout)

    def test_client_certificates(self):
        good = FILES.middle.leaf("good", "DNS:sbc.trunk.example")
        self.assertEqual(self.options_with(good).status(), 200)
        # Without a use, with that of a server only, and with RFC 5924's.
        for usage in (None, "serverAuth", "1.3.6.1.5.5.7.3.20"):
            leaf = FILES.middle.leaf("usage", "DNS:sbc.trunk.example", usage=usage)
            self.assertEqual(self.options_with(leaf).status(), 200)
        expired = FILES.middle.leaf("old", "DNS:sbc.trunk.example", days=(-10, -1))
        early = FILES.middle.leaf("early", "DNS:sbc.trunk.example", days=(1, 10))
        foreign = FILES.foreign.leaf("foreign", "DNS:sbc.trunk.example")
        mail = FILES.middle.leaf("mail", "DNS:sbc.trunk.example", usage="emailProtection")
        for leaf, why in ((expired, "expired"), (early, "not yet valid"),
                          (foreign, "unable to get"), (mail, "unsuitable certificate purpose"),
                          (FILES.revoked, "certificate revoked"), (None, "did not return")):
            start = len(PLATFORM.read_log())
            with self.assertRaises((OSError, EOFError), msg=why):
                self.options_with(leaf)
            platforms.wait_until(lambda: why in PLATFORM.read_log()[start:], 5, f"a line: {why}")
        # Optional: one that is shown must be good all the same.
        with self.assertRaises((OSError, EOFError)):
            peer.options(open_connection(leaf=foreign), target())
        connection = open_connection()
        self.assertEqual(peer.options(connection, target()).status(), 200)
        connection.close()

    def options_with(self, leaf):
        connection = open_connection(leaf=leaf, port=PORTS["required"])
        try:
            return peer.options(connection, target())
        finally:
            connection.close()

    def call_from(self, leaf):
        """The status of a call, and the log lines about it."""
        connection = open_connection(leaf=leaf)
        call = peer.Call(connection, target())
        status = call.invite().status()
        shown = calls()
        if status == 200:
            self.assertEqual(call.bye().status(), 200)
        connection.close()
        return status, shown

    def test_peers_by_name(self):
        """A name in the certificate goes before the address; another name does not do."""
        status, shown = self.call_from(FILES.middle.leaf("p", "URI:sip:SBC.trunk.example, DNS:x"))
        self.assertEqual((status, shown[0]["peer"]), (200, "named"))
        status, shown = self.call_from(FILES.middle.leaf("p", "DNS:x.example"))
        self.assertEqual((status, shown[0]["peer"]), (200, "loopback"))
        status, shown = self.call_from(FILES.middle.leaf("p", "DNS:elsewhere.example"))
        self.assertEqual((status, shown[0]["peer"]), (200, "loopback"))
        # A URI with a user is nobody's domain (RFC 5922 §7.1), the common name never is.
        status, shown = self.call_from(FILES.middle.leaf("a.trunk.example",
                                                         "URI:sip:u@a.trunk.example"))
        self.assertEqual((status, shown[0]["peer"]), (200, "loopback"))

    def test_addresses_in_headers(self):
        connection = open_connection()
        call = peer.Call(connection, target())
        answer = call.invite()
        host, port = connection.local
        self.assertEqual(answer.status(), 200, answer.text)
        self.assertIn(f"<sip:mcp@127.0.0.1:{PORTS['tls']};transport=tls>", answer.get("Contact"))
        self.assertRegex(answer.get("Via"), rf"^SIP/2.0/TLS {host}:{port};.*rport={port}")
        self.assertNotIn("received=", answer.get("Via").replace(f"received={host}", ""))
        shown = ctl("call", "show", calls()[0]["id"])
        self.assertIn(f"{host}:{port}", str(shown))
        self.assertEqual(call.bye().status(), 200)
        record = platforms.wait_until(
            lambda: [r for r in PLATFORM.read_records() if r["sip"]["call_id"] == call.id], 5,
            "the record")[0]
        self.assertEqual(record["sip"]["transport"], "tls")
        connection.close()

    def test_trace(self):
        """In the clear, between the addresses outside; by the peer that the certificate tells."""
        trace = ctl("trace", "start", "--peer", "named", "--text", "tls.txt", "--pcap", "tls.pcap")
        connection = open_connection(leaf=FILES.middle.leaf("p", "DNS:sbc.trunk.example"))
        call = peer.Call(connection, target())
        self.assertEqual(call.invite().status(), 200)
        ladder = ctl("call", "show", calls()[0]["id"])["ladder"]
        self.assertEqual(call.bye().status(), 200)
        host, port = connection.local
        connection.close()
        self.assertEqual(self.call_from(None)[0], 200)
        ctl("trace", "stop", trace["id"])
        ends = f"received {host}:{port} > 127.0.0.1:{PORTS['tls']} tls,"
        text = platforms.wait_until(
            lambda: (PLATFORM.folder / "tls.txt").read_text(), 10, "the trace")
        self.assertIn(ends, text)
        self.assertIn(f"BYE sip:mcp@127.0.0.1:{PORTS['tls']}", text)
        self.assertEqual(text.count(" tls,"), text.count(f"{host}:{port} "))
        self.assertEqual({(entry["remote"], entry["transport"]) for entry in ladder},
                         {(f"{host}:{port}", "tls")})
        rows = subprocess.run(
            ["tshark", "-r", str(PLATFORM.folder / "tls.pcap"), "-d",
             f"tcp.port=={PORTS['tls']},sip", "-T", "fields", "-e", "tcp.port", "-e", "sip.Method"],
            stdout=subprocess.PIPE, text=True, check=True).stdout
        self.assertIn(f"{port},{PORTS['tls']}\tINVITE", rows)
        self.assertIn("BYE", rows)

    def test_explain(self):
        """The peer follows from the certificate's name."""
        text = (f"INVITE sip:wait@127.0.0.1:{PORTS['tls']} SIP/2.0\n"
                "Via: SIP/2.0/TLS 127.0.0.1;branch=z9hG4bK1\nFrom: <sip:a@b>;tag=1\n"
                "To: <sip:c@d>\nCall-ID: e\nCSeq: 1 INVITE\nMax-Forwards: 70\n"
                "Contact: <sip:a@127.0.0.1>\nContent-Length: 0\n\n")
        path = PLATFORM.folder / "invite.sip"
        path.write_text(text)
        for identity, peer_name in (("sbc.trunk.example", "named"), ("x.example", "loopback")):
            verdict = ctl("sip", "explain", str(path), "--transport", "tls", "--identity",
                          identity)
            self.assertTrue(verdict["accepted"], verdict)
            self.assertTrue(any(f"peer {peer_name} may use wait" in step["text"]
                                for step in verdict["steps"]), verdict)

    def test_sips(self):
        """RFC 3261 §12.1.1: a sips: request-URI makes a sips: Contact."""
        connection = open_connection()
        call = peer.Call(connection, f"sips:wait@127.0.0.1:{PORTS['tls']}")
        answer = call.invite()
        self.assertIn(f"<sips:mcp@127.0.0.1:{PORTS['tls']}>", answer.get("Contact"))
        self.assertEqual(call.bye().status(), 200)
        connection.close()

    def test_ipv6(self):
        connection = open_connection(host="::1")
        call = peer.Call(connection, f"sip:wait@[::1]:{PORTS['tls']}", "sip:peer@[::1]:5061")
        call.request("OPTIONS")
        self.assertEqual(call.final().status(), 200)
        connection.close()

    def test_bye_and_close(self):
        """What comes right before the end of a connection is not lost."""
        connection = open_connection()
        call = peer.Call(connection, target())
        self.assertEqual(call.invite().status(), 200)
        call.request("BYE")
        connection.close()
        platforms.wait_until(lambda: not calls(), 10, "the call to end")

    def test_large(self):
        """Messages larger than what the stack takes at once, and one that is too large."""
        connection = open_connection()
        call = peer.Call(connection, target())
        for size in (20000, 60000):
            call.request("OPTIONS", "", "x" * size)
            self.assertEqual(call.final().status(), 200)
        with contextlib.suppress(OSError):  # it may be closed before all has been sent
            call.request("OPTIONS", "", "x" * 80000)
        self.assertTrue(connection.is_closed())
        connection.drop()

    def test_second_connection(self):
        """A peer that comes back over another connection is answered and called back there."""
        connection = open_connection()
        call = peer.Call(connection, target(), "sip:peer@127.0.0.1:9;transport=tls")
        self.assertEqual(call.invite().status(), 200)
        connection.drop()
        call.connection = open_connection()
        call.request("OPTIONS")
        self.assertEqual(call.final().status(), 200)
        PLATFORM.ctl("hangup", calls()[0]["id"])
        bye = call.connection.receive()
        self.assertTrue(bye.start.startswith("BYE "), bye.start)
        call.connection.answer(bye, "200 OK")
        platforms.wait_until(lambda: not calls(), 10, "the call to end")
        call.connection.close()

    def test_lost_connection(self):
        """A call whose connection breaks is ended over a new one, to its Contact."""
        server = peer.Server(peer.server_context(
            FILES.middle.leaf("contact", "DNS:localhost, IP:127.0.0.1")))
        connection = open_connection()
        call = peer.Call(connection, target(),
                         f"sip:peer@127.0.0.1:{server.port};transport=tls")
        self.assertEqual(call.invite().status(), 200)
        connection.drop()
        PLATFORM.ctl("hangup", calls()[0]["id"])
        platforms.wait_until(lambda: server.connections, 10, "a connection to the Contact")
        bye = server.connections[0].receive()
        self.assertTrue(bye.start.startswith("BYE "), bye.start)
        self.assertTrue(bye.get("Via").startswith(f"SIP/2.0/TLS 127.0.0.1:{PORTS['tls']};"))
        server.connections[0].answer(bye, "200 OK")
        platforms.wait_until(lambda: not calls(), 10, "the call to end")
        server.close()


class AsClient(unittest.TestCase):
    def place(self, leaf, name="localhost", authority=None, scheme="sip", platform=None):
        self.server = peer.Server(peer.server_context(leaf, authority))
        suffix = ";transport=tls" if scheme == "sip" else ""
        uri = f"{scheme}:them@{name}:{self.server.port}{suffix}"
        self.placed = subprocess.Popen(
            (platform or PLATFORM).ctl_command("call", "place", uri, "--expect", "answered",
                                               "--hangup"),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        return self.server

    def result(self):
        output, _ = self.placed.communicate(timeout=30)
        self.server.close()
        return self.placed.returncode, output

    def serve_call(self, connection):
        invite = connection.receive()
        self.assertTrue(invite.start.startswith("INVITE "), invite.start)
        connection.answer(invite, "200 OK", f"Contact: <sip:them@127.0.0.1:{self.server.port}"
                          ";transport=tls>\r\n", sdp=True)
        self.assertTrue(connection.receive().start.startswith("ACK "))
        bye = connection.receive()
        self.assertTrue(bye.start.startswith("BYE "), bye.start)
        connection.answer(bye, "200 OK")
        return invite

    def first_connection(self):
        return platforms.wait_until(lambda: self.server.connections, 10, "a connection")[0]

    def test_call(self):
        leaf = FILES.middle.leaf("them", "DNS:localhost")
        self.place(leaf, authority=FILES.root)  # which wants our certificate
        invite = self.serve_call(self.first_connection())
        code, output = self.result()
        self.assertEqual(code, 0, output)
        self.assertRegex(invite.get("Via"),
                         rf"^SIP/2.0/TLS 127.0.0.1:{PORTS['tls']};.*branch=z9hG4bK.*")
        self.assertIn("rport", invite.get("Via"))
        self.assertIn(f"<sip:mcp@127.0.0.1:{PORTS['tls']};transport=tls>", invite.get("Contact"))

    def test_sips_call(self):
        self.place(FILES.middle.leaf("them", "DNS:localhost"), scheme="sips")
        invite = self.serve_call(self.first_connection())
        self.assertEqual(self.result()[0], 0)
        self.assertIn(f"<sips:mcp@127.0.0.1:{PORTS['tls']}>", invite.get("Contact"))

    def test_address(self):
        self.place(FILES.middle.leaf("them", "IP:127.0.0.1"), name="127.0.0.1")
        self.serve_call(self.first_connection())
        self.assertEqual(self.result()[0], 0)

    def test_reuse(self):
        """One connection carries several calls to the same target."""
        self.place(FILES.middle.leaf("them", "DNS:localhost"))
        connection = self.first_connection()
        self.serve_call(connection)
        self.placed.communicate(timeout=30)
        self.placed = subprocess.Popen(
            PLATFORM.ctl_command("call", "place",
                                 f"sip:them@localhost:{self.server.port};transport=tls",
                                 "--expect", "answered", "--hangup"),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.serve_call(connection)
        self.assertEqual(len(self.server.connections), 1)
        self.assertEqual(self.result()[0], 0)

    def test_cancel(self):
        """CANCEL, and the ACK to a failure, go over the connection of their INVITE."""
        server = peer.Server(peer.server_context(FILES.middle.leaf("them", "DNS:localhost")))
        placed = subprocess.Popen(
            PLATFORM.ctl_command("call", "place", "--deadline", "1s",
                                 f"sip:them@localhost:{server.port};transport=tls"),
            stdout=subprocess.DEVNULL)
        connection = platforms.wait_until(lambda: server.connections, 10, "a connection")[0]
        invite = connection.receive()
        connection.answer(invite, "180 Ringing")
        cancel = connection.receive()
        self.assertTrue(cancel.start.startswith("CANCEL "), cancel.start)
        self.assertEqual(cancel.get("Via"), invite.get("Via"))
        connection.answer(cancel, "200 OK")
        connection.answer(invite, "487 Request Terminated")
        self.assertTrue(connection.receive().start.startswith("ACK "))
        placed.wait(20)
        server.close()

    def test_wildcards(self):
        """RFC 5922 §7.2 forbids them; a transport may allow them."""
        leaf = FILES.middle.leaf("them", "DNS:*.test.localhost")
        self.refused(leaf, "not for sbc.test.localhost", name="sbc.test.localhost")
        folder = PLATFORM.folder / "lenient"
        folder.mkdir()
        settings = WILDCARDS.format(folder=PLATFORM.folder,
                                    port=platforms.free_port(socket.SOCK_STREAM))
        lenient = platforms.Platform(BUILD, folder, settings, web=1).start()
        try:
            self.place(leaf, name="sbc.test.localhost", platform=lenient)
            self.serve_call(self.first_connection())
            self.assertEqual(self.result()[0], 0)
        finally:
            lenient.stop()

    def refused(self, leaf, reason, **options):
        start = len(PLATFORM.read_records())
        server = self.place(leaf, **options)
        code, output = self.result()
        self.assertNotEqual(code, 0)
        record = platforms.wait_until(lambda: PLATFORM.read_records()[start:], 10, "a record")[0]
        self.assertEqual(record["status"], 503, record)
        self.assertRegex(str(record), reason)
        self.assertEqual(server.connections, [])

    def test_refused(self):
        self.refused(FILES.foreign.leaf("them", "DNS:localhost"),
                     "certificate of localhost: unable to get")
        self.refused(FILES.middle.leaf("them", "DNS:localhost", days=(-10, -1)),
                     "certificate of localhost: certificate has expired")
        self.refused(FILES.middle.leaf("localhost", "DNS:other.example"),
                     "certificate of localhost: is for other.example, not for localhost")
        self.refused(FILES.middle.leaf("localhost", None), "is for no SIP domain at all")
        self.refused(FILES.middle.leaf("them", "DNS:localhost"), "is for localhost, not for 127",
                     name="127.0.0.1")
        self.refused(FILES.middle.leaf("them", "DNS:localhost", usage="clientAuth"),
                     "unsuitable certificate purpose")

    def test_refused_by_them(self):
        """A server that does not take our certificate: its alert is the reason."""
        start = len(PLATFORM.read_records())
        self.place(FILES.middle.leaf("them", "DNS:localhost"), authority=FILES.foreign)
        self.assertNotEqual(self.result()[0], 0)
        record = platforms.wait_until(lambda: PLATFORM.read_records()[start:], 10, "a record")[0]
        self.assertEqual(record["status"], 503)
        self.assertRegex(str(record), "unknown ca")

    def test_unreachable(self):
        start = len(PLATFORM.read_records())
        port = platforms.free_port(socket.SOCK_STREAM)
        done = PLATFORM.ctl("call", "place", f"sip:x@127.0.0.1:{port};transport=tls")
        self.assertNotEqual(done.returncode, 0)
        record = platforms.wait_until(lambda: PLATFORM.read_records()[start:], 10, "a record")[0]
        self.assertRegex(str(record), f"no connection to 127.0.0.1:{port}")


class Changes(unittest.TestCase):
    def test_changed_under_calls(self):
        """New connections show the new certificate, old calls go on to their end."""
        running = []
        for _ in range(CALLS):
            connection = open_connection()
            call = peer.Call(connection, target())
            self.assertEqual(call.invite().status(), 200)
            running.append((connection, call))
        second = FILES.middle.leaf("a2", "DNS:a.platform.example, IP:127.0.0.1")
        FILES.install("a", second)
        self.assertEqual(PLATFORM.ctl("reload").returncode, 0)
        platforms.wait_until(lambda: shown_serial("a.platform.example") == second.serial(), 10,
                             "the new certificate")
        self.assertEqual(len(calls()), CALLS)
        for connection, call in running[::2]:
            self.assertEqual(call.bye().status(), 200)
            connection.close()
        # The other half lives through a change that nobody announces.
        FILES.install("a", FILES.a)
        platforms.wait_until(lambda: shown_serial("a.platform.example") == FILES.a.serial(), 10,
                             "the first certificate")
        for connection, call in running[1::2]:
            self.assertEqual(call.bye().status(), 200)
            connection.close()

    def test_authorities(self):
        """Trust anchors change like certificates do."""
        leaf = FILES.foreign.leaf("foreign", "DNS:sbc.trunk.example")
        roots = PLATFORM.folder / "roots.pem"
        before = roots.read_text()
        with self.assertRaises((OSError, EOFError)):
            peer.options(open_connection(leaf=leaf), target())
        roots.write_text(before + FILES.foreign.certificate.read_text())
        # The list of revocations of "a" says nothing of this authority: "b" has none.
        platforms.wait_until(lambda: self.is_taken(leaf), 10, "the new authority")
        roots.write_text(before)
        platforms.wait_until(lambda: not self.is_taken(leaf), 10, "the old authorities")

    def is_taken(self, leaf):
        try:
            connection = open_connection(leaf=leaf, name="b.platform.example")
            status = peer.options(connection, target()).status()
            connection.close()
            return status == 200
        except (OSError, EOFError):
            return False

    def test_faulty_change(self):
        """A key that is not the certificate's: the old set stays, one line says why."""
        start = len(PLATFORM.read_log())
        shutil.copy(FILES.b.key, PLATFORM.folder / "a-key.pem")
        reloaded = PLATFORM.ctl("reload")
        self.assertNotEqual(reloaded.returncode, 0)
        platforms.wait_until(lambda: "stay as they were" in PLATFORM.read_log()[start:], 10,
                             "the error line")
        self.assertEqual(shown_serial("a.platform.example"), FILES.a.serial())
        shutil.copy(FILES.a.key, PLATFORM.folder / "a-key.pem")
        self.assertEqual(PLATFORM.ctl("reload").returncode, 0)

    def test_expiry_metrics(self):
        end = metric("mcp_credentials_expiry_timestamp_seconds")
        self.assertAlmostEqual(end - time.time(), 30 * 86400, delta=3600)


class Limits(unittest.TestCase):
    def test_slow_handshake(self):
        before = metric("mcp_sip_tls_total", "timeout")
        with socket.create_connection(("127.0.0.1", PORTS["tls"]), 10) as silent:
            begin = time.monotonic()
            silent.settimeout(10)
            self.assertEqual(silent.recv(1), b"")
            self.assertLess(time.monotonic() - begin, 5)
        platforms.wait_until(lambda: metric("mcp_sip_tls_total", "timeout") > before, 5,
                             "the count")

    def test_flood(self):
        """Connections of one address are capped; calls that run go on."""
        connection = open_connection()
        call = peer.Call(connection, target())
        self.assertEqual(call.invite().status(), 200)
        idle = [socket.create_connection(("127.0.0.1", PORTS["tls"]), 10)
                for _ in range(SOURCE_MAX + 50)]
        platforms.wait_until(lambda: metric("mcp_sip_tls_total", "source_limit") >= 50, 10,
                             "the count")
        self.assertLessEqual(metric("mcp_sip_tls_connections"), SOURCE_MAX)
        self.assertEqual(call.bye().status(), 200)
        for one in idle:
            one.close()
        connection.close()
        platforms.wait_until(lambda: metric("mcp_sip_tls_connections") == 0, 10, "the end of all")
        self.assertEqual(peer.options(open_connection(), target()).status(), 200)

    def test_slow_reader(self):
        """One that asks and never reads is cut."""
        before = metric("mcp_sip_tls_total", "slow")
        connection = open_connection()
        call = peer.Call(connection, target())
        call.to = f'"{"x" * 8000}" {call.to}'  # which the answers repeat
        connection.stream.settimeout(30)
        with self.assertRaises(OSError):
            for _ in range(20000):
                call.request("OPTIONS")
        platforms.wait_until(lambda: metric("mcp_sip_tls_total", "slow") == before + 1, 10,
                             "the count")
        connection.drop()

    def test_garbage(self):
        with socket.create_connection(("127.0.0.1", PORTS["tls"]), 10) as plain:
            plain.sendall(b"OPTIONS sip:x SIP/2.0\r\n\r\n")
            plain.settimeout(10)
            self.assertTrue(self.ends(plain))
        connection = open_connection()
        connection.send("\0\1\2" * 1000 + "\r\n\r\n")
        connection.close()
        self.assertEqual(peer.options(open_connection(), target()).status(), 200)

    def ends(self, plain):
        try:
            while plain.recv(4096):
                pass
        except ConnectionError:
            pass
        return True

    def inner_ports(self):
        """Ports on loopback that the platform listens on and no setting names."""
        named = {PLATFORM.sip, *PORTS.values()}
        own = set()
        for fd in pathlib.Path(f"/proc/{PLATFORM.mcpd.pid}/fd").iterdir():
            # One that belongs to a connection or a file may be gone meanwhile.
            with contextlib.suppress(FileNotFoundError):
                found = re.match(r"socket:\[(\d+)\]", os.readlink(fd))
                own |= {found.group(1)} if found else set()
        ports = set()
        for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and fields[9] in own and fields[1].startswith("0100007F:"):
                ports.add(int(fields[1].split(":")[1], 16))
        return ports - named

    def test_intruder(self):
        """Another program on the inner socket is closed, and heard by nobody."""
        ports = self.inner_ports()
        self.assertEqual(len(ports), 3)
        for port in ports:
            before = metric("mcp_sip_tls_total", "intruder")
            with socket.create_connection(("127.0.0.1", port), 5) as silent:
                silent.settimeout(5)
                self.assertEqual(silent.recv(1), b"")
            with socket.create_connection(("127.0.0.1", port), 5) as loud:
                loud.settimeout(5)
                start = len(PLATFORM.events.seen)
                try:
                    call = peer.Call(peer.Connection(loud), target())
                    call.request("INVITE", "", peer.SDP)
                    self.assertEqual(loud.recv(4096), b"")
                except OSError:
                    pass
                self.assertEqual([e for e in PLATFORM.events.since(start)
                                  if e.get("type") in ("call", "refused")], [])
            self.assertGreaterEqual(metric("mcp_sip_tls_total", "intruder"), before + 2)
        self.assertEqual(calls(), [])


class WithBaresip(unittest.TestCase):
    def test_call(self):
        """Debian's baresip speaks TLS but judges no certificate: that is for openssl above."""
        phone = Baresip(PLATFORM.folder / "baresip", b"\0\0" * 80000, "tls", "127.0.0.1",
                        f"sip_cafile {FILES.root.certificate}\n")
        try:
            phone.command("dial", f"sip:wait@127.0.0.1:{PORTS['tls']}")
            phone.wait("CALL_ESTABLISHED", 15)
            self.assertEqual([call["peer"] for call in calls()], ["loopback"])
            PLATFORM.ctl("hangup", calls()[0]["id"])
            phone.wait("CALL_CLOSED", 10)
        finally:
            phone.end()
        record = platforms.wait_until(PLATFORM.read_records, 5, "the record")[-1]
        self.assertEqual(record["sip"]["transport"], "tls")


if __name__ == "__main__":
    unittest.main(verbosity=2, warnings="ignore")  # sockets are left to the collector
