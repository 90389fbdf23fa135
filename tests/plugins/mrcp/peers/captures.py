# SPDX-License-Identifier: Apache-2.0
"""Captures of an independent MRCP client and server, as text: their lines lost the CR, which the
counts of octets bring back."""
import os
import pathlib
import re

HEAD = re.compile(r"^===== t=([\d.]+)s (UDP|TCP) (\S+):(\d+) -> (\S+):(\d+) \((\d+) bytes\)\n",
                  re.M)


def folder():
    """Of the captures; None in a clone without the standards' data."""
    base = os.environ.get("MCP_CONFORMANCE")
    here = pathlib.Path(base) if base else pathlib.Path(__file__).resolve().parents[5] / \
        "shared" / "conformance"
    found = here.parent / "protocols" / "captures"
    return found if found.is_dir() else None


class Segment:
    """What one side sent at once."""

    def __init__(self, match, data):
        self.time = float(match.group(1))
        self.transport = match.group(2)
        self.source = int(match.group(4))
        self.target = int(match.group(6))
        self.length = int(match.group(7))
        self.data = data


def take_message(text, nested=False):
    """(octets of the first message in `text`, the rest); a nested one is MRCP in RTSP."""
    head, _, rest = text.partition("\n\n")
    length = re.search(r"^Content-Length: *(\d+)$", head, re.M | re.I)
    kind = re.search(r"^Content-Type: *(\S+)$", head, re.M | re.I)
    kind = kind.group(1).lower() if kind else ""
    octets = head.replace("\n", "\r\n").encode() + b"\r\n\r\n"
    count = int(length.group(1)) if length else 0
    if kind == "application/sdp":
        body, left = b"", rest
        while len(body) < count:
            line, _, left = left.partition("\n")
            body += line.encode() + b"\r\n"
    elif kind == "application/mrcp" and not nested:
        body, left = take_message(rest, nested=True)
    else:
        body, left = rest.encode()[:count], rest.encode()[count:].decode()
    return octets + body, left


def read(path):
    """The segments of a file, octet by octet as they were on the wire."""
    text = pathlib.Path(path).read_text(encoding="utf-8")
    found = []
    matches = list(HEAD.finditer(text))
    for match, following in zip(matches, [*matches[1:], None]):
        rest = text[match.end():following.start() if following else len(text)]
        data = b""
        while len(data) < int(match.group(7)) and rest.strip():
            octets, rest = take_message(rest.lstrip("\n"))
            data += octets
        segment = Segment(match, data)
        if segment.source != segment.target:  # a probe of the tool that recorded
            found.append(segment)
    return found
