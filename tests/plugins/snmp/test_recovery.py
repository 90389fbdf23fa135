#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The master away at start, killed and back, hanging, and sending garbage: the platform serves, the
agent comes back by itself, and memory does not grow with the requests."""
import os
import pathlib
import signal
import socket
import sys
import tempfile
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import peers  # noqa: E402

VARIABLES = f"{peers.ARC}.1.18.3.0"


class FakeMaster:
    """Takes connections and does with each what `treat` says; counts them."""

    def __init__(self, port, treat):
        self.listener = socket.create_server(("127.0.0.1", port))
        self.treat = treat
        self.taken = 0
        self.spoken = 0  # connections on which the agent said something
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.taken += 1
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        with connection:
            try:
                if connection.recv(4096):
                    self.spoken += 1
                    self.treat(connection)
            except OSError:
                pass

    def close(self):
        # Or accept() would keep the port.
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


def hang(connection):
    while connection.recv(4096):
        pass


def hang_up(connection):
    pass


def rubbish(connection):
    """Random bytes; those of a length that is never reached; an answer to nothing."""
    connection.sendall(os.urandom(5000))
    connection.sendall(b"\x01\x12\x10\x00" + b"\xff" * 12 + b"\x7f\xff\xff\xff" + os.urandom(5000))
    hang(connection)


def wrong_answer(connection):
    """A response of no session to no request, then half a header."""
    connection.sendall(b"\x01\x12\x10\x00" + bytes(12) + b"\x00\x00\x00\x08" + bytes(8))
    connection.sendall(b"\x01\x12\x10")
    hang(connection)


class Master(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory(prefix="mcp-snmp-")
        self.folder = pathlib.Path(self.temporary.name)
        self.peers = peers.Peers(self.folder)
        self.mcpd = None
        self.fake = None

    def tearDown(self):
        if self.fake:
            self.fake.close()
        self.peers.close()
        if self.mcpd:
            self.mcpd.stop()
        self.temporary.cleanup()

    def wait_for_walk(self, what):
        """Until the agent answers through the master; how long that took."""
        start = time.monotonic()
        peers.wait_until(lambda: self.peers.tool("snmpget", "-OQ", VARIABLES).stdout.strip()
                         .rpartition(" = ")[2].isdigit(), what)
        print(f"# {what}: {peers.seconds_since(start)} s", flush=True)

    def test_away_and_back(self):
        self.mcpd = peers.Mcpd(self.folder, self.peers.agentx)
        peers.wait_until(lambda: "snmp-away" in self.mcpd.log_text(), "the line that it is away")
        self.peers.start_master()
        self.wait_for_walk("a master that was away at start")
        for _ in range(3):
            self.peers.stop_master()
            self.assertTrue(self.mcpd.is_up())
            self.peers.start_master()
            self.wait_for_walk("a master that was killed")
        lines = self.mcpd.log_text()
        self.assertEqual(lines.count("snmp-connected"), 4)
        self.assertEqual(lines.count("snmp-away"), 4)

    def treat_badly(self, treat):
        self.fake = FakeMaster(self.peers.agentx, treat)
        peers.wait_until(lambda: self.fake.spoken >= 2, f"two sessions with {treat.__name__}")
        self.assertTrue(self.mcpd.is_up())
        self.fake.close()
        self.fake = None

    def test_bad_masters(self):
        """Each in turn, then a good one; stopped while one hangs."""
        self.mcpd = peers.Mcpd(self.folder, self.peers.agentx)
        threads = len(os.listdir(f"/proc/{self.mcpd.process.pid}/task"))
        for treat in (hang, hang_up, rubbish, wrong_answer):
            self.treat_badly(treat)
        self.peers.start_master()
        self.wait_for_walk("a good master after bad ones")
        self.assertLessEqual(len(os.listdir(f"/proc/{self.mcpd.process.pid}/task")), threads + 4)
        self.peers.stop_master()
        self.fake = FakeMaster(self.peers.agentx, hang)
        peers.wait_until(lambda: self.fake.spoken >= 1, "a session that hangs")
        mcpd, self.mcpd = self.mcpd, None
        mcpd.stop()
        self.assertNotIn("snmp-stuck", mcpd.log_text())

    def test_stopped_master(self):
        """One that is held: its socket still takes what is sent."""
        self.peers.start_master()
        self.mcpd = peers.Mcpd(self.folder, self.peers.agentx)
        self.wait_for_walk("the first session")
        self.peers.master.process.send_signal(signal.SIGSTOP)
        peers.wait_until(lambda: "snmp-away" in self.mcpd.log_text(), "the line that it is away")
        self.peers.master.process.send_signal(signal.SIGCONT)
        self.wait_for_walk("a master that was held")

    def asked(self):
        return int(self.peers.tool("snmpget", "-OQ", VARIABLES).stdout.rpartition(" = ")[2])

    def memory(self):
        status = pathlib.Path(f"/proc/{self.mcpd.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0])

    def ask(self, n):
        end = self.asked() + n
        while self.asked() < end:
            self.assertTrue(self.peers.walk())

    def test_memory(self):
        """Ten thousand variables more need no more memory than the first five thousand left."""
        self.peers.start_master()
        self.mcpd = peers.Mcpd(self.folder, self.peers.agentx)
        self.wait_for_walk("the first session")
        self.ask(5000)
        before = self.memory()
        self.ask(10000)
        print(f"# {before} KB, then {self.memory()} KB", flush=True)
        self.assertLess(self.memory() - before, 4096)


if __name__ == "__main__":
    unittest.main(verbosity=2, warnings="ignore")
