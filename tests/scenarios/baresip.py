# SPDX-License-Identifier: Apache-2.0
"""baresip as a caller: a configuration of its own in a folder, commands and events over its TCP
control port, what it heard in a WAV file."""
import audioop
import json
import pathlib
import socket
import subprocess
import threading
import wave

import platform_under_test as platforms

MODULES = "/usr/lib/baresip/modules"
CONFIG = """poll_method epoll
sip_listen {literal}:{port}
net_interface {host}
audio_player aubridge,ear
audio_source aufile,{voice}
module_path {modules}
module g711.so
module aubridge.so
module aufile.so
module sndfile.so
module_app account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:{control}
snd_path {folder}
rtp_timeout 0
call_local_timeout 60
"""


class Baresip:
    """`voice` is what the user says all the time: 16 bit samples, 8 kHz; `settings` are further
    lines of the configuration, `account` further parameters of the account, `port` where it is
    called."""

    def __init__(self, folder, voice, transport="udp", host="127.0.0.1", settings="",
                 account="", port=0):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir()
        with wave.open(str(self.folder / "voice.wav"), "wb") as file:
            file.setparams((1, 2, 8000, 0, "NONE", ""))
            file.writeframes(voice)
        control = platforms.free_port(socket.SOCK_STREAM)
        literal = f"[{host}]" if ":" in host else host
        self.folder.joinpath("config").write_text(CONFIG.format(
            host=host, literal=literal, port=port, modules=MODULES, control=control,
            folder=self.folder, voice=self.folder / "voice.wav") + settings)
        self.folder.joinpath("accounts").write_text(
            f"<sip:tester@{literal};transport={transport}>;regint=0;audio_codecs=PCMU/8000/1"
            f"{account}\n")
        self.folder.joinpath("contacts").write_text("")
        self.log = open(self.folder / "log", "wb")
        self.process = subprocess.Popen(["baresip", "-f", str(self.folder)], cwd=self.folder,
                                        stdin=subprocess.DEVNULL, stdout=self.log,
                                        stderr=subprocess.STDOUT,
                                        preexec_fn=platforms.end_with_parent)
        self.events = []
        self.control = platforms.wait_until(lambda: self.connect(control), 10, "baresip to start")
        threading.Thread(target=self.read, daemon=True).start()

    def connect(self, port):
        assert self.process.poll() is None, self.read_log()
        try:
            return socket.create_connection(("127.0.0.1", port), 5)
        except OSError:
            return None

    def read_log(self):
        return self.folder.joinpath("log").read_text(errors="replace")

    def read(self):
        """Netstrings of JSON objects."""
        buffer = b""
        self.control.settimeout(None)
        while True:
            try:
                data = self.control.recv(65536)
            except OSError:
                return
            if not data:
                return
            buffer += data
            while b":" in buffer:
                length, _, rest = buffer.partition(b":")
                if len(rest) < int(length) + 1:
                    break
                self.events.append(json.loads(rest[:int(length)]))
                buffer = rest[int(length) + 1:]

    def command(self, name, parameters=""):
        text = json.dumps({"command": name, "params": parameters})
        self.control.sendall(f"{len(text)}:{text},".encode())

    def wait(self, kind, seconds):
        def find():
            assert self.process.poll() is None, f"baresip ended:\n{self.read_log()[-2000:]}"
            return [event for event in self.events if event.get("type") == kind]
        return platforms.wait_until(find, seconds, f"baresip's event {kind}")

    def heard(self):
        """The WAV file of what was decoded."""
        return next(self.folder.glob("dump-*-dec.wav"), None)

    def end(self):
        self.control.close()
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()


def heard_samples(path):
    """8 kHz, 16 bit samples of the file, whose header may not know its length yet."""
    with wave.open(str(path)) as file:
        samples = file.readframes(file.getnframes())
        if file.getframerate() != 8000:
            samples, _ = audioop.ratecv(samples, 2, 1, file.getframerate(), 8000, None)
    return samples
