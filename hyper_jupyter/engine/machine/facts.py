"""What this machine is: its system, its architecture, its memory.

Layer: engine. Reads what does not change while the engine runs; no state.
"""

from __future__ import annotations

import os
import platform

__all__ = ["architecture", "operating_system", "total_memory"]


def operating_system() -> str:
    """Return the system's name as the API has it: ``linux``."""
    return platform.system().lower()


def architecture() -> str:
    """Return the machine's architecture as Go names it: ``amd64``."""
    machine = platform.machine()
    return {"x86_64": "amd64", "aarch64": "arm64"}.get(machine, machine)


def total_memory() -> int:
    """Return the machine's memory in bytes."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
