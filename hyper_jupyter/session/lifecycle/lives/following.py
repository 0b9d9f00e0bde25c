"""Follows a container from one life to the next.

Layer: session, lifecycle. Events come on the I/O thread; the engine is asked on a worker.

The engine's events say when the container is started. Whether it runs only inspect says, which is
also asked from time to time, in case there are no events.
:mod:`hyper_jupyter.session.rules.lives` says what that means, and
:mod:`hyper_jupyter.session.lifecycle.lives.next_life` attaches.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final, Protocol

from hyper_jupyter.client import EngineClient
from hyper_jupyter.client.records import Event
from hyper_jupyter.client.records.fields import seconds
from hyper_jupyter.exceptions import HyperJupyterError, NotFound
from hyper_jupyter.session.attach.target import Target
from hyper_jupyter.session.io.runtime import runtime
from hyper_jupyter.session.lifecycle.lives.looking import Looking
from hyper_jupyter.session.rules.container_state import has_ended, is_unstarted
from hyper_jupyter.session.rules.lives.between import (
    Between,
    Life,
    LifeEvent,
    Passage,
    since_end,
    starts_by_itself,
    what_follows,
)
from hyper_jupyter.session.rules.lives.succession import (
    count_of,
    life_of,
    number_of,
    succession,
)

__all__ = ["Following", "Rejoining"]

_GRACE: Final = 5.0
"""Seconds after which an engine counts as not starting a container again that its policy would."""

_YOUNG: Final = 1.0
"""Seconds for which a life must have lasted before it is attached, where attaching to one that has
just ended would do harm. A crash loop's lives are shorter, and are read from the log."""

_EVENTS: Final = 1000
"""Starts and ends that are kept between two looks."""

_LIVES: Final = 10_000
"""Lives that are kept."""

_UNSEEN: Final = "a life that inspect does not know any more"

logger = logging.getLogger(__name__)


class Rejoining(Protocol):
    """Attaches the session; both methods block."""

    def attach(
        self,
        inspected: Mapping[str, Any],
        passage: Passage,
        end: Callable[[], float | None],
        begun: Callable[[], object],
    ) -> bool:
        """Attach to a life; return ``False`` if that did not succeed.

        Args:
            inspected: the container.
            passage: what happened since the last life that was seen.
            end: returns when that life has ended, if it has; ``None`` if that is not known.
            begun: is called on the I/O thread, before anything of that life is delivered.
        """

    def record(self, passage: Passage, begun: Callable[[], object]) -> None:
        """Take the output of lives that came and went from the log.

        Args:
            passage: what happened.
            begun: is called on the I/O thread, before anything of these lives is delivered.
        """

    def note_gap(self, text: str) -> None:
        """Mark that output is missing. Does not block."""


class LifeEnd(Protocol):
    """Takes how a life has ended."""

    def __call__(self, code: int | None, *, restarting: bool) -> object:
        """Take its exit code, and whether the engine starts the container again by itself."""


