# SPDX-License-Identifier: Apache-2.0
"""The VoiceXML application of pages/bank: what the web server's own time leaves of the time from a
key to the next prompt; whether a speech server has listened; and dialog turns by the interpreter
alone, without media and network. A case fails when a call says nothing after a key, never because
of a time."""

import bisect
import json
import subprocess
import time
from pathlib import Path

from inside import Trouble, spread

PAGES = Path(__file__).resolve().parent / 'pages'
START = 'bank/start.vxml'
REPORT_SECONDS = 20
LONGEST = 300  # seconds of bench-turns


def web_times(log):
    """Of each call: when a request for data was taken and answered, in order (ns)."""
    calls = {}
    for line in log.read_text(encoding='utf-8').splitlines():
        words = line.split(' ')
        if len(words) == 3:
            calls.setdefault(words[0], []).append((int(words[1]), int(words[2])))
    return {call: sorted(times) for call, times in calls.items()}


def web_share(times, since, until):
    """How long the web server was at it between two moments; requests of one call follow each
    other, but each moment counts once."""
    total = 0
    at = since
    for taken, answered in times[max(0, bisect.bisect_left(times, (since, 0)) - 1):]:
        if taken >= until:
            break
        at = max(at, taken)
        total += max(0, min(answered, until) - at)
        at = max(at, min(answered, until))
    return total


def percentile(ordered, share):
    return ordered[min(len(ordered) - 1, int(len(ordered) * share / 100))]


def distribution(values_ns):
    ordered = sorted(values_ns)
    return {'count': len(ordered),
            **{name: percentile(ordered, share) / 1e6
               for name, share in (('min', 0), ('p50', 50), ('p99', 99), ('max', 100))}}


def beyond_web(turns, log):
    """Key to next prompt of all turns that mcp-load wrote into the file @turns, less what the web
    server took for them; how many of them asked it; what it took."""
    calls = web_times(log)
    beyond, web = [], []
    for line in turns.read_text(encoding='utf-8').splitlines():
        call, pressed, start = line.split(' ')
        share = web_share(calls.get(call, []), int(pressed), int(start))
        beyond.append(int(start) - int(pressed) - share)
        if share:
            web.append(share)
    if not beyond:
        raise Trouble('no key was answered by a prompt')
    return {'beyond_web_ms': distribution(beyond), 'with_data': len(web),
            'web_ms': distribution(web or [0])}


def check_listened(report, calls):
    """The MRCP server, which ends with mcpd, tells that each call had its recognition, and what was
    wrong."""
    told = None
    deadline = time.monotonic() + REPORT_SECONDS
    while told is None:
        try:
            told = json.loads(report.read_text(encoding='utf-8'))
        except (OSError, ValueError) as error:
            if time.monotonic() > deadline:
                raise Trouble(f'the report of the MRCP server: {error}') from error
            time.sleep(0.1)
    asked = sum(request['name'] == 'RECOGNIZE' for request in told['requests'])
    if asked < calls or told['faults']:
        raise Trouble(f'{asked} recognitions of {calls} calls, faults: {told["faults"][:3]}')


def turns(arguments):
    """The interpreter alone: one sample."""
    program = arguments.build / 'tests/unit/vxml/bench-turns'
    size = ('20', '50') if arguments.quick else ('50', '400')
    try:
        done = subprocess.run([str(program), str(PAGES), START, *size], capture_output=True,
                              text=True, timeout=LONGEST)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Trouble(f'bench-turns: {error}') from error
    if done.returncode != 0:
        raise Trouble(f'bench-turns: {done.stderr.strip() or done.returncode}')
    sample = json.loads(done.stdout)
    print(f'# turns {sample["turns_a_cpu_second"]:.0f} a CPU-second, {sample["turn_us"]:.0f} us '
          f'each, {sample["start_us"]:.0f} us to start a call', flush=True)
    return sample


def turn_figures(samples):
    return {'calls': samples[0]['calls'], 'turns': sum(one['turns'] for one in samples),
            'pages_seen': min(one['pages_seen'] for one in samples),
            **{name: spread([one[name] for one in samples])
               for name in ('turns_a_cpu_second', 'turn_us', 'start_us', 'fetches_a_turn',
                            'data_pages_a_turn')}}


def print_figures(figures):
    row = figures['turns_a_cpu_second']
    print(f'turns: {row["median"]:.0f} dialog turns a second a core ({row["min"]:.0f} to '
          f'{row["max"]:.0f}), {figures["turn_us"]["median"]:.0f} us each, '
          f'{figures["fetches_a_turn"]["median"]:.1f} fetches in each')
