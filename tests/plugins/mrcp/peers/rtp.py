# SPDX-License-Identifier: Apache-2.0
"""RTP of the peers (RFC 3550): what comes is measured and kept, what goes out goes at real pace, 20
ms a packet. Samples are 16 bit at the rate of the codec."""
import asyncio
import audioop
import collections
import functools
import math
import random
import socket
import struct
import wave

PTIME = 0.02
KEYS = "0123456789*#ABCD"
LATE = 0.2  # seconds that may be caught up
LOUD = 300  # the mean of speech, of 32768
LOUD_PACKETS = 3


class Codec:
    def __init__(self, name):
        self.name = name
        kind, rate = name.split("/")[:2]
        self.rate = int(rate)
        self.frame = int(self.rate * PTIME)  # samples
        self.encode, self.decode = {
            "PCMU": (lambda pcm: audioop.lin2ulaw(pcm, 2), lambda data: audioop.ulaw2lin(data, 2)),
            "PCMA": (lambda pcm: audioop.lin2alaw(pcm, 2), lambda data: audioop.alaw2lin(data, 2)),
            "L16": (lambda pcm: audioop.byteswap(pcm, 2), lambda data: audioop.byteswap(data, 2)),
        }[kind]


NAMES = ("PCMU/8000", "PCMA/8000", "L16/8000", "L16/16000")


@functools.lru_cache(maxsize=8)
def tone(rate, pitch, milliseconds, amplitude=8000):
    count = rate * milliseconds // 1000
    return struct.pack(f"<{count}h", *(int(amplitude * math.sin(2 * math.pi * pitch * i / rate))
                                       for i in range(count)))


def read_wav(path, rate):
    with wave.open(str(path)) as file:
        pcm = file.readframes(file.getnframes())
        if file.getnchannels() == 2:
            pcm = audioop.tomono(pcm, file.getsampwidth(), 0.5, 0.5)
        pcm = audioop.lin2lin(pcm, file.getsampwidth(), 2)
        if file.getframerate() != rate:
            pcm = audioop.ratecv(pcm, 2, 1, file.getframerate(), rate, None)[0]
    return pcm


def write_wav(path, pcm, rate):
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(pcm)


