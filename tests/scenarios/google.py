# SPDX-License-Identifier: Apache-2.0
"""Google's side as a process: server.py of a plugin's tests, in a folder of its own; its relay is
away until it is told up."""
import json
import pathlib
import subprocess

import platform_under_test as platforms

PLUGINS = pathlib.Path(__file__).resolve().parents[1] / "plugins"


class Google:
    def __init__(self, plugin, folder):
        self.folder = folder
        self.process = subprocess.Popen([str(PLUGINS / plugin / "server.py"), folder, "--plain"],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        preexec_fn=platforms.end_with_parent)
        self.port = int(self.process.stdout.readline().split()[0])

    def tell(self, command):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def last(self):
        return json.loads(self.tell("ask last"))

    def end(self):
        self.process.kill()
        self.process.wait()


def check_secrets(platform, plugin):
    """The log speaks of the plugin, and of nothing that its service would take for credentials."""
    log = platform.read_log()
    assert plugin in log, "the log says nothing of the plugin"
    for secret in ("Bearer", "token-1", "PRIVATE KEY", "assertion="):
        assert secret not in log, f"the log has '{secret}' in it"
