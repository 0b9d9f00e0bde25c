"""What may happen to a connection on its way, and where in it.

No sockets, no clock: a script gives each connection its faults, and the proxy does them.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

__all__ = ["Connection", "Do", "Fault", "Script", "Way", "each_attach", "healthy", "in_turn"]


class Do(enum.StrEnum):
    """What a fault does."""

    CUT = "cut"
    """End the connection at both ends, in order."""
    RESET = "reset"
    """End it at both ends, by RST where it is TCP."""
    HALF_CLOSE = "half-close"
    """End this way of the connection; the other way goes on."""
    STALL = "stall"
    """Pass on nothing more this way until :meth:`FaultProxy.go_on`."""
    DELAY = "delay"
    """Hold each piece back for ``seconds`` from here on."""
    SPLIT = "split"
    """Pass on at most ``size`` bytes at a time from here on."""
    CORRUPT = "corrupt"
    """Invert the bits of the next byte."""


class Way(enum.StrEnum):
    """A direction of a connection."""

    ANSWERS = "answers"
    """From the engine to the client."""
    REQUESTS = "requests"
    """From the client to the engine."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that happens to a connection once.

    Attributes:
        do: what happens.
        after: exactly so many bytes of that way are passed on before.
        way: whose bytes are counted, and to which way it happens.
        past_head: count from the end of the head of the request or the answer.
        idle: happens after so many seconds without traffic either way instead; 0 is never.
            For ``CUT`` and ``RESET``.
        seconds: for ``DELAY``.
        size: for ``SPLIT``.
    """

    do: Do
    after: int = 0
    way: Way = Way.ANSWERS
    past_head: bool = False
    idle: float = 0.0
    seconds: float = 0.0
    size: int = 1


@dataclass(frozen=True, slots=True)
class Connection:
    """A connection that a client has dialled.

    Attributes:
        number: counts those of its kind, from 1.
        kind: "attach", "logs", "wait", "start", "events" or "call", by its first request.
        line: the request line of that.
    """

    number: int
    kind: str
    line: str


Script = Callable[[Connection], Sequence[Fault]]
"""Gives a connection its faults; called once for each, in the order in which requests come."""

_KINDS: Final = re.compile(r"^\w+ \S*?/(attach|logs|wait|start|events)(?:/ws)?(?:[? ])")


def kind_of(line: str) -> str:
    """Return the kind of a connection from its first request line."""
    found = _KINDS.match(line)
    return found[1] if found else "call"


def healthy(connection: Connection) -> Sequence[Fault]:
    """Give no connection a fault."""
    return ()


def each_attach(*faults: Fault) -> Script:
    """Return a script that gives these faults to each attach connection."""
    return lambda connection: faults if connection.kind == "attach" else ()


def in_turn(*turns: Iterable[Fault], kind: str = "attach") -> Script:
    """Return a script that gives the first connection of a kind the first faults, and so on.

    Those that come after the last turn have none.
    """
    listed = [tuple(turn) for turn in turns]

    def script(connection: Connection) -> Sequence[Fault]:
        if connection.kind != kind or connection.number > len(listed):
            return ()
        return listed[connection.number - 1]

    return script
