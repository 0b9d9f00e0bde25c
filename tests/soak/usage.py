"""What a process uses: threads, files and memory.

Any thread. Linux only: it reads ``/proc``.
"""

from __future__ import annotations

import contextlib
import gc
import resource
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hyper_jupyter.session import runtime

__all__ = ["Usage", "no_collector", "settle"]

PATIENCE: Final = 120.0


@dataclass(frozen=True)
class Usage:
    """What a process uses.

    Attributes:
        threads: its threads.
        files: its open files.
        memory: its resident memory, in MiB.
    """

    threads: int
    files: int
    memory: float

    @classmethod
    def of(cls, pid: str) -> Usage:
        """Return what a process uses now; ``"self"`` is this one."""
        process = Path(f"/proc/{pid}")
        pages = int((process / "statm").read_text("ascii").split()[1])
        files = len(list((process / "fd").iterdir())) - (pid == "self")  # the folder itself
        threads = len(list((process / "task").iterdir()))
        return cls(threads, files, pages * resource.getpagesize() / 2**20)

    @classmethod
    def now(cls) -> Usage:
        """Return what this process uses now, without garbage."""
        gc.collect()
        return cls.of("self")

    @classmethod
    def settled(cls) -> Usage:
        """Return what this process uses after everything that is due has run."""
        settle()
        return cls.now()

    def __str__(self) -> str:
        return f"{self.threads} threads, {self.files} files, {self.memory:.1f} MiB"


@contextlib.contextmanager
def no_collector() -> Iterator[None]:
    """What goes in this block goes because nothing refers to it."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def settle() -> None:
    """Let the I/O thread and the workers do what is due."""
    threads = runtime()
    for _ in range(3):
        for each in (threads.callbacks.submit, threads.calls.submit, threads.loop.call_soon):
            done = threading.Event()
            each(done.set)
            assert done.wait(PATIENCE)
