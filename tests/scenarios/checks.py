# SPDX-License-Identifier: Apache-2.0
"""What the programs share: a verdict for each check, calls that end with a record, a network
namespace of one's own."""
import contextlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import traceback

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "runner"))

import caller as calling  # noqa: E402
import platform_under_test as platforms  # noqa: E402
from tap import Tap  # noqa: E402

SOURCE = platforms.SOURCE
BUILD = pathlib.Path(os.environ.get("MCP_BUILD_ROOT", SOURCE / "build-test"))
FULL = os.environ.get("MCP_TEST_TIER") == "full"
INSIDE = "MCP_TEST_NAMESPACE"


class Skip(Exception):
    """What the check needs is not here; the text names it."""


class Checks:
    """Runs checks one by one and prints TAP. A check is a function; what it returns is its
    figures, what it raises its fault."""

    def __init__(self, name):
        self.name = name
        self.tap = Tap()

    def run(self, name, function, *arguments, **options):
        faults, skipped, figures = [], None, None
        try:
            figures = function(*arguments, **options)
        except Skip as reason:
            skipped = str(reason)
        except AssertionError as error:
            faults = str(error).splitlines() or traceback.format_exc().splitlines()
        except Exception:  # whatever it ran into is the check's own fault
            faults = traceback.format_exc().splitlines()
        self.tap.add(f"{self.name}/{name}", [f"# {line}" for line in faults], skipped,
                     figures or "")

    def end(self):
        sys.exit(self.tap.end())


@contextlib.contextmanager
def running(checks, settings="", web=None, events=False, build=None, environment=None, prefix=()):
    """An mcpd, of another build, with more in its environment or behind a `prefix` of its command
    if need be; that it ends cleanly is a check as well."""
    with tempfile.TemporaryDirectory(prefix="mcp-scenarios-") as folder:
        platform = platforms.Platform(build or BUILD, folder, settings, web)
        platform.extra_environment = environment or {}
        platform.prefix = list(prefix)
        if events:
            platform.start()
        else:
            platform.start_server()
        try:
            yield platform
        finally:
            checks.run("clean-end", platform.stop)


def release_build():
    """Makes the release build of the bench; its programs run where they were built."""
    ended = subprocess.run([str(SOURCE / "tests/bench/serve"), "--build-only"],
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    assert ended.returncode == 0, ended.stdout[-3000:]


def dial(platform, uri, **options):
    """A call that was answered. CallFailed tells the refusal."""
    call = calling.Caller(**options)
    try:
        call.place(uri, platform.sip)
    except calling.CallFailed:
        call.close()
        raise
    return call


def record_of(platform, call, seconds=10):
    def find():
        return next((record for record in platform.read_records()
                     if record["sip"].get("call_id") == call.call_id), None)
    return platforms.wait_until(find, seconds, "the call's record")


def run_page(platform, url, seconds=20, **options):
    """Calls the page, waits until the platform hangs up; the record and how long it took."""
    begin = time.monotonic()
    call = dial(platform, f"sip:dialog@127.0.0.1;voicexml={url}", **options)
    try:
        assert call.ended.wait(seconds), f"the platform did not hang up within {seconds} s"
        return record_of(platform, call), time.monotonic() - begin
    finally:
        call.hang_up()
        call.close()


def load(platform, shape, user, *options, seconds=120):
    """mcp-load calls `user`; its figures. A call that fails is a fault."""
    result = platform.folder / "load.json"
    command = [str(BUILD / "tests/bench/mcp-load"), shape, f"sip:{user}@127.0.0.1:{platform.sip}",
               "--json", str(result), "--quiet", *options]
    ended = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                           timeout=seconds)
    assert ended.returncode == 0, f"mcp-load ended with {ended.returncode}:\n{ended.stdout}"
    return json.loads(result.read_text())


def service(name, url):
    """Lines of settings: a service that the callers of the tests may use."""
    return (f'[service "{name}"]\nuser = {name}\ndialog = vxml\npage = {url}\n'
            f'[sip.peer "loopback"]\nservices += {name}\n')


def refusal(platform, uri, **options):
    """The refusal of a call that must be refused, and the seconds until it came."""
    begin = time.monotonic()
    try:
        call = dial(platform, uri, **options)
    except calling.CallFailed as error:
        return error, time.monotonic() - begin
    call.hang_up()
    call.close()
    raise AssertionError("the call was answered")


def log_since(platform, start, text, seconds=5):
    """The log lines with `text` behind position `start`, once there is one."""
    def find():
        return [line for line in platform.read_log()[start:].splitlines() if text in line]
    return platforms.wait_until(find, seconds, f"log line with {text!r}")


def enter_namespace(checks, resolv_conf="nameserver 127.0.0.1\n"):
    """Runs this program again in a network and mount namespace of its own, where any address and
    port is free and /etc/resolv.conf is `resolv_conf`. Returns inside; else never."""
    if INSIDE in os.environ:
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        return
    probe = subprocess.run(["unshare", "--net", "--mount", "ip", "link", "set", "lo", "up"],
                           stderr=subprocess.PIPE, text=True)
    if probe.returncode != 0:
        checks.tap.add(f"{checks.name}/namespace", skipped="needs root for a network namespace")
        checks.end()
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as file:
        file.write(resolv_conf)
        file.flush()
        os.chmod(file.name, 0o644)
        script = 'mount --bind "$0" /etc/resolv.conf && exec "$@"'
        ended = subprocess.run(["unshare", "--net", "--mount", "sh", "-c", script, file.name,
                                sys.executable, *sys.argv], env=dict(os.environ, **{INSIDE: "1"}))
    sys.exit(ended.returncode)


@contextlib.contextmanager
def far_network(here, there):
    """Another network, with the address `there` on a cable to this one, which gets `here`; what a
    command needs before it to run there. Within enter_namespace()."""
    holder = subprocess.Popen(["unshare", "--net", "sleep", "infinity"],
                              preexec_fn=platforms.end_with_parent)
    enter = ["nsenter", f"--net=/proc/{holder.pid}/ns/net"]
    own = os.readlink("/proc/self/ns/net")
    platforms.wait_until(lambda: os.readlink(f"/proc/{holder.pid}/ns/net") != own, 20,
                         "another network")
    try:
        for command in (["ip", "link", "add", "near", "type", "veth", "peer", "name", "far",
                         "netns", str(holder.pid)],
                        ["ip", "address", "add", f"{here}/24", "dev", "near"],
                        ["ip", "link", "set", "near", "up"],
                        [*enter, "ip", "address", "add", f"{there}/24", "dev", "far"],
                        [*enter, "ip", "link", "set", "far", "up"],
                        [*enter, "ip", "link", "set", "lo", "up"]):
            subprocess.run(command, check=True)
        yield enter
    finally:
        holder.kill()
        holder.wait()
