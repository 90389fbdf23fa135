#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A master that hangs, hangs up or sends garbage: the platform serves, and ends in time."""
import os
import pathlib
import socket
import sys
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import peers  # noqa: E402


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


class BadMasters(peers.WatchedCase):
    fake = None

    def tearDown(self):
        if self.fake:
            self.fake.close()
        super().tearDown()

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


if __name__ == "__main__":
    unittest.main(verbosity=2, warnings="ignore")
