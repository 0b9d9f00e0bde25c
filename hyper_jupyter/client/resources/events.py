"""The events of an engine, as they come.

Layer: client. They are read in their user's thread, which they block; any thread may close them.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

from hyper_jupyter.client.channel import Channel
from hyper_jupyter.client.http.streaming import Closing, StreamingResponse
from hyper_jupyter.client.profile import EngineProfile
from hyper_jupyter.client.records import Event
from hyper_jupyter.client.resources.requests import Filters, encode_filters

__all__ = ["EVENTS_PATH", "EventRequest", "EventStream", "open_events"]

EVENTS_PATH: Final = "/events"

_GRACE: Final = 10**9
"""Nanoseconds that an engine is given for events that it has kept, if it needs them."""


@dataclass(frozen=True, slots=True)
class EventRequest:
    """A request for events in an engine's own words, and which of its answers are meant.

    Attributes:
        params: the query.
        actions: Docker's words for the engine's, by type and action.
        until: seconds since the epoch; later events are not meant.
        wanted: the actions that are asked for; empty for all.
    """

    params: Mapping[str, str]
    actions: Mapping[tuple[str, str], str]
    until: float
    wanted: Sequence[str]

    @classmethod
    def of(
        cls,
        profile: EngineProfile,
        *,
        since: int | None = None,
        until: int | None = None,
        filters: Filters | None = None,
    ) -> EventRequest:
        """Make a request; the arguments are those of :func:`open_events`."""
        actions = dict(profile.event_actions)
        wanted = _names(filters) if actions else []
        params = encode_filters(_in_its_words(filters, wanted, actions))
        now = time.time_ns()
        if since is None and until is not None and until > now:
            since = now  # otherwise engines begin with the oldest
        asked_until = until
        if until is not None and profile.past_end_loses_events:
            asked_until = max(until, now + _GRACE)
        for name, moment in (("since", since), ("until", asked_until)):
            if moment is not None:
                params[name] = f"{moment // 10**9}.{moment % 10**9:09}"
        return cls(params, actions, math.inf if until is None else until / 1e9, wanted)

    def read(self, row: Any) -> Event | None:
        """Read one line of the answer; ``None`` for an event that is not meant.

        Raises:
            ProtocolError: it is malformed.
        """
        event = Event.from_row(row, self.actions)
        # An engine's own word may stand for several of Docker's, of which one is wanted.
        other = (
            self.wanted
            and event.action in self.actions.values()
            and event.action not in self.wanted
        )
        return None if event.time > self.until or other else event


class EventStream(Closing):
    """What happens on an engine, as it happens: an iterator of :class:`Event`.

    The thread that iterates is blocked until the next event. Any thread may :meth:`close` it: then
    iteration ends. It is a context manager, too.
    """

    def __init__(self, response: StreamingResponse, request: EventRequest) -> None:
        self._response = response
        self._events = self._read(response.values(), request)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Event:
        """Wait for the next event.

        Raises:
            StopIteration: there are no more: their time is over, or it was closed.
            ConnectionLost: the connection broke.
            ProtocolError: what came is not an event.
        """
        return next(self._events)

    @property
    def closed(self) -> bool:
        """Whether no more events come."""
        return self._response.closed

    def close(self) -> None:
        """End the events; a thread that waits for one returns at once."""
        self._response.close()

    @staticmethod
    def _read(values: Iterator[Any], request: EventRequest) -> Iterator[Event]:
        for value in values:
            event = request.read(value)
            if event is not None:
                yield event


def open_events(
    channel: Channel,
    *,
    since: int | None = None,
    until: int | None = None,
    filters: Filters | None = None,
) -> EventStream:
    """Ask an engine for its events.

    Args:
        channel: the engine.
        since: begin with those of this time, in nanoseconds since the epoch; ``None`` is now, or
            if ``until`` is past the oldest that the engine has kept.
        until: end with those of this time, which may be to come; ``None`` is never.
        filters: conditions, as the engine's API names them.

    Raises:
        ApiError: the engine refuses a filter.
        ConnectionFailed: the engine cannot be reached.
    """
    request = EventRequest.of(channel.profile, since=since, until=until, filters=filters)
    return EventStream(channel.stream("GET", EVENTS_PATH, request.params), request)


def _names(filters: Filters | None) -> Sequence[str]:
    """Return the actions that are asked for; empty for all."""
    named = (filters or {}).get("event", ())
    return [named] if isinstance(named, str) else [] if isinstance(named, bool) else list(named)


def _in_its_words(
    filters: Filters | None, wanted: Sequence[str], actions: Mapping[tuple[str, str], str]
) -> Filters | None:
    """Add the engine's own words for the actions that are asked for in Docker's."""
    own = {theirs for (_, theirs), ours in actions.items() if ours in wanted}
    return {**(filters or {}), "event": [*wanted, *sorted(own - set(wanted))]} if own else filters
