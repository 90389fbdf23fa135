# SPDX-License-Identifier: Apache-2.0
"""A real ActiveMQ with its own folder and ports, a consumer that speaks STOMP to it, and a way to
it that can be slow, closed, or lead nowhere."""
import os
import pathlib
import queue
import signal
import socket
import struct
import subprocess
import threading
import time

import platform_under_test as platforms

HOME = pathlib.Path("/usr/share/activemq")
CONFIG = """<beans xmlns="http://www.springframework.org/schema/beans"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
  xsi:schemaLocation="http://www.springframework.org/schema/beans
    http://www.springframework.org/schema/beans/spring-beans-2.0.xsd
    http://activemq.apache.org/schema/core
    http://activemq.apache.org/schema/core/activemq-core.xsd">
  <broker xmlns="http://activemq.apache.org/schema/core" useJmx="false" brokerName="test"
          dataDirectory="{folder}/data" schedulePeriodForDestinationPurge="0">
    <persistenceAdapter><kahaDB directory="{folder}/kahadb"/></persistenceAdapter>
    {plugins}
    {tls}
    <systemUsage><systemUsage>
      <memoryUsage><memoryUsage limit="64 mb"/></memoryUsage>
      <storeUsage><storeUsage limit="1 gb"/></storeUsage>
      <tempUsage><tempUsage limit="64 mb"/></tempUsage>
    </systemUsage></systemUsage>
    <transportConnectors>
      <transportConnector name="openwire"
                          uri="tcp://127.0.0.1:{port}?wireFormat.maxFrameSize={frame}"/>
      <transportConnector name="stomp" uri="stomp://127.0.0.1:{stomp}"/>
      {connectors}
    </transportConnectors>
  </broker>
</beans>
"""
USERS = """<plugins><simpleAuthenticationPlugin><users>
  <authenticationUser username="{0}" password="{1}" groups="users"/>
</users></simpleAuthenticationPlugin></plugins>"""
TLS = """<sslContext><sslContext keyStore="file:{store}" keyStorePassword="secret"
  keyStoreType="PKCS12"/></sslContext>"""
LOGGING = """status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d %p %m%n
rootLogger.level = warn
rootLogger.appenderRef.console.ref = console
"""


class Broker:
    """One that is started, killed and started again on the same ports. `users` is (name, password);
    `store` a PKCS#12 file for its TLS connector; `frame` the largest message that it takes."""

    def __init__(self, folder, users=None, store=None, frame=100 << 20, port=None):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.users = users
        self.process = None
        self.port = port or platforms.free_port(socket.SOCK_STREAM)
        self.stomp = platforms.free_port(socket.SOCK_STREAM)
        self.ssl = platforms.free_port(socket.SOCK_STREAM) if store else None
        connectors = (f'<transportConnector name="ssl" uri="ssl://127.0.0.1:{self.ssl}"/>'
                      if store else "")
        (self.folder / "conf").mkdir(exist_ok=True)
        (self.folder / "conf/log4j2.properties").write_text(LOGGING)
        (self.folder / "conf/activemq.xml").write_text(CONFIG.format(
            folder=self.folder, port=self.port, stomp=self.stomp, frame=frame,
            connectors=connectors,
            plugins=USERS.format(*users) if users else "",
            tls=TLS.format(store=store) if store else ""))

    def start(self):
        log = open(self.folder / "broker.log", "ab")
        self.process = subprocess.Popen(
            ["java", "-Xms32m", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
             f"-Dactivemq.home={HOME}", f"-Dactivemq.base={self.folder}",
             f"-Dactivemq.conf={self.folder}/conf", f"-Dactivemq.data={self.folder}/data",
             f"-Djava.io.tmpdir={self.folder}",
             f"-Dlog4j2.configurationFile={self.folder}/conf/log4j2.properties",
             "-Dlog4j2.formatMsgNoLookups=true", "-jar", str(HOME / "bin/activemq.jar"), "start",
             f"xbean:file:{self.folder}/conf/activemq.xml"],
            stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, cwd=self.folder,
            env=dict(os.environ, LC_ALL="C.UTF-8"), preexec_fn=platforms.end_with_parent)
        log.close()
        platforms.wait_until(self.answers, 120, "the broker to start")
        return self

    def answers(self):
        if self.process.poll() is not None:
            raise AssertionError(f"the broker ended:\n{self.read_log()[-3000:]}")
        for port in (self.port, self.stomp):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
            except OSError:
                return False
        return True

    def read_log(self):
        return (self.folder / "broker.log").read_text(errors="replace")

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()

    def consume(self, *destinations):
        return Consumer(self, destinations)


