"""Finds in the engine's log what a session missed between two connections.

Layer: session, lifecycle. :meth:`Filling.find` blocks, for some seconds; it runs on a worker.

The new connection is open already, and its output is held back (:mod:`..attach.gate`).
:mod:`hyper_jupyter.session.rules.log.continuation` says what is missing and whether that is proven.
The log is read again as long as a later reading may prove more: it may be late.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from hyper_jupyter.client import Deadline, EngineClient
from hyper_jupyter.exceptions import HyperJupyterError
from hyper_jupyter.protocol import Output, StreamType
from hyper_jupyter.session.attach.gate import Gate
from hyper_jupyter.session.attach.logs.log_section import (
    Changes,
    LogSection,
    beyond,
    read_section,
)
from hyper_jupyter.session.attach.opening import Opening
from hyper_jupyter.session.attach.target import Target
from hyper_jupyter.session.rules.lives.log_parts import is_doubtful
from hyper_jupyter.session.rules.log.anchor import Anchor
from hyper_jupyter.session.rules.log.continuation import Missing, find_end, find_missing
from hyper_jupyter.session.rules.log.joint import Conditions, Snapshot, repeats
from hyper_jupyter.session.rules.log.tail import ALTERED, Tail
from hyper_jupyter.session.rules.plan import Plan

__all__ = ["Fill", "Filling", "Part", "Received"]

_BUDGET: Final = 10.0
"""Seconds for all of it; a container that prints fast may fill the gate sooner."""

_SOON: Final = 0.05
"""Seconds to wait for the first live output, which shows best where the gap ends."""

_SETTLE: Final = 0.2
"""Seconds after which a log has what has come live."""

_READINGS: Final = 6

_TAILS: Final[Sequence[int | None]] = (2_000, 10_000, 50_000, None)
"""How many lines are read; more, if what had been received is not found in these."""

_MOST_WHOLE: Final = 256 * 1024 * 1024
"""Bytes of output up to which a log is read from its beginning, to count them."""

_MOST: Final = 48 * 1024 * 1024
"""Bytes of a log that are kept, the newest ones."""

_BEGINNING: Final = 256

_LARGE: Final = 4 * 1024 * 1024
"""Bytes of a part of a log after which all of it is read next."""

_SLACK: Final = 4096
"""Bytes by which the two streams of a log may be apart from how they came."""

_LONG: Final = 4096
"""Bytes of what came last that show whether it repeats itself."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Part:
    """What is known about one stream.

    Attributes:
        filled: whether all that was missing is in :attr:`Fill.outputs`.
        size: how many bytes that is.
        waits: whether the beginning of a line that is not finished may be missing.
        lost: how many bytes are missing and not filled in, where that is known.
        anchor: where in the log the live output begins, where that is known by counting.
    """

    filled: bool = False
    size: int = 0
    waits: bool = False
    lost: int | None = None
    anchor: Anchor | None = None


@dataclass(frozen=True, slots=True)
class Received:
    """What one stream had received at the cut, of what was printed since a place.

    Attributes:
        tail: the bytes since that place.
        anchor: the place in the log; ``None`` if it is not known.
        opening: when the connection was opened that has carried all since the place; ``None`` if
            that is not known.
    """

    tail: Tail
    anchor: Anchor | None = None
    opening: Opening | None = None

    @property
    def counted(self) -> Tail:
        """The bytes, counted from where the anchor counts if there is one."""
        return self.tail if self.anchor is None else self.anchor.counted(self.tail)

    @property
    def from_start(self) -> bool:
        """Whether they are counted from the log's beginning."""
        return self.anchor is not None and self.anchor.since is None


@dataclass(frozen=True, slots=True)
class Fill:
    """What was missing.

    Attributes:
        outputs: what was missing, in the log's order.
        parts: what is known about each stream.
    """

    outputs: Sequence[Output] = ()
    parts: Mapping[StreamType, Part] = field(default_factory=dict)


