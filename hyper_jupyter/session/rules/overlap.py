"""Puts a log and the live output behind it together.

Layer: session. No I/O, no threads.
"""

from __future__ import annotations

from typing import Final

__all__ = ["overlap"]

_PROBE: Final = 64


def overlap(log: bytes, live: bytes) -> int:
    """How many bytes at the start of ``live`` are the end of ``log`` already.

    The live stream is opened first and the log read second, so nothing is missed; what came in
    between is in both.

    Args:
        log: what the engine had stored.
        live: what came since the attachment.

    Returns:
        The length of the longest end of ``log`` that ``live`` starts with.
    """
    if not live:
        return 0
    probe = live[:_PROBE]
    start = max(0, len(log) - len(live))
    while 0 <= (start := log.find(probe, start)) <= len(log) - len(probe):
        if live.startswith(log[start:]):
            return len(log) - start
        start += 1
    # Shorter than the probe: the last bytes of the log.
    for count in range(min(len(probe) - 1, len(log)), 0, -1):
        if live.startswith(log[-count:]):
            return count
    return 0