class Consumer:
    """Takes what comes to `destinations` ("/queue/x", "/topic/x"): (headers, body) each."""

    def __init__(self, broker, destinations):
        self.socket = socket.create_connection(("127.0.0.1", broker.stomp), 10)
        self.socket.settimeout(None)
        self.messages = []
        self.frames = queue.Queue()
        self.lock = threading.Lock()
        login = f"login:{broker.users[0]}\npasscode:{broker.users[1]}\n" if broker.users else ""
        self.write(f"CONNECT\naccept-version:1.2\nhost:test\nheart-beat:0,0\n{login}\n")
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()
        first = self.frames.get(timeout=20)
        assert first[0] == "CONNECTED", f"the broker says {first}"
        for number, destination in enumerate(destinations):
            self.write(f"SUBSCRIBE\nid:{number}\ndestination:{destination}\nack:auto\n"
                       f"receipt:s{number}\n\n")
            answer = self.frames.get(timeout=20)
            assert answer[0] == "RECEIPT", f"the broker says {answer}"

    def write(self, text):
        self.socket.sendall(text.encode() + b"\0")

    def read(self):
        data = b""
        while True:
            try:
                part = self.socket.recv(65536)
            except OSError:
                return
            if not part:
                return
            data = self.take(data + part)

    def take(self, data):
        """Whole frames of `data`; returns what is left."""
        while True:
            data = data.lstrip(b"\n")
            head, empty, rest = data.partition(b"\n\n")
            if not empty:
                return data
            command, *lines = head.decode().split("\n")
            headers = {}
            for line in lines:
                name, _, value = line.partition(":")
                headers.setdefault(name, value.replace("\\c", ":").replace("\\n", "\n"))
            if "content-length" in headers:
                end = int(headers["content-length"])
            else:
                end = rest.find(b"\0")
            if end < 0 or len(rest) <= end:
                return data
            data = rest[end + 1:]
            if command == "MESSAGE":
                with self.lock:
                    self.messages.append((headers, rest[:end].decode()))
            else:
                self.frames.put((command, headers, rest[:end].decode()))

    def since(self, start=0):
        with self.lock:
            return self.messages[start:]

    def close(self):
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.socket.close()
        self.thread.join()


TRANSACTION, TEXT_MESSAGE = 7, 28


def exception(command, name, text):
    """A broker's refusal of a command: OpenWire 1, ExceptionResponse."""
    strings = b"".join(b"\1" + struct.pack(">H", len(part)) + part.encode()
                       for part in (name, text))
    body = struct.pack(">BiBi", 31, 1, 0, command) + b"\1" + strings
    return struct.pack(">I", len(body)) + body


def frames(source):
    """What comes from a socket, a frame of OpenWire at a time, its length before it."""
    data = b""
    while part := source.recv(65536):
        data += part
        while len(data) >= 4 and len(data) >= (size := 4 + struct.unpack(">I", data[:4])[0]):
            yield data[:size]
            data = data[size:]


class Way:
    """A port that leads to the broker's, as `mode` says: pass, slow, hang (nothing gets through),
    garbage (it answers nonsense), refuse (the port is closed) or deny (each record is refused, for
    the user has no rights). The connection ends amid each record with `choke` in it."""

    def __init__(self, port):
        self.target = port
        self.port = platforms.free_port(socket.SOCK_STREAM)
        self.mode = "pass"
        self.choke = None
        self.choked = 0
        self.listener = None
        self.connections = []
        self.lock = threading.Lock()
        self.set("pass")

    def set(self, mode):
        """Whoever is connected is cut off."""
        self.mode = mode
        if self.listener:
            self.listener.shutdown(socket.SHUT_RDWR)
            self.listener.close()
            self.listener = None
        with self.lock:
            cut, self.connections = self.connections, []
        for connection in cut:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        if mode != "refuse":
            self.listener = socket.create_server(("127.0.0.1", self.port))
            threading.Thread(target=self.accept, args=(self.listener, mode), daemon=True).start()

    def accept(self, listener, mode):
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with self.lock:
                self.connections.append(connection)
            threading.Thread(target=self.serve, args=(connection, mode), daemon=True).start()

    def serve(self, connection, mode):
        if mode == "hang":
            return
        if mode == "garbage":
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n" * 20)
            return
        try:
            broker = socket.create_connection(("127.0.0.1", self.target), 10)
        except OSError:
            connection.close()
            return
        with self.lock:
            self.connections.append(broker)
        answers = threading.Lock()
        for pump in (self.send, self.answer):
            threading.Thread(target=self.pump, args=(pump, connection, broker, mode, answers),
                             daemon=True).start()

    def send(self, client, broker, mode, answers):
        """From the platform to the broker."""
        if mode == "slow":
            while data := client.recv(2048):
                time.sleep(0.05)
                broker.sendall(data)
            return
        for frame in frames(client):
            if self.choke and self.choke in frame:
                self.choked += 1
                return
            if mode != "deny" or frame[4] not in (TRANSACTION, TEXT_MESSAGE):
                broker.sendall(frame)
            elif frame[9]:  # it wants an answer: one alone, or the commit of some
                number, = struct.unpack(">i", frame[5:9])
                with answers:
                    client.sendall(exception(number, "java.lang.SecurityException",
                                             "User mcp is not authorized to write"))

    @staticmethod
    def answer(client, broker, mode, answers):
        for frame in frames(broker):
            if mode == "slow":
                time.sleep(0.05)
            with answers:
                client.sendall(frame)

    @staticmethod
    def pump(pump, client, broker, mode, answers):
        try:
            pump(client, broker, mode, answers)
        except OSError:
            pass
        for end in (client, broker):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
