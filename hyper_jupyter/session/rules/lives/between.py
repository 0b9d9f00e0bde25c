"""The lives of a container: what follows the end of one, and what happened between two.

Layer: session, rules. No I/O, no clock, no threads: pure functions, tested as tables; any thread.

A *life* is one run of a container's process, from a start to an end. Three sources say what
happened between two lives, and each may lack something:

* Inspect has the newest life only: when it started, and if it is over, when and how it ended. Its
  count of restarts says how many came and went since, but not those that a client has made.
* Events name every start and every end, as long as the request for them is open.
* The log has the output of all lives, without a mark between them:
  :mod:`hyper_jupyter.session.rules.lives.log_parts`.
"""

from __future__ import annotations

import enum
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from hyper_jupyter.session.rules.container_state import has_ended, is_later_run, is_unstarted
from hyper_jupyter.session.rules.outcome import code_text

__all__ = [
    "Between",
    "Life",
    "LifeEvent",
    "Passage",
    "between_text",
    "lives_in",
    "missed_lives",
    "since_end",
    "starts_by_itself",
    "what_follows",
]

_TENTHS: Final = 60.0
"""Seconds from which on a pause is written without tenths."""

_LATE_START: Final = 1.0
"""Seconds after the start of a life, as inspect has it, in which the event of that start may come.
It comes within microseconds mostly, but a short life may be over by then."""


@dataclass(frozen=True, slots=True)
class Life:
    """One run of a container's process.

    Attributes:
        started: when, in seconds since the epoch, by the engine's clock; ``None`` if not known.
        ended: when; ``None`` as long as it runs, and if that is not known.
        exit_code: how; ``None`` as long as it runs, and if that is not known.
    """

    started: float | None
    ended: float | None = None
    exit_code: int | None = None


class LifeEvent(NamedTuple):
    """A start or an end, as an engine's event says.

    Attributes:
        starts: whether it is a start.
        time: seconds since the epoch.
        exit_code: of an end, if the event has it.
    """

    starts: bool
    time: float
    exit_code: int | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """What happened between two lives of which one was attached, and the other is found.

    Attributes:
        after: the time that separates them in the log; ``None`` if the log has nothing from before.
        texts: what the marks say: one before each life that begins.
        ends: when each of those lives ended, as far as the log is concerned; the one that runs is
            not among them.
        recent: how many of the lives before them may have lines in the last second.
    """

    after: float | None
    texts: Sequence[str]
    ends: Sequence[float | None] = ()
    recent: int = 1


class Between(enum.Enum):
    """What has become of a container after one of its lives."""

    WAITS = "it was not started again yet"
    RUNS = "it runs in a later life"
    PAST = "a later life came and went"
    GONE = "there is no such container any more"


def what_follows(state: Mapping[str, Any] | None, run: str) -> Between:
    """Return what has become of a container.

    Args:
        state: inspect's ``State``; ``None`` if the container is gone.
        run: ``StartedAt`` of the life that has ended; empty if it is not known.
    """
    if state is None or state.get("Status") == "removing":
        return Between.GONE
    if is_unstarted(state):
        return Between.WAITS
    if not has_ended(state):
        return Between.RUNS if is_later_run(state, run) or not run else Between.WAITS
    return Between.PAST if is_later_run(state, run) else Between.WAITS


def starts_by_itself(
    policy: Mapping[str, Any],
    state: Mapping[str, Any] | None,
    *,
    code: int | None,
    count: int,
    shown: bool,
) -> bool | None:
    """Return whether the engine starts a container again that has ended.

    Args:
        policy: its restart policy, as inspect has it.
        state: inspect's ``State``; ``None`` if the container is gone.
        code: its exit code.
        count: how often the engine has started it by itself since a client did.
        shown: whether the engine has a state for a container that it starts again.

    Returns:
        ``None`` if its policy wants that, and only time can tell: an engine without a state for it
        may have been asked to end the container.
    """
    if state is None:
        return False
    if state.get("Restarting") or state.get("Status") == "restarting":
        return True
    if shown:
        return False
    name = str(policy.get("Name") or "")
    if name == "on-failure":
        most = policy.get("MaximumRetryCount")
        limit = most if isinstance(most, int) else 0
        return None if code != 0 and (not limit or count <= limit) else False
    return None if name in ("always", "unless-stopped") else False


def lives_in(events: Iterable[LifeEvent]) -> tuple[float | None, list[Life], float | None]:
    """Return what the events since the end of a life say.

    Args:
        events: in order; the first one may be that end itself.

    Returns:
        When that life ended, the lives that came and went since, and when the one that runs now was
        started. ``None`` stands for what they do not say.
    """
    first_end: float | None = None
    past: list[Life] = []
    started: float | None = None
    for event in events:
        if event.starts:
            started = event.time
        elif started is not None:
            past.append(Life(started, event.time, event.exit_code))
            started = None
        elif not past:
            first_end = event.time
    return first_end, past, started


def missed_lives(before: int, now: int, seen: int) -> int:
    """Return how many lives are known to have come and gone without an event.

    Args:
        before: the engine's count of restarts in the last life that was seen.
        now: the count in the life that follows; it is smaller if a client has started that.
        seen: how many lives in between the events have named.
    """
    return max(0, now - before - 1 - seen)


def between_text(
    before: Life,
    started: float | None,
    number: int,
    *,
    missed: int = 0,
    unsure: bool = False,
    other: str = "",
) -> str:
    """Return what a mark between two lives says.

    Args:
        before: the life that has ended.
        started: when the next one was started; ``None`` if not known.
        number: which restart that is.
        missed: how many lives in between are known only by their number.
        unsure: whether there may have been others, of which nothing is known.
        other: the short id of another container that has the name now; empty if it is the same one.
    """
    how = "an unknown code" if before.exit_code is None else code_text(before.exit_code)
    again = f"another container has its name now ({other})" if other else "started again"
    after = ""
    if before.ended is not None and started is not None and started >= before.ended:
        pause = started - before.ended
        after = f" after {pause:.1f} s" if pause < _TENTHS else f" after {pause:,.0f} s"
    lost = ""
    if missed:
        lost = "; 1 restart" if missed == 1 else f"; {missed} restarts"
        lost += " in between left no mark"
    elif unsure:
        lost = "; others may have come and gone unseen"
    return f"exited with {how}, {again}{after} (restart {number}){lost}"


def since_end(life: Life, events: Iterable[LifeEvent]) -> list[LifeEvent]:
    """Return the events from the end of a life on: the first one is that end, if it was heard.

    Otherwise the first one is the start of the next life, where the events prove that.

    Args:
        life: the life.
        events: in order; the first ones may be older. Its own start may be among them.
    """
    later = [each for each in events if life.started is None or each.time >= life.started]
    for number, each in enumerate(later):
        if not each.starts or _is_of_another(life, each):
            return later[number:]
    return []


def _is_of_another(life: Life, start: LifeEvent) -> bool:
    """Whether a start that was heard before any end is of a later life than this one.

    Some engines write whole seconds, rounded down, in events. With those, the events of short lives
    cannot be attributed to the lives that inspect knows, so nothing is concluded from them.
    """
    if life.ended is None or start.time == math.floor(start.time):
        return False
    began = life.ended if life.started is None else life.started
    return start.time > max(life.ended, began + _LATE_START)
