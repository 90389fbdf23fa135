# SPDX-License-Identifier: Apache-2.0
"""A capture server: takes HEP3 over UDP, TCP or TLS and reads it strictly by the published list of
chunks. Whatever is not as it should be is a fault."""
import ipaddress
import json
import socket
import ssl
import struct
import threading
import time

SIP, RTCP, LOG = 1, 5, 100
ADDRESSES = {2: (0x0003, 0x0004, 4), 10: (0x0005, 0x0006, 16)}  # of a family
SIZES = {0x0001: 1, 0x0002: 1, 0x0007: 2, 0x0008: 2, 0x0009: 4, 0x000a: 4, 0x000b: 1, 0x000c: 4}
TEXTS = (0x000e, 0x000f, 0x0011)
MANDATORY = {*SIZES, 0x000f}


class Fault(Exception):
    pass


class Packet:
    """One packet: addresses, `time` in seconds, `type`, `agent`, `key`, `correlation`, `payload`
    (bytes); `raw` is the whole."""

    def __init__(self, raw):
        self.raw = raw
        if raw[:4] != b"HEP3" or struct.unpack("!H", raw[4:6])[0] != len(raw):
            raise Fault(f"no HEP3 of {len(raw)} bytes: {raw[:12]!r}")
        chunks = dict(self.split(raw[6:]))
        missing = MANDATORY - set(chunks)
        if missing:
            raise Fault(f"chunks are missing: {sorted(missing)}")
        family, protocol, kind = (chunks[number][0] for number in (0x0001, 0x0002, 0x000b))
        if family not in ADDRESSES or protocol not in (6, 17) or kind not in (SIP, RTCP, LOG):
            raise Fault(f"family {family}, protocol {protocol}, type {kind}")
        source, destination, size = ADDRESSES[family]
        if len(chunks.get(source, b"")) != size or len(chunks.get(destination, b"")) != size:
            raise Fault("addresses are not of the family")
        self.source = self.end(chunks[source], chunks[0x0007])
        self.destination = self.end(chunks[destination], chunks[0x0008])
        self.stream = protocol == 6
        seconds, fraction = (struct.unpack("!I", chunks[number])[0] for number in (0x0009, 0x000a))
        if fraction >= 1000000:
            raise Fault(f"{fraction} µs")
        self.time = seconds + fraction / 1000000
        self.type = kind
        self.agent = struct.unpack("!I", chunks[0x000c])[0]
        self.key = chunks.get(0x000e, b"").decode()
        self.correlation = chunks.get(0x0011, b"").decode()
        self.payload = chunks[0x000f]
        self.check()

    @staticmethod
    def split(rest):
        seen = set()
        while rest:
            vendor, number, length = struct.unpack("!HHH", rest[:6])
            data, rest = rest[6:length], rest[length:]
            if length < 6 or len(data) != length - 6 or vendor != 0 or number in seen:
                raise Fault(f"chunk {vendor}/{number:#06x} of {length} bytes")
            if len(data) != SIZES.get(number, len(data)):
                raise Fault(f"chunk {number:#06x} has {len(data)} bytes")
            if number not in SIZES and number not in TEXTS and not 3 <= number <= 6:
                raise Fault(f"chunk {number:#06x}")
            seen.add(number)
            yield number, data

    @staticmethod
    def end(address, port):
        return str(ipaddress.ip_address(address)), struct.unpack("!H", port)[0]

    def check(self):
        if abs(self.time - time.time()) > 3600:
            raise Fault(f"captured at {self.time}")
        if self.type == RTCP:
            self.report = json.loads(self.payload)
        if self.type == SIP and b"SIP/2.0" not in self.payload.split(b"\r\n")[0]:
            raise Fault(f"no SIP message: {self.payload[:60]!r}")

    @property
    def first(self):
        """Of a SIP message: "INVITE", or "200 INVITE"."""
        head = self.text.split("\r\n")
        if not head[0].startswith("SIP/2.0"):
            return head[0].split()[0]
        method = next(line for line in head if line.lower().startswith("cseq:")).split()[-1]
        return f"{head[0].split()[1]} {method}"

    @property
    def text(self):
        return self.payload.decode("utf-8", "replace")


class Server:
    """`kind` is "udp", "tcp" or "tls" (with `leaf`, a certificate and its key). `mode` is "take";
    "hang": nothing is read; "talk": it sends what no capture server sends, and reads nothing."""

    def __init__(self, kind="udp", port=0, leaf=None, mode="take"):
        self.kind, self.mode = kind, mode
        self.packets, self.faults = [], []
        self.lock = threading.Lock()
        self.connections = []
        self.open = True
        self.context = None
        if leaf:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(leaf.chain, leaf.key)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM if kind == "udp"
                                    else socket.SOCK_STREAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22 if kind == "udp"
                               else 4096)
        if kind != "udp":
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(("127.0.0.1", port))
        self.socket.settimeout(0.1)
        self.port = self.socket.getsockname()[1]
        if kind != "udp":
            self.socket.listen()
        self.threads = [threading.Thread(target=self.datagrams if kind == "udp" else self.accept,
                                         daemon=True)]
        self.threads[0].start()

    def take(self, raw):
        try:
            packet = Packet(raw)
        except (Fault, ValueError, struct.error, StopIteration) as fault:
            self.faults.append(f"{fault!r}: {raw[:200]!r}")
            return
        with self.lock:
            self.packets.append(packet)

    def datagrams(self):
        while self.open:
            try:
                data, source = self.socket.recvfrom(65536)
            except socket.timeout:
                continue
            except OSError:
                return
            self.take(data)
            if self.mode == "talk":
                self.socket.sendto(b"HEP3\xff\xffgarbage" * 20, source)

    def accept(self):
        while self.open:
            try:
                connection, _ = self.socket.accept()
            except socket.timeout:
                continue
            except OSError:
                return
            self.connections.append(connection)
            thread = threading.Thread(target=self.serve, args=(connection,), daemon=True)
            self.threads.append(thread)
            thread.start()

    def serve(self, connection):
        try:
            connection.settimeout(30)
            if self.context:
                connection = self.context.wrap_socket(connection, server_side=True)
                self.connections.append(connection)
            while self.mode == "talk":
                connection.sendall(b"HEP3\x00\x06" + bytes(range(256)) * 16)
            if self.mode == "take":
                self.read(connection)
        except OSError:
            pass

    def read(self, connection):
        buffer = b""
        connection.settimeout(0.1)
        while self.open:
            try:
                data = connection.recv(65536)
            except socket.timeout:
                continue
            if not data:
                break
            buffer += data
            while len(buffer) >= 6:
                length = struct.unpack("!H", buffer[4:6])[0]
                if buffer[:4] != b"HEP3" or length < 6:
                    self.faults.append(f"the stream is out of step: {buffer[:20]!r}")
                    return
                if len(buffer) < length:
                    break
                self.take(buffer[:length])
                buffer = buffer[length:]

    def all(self, kind=None, correlation=None):
        with self.lock:
            return [packet for packet in self.packets if kind in (None, packet.type)
                    and correlation in (None, packet.correlation)]

    def messages(self, correlation):
        """"INVITE", "200 INVITE" …: of SIP messages, as they came."""
        return [packet.first for packet in self.all(SIP, correlation)]

    def find(self, text):
        """The SIP messages with `text`."""
        return [packet for packet in self.all(SIP) if text in packet.text]

    def close(self):
        self.open = False
        self.socket.close()
        for connection in self.connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            connection.close()
        for thread in self.threads:
            thread.join(30)
        assert not self.faults, "\n".join(self.faults[:5])
