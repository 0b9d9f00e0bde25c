"""Finds where live output continues a log.

Layer: session, rules. No I/O, no threads: a pure function, any thread.
"""

from __future__ import annotations

from typing import Final

__all__ = ["overlap"]

_PROBE: Final = 64


def overlap(log: bytes, live: bytes) -> int:
    """Return how many bytes at the start of ``live`` are also the end of ``log``.

    The live stream is opened first and the log read second, so that nothing is missed. Output
    printed in between is in both.

    Args:
        log: the output that the engine had stored.
        live: the output since the attachment.

    Returns:
        The length of the longest end of ``log`` that ``live`` starts with.
    """
    probe = live[:_PROBE]
    start = max(0, len(log) - len(live))
    while (start := log.find(probe, start)) >= 0:
        if live.startswith(log[start:]):
            return len(log) - start
        start += 1
    # The overlap is shorter than the probe: try the last bytes of the log.
    for count in range(min(len(probe) - 1, len(log)), 0, -1):
        if live.startswith(log[-count:]):
            return count
    return 0
