#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Our elements in gst-launch: a μ-law file through mcpframesrc and mcpframesink.

usage: gst_launch.py FOLDER-OF-THE-PLUGIN
"""
import os
import subprocess
import sys
import tempfile


def main():
    folder = sys.argv[1]
    with tempfile.TemporaryDirectory() as work:
        source = os.path.join(work, "in.ul")
        target = os.path.join(work, "out.ul")
        # 0x7f and 0xff are two zeros: only one survives.
        content = bytes(b for b in range(256) if b != 0x7F) * 40
        with open(source, "wb") as file:
            file.write(content)
        environment = dict(os.environ, GST_PLUGIN_PATH=folder, GST_REGISTRY=work + "/registry")
        environment.pop("G_DEBUG", None)
        subprocess.run(
            ["gst-launch-1.0", "-q", "mcpframesrc", "location=" + source,
             "caps=audio/x-mulaw,rate=8000,channels=1", "!", "mulawdec", "!",
             "mulawenc", "!", "mcpframesink", "location=" + target],
            env=environment, check=True, timeout=60)
        with open(target, "rb") as file:
            got = file.read()
    print("1..1")
    print("ok 1 round trip" if got == content else "not ok 1 round trip: %d bytes" % len(got))


main()
