"""Which part of a container's log belongs to which of its lives.

Layer: session, rules. No I/O, no clock, no threads: pure functions, tested as tables; any thread.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from hyper_jupyter.protocol import StreamType
from hyper_jupyter.protocol.log_entries import TimedOutput
from hyper_jupyter.session.rules.log.overlap import overlap

__all__ = ["boundary", "is_doubtful", "new_entries", "reaches_back", "split_entries"]

_COARSE: Final = 0.5
"""Seconds between two times of a log from which on they do not separate lives."""


def boundary(ended: float | None, heard_end: float | None, started: float | None) -> float | None:
    """Return the time that separates the log lines of two lives.

    An engine may still write a line some milliseconds after the process has ended, but has written
    all of them when it says so in an event.

    Args:
        ended: when the first one ended, by inspect.
        heard_end: when the engine's event said so.
        started: when the second one was started.

    Returns:
        Seconds since the epoch; ``None`` if nothing is known.
    """
    if heard_end is not None and (started is None or heard_end <= started):
        return heard_end
    if ended is None or started is None:
        return ended if ended is not None else started
    return ended + (started - ended) / 2 if ended <= started else started


def is_doubtful(entries: Iterable[TimedOutput], after: float | None, *, step: float) -> bool:
    """Return whether the log's times leave open which lines are of the later life.

    Args:
        entries: the log, from some time before the boundary on.
        after: the time that separates the two lives; ``None`` if everything belongs to the later.
        step: the seconds between two times that the log can have.
    """
    if after is None or step < _COARSE:
        return False
    times = (entry.time for entry in entries if entry.time is not None)
    return any(time <= after < time + step for time in times)


def reaches_back(entries: Iterable[TimedOutput], after: float | None) -> bool:
    """Return whether a log has something from before the end of a life.

    Else an engine that keeps only the newest part of a log may have dropped the later life's lines.

    Args:
        entries: the log, from some time before that end on.
        after: the time that separates the two lives; ``None`` if everything belongs to the later.
    """
    times = (entry.time for entry in entries if entry.time is not None)
    return after is None or any(time <= after for time in times)


def new_entries(
    entries: Sequence[TimedOutput],
    after: float | None,
    *,
    step: float,
    known: Mapping[StreamType, bytes],
) -> list[TimedOutput]:
    """Return what a log has since the end of a life.

    Args:
        entries: the log, from some time before that on.
        after: the time that separates the two lives; ``None`` if everything belongs to the later.
        step: the seconds between two times that the log can have. Where it is large, lines of both
            lives have the same time: then those that are known are left out.
        known: the last bytes of each stream that are known to be from before.
    """
    if after is None:
        return list(entries)
    moment = -1.0
    doubtful: dict[StreamType, bytearray] = {}
    later: list[tuple[TimedOutput, bool]] = []
    for entry in entries:
        moment = entry.time if entry.time is not None else moment
        if moment + (step if step >= _COARSE else 0.0) <= after:
            continue
        is_doubtful = moment <= after
        later.append((entry, is_doubtful))
        if is_doubtful:
            doubtful.setdefault(entry.stream, bytearray()).extend(entry.data)
    drop = {s: overlap(known.get(s, b""), bytes(data)) for s, data in doubtful.items()}
    kept: list[TimedOutput] = []
    for entry, is_doubtful in later:
        data = entry.data
        if is_doubtful:
            count = min(drop[entry.stream], len(data))
            drop[entry.stream] -= count
            data = data[count:]
        if data:
            kept.append(entry._replace(data=data))
    return kept


def split_entries(
    entries: Iterable[TimedOutput], ends: Collection[float | None]
) -> list[list[TimedOutput]]:
    """Return the parts of a log that belong to lives, each of which has ended but the last.

    Args:
        entries: the log.
        ends: when each of the lives but the last one ended. Where that is not known, its lines are
            counted to the next one.
    """
    parts: list[list[TimedOutput]] = [[] for _ in range(len(ends) + 1)]
    bounds = list(ends)
    number = 0
    for entry in entries:
        while entry.time is not None and number < len(bounds):
            end = bounds[number]
            if end is not None and entry.time <= end:
                break
            number += 1
        parts[number].append(entry)
    return parts
