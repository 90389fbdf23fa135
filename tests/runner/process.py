# SPDX-License-Identifier: Apache-2.0
"""Child processes: each in a process group of its own, with a deadline, read line by line."""

import os
import signal
import subprocess
import threading
import time

GRACE = 5
_live = set()
_lock = threading.Lock()
_stopping = threading.Event()


class Ended:
    """How a child ended."""

    def __init__(self, code, seconds, timed_out):
        self.code = code
        self.seconds = seconds
        self.timed_out = timed_out

    def fault(self):
        """What is wrong with the ending, '' for a clean one."""
        if self.timed_out:
            return f'timed out after {self.seconds:.0f} s'
        if self.code < 0:
            return f'killed by {signal.Signals(-self.code).name}'
        return f'exit code {self.code}' if self.code else ''


def run(command, log, on_line, *, cwd, env, timeout):
    """Runs a command, copies its output to the file `log` and hands each line to on_line."""
    if _stopping.is_set():
        raise KeyboardInterrupt
    start = time.monotonic()
    child = subprocess.Popen(command, cwd=cwd, env=env, stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                             start_new_session=True, errors='replace', text=True)
    with _lock:
        _live.add(child)
    reader = threading.Thread(target=_read, args=(child.stdout, log, on_line), daemon=True)
    reader.start()
    timed_out = False
    try:
        child.wait(timeout)
    except subprocess.TimeoutExpired:
        timed_out = True
        _end_group(child, signal.SIGTERM)
    finally:
        _end_group(child, signal.SIGKILL)
        child.wait()
        with _lock:
            _live.discard(child)
    seconds = time.monotonic() - start
    reader.join(GRACE)
    return Ended(child.returncode, seconds, timed_out)


def _read(stream, log, on_line):
    with open(log, 'w', encoding='utf-8') as copy:
        for line in stream:
            copy.write(line)
            copy.flush()
            on_line(line.rstrip('\n'))


def _end_group(child, number):
    """Signals the child's group: a test leaves no process behind, whatever it started."""
    try:
        os.killpg(child.pid, number)
    except ProcessLookupError:
        return
    if number == signal.SIGTERM:
        try:
            child.wait(GRACE)
        except subprocess.TimeoutExpired:
            pass


def interrupt_on_sigterm():
    """Makes a polite end look like Ctrl-C, so that both are handled in one place."""

    def interrupt(number, frame):
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)


def stop_all():
    """Ends everything that runs; later calls of run() are refused."""
    _stopping.set()
    with _lock:
        children = list(_live)
    for child in children:
        _end_group(child, signal.SIGTERM)
