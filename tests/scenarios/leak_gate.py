# SPDX-License-Identifier: Apache-2.0
"""What must not grow with the number of calls, and when it is looked at: up to 60 s after the last
BYE, when SIP's timers are over and the platform has given memory back, which it does after them."""
import dataclasses
import json
import os
import pathlib
import time

import checks
import platform_under_test as platforms
from web import vxml

PAGE = '<form><block><prompt>Thank you for your call.</prompt><exit/></block></form>'
POOLS = ("mcp-disk", "mcp-compute", "resolver")  # bounded, their threads come when first needed
IDLE = 60  # seconds after the last BYE that the platform may take until it is as before


def add_page(web):
    """The application of the gate's calls; its URL."""
    return web.add("/short.vxml", vxml(PAGE), headers=[("Cache-Control", "max-age=3600")])


def trims(platform):
    return platform.read_log().count("memory-trimmed")


@dataclasses.dataclass
class Placed:
    """Calls that were placed: when the last one had ended, how often memory had been given back
    before, and whether none was late: no request had to be repeated."""

    last_bye: float
    trims: int
    in_time: bool


def place(platform, number, rate):
    before = trims(platform)
    figures = checks.load(platform, "rate", "short", "--rate", str(rate), "--seconds",
                          str(number / rate), seconds=300)
    platforms.wait_until(lambda: platform.status()["calls"] == 0, 30, "the calls to end")
    return Placed(time.monotonic(), before, figures["calls"]["clean"])


def each(folder, read):
    """What `read` makes of each entry; those that are gone by then are left out."""
    for entry in folder.iterdir():
        try:
            yield read(entry)
        except (FileNotFoundError, ProcessLookupError):
            pass


def counts(platform):
    """Descriptors, sockets, threads but those of pools, and the ledger of live objects. All threads
    together stay within what the platform says it may have."""
    status = platform.status()
    threads = status["threads"]
    process = pathlib.Path(f"/proc/{platform.mcpd.pid}")
    links = list(each(process / "fd", os.readlink))
    names = list(each(process / "task", lambda task: (task / "comm").read_text().strip()))
    assert threads["actual"] <= threads["expected_at_most"], f"threads: {threads}"
    values = {"descriptors": len(links),
              "sockets": sum(link.startswith("socket:") for link in links),
              "threads": sum(name not in POOLS for name in names)}
    values.update({f"object {name}": live for name, live in status["objects"].items()})
    return values


def memory(platform):
    """Bytes: resident pages as the kernel counts them now, and what malloc has given out."""
    result = platform.ctl("-o", "json", "metrics")
    assert result.returncode == 0, f"mcpctl metrics: {result.stderr}"
    kinds = {metric["label_value"]: metric["value"]
             for metric in json.loads(result.stdout)["metrics"]
             if metric["name"] == "mcp_memory_bytes"}
    rollup = pathlib.Path(f"/proc/{platform.mcpd.pid}/smaps_rollup").read_text()
    resident = next(line.split()[1] for line in rollup.splitlines() if line.startswith("Rss:"))
    # mallinfo2(3): uordblks of the arenas, hblkhd of what was mapped by itself.
    return {"RSS": int(resident) * 1024, "mallinfo2": kinds["used"] + kinds["mapped"]}


def wait_for(condition, placed):
    """Asks until the condition holds or the time after the last BYE is over; whether it did."""
    while not condition():
        if time.monotonic() > placed.last_bye + IDLE:
            return False
        time.sleep(0.5)
    return True


def settle(platform, placed):
    """Waits until memory has been given back after the calls that were placed."""
    assert wait_for(lambda: trims(platform) > placed.trims, placed), \
        f"{IDLE} s after the last BYE memory is not given back"


def back(platform, start, placed):
    """Waits until no count is above its start; a fault names those that are."""
    grown = {}

    def is_back():
        grown.clear()
        grown.update({name: f"{value}, was {start.get(name, 0)}"
                      for name, value in counts(platform).items() if value > start.get(name, 0)})
        return not grown

    assert wait_for(is_back, placed), f"{IDLE} s after the last BYE there are more: {grown}"
    return f"as before {time.monotonic() - placed.last_bye:.0f} s after the last BYE"
