#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Speech over bad networks: our ear and playout buffer beside GStreamer's rtpjitterbuffer.

usage: playout_quality.py PLAYOUT-TOOL FOLDER [--seed N]

The same packets go at the same times, in real time over UDP on loopback, to our chain and to
rtpjitterbuffer ! depayloader ! decoder with concealment (latency 200, the default, and 60). Loss,
jitter, reordering and duplication are applied by the sender from a fixed seed: the kernels that the
tests run on need not have netem. As root it runs in a network namespace of its own. Measured
against the sound of all packets: the segmental SNR of 20 ms, each segment aligned by itself, the
distance of log-mel spectra, and the delay behind the time at which a packet would have been sent.
All profiles run at once, so a busy machine is busy for all chains. Full tier: more profiles, longer
speech.
"""
import functools
import os
import random
import socket
import struct
import subprocess
import sys
import time

import numpy

import voice_sounds

# loss, jitter (ms, standard deviation around twice of it), reordered, duplicated (shares)
PROFILES = {
    "clean": (0, 0, 0, 0),
    "loss 1 %": (0.01, 0, 0, 0),
    "loss 5 %": (0.05, 0, 0, 0),
    "loss 15 %": (0.15, 0, 0, 0),
    "jitter 30 ms": (0, 30, 0, 0),
    "reorder 5 %": (0, 0, 0.05, 0),
    "duplicates 5 %": (0, 0, 0, 0.05),
    "loss 5 %, jitter 30 ms": (0.05, 30, 0, 0),
}
QUICK = ["loss 5 %", "jitter 30 ms", "reorder 5 %", "loss 5 %, jitter 30 ms"]
CODECS = {"PCMU": (8000, 8000, 0), "opus": (16000, 48000, 111)}
CHAINS = ["ours", "gst200", "gst60"]
VOICES = ["slt", "rms", "kal", "en-us+f5"]
PACKET = 0.02
REORDER = 0.03
LATENCY = 0.2
FIRST_PORT = 23000
# Not below: so much is chance of the moment at which a packet was too late.
SNR_TOLERANCE = 0.5
DISTANCE_TOLERANCE = 0.3
# A step by which delays change, and what the clocks of this machine are off.
DELAY_TOLERANCE = 0.04
FLOOR_DB = -60


def speech(folder, rate, seconds):
    """Path of so much speech as samples at this rate."""
    paths = voice_sounds.speak_all(folder, VOICES, voice_sounds.JUDGE_PROMPTS)
    path = os.path.join(folder, f"speech-{rate}-{seconds}.raw")
    pieces = []
    for piece in paths[::3]:
        pieces.append(subprocess.run(
            ["sox", piece, "-t", "raw", "-e", "signed", "-b", "16", "-c", "1", "-r", str(rate),
             "-", "norm", "-3"], check=True, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL).stdout)
        if sum(map(len, pieces)) > 2 * rate * seconds:
            break
    with open(path, "wb") as file:
        file.write(b"".join(pieces)[:2 * rate * seconds])
    return path


def read_packets(path):
    with open(path, "rb") as file:
        data = file.read()
    packets, at = [], 0
    while at < len(data):
        length = struct.unpack_from(">H", data, at)[0]
        packets.append(data[at + 2:at + 2 + length])
        at += 2 + length
    return packets


def schedule(packets, clock, payload_type, profile, seed):
    """(time, datagram) as the network delivers them."""
    loss, jitter, reorder, duplicate = profile
    chance = random.Random(seed)
    sent = []
    for number, payload in enumerate(packets):
        header = struct.pack(">BBHII", 0x80, payload_type | (0x80 if number == 0 else 0),
                             1000 + number, int(number * PACKET * clock), 0x5eed)
        delay = max(0, chance.gauss(2 * jitter, jitter)) / 1000 if jitter else 0
        delay += REORDER if chance.random() < reorder else 0
        lost, twice = chance.random() < loss and number > 0, chance.random() < duplicate
        for _ in range(0 if lost else 2 if twice else 1):
            sent.append((number * PACKET + delay, header + payload))
    return sent


@functools.cache
def has_element(name):
    """GStreamer's concealment of PCMU is in its set of "bad" plugins, which need not be there."""
    return subprocess.run(["gst-inspect-1.0", "--exists", name], check=False).returncode == 0


def gst_branch(codec, port, latency, target):
    caps = (f"application/x-rtp,media=audio,encoding-name={codec.upper()},"
            f"clock-rate={CODECS[codec][1]},payload={CODECS[codec][2]}")
    decoder = {"PCMU": "rtppcmudepay ! mulawdec" + (" ! spanplc" if has_element("spanplc") else ""),
               "opus": "rtpopusdepay ! opusdec plc=true use-inband-fec=true"}[codec]
    return (f"udpsrc address=127.0.0.1 port={port} buffer-size=1000000 caps={caps} ! "
            f"rtpjitterbuffer latency={latency} do-lost=true ! {decoder} ! audiorate ! "
            f"audio/x-raw,rate={CODECS[codec][0]},channels=1 ! "
            f"udpsink host=127.0.0.1 port={target} sync=true").split()


