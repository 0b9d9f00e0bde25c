"""Whether the engine of a session that is over has ended."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from hyper_jupyter.exceptions import ConnectionLost
from hyper_jupyter.session import State
from hyper_jupyter.session.lifecycle import engine_watch as module
from hyper_jupyter.session.lifecycle.engine_watch import EngineWatch
from hyper_jupyter.session.lifecycle.lifecycle import Lifecycle
from hyper_jupyter.session.store.journal import Journal


class Watched:
    """A session with an engine that a test may end.

    Attributes:
        error: what a check of the engine raises.
        looks: the looks that are due.
        told: how often subscribers were notified.
    """

    def __init__(self, state: State, instance: object) -> None:
        self.error: ConnectionLost | None = None
        self.looks: list[Callable[[], object]] = []
        self.told = 0
        lifecycle = Lifecycle(Journal())
        for each in (State.ATTACHED, state):
            if each is not lifecycle.state:
                lifecycle.move(each)
        lifecycle.subscribe(self._tell)
        client: Any = SimpleNamespace(instance=instance)
        target: Any = SimpleNamespace(check_engine=self._check)
        self.watch = EngineWatch(client, target, lifecycle)

    def _tell(self) -> None:
        self.told += 1

    def _check(self) -> None:
        if self.error is not None:
            raise self.error

    def end_engine(self, *, with_kernel: bool = False) -> None:
        self.error = ConnectionLost("the embedded engine has ended")
        self.error.kernel_ended = with_kernel

    def look(self) -> int:
        """Make the looks that are due; return how many are due after that."""
        looks, self.looks = self.looks, []
        for each in looks:
            each()
        return len(self.looks)


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Watched]:
    def make(state: State = State.DETACHED, instance: object = object()) -> Watched:
        made = Watched(state, instance)
        calls = SimpleNamespace(call_later=lambda _, look: made.looks.append(look))
        monkeypatch.setattr(module, "runtime", lambda: SimpleNamespace(calls=calls))
        return made

    return make


def test_a_view_of_what_was_detached_learns_that_the_engine_has_ended_once(
    watched: Callable[..., Watched],
) -> None:
    made = watched()
    made.watch.look_later()
    assert made.looks == []  # nobody wants to know
    made.watch.begin()
    made.watch.begin()
    assert made.look() == 1
    assert made.told == 0
    made.end_engine()
    assert made.watch.ended
    assert made.look() == 0
    assert made.told == 1


def test_nothing_is_looked_for_any_more_when_the_last_view_is_gone(
    watched: Callable[..., Watched],
) -> None:
    made = watched()
    ends = [made.watch.begin() for _ in range(2)]
    ends.pop()()
    assert made.look() == 1
    ends.pop()()
    assert made.look() == 0


@pytest.mark.parametrize(
    ("state", "instance"),
    [(State.ATTACHED, object()), (State.EXITED, object()), (State.DETACHED, None)],
)
def test_only_what_was_detached_from_the_embedded_engine_is_looked_after(
    watched: Callable[..., Watched], state: State, instance: object
) -> None:
    made = watched(state, instance)
    made.watch.begin()
    assert made.looks == []


@pytest.mark.parametrize(
    ("state", "with_kernel", "ended"),
    [
        (State.DETACHED, False, True),
        (State.EXITED, False, True),
        (State.ATTACHED, False, False),  # its streams will say so
        (State.DETACHED, True, False),  # the page says that the kernel has ended
    ],
)
def test_whether_the_engine_has_ended_since(
    watched: Callable[..., Watched], state: State, with_kernel: bool, ended: bool
) -> None:
    made = watched(state)
    made.end_engine(with_kernel=with_kernel)
    assert made.watch.ended is ended


def test_a_look_does_not_keep_a_session_alive(watched: Callable[..., Watched]) -> None:
    made = watched()
    made.watch.begin()
    del made.watch
    assert made.look() == 0
