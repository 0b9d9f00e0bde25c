"""Children of this process: they die with us; we find, kill and reap them.

Layer: engine. Main thread and event loop only: PR_SET_PDEATHSIG takes effect when the *thread* that
forked ends.

On Linux this process is a "subreaper": orphans of containers become its own children. So every
process that a container ever started stays a descendant, and can be found. Elsewhere only process
groups are known.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Final, NamedTuple

__all__ = ["MARK", "Member", "Reaper", "die_with_parent", "kill_descendants", "members_of"]

MARK: Final = "HYPER_ENGINE_CONTAINER"
"""Environment variable with the container's id; it identifies processes that left its session."""

_PR_SET_PDEATHSIG: Final = 1
_PR_SET_CHILD_SUBREAPER: Final = 36
_LIBC: Final = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
_PROC: Final = Path("/proc")


class Member(NamedTuple):
    """A descendant of this process, from ``/proc/PID/stat``."""

    pid: int
    parent: int
    session: int
    state: str


class Reaper:
    """Reaps children, adopted orphans too, and reports the exits that were asked for."""

    def __init__(self) -> None:
        self._exits: dict[int, Callable[[int], None]] = {}

    def start(self) -> None:
        """Adopt orphans from now on, and listen for SIGCHLD."""
        if _LIBC is not None:
            _LIBC.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        asyncio.get_running_loop().add_signal_handler(signal.SIGCHLD, self._reap)

    def expect(self, pid: int, on_exit: Callable[[int], None]) -> None:
        """Call `on_exit` with the exit code when `pid` ends; 128 + N after signal N."""
        self._exits[pid] = on_exit

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            on_exit = self._exits.pop(pid, None)
            if on_exit is not None:
                code = os.waitstatus_to_exitcode(status)
                on_exit(code if code >= 0 else 128 - code)


def die_with_parent(parent: int) -> None:
    """Have this process killed when the engine ends, even by SIGKILL; call it before exec.

    Args:
        parent: the engine's pid; it may have died before this call took effect.
    """
    if _LIBC is None:
        return
    _LIBC.prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != parent:
        os._exit(128 + signal.SIGKILL)


def members_of(container_id: str, sessions: Collection[int]) -> list[Member]:
    """Return the living processes of a container: found by session, parent or environment.

    Args:
        container_id: as in the variable :data:`MARK`.
        sessions: the pids of the processes that the engine started for it.
    """
    found: dict[int, Member] = {}
    mark = f"{MARK}={container_id}".encode()
    for member in _descendants(os.getpid()):
        if (
            member.session in sessions
            or member.pid in sessions
            or member.parent in found
            or mark in _environment(member.pid)
        ):
            found[member.pid] = member
    return [member for member in found.values() if member.state not in "ZX"]


def kill_descendants(groups: Collection[int], within: float = 3.0) -> None:
    """Kill and reap all descendants of this process. Blocks; the engine ends after it.

    Args:
        groups: process groups, killed first; without ``/proc`` no others are found.
        within: seconds; a process that takes longer to die is left.
    """
    deadline = time.monotonic() + within
    for group in groups:
        try:
            os.killpg(group, signal.SIGKILL)
        except OSError:
            pass
    while time.monotonic() < deadline:
        left = [member for member in _descendants(os.getpid()) if member.state not in "ZX"]
        for member in left:
            try:
                os.kill(member.pid, signal.SIGKILL)
            except OSError:
                pass
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        if left:
            time.sleep(0.005)


def _descendants(root: int) -> list[Member]:
    """Return all descendants, parents before their children."""
    found: list[Member] = []
    todo = [root]
    seen = {root}
    while todo:
        for child in _children(todo.pop(0)):
            if child not in seen:
                seen.add(child)
                member = _stat(child)
                if member is not None:
                    found.append(member)
                    todo.append(child)
    return found


def _children(pid: int) -> list[int]:
    children: list[int] = []
    try:
        for task in (_PROC / str(pid) / "task").iterdir():
            children += map(int, (task / "children").read_bytes().split())
    except OSError:
        if (
            _PROC.is_dir()
            and not (_PROC / "self" / "task" / str(os.getpid()) / "children").exists()
        ):
            return _children_by_scan(pid)
    return children


def _children_by_scan(pid: int) -> list[int]:
    # For kernels without CONFIG_PROC_CHILDREN.
    pids = [int(entry.name) for entry in _PROC.iterdir() if entry.name.isdigit()]
    members = (_stat(each) for each in pids)
    return [member.pid for member in members if member is not None and member.parent == pid]


def _stat(pid: int) -> Member | None:
    try:
        text = (_PROC / str(pid) / "stat").read_bytes()
    except OSError:
        return None
    # The name in parentheses may contain any characters, parentheses too.
    state, parent, _, session = text.rpartition(b")")[2].split()[:4]
    return Member(pid, int(parent), int(session), state.decode())


def _environment(pid: int) -> list[bytes]:
    try:
        return (_PROC / str(pid) / "environ").read_bytes().split(b"\0")
    except OSError:
        return []
