# SPDX-License-Identifier: Apache-2.0
"""nginx that serves the layout of a Spring Cloud Config server from a folder: settings by
/APP/PROFILE, files below it; Basic authentication, ETag, TLS if wanted."""
import json
import pathlib
import socket
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "scenarios"))
import platform_under_test as platforms  # noqa: E402

CONFIG = """
daemon off;
worker_processes 1;
pid {folder}/pid;
error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
  access_log {folder}/access.log combined;
  client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
  uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
  types {{ }}
  server {{
    listen 127.0.0.1:{port}{ssl};
    {tls}
    auth_basic "config";
    auth_basic_user_file {folder}/users;
    root {folder}/files;
    location ~ ^/prefix/[^/]+/[^/]+$ {{
      default_type application/json;
      rewrite ^/prefix/(.*)$ /$1 break;
      try_files $uri.json =404;
    }}
    location /prefix/ {{
      default_type application/octet-stream;
      # As text the real one would ruin DER.
      if ($http_accept != "application/octet-stream") {{ return 406; }}
      rewrite ^/prefix/(.*)$ /$1 break;
    }}
  }}
}}
"""


class Nginx:
    def __init__(self, folder, port, user, password, leaf=None):
        self.folder = pathlib.Path(folder)
        self.port = port
        (self.folder / "files/mcp/default").mkdir(parents=True)
        hashed = subprocess.run(["openssl", "passwd", "-apr1", password], text=True, check=True,
                                stdout=subprocess.PIPE).stdout.strip()
        (self.folder / "users").write_text(f"{user}:{hashed}\n")
        tls = f"ssl_certificate {leaf.chain}; ssl_certificate_key {leaf.key};" if leaf else ""
        (self.folder / "conf").write_text(CONFIG.format(folder=self.folder, port=port, tls=tls,
                                                        ssl=" ssl" if leaf else ""))
        subprocess.run(["chmod", "-R", "a+rX", str(self.folder)], check=True)
        self.process = None

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/prefix"

    def start(self):
        self.process = subprocess.Popen(["nginx", "-p", str(self.folder), "-c",
                                         str(self.folder / "conf")],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                        preexec_fn=platforms.end_with_parent)
        platforms.wait_until(self.answers, 30, "nginx")

    def answers(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait(30)
            self.process = None

    def write(self, name, content):
        """In one step: nginx never sends the half of it."""
        path = self.folder / "files" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_name(path.name + ".new")
        new.write_bytes(content if isinstance(content, bytes) else content.encode())
        new.chmod(0o644)
        new.rename(path)

    def settings(self, values, source="vault", more=()):
        """The settings of application mcp, profile default."""
        sources = [{"name": source, "source": values}, *more]
        self.write("mcp/default.json", json.dumps(
            {"name": "mcp", "profiles": ["default"], "label": None, "version": "1", "state": None,
             "propertySources": sources}))

    def access(self):
        log = self.folder / "access.log"
        return log.read_text() if log.exists() else ""
