"""Receives for one session: stores output, and reports output and ends.

Layer: session, attach. I/O thread only; it holds no lock while it calls out. The object that users
hold is :class:`hyper_jupyter.session.Session`, which makes one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from hyper_jupyter.exceptions import HyperJupyterError
from hyper_jupyter.protocol import Piece, StreamType
from hyper_jupyter.protocol.log_entries import LogPlace, LogTimes
from hyper_jupyter.session.attach.connection import Connection
from hyper_jupyter.session.rules.plan import Plan
from hyper_jupyter.session.rules.streams import NO_STREAMS
from hyper_jupyter.session.store.gaps import Gaps
from hyper_jupyter.session.store.journal import Journal

__all__ = ["EndObserver", "Receiver"]


class EndObserver(Protocol):
    """Is notified of output and of connections' ends, to find out how the session ended.

    Attributes:
        detaching: whether the session is being detached, or is detached.
    """

    detaching: bool

    def receive_output(self, *, kept: bool) -> None:
        """Note that output came, and say so; ``kept`` says whether any of it was stored."""

    def receive_end(self, connection: Connection, error: HyperJupyterError | None) -> None:
        """Take the end of a connection."""


class Receiver:
    """Receives for one session what its connections carry.

    Args:
        journal: stores the output.
        plan: the session's plan.

    Attributes:
        ending: is notified of output and ends. Set it before a connection is opened.
        gaps: what the engine could not keep.
        places: for a log with times, how far each stream of it has come.
    """

    __slots__ = ("_banner", "_journal", "_marks", "_wanted", "ending", "gaps", "places")

    ending: EndObserver

    def __init__(self, journal: Journal, plan: Plan) -> None:
        self._journal = journal
        self.gaps = Gaps()
        self.places: Mapping[StreamType, LogPlace] = NO_STREAMS
        self._marks = plan.profile.marks_gaps
        self._banner = plan.profile.detach_banner
        self._wanted = plan.wanted_streams

    def receive_output(self, outputs: Sequence[Piece], times: LogTimes | None = None, /) -> None:
        """Store the output of one read, except streams that the session does not want."""
        if self._marks:
            self.gaps.receive_output(outputs)
        if times is not None:  # a log, from a connection of its own that has what was wanted
            self.places = {**self.places, **times.places}
            self._journal.extend_at(outputs, times.moments)
            self.ending.receive_output(kept=bool(outputs))
            return
        if len(self._wanted) < 2:  # a shared connection carries both streams
            # As bytes: a view would keep the other stream's bytes, too.
            outputs = [(stream, bytes(data)) for stream, data in outputs if stream in self._wanted]
        if self._banner and self.ending.detaching:
            outputs = [
                (stream, rest)
                for stream, data in outputs
                if (rest := bytes(data).removesuffix(self._banner))
            ]
        self._journal.extend(outputs)
        self.ending.receive_output(kept=bool(outputs))

    def receive_end(self, connection: Connection, error: HyperJupyterError | None) -> None:
        """Report the end of a connection."""
        self.ending.receive_end(connection, error)
