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
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from hyper_jupyter.protocol import StreamType
from hyper_jupyter.session.store.journal import Journal

__all__ = ["Mark", "MarkKind", "Marks"]

MOST: Final = 10_000
"""Marks that are kept; a container that restarts for days must not fill the memory."""


class MarkKind(enum.StrEnum):
    """What a mark stands for."""

    CUT = "cut"
    """The connection was cut here, and what follows continues it, or a gap says what is missing."""
    GAP = "gap"
    """Output is missing here."""
    LIFE = "life"
    """The container ended, and was started again."""
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
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._lock = threading.Lock()
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
                " ".join(text.split()),
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
