#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Our codecs against ffmpeg's, over RTP: what we play is received by it, what it sends is recorded.

usage: codec_peers.py CODEC-CALL
"""
import os
import socket
import subprocess
import sys
import tempfile
import wave
from pathlib import Path

import numpy

SECONDS = 5
# What the quick tier runs; all of them are the full tier's.
QUICK = {'opus', 'amr', 'g729', 'srtp-80'}
SPEECH = ('The quick brown fox jumps over the lazy dog, and after that it sleeps for a while '
          'in the warm afternoon sun.')
ENVELOPE_MS = 10
CALLS = 3
# Key and salt of SRTP, 30 bytes.
KEY = 'WnD7c1ksDGs+dIefCEo8omPg4uO8DYIinNGL5yxQ'


class Codec:
    """One wire format: as in the offer, and how ffmpeg sends it (None: it cannot).

    raw: the format of a file of payloads, where ffmpeg has the codec, but not over RTP.
    """

    def __init__(self, name, payload_type, rtpmap, fmtp=None, ptime=20, sender=None, suite=None,
                 raw=None):
        self.name = name
        self.payload_type = payload_type
        self.rtpmap = rtpmap
        self.fmtp = fmtp
        self.ptime = ptime
        self.sender = sender
        self.suite = suite
        self.raw = raw

    def lines(self):
        lines = [f'a=rtpmap:{self.payload_type} {self.rtpmap}']
        if self.fmtp:
            lines.append(f'a=fmtp:{self.payload_type} {self.fmtp}')
        if self.suite:
            lines.append(f'a=crypto:1 {self.suite} inline:{KEY}')
        return lines + [f'a=ptime:{self.ptime}']

    def protocol(self):
        return 'RTP/SAVP' if self.suite else 'RTP/AVP'


CODECS = [
    Codec('pcmu', 0, 'PCMU/8000', sender=['-c:a', 'pcm_mulaw', '-ar', '8000']),
    Codec('pcma', 8, 'PCMA/8000', sender=['-c:a', 'pcm_alaw', '-ar', '8000']),
    Codec('g722', 9, 'G722/8000', sender=['-c:a', 'g722', '-ar', '16000']),
    Codec('opus', 98, 'opus/48000/2', 'useinbandfec=1',
          sender=['-c:a', 'libopus', '-ar', '48000', '-ac', '2', '-b:a', '32k']),
    Codec('opus-60-ms', 98, 'opus/48000/2', ptime=60),
    Codec('opus-10-ms', 98, 'opus/48000/2', ptime=10),
    Codec('gsm', 3, 'GSM/8000'),
    Codec('speex-8000', 104, 'speex/8000', sender=['-c:a', 'libspeex', '-ar', '8000']),
    Codec('speex-16000', 105, 'speex/16000', sender=['-c:a', 'libspeex', '-ar', '16000']),
    Codec('l16', 97, 'L16/16000', sender=['-c:a', 'pcm_s16be', '-ar', '16000']),
    Codec('amr', 107, 'AMR/8000', 'octet-align=1'),
    Codec('amr-modes', 107, 'AMR/8000', 'octet-align=1; mode-set=0,2'),
    Codec('srtp-80', 0, 'PCMU/8000', sender=['-c:a', 'pcm_mulaw', '-ar', '8000'],
          suite='AES_CM_128_HMAC_SHA1_80'),
    Codec('srtp-32', 9, 'G722/8000', sender=['-c:a', 'g722', '-ar', '16000'],
          suite='AES_CM_128_HMAC_SHA1_32'),
    Codec('amr-wb', 109, 'AMR-WB/16000', 'octet-align=1'),
    Codec('g729', 18, 'G729/8000', 'annexb=no', raw='g729'),
    Codec('g729-30-ms', 18, 'G729/8000', ptime=30, raw='g729'),
]


def free_port():
    """An even port with a free one above it."""
    for port in range(29000, 29900, 2):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as two:
                try:
                    one.bind(('127.0.0.1', port))
                    two.bind(('127.0.0.1', port + 1))
                except OSError:
                    continue
                return port
    raise RuntimeError('no free port')


def description(codec, port):
    return '\r\n'.join(['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0',
                        f'm=audio {port} {codec.protocol()} {codec.payload_type}',
                        *codec.lines(), ''])


def ffmpeg(*arguments):
    return ['ffmpeg', '-hide_banner', '-loglevel', 'error', '-nostdin', '-y', *arguments]


def read_samples(path):
    """Linear samples of a WAV file at 8000 Hz, -1 … 1."""
    raw = subprocess.run(ffmpeg('-i', path, '-f', 's16le', '-ac', '1', '-ar', '8000', '-'),
                         check=True, capture_output=True, timeout=60).stdout
    return to_samples(raw)


def to_samples(raw):
    return numpy.frombuffer(raw[:len(raw) // 2 * 2], dtype='<i2').astype(float) / 32768


def envelope(samples):
    step = 8 * ENVELOPE_MS
    blocks = samples[:len(samples) // step * step].reshape(-1, step)
    return numpy.sqrt((blocks ** 2).mean(axis=1))


def likeness(wanted, heard):
    """Best correlation of two envelopes, whichever came later, and the same of their spectra."""
    one, two = envelope(wanted), envelope(heard)
    if len(two) < len(one) or two.max() < 0.01:
        return 0.0, 0.0
    best, at = 0.0, 0
    for start in range(len(two) - len(one) + 1):
        part = two[start:start + len(one)]
        if part.std() > 0:
            value = numpy.corrcoef(one, part)[0, 1]
            if value > best:
                best, at = value, start
    part = heard[at * 8 * ENVELOPE_MS:][:len(wanted)]
    size = min(len(part), len(wanted))
    spectra = [numpy.log(numpy.abs(numpy.fft.rfft(x[:size]))[:size * 3000 // 8000] + 1e-3)
               for x in (wanted, part)]
    bands = [numpy.array([b.mean() for b in numpy.array_split(s, 60)]) for s in spectra]
    return best, numpy.corrcoef(*bands)[0, 1]


def make_speech(work):
    path = work / 'speech.wav'
    subprocess.run(['flite', '-voice', 'slt', '-t', SPEECH, '-o', str(path)], check=True,
                   timeout=60)
    with wave.open(str(path)) as file:
        frames = file.readframes(int(file.getframerate() * (SECONDS - 2.4)))
        parameters = file.getparams()
    with wave.open(str(path), 'wb') as file:
        file.setparams(parameters)
        file.writeframes(frames)
    return path


def after_silence(speech):
    """The same after a pause: a packet is of the time that it took to fill, so that the first one
    may be older than the recording."""
    path = speech.with_name('after-silence.wav')
    subprocess.run(['sox', str(speech), str(path), 'pad', '0.3'], check=True, timeout=60)
    return path


def wait_ready(process):
    lines = []
    for line in process.stdout:
        if line.strip() == 'ready':
            return lines
        lines.append(line.strip())
    raise RuntimeError('codec-call ended: ' + process.stderr.read().strip())


def play(tool, codec, work, speech):
    """A call that ffmpeg receives; what it heard."""
    offer, received = work / 'offer.sdp', work / 'received.raw'
    port = free_port()
    offer.write_text(description(codec, port))
    received.unlink(missing_ok=True)
    with start(tool, offer, speech, work / 'unused.wav') as process:
        # What is encrypted is read with the key of the answer.
        answer = wait_ready(process)
        theirs = work / 'theirs.sdp'
        keys = [line for line in answer if line.startswith('a=crypto')]
        theirs.write_text('\r\n'.join(
            line for line in description(codec, port).split('\r\n')
            if not line.startswith('a=crypto')) + ''.join(key + '\r\n' for key in keys))
        receiver = subprocess.Popen(
            ffmpeg('-protocol_whitelist', 'file,udp,rtp,srtp', '-probesize', '32',
                   '-analyzeduration', '0', '-i', str(theirs), '-f', 's16le', '-ac', '1',
                   '-ar', '8000', '-flush_packets', '1', str(received)),
            stderr=subprocess.DEVNULL)
        finish(process)
    # It may not hear a gentler signal while it waits for packets.
    receiver.kill()
    receiver.wait(timeout=10)
    return to_samples(received.read_bytes() if received.exists() else b'')


def play_raw(tool, codec, work, speech):
    """A call whose payloads are kept in a file that ffmpeg decodes; what it heard."""
    offer, received = work / 'offer.sdp', work / 'received.raw'
    payloads = {}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(('127.0.0.1', 0))
        receiver.settimeout(1)
        offer.write_text(description(codec, receiver.getsockname()[1]))
        with start(tool, offer, speech, work / 'unused.wav') as process:
            wait_ready(process)
            while process.poll() is None:
                try:
                    packet = receiver.recv(2048)
                except TimeoutError:
                    continue
                if packet[1] & 0x7f == codec.payload_type:
                    payloads[int.from_bytes(packet[4:8], 'big')] = packet[12:]
            finish(process)
    received.write_bytes(b''.join(payload for _, payload in sorted(payloads.items())))
    raw = subprocess.run(ffmpeg('-f', codec.raw, '-i', str(received), '-f', 's16le', '-ar', '8000',
                                '-'), capture_output=True, timeout=60, check=True).stdout
    return to_samples(raw)


def record(tool, codec, work, speech):
    """A call that ffmpeg sends to; our recording."""
    offer, recorded = work / 'offer.sdp', work / 'recorded.wav'
    offer.write_text(description(codec, free_port()))
    with start(tool, offer, speech, recorded) as process:
        answer = wait_ready(process)
        own = next(int(line.split()[1]) for line in answer if line.startswith('m=audio'))
        secret = ['-srtp_out_suite', codec.suite, '-srtp_out_params', KEY] if codec.suite else []
        subprocess.run(ffmpeg('-re', '-i', str(after_silence(speech)), *codec.sender,
                              '-payload_type', str(codec.payload_type), *secret, '-f', 'rtp',
                              f'{"srtp" if codec.suite else "rtp"}://127.0.0.1:{own}'),
                       check=True, timeout=60, capture_output=True)
        finish(process)
    return str(recorded)


def start(tool, offer, speech, recorded):
    return subprocess.Popen([tool, str(offer), str(speech), str(recorded), str(SECONDS)], text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def finish(process):
    if process.wait(timeout=30) != 0:
        raise RuntimeError(process.stderr.read().strip())


def is_good(shape, spectrum):
    return shape > 0.95 and spectrum > 0.9


def best_of(call):
    """The likeness of a call; of another one when ffmpeg, in real time, was starved in the first.

    A wrong codec or key is wrong in all of them.
    """
    for left in reversed(range(CALLS)):
        shape, spectrum = call()
        if is_good(shape, spectrum) or left == 0:
            return shape, spectrum
        print(f'# again: envelope {shape:.3f}, spectrum {spectrum:.3f}')


def main():
    tool = sys.argv[1]
    checks = []
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        speech = make_speech(work)
        wanted = read_samples(str(speech))
        for codec in CODECS:
            if os.environ.get('MCP_TEST_TIER') != 'full' and codec.name not in QUICK:
                continue
            checks.append((f'{codec.name}-sent', *best_of(
                lambda: likeness(wanted, (play_raw if codec.raw else play)(tool, codec, work,
                                                                           speech)))))
            if codec.sender:
                checks.append((f'{codec.name}-received', *best_of(
                    lambda: likeness(wanted, read_samples(record(tool, codec, work, speech))))))
    print(f'1..{len(checks)}')
    for number, (name, shape, spectrum) in enumerate(checks, 1):
        good = is_good(shape, spectrum)
        print(f'{"ok" if good else "not ok"} {number} {name} # envelope {shape:.3f}, '
              f'spectrum {spectrum:.3f}')


main()
