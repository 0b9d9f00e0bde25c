"""Which lives of a container have followed one that a session has seen.

Layer: session, rules. No I/O, no clock, no threads: pure functions, tested as tables; any thread.

Inspect knows the newest life, and the engine's events the others, as far as they were heard.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Final

from hyper_jupyter.client.records.fields import seconds
from hyper_jupyter.session.rules.container_state import has_ended
from hyper_jupyter.session.rules.lives.between import (
    Life,
    LifeEvent,
    between_text,
    lives_in,
    missed_lives,
    since_end,
)
from hyper_jupyter.session.rules.lives.log_parts import boundary

__all__ = ["Succession", "accounts_for", "count_of", "life_of", "number_of", "succession"]

_LATE: Final = 0.05
"""Seconds after the end of a life, as inspect has it, in which its last lines may be written."""

_ANOTHER: Final = 1.0
"""Seconds between two ends, of which an event names one and inspect the other, from which on they
are of two lives."""


@dataclass(frozen=True, slots=True)
class Succession:
    """The lives from one that has ended on.

    Attributes:
        lives: that one, those that came and went, and the newest one.
        texts: what the marks before each but the first one say.
        missed: how many more came and went without an event.
        after: the time that separates the first one from the others in the log; ``None`` if
            nothing is known.
    """

    lives: list[Life]
    texts: list[str]
    missed: int
    after: float | None


def succession(
    last: Life,
    inspected: Mapping[str, Any],
    heard: Sequence[LifeEvent],
    *,
    runs: bool,
    other: bool,
    restarts: int,
    count: int,
) -> Succession:
    """Return the lives from the one that has ended on, and what happened in between.

    Args:
        last: the life that has ended.
        inspected: the container.
        heard: the events of late, in order.
        runs: whether the newest life runs; otherwise it is over, too.
        other: whether it is another container that has the name now.
        restarts: how many restarts there were before.
        count: the engine's count of restarts in the last life.
    """
    state = inspected.get("State") or {}
    newest = life_of(state)
    events: Sequence[LifeEvent] = ()  # there are none of another container
    if not other:
        last, events = _since(last, newest, heard)
    unsure = not other and not accounts_for(last, inspected, heard, runs=runs, count=count)
    heard_end, past, _ = lives_in(events)
    if runs:
        past = [each for each in past if not _same(each, newest)]
        ended = last.ended
        finished = seconds(state.get("FinishedAt")) or None
        if ended is None and not past and not other:
            ended = finished  # of the life before the one that runs
        seen_end = past[-1].ended if past else heard_end or ended
        if unsure and finished and seen_end and finished > seen_end + _ANOTHER:
            past.append(Life(None, finished))  # nothing else is known of that one
    else:
        ended = last.ended
        end = past.pop().ended if past and _same(past[-1], newest) else None
        late = None if newest.ended is None else newest.ended + _LATE
        past.append(replace(newest, ended=late if end is None else end))
    code = last.exit_code
    if events and events[0].exit_code is not None:
        code = events[0].exit_code
    first = Life(last.started, ended if heard_end is None else heard_end, code)
    lives = [first, *past]
    if runs:
        lives.append(Life(newest.started))
    missed = 0 if other else missed_lives(count, count_of(inspected), len(past))
    short = str(inspected.get("Id") or "")[:12] if other else ""
    texts = [
        between_text(
            before,
            after.started,
            restarts + number + 1 + (missed if number == len(lives) - 2 else 0),
            missed=missed if number == len(lives) - 2 else 0,
            unsure=unsure and number == len(lives) - 2 and count_of(inspected) <= count,
            other=short if number == 0 else "",
        )
        for number, (before, after) in enumerate(pairwise(lives))
    ]
    return Succession(lives, texts, missed, boundary(ended, heard_end, lives[1].started))


def accounts_for(
    last: Life,
    inspected: Mapping[str, Any],
    heard: Sequence[LifeEvent],
    *,
    runs: bool,
    count: int,
) -> bool:
    """Return whether what was heard leaves no room for lives that nobody has named.

    Args:
        last: the life that has ended.
        inspected: the container.
        heard: the events of late, in order.
        runs: whether the newest life runs; otherwise it is over, too.
        count: the engine's count of restarts in the last life. A start by a client begins it anew.
    """
    state = inspected.get("State") or {}
    newest, finished = life_of(state), seconds(state.get("FinishedAt"))
    last, events = _since(last, newest, heard)
    by_policy = count_of(inspected) == count + 1
    listened = bool(events) and not events[0].starts  # from the end of the last life on
    if not runs:
        return by_policy or (listened and any(each.starts for each in events))
    heard_end, past, _ = lives_in(events)
    past = [each for each in past if not _same(each, newest)]
    if past and not listened:
        return by_policy
    before = past[-1] if past else Life(last.started, heard_end or last.ended)
    if not finished or before.ended is None:
        return by_policy or before.ended is not None
    # Inspect has the end of the life before the one that runs: was that this one?
    return (before.started or 0.0) <= finished <= before.ended + _ANOTHER


def _since(
    last: Life, newest: Life, heard: Sequence[LifeEvent]
) -> tuple[Life, Sequence[LifeEvent]]:
    """Return a life that has ended, and the events from its end on.

    If it was over before inspect could say when it was started, the first start that was heard is
    taken as its own. Not if its end comes first, or if that start is the newest life's.

    Args:
        last: the life that has ended.
        newest: a later life.
        heard: the events of late, in order.
    """
    if last.started is None and heard and heard[0].starts:
        began = heard[0].time
        if newest.started is not None and began >= newest.started:
            return last, heard
        last = replace(last, started=began)
    return last, since_end(last, heard)


def _same(heard: Life, newest: Life) -> bool:
    """Whether events speak of the newest life that inspect knows: no earlier one ends so late."""
    if heard.ended is None or newest.started is None:
        return False
    return heard.ended >= newest.started


def life_of(state: Mapping[str, Any]) -> Life:
    """Return the newest life, as inspect has it."""
    started = seconds(state.get("StartedAt")) or None
    if not has_ended(state):
        return Life(started)
    code = state.get("ExitCode")
    return Life(
        started, seconds(state.get("FinishedAt")) or None, code if isinstance(code, int) else None
    )


def number_of(inspected: Mapping[str, Any]) -> int:
    """Return which life it is that inspect knows, since a client has started the container."""
    state = inspected.get("State") or {}
    return count_of(inspected) + (0 if state.get("Restarting") else 1)


def count_of(inspected: Mapping[str, Any]) -> int:
    """Return how often the engine has started the container by itself since a client did."""
    count = inspected.get("RestartCount")
    return count if isinstance(count, int) else 0
