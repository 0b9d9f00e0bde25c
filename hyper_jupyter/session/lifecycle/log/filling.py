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
from hyper_jupyter.session.attach.target import Target
from hyper_jupyter.session.rules.log.continuation import Missing, find_end, find_missing
from hyper_jupyter.session.rules.log.joint import Conditions, Snapshot
from hyper_jupyter.session.rules.log.tail import ALTERED, Tail
from hyper_jupyter.session.rules.plan import Plan

__all__ = ["Fill", "Filling", "Part"]

_BUDGET: Final = 10.0
"""Seconds for all of it; a container that prints fast may fill the gate sooner."""

_SOON: Final = 0.05
"""Seconds to wait for the first live output, which shows best where the gap ends."""

_SETTLE: Final = 0.2
"""Seconds after which a log has what has come live."""

_READINGS: Final = 6

_TAILS: Final = (2_000, 50_000, None)
"""How many lines are read; more, if what had been received is not found in these."""

_MOST_WHOLE: Final = 256 * 1024 * 1024
"""Bytes of output up to which a log is read from its beginning, to count them."""

_CLOCKS: Final = 300.0
"""Seconds by which the clock of an engine on another machine may be wrong."""

_MOST: Final = 48 * 1024 * 1024
"""Bytes of a log that are kept, the newest ones."""

