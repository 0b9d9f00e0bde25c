"""From where on a session has all bytes of a stream, and where that is in the log.

Layer: session, rules. No I/O, no clock, no threads: values, any thread.

A position proves a place in a log: so many bytes of a stream come before it. It counts from the
log's beginning, or from its first line since a moment, which an engine finds again at each request.
"""

from __future__ import annotations

from dataclasses import dataclass

from hyper_jupyter.session.rules.log.tail import Tail

__all__ = ["START", "Anchor"]


@dataclass(frozen=True, slots=True)
class Anchor:
    """A place in one stream of a log that is known by counting.

    Attributes:
        position: how many bytes of the stream come before it.
        since: from which moment on they count: seconds since the epoch, by the engine's clock;
            ``None`` is the log's beginning.
    """

    position: int
    since: float | None = None

    def counted(self, tail: Tail) -> Tail:
        """Return what was received from this place on, counted from where the anchor counts."""
        return Tail(tail.data, self.position + tail.size, whole=True)


START = Anchor(0)
"""The first byte of a container that has never run before."""
