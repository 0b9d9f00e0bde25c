"""Run one command and end everything that it started: ``supervisor.py SECONDS COMMAND…``.

A program of its own, single-threaded. The exit status is the command's, 128 + N after signal N,
124 after the time limit, 130 when this program was told to stop: by a signal, or by the end of
its standard input, which comes when the process that holds the other end is gone.

Killing the process group is not enough: a test's program may have a session of its own. On Linux
this process is a "subreaper", so orphans become its children and are found and killed, too.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Final

__all__ = ["LATE", "STOPPED", "supervise"]

LATE: Final = 124
STOPPED: Final = 130
_PR_SET_CHILD_SUBREAPER: Final = 36
_STOPPING: Final = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)
_PATIENCE: Final = 10.0
"""Seconds until processes that do not go in spite of SIGKILL are left to the system."""


def supervise(seconds: float, command: Sequence[str], lifeline: int) -> int:
    """Run the command; when this returns, no process of it is left.

    Args:
        seconds: the time limit.
        command: a program and its arguments. It gets a session of its own and no input.
        lifeline: a file descriptor; its end stops the command.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    woken, waking = os.pipe()
    os.set_blocking(woken, False)
    os.set_blocking(waking, False)
    signal.set_wakeup_fd(waking)
    for number in (signal.SIGCHLD, *_STOPPING):
        signal.signal(number, lambda *_: None)
    deadline = time.monotonic() + seconds
    # Its status is collected below, with those of the orphans.
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
    status: int | None = None
    try:
        while status is None:
            remaining = max(0.0, deadline - time.monotonic())
            ready, _, _ = select.select([lifeline, woken], [], [], remaining)
            signals = os.read(woken, 4096) if woken in ready else b""
            status = _reap(child.pid)
            if status is None and (lifeline in ready or set(signals) & set(_STOPPING)):
                status = STOPPED
            elif status is None and not ready:
                status = LATE
    finally:
        child.returncode = status
        _end_all(child.pid, woken)
    return status


def _reap(pid: int) -> int | None:
    """Collect all children that have ended; return the status of this one, if it is among them."""
    status: int | None = None
    while True:
        try:
            ended, raw = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return status
        if ended == 0:
            return status
        if ended == pid:
            code = os.waitstatus_to_exitcode(raw)
            status = 128 - code if code < 0 else code


def _end_all(pid: int, woken: int) -> None:
    """Kill the command's group and all that descends from this process, until nothing is left."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        _reap(pid)
        left = _descendants(os.getpid())
        if not left:
            return
        for each in left:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(each, signal.SIGKILL)
        # SIGCHLD ends this wait; the limit is for grandchildren, whose end we are not told.
        if select.select([woken], [], [], 0.05)[0]:
            os.read(woken, 4096)


def _descendants(pid: int) -> set[int]:
    """Return the ids of all processes below this one; none where there is no /proc."""
    children: dict[int, list[int]] = defaultdict(list)
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            # The name, in parentheses, may have any character in it.
            children[int(path.read_text().rpartition(")")[2].split()[1])].append(
                int(path.parent.name)
            )
    found: set[int] = set()
    waiting = [pid]
    while waiting:
        below = children[waiting.pop()]
        found.update(below)
        waiting.extend(below)
    return found


if __name__ == "__main__":
    sys.exit(supervise(float(sys.argv[1]), sys.argv[2:], sys.stdin.fileno()))
