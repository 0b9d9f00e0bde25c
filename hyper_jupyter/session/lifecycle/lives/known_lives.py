"""What is known of the lives of one session's container, from inspect and from events.

Layer: session, lifecycle. Any thread; methods take the lock, and nothing here blocks.
"""

from __future__ import annotations

import math
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from hyper_jupyter.client.records import Event
from hyper_jupyter.client.records.fields import seconds
from hyper_jupyter.session.attach.past_lives import LEFT, PastLives, life_event
from hyper_jupyter.session.rules.container_state import is_later_run, is_unstarted
from hyper_jupyter.session.rules.lives.between import Life, LifeEvent, Passage, since_end
from hyper_jupyter.session.rules.lives.succession import (
    Succession,
    accounts_for,
    count_of,
    life_of,
    number_of,
    succession,
)

__all__ = ["KnownLives"]

_EVENTS: Final = 1000
"""Starts and ends that are kept between two looks."""

_LIVES: Final = 10_000
"""Lives that are kept."""

_NOTHING: Final[Mapping[Any, Any]] = MappingProxyType({})


class KnownLives:
    """The lives of one container.

    Args:
        lock: guards all of it; whoever holds it may call every method.

    Attributes:
        lives: those that the session has seen, oldest first; the newest 10,000.
        restarts: how many times it was started again.
        run: inspect's ``StartedAt`` of the newest life; empty if that is not known.
        policy: its restart policy, as inspect has it.
        whole: whether its log is wanted from the beginning, at the next life.
    """

    __slots__ = (
        "_asked",
        "_count",
        "_events",
        "_finished",
        "_left",
        "_lock",
        "_missed",
        "_read_until",
        "lives",
        "policy",
        "restarts",
        "run",
        "whole",
    )

    def __init__(self, lock: threading.RLock) -> None:
        self.lives: tuple[Life, ...] = ()
        self.restarts = 0
        self.run = ""
        self.policy: Mapping[str, Any] = _NOTHING
        self.whole = False
        self._lock = lock
        self._count = 0  # the engine's, in the newest life
        self._finished = ""  # inspect's FinishedAt before the life that is attached, until it runs
        self._missed = 0
        self._read_until: float | None = None
        self._events: tuple[LifeEvent, ...] = ()
        # Those that were asked for before they came by themselves, and how many of each.
        self._asked: Mapping[LifeEvent, int] = _NOTHING
        self._left = 0.0  # when the engine has last said that it does not start it again

    # -- what inspect says --------------------------------------------------------------

    def begin(self, inspected: Mapping[str, Any], *, start: bool) -> None:
        """Learn which life it is that is attached.

        Args:
            inspected: the container.
            start: whether it is started after that.
        """
        state = inspected.get("State") or {}
        self.policy = _policy_of(inspected)
        with self._lock:
            self._read_until = None
            if start or is_unstarted(state):  # its life begins later, and the count with it
                self.run, self._finished = "", str(state.get("FinishedAt") or "")
                self._count = 0
                if self.lives:
                    self._add(Life(None))
                    # What was heard until now is of older lives, and this one has no time yet that
                    # says so.
                    self._events, self._asked, self._left = (), _NOTHING, 0.0
                return
            self._learn(inspected)
            self._count -= bool(state.get("Restarting"))  # it counts the start that is due
            self._add(life_of(state))

    def has_passed(self, inspected: Mapping[str, Any]) -> bool:
        """Return whether a life that was attached before inspect could say is over by now."""
        state = inspected.get("State") or {}
        return number_of(inspected) > 1 or is_later_run(state, "", self._finished)

    def attach(self, inspected: Mapping[str, Any]) -> None:
        """Learn which life was attached before inspect could say."""
        with self._lock:
            self._learn(inspected)
            self._add(Life(seconds((inspected.get("State") or {}).get("StartedAt")) or None))

    def note_end(self, state: Mapping[str, Any]) -> tuple[int | None, bool]:
        """Take what inspect says of the newest life's end.

        Returns:
            Its exit code, and whether that, or when it began or ended, is new.
        """
        found = life_of(state)
        with self._lock:
            last = self.lives[-1]
            code = found.exit_code if last.exit_code is None else last.exit_code
            heard = since_end(last, self._events)
            if heard and heard[0].exit_code is not None:
                code = heard[0].exit_code
            life = Life(last.started or found.started, found.ended, code)
            self.lives = (*self.lives[:-1], life)
            self.run = self.run or str(state.get("StartedAt") or "")
        return code, life != last

    def since(
        self, inspected: Mapping[str, Any], *, runs: bool, other: bool
    ) -> tuple[list[Life], Passage]:
        """Return the lives from the one that has ended on, and what happened in between.

        Args:
            inspected: the container.
            runs: whether the newest life runs; otherwise it is over, too.
            other: whether it is another container that has the name now.
        """
        found = self._succession(inspected, runs=runs, other=other)
        self._missed = found.missed
        ends = [each.ended for each in found.lives[1 : -1 if runs else None]]
        return found.lives, self._passage(found, found.texts, ends, other=other)

    def past_since(self, inspected: Mapping[str, Any]) -> tuple[list[Life], Passage] | None:
        """Return the lives between the one that has ended and the one that runs.

        Args:
            inspected: the container, which runs.

        Returns:
            The same as :meth:`since`, up to the last life that is over; ``None`` if events have
            named none.
        """
        found = self._succession(inspected, runs=True, other=False)
        past = found.lives[1:-1]
        if not past or any(each.started is None or each.ended is None for each in past):
            return None
        ends = [each.ended for each in past]
        return found.lives[:-1], self._passage(found, found.texts[:-1], ends, other=False)

    def _succession(self, inspected: Mapping[str, Any], *, runs: bool, other: bool) -> Succession:
        with self._lock:
            heard = self._events
        return succession(
            self.lives[-1],
            inspected,
            heard,
            runs=runs,
            other=other,
            restarts=self.restarts,
            count=self._count,
        )

    def _passage(
        self,
        found: Succession,
        texts: Sequence[str],
        ends: Sequence[float | None],
        *,
        other: bool,
    ) -> Passage:
        after = found.after if self._read_until is None else self._read_until
        if other or self.whole:
            after = None
        second = math.inf if after is None else math.floor(after)
        recent = 1 + sum(1 for each in self.lives[:-1] if (each.ended or 0.0) >= second)
        return Passage(after, texts, ends, recent)

    def accounts_for(self, inspected: Mapping[str, Any], *, runs: bool) -> bool:
        """Whether what was heard leaves no room for lives that nobody has named.

        Args:
            inspected: the container.
            runs: whether its newest life runs.
        """
        with self._lock:
            last, heard = self.lives[-1], self._events
            return accounts_for(last, inspected, heard, runs=runs, count=self._count)

    def extend(self, lives: list[Life], inspected: Mapping[str, Any], *, waits: bool) -> None:
        """Go on with newer lives.

        Args:
            lives: from the one that was the newest on.
            inspected: the container.
            waits: whether the newest of them is over.
        """
        with self._lock:
            self.lives = (*self.lives[:-1], *lives)[-_LIVES:]
            self.restarts += len(lives) - 1 + self._missed
            self.whole, self._read_until = False, lives[-1].ended if waits else None
            self._learn(inspected)
            if waits:
                state = inspected.get("State") or {}
                self._count -= bool(state.get("Restarting"))  # it counts the start that is due

    def extend_past(self, lives: list[Life], run: str) -> None:
        """Go on with lives that are over, before another one that runs.

        Args:
            lives: from the one that was the newest on.
            run: what stands for inspect's ``StartedAt`` of the last one.
        """
        with self._lock:
            self.lives = (*self.lives[:-1], *lives)[-_LIVES:]
            self.restarts += len(lives) - 1
            self._count += len(lives) - 1
            self.whole, self._read_until = False, lives[-1].ended
            self.run = run

    def _learn(self, inspected: Mapping[str, Any]) -> None:
        state = inspected.get("State") or {}
        self.run = "" if is_unstarted(state) else str(state.get("StartedAt") or "")
        self.policy = _policy_of(inspected)
        self._count = count_of(inspected)

    def _add(self, life: Life) -> None:
        """Add a life, or put it in the place of the newest one if it is the same."""
        older = self.lives
        if older and older[-1].started in (None, life.started):
            older = older[:-1]
        self.lives = (*older, life)

    # -- what events say ----------------------------------------------------------------

    def hear(self, event: Event) -> None:
        """Take an event of the container."""
        if (life := life_event(event)) is not None:
            with self._lock:
                # They come in order: an older one that has not come was missed.
                asked = {each: n for each, n in self._asked.items() if each.time >= life.time}
                self._asked = +(Counter(asked) - Counter([life]))
                if life not in asked:
                    self._events = (*self._events[-_EVENTS + 1 :], life)
        elif event.action == LEFT:
            self._left = event.time

    def hear_past(self, past: PastLives) -> None:
        """Take events that nobody has heard, if they show that none before them is missing."""
        if past.reaches:
            with self._lock:
                # An engine whose times are whole seconds may have two that are the same.
                heard, asked = Counter(self._events), Counter(past.events)
                self._events = tuple(sorted((heard | asked).elements(), key=_when)[-_EVENTS:])
                self._asked = (Counter(self._asked) | (asked - heard)) & Counter(self._events)
                self._left = max(self._left, past.left or 0.0)

    @property
    def is_left(self) -> bool:
        """Whether the engine is known to leave the newest life's end at that."""
        return self._left > (self.lives[-1].started or 0.0)

    @property
    def newest_length(self) -> float | None:
        """How many seconds the newest life has lasted; ``None`` if that is not known."""
        with self._lock:
            last = self.lives[-1]
            heard = since_end(last, self._events)
        ended = heard[0].time if heard and not heard[0].starts else last.ended
        return None if ended is None or last.started is None else ended - last.started

    def heard_end(self, started: float | None) -> float | None:
        """Return when a life has ended, if an event has said so."""
        with self._lock:
            heard = since_end(Life(started), self._events)
        return heard[0].time if heard else None

    # -- the end of one -----------------------------------------------------------------

    def end_newest(self, code: int | None) -> None:
        """Take the exit code of the newest life, which is over; ``None`` if it is not known."""
        with self._lock:
            last = self.lives[-1] if self.lives else Life(None)
            self.lives = (*self.lives[:-1], Life(last.started, last.ended, code))

    def close(self, code: int | None) -> None:
        """Take the end of the newest life, with which the session ends.

        Args:
            code: its exit code; ``None`` if that is not known.
        """
        with self._lock:
            if not self.lives or self.lives[-1].ended is not None:
                return
            last = self.lives[-1]
            heard = since_end(last, self._events)
            ended = heard[0].time if heard else None
            code = code if last.exit_code is None else last.exit_code
            self.lives = (*self.lives[:-1], Life(last.started, ended, code))

    def shorten(self) -> None:
        """Keep the newest lives only."""
        with self._lock:
            self.lives = self.lives[-_LIVES:]


def _policy_of(inspected: Mapping[str, Any]) -> Mapping[str, Any]:
    return (inspected.get("HostConfig") or {}).get("RestartPolicy") or _NOTHING


def _when(event: LifeEvent) -> tuple[float, bool]:
    return event.time, event.starts
