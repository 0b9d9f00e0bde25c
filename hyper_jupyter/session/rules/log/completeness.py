"""Whether all output has come: compares the end of what was received with the end of the log.

Layer: session, rules. No I/O, no threads: pure functions, any thread.

The end of a stream does not show whether a proxy cut it, and neither do the answer to wait and
inspect. Only the engine's log can: where it ends as the received output ends, nothing is missing.
The log is written by a part of the engine that may be late, so a log that is behind is read again.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Final

from hyper_jupyter.protocol import StreamType
from hyper_jupyter.session.rules.log.tail import Tail

__all__ = ["Agreement", "compare", "compare_streams"]

_PROBE: Final = 64
"""Bytes at the end of one side that are looked for in the other side."""

_UNIQUE: Final = 256
"""Bytes at the end of both sides that must not occur earlier in the log."""


class Agreement(enum.Enum):
    """What the end of a log says about the received output."""

    SAME = "both end with the same bytes"
    BEHIND = "the log does not have the last received bytes, perhaps not yet"
    DIFFERENT = "the log ends otherwise; it may be late, or output is missing"
    MORE = "the log goes on after the last received byte"
    UNSURE = "the same end is there, and may be by chance; or only the log has bytes of a stream"
    SILENT = "there is nothing to compare"


def compare(received: Tail, log: Tail, *, altered: bytes = b"") -> tuple[Agreement, int]:
    """Compare the ends of one stream.

    Args:
        received: what came.
        log: what the engine's log has.
        altered: bytes that the log may have otherwise, such as those of characters that it replaces
            by U+FFFD. They are compared only as long as all is the same.

    Returns:
        What the log says, and how many bytes it has at least after the last received one.
    """
    found = _compare(received, log)
    if found[0] is Agreement.SAME or not altered:
        return found
    return _compare(_without(altered, received), _without(altered, log))


def compare_streams(
    received: Mapping[StreamType, Tail],
    log: Mapping[StreamType, Tail],
    *,
    altered: bytes = b"",
) -> tuple[Agreement, Mapping[StreamType, int]]:
    """Compare the ends of all streams of one connection.

    Args:
        received: what came, per stream.
        log: what the engine's log has, for the same streams.
        altered: as for :func:`compare`.

    Returns:
        What the log says about all of them together, and how many bytes of each stream are missing
        at least, if any.
    """
    found = {
        stream: compare(ends, log[stream], altered=altered) for stream, ends in received.items()
    }
    missing = {stream: count for stream, (what, count) in found.items() if what is Agreement.MORE}
    kinds = {what for what, _ in found.values()}
    if Agreement.SAME in kinds:
        # The log's last lines have nothing of a silent stream, so whatever that stream printed came
        # long before bytes of the same connection that have arrived.
        kinds.discard(Agreement.SILENT)
    worst_first = (
        Agreement.MORE,
        Agreement.DIFFERENT,
        Agreement.BEHIND,
        Agreement.UNSURE,
        Agreement.SILENT,
    )
    return next((what for what in worst_first if what in kinds), Agreement.SAME), missing


def _compare(received: Tail, log: Tail) -> tuple[Agreement, int]:
    if received.complete and log.complete:
        return _compare_whole(received.data, log.data)
    here, there = received.data, log.data
    if not here or not there:
        if here and log.whole:
            return Agreement.BEHIND, 0
        if there:  # it may have been printed before the attachment
            return (Agreement.MORE, len(there)) if received.whole else (Agreement.UNSURE, 0)
        return Agreement.SILENT, 0
    common = min(len(here), len(there))
    if here[-common:] == there[-common:]:
        end = here[-common:][-_UNIQUE:]
        once = there.find(end) == len(there) - len(end)  # else repeated lines may hide a cut
        return (Agreement.SAME if once else Agreement.UNSURE), 0
    # Repeated lines may be found on both sides.
    ahead = here.find(there[-_PROBE:]) >= 0
    at = there.rfind(here[-_PROBE:])
    if at >= 0 and not ahead:
        return Agreement.MORE, len(there) - at - len(here[-_PROBE:])
    if ahead and at < 0:
        return Agreement.BEHIND, 0
    # Long lines may all end with the same bytes. Searching forwards stays linear all the same.
    at = there.find(here)
    if at >= 0 and there.find(here, at + 1) < 0:
        return Agreement.MORE, len(there) - at - len(here)
    return Agreement.DIFFERENT, 0


def _compare_whole(here: bytes, there: bytes) -> tuple[Agreement, int]:
    if here == there:
        return Agreement.SAME, 0
    if there.startswith(here):
        return Agreement.MORE, len(there) - len(here)
    if here.startswith(there):
        return Agreement.BEHIND, 0
    if here.endswith(there):
        return Agreement.SAME, 0  # rotation has left a shorter log with the same end
    return Agreement.DIFFERENT, 0


def _without(altered: bytes, ends: Tail) -> Tail:
    data = ends.data.translate(None, altered)
    return Tail(data, ends.size - len(ends.data) + len(data), ends.whole)
