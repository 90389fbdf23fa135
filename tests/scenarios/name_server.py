# SPDX-License-Identifier: Apache-2.0
"""A name server for tests: a table of (name, kind) to records; what is not in it does not exist."""
import socket
import struct
import threading

KINDS = {"A": 1, "AAAA": 28, "SRV": 33, "NAPTR": 35}


def encode_name(name):
    labels = [label.encode() for label in name.split(".") if label]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def encode_text(text):
    return bytes([len(text)]) + text.encode()


def encode(kind, record):
    if kind == "A":
        return socket.inet_aton(record)
    if kind == "AAAA":
        return socket.inet_pton(socket.AF_INET6, record)
    if kind == "SRV":
        priority, weight, port, target = record
        return struct.pack("!HHH", priority, weight, port) + encode_name(target)
    order, preference, flags, service, replacement = record
    return (struct.pack("!HH", order, preference) + encode_text(flags) + encode_text(service) +
            encode_text("") + encode_name(replacement))


class NameServer:
    """`records` may change at any time; a name in `silent` gets no answer at all."""

    def __init__(self, records, host="127.0.0.1"):
        self.records = records
        self.silent = set()
        self.asked = []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((host, 53))
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            query, client = self.socket.recvfrom(2048)
            labels, position = [], 12
            while query[position]:
                labels.append(query[position + 1:position + 1 + query[position]].decode())
                position += 1 + query[position]
            question = query[12:position + 5]
            number = struct.unpack("!H", query[position + 1:position + 3])[0]
            name = ".".join(labels).lower()
            kind = next((kind for kind, other in KINDS.items() if other == number), None)
            self.asked.append((name, kind))
            if name in self.silent:
                continue
            self.socket.sendto(self.answer(query[:2], question, name, kind, number), client)

    def answer(self, query_id, question, name, kind, number):
        known = any(other == name for other, _ in self.records)
        rows = self.records.get((name, kind), [])
        data = [encode(kind, row) for row in rows]
        head = query_id + struct.pack("!HHHHH", 0x8180 if known else 0x8183, 1, len(data), 0, 0)
        return head + question + b"".join(
            b"\xc0\x0c" + struct.pack("!HHIH", number, 1, 0, len(one)) + one for one in data)
