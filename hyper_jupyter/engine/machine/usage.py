"""What processes use: processor time, memory, threads, bytes read and written.

Layer: engine. Reads ``/proc``, so Linux only; no state.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Final

__all__ = ["Usage", "is_available", "measure"]

_PROC: Final = Path("/proc")
_TICK: Final = 1_000_000_000 // os.sysconf("SC_CLK_TCK")
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Usage:
    """What some processes use together; times are in nanoseconds, sizes in bytes.

    Attributes:
        user: processor time in user mode, of their children that have ended too.
        system: processor time in the kernel, likewise.
        machine: processor time of the whole machine since its start, all states of all processors.
        memory: resident, each shared page by its share where the system says it.
        threads: how many.
        read: from storage.
        written: to storage.
    """

    user: int
    system: int
    machine: int
    memory: int
    threads: int
    read: int
    written: int


def is_available() -> bool:
    """Whether this system tells what processes use."""
    return (_PROC / "self" / "stat").exists()


def measure(pids: Collection[int]) -> Usage:
    """Return what these processes use; those that have just ended are left out."""
    user = system = memory = threads = read = written = 0
    for pid in pids:
        folder = _PROC / str(pid)
        try:
            # The name in parentheses may contain any characters, parentheses too.
            fields = (folder / "stat").read_bytes().rpartition(b")")[2].split()
        except OSError:
            continue
        user += int(fields[11]) + int(fields[13])
        system += int(fields[12]) + int(fields[14])
        threads += int(fields[17])
        memory += _memory(folder, int(fields[21]) * _PAGE)
        io = _numbers(folder / "io")
        read += io.get("read_bytes", 0)
        written += io.get("write_bytes", 0)
    return Usage(user * _TICK, system * _TICK, _machine_time(), memory, threads, read, written)


def _memory(folder: Path, resident: int) -> int:
    shares = _numbers(folder / "smaps_rollup")
    return shares["Pss"] * 1024 if "Pss" in shares else resident


def _numbers(path: Path) -> dict[str, int]:
    """Return the lines ``NAME: NUMBER …`` of a file; none if it cannot be read."""
    try:
        lines = path.read_text("ascii", "replace").splitlines()
    except OSError:
        return {}
    numbers = {}
    for line in lines:
        name, _, rest = line.partition(":")
        first = rest.split()[:1]
        if first and first[0].isdigit():
            numbers[name] = int(first[0])
    return numbers


def _machine_time() -> int:
    try:
        first = (_PROC / "stat").read_text("ascii").splitlines()[0]
    except (OSError, IndexError):
        return 0
    return sum(map(int, first.split()[1:8])) * _TICK