_BEGINNING: Final = 256

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Part:
    """What is known about one stream.

    Attributes:
        filled: whether all that was missing is in :attr:`Fill.outputs`.
        size: how many bytes that is.
        waits: whether the beginning of a line that is not finished may be missing.
    """

    filled: bool = False
    size: int = 0
    waits: bool = False


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
        since: when the session began to receive, in seconds since the epoch; ``None`` if the clock
            was set back since then, and no time says any more what came later.
    """

    def __init__(
        self,
        client: EngineClient,
        target: Target,
        plan: Plan,
        received: Mapping[StreamType, Tail],
        gate: Gate | None,
        since: float | None,
    ) -> None:
        self._client = client
        self._target = target
        self._plan = plan
        self._received = received
        self._gate = gate
        self._since = since
        self._deadline = Deadline(_BUDGET)
        self._tails: Sequence[int | None] = _TAILS
        sizes = sum(each.size for each in received.values())
        self._counts = all(each.whole for each in received.values()) and sizes <= _MOST_WHOLE
        self._changes = Changes()

    def find(self) -> Fill:
        """Find what is missing. Blocks. It does not raise an error of the engine."""
        best = Fill(parts={stream: Part() for stream in self._received})
        if not self._plan.can_prove_completeness or (self._alters and not self._marks_altered):
            return best
        try:
            for number in range(_READINGS):
                if self._gate is not None and self._gate.is_open:
                    break
                fill = self._attempt(settled=number > 0)
                if _proven(fill) >= _proven(best):
                    best = fill
                remaining = self._deadline.remaining()
                done = all(part.filled for part in best.parts.values())
                if done or remaining is None or remaining < 2 * _SETTLE:
                    break
        except HyperJupyterError as error:
            logger.info("! the log does not show what is missing: %s", error)
        return best

    # -- one reading --------------------------------------------------------------------

    def _attempt(self, *, settled: bool) -> Fill:
        gate = self._gate
        if gate is None:
            if settled:
                time.sleep(_SETTLE)
            held = Snapshot({}, {})
        elif settled:
            held = gate.snapshot()
            time.sleep(_SETTLE)
        else:
            time.sleep(_SOON)
            held = gate.snapshot()
        view = self._read(held)
        sizes = held.sizes if gate is None else gate.snapshot().sizes
        places: dict[StreamType, tuple[int, int]] = {}
        parts: dict[StreamType, Part] = {}
        silent: list[StreamType] = []
        for stream, received in self._received.items():
            if not (received.size or received.whole):
                silent.append(stream)
                continue
            log = self._of(view, stream)
            parts[stream] = self._part(stream, log, held, sizes, view, places, settled=settled)
        outputs = view.cut(places)
        if silent:
            outputs += self._fill_silent(silent, held, parts, settled=settled)
        return Fill(outputs, parts)

    def _fill_silent(
        self,
        streams: Sequence[StreamType],
        held: Snapshot,
        parts: dict[StreamType, Part],
        *,
        settled: bool,
    ) -> list[Output]:
        """Look after streams of which nothing had come since the session began to receive.

        All that they have in the log since then is missing. That is known if the engine's clock is
        ours, or if there is nothing at all.
        """
        if self._since is None:
            parts.update((stream, Part()) for stream in streams)
            return []
        profile, remote = self._plan.profile, self._client.over_network
        since = self._since - max(_CLOCKS if remote else 0.0, profile.log_time_step)
        view = read_section(self._client, self._target, self._deadline, since=since, most=_MOST)
        sizes = held.sizes if self._gate is None else self._gate.snapshot().sizes
        places: dict[StreamType, tuple[int, int]] = {}
        for stream in streams:
            log = self._of(view, stream)
            trusted = not log.data or not (remote or profile.log_time_step > 1e-3)
            log = replace(log, whole=trusted, exact=True)
            nothing = Tail(b"", 0, whole=True)
            parts[stream] = self._part(
                stream, log, held, sizes, view, places, settled=settled, received=nothing
            )
        return view.cut(places)

    def _part(
        self,
        stream: StreamType,
        log: Tail,
        held: Snapshot,
        sizes: Mapping[StreamType, int],
        view: LogSection,
        places: dict[StreamType, tuple[int, int]],
        *,
        settled: bool,
        received: Tail | None = None,
    ) -> Part:
        received = received or self._received[stream]
        missing = self._missing(stream, log, received, held, sizes, view, settled=settled)
        if missing.begin is None or missing.end is None:
            return Part()
        data = log.data[missing.begin : missing.end]
        if self._alters and (ALTERED in data or not self._marks_altered) and data:
            return Part()
        places[stream] = missing.begin, missing.end
        return Part(filled=True, size=len(data), waits=missing.waits)

    def _missing(
        self,
        stream: StreamType,
        log: Tail,
        received: Tail,
        held: Snapshot,
        sizes: Mapping[StreamType, int],
        view: LogSection,
        *,
        settled: bool,
    ) -> Missing:
        if self._gate is None:  # nothing comes any more: the rest of the log is what is missing
            found = find_end(log, received)
            if found is None or found.lacks or not view.covers:
                return Missing(None)
            return Missing(found.offset, len(log.data))
        unchanged = stream in self._changes.unchanged({stream: log.data})
        how = Conditions(
            settled=settled,
            covers=view.covers,
            precise=False,
            unchanged=unchanged,
            by_lines=self._plan.profile.log_lacks_unfinished,
            altered=b"" if log.exact else self._alters,
        )
        return find_missing(log, received, held.live(stream, sizes), how)

    def _read(self, held: Snapshot) -> LogSection:
        wanted = max(held.sizes, key=lambda stream: held.sizes[stream], default=None)
        enough = None
        if wanted is not None and len(held.begins[wanted]) >= _BEGINNING:
            enough = wanted, held.begins[wanted][:_BEGINNING]
        while True:
            tail = self._tails[0]
            view = read_section(
                self._client,
                self._target,
                self._deadline,
                tail=tail,
                most=_MOST,
                enough=None if enough is None else beyond(*enough),
            )
            if tail is None or self._reaches(view):
                return view
            # To count bytes takes the whole log, which may be long: so content is tried first.
            self._tails = [None] if self._counts else self._tails[1:]

    def _reaches(self, view: LogSection) -> bool:
        """Whether the view goes back to what had been received."""
        return all(
            find_end(self._of(view, stream), received) is not None
            for stream, received in self._received.items()
            if received.size
        )

    def _of(self, view: LogSection, stream: StreamType) -> Tail:
        whole = self._tails[0] is None and not self._plan.log_may_rotate
        return view.tail(stream, whole=whole, exact=not self._alters)

    @property
    def _alters(self) -> bytes:
        return self._plan.profile.log_alters

    @property
    def _marks_altered(self) -> bool:
        """Whether a byte that is altered can be seen in the log."""
        return 0xFF in self._alters


def _proven(fill: Fill) -> int:
    return sum(part.filled for part in fill.parts.values())
