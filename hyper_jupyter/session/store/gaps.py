"""Output that the engine could not keep: what the marks in the streams say.

Layer: session, store. The I/O thread adds, any thread reads.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from hyper_jupyter.protocol import Piece, StreamType
from hyper_jupyter.protocol.gap import GapFinder
from hyper_jupyter.session.rules.streams import NO_STREAMS, STREAM_NAMES

__all__ = ["Gap", "Gaps", "lost_bytes", "settle_gaps"]

_BRACKET: Final = re.compile(rb"\[")


@dataclass(frozen=True, slots=True)
class Gap:
    """What was printed to one stream while a session was not connected.

    Attributes:
        stream: the stream.
        offset: how many bytes of it had come by then.
        began: when the connection was cut, in seconds since the epoch.
        ended: when the session was attached again.
        filled: whether it is known that nothing is missing: what was printed meanwhile has been put
            there from the engine's log.
        missing: how many bytes are missing; 0 if none are, ``None`` if that is not known.
        size: how many bytes have been put there.
    """

    stream: StreamType
    offset: int
    began: float
    ended: float
    filled: bool
    missing: int | None
    size: int = 0


def settle_gaps(gaps: Sequence[Gap], counted: Mapping[StreamType, int]) -> tuple[Gap, ...]:
    """Return gaps with what the number of all missing bytes says about them.

    Args:
        gaps: all gaps of a session.
        counted: how many bytes of each stream are missing in all of its gaps together.
    """
    rests = dict(counted)
    unknown = dict.fromkeys(counted, 0)
    for gap in gaps:
        if gap.stream in rests:
            rests[gap.stream] -= gap.missing or 0
            unknown[gap.stream] += gap.missing is None

    def settle(gap: Gap) -> Gap:
        rest = rests.get(gap.stream, -1)
        known = rest == 0 or (rest > 0 and unknown[gap.stream] == 1)
        return replace(gap, filled=not rest, missing=rest) if known else gap

    return tuple(settle(gap) if gap.missing is None else gap for gap in gaps)


def lost_bytes(gaps: Sequence[Gap], counted: Mapping[StreamType, int]) -> Mapping[StreamType, int]:
    """Return how many bytes are known to be missing in gaps, for each stream that misses some.

    Args:
        gaps: all gaps of a session.
        counted: as for :func:`settle_gaps`; a count is right, whatever is known of single gaps.
    """
    found: dict[StreamType, int] = {}
    for gap in gaps:
        found[gap.stream] = found.get(gap.stream, 0) + (gap.missing or 0)
    return {stream: count for stream, count in {**found, **counted}.items() if count}


class Gaps:
    """The gaps in one session's output."""

    __slots__ = ("_finders", "_reason")

    def __init__(self) -> None:
        self._finders: Mapping[StreamType, GapFinder] = NO_STREAMS
        self._reason = ""

    def receive_output(self, outputs: Sequence[Piece]) -> None:
        """Look for marks in the output of one read."""
        for stream, data in outputs:
            finder = self._finders.get(stream)
            if finder is None:
                finder = GapFinder()
                self._finders = {**self._finders, stream: finder}
            # Programs may print many short lines: nearly all of them cost no call.
            if (finder.undecided or _BRACKET.search(data)) and finder.receive_data(bytes(data)):
                self._reason = finder.reason

    def __bool__(self) -> bool:
        """Return whether there is any."""
        return any(finder.missing for finder in self._finders.values())

    @property
    def missing(self) -> dict[StreamType, int]:
        """How many bytes are missing, for each stream that misses some."""
        found = sorted(self._finders.items())
        return {each: finder.missing for each, finder in found if finder.missing}

    @property
    def warning(self) -> str:
        """What is missing and why, and what can be done, as a text for users; or empty."""
        if not self:
            return ""
        counts = [
            f"{count:,} bytes of {STREAM_NAMES[each]}" for each, count in self.missing.items()
        ]
        advice = " Free some space there." if "the disk of" in self._reason else ""
        return (
            f"{' and '.join(counts)} are missing in the middle, where a line says so: "
            f"{self._reason}.{advice}"
        )
