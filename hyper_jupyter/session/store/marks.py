"""Marks between the bytes of a session: gaps, cuts, restarts, and what users note.

Layer: session, store. Any thread adds and reads. No callbacks: whoever adds a mark notifies the
session's lifecycle afterwards.

A mark is no output. The transcripts stay byte-exact, and whatever shows them draws a line at a
mark's place.
"""

from __future__ import annotations

import enum
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from hyper_jupyter.protocol import StreamType
from hyper_jupyter.protocol.printable import printable
from hyper_jupyter.session.store.journal import Journal, Record

__all__ = ["Mark", "MarkKind", "Marks", "newest_after", "woven"]

MOST: Final = 10_000
"""Marks that are kept; a container that restarts for days must not fill the memory."""

LONGEST: Final = 400
"""Characters of a mark's text: it is one line."""


class MarkKind(enum.StrEnum):
    """What a mark stands for."""

    CUT = "cut"
    """The connection was cut here, and what follows continues it, or a gap says what is missing."""
    GAP = "gap"
    """Output is missing here."""
    LIFE = "life"
    """The container ended, and was started again; or what is waited for is another thing now."""
    AGAIN = "again"
    """The session was attached again here."""
    NOTE = "note"
    """The user's own, from ``Session.mark``."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A place between two bytes of a session.

    Attributes:
        kind: what it stands for.
        text: one line for users.
        time: when, in seconds since the epoch.
        position: how many bytes of both streams came before it.
        offsets: how many bytes of each stream came before it.
        number: counts the session's marks, from 1.
    """

    kind: MarkKind
    text: str
    time: float
    position: int
    offsets: Mapping[StreamType, int] = field(default_factory=dict)
    number: int = 0


class Marks:
    """The marks of one session, in the order of their places.

    Args:
        journal: what the session received.
        lock: the session's.
    """

    __slots__ = ("_count", "_journal", "_lock", "_marks")

    def __init__(self, journal: Journal, lock: threading.RLock) -> None:
        self._journal = journal
        self._lock = lock
        self._marks: tuple[Mark, ...] = ()
        self._count = 0

    def add(self, kind: MarkKind, text: str, when: float | None = None) -> Mark:
        """Add a mark after everything that has come.

        Args:
            kind: what it stands for.
            text: one line for users.
            when: seconds since the epoch; ``None`` is now.
        """
        with self._lock:
            offsets = self._journal.ends()
            self._count += 1
            mark = Mark(
                kind,
                printable(text, LONGEST),
                time.time() if when is None else when,
                sum(offsets.values()),
                offsets,
                self._count,
            )
            self._marks = (*self._marks[-MOST + 1 :], mark)
            return mark

    @property
    def all(self) -> tuple[Mark, ...]:
        """The marks that are kept, the newest :data:`MOST`."""
        return self._marks

    @property
    def revision(self) -> int:
        """The number of the newest mark; 0 if there is none."""
        return self._count


def newest_after(marks: Sequence[Mark], number: int, count: int) -> Sequence[Mark]:
    """Return the newest marks whose number is greater than ``number``, at most ``count``."""
    if not marks or marks[-1].number <= number:
        return ()
    return marks[-min(count, marks[-1].number - number) :]


def woven(
    records: Iterable[Record], position: int, end: int, marks: Iterable[Mark]
) -> Iterator[Record | Mark]:
    """Yield bytes of both streams with the marks between them, each at its place.

    A record that a mark lies in is cut there.

    Args:
        records: the bytes, in arrival order.
        position: how many bytes of both streams came before them.
        end: how many came by the end of them. A mark there is yielded last, one after it is not.
        marks: the marks from ``position`` on, in order.
    """
    waiting = iter([mark for mark in marks if mark.position <= end])
    mark = next(waiting, None)
    for stream, at, data in records:
        rest = data
        while mark is not None and mark.position < position + len(rest):
            cut = max(0, mark.position - position)
            if cut:
                yield stream, at, rest[:cut]
            rest, position = rest[cut:], position + cut
            yield mark
            mark = next(waiting, None)
        if rest:
            yield stream, at, rest
        position += len(rest)
    while mark is not None:
        yield mark
        mark = next(waiting, None)
