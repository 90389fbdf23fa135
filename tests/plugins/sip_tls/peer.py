# SPDX-License-Identifier: Apache-2.0
"""A SIP peer over TLS for tests: one connection with requests and answers as text."""
import re
import socket
import ssl
import threading
import uuid

SDP = ("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
       "m=audio 40000 RTP/AVP 0\r\n")


def client_context(authority=None, leaf=None):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if authority:
        context.load_verify_locations(str(authority.certificate))
    else:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if leaf:
        context.load_cert_chain(str(leaf.chain), str(leaf.key))
    return context


def server_context(leaf, authority=None):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(str(leaf.chain), str(leaf.key))
    if authority:
        context.load_verify_locations(str(authority.certificate))
        context.verify_mode = ssl.CERT_REQUIRED
    return context


class Message:
    def __init__(self, text, body):
        self.start, _, rest = text.partition("\r\n")
        self.lines = rest.split("\r\n")
        self.body = body
        self.text = text

    def all(self, name):
        prefix = name.lower() + ":"
        return [line[len(prefix):].strip() for line in self.lines
                if line.lower().startswith(prefix)]

    def get(self, name):
        return (self.all(name) or [""])[0]

    def status(self):
        return int(self.start.split()[1]) if self.start.startswith("SIP/2.0 ") else 0


class Connection:
    """A TLS connection that speaks SIP."""

    def __init__(self, stream):
        self.stream = stream
        self.buffer = b""
        host, port = stream.getsockname()[:2]
        self.local = (f"[{host}]" if ":" in host else host), port

    def send(self, text):
        self.stream.sendall(text.encode())

    def close(self):
        try:
            self.stream.unwrap().close()
        except (OSError, ValueError):
            self.stream.close()

    def drop(self):
        self.stream.close()

    def more(self, timeout):
        self.stream.settimeout(timeout)
        data = self.stream.recv(65536)
        if not data:
            raise EOFError("the connection was closed")
        self.buffer += data

    def receive(self, timeout=10):
        """The next message; TimeoutError, or EOFError at the end."""
        while b"\r\n\r\n" not in self.buffer:
            self.more(timeout)
            self.buffer = self.buffer.lstrip(b"\r\n")
        head, _, rest = self.buffer.partition(b"\r\n\r\n")
        text = head.decode()
        found = re.search(r"^(?:Content-Length|l)\s*:\s*(\d+)", text, re.M | re.I)
        length = int(found.group(1)) if found else 0
        while len(rest) < length:
            self.more(timeout)
            rest = self.buffer.partition(b"\r\n\r\n")[2]
        self.buffer = rest[length:]
        return Message(text, rest[:length].decode())

    def is_closed(self, timeout=5):
        """Whether the other side ends the connection within that time."""
        try:
            while True:
                self.receive(timeout)
        except TimeoutError:
            return False
        except (EOFError, OSError):
            return True

    def answer(self, request, status, headers="", sdp=False):
        body = SDP if sdp else ""
        lines = [line for name in ("Via", "From", "To", "Call-ID", "CSeq")
                 for line in [f"{name}: {value}" for value in request.all(name)]]
        lines = [line + ";tag=peer" if line.startswith("To:") and "tag=" not in line else line
                 for line in lines]
        kind = "Content-Type: application/sdp\r\n" if sdp else ""
        self.send(f"SIP/2.0 {status}\r\n" + "\r\n".join(lines) +
                  f"\r\n{headers}{kind}Content-Length: {len(body)}\r\n\r\n{body}")


class Call:
    """A call that the peer makes over a connection; `contact` is where requests come back to."""

    def __init__(self, connection, target, contact=None):
        host, port = connection.local
        self.connection = connection
        self.target = target
        self.contact = contact or f"sip:peer@{host}:{port};transport=tls"
        self.id = str(uuid.uuid4())
        self.to = f"<{target}>"
        self.number = 0
        self.remote = target
        self.answer = None

    def request(self, method, headers="", body=""):
        self.number += method != "ACK"
        host, port = self.connection.local
        kind = "Content-Type: application/sdp\r\n" if body else ""
        self.connection.send(
            f"{method} {self.remote} SIP/2.0\r\n"
            f"Via: SIP/2.0/TLS {host}:{port};branch=z9hG4bK{uuid.uuid4().hex};rport\r\n"
            f"From: <sip:peer@{host}>;tag=mine\r\nTo: {self.to}\r\nCall-ID: {self.id}\r\n"
            f"CSeq: {self.number} {method}\r\nMax-Forwards: 70\r\nContact: <{self.contact}>\r\n"
            f"{headers}{kind}Content-Length: {len(body)}\r\n\r\n{body}")

    def final(self, timeout=20):
        while True:
            message = self.connection.receive(timeout)
            if message.status() >= 200:
                return message

    def invite(self, headers=""):
        """The final answer; a 2xx is acknowledged."""
        self.request("INVITE", headers, SDP)
        self.answer = self.final()
        if self.answer.status() < 300:
            self.to = self.answer.get("To")
            self.remote = re.search(r"<(.*)>", self.answer.get("Contact")).group(1)
            self.request("ACK")
        return self.answer

    def bye(self):
        self.request("BYE")
        return self.final()


def options(connection, target):
    call = Call(connection, target)
    call.request("OPTIONS")
    return call.final()


def connect(port, context, name=None, host="127.0.0.1"):
    raw = socket.create_connection((host, port), 10)
    try:
        return Connection(context.wrap_socket(raw, server_hostname=name))
    except OSError:
        raw.close()
        raise


class Server:
    """Listens for TLS; each connection that comes up goes to `connections`, failures to
    `failures`."""

    def __init__(self, context):
        self.context = context
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.connections = []
        self.failures = []
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while True:
            try:
                raw, _ = self.listener.accept()
            except OSError:
                return
            raw.settimeout(10)
            try:
                self.connections.append(
                    Connection(self.context.wrap_socket(raw, server_side=True)))
            except OSError as error:
                self.failures.append(str(error))
                raw.close()

    def close(self):
        self.listener.close()
        for connection in self.connections:
            connection.drop()
