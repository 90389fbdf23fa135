# SPDX-License-Identifier: Apache-2.0
"""Kamailio in front of several platforms, with the configuration that operators start from
(packaging/kamailio), on an address of its own."""
import pathlib
import re
import signal
import subprocess
import time

import platform_under_test as platforms

CONFIG = platforms.SOURCE / "packaging/kamailio/kamailio.cfg"


UP, DOWN = "AP", "IP"  # active or inactive, and probed


class Kamailio:
    """`interval` and `timeout` are the seconds between two probes and until one has failed;
    `callers` is the network that may call through it."""

    def __init__(self, folder, host, callers, interval, timeout):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir()
        self.host = host
        self.port = platforms.free_sip_port(host)
        self.list = self.folder / "dispatcher.list"
        self.control = f"unix:{self.folder}/control"
        where = f"{host}:{self.port}"
        self.defines = {
            "LISTEN_UDP": f"udp:{where}", "LISTEN_TCP": f"tcp:{where}", "TCP_SOURCE": host,
            "CALLERS": callers,
            "DESTINATIONS": f'"{self.list}"', "CONTROL": f'"{self.control}"',
            "PROBE_INTERVAL": interval, "ANSWER_TIMEOUT": int(timeout * 1000)}
        self.process = None

    def start(self, destinations):
        """`destinations` are the URIs of the platforms."""
        self.list.write_text("".join(f"1 {uri}\n" for uri in destinations))
        defines = [word for name, value in self.defines.items()
                   for word in ("-A", f"{name}={value}")]
        with open(self.folder / "log", "wb") as log:
            self.process = subprocess.Popen(
                ["kamailio", "-DD", "-E", "-f", str(CONFIG), "-Y", str(self.folder),
                 "-w", str(self.folder), *defines], stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, preexec_fn=lambda: platforms.end_with_parent(signal.SIGTERM))
        platforms.wait_until(lambda: self.process.poll() is not None or self.states(), 20,
                             "Kamailio to start")
        assert self.process.poll() is None, f"Kamailio ended:\n{self.log()}"

    def log(self):
        return (self.folder / "log").read_text(errors="replace")

    def states(self):
        """The state of each destination, as `kamcmd dispatcher.list` tells it."""
        result = subprocess.run(["kamcmd", "-s", self.control, "dispatcher.list"], text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        return dict(re.findall(r"URI: (\S+)\s+FLAGS: (\w+)", result.stdout))

    def wait_for(self, state, uri, seconds):
        """When the destination was in that state, some milliseconds late."""
        platforms.wait_until(lambda: self.states().get(uri) == state, seconds,
                             f"Kamailio to hold {uri} for {state}")
        return time.monotonic()

    def end(self):
        """Its children end with it."""
        self.process.terminate()
        try:
            code = self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = "no end"
        assert code == 0, f"Kamailio ended with {code}:\n{self.log()[-3000:]}"