def audio(spec, rate):
    """Samples of a script: {"wav": path}, {"tone": hertz, "ms": …} or {"silence": ms}, or a list
    of these."""
    if isinstance(spec, list):
        return b"".join(audio(one, rate) for one in spec)
    if "wav" in spec:
        return read_wav(spec["wav"], rate)
    if "tone" in spec:
        return tone(rate, spec["tone"], spec.get("ms", 1000), spec.get("amplitude", 8000))
    return bytes(2 * (rate * spec["silence"] // 1000))


class Listener:
    """Measures one stream of packets that comes in and puts its sound in order."""

    def __init__(self, faults):
        self.faults = faults
        self.codecs = {}  # payload type: Codec
        self.event_type = None
        self.on_sound = None  # takes samples
        self.on_key = None
        self.packets = self.lost = self.duplicates = self.late = 0
        self.sequence = self.timestamp = self.size = self.ssrc = None
        self.gaps = []  # samples that are missing between consecutive packets
        self.keys = ""
        self.key_time = None
        self.types = collections.Counter()
        self.sources = set()
        self.pcm = bytearray()
        self.rate = 8000

    def take(self, packet):
        if len(packet) < 12 or packet[0] >> 6 != 2:
            self.faults.add("rtp-version", "RFC 3550 §5.1", packet[:12].hex())
            return
        marked, kind = packet[1] & 0x80, packet[1] & 0x7F
        sequence, timestamp, ssrc = struct.unpack("!HII", packet[2:12])
        payload = packet[12 + 4 * (packet[0] & 15):]
        self.packets += 1
        self.types[kind] += 1
        if kind != self.event_type and kind not in self.codecs:
            self.faults.add("rtp-payload-type", "RFC 3264 §5.1", f"payload type {kind}")
            return
        step = 1 if self.sequence is None else (sequence - self.sequence) & 0xFFFF
        if self.ssrc not in (None, ssrc):
            step, self.timestamp = 1, None  # another source
        self.ssrc = ssrc
        if step == 0:
            self.duplicates += 1
            return
        if step > 0x8000:
            self.late += 1
            self.lost -= 1
            return
        self.lost += step - 1
        self.sequence = sequence
        if kind == self.event_type:
            self.take_key(payload, timestamp)
        else:
            self.take_sound(self.codecs[kind], payload, timestamp, step == 1 and not marked)

    def take_key(self, payload, timestamp):
        if timestamp != self.key_time and payload[0] < len(KEYS):
            self.key_time = timestamp
            self.keys += KEYS[payload[0]]
            if self.on_key:
                self.on_key(KEYS[payload[0]])

    def take_sound(self, codec, payload, timestamp, adjacent):
        pcm = codec.decode(payload)
        self.rate = codec.rate
        ahead = 0
        if self.timestamp is not None:
            ahead = (timestamp - self.timestamp - self.size + (1 << 31)) % (1 << 32) - (1 << 31)
        if ahead < 0:
            self.faults.add("rtp-timestamp", "RFC 3550 §5.1",
                            f"{-ahead} samples back at packet {self.packets}")
        elif ahead and adjacent:
            self.gaps.append(ahead)
        self.timestamp, self.size = timestamp, len(pcm) // 2
        self.pcm += bytes(2 * min(max(ahead, 0), 60 * codec.rate)) + pcm
        if self.on_sound:
            self.on_sound(pcm, codec.rate)

    def figures(self):
        return {"packets": self.packets, "lost": self.lost, "duplicates": self.duplicates,
                "late": self.late, "timestamp_gaps": self.gaps, "keys": self.keys,
                "payload_types": dict(self.types), "sources": sorted(self.sources),
                "rate": self.rate,
                "milliseconds": len(self.pcm) * 500 // self.rate,
                "level": audioop.rms(bytes(self.pcm), 2) if self.pcm else 0}


class Playback:
    """Sound on its way out. `marks`: [(milliseconds, function)]; `done` is set at its end."""

    def __init__(self, pcm, marks=()):
        self.pcm = pcm
        self.at = 0
        self.marks = sorted(marks, key=lambda mark: mark[0])
        self.paused = False
        self.done = asyncio.Event()

    def frame(self, codec):
        """The next packet's samples; None when there is none."""
        if self.paused or self.done.is_set():
            return None
        while self.marks and self.marks[0][0] * codec.rate / 1000 <= self.at / 2:
            self.marks.pop(0)[1]()
        if self.at >= len(self.pcm):
            for _, reached in self.marks:
                reached()
            self.marks = []
            self.done.set()
            return None
        self.at += 2 * codec.frame
        return self.pcm[self.at - 2 * codec.frame:self.at].ljust(2 * codec.frame, b"\0")

    def stop(self):
        self.marks = []
        self.done.set()


class Stream(asyncio.DatagramProtocol):
    """One pair of ports. `continuous`: silence goes out while there is nothing else."""

    def __init__(self, faults, continuous=False):
        self.listener = Listener(faults)
        self.continuous = continuous
        self.codec, self.payload_type, self.event_type = Codec("PCMU/8000"), 0, None
        self.remote = None
        self.queue = collections.deque()  # of Playback, or (key packets)
        self.wake = asyncio.Event()
        self.sequence, self.timestamp = random.randrange(1 << 15), random.randrange(1 << 30)
        self.ssrc = random.randrange(1 << 32)
        self.sent = 0
        self.transport = self.control = self.pump = None

    async def open(self, address):
        """On an even port with its neighbour (RFC 3550 §11)."""
        loop = asyncio.get_running_loop()
        while True:
            pair = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
            try:
                pair[0].bind((address, 0))
                port = pair[0].getsockname()[1]
                if port % 2:
                    raise OSError("odd")
                pair[1].bind((address, port + 1))
                break
            except OSError:
                for one in pair:
                    one.close()
        self.port = port
        pair[0].setblocking(False)
        self.control = pair[1]
        self.transport, _ = await loop.create_datagram_endpoint(lambda: self, sock=pair[0])
        self.pump = loop.create_task(self.send())
        return self

    def datagram_received(self, data, addr):
        self.listener.sources.add(addr[:2])
        self.listener.take(data)

    def use(self, payload_type, name, remote, event_type=None):
        """What was agreed upon."""
        self.codec, self.payload_type, self.remote = Codec(name), payload_type, remote
        self.event_type = event_type
        self.wake.set()

    def hear(self, codecs, event_type):
        """What may come in: {payload type: name}."""
        self.listener.codecs = {number: Codec(name) for number, name in codecs.items()}
        self.listener.event_type = event_type

    def play(self, pcm, marks=()):
        playback = Playback(pcm, marks)
        self.queue.append(playback)
        self.wake.set()
        return playback

    def press(self, key, milliseconds=100):
        """RFC 4733: the end three times."""
        steps = milliseconds // 20
        self.queue.append(collections.deque(
            (struct.pack("!BBH", KEYS.index(key), (0x80 if step >= steps else 0) | 10,
                         min(step + 1, steps) * self.codec.frame), step == 0, step)
            for step in range(steps + 3)))
        self.wake.set()

    def emit(self, kind, payload, marker, timestamp):
        self.sequence = (self.sequence + 1) & 0xFFFF
        self.transport.sendto(struct.pack(
            "!BBHII", 0x80, kind | (0x80 if marker else 0), self.sequence,
            timestamp & 0xFFFFFFFF, self.ssrc) + payload, self.remote)
        self.sent += 1

    def send_next(self, marker):
        """Whether something was sent."""
        while self.queue:
            first = self.queue[0]
            if isinstance(first, Playback):
                pcm = first.frame(self.codec)
                if pcm is not None:
                    self.emit(self.payload_type, self.codec.encode(pcm), marker, self.timestamp)
                    return True
                if not first.done.is_set():
                    break  # paused
            elif first:
                payload, begins, step = first.popleft()
                self.emit(self.event_type, payload, begins,
                          self.timestamp - step * self.codec.frame)
                return True
            self.queue.popleft()
        if self.continuous:
            silence = bytes(2 * self.codec.frame)
            self.emit(self.payload_type, self.codec.encode(silence), marker, self.timestamp)
        return self.continuous

    async def send(self):
        loop = asyncio.get_running_loop()
        due, marker = loop.time(), True
        while True:
            if self.remote is None or not self.send_next(marker):
                # A talk spurt is over, or a pause; the clock of the timestamps runs on.
                marker = True
                if self.queue:
                    await asyncio.sleep(PTIME)
                else:
                    self.wake.clear()
                    await self.wake.wait()
                frames = max(0, int((loop.time() - due) / PTIME))
                self.timestamp += frames * self.codec.frame
                due += frames * PTIME
                continue
            marker = False
            self.timestamp += self.codec.frame
            # On a machine that is busy the stream is late, but never a flood.
            due = max(due + PTIME, loop.time() - LATE)
            await asyncio.sleep(max(0.0, due - loop.time()))

    def close(self):
        if self.pump:
            self.pump.cancel()
        if self.transport:
            self.transport.close()
        if self.control:
            self.control.close()


async def wait_event(event, seconds=None):
    """Whether it was set in time."""
    try:
        await asyncio.wait_for(event.wait(), seconds)
        return True
    except asyncio.TimeoutError:
        return False


class Detector:
    """Says when speech begins and ends, by the clock of the packets, not of the wall."""

    def __init__(self, silence_ms=300):
        self.silence_ms = silence_ms
        self.loud = 0
        self.quiet = 0.0
        self.started, self.ended = asyncio.Event(), asyncio.Event()

    def take(self, pcm, rate):
        if audioop.rms(pcm, 2) >= LOUD:
            self.loud, self.quiet = self.loud + 1, 0.0
            if self.loud >= LOUD_PACKETS:
                self.started.set()
        else:
            self.loud = 0
            self.quiet += len(pcm) * 500 / rate
            if self.started.is_set() and self.quiet >= self.silence_ms:
                self.ended.set()
