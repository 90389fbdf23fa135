#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A worker that does what its text says: a list of steps such as "say 3, crash". How it starts is
in MCP_TEST_START; each start, and each CANCEL, is a line in the file MCP_TEST_NOTES."""
import os
import signal
import struct
import sys

VOICES = b"9.9\n22050\nM\tGerman\tde 5\nF\tEnglish (America)\ten-us 2\ten 3\n"
CHUNK = b"\x01\x02" * 2205  # a tenth of a second


def note(text):
    with open(os.environ["MCP_TEST_NOTES"], "a", encoding="ascii") as notes:
        notes.write(text + "\n")


def send(kind, body=b""):
    sys.stdout.buffer.write(kind + struct.pack(">I", len(body)) + body)
    sys.stdout.buffer.flush()


def receive():
    head = sys.stdin.buffer.read(5)
    if len(head) < 5:
        sys.exit(0)
    return head[:1], sys.stdin.buffer.read(struct.unpack(">I", head[1:])[0])


def wait_cancel():
    kind, _ = receive()
    assert kind == b"C", kind
    note("cancel")


def endless():
    """Until it is told to stop: more would wait in the pipe than anybody reads."""
    os.set_blocking(0, False)
    while sys.stdin.buffer.read(5) is None:
        send(b"A", CHUNK * 10)
    os.set_blocking(0, True)
    note("cancel")


def step(words):
    name, number = words[0], int(words[1]) if len(words) > 1 else 0
    if name == "say":
        for _ in range(number):
            send(b"A", CHUNK)
    elif name == "hang":  # hears nothing
        signal.pause()
    elif name == "wait":
        wait_cancel()
    elif name == "endless":
        endless()
    elif name == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    elif name == "leave":
        sys.exit(3)
    elif name == "error":
        send(b"E", b"no such \xffword")
        return False
    elif name == "noise":
        sys.stdout.buffer.write(b"this is no frame")
        sys.stdout.buffer.flush()
    elif name == "odd":
        send(b"A", b"\0\0\0")
    elif name == "long":
        send(b"A", bytes(70000))
    elif name == "again":
        send(b"R", VOICES)
    elif name == "late":
        send(b"D")
        send(b"A", CHUNK)
    else:
        raise ValueError(name)
    return True


def main():
    start = os.environ.get("MCP_TEST_START", "")
    note("start")
    if start == "exit":
        sys.exit(1)
    if start == "silent":
        signal.pause()
    if start == "error":
        send(b"E", b"there are no data")
    elif start == "nonsense":
        send(b"R", b"no\nvoices\n")
    else:
        send(b"R", VOICES)
    while True:
        kind, body = receive()
        if kind != b"S":
            continue
        text = body.split(b"\n", 1)[1].decode()
        if all(step(part.split()) for part in text.split(",")):
            send(b"D")


main()
