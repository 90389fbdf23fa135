# SPDX-License-Identifier: Apache-2.0
"""SIP servers for tests that look at what the platform sends: each has an address of its own and a
function that says what is answered."""
import re
import socket
import threading

SDP = ("v=0\r\no=- 1 1 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\n"
       "m=audio 40000 RTP/AVP 0\r\n")


class Request:
    def __init__(self, text):
        head, _, self.body = text.partition("\r\n\r\n")
        self.start, *self.lines = head.split("\r\n")
        self.method, _, rest = self.start.partition(" ")
        self.uri = rest.partition(" ")[0]

    def all(self, name):
        prefix = name.lower() + ":"
        return [line[len(prefix):].strip() for line in self.lines
                if line.lower().startswith(prefix)]

    def get(self, name):
        return (self.all(name) or [""])[0]

    def parameters(self, name):
        """Of an Authorization header: name → value without quotes."""
        found = re.findall(r'(\w+)=(?:"((?:[^"\\]|\\.)*)"|([^,\s]+))', self.get(name))
        return {key: re.sub(r'\\(.)', r'\1', quoted) or plain for key, quoted, plain in found}


class Answer:
    """`status` is "200 OK"; `headers` are whole lines. `request` is an earlier one that this
    answers."""

    def __init__(self, status, *headers, sdp=False, request=None):
        self.status = status
        self.headers = headers
        self.sdp = sdp
        self.request = request


class Agent:
    """Takes UDP and TCP at `host`. `decide(request)` returns an Answer, a list of them, or None:
    silence. Requests that came are in `requests`."""

    def __init__(self, host, decide, port=5060, protocols=("udp", "tcp")):
        self.host, self.port, self.decide = host, port, decide
        self.requests = []
        self.lock = threading.Lock()
        if "udp" in protocols:
            self.datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.datagrams.bind((host, port))
            threading.Thread(target=self.serve_udp, daemon=True).start()
        if "tcp" in protocols:
            self.listener = socket.create_server((host, port))
            threading.Thread(target=self.serve_tcp, daemon=True).start()

    def serve_udp(self):
        while True:
            data, source = self.datagrams.recvfrom(65536)
            self.take(data.decode(), "udp", lambda text: self.datagrams.sendto(text, source))

    def serve_tcp(self):
        while True:
            connection, _ = self.listener.accept()
            threading.Thread(target=self.serve_connection, args=(connection,), daemon=True).start()

    def serve_connection(self, connection):
        buffer = b""
        while data := connection.recv(65536):
            buffer += data
            while b"\r\n\r\n" in buffer:
                head, _, rest = buffer.partition(b"\r\n\r\n")
                found = re.search(rb"^(?:Content-Length|l)\s*:\s*(\d+)", head, re.M | re.I)
                length = int(found.group(1)) if found else 0
                if len(rest) < length:
                    break
                buffer = rest[length:]
                self.take((head + b"\r\n\r\n" + rest[:length]).decode(), "tcp", connection.sendall)
        connection.close()

    def take(self, text, protocol, send):
        if not text.strip() or text.startswith("SIP/2.0"):
            return
        request = Request(text)
        request.protocol = protocol
        with self.lock:
            self.requests.append(request)
        answers = self.decide(request)
        for answer in answers if isinstance(answers, list) else [answers]:
            if answer is not None:
                send(self.write(answer.request or request, answer, protocol).encode())

    def write(self, request, answer, protocol):
        lines = [f"{name}: {value}" for name in ("Via", "Record-Route", "From", "To", "Call-ID",
                                                 "CSeq") for value in request.all(name)]
        lines = [line + f";tag=agent{self.host}" if line.startswith("To:") and "tag=" not in line
                 and not answer.status.startswith("100") else line for line in lines]
        lines += answer.headers
        if not any(line.startswith("Contact:") for line in lines):
            lines.append(f"Contact: <sip:agent@{self.host}:{self.port};transport={protocol}>")
        body = SDP.format(host=self.host) if answer.sdp else ""
        if body:
            lines.append("Content-Type: application/sdp")
        return "\r\n".join([f"SIP/2.0 {answer.status}", *lines,
                            f"Content-Length: {len(body)}", "", body])

    def seen(self, method=None):
        with self.lock:
            return [request for request in self.requests if method in (None, request.method)]

    def forget(self):
        with self.lock:
            self.requests.clear()


def accept(request):
    """Takes every call."""
    if request.method == "ACK":
        return None
    return Answer("200 OK", sdp=request.method == "INVITE")
