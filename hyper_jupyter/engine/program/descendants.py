"""The descendants of this process: they die with us, and we find and kill them.

Layer: engine. Main thread only: PR_SET_PDEATHSIG takes effect when the *thread* that forked ends.

On Linux this process is a "subreaper": orphans of containers become its own children. So every
process that a container ever started stays a descendant, and can be found. Elsewhere only process
groups are known.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
from collections.abc import Collection
from pathlib import Path
from typing import Final, NamedTuple

__all__ = [
    "MARK",
    "Member",
    "become_subreaper",
    "children_of",
    "die_with_parent",
    "kill_descendants",
    "members_of",
    "renounce_privileges",
]

MARK: Final = "HYPER_ENGINE_CONTAINER"
"""Environment variable with the container's id; it identifies processes that left its session."""

_PR_SET_PDEATHSIG: Final = 1
_PR_SET_CHILD_SUBREAPER: Final = 36
_PR_SET_NO_NEW_PRIVS: Final = 38
_LIBC: Final = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
_PROC: Final = Path("/proc")


class Member(NamedTuple):
    """A descendant of this process, from ``/proc/PID/stat``."""

    pid: int
    parent: int
    session: int
    state: str


def become_subreaper() -> None:
    """Adopt orphans of our descendants from now on, where the system can."""
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


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


def renounce_privileges() -> None:
    """Have set-user-ID programs give this process and its children no other rights; before exec."""
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


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
        for child in children_of(todo.pop(0)):
            if child not in seen:
                seen.add(child)
                member = _stat(child)
                if member is not None:
                    found.append(member)
                    todo.append(child)
    return found


def children_of(pid: int) -> list[int]:
    """Return the children of a process, those that nobody has waited for too."""
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
