# SPDX-License-Identifier: Apache-2.0
"""A platform with all switched on that serves its operation, and the peers of these plugins: each
can be absent, there, silent, or one that talks nonsense. Debian's own programs, but for Consul, a
collector of traces and a capture server. At their usual ports within checks.enter_namespace(), else
at free ones."""
import contextlib
import http.client
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "plugins" / name)
                for name in ("snmp", "consul", "config-server", "tracing")]

import agent as consul_agent  # noqa: E402
import checks  # noqa: E402
import collector as trace_collector  # noqa: E402
import hep  # noqa: E402
import nginx  # noqa: E402
import peers as snmp_peers  # noqa: E402
import platform_under_test as platforms  # noqa: E402
from broker import Broker  # noqa: E402
from web import Handler, Pages, tone, vxml  # noqa: E402

DEADLINE = 60
PLUGINS = ("health", "snmp", "activemq", "consul", "config-server", "prometheus", "log-exporter",
           "tracing", "hep")
HEALTH, METRICS, LOG_METRICS = 8300, 9464, 8200  # as they are listened at by themselves
QUEUES = ("/queue/mcp.cdr", "/topic/mcp.events")
GARBAGE = b"\x00\xff\x16\x03 this is no protocol \r\n\r\n\x1b[2J" + bytes(range(256)) * 20
# What each peer finds in its plugin's settings; what is not said here is as it comes.
SETTINGS = """
[core]
plugins += {plugins}
log_level = {level}
log_format = {log_format}
trace_directory = {folder}/traces
[spool]
directory = {folder}/spool
[activemq]
brokers = tcp://127.0.0.1:{activemq_port}
user = mcp
password = {broker}
response_timeout = 5s
inactivity = 3s
[consul]
url = http://127.0.0.1:{consul_port}
id = mcp-one
ttl = 3s
token = {consul}
[config-server]
url = http://127.0.0.1:{config_server_port}/prefix
username = node
password = {config}
directory = {folder}/copies
interval = 1s
start_timeout = 1s
[config-server.certificates "tenant"]
path = tenants/recording.pem
[tracing]
endpoint = http://127.0.0.1:{tracing_port}/v1/traces
delay = 0s
authorization = {collector}
[hep]
servers = 127.0.0.1:{hep_port}
transport = tcp
auth_key = {capture}
[snmp]
master = tcp:localhost:{snmp_port}
trap_interval = 1s
"""
# So that a test need not wait: no times that an operator sets.
HURRIES = {"response_timeout = 5s", "inactivity = 3s", "ttl = 3s", "interval = 1s",
           "start_timeout = 1s", "delay = 0s", "trap_interval = 1s"}
SECRETS = {"broker": "s3cret-of-the-broker", "consul": "s3cret-of-the-agent",
           "config": "s3cret-of-the-config", "collector": "Bearer s3cret-of-the-collector",
           "capture": "s3cret-of-the-capture"}
SHORT = vxml('<form><block><prompt><audio src="short.wav"/></prompt></block></form>')


