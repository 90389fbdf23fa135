#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Words as tones, for callers of a platform that has the stand-in recognizer (tones/): what is said
is a line of its file of words, by number. As a program it writes numbers as μ-law to a file:

usage: tones.py FILE NUMBER…
"""
import audioop
import pathlib
import sys

from callee import RATE, tone

# As tones/tone_code.h has them.
LOWEST, STEP, CHECK = 700, 150, 0xA
NUMBERS = 256
TONE, GAP, END = 0.08, 0.04, 0.4  # seconds


def silence(seconds):
    return bytes(2 * int(RATE * seconds))


def spoken(number):
    """μ-law of a number below NUMBERS."""
    high, low = divmod(number, 16)
    parts = (tone(LOWEST + STEP * half, TONE) + silence(GAP)
             for half in (high, low, high ^ low ^ CHECK))
    return audioop.lin2ulaw(b"".join(parts), 2)


def main():
    pause = audioop.lin2ulaw(silence(END), 2)
    audio = b"".join(spoken(int(number)) + pause for number in sys.argv[2:])
    pathlib.Path(sys.argv[1]).write_bytes(audio)


if __name__ == "__main__":
    main()
