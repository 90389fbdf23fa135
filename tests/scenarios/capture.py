# SPDX-License-Identifier: Apache-2.0
"""RTP seen on the loopback interface, and packet captures made for others to play."""
import audioop
import socket
import struct
import threading

from caller import EVENTS, FRAME

ETH_P_ALL = 3
ETHERNET = 14
UDP = 17


def udp_payload(frame):
    """(destination port, payload) of an Ethernet frame with UDP in it, else None."""
    kind, packet = frame[12:14], frame[ETHERNET:]
    if kind == b"\x08\x00" and packet[9] == UDP:
        datagram = packet[(packet[0] & 15) * 4:]
    elif kind == b"\x86\xdd" and packet[6] == UDP:
        datagram = packet[40:]
    else:
        return None
    return struct.unpack("!H", datagram[2:4])[0], datagram[8:]


class Ear:
    """Collects the PCMU packets that go to a local port, whoever owns it. Needs root."""

    def __init__(self, port):
        self.port = port
        self.packets = {}  # sequence: payload
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        self.socket.bind(("lo", 0))
        self.socket.settimeout(0.2)
        self.running = True
        self.thread = threading.Thread(target=self.listen, daemon=True)
        self.thread.start()

    def listen(self):
        while self.running:
            try:
                found = udp_payload(self.socket.recv(65536))
            except socket.timeout:
                continue
            if not found or found[0] != self.port or len(found[1]) <= 12:
                continue
            rtp = found[1]
            if rtp[0] >> 6 == 2 and rtp[1] & 0x7F == 0:
                sequence = struct.unpack("!H", rtp[2:4])[0]
                self.packets[sequence] = rtp[12:]

    def heard(self):
        """16 bit samples; a call is too short for sequence numbers to come round more than once."""
        numbers = sorted(self.packets)
        gap = next((b for a, b in zip(numbers, numbers[1:]) if b - a > 0x4000), None)
        if gap:
            numbers = [n for n in numbers if n >= gap] + [n for n in numbers if n < gap]
        return audioop.ulaw2lin(b"".join(self.packets[n] for n in numbers), 2)

    def end(self):
        self.running = False
        self.thread.join()
        self.socket.close()


def key_packets(key, payload_type=101, steps=8):
    """RTP packets of one key press (RFC 4733 §2.5.1.2): every 20 ms, the end three times."""
    sequence, timestamp, ssrc = 1000 * (EVENTS.index(key) + 1), 8000 * EVENTS.index(key), 0x5150
    for step in range(steps + 2):
        end = 0x80 if step >= steps - 1 else 0
        duration = min(step + 1, steps) * FRAME
        marker = 0x80 if step == 0 else 0
        yield struct.pack("!BBHIIBBH", 0x80, payload_type | marker, sequence + step, timestamp,
                          ssrc, EVENTS.index(key), end | 10, duration)


def write_key(path, key):
    """A pcap that SIPp can play; it puts addresses and ports in itself."""
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for number, rtp in enumerate(key_packets(key)):
            udp = struct.pack("!HHHH", 6000, 6000, 8 + len(rtp), 0) + rtp
            ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, UDP, 0,
                             bytes([127, 0, 0, 1]), bytes([127, 0, 0, 1]))
            frame = bytes(12) + b"\x08\x00" + ip + udp
            file.write(struct.pack("<IIII", 0, number * 20000, len(frame), len(frame)) + frame)