class Bad:
    """Takes connections at a port; says `answer` to each and ends it, or nothing, for None."""

    def __init__(self, port, answer):
        self.listener = socket.create_server(("127.0.0.1", port), backlog=128)
        self.answer = answer
        self.taken = 0
        self.clients = []
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            self.taken += 1
            self.clients.append(client)
            if self.answer is not None:
                with contextlib.suppress(OSError):
                    client.sendall(self.answer)
                    client.shutdown(socket.SHUT_WR)

    def end(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for client in self.clients:
            client.close()


class Peer:
    """Whoever is at a port at present. `needs` are the names that /ready has for it;
    `answers_nothing`: that it says nothing is as it should be."""

    name = None
    port = None
    needs = ()
    answers_nothing = False

    def __init__(self, folder, port=None):
        self.port = port or self.port
        self.folder = folder / self.name
        self.folder.mkdir(mode=0o755)
        self.bad = None
        self.make()

    def make(self):
        """What it needs, before anything runs."""

    def come(self):
        raise NotImplementedError

    def leave(self):
        raise NotImplementedError

    def start(self):
        """The real one, once it takes connections."""
        self.end_bad()
        self.come()

    def misbehave(self, answer):
        """One in its place that says `answer`, or nothing."""
        self.end()
        self.bad = Bad(self.port, answer)

    def end_bad(self):
        if self.bad:
            self.bad.end()
        self.bad = None

    def end(self):
        self.end_bad()
        self.leave()


class Master(Peer):
    name, port, needs = "snmp", 1705, ("snmp",)

    def make(self):
        self.peers = snmp_peers.Peers(self.folder, self.port)

    def come(self):
        self.peers.start_master()
        platforms.wait_until(self.listens, DEADLINE, "snmpd")

    def listens(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def leave(self):
        if self.peers.master:
            self.peers.stop_master()


class Brokers(Peer):
    name, port, needs = "activemq", 61616, ("activemq",)

    def make(self):
        self.broker = Broker(self.folder, ("mcp", SECRETS["broker"]), port=self.port)
        self.consumer = None

    def come(self):
        self.broker.start()

    def leave(self):
        if self.consumer:
            self.consumer.close()
        self.consumer = None
        self.broker.kill()


class Consul(Peer):
    name, port, needs = "consul", 8500, ("consul",)
    agent = None

    def come(self):
        self.agent = consul_agent.Agent(self.port, SECRETS["consul"])

    def leave(self):
        if self.agent:
            self.agent.end()
        self.agent = None


class ConfigServer(Peer):
    name, port, needs = "config-server", 8888, ("config-server", "certificates:tenant")

    def make(self):
        self.nginx = nginx.Nginx(self.folder, self.port, "node", SECRETS["config"])
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "300",
                        "-subj", "/CN=tenant", "-keyout", str(self.folder / "key.pem"), "-out",
                        str(self.folder / "tenant.pem")], check=True, capture_output=True)
        self.nginx.write("mcp/default/tenants/recording.pem",
                         (self.folder / "tenant.pem").read_bytes())
        self.nginx.settings({"mcp.core.finished_calls": 77})

    def come(self):
        self.nginx.start()

    def leave(self):
        self.nginx.stop()


class Collector(Peer):
    name, port, needs = "tracing", 4318, ("tracing",)
    collector = None

    def come(self):
        self.collector = trace_collector.Collector(self.port)

    def leave(self):
        if self.collector:
            self.collector.close()
        self.collector = None


class Capture(Peer):
    """By TCP, so that /ready tells of it."""

    name, port, needs, answers_nothing = "hep", 9060, ("hep",), True
    server = None

    def come(self):
        self.server = hep.Server("tcp", self.port)

    def leave(self):
        if self.server:
            self.server.close()
        self.server = None


class Keeping(Handler):
    def do_GET(self):
        self.server.asked.append((self.path, dict(self.headers)))
        super().do_GET()


class Web(Pages):
    """Pages that keep what was asked for: (path with query, fields)."""

    def __init__(self):
        self.asked = []
        super().__init__(handler=Keeping)


