#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every format of recordings, read by ffprobe and ffmpeg (WAV by sox too) and compared with what
was said; and what is left of a file that was cut off anywhere.

usage: record_formats.py RECORD-TOOL FOLDER
"""
import json
import os
import struct
import subprocess
import sys
from pathlib import Path

import numpy

MILLISECONDS = 12340
# Of the whole; and what an encoder's frame may add.
TOLERANCE = 0.020 + 0.0005 * MILLISECONDS / 1000
CODECS = {'wav-pcm': 'pcm_s16le', 'wav-mulaw': 'pcm_mulaw', 'wav-alaw': 'pcm_alaw',
          'l16': 'pcm_s16be', 'ogg-opus': 'opus', 'mp3': 'mp3'}
SUFFIXES = {'l16': '.raw', 'ogg-opus': '.ogg', 'mp3': '.mp3'}
# Smallest likeness with what was said, 0 to 1.
LIKENESS = {'wav-pcm': 0.99999, 'l16': 0.99999, 'wav-mulaw': 0.999, 'wav-alaw': 0.999,
            'ogg-opus': 0.9, 'mp3': 0.9}
# Seconds that a file cut off may lack: pages of Ogg, the tracks' lag, a job's interval.
LAG = {'ogg-opus': 2.3, 'mp3': 1.3}


def cases():
    """What is made: format, source, rate; all of it in the full tier."""
    if os.environ.get('MCP_TEST_TIER') == 'full':
        return [(name, source, rate) for name in CODECS
                for source in ('heard', 'sent', 'mixed', 'stereo') for rate in (8000, 16000, 48000)]
    return [('wav-pcm', 'stereo', 16000), ('wav-pcm', 'mixed', 48000), ('wav-mulaw', 'heard', 8000),
            ('wav-alaw', 'stereo', 8000), ('l16', 'sent', 8000), ('l16', 'stereo', 16000),
            ('ogg-opus', 'heard', 8000), ('ogg-opus', 'stereo', 16000),
            ('ogg-opus', 'mixed', 48000),
            ('mp3', 'heard', 8000), ('mp3', 'stereo', 16000), ('mp3', 'mixed', 48000)]


class Failure(Exception):
    """What is wrong with a recording."""


def expect(true, message):
    """Raises Failure unless @true."""
    if not true:
        raise Failure(message)


def raw_options(name, rate, channels):
    """How ffmpeg is told what has no header."""
    return ['-f', 's16be', '-ar', str(rate), '-ac', str(channels)] if name == 'l16' else []


def probe(path, options):
    """What ffprobe says of the one stream."""
    # Its own option for channels is another one than ffmpeg's.
    options = ['-channels' if option == '-ac' else '-sample_rate' if option == '-ar' else option
               for option in options]
    text = subprocess.run(['ffprobe', '-v', 'error', *options, '-show_streams', '-show_format',
                           '-of', 'json', str(path)], check=True, capture_output=True).stdout
    data = json.loads(text)
    expect(len(data['streams']) == 1, f'{len(data["streams"])} streams')
    return data['streams'][0], data['format']


def decode(path, options, rate, channels, strict=False):
    """Samples, one row a channel; @strict: ffmpeg must have nothing to complain of."""
    run = subprocess.run(['ffmpeg', '-v', 'error', *options, '-i', str(path), '-f', 's16le',
                          '-ar', str(rate), '-ac', str(channels), '-'], check=False,
                         capture_output=True)
    expect(run.returncode == 0 and not (strict and run.stderr), f'ffmpeg: {run.stderr.decode()}')
    return numpy.frombuffer(run.stdout, '<i2').reshape(-1, channels).T.astype(float)


def offset_of(piece, said, start):
    """Where @piece of the decoded recording stands in what was said, and how like it is."""
    reach = len(said) // 50
    low = max(start - reach, 0)
    window = said[low:start + len(piece) + reach]
    size = len(window) + len(piece)
    product = numpy.fft.irfft(numpy.fft.rfft(window, size) *
                              numpy.conj(numpy.fft.rfft(piece, size)), size)
    at = int(numpy.argmax(product[:len(window) - len(piece) + 1]))
    other = window[at:at + len(piece)]
    like = product[at] / (numpy.linalg.norm(piece) * numpy.linalg.norm(other) + 1e-9)
    return low + at - start, like


def check_audio(name, decoded, said, rate):
    """Each channel, near its beginning and its end."""
    length = rate
    for channel, (ours, theirs) in enumerate(zip(decoded, said)):
        for start in (rate // 2, len(theirs) - 2 * rate):
            off, like = offset_of(ours[start:start + length], theirs, start)
            expect(abs(off) <= rate * 0.005,
                   f'channel {channel} at {start / rate:.1f} s: {off / rate * 1000:.1f} ms off')
            expect(like >= LIKENESS[name], f'channel {channel}: likeness {like:.4f}')


def check_headers(name, path, rate, channels):
    """What ffprobe does not tell."""
    data = path.read_bytes()
    if name == 'ogg-opus':
        head = data.index(b'OpusHead')
        version, count, skip, original = struct.unpack_from('<BBHI', data, head + 8)
        expect((version, count, original) == (1, channels, rate), 'OpusHead')
        expect(0 < skip < 4000, f'a pre-skip of {skip}')
        tags = data.index(b'OpusTags')
        size = struct.unpack_from('<I', data, tags + 8)[0]
        expect(data[tags + 12:tags + 12 + size].startswith(b'libopus'), 'the vendor string')
        pages = data.split(b'OggS')[1:]
        expect(pages[0][1] == 2 and pages[-1][1] == 4, 'first and last page are not marked')
    if name.startswith('wav'):
        said = subprocess.run(['soxi', '-D', str(path)], check=True, capture_output=True).stdout
        expect(abs(float(said) - MILLISECONDS / 1000) <= TOLERANCE, f'sox: {said.decode()}')


def check_cut(name, path, options, rate, channels):
    """Cut off anywhere it plays up to there; also as it was before it was complete."""
    data = path.read_bytes()
    broken = path.with_suffix('.cut' + path.suffix)
    for share in (0.3, 0.51, 0.77):
        broken.write_bytes(data[:int(len(data) * share) | 1])
        got = decode(broken, options, rate, channels).shape[1] / rate
        wanted = MILLISECONDS / 1000 * share - LAG.get(name, 0.02)
        expect(got >= wanted, f'cut at {share}: {got:.2f} s are left of {wanted:.2f}')
    broken.write_bytes(Path(f'{path}.part').read_bytes())
    got = decode(broken, options, rate, channels).shape[1] / rate
    wanted = MILLISECONDS / 2000 - LAG.get(name, 0.0) - 0.1
    expect(got >= wanted, f'killed in the middle: {got:.2f} s are left of {wanted:.2f}')


def check(tool, folder, name, source, rate):
    """One recording."""
    channels = 2 if source == 'stereo' else 1
    path = folder / f'{name}-{source}-{rate}{SUFFIXES.get(name, ".wav")}'
    run = subprocess.run([tool, name, source, str(rate), str(MILLISECONDS), str(path)],
                         check=False, capture_output=True)
    expect(run.returncode == 0, run.stderr.decode())
    expect(run.stdout.decode().split() == [str(MILLISECONDS * 1000), str(rate), str(channels)],
           f'outcome {run.stdout.decode()}')
    options = raw_options(name, rate, channels)
    stream, container = probe(path, options)
    expect(stream['codec_name'] == CODECS[name], f'codec {stream["codec_name"]}')
    expect(stream['channels'] == channels, f'{stream["channels"]} channels')
    # Opus is always decoded at 48 kHz; its header has the true rate.
    expect(int(stream['sample_rate']) == (48000 if name == 'ogg-opus' else rate),
           f'rate {stream["sample_rate"]}')
    decoded = decode(path, options, rate, channels, strict=True)
    length = decoded.shape[1] / rate
    said = numpy.frombuffer(Path(f'{path}.pcm').read_bytes(), '<i2').reshape(-1, channels).T
    for what, seconds in (('ffprobe', float(container['duration'])), ('ffmpeg', length)):
        # ffprobe counts whole frames of MP3.
        slack = 0.2 if what == 'ffprobe' and name == 'mp3' else 0
        expect(abs(seconds - MILLISECONDS / 1000) <= TOLERANCE + slack, f'{what}: {seconds} s')
    check_audio(name, decoded, said.astype(float), rate)
    check_headers(name, path, rate, channels)
    check_cut(name, path, options, rate, channels)
    return length


def main():
    """TAP."""
    tool, folder = sys.argv[1], Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    wanted = cases()
    failed = 0
    print(f'1..{len(wanted)}')
    for number, (name, source, rate) in enumerate(wanted, 1):
        title = f'{name} {source} {rate}'
        try:
            length = check(tool, folder, name, source, rate)
            print(f'ok {number} {title}: {length:.4f} s')
        except (Failure, subprocess.CalledProcessError, ValueError, IndexError) as error:
            failed += 1
            print(f'not ok {number} {title}: {error}')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
