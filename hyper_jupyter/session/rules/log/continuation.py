"""Where a log goes on after what a session had received when its connection was cut.

Layer: session, rules. No I/O, no threads: pure functions, any thread.

Two things find the place of the last received byte in the log of its stream:

* *Position*. A session that saw the container's output from its first byte on knows how many bytes
  came. So many of the log's bytes are known, whatever they say. The same holds from any place on
  that was once found in the log (:mod:`hyper_jupyter.session.rules.log.anchor`).
* *Content*. The last received bytes are looked for in the log. They prove their place where they
  are there once and do not repeat themselves. A program that prints the same line again and again
  fits anywhere. Where the log may lack older lines, few bytes prove nothing: the program may have
  printed the same before.

Where the live output of the new connection begins is what
:mod:`hyper_jupyter.session.rules.log.joint` finds for a history, too. What is between the two
places is what is missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from hyper_jupyter.session.rules.log.joint import Conditions, Joint, Live, place, repeats
from hyper_jupyter.session.rules.log.tail import Tail

__all__ = ["Found", "Missing", "find_end", "find_missing"]

_LONG: Final = 4096
"""Bytes that are not printed twice by chance, if they do not repeat themselves."""


@dataclass(frozen=True, slots=True)
class Found:
    """The place in a log after the last received byte.

    Attributes:
        offset: how many bytes of the log's :attr:`Tail.data` come before it.
        lacks: how many received bytes the log does not have, perhaps not yet.
    """

    offset: int
    lacks: int = 0


@dataclass(frozen=True, slots=True)
class Missing:
    """What one stream lacks between two connections.

    Attributes:
        begin: where it begins in the log's bytes; ``None`` if nothing proves that.
        end: where it ends, and the live output begins; ``None`` if nothing proves that.
        waits: whether the beginning of a line that is not finished may be missing, too.
        lost: how many bytes are missing that the log does not have any more; ``None`` if nothing
            proves a number.
    """

    begin: int | None
    end: int | None = None
    waits: bool = False
    lost: int | None = None

    @property
    def proven(self) -> bool:
        """Whether both places are proven."""
        return self.begin is not None and self.end is not None


def find_end(log: Tail, received: Tail) -> Found | None:
    """Find the place in a log after the last byte that was received.

    Args:
        log: the log's bytes of one stream, read after the cut.
        received: what had come.

    Returns:
        The place; ``None`` if nothing proves it.
    """
    if received.whole and log.whole and log.exact:
        return _by_position(log, received)
    return _by_content(log, received)


def find_missing(log: Tail, received: Tail, live: Live, how: Conditions) -> Missing:
    """Find what is missing between what had been received and what comes live.

    Args:
        log: the log's bytes of one stream, read after the new connection was opened.
        received: what had come by the cut.
        live: what came on the new connection.
        how: how the log was read.
    """
    found = find_end(log, received)
    if found is None:
        return _find_live(log, received, live, how)
    if found.lacks and b"\n" in received.data[-found.lacks :]:
        return Missing(None)  # it is late: it has to have finished lines
    if found.lacks and not how.by_lines:
        return Missing(None)
    rest = log.data[found.offset :]
    joint = place(rest, live, 0, how)
    if joint.joint is Joint.UNPROVEN:
        return Missing(found.offset)
    waits = joint.joint is Joint.WAITING
    return Missing(found.offset, found.offset + joint.offset, waits)


def _find_live(log: Tail, received: Tail, live: Live, how: Conditions) -> Missing:
    """Find at least where the live output begins: later gaps can be counted from there."""
    joint = place(log.data, live, 0, how)
    if joint.joint is not Joint.PROVEN:
        return Missing(None)
    counts = received.whole and log.whole and log.exact
    gone = counts and log.start > received.size
    lost = log.start + joint.offset - received.size if gone else None
    return Missing(None, joint.offset, lost=lost)


def _by_position(log: Tail, received: Tail) -> Found | None:
    at = received.size - log.start
    if at < 0:
        return None  # the log has lost the place
    end = min(at, len(log.data))
    lacks = at - end
    if lacks > len(received.data):
        return None
    tail = received.data[: len(received.data) - lacks]
    common = min(len(tail), end)
    if log.data[end - common : end] != tail[len(tail) - common :]:
        return None  # the log has something else there
    return Found(end, lacks)


def _by_content(log: Tail, received: Tail) -> Found | None:
    tail = received.data
    line = tail.rfind(b"\n") + 1
    for kept in (tail, tail[:line]):  # a log may lack a last line that is not finished
        data = kept[-_LONG:]
        if not data or (len(data) < _LONG and not log.complete):
            continue
        at = log.data.find(data)
        if at < 0 or log.data.find(data, at + 1) >= 0 or repeats(data):
            continue
        end, rest = at + len(data), tail[len(kept) :]
        follows = log.data[end : end + len(rest)]
        if not rest.startswith(follows):
            return None
        lacks = len(rest) - len(follows)
        if log.complete and end + len(rest) < received.size:
            return None  # all that was received comes before this place
        return Found(end + len(follows), lacks)
    return None