class Operation:
    """All peers, none of them there at first, and what the platform says of them."""

    kinds = (Master, Consul, ConfigServer, Collector, Capture, Brokers)  # the slowest one last

    def __init__(self, folder, usual=True):
        self.folder = folder
        self.peers = {kind.name: kind(folder, None if usual else platforms.free_port(
            socket.SOCK_STREAM)) for kind in self.kinds}
        self.needs = {need for peer in self.peers.values() for need in peer.needs}
        self.web = Web()
        self.web.add("/short.vxml", SHORT)
        self.web.add("/short.wav", tone(1), "audio/x-wav")
        (folder / "traces").mkdir()
        self.platform = None

    def settings(self, more="", level="info", log_format="human", plugins=PLUGINS,
                 hurried=True):
        ports = {f"{name.replace('-', '_')}_port": peer.port for name, peer in self.peers.items()}
        lines = [line for line in SETTINGS.splitlines(True)
                 if hurried or line.strip() not in HURRIES]
        return "".join(lines).format(folder=self.folder, level=level, log_format=log_format,
                                     plugins=", ".join(plugins), **ports, **SECRETS) + more

    def call(self, url=None, **options):
        """A call to a page that plays and hangs up; its record."""
        record, _ = checks.run_page(self.platform, url or self.web.url("/short.vxml"), DEADLINE,
                                    **options)
        return record

    @property
    def asked(self):
        return self.web.asked

    @staticmethod
    def metrics(accept="text/plain", port=METRICS):
        request = urllib.request.Request(f"http://127.0.0.1:{port}/metrics",
                                         headers={"Accept": accept})
        with urllib.request.urlopen(request, timeout=DEADLINE) as page:
            return page.read().decode()

    def ready(self):
        """Status of /ready, and why each of what is missing is."""
        connection = http.client.HTTPConnection("127.0.0.1", HEALTH, timeout=DEADLINE)
        try:
            connection.request("GET", "/ready")
            answer = connection.getresponse()
            body = json.loads(answer.read())
        finally:
            connection.close()
        return answer.status, body["status"], {row["name"]: row["text"] for row in body["degraded"]}

    def wait_missing(self, needs):
        """Until /ready misses just these, and says why; it is 200 all the time."""
        def missing():
            status, state, found = self.ready()
            assert status == 200, f"/ready is {status}"
            return set(found) == set(needs) and state == ("degraded" if needs else "up") and [found]
        try:
            found = platforms.wait_until(missing, DEADLINE, f"/ready to miss {sorted(needs)}")[0]
        except AssertionError as error:
            raise AssertionError(f"{error}: {self.ready()}") from error
        assert all(text.strip() for text in found.values()), found
        return found

    def start_all(self):
        """One after the other; the seconds from each one's start until /ready does not miss it. Who
        starts a server has to stay: it would end with its thread."""
        began, seconds, faults = {}, {}, []
        watcher = threading.Thread(target=self.watch, args=(began, seconds, faults))
        watcher.start()
        for peer in self.peers.values():
            peer.start()
            began[peer.name] = time.monotonic()
        watcher.join()
        if faults:
            raise AssertionError(f"{faults[0]}: {self.ready()}")
        return seconds

    def watch(self, began, seconds, faults):
        def look():
            _, _, missing = self.ready()
            now = time.monotonic()
            for name, begin in list(began.items()):
                if not set(self.peers[name].needs) & set(missing):
                    seconds.setdefault(name, max(0.0, now - begin))
            return len(seconds) == len(self.peers)
        try:
            platforms.wait_until(look, 2 * DEADLINE, "all peers to be up in /ready")
        except (AssertionError, OSError) as error:
            faults.append(error)

    def for_all(self, act):
        for peer in self.peers.values():
            act(peer)

    def end(self):
        self.for_all(Peer.end)
        self.web.end()


def figures(seconds):
    return ", ".join(f"{name} {value:.1f} s" for name, value in sorted(seconds.items()))


@contextlib.contextmanager
def operation(run):
    """In a folder that the servers may read, whoever they are."""
    with tempfile.TemporaryDirectory(prefix="mcp-operation-") as folder:
        os.chmod(folder, 0o755)
        around = Operation(pathlib.Path(folder))
        try:
            yield around
        finally:
            around.end()


@contextlib.contextmanager
def running(run, around, settings, events=False):
    """checks.running(), with what the sanitizer needs for the library of TLS, which is loaded
    late: where it guesses thread-local variables there is no memory."""
    options = ":".join(filter(None, (os.environ.get("ASAN_OPTIONS"), "intercept_tls_get_addr=0")))
    with checks.running(run, settings, around.web.port, events,
                        environment={"ASAN_OPTIONS": options}) as platform:
        around.platform = platform
        yield platform
