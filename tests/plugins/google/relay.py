# SPDX-License-Identifier: Apache-2.0
"""A TCP relay in front of a server: absent until told, counts connections, cuts them off; and the
same as a proxy that is asked to CONNECT."""
import socket
import struct
import threading


def pump(source, target):
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


class Relay:
    def __init__(self, target, proxy=False):
        self.target = target
        self.proxy = proxy
        self.connections = 0
        self.asked = ""
        self.open = []
        self.lock = threading.Lock()
        self.listener = socket.socket()
        self.listener.bind(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]

    def up(self):
        self.listener.listen(64)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            client, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        if self.proxy:
            head = b""
            while b"\r\n\r\n" not in head:
                head += client.recv(4096)
            self.asked = head.split(b"\r\n")[0].decode()
            client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        server = socket.create_connection(("127.0.0.1", self.target))
        for each in (client, server):
            each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self.lock:
            self.connections += 1
            self.open += [client, server]
        threading.Thread(target=pump, args=(server, client), daemon=True).start()
        pump(client, server)

    def cut(self):
        """Resets all connections, as a machine that fails does."""
        with self.lock:
            sockets, self.open = self.open, []
        for each in sockets:
            try:
                each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                each.shutdown(socket.SHUT_RD)
            except OSError:
                pass
            each.close()
