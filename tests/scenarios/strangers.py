# SPDX-License-Identifier: Apache-2.0
"""Callers whom nobody knows: each has a From, a Call-ID and a URI of its own, and is refused."""
import re
import socket
import time


class Strangers:
    def __init__(self, port):
        self.server = ("127.0.0.1", port)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(2)

    def request(self, method, number, to):
        port = self.socket.getsockname()[1]
        return (f"{method} sip:nobody-{number}@127.0.0.1:{self.server[1]} SIP/2.0\r\n"
                f"Via: SIP/2.0/UDP 127.0.0.1:{port};rport;branch=z9hG4bK-{number}\r\n"
                f"Max-Forwards: 70\r\nFrom: <sip:caller-{number}@example.com>;tag={number}\r\n"
                f"To: {to}\r\nCall-ID: stranger-{number}\r\n"
                f"CSeq: 1 {method}\r\nContact: <sip:caller-{number}@127.0.0.1:{port}>\r\n"
                "Content-Length: 0\r\n\r\n").encode()

    def call(self, number):
        """Until it is refused."""
        end = time.monotonic() + 60
        while time.monotonic() < end:
            self.socket.sendto(self.request("INVITE", number, "<sip:nobody@127.0.0.1>"),
                               self.server)
            try:
                while True:
                    answer = self.socket.recv(65536).decode()
                    if answer.startswith("SIP/2.0 4") and f"stranger-{number}\r\n" in answer:
                        to = re.search(r"^To: *(.*)\r$", answer, re.M).group(1)
                        self.socket.sendto(self.request("ACK", number, to), self.server)
                        return
            except socket.timeout:
                continue
        raise AssertionError(f"no answer to caller {number}")

    def close(self):
        self.socket.close()