def wait_for_ports(ports, deadline=20):
    end = time.monotonic() + deadline
    wanted = {f"{port:04X}" for port in ports}
    while time.monotonic() < end:
        with open("/proc/net/udp", encoding="ascii") as file:
            bound = {line.split()[1].split(":")[1] for line in list(file)[1:]}
        if wanted <= bound:
            return
        time.sleep(0.05)
    raise RuntimeError("gst-launch does not listen")


def send(plans):
    """plans: [(time, datagram, ports)], in real time. Returns the time all are counted from."""
    plans.sort(key=lambda plan: plan[0])
    out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    start = time.monotonic() + 0.3
    late = 0
    for at, datagram, ports in plans:
        wait = start + at - time.monotonic()
        if wait > 0:
            time.sleep(wait)
        late = max(late, time.monotonic() - start - at)
        for port in ports:
            out.sendto(datagram, ("127.0.0.1", port))
    print(f"# sent {1000 * late:.0f} ms too late at most")
    return start


def run(tool, folder, seconds, seed, profiles):
    """Sends everything; {(codec, profile, chain): (samples, time of the first, figures)}, refs."""
    plans, receivers, references, keys = [], [], {}, {}
    branches, gst_keys, listening = [], [], []
    port = FIRST_PORT
    for codec, (rate, clock, payload_type) in CODECS.items():
        packed = os.path.join(folder, f"{codec}.packets")
        clean = os.path.join(folder, f"{codec}.raw")
        subprocess.run([tool, "pack", codec, speech(folder, rate, seconds), packed], check=True)
        subprocess.run([tool, "unpack", codec, packed, clean], check=True)
        references[codec] = numpy.fromfile(clean, dtype="<i2").astype(float)
        packets = read_packets(packed)
        for number, (name, profile) in enumerate(profiles.items()):
            out = {chain: os.path.join(folder, f"{codec}-{number}-{chain}.raw")
                   for chain in CHAINS}
            keys.update({out[chain]: (codec, name, chain) for chain in CHAINS})
            receivers.append(f"{codec}:{port}:{out['ours']}")
            ports = [port]
            for step, latency in ((2, 200), (6, 60)):
                ports.append(port + step)
                gst_keys.append((codec, name, f"gst{latency}"))
                branches.append(gst_branch(codec, port + step, latency, port + step + 2))
                receivers.append(f"raw{rate}:{port + step + 2}:{out[f'gst{latency}']}")
            listening += ports[1:]
            plans += [(at, datagram, ports) for at, datagram in
                      schedule(packets, clock, payload_type, profile, seed + number)]
            port += 10
    environment = {k: v for k, v in os.environ.items() if k != "G_DEBUG"}
    # One process each: several such branches in one crash it (1.22).
    programs = [subprocess.Popen(["gst-launch-1.0", "-q", "--no-fault"] + branch, env=environment)
                for branch in branches]
    crashed = set()
    try:
        wait_for_ports(listening)
        receiver = subprocess.Popen([tool, "receive", str(seconds + 2)] + receivers, text=True,
                                    stdout=subprocess.PIPE)
        programs.append(receiver)
        receiver.stdout.readline()
        start = send(plans)
        lines = receiver.communicate(timeout=seconds + 30)[0].splitlines()
        crashed = {chain for chain, program in zip(gst_keys, programs)
                   if program.poll() is not None}
    finally:
        for program in programs:
            program.terminate()
            program.wait()
    results = {}
    for line in lines:
        path, first, figures = line.split(" ", 2)
        # spanplc of 1.22 sometimes does not survive a late packet: nothing to compare with.
        if keys[path] in crashed:
            continue
        results[keys[path]] = (numpy.fromfile(path, dtype="<i2").astype(float),
                               int(first) / 1e6 - start, figures)
    return results, references


def block_lags(reference, got, rate, offset):
    """For each 0.2 s of the reference with sound: (first sample, lag in samples of time)."""
    size, lags = rate // 5, []
    low, high = -rate // 50, int(rate * 0.4)
    for first in range(0, len(reference) - size, size):
        piece = reference[first:first + size]
        if numpy.sqrt(numpy.mean(piece ** 2)) < 300:
            continue
        begin = first + low - offset
        window = numpy.zeros(size + high - low)
        a, b = max(begin, 0), min(begin + len(window), len(got))
        if b > a:
            window[a - begin:b - begin] = got[a:b]
        spectrum = numpy.fft.rfft(window, 2 * len(window))
        product = numpy.fft.irfft(spectrum * numpy.conj(numpy.fft.rfft(piece, 2 * len(window))))
        product = product[:high - low]
        energy = numpy.concatenate(([0], numpy.cumsum(window ** 2)))
        energy = energy[size:size + high - low] - energy[:high - low]
        lags.append((first, low + int(numpy.argmax(product / numpy.sqrt(energy + 1e4 * size)))))
    return lags


