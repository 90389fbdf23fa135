# SPDX-License-Identifier: Apache-2.0
"""Session descriptions as MRCP uses them (RFC 4566, RFC 3264, RFC 4145, RFC 6787 §4.2 and §4.4)."""
import re

MRCP_PROTOCOLS = ("TCP/MRCPv2", "TCP/TLS/MRCPv2")
STATIC = {0: "PCMU/8000", 8: "PCMA/8000", 9: "G722/8000"}
OPPOSITE = {"sendonly": "recvonly", "recvonly": "sendonly"}
DIRECTIONS = ("sendrecv", "sendonly", "recvonly", "inactive")
SECTION = "RFC 6787 §4.2"


class Media:
    def __init__(self, line):
        words = line.split()
        self.kind, self.protocol, self.formats = words[0], words[2], words[3:]
        self.port = int(words[1].partition("/")[0])
        self.address = None
        self.attributes = []

    def all(self, name):
        return [value for key, value in self.attributes if key == name]

    def get(self, name, default=None):
        return (self.all(name) or [default])[0]

    def direction(self):
        return next((key for key, _ in self.attributes if key in DIRECTIONS), "sendrecv")

    def codecs(self):
        """[(payload type, "NAME/RATE")] in the order of the m= line."""
        maps = dict(value.split(None, 1) for value in self.all("rtpmap"))
        names = [(int(one), maps.get(one, STATIC.get(int(one), ""))) for one in self.formats]
        return [(number, name.upper().removesuffix("/1")) for number, name in names if name]

    def is_control(self):
        return self.kind == "application" and self.protocol in MRCP_PROTOCOLS


class Description:
    """A parsed session description. The address is of the c= line, never of the o= line."""

    def __init__(self, text, faults):
        self.origin, self.address, self.media, self.names = "", None, [], []
        for line in text.splitlines():
            if line:
                self.names.append(line[0])
                self.read(line, faults)
        for name in "vost":
            if name not in self.names:
                faults.add("sdp-line", "RFC 4566 §5", f"no {name}= line")
        if self.names[:1] != ["v"]:
            faults.add("sdp-line", "RFC 4566 §5", "v= is not first")
        for media in self.media:
            media.address = media.address or self.address
            if media.address is None:
                faults.add("sdp-line", "RFC 4566 §5.7", f"no c= line for m={media.kind}")

    def read(self, line, faults):
        name, equals, value = line[:1], line[1:2], line[2:]
        if equals != "=" or (name == "m" and not re.fullmatch(r"\w+ \d+(/\d+)? \S+( \S+)+", value)):
            faults.add("sdp-line", "RFC 4566 §5", line)
        elif name == "m":
            self.media.append(Media(value))
        elif name == "o":
            self.origin = value
            if len(value.split()) != 6:
                faults.add("sdp-line", "RFC 4566 §5.2", line)
        elif name == "c":
            self.read_address(value)
        elif name == "a" and self.media:
            key, _, rest = value.partition(":")
            self.media[-1].attributes.append((key, rest.strip()))

    def read_address(self, value):
        owner = self.media[-1] if self.media else self
        owner.address = value.split()[-1].partition("/")[0]

    def controls(self):
        return [media for media in self.media if media.is_control()]

    def audio(self):
        return [media for media in self.media if media.kind == "audio"]

    def audio_of(self, control):
        """The audio that a control line names by cmid (RFC 6787 §4.4)."""
        wanted = control.all("cmid")
        return next((media for media in self.audio() if media.get("mid") in wanted), None)


def check_control(media, faults, offer, first):
    wanted = "active" if offer else "passive"
    if media.get("setup") != wanted:
        faults.add("sdp-setup", SECTION, f"a=setup:{media.get('setup')}, not {wanted}")
    if media.get("connection") not in ("new", "existing"):
        faults.add("sdp-connection", SECTION, f"a=connection:{media.get('connection')}")
    if offer and first and media.get("connection") != "new":
        faults.add("sdp-connection", SECTION, "the first control line is not a=connection:new")
    if media.formats != ["1"]:
        faults.add("sdp-format", SECTION, f"format {' '.join(media.formats)}, not 1")
    if offer and media.port != 9:
        faults.add("sdp-port", SECTION, f"port {media.port} of a control line, not 9 or 0")
    if offer and not media.get("resource"):
        faults.add("sdp-resource", SECTION, "no a=resource")


def check_offer(description, faults, first=True):
    """`first`: the client has no connection to this server yet."""
    for media in description.controls():
        if media.port == 0:  # given back
            continue
        check_control(media, faults, True, first)
        first = False  # "on the very first control m= line"
        audio = description.audio_of(media)
        if media.all("cmid") and audio is None:
            faults.add("sdp-cmid", "RFC 6787 §4.4", f"no audio for a=cmid:{media.get('cmid')}")
        if audio is None:
            continue
        deaf = {"speechsynth": "sendonly"}.get(media.get("resource"), "recvonly")
        if audio.direction() in (deaf, "inactive"):
            faults.add("sdp-direction", "RFC 6787 §4.4",
                       f"{audio.direction()} audio for {media.get('resource')}")
    if len(description.audio()) > 1 and not all(one.get("mid") for one in description.audio()):
        faults.add("sdp-mid", "RFC 6787 §4.4", "several m=audio, not all with a=mid")


def check_successor(old, latest, new, faults):
    """A later description of the same side in a dialog (RFC 3264 §8). `latest` may have been
    refused, so that `old` stayed."""
    before, after = latest.origin.split(), new.origin.split()
    if len(before) == len(after) == 6:
        if before[:2] != after[:2]:
            faults.add("sdp-origin", "RFC 3264 §8", f"{latest.origin} became {new.origin}")
        elif int(after[2]) - int(before[2]) not in (0, 1):
            faults.add("sdp-version", "RFC 3264 §8", f"{before[2]} was followed by {after[2]}")
    if len(new.media) < len(old.media):
        faults.add("sdp-media", "RFC 3264 §8",
                   f"{len(old.media)} m= lines became {len(new.media)}")


def check_answer(offer, answer, faults):
    if len(offer.media) != len(answer.media):
        faults.add("sdp-media", "RFC 3264 §6",
                   f"{len(answer.media)} m= lines answer {len(offer.media)}")
    for asked, given in zip(offer.media, answer.media):
        if (asked.kind, asked.protocol) != (given.kind, given.protocol):
            faults.add("sdp-media", "RFC 3264 §6", f"{given.kind} answers {asked.kind}")
        elif given.port == 0 or asked.port == 0:
            continue
        elif asked.is_control():
            check_channel(asked, given, faults)
        elif asked.kind == "audio":
            check_audio(asked, given, faults)


def check_channel(asked, given, faults):
    check_control(given, faults, False, False)
    channel = given.get("channel", "")
    if not re.fullmatch(r"[A-Za-z0-9]+@" + re.escape(asked.get("resource", "")), channel):
        faults.add("sdp-channel", SECTION, f"a=channel:{channel} for {asked.get('resource')}")
    if asked.get("connection") == "new" and given.get("connection") != "new":
        faults.add("sdp-connection", SECTION, "new was answered with existing")


def check_audio(asked, given, faults):
    if not set(given.formats) & set(asked.formats):
        faults.add("sdp-codec", "RFC 3264 §6.1", f"{given.formats} answer {asked.formats}")
    allowed = OPPOSITE.get(asked.direction())
    if allowed and given.direction() not in (allowed, "inactive"):
        faults.add("sdp-direction", "RFC 3264 §6.1",
                   f"{given.direction()} answers {asked.direction()}")
