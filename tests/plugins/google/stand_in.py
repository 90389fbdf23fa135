# SPDX-License-Identifier: Apache-2.0
"""Google's side for the tests of its plugins: an API with TLS behind a relay, in plaintext, behind
a proxy, and the token endpoint. Makes FOLDER/ca.pem and FOLDER/account.json. Prints a line of ports
and the token endpoint's URL, then answers each line of its input with a line."""
import importlib
import importlib.resources
import json
import pathlib
import sys
from concurrent.futures import ThreadPoolExecutor

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "sip_tls")]

import grpc  # noqa: E402
from grpc_tools import protoc  # noqa: E402

import authority  # noqa: E402
import relay  # noqa: E402
import tokens  # noqa: E402

EMAIL = "speech@tests.example"
API_KEY = "key-of-the-tests"
WORKERS = 260


def load_messages(folder, proto):
    include = importlib.resources.files("grpc_tools") / "_proto"  # google/protobuf
    assert protoc.main(["protoc", f"-I{proto.parent}", f"-I{include}", f"--python_out={folder}",
                        proto.name]) == 0
    sys.path.insert(0, str(folder))
    return importlib.import_module(f"{proto.stem}_pb2")


def make_account(folder, uri):
    key = folder / "account.key"
    authority.make_key(key, "rsa")
    authority.openssl("pkey", "-in", key, "-pubout", "-out", folder / "account.pub")
    account = {"type": "service_account", "client_email": EMAIL, "private_key_id": "key-1",
               "private_key": key.read_text(), "token_uri": uri}
    (folder / "account.json").write_text(json.dumps(account))


class StandIn:
    """`make` gets the messages of `proto` and whom to accept; what it makes has handlers(), does
    what do() says of it, and is asked by ask()."""

    def __init__(self, proto, make, folder, plain):
        self.folder = folder
        self.tokens = tokens.Tokens(folder, EMAIL)
        make_account(folder, self.tokens.uri)
        self.service = make(load_messages(folder, proto), self.accepts)
        # Two servers would share the port otherwise.
        self.server = grpc.server(ThreadPoolExecutor(WORKERS), options=[("grpc.so_reuseport", 0)])
        self.server.add_generic_rpc_handlers((self.service.handlers(),))
        self.port = self.server.add_secure_port("127.0.0.1:0", self.credentials())
        self.plain = self.server.add_insecure_port("127.0.0.1:0")
        self.server.start()
        self.relay = relay.Relay(self.plain if plain else self.port)
        self.proxy = relay.Relay(self.port, proxy=True)
        self.proxy.up()

    def credentials(self):
        root = authority.Authority(self.folder, "root")
        leaf = root.leaf("leaf", "DNS:localhost, IP:127.0.0.1")
        (self.folder / "ca.pem").write_text(root.certificate.read_text())
        return grpc.ssl_server_credentials([(leaf.key.read_bytes(), leaf.chain.read_bytes())])

    def accepts(self, metadata):
        return metadata.get("x-goog-api-key") == API_KEY or self.tokens.accepts(metadata)

    def do(self, word, value):
        if word == "up":
            self.relay.up()
        elif word == "cut":
            self.relay.cut()
        elif word == "revoke":
            self.tokens.revoke()
        elif word == "lifetime":
            self.tokens.lifetime = int(value)
        elif word == "token-status":
            self.tokens.status = int(value)
        elif word == "ask":
            return self.tell(value)
        else:
            self.service.do(word, value)
        return "done"

    def tell(self, what):
        known = {"connections": self.relay.connections, "proxied": self.proxy.asked,
                 "granted": self.tokens.granted, "asked": self.tokens.asked}
        return str(known[what]) if what in known else self.service.ask(what)


def run(proto, make):
    """FOLDER [--plain]      (--plain: the relay leads to the plaintext)"""
    stand_in = StandIn(proto, make, pathlib.Path(sys.argv[1]), "--plain" in sys.argv)
    print(stand_in.relay.port, stand_in.plain, stand_in.proxy.port, stand_in.tokens.uri,
          flush=True)
    for line in sys.stdin:
        word, _, value = line.strip().partition(" ")
        print(stand_in.do(word, value), flush=True)