def mel_matrix(rate, size, bands=24):
    top = 2595 * numpy.log10(1 + 3800 / 700)
    edges = 700 * (10 ** (numpy.linspace(60, top, bands + 2) / 2595) - 1)
    bins = numpy.arange(size // 2 + 1) * rate / size
    rows = [numpy.clip(numpy.minimum((bins - a) / (b - a), (c - bins) / (c - b)), 0, None)
            for a, b, c in zip(edges, edges[1:], edges[2:])]
    return numpy.array(rows)


def measure(reference, got, rate, start):
    """SNR (dB), distance (dB), delays (s) of all blocks."""
    offset = int(round(start * rate))
    lags = block_lags(reference, got, rate, offset)
    size, reach = rate // 50, rate // 80
    mel = mel_matrix(rate, 2 * size)
    window = numpy.hanning(2 * size)
    padded = numpy.concatenate((numpy.zeros(rate), got, numpy.zeros(rate)))
    snrs, distances = [], []
    floor = (32768 * 10 ** (FLOOR_DB / 20)) ** 2 * size / 20
    for index, (first, _) in enumerate(lags):
        near = {lag for at, lag in lags[max(index - 1, 0):index + 2] if abs(at - first) <= rate / 4}
        for at in range(first, first + rate // 5, size):
            piece = reference[at:at + size]
            energy = numpy.sum(piece ** 2)
            if energy < size * 150 ** 2:
                continue
            best = (numpy.inf, 0)
            for lag in near:
                begin = at + lag - offset + rate - reach
                if begin < 0 or begin + 2 * reach + size > len(padded):
                    continue
                field = numpy.lib.stride_tricks.sliding_window_view(
                    padded[begin:begin + 2 * reach + size], size)
                errors = numpy.sum((field - piece) ** 2, axis=1)
                best = min(best, (float(errors.min()), begin + int(errors.argmin())))
            snrs.append(min(max(10 * numpy.log10((energy + 1) / (best[0] + 1)), -10), 35))
            whole = reference[at - size // 2:at + size // 2 + size]
            other = padded[best[1] - size // 2:best[1] + size // 2 + size]
            if len(whole) == len(other) == 2 * size:
                levels = [10 * numpy.log10(mel @ numpy.abs(numpy.fft.rfft(x * window)) ** 2 + floor)
                          for x in (whole, other)]
                distances.append(numpy.sqrt(numpy.mean((levels[0] - levels[1]) ** 2)))
    # A sample's time is that at which its packet's first one is sent: a packet time is not in it.
    return numpy.mean(snrs), numpy.mean(distances), [lag / rate for _, lag in lags]


def judge(measured):
    """Complaints about ours beside the others."""
    if len(measured) < 2:
        return ["no chain of GStreamer is left to compare with"]
    snr, distance, delays = measured["ours"]
    complaints = []
    for chain in measured:
        if snr < measured[chain][0] - SNR_TOLERANCE:
            complaints.append(f"SNR below {chain}")
        if distance > measured[chain][1] + DISTANCE_TOLERANCE:
            complaints.append(f"distance above {chain}")
    if numpy.median(delays) > LATENCY:
        complaints.append("delay above 200 ms")
    if numpy.percentile(delays, 99) > LATENCY + DELAY_TOLERANCE:
        complaints.append("delay not bounded")
    return complaints


def text_of(chain, measured):
    snr, distance, delays = measured
    return (f"{chain} {snr:5.1f} / {distance:4.1f} / {1000 * numpy.median(delays):3.0f}, "
            f"{1000 * numpy.percentile(delays, 99):3.0f}")


def enter_network():
    """A network of our own, so that the ports are free."""
    if "--inside" in sys.argv:
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    elif os.geteuid() == 0:
        os.execvp("unshare", ["unshare", "-n", sys.executable] + sys.argv + ["--inside"])


def main():
    enter_network()
    tool, folder = sys.argv[1:3]
    seed = int(sys.argv[sys.argv.index("--seed") + 1]) if "--seed" in sys.argv else 7
    full = os.environ.get("MCP_TEST_TIER") == "full"
    profiles = {name: PROFILES[name] for name in PROFILES if full or name in QUICK}
    os.makedirs(folder, exist_ok=True)
    results, references = run(tool, folder, 60 if full else 12, seed, profiles)
    print(f"1..{len(references) * len(profiles)}")
    print("# SNR (dB) / log-mel distance (dB) / delay median, 99th percentile (ms)")
    for number, key in enumerate([(c, p) for c in CODECS for p in profiles], 1):
        measured = {}
        for chain in CHAINS:
            if key + (chain,) in results:
                got, start, _ = results[key + (chain,)]
                measured[chain] = measure(references[key[0]], got, CODECS[key[0]][0], start)
        cells = [text_of(chain, measured[chain]) if chain in measured else f"{chain} crashed"
                 for chain in CHAINS]
        print(f"# {key[0]} {key[1]:22s} {'   '.join(cells)}")
        print(f"#   {results[key + ('ours',)][2]}")
        complaints = judge(measured)
        print(f"{'not ok' if complaints else 'ok'} {number} {key[0]} {key[1]}"
              f"{': ' if complaints else ''}{', '.join(complaints)}")


main()
