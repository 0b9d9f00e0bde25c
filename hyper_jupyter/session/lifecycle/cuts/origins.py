"""From where on a session has all of each stream, and what it had received at a cut.

Layer: session, lifecycle. The I/O thread, and whoever begins a session; nothing here blocks.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from hyper_jupyter.protocol import StreamType
from hyper_jupyter.session.attach.attachment import Attachment
from hyper_jupyter.session.attach.opening import Opening
from hyper_jupyter.session.lifecycle.log.filling import Received
from hyper_jupyter.session.rules.log.anchor import START, Anchor
from hyper_jupyter.session.rules.log.tail import KEPT, Tail
from hyper_jupyter.session.rules.plan import Plan
from hyper_jupyter.session.rules.streams import NO_STREAMS
from hyper_jupyter.session.store.journal import Journal

__all__ = ["Cut", "Origins"]

_SET_BACK: Final = 0.5
"""Seconds by which the wall clock falls behind the other one if somebody sets it."""


@dataclass(frozen=True, slots=True)
class _Origin:
    """From where on a session has all of a stream.

    Attributes:
        offset: where that begins in the journal.
        anchor: where that is in the log; ``None`` if it is not known.
        opening: when the connection was opened that has carried it since.
    """

    offset: int
    anchor: Anchor | None
    opening: Opening | None


@dataclass(frozen=True, slots=True)
class Cut:
    """A cut, and what there was before it.

    Attributes:
        at: when it was noticed, by ``time.monotonic``.
        time: the same, in seconds since the epoch.
        typed: whether something was typed shortly before.
        received: what each stream had received.
    """

    at: float
    time: float
    typed: bool
    received: Mapping[StreamType, Received]


class Origins:
    """Where each stream of one session begins.

    Args:
        journal: what it received.
        attachment: its connections.

    Attributes:
        since: when the session began to receive, in seconds since the epoch.
    """

    __slots__ = (
        "_attachment",
        "_base",
        "_found",
        "_journal",
        "_saw_start",
        "_since_steady",
        "since",
    )

    def __init__(self, journal: Journal, attachment: Attachment) -> None:
        self.since = time.time()
        self._since_steady = time.monotonic()
        self._journal = journal
        self._attachment = attachment
        self._saw_start = attachment.plan.unstarted
        self._base: Mapping[StreamType, int] = NO_STREAMS
        self._found: Mapping[StreamType, _Origin] = NO_STREAMS

    def begin(self, plan: Plan) -> None:
        """Begin with what comes from now on."""
        self.since, self._since_steady = time.time(), time.monotonic()
        self._saw_start = plan.unstarted
        self._base = self._journal.ends() if len(self._journal) else NO_STREAMS
        self._found = NO_STREAMS

    def trusted_since(self) -> float | None:
        """Return when the session began to receive; ``None`` if the clock was set back since."""
        passed = time.monotonic() - self._since_steady
        set_back = time.time() - self.since < passed - _SET_BACK
        return None if set_back else self.since

    def received(self, plan: Plan) -> dict[StreamType, Received]:
        """Return what each stream has received by now. I/O thread."""
        wanted = plan.wanted_streams
        if plan.tty or plan.mixes_streams:
            wanted = frozenset({StreamType.STDOUT})
        start = START if self._saw_start else None
        found = {}
        for stream in sorted(wanted):
            if stream not in self._found:
                base = self._base.get(stream, 0)
                self._note(stream, _Origin(base, start, self._attachment.opening))
            origin, end = self._found[stream], self._journal.end(stream)
            data = self._journal.read(stream, max(origin.offset, end - KEPT), KEPT)
            tail = Tail(data, end - origin.offset, whole=False)
            found[stream] = Received(tail, origin.anchor, origin.opening)
        return found

    def offset(self, stream: StreamType, received: Received) -> int:
        """Return where in the journal what had been received ends."""
        return self._found[stream].offset + received.tail.size

    def go_on(self, stream: StreamType, offset: int, anchor: Anchor | None) -> None:
        """Begin with what comes after a gap: later gaps are counted from there."""
        self._note(stream, _Origin(offset, anchor, self._attachment.opening))

    def _note(self, stream: StreamType, origin: _Origin) -> None:
        self._found = {**self._found, stream: origin}
