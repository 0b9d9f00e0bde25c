"""Follows a container from one life to the next.

Layer: session, lifecycle. Events come on the I/O thread; the engine is asked on a worker.

The engine's events say when the container is started. Whether it runs only inspect says, which is
also asked from time to time, in case there are no events.
:mod:`hyper_jupyter.session.rules.lives` says what that means, and
:mod:`hyper_jupyter.session.lifecycle.lives.next_life` attaches.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from hyper_jupyter.client import EngineClient
from hyper_jupyter.client.records import Event
from hyper_jupyter.exceptions import NotFound
from hyper_jupyter.session.attach.past_lives import PastLives, past_lives
from hyper_jupyter.session.attach.target import Target
from hyper_jupyter.session.io.runtime import runtime
from hyper_jupyter.session.lifecycle.ending import Ending
from hyper_jupyter.session.lifecycle.lifecycle import Lifecycle
from hyper_jupyter.session.lifecycle.lives.known_lives import KnownLives
from hyper_jupyter.session.lifecycle.lives.looking import Looking
from hyper_jupyter.session.lifecycle.lives.rejoining import Rejoining
from hyper_jupyter.session.rules.container_state import has_ended, is_unstarted
from hyper_jupyter.session.rules.lives.between import (
    Between,
    Life,
    Passage,
    starts_by_itself,
    what_follows,
)
from hyper_jupyter.session.rules.lives.prospect import Prospect, prospect_of, prospect_text
from hyper_jupyter.session.rules.lives.succession import count_of

__all__ = ["Following"]

_GRACE: Final = 5.0
"""Seconds after which an engine is asked whether it leaves a container at its end that its policy
would start again. Where no event can say so, that counts as the answer."""

_YOUNG: Final = 1.0
"""Seconds for which a life must have lasted before it is attached, where attaching to one that has
just ended would do harm. A crash loop's lives are shorter, and are read from the log."""

_LOOPS: Final = 2.5
"""Seconds of a life up to which the next one, if a policy has started it, is likely to be as short:
it must have lasted twice as long."""

_UNSEEN: Final = "a life that inspect does not know any more"

_NO_START: Final = "it was not started again"
_REMOVED: Final = "the container was removed"

logger = logging.getLogger(__name__)