class Filling:
    """One search for what is missing.

    Args:
        client: the engine.
        target: whose log.
        plan: the session's plan.
        received: what each stream had received at the cut.
        gate: holds back what comes live; ``None`` if the container has ended.
        until: when the life ended that the session was attached to, by the engine's clock, where
            the log goes on with another one; else ``None``.
    """

    def __init__(
        self,
        client: EngineClient,
        target: Target,
        plan: Plan,
        received: Mapping[StreamType, Received],
        gate: Gate | None,
        until: float | None = None,
    ) -> None:
        self._client = client
        self._target = target
        self._plan = plan
        self._received = received
        self._gate = gate
        self._until = until
        self._deadline = Deadline(_BUDGET)
        self._windows: dict[Opening, tuple[float, float] | None] = {}
        self._general = [s for s, each in received.items() if each.tail.size or each.from_start]
        self._tails = _TAILS
        self._counts = False  # whether a place can be found by counting from the log's beginning
        self._changes: dict[float | None, Changes] = {}

    def find(self) -> Fill:
        """Find what is missing. Blocks. It does not raise an error of the engine."""
        best = Fill(parts={stream: Part() for stream in self._received})
        if not self._plan.can_prove_completeness or (self._alters and not self._marks_altered):
            return best
        try:
            self._tails = self._useful_tails()
        except HyperJupyterError as error:
            logger.info("! when the container was attached is not known: %s", error)
        for number in range(_READINGS):
            if self._gate is not None and self._gate.is_open:
                break
            try:
                fill = self._attempt(settled=number > 0)
            except HyperJupyterError as error:  # what cut the session may cut this, too
                logger.info("! the log does not show what is missing: %s", error)
                fill = Fill()
            if fill.parts and _proven(fill) >= _proven(best):
                best = fill
            remaining = self._deadline.remaining()
            done = all(part.filled for part in best.parts.values())
            if done or remaining is None or remaining < 2 * _SETTLE:
                break
        return best

    def _useful_tails(self) -> Sequence[int | None]:
        """Return how many lines to read."""
        general = [self._received[stream] for stream in self._general]
        whole = sum(each.counted.size for each in general) <= _MOST_WHOLE
        self._counts = whole and any(each.from_start for each in general)
        if not whole or self._counts:
            return _TAILS
        # What a log has since a moment says more than a longer part of it.
        return _TAILS[:1] if all(self._window(each) for each in general) else _TAILS

    # -- one reading --------------------------------------------------------------------

    def _attempt(self, *, settled: bool) -> Fill:
        held = self._hold(settled=settled)
        parts = {stream: Part() for stream in self._received}
        outputs: list[Output] = []
        if self._general:
            view = self._read(held)
            whole = (self._tails[0] is None or view.whole) and not self._plan.log_may_rotate
            reading = _Reading(view, held, self._sizes(held), settled)
            for stream in self._general:
                received = self._received[stream]
                log = view.tail(stream, whole=whole, exact=not self._alters)
                tail = received.counted if received.from_start else received.tail
                parts[stream] = self._part(stream, log, tail, reading, since=None)
            outputs += view.cut(reading.places)
        for stream, received in self._received.items():
            if not parts[stream].filled and not received.from_start:
                self._look_since(stream, received, held, parts, outputs, settled=settled)
        return Fill(outputs, parts)

    def _look_since(
        self,
        stream: StreamType,
        received: Received,
        held: Snapshot,
        parts: dict[StreamType, Part],
        outputs: list[Output],
        *,
        settled: bool,
    ) -> None:
        """Look in what the log has since a moment: since it was attached, or since an anchor.

        That has all that was received. It has nothing else from before the cut if the engine's
        times say so: no line of the stream was printed near the time of attaching.
        """
        anchor, window, opening = received.anchor, self._window(received), received.opening
        silent = not received.tail.size
        if anchor is None and opening is not None and not (opening.live or silent):
            return
        since = anchor.since if anchor is not None else window and window[0]
        if since is None or self._plan.log_may_rotate:
            return
        view = read_section(
            self._client, self._target, self._deadline, since=since, timed=True, most=_MOST
        )
        view = self._of_this_life(view)
        log = view.tail(stream, whole=True, exact=silent or not self._alters)
        tail = received.counted
        if anchor is None and window is not None:
            first = next((each for each in view.entries if each.stream is stream), None)
            later = first is None or (first.time is not None and first.time > window[1])
            tail = replace(tail, whole=later)
        reading = _Reading(view, held, self._sizes(held), settled)
        parts[stream] = self._part(stream, log, tail, reading, since=since)
        outputs += view.cut(reading.places)

    def _window(self, received: Received) -> tuple[float, float] | None:
        """Return between which of the engine's times it was attached, if that is known."""
        opening = received.opening
        if opening is None:
            return None
        if opening not in self._windows:
            step = self._plan.profile.log_time_step
            self._windows[opening] = opening.window(self._client, step)
        return self._windows[opening]

    def _hold(self, *, settled: bool) -> Snapshot:
        """Return what had come live, if settled, some time ago."""
        gate = self._gate
        if gate is None:
            if settled:
                time.sleep(_SETTLE)
            return Snapshot({}, {})
        if not settled:
            time.sleep(_SOON)
            return gate.snapshot()
        held = gate.snapshot()
        time.sleep(_SETTLE)
        return held

    def _sizes(self, held: Snapshot) -> Mapping[StreamType, int]:
        return held.sizes if self._gate is None else self._gate.snapshot().sizes

    def _part(
        self,
        stream: StreamType,
        log: Tail,
        received: Tail,
        reading: _Reading,
        *,
        since: float | None,
    ) -> Part:
        """Return what one reading shows about a stream.

        Args:
            stream: the stream.
            log: what the log has of it.
            received: what had come.
            reading: the reading; it gets the place of what is missing.
            since: from which moment on the log was read.
        """
        changes = self._changes.setdefault(since, Changes())
        missing = self._missing(stream, log, received, reading, changes)
        anchor = None
        if missing.end is not None and log.whole and log.exact and not missing.waits:
            anchor = Anchor(log.start + missing.end, since)
        if missing.begin is None or missing.end is None:
            return Part(lost=missing.lost, anchor=anchor)
        data = log.data[missing.begin : missing.end]
        if self._alters and (ALTERED in data or not self._marks_altered) and data:
            return Part()
        reading.places[stream] = missing.begin, missing.end
        return Part(filled=True, size=len(data), waits=missing.waits, anchor=anchor)

    def _missing(
        self,
        stream: StreamType,
        log: Tail,
        received: Tail,
        reading: _Reading,
        changes: Changes,
    ) -> Missing:
        covers = reading.view.covers
        if self._gate is None:  # nothing comes any more: the rest of the log is what is missing
            found = find_end(log, received)
            if found is None or found.lacks or not covers:
                return Missing(None)
            return Missing(found.offset, len(log.data))
        how = Conditions(
            settled=reading.settled,
            covers=covers,
            precise=False,
            unchanged=stream in changes.unchanged({stream: log.data}),
            by_lines=self._plan.profile.log_lacks_unfinished,
            altered=b"" if log.exact else self._alters,
        )
        return find_missing(log, received, reading.held.live(stream, reading.sizes), how)

    def _read(self, held: Snapshot) -> LogSection:
        """Read as much of the log's end as shows where the received output ends."""
        wanted = max(held.sizes, key=lambda stream: held.sizes[stream], default=None)
        begin = b"" if wanted is None else held.begins[wanted][:_BEGINNING]
        # A stream that prints less than the other one has its place in the log later.
        then = {stream: len(each) + _SLACK for stream, each in held.begins.items() if each}
        while True:
            enough = None
            if wanted is not None and len(begin) == _BEGINNING:
                enough = beyond(wanted, begin, then)
            view = read_section(
                self._client,
                self._target,
                self._deadline,
                tail=self._tails[0],
                timed=self._until is not None,
                most=_MOST,
                enough=enough,
            )
            view = self._of_this_life(view)
            if len(self._tails) == 1 or self._reaches(view):
                return view
            # To count bytes takes the whole log, which may be long: so content is tried first,
            # unless it can prove nothing. More of very long lines may be more than the whole log.
            ends = [self._received[stream].tail.data[-_LONG:] for stream in self._general]
            alike = any(not end or repeats(end) for end in ends)
            large = sum(len(entry.data) for entry in view.entries) > _LARGE
            whole = large or (self._counts and alike)
            self._tails = self._tails[-1:] if whole else self._tails[1:]

    def _of_this_life(self, view: LogSection) -> LogSection:
        """Return what a log has of the life that the session was attached to."""
        if self._until is None:
            return view
        step = self._plan.profile.log_time_step
        if is_doubtful(view.entries, self._until, step=step):  # whose lines some are is not known
            return replace(view.before(self._until), covers=False)
        return view.before(self._until)

    def _reaches(self, view: LogSection) -> bool:
        """Whether a part of the log goes back to what had been received."""
        if view.whole and not self._plan.log_may_rotate:
            return True  # there is no more
        return all(
            find_end(view.tail(s, whole=False), self._received[s].tail) is not None
            for s in self._general
        )

    @property
    def _alters(self) -> bytes:
        return self._plan.profile.log_alters

    @property
    def _marks_altered(self) -> bool:
        """Whether a byte that is altered can be seen in the log."""
        return 0xFF in self._alters


@dataclass(frozen=True, slots=True)
class _Reading:
    """One reading of the log, what had come live by then, and the places that were found in it."""

    view: LogSection
    held: Snapshot
    sizes: Mapping[StreamType, int]
    settled: bool
    places: dict[StreamType, tuple[int, int]] = field(default_factory=dict)


def _proven(fill: Fill) -> int:
    return sum(part.filled for part in fill.parts.values())
