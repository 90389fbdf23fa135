# SPDX-License-Identifier: Apache-2.0
"""A token endpoint (RFC 7523) over HTTP, which checks each assertion with openssl."""
import base64
import http.server
import json
import pathlib
import subprocess
import threading
import time
import urllib.parse

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
SCOPE = "https://www.googleapis.com/auth/cloud-platform"


def decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Tokens:
    def __init__(self, folder, email):
        self.folder = pathlib.Path(folder)
        self.email = email
        self.lock = threading.Lock()
        self.granted = 0
        self.asked = 0
        self.lifetime = 3600
        self.status = 200
        self.valid = {}  # token: when it ends
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self.handler())
        self.uri = f"http://127.0.0.1:{self.server.server_address[1]}/token"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def fault_of(self, form):
        """What is wrong with a request, or None."""
        if form.get("grant_type") != [GRANT]:
            return f"grant_type {form.get('grant_type')}"
        head, claims, signature = form["assertion"][0].split(".")
        if "=" in form["assertion"][0]:
            return "padding"
        if json.loads(decode(head)) != {"alg": "RS256", "typ": "JWT", "kid": "key-1"}:
            return "head"
        said = json.loads(decode(claims))
        if said["iss"] != self.email or said["scope"] != SCOPE or said["aud"] != self.uri:
            return f"claims {said}"
        if not said["iat"] - 60 < time.time() < said["exp"] <= said["iat"] + 3600:
            return "times"
        return self.signature_fault(f"{head}.{claims}", decode(signature))

    def signature_fault(self, text, signature):
        path = self.folder / f"signature-{threading.get_ident()}"
        path.write_bytes(signature)
        done = subprocess.run(["openssl", "dgst", "-sha256", "-verify",
                               self.folder / "account.pub", "-signature", path],
                              input=text.encode(), capture_output=True, timeout=60)
        return None if done.returncode == 0 else "signature"

    def answer(self, body):
        fault = self.fault_of(urllib.parse.parse_qs(body))
        with self.lock:
            self.asked += 1
            if self.status != 200:
                return self.status, {"error": "out_of_order"}
            if fault:
                return 400, {"error": "invalid_grant", "error_description": fault}
            self.granted += 1
            token = f"token-{self.granted}"
            self.valid[token] = time.monotonic() + self.lifetime
            return 200, {"access_token": token, "expires_in": self.lifetime,
                         "token_type": "Bearer"}

    def accepts(self, metadata):
        kind, _, token = metadata.get("authorization", "").partition(" ")
        with self.lock:
            return kind == "Bearer" and self.valid.get(token, 0) > time.monotonic()

    def revoke(self):
        with self.lock:
            self.valid = {}

    def handler(tokens):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                form = self.headers["Content-Type"] == "application/x-www-form-urlencoded"
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                status, answer = tokens.answer(body if form else "")
                text = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_):
                pass

        return Handler