class Following(Looking):
    """The lives of one session's container.

    Args:
        client: the engine.
        target: the container.
        rejoining: attaches.
        notify: is called after each change.
        end: ends the session for good: with an error, or because the container is gone.
        on_run: is called with inspect's ``StartedAt`` of the life that is attached.
        on_end: is called with the exit code of a life after which it waits, and with whether the
            engine starts the container again by itself.

    Attributes:
        lives: those that the session has seen, oldest first; the newest 10,000.
        restarts: how many times it was started again.
        settled_code: the exit code of the last life that the engine did not follow by another one.
        settlements: how many of those there were.
    """

    def __init__(
        self,
        client: EngineClient,
        target: Target,
        rejoining: Rejoining,
        notify: Callable[[], object],
        end: Callable[[HyperJupyterError | None], object],
        on_run: Callable[[str], object],
        on_end: LifeEnd,
    ) -> None:
        self.lives: tuple[Life, ...] = ()
        self.restarts = 0
        self.settled_code: int | None = None
        self.settlements = 0
        super().__init__(client, target, end)
        self._rejoining = rejoining
        self._notify = notify
        self._on_run = on_run
        self._on_end = on_end
        self._by_name = False
        self._once = False
        self._auto_remove = False
        self._whole = False
        self._read_until: float | None = None
        self._found = "", 0.0
        self._missed = 0
        self._run = ""
        self._count = 0
        self._policy: Mapping[str, Any] = {}
        self._settled = False
        self._events: list[LifeEvent] = []
        self._since = 0.0

    @property
    def waiting(self) -> bool:
        """Whether the session waits for the container's next start."""
        return self._waits

    @property
    def settled(self) -> bool:
        """Whether it waits, and the engine does not start the container by itself."""
        return self._waits and self._settled

    # -- any thread ---------------------------------------------------------------------

    def begin(
        self, *, by_name: bool = False, once: bool = False, auto_remove: bool = False
    ) -> None:
        """Start to follow, now that the session is attached, or waits.

        Args:
            by_name: follow other containers that take the name, too.
            once: only until the next life.
            auto_remove: the container is gone once it has ended.
        """
        with self._lock:
            self._by_name, self._once, self._auto_remove = by_name, once, auto_remove
        self._listen()

    def end(self) -> None:
        """Stop: the session has ended."""
        with self._lock:
            self._settled = False
            self.lives = self.lives[-_LIVES:]
        self._stop_looking()

    def close_life(self, code: int | None) -> None:
        """Take the end of the newest life: the session ends with it.

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

    @property
    def goes_on(self) -> bool:
        """Whether it waits once the container has ended."""
        return self.active and not self._once and (self._by_name or not self._auto_remove)

    def life_ended(self, code: int | None, gap: str = "") -> None:
        """Take the end of the life that was attached, and wait for the next one.

        Args:
            code: its exit code; ``None`` if that is not known.
            gap: which output is missing; empty if none is known to be.
        """
        if gap:
            self._rejoining.note_gap(gap)
        with self._lock:
            last = self.lives[-1] if self.lives else Life(None)
            self.lives = (*self.lives[:-1], Life(last.started, last.ended, code))
            self._wait()
        self._notify()
        self._look_soon()

    def learn(self, inspected: Mapping[str, Any], *, start: bool = False) -> None:
        """Learn which life it is that is attached.

        Args:
            inspected: the container.
            start: whether it is started after that.
        """
        state = inspected.get("State") or {}
        self._policy = (inspected.get("HostConfig") or {}).get("RestartPolicy") or {}
        if start or is_unstarted(state):
            with self._lock:  # its life begins later, and the count with it
                if self.lives:
                    self._add(Life(None))
            return
        with self._lock:
            self._learn(inspected)
            self._count -= bool(state.get("Restarting"))  # it counts the start that is due
            self._add(life_of(state))

    def _add(self, life: Life) -> None:
        """Add a life, or put it in the place of the newest one if it is the same."""
        older = self.lives
        if older and older[-1].started in (None, life.started):
            older = older[:-1]
        self.lives = (*older, life)

    def wait(self, *, whole: bool = False) -> None:
        """Wait for the next life of a container that was never attached.

        Args:
            whole: its log is wanted from the beginning.
        """
        with self._lock:
            self._whole = whole
            self._wait()
        self._look_soon()

    def watch_settlement(self) -> Callable[[], bool]:
        """Return a function: whether a life has ended since, or before, as the last one for now."""
        before = self.settlements
        return lambda: self.settled or self.settlements != before

    def _wait(self) -> None:
        self._settled = False
        self._since = time.monotonic()
        self._look_often()

    # -- events -------------------------------------------------------------------------

    def receive_event(self, event: Event) -> None:
        """Take an event of any container. I/O thread."""
        container = self._target.container
        if event.id != container.id:
            if self._by_name and self._waits and event.name == container.name:
                self._look_soon()
            return
        if event.action in ("start", "die"):
            with self._lock:
                life = LifeEvent(event.action == "start", event.time, _code_of(event))
                self._events = [*self._events[-_EVENTS + 1 :], life]
        if self._waits or not self._run:
            self._look_soon()

    # -- the worker ---------------------------------------------------------------------

    def _inspect(self) -> None:
        """Ask the engine what has become of the container, and act on it."""
        inspected, other = self._find()
        if not self._waits:
            if not self._run and inspected is not None:
                self._learn_first(inspected)
            return
        if inspected is not None and not self._run and number_of(inspected) > 1:
            self._run = _UNSEEN  # the life that was attached is none that inspect knows
        state = None if inspected is None else inspected.get("State") or {}
        run = _UNSEEN if other else self._run
        match what_follows(state, run):
            case Between.GONE:
                if not self._by_name:
                    self._end(None)
                elif not self._settled:
                    self._settle(self.lives[-1].exit_code)
            case Between.WAITS:
                assert state is not None
                if not other:
                    self._note_end(inspected or {}, state)
            case Between.RUNS:
                self._go_on(inspected or {}, other=other)
            case Between.PAST:
                self._catch_up(inspected or {}, other=other)

    def _find(self) -> tuple[Mapping[str, Any] | None, bool]:
        """Inspect the container, or another one that has its name; say which it is."""
        container = self._target.container
        self._target.check_engine()
        found: Mapping[str, Any] | None = None
        try:
            found = self._client.inspect(container.id)
        except NotFound:
            self._target.check_engine()  # a call that finds the engine dead asks another one
        renamed = found is not None and str(found.get("Name") or "").lstrip("/") != container.name
        gone = found is None or (found.get("State") or {}).get("Status") == "removing"
        if self._by_name and (gone or renamed):
            try:
                other = self._client.inspect(container.name)
            except NotFound:
                return found, False
            if other.get("Id") != container.id and not is_unstarted(other.get("State") or {}):
                return other, True
        return found, False

    def _learn(self, inspected: Mapping[str, Any]) -> None:
        state = inspected.get("State") or {}
        self._run = "" if is_unstarted(state) else str(state.get("StartedAt") or "")
        self._policy = (inspected.get("HostConfig") or {}).get("RestartPolicy") or {}
        self._count = count_of(inspected)

    def _learn_first(self, inspected: Mapping[str, Any]) -> None:
        """Learn which life it is that the session is attached to."""
        state = inspected.get("State") or {}
        with self._lock:
            if has_ended(state) or is_unstarted(state) or self._waits:
                return
            if number_of(inspected) > 1:
                return  # the one that was attached is over already
            self._learn(inspected)
            self._add(Life(seconds(state.get("StartedAt")) or None))
        self._on_run(self._run)
        self._notify()

    def _note_end(self, inspected: Mapping[str, Any], state: Mapping[str, Any]) -> None:
        """Take from inspect what is known of the end, and whether the engine starts it again."""
        found = life_of(state)
        with self._lock:
            last = self.lives[-1]
            code = found.exit_code if last.exit_code is None else last.exit_code
            heard = since_end(last, self._events)
            if heard and heard[0].exit_code is not None:
                code = heard[0].exit_code
            life = Life(last.started or found.started, found.ended, code)
            changed = life != last
            self.lives = (*self.lives[:-1], life)
            self._run = self._run or str(state.get("StartedAt") or "")
            policy = (inspected.get("HostConfig") or {}).get("RestartPolicy") or self._policy
        shown = self._client.profile.shows_restarts
        count = count_of(inspected)
        again = starts_by_itself(policy, state, code=code, count=count, shown=shown)
        late = time.monotonic() - self._since > _GRACE
        self._on_end(code, restarting=again is True)
        if not self._settled and (again is False or (again is None and late)):
            self._settle(code)
        elif changed:
            self._notify()

    def _settle(self, code: int | None) -> None:
        with self._lock:
            self._settled = True
            self.settled_code = code
            self.settlements += 1
        self._notify()

    def _lives_since(
        self, inspected: Mapping[str, Any], *, runs: bool, other: bool
    ) -> tuple[list[Life], Passage]:
        """Return the lives from the one that has ended on, and what happened in between."""
        with self._lock:
            heard = self._events
        found = succession(
            self.lives[-1],
            inspected,
            heard,
            runs=runs,
            other=other,
            restarts=self.restarts,
            count=self._count,
        )
        whole, self._whole = self._whole, False
        read, self._read_until = self._read_until, None
        after = found.after if read is None else read
        if other or whole:
            after = None
        self._missed = found.missed
        second = math.inf if after is None else math.floor(after)
        recent = 1 + sum(1 for each in self.lives[:-1] if (each.ended or 0.0) >= second)
        ends = [each.ended for each in found.lives[1 : -1 if runs else None]]
        return found.lives, Passage(after, found.texts, ends, recent)

    def _go_on(self, inspected: Mapping[str, Any], *, other: bool) -> None:
        """Attach to the life that runs."""
        run = str((inspected.get("State") or {}).get("StartedAt") or "")
        now = time.monotonic()
        if run != self._found[0]:
            self._found = run, now
        if self._client.profile.attach_resets_ended and now - self._found[1] < _YOUNG:
            self._pause = _YOUNG / 4  # the log has what it prints until then
            return
        lives, passage = self._lives_since(inspected, runs=True, other=other)
        begun = partial(self._note, inspected, lives, waits=False)
        end = partial(self._heard_end, lives[-1].started)
        self._rejoining.attach(inspected, passage, end, begun)

    def _heard_end(self, started: float | None) -> float | None:
        """Return when a life has ended, if an event has said so."""
        with self._lock:
            heard = since_end(Life(started), self._events)
        return heard[0].time if heard else None

    def _catch_up(self, inspected: Mapping[str, Any], *, other: bool) -> None:
        """Record lives that came and went."""
        lives, passage = self._lives_since(inspected, runs=False, other=other)
        self._read_until = passage.ends[-1]
        self._rejoining.record(passage, partial(self._note, inspected, lives, waits=True))

    def _note(self, inspected: Mapping[str, Any], lives: list[Life], *, waits: bool) -> None:
        with self._lock:
            self.lives = (*self.lives[:-1], *lives)[-_LIVES:]
            self.restarts += len(lives) - 1 + self._missed
            self._learn(inspected)
            if waits:
                self._wait()
                state = inspected.get("State") or {}
                self._count -= bool(state.get("Restarting"))  # it counts the start that is due
            else:
                self._waits = self._settled = False
                if self._once:
                    runtime().calls.submit(self.end)
        self._on_run(self._run)
        if waits:
            self._on_end(self.lives[-1].exit_code, restarting=False)
        self._notify()


def _code_of(event: Event) -> int | None:
    code = event.attributes.get("exitCode", "")
    return int(code) if code.isascii() and code.isdigit() else None
