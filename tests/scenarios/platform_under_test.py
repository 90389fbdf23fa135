# SPDX-License-Identifier: Apache-2.0
"""A real mcpd with the demo's web server, for scenarios: started in a temporary folder on free
ports, followed through its event stream, ended by SIGTERM."""
import ctypes
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import threading
import time

SOURCE = pathlib.Path(__file__).resolve().parents[2]
LEAKS = SOURCE / "tests/deps/lsan.supp"


PR_SET_PDEATHSIG = 1


def end_with_parent(by=signal.SIGKILL):
    """For a child: a test that is killed leaves no server behind."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, by)


def free_port(kind=socket.SOCK_DGRAM):
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def free_sip_port(host="127.0.0.1"):
    """One that is free for UDP and TCP at once: a connection of others may have it for TCP."""
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as stream:
            stream.bind((host, 0))
            port = stream.getsockname()[1]
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagram:
                try:
                    datagram.bind((host, port))
                    return port
                except OSError:
                    pass


def wait_until(condition, seconds, what):
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not within {seconds} s")
        time.sleep(0.02)


class Events:
    """What `mcpctl events` prints, kept in order."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True,
                                        preexec_fn=end_with_parent)
        self.seen = []
        self.lock = threading.Lock()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            try:
                event = json.loads(line)
            except ValueError:
                continue
            with self.lock:
                self.seen.append(event)

    def since(self, start):
        with self.lock:
            return self.seen[start:]


class Platform:
    """An mcpd with its configuration in `folder`. `settings` are lines of a drop-in, which may
    override; `web` is the port of the caller's own web server in place of the demo's; `host` is
    where it listens."""

    def __init__(self, build, folder, settings="", web=None, host="127.0.0.1"):
        self.build = pathlib.Path(build)
        self.folder = pathlib.Path(folder)
        self.host = host
        self.sip = free_sip_port(host)
        self.web_port = web or free_port(socket.SOCK_STREAM)
        self.socket = self.folder / "control.sock"
        self.records = self.folder / "records.jsonl"
        self.recordings = self.folder / "recordings"
        self.log = open(self.folder / "mcpd.log", "wb")
        self.web = None
        self.demo = web is None
        self.extra_environment = {}
        self.prefix = []  # of the command, as nsenter is
        self.events = None
        self.write_config(settings)

    def write_config(self, settings):
        plugins = self.build / "plugins"
        text = f"""
[core]
plugin_path = {plugins}
log_format = human
# A sanitized build among other tests: what a busy machine does to new calls is a test of its own.
max_cpu_percent = 0
max_loop_delay = 0s
[records]
file = {self.records}
[recording]
directory = {self.recordings}
[http]
allow_addresses = 127.0.0.0/8, ::1
[web.listener "control"]
socket = {self.socket}
[sip.transport "udp"]
transport = udp
address = {self.host}:{self.sip}
[sip.transport "tcp"]
transport = tcp
address = {self.host}:{self.sip}
[sip.transport "udp6"]
transport = udp
address = [::1]:{self.sip}
[sip.peer "loopback"]
addresses = 127.0.0.1, ::1
services = dialog, demo
page_urls = http://127.0.0.1:{self.web_port}/*
[service "dialog"]
user = dialog
dialog = vxml
[service "demo"]
user = demo
dialog = vxml
page = http://127.0.0.1:{self.web_port}/menu.vxml
"""
        (self.folder / "mcp.conf").write_text(text)
        (self.folder / "conf.d").mkdir(exist_ok=True)
        (self.folder / "conf.d/test.conf").write_text(settings)

    def environment(self):
        """With a sanitizer told of a block that GLib abandons (LEAKS): it is known by where it was
        allocated, which the quick unwinder does not see."""
        result = dict(os.environ, G_DEBUG="fatal-criticals", **self.extra_environment)
        result["ASAN_OPTIONS"] = ":".join(filter(None, (
            result.get("ASAN_OPTIONS"), "fast_unwind_on_malloc=0", "malloc_context_size=8")))
        result["LSAN_OPTIONS"] = f"suppressions={LEAKS}:print_suppressions=0"
        return result

    def start(self):
        if self.demo:
            self.web = subprocess.Popen([sys.executable, str(SOURCE / "config/demo/server.py"),
                                         "--port", str(self.web_port)],
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                        text=True, preexec_fn=end_with_parent)
            self.web.stdout.readline()
            threading.Thread(target=self.web.stdout.read, daemon=True).start()
        self.start_server()
        self.events = Events(self.ctl_command("-o", "json", "events"))
        # The stream is open once the platform has told anything through it.
        wait_until(lambda: self.ctl("reload").returncode == 0 and self.events.seen, 20,
                   "the event stream")
        return self

    def start_server(self):
        """mcpd alone; also after it was killed."""
        self.mcpd = subprocess.Popen([*self.prefix, str(self.build / "core/mcpd/mcpd"), "--config",
                                      str(self.folder / "mcp.conf")],
                                     stdout=self.log, stderr=self.log, env=self.environment(),
                                     preexec_fn=end_with_parent)
        wait_until(lambda: self.mcpd.poll() is not None or self.is_up(), 20, "mcpd to start")
        if self.mcpd.poll() is not None:
            raise AssertionError(f"mcpd ended with {self.mcpd.returncode}:\n{self.read_log()}")

    def is_up(self):
        """All plugins have started: the one that is asked here may be the first."""
        listed = self.ctl("-o", "json", "plugins")
        plugins = json.loads(listed.stdout)["plugins"] if listed.returncode == 0 else [{}]
        return all(plugin.get("state") in ("started", "failed") for plugin in plugins)

    def status(self):
        result = self.ctl("-o", "json", "status")
        assert result.returncode == 0, f"mcpctl status: {result.stderr}"
        return json.loads(result.stdout)

    def ctl_command(self, *arguments):
        return [str(self.build / "core/ctl/mcpctl"), "--socket", str(self.socket), *arguments]

    def ctl(self, *arguments):
        return subprocess.run(self.ctl_command(*arguments), text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=60)

    def read_log(self):
        return (self.folder / "mcpd.log").read_text(errors="replace")

    def read_records(self):
        if not self.records.exists():
            return []
        whole, _, _ = self.records.read_text().rpartition("\n")  # a line may be under way
        return [json.loads(line) for line in whole.splitlines()]

    def stop(self, deadline=30):
        """Ends everything; the exit status of mcpd has to be 0 (sanitizers report by it)."""
        if self.mcpd.poll() is None:
            self.mcpd.send_signal(signal.SIGTERM)
        try:
            code = self.mcpd.wait(deadline)
        except subprocess.TimeoutExpired:
            self.mcpd.kill()
            code = "no end"
        if self.events:
            self.events.process.terminate()
            self.events.process.wait()
        if self.web:
            self.web.terminate()
            self.web.wait()
        self.log.close()
        if code != 0:
            raise AssertionError(f"mcpd ended with {code}:\n{self.read_log()[-3000:]}")