class Following(Looking):
    """The lives of one session's container.

    Args:
        client: the engine.
        target: the container.
        rejoining: attaches.
        lifecycle: is notified of each change.
        ending: learns which life is attached and how each one ended, and ends the session for good.

    Attributes:
        settled_code: the exit code of the last life that the engine did not follow by another one.
        settlements: how many of those there were.
        prospect: what it waits for; of no meaning while it does not wait.
    """

    __slots__ = (
        "_announced",
        "_asked_in",
        "_auto_remove",
        "_began",
        "_by_name",
        "_found",
        "_known",
        "_lifecycle",
        "_once",
        "_rejoining",
        "_settled",
        "_since",
        "prospect",
        "settled_code",
        "settlements",
    )

    def __init__(
        self,
        client: EngineClient,
        target: Target,
        rejoining: Rejoining,
        lifecycle: Lifecycle,
        ending: Ending,
    ) -> None:
        self.settled_code: int | None = None
        self.settlements = 0
        self.prospect = Prospect.RESTART
        super().__init__(client, target, ending, lifecycle.lock)
        self._known = KnownLives(self._lock)
        self._rejoining = rejoining
        self._lifecycle = lifecycle
        self._by_name = False
        self._once = False
        self._auto_remove = False
        self._found = "", 0.0
        self._asked_in = ""  # the life in which events that nobody has heard were asked for
        self._began = time.time()
        self._settled = False
        self._since = 0.0
        self._announced: Prospect | None = None  # what the newest mark says that it waits for

    @property
    def lives(self) -> tuple[Life, ...]:
        """The lives that the session has seen, oldest first; the newest 10,000."""
        return self._known.lives

    @property
    def restarts(self) -> int:
        """How many times the container was started again."""
        return self._known.restarts

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
            self._known.shorten()
        self._stop_looking()

    def close_life(self, code: int | None) -> None:
        """Take the end of the newest life: the session ends with it.

        Args:
            code: its exit code; ``None`` if that is not known.
        """
        self._known.close(code)

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
            self._known.end_newest(code)
            self._wait()
        self._lifecycle.notify()
        self._look_soon()

    def learn(self, inspected: Mapping[str, Any], *, start: bool = False) -> None:
        """Learn which life it is that is attached.

        Args:
            inspected: the container.
            start: whether it is started after that.
        """
        self._began = time.time()
        self._known.begin(inspected, start=start)

    def announce(self, prospect: Prospect | None) -> None:
        """Take note that the newest mark says what it waits for; ``None`` if it does not."""
        with self._lock:
            self._announced = prospect

    def wait(self, *, whole: bool = False) -> None:
        """Wait for the next life of a container that was never attached.

        Args:
            whole: its log is wanted from the beginning.
        """
        with self._lock:
            self._known.whole = whole
            self._wait()
        self._look_soon()

    def watch_settlement(self) -> Callable[[], bool]:
        """Return a function: whether a life has ended since, or before, as the last one for now."""
        before = self.settlements
        return lambda: self.settled or self.settlements != before

    def _wait(self) -> None:
        self._settled = False
        self.prospect = Prospect.RESTART
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
        self._known.hear(event)
        if self._waits or not self._known.run:
            self._look_soon()

    # -- the worker ---------------------------------------------------------------------

    def _inspect(self) -> None:
        """Ask the engine what has become of the container, and act on it."""
        inspected, other = self._find()
        known = self._known
        if not self._waits:
            if not known.run and inspected is not None:
                self._learn_first(inspected)
            return
        if inspected is not None and not known.run and known.has_passed(inspected):
            known.run = _UNSEEN  # the life that was attached is none that inspect knows
        state = None if inspected is None else inspected.get("State") or {}
        run = _UNSEEN if other else known.run
        match what_follows(state, run):
            case Between.GONE:
                if not self._by_name:
                    self._correct(_REMOVED)
                    self._ending.cease(None)
                elif self.prospect is not Prospect.NAME:
                    self._settle(self.lives[-1].exit_code, Prospect.NAME)
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

    def _learn_first(self, inspected: Mapping[str, Any]) -> None:
        """Learn which life it is that the session is attached to."""
        state = inspected.get("State") or {}
        with self._lock:
            if has_ended(state) or is_unstarted(state) or self._waits:
                return
            if self._known.has_passed(inspected):
                return  # the one that was attached is over, though its connection may not say so
            self._known.attach(inspected)
        self._ending.learn_run(self._known.run)
        self._lifecycle.notify()

    def _note_end(self, inspected: Mapping[str, Any], state: Mapping[str, Any]) -> None:
        """Take from inspect what is known of the end, and whether the engine starts it again."""
        code, changed = self._known.note_end(state)
        policy = (inspected.get("HostConfig") or {}).get("RestartPolicy") or self._known.policy
        shown = self._client.profile.shows_restarts
        count = count_of(inspected)
        again = starts_by_itself(policy, state, code=code, count=count, shown=shown)
        if again is None and not self._settled and self._is_left():
            again = False
        self._ending.learn_end(code, restarting=again is True)
        if not self._settled and again is False:
            self._settle(code, prospect_of(policy, code=code, count=count))
        elif changed:
            self._lifecycle.notify()

    def _is_left(self) -> bool:
        """Whether the engine leaves the container at its end, though its policy may start it."""
        known = self._known
        if known.is_left or time.monotonic() - self._since <= _GRACE:
            return known.is_left
        past = self._ask_events()
        return known.is_left or not past.reaches

    def _correct(self, text: str, prospect: Prospect | None = None) -> None:
        """Mark what it waits for, if the newest mark says something else about that."""
        with self._lock:
            if self._announced in (None, prospect):
                return
            self._announced = prospect
        self._rejoining.correct(text)

    def _settle(self, code: int | None, prospect: Prospect) -> None:
        self._correct(_NO_START if self._once else prospect_text(prospect), prospect)
        with self._lock:
            self.prospect = prospect
            self.settled_code = code
            self.settlements += not self._settled
            self._settled = True
        self._lifecycle.notify()
        if self._once:  # the life that was waited for does not come
            self._ending.cease(None)

    def _go_on(self, inspected: Mapping[str, Any], *, other: bool) -> None:
        """Attach to the life that runs."""
        run = str((inspected.get("State") or {}).get("StartedAt") or "")
        now = time.monotonic()
        if run != self._found[0]:
            self._found = run, now
        if self._client.profile.attach_resets_ended and now - self._found[1] < self._ripe_age():
            self._pause = _YOUNG / 4  # the log has what it prints until then
            self._record_past(inspected)
            return
        lives, passage = self._lives_since(inspected, runs=True, other=other)
        begun = partial(self._note, inspected, lives, waits=False)
        end = partial(self._known.heard_end, lives[-1].started)
        self._rejoining.attach(inspected, passage, end, begun)

    def _record_past(self, inspected: Mapping[str, Any]) -> None:
        """Record lives that came and went before the one that runs: it may be none that lasts."""
        known, run = self._known, self._found[0]
        if run != self._asked_in and not known.accounts_for(inspected, runs=True):
            self._asked_in = run  # once: it may have been started without an event, too
            self._ask_events()
        found = known.past_since(inspected)
        if found is None:
            return
        lives, passage = found

        def note() -> None:
            known.extend_past(lives, _UNSEEN)
            self.announce(None)
            self._ending.learn_end(lives[-1].exit_code, restarting=True)
            self._lifecycle.notify()

        recorded = self._rejoining.record(passage, note)
        if recorded and self._once:  # one of them was the life that was waited for
            self._ending.cease(None)

    def _ripe_age(self) -> float:
        """Return the seconds after which a life is attached."""
        known = self._known
        length = known.newest_length
        if length is None or length > _LOOPS or known.policy.get("Name") in (None, "", "no"):
            return _YOUNG
        return max(_YOUNG, 2 * length)

    def _ask_events(self) -> PastLives:
        """Ask for events that nobody has heard, since the newest life that is known."""
        started = self._known.lives[-1].started
        if started is None and not self._client.over_network:  # it had not begun then
            started = self._began
        past = past_lives(self._client, self._target.container.id, started)
        self._known.hear_past(past)
        return past

    def _lives_since(
        self, inspected: Mapping[str, Any], *, runs: bool, other: bool
    ) -> tuple[list[Life], Passage]:
        """Return the lives from the one that has ended on, and what happened in between.

        The engine is asked for events that nobody has heard, if there may be any.
        """
        known = self._known
        if not other and not known.accounts_for(inspected, runs=runs):
            self._ask_events()
        return known.since(inspected, runs=runs, other=other)

    def _catch_up(self, inspected: Mapping[str, Any], *, other: bool) -> None:
        """Record lives that came and went."""
        lives, passage = self._lives_since(inspected, runs=False, other=other)
        note = partial(self._note, inspected, lives, waits=True)
        recorded = self._rejoining.record(passage, note)
        if recorded and self._once:  # that was the life that was waited for
            self._ending.cease(None)

    def _note(self, inspected: Mapping[str, Any], lives: list[Life], *, waits: bool) -> None:
        with self._lock:
            self._known.extend(lives, inspected, waits=waits)
            self._announced = None
            if waits:
                self._wait()
            else:
                self._waits = self._settled = False
                if self._once:
                    runtime().calls.submit(self.end)
        self._ending.learn_run(self._known.run)
        if waits:
            self._ending.learn_end(self.lives[-1].exit_code, restarting=False)
        self._lifecycle.notify()
