#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Packet loss concealment on flite's speech against silence and repetition of the last frame.

usage: concealment.py CONCEALMENT-TOOL FOLDER
"""
import os
import subprocess
import sys

import voice_sounds

VOICES = ["kal", "slt", "rms", "awb"]
# Clearly better: decibels of SNR, and a share of the log-spectral distance.
SNR_GAIN = {"random": 2.0, "bursts": 0.25}
DISTANCE_SHARE = {"random": 0.8, "bursts": 0.95}


def main():
    tool, folder = sys.argv[1:3]
    step = 1 if os.environ.get("MCP_TEST_TIER") == "full" else 2
    paths = voice_sounds.speak_all(folder, VOICES, voice_sounds.JUDGE_TEXTS[::step])
    output = subprocess.run([tool] + paths, check=True, text=True, stdout=subprocess.PIPE,
                            timeout=100).stdout
    scores = {}
    for line in output.splitlines():
        print("#", line)
        pattern, share, method, snr, distance, _ = line.split()
        scores.setdefault((pattern, share), {})[method] = (float(snr), float(distance))
    print(f"1..{len(scores)}")
    for number, ((pattern, share), methods) in enumerate(scores.items(), 1):
        snr, distance = methods["conceal"]
        good = all(snr > methods[other][0] + SNR_GAIN[pattern] and
                   distance < methods[other][1] * DISTANCE_SHARE[pattern]
                   for other in ("silence", "repeat"))
        print(f"{'ok' if good else 'not ok'} {number} {pattern} {share} %: SNR {snr:.2f} dB, "
              f"distance {distance:.2f} dB")


main()
