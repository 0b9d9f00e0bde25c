"""The processes of containers, as this machine sees them. Any thread; needs ``/proc``.

A program that has just been started has no environment for a moment, so it cannot be found by it.
Therefore the programs of tests announce themselves: what has printed something is there.
"""

from __future__ import annotations

import os
import select
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.engine.driver import TIMEOUT

__all__ = ["DESCENDANTS", "exits_of", "processes_of"]

DESCENDANTS = (
    "export M='echo up; sleep 1000; :'; "
    'sh -c "$M" & setsid sh -c "$M" & '
    '(setsid sh -c \'sh -c "$M" & sh -c "$M" & echo up; wait\' &); '
)
"""Starts five shells: a child, one that leads a session, and three orphans in another session. Each
prints "up" when it runs its program, and stays."""


def processes_of(container: str) -> list[int]:
    """Return the living processes that the engine started for a container, wherever they are."""
    found = []
    mark = f"HYPER_ENGINE_CONTAINER={container}".encode()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                marked = mark in (entry / "environ").read_bytes().split(b"\0")
                state = (entry / "stat").read_bytes().rpartition(b")")[2].split()[0]
            except OSError:
                continue
            if marked and state not in (b"Z", b"X"):
                found.append(int(entry.name))
    return found


@contextmanager
def exits_of(pids: Collection[int]) -> Iterator[None]:
    """Wait at the end of the block until these processes have ended."""
    with ExitStack() as stack:
        descriptors = [os.pidfd_open(pid) for pid in pids]
        for descriptor in descriptors:
            stack.callback(os.close, descriptor)
        yield
        for pid, descriptor in zip(pids, descriptors, strict=True):
            assert select.select([descriptor], [], [], TIMEOUT)[0], f"process {pid} has not ended"
