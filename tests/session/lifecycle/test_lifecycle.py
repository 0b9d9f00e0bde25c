"""Where a session stands: what may follow what, and who is woken by which change."""

from __future__ import annotations

import asyncio
import itertools
import threading
import time
from typing import Any

import pytest

from hyper_jupyter.protocol import StreamType
from hyper_jupyter.session.lifecycle.lifecycle import Lifecycle
from hyper_jupyter.session.rules.state import ENDED, TRANSITIONS, State
from hyper_jupyter.session.store.journal import Journal

PATIENCE = 5.0

ALLOWED = {
    State.CONNECTING: {
        State.ATTACHED,
        State.RECONNECTING,
        State.EXITED,
        State.DETACHED,
        State.LOST,
        State.FAILED,
    },
    State.ATTACHED: {
        State.RECONNECTING,
        State.EXITED,
        State.DETACHED,
        State.LOST,
        State.FAILED,
    },
    State.RECONNECTING: {
        State.ATTACHED,
        State.EXITED,
        State.DETACHED,
        State.LOST,
        State.FAILED,
    },
}
PAIRS = [
    pytest.param(old, new, new in ALLOWED.get(old, set()), id=f"{old}-{new}")
    for old, new in itertools.product(State, State)
]


class CountedCondition(threading.Condition):
    """Counts how often all who wait are woken."""

    wakes = 0

    def notify_all(self) -> None:
        self.wakes += 1
        super().notify_all()


def standing(state: State) -> Lifecycle:
    """A life that has come that far."""
    life = Lifecycle(Journal())
    if state is State.RECONNECTING:
        assert life.move(State.ATTACHED)
    if state is not State.CONNECTING:
        assert life.move(state)
    return life


# -- transitions -----------------------------------------------------------------------------


def test_the_table_is_the_one_that_is_tested_here() -> None:
    assert {old: set(new) for old, new in TRANSITIONS.items() if new} == ALLOWED


@pytest.mark.parametrize(("old", "new", "allowed"), PAIRS)
def test_a_change_is_made_where_the_table_allows_it_and_nowhere_else(
    old: State, new: State, allowed: bool
) -> None:
    life = standing(old)
    woken: list[State] = []
    life.subscribe(lambda: woken.append(life.state))
    assert life.move(new) is allowed
    assert life.state is (new if allowed else old)
    assert woken == ([new] if allowed else [])


@pytest.mark.parametrize("state", State)
def test_only_what_has_ended_begins_again(state: State) -> None:
    life = standing(state)
    assert life.renew() is (state in ENDED)
    assert life.state is (State.CONNECTING if state in ENDED else state)
    assert (life.ended, life.ended_at) == (False, None)


@pytest.mark.parametrize("state", State)
def test_it_has_ended_in_the_states_that_nothing_follows(
    state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "time", lambda: 1234.5)
    life = standing(state)
    assert life.ended is (state in ENDED)
    assert life.ended_at == (1234.5 if state in ENDED else None)


def test_a_change_can_be_asked_for_from_one_state_only() -> None:
    life = standing(State.ATTACHED)
    assert not life.move(State.EXITED, only_from=State.CONNECTING)
    assert life.state is State.ATTACHED
    assert life.move(State.EXITED, only_from=State.ATTACHED)


# -- waiting ---------------------------------------------------------------------------------


def waiting(life: Lifecycle, *, for_end: bool, came: threading.Event) -> tuple[Any, list[bool]]:
    """A thread that waits for ``came``, and what it returned; it waits when this returns."""
    waits = threading.Event()
    outcome: list[bool] = []

    def predicate() -> bool:
        waits.set()  # under the lock, which it gives away only when it waits
        return came.is_set()

    wait = life.wait_for_end if for_end else life.wait_for
    thread = threading.Thread(target=lambda: outcome.append(wait(predicate, PATIENCE)))
    thread.start()
    assert waits.wait(PATIENCE)
    return thread, outcome


@pytest.mark.parametrize("for_end", [False, True], ids=["any change", "the end"])
def test_a_change_wakes_everybody(for_end: bool) -> None:
    life = Lifecycle(Journal())
    came = threading.Event()
    thread, outcome = waiting(life, for_end=for_end, came=came)
    came.set()
    life.notify()
    thread.join(PATIENCE)
    assert outcome == [True]


@pytest.mark.parametrize("for_end", [False, True], ids=["any change", "the end"])
def test_a_change_of_state_wakes_everybody(for_end: bool) -> None:
    life = Lifecycle(Journal())
    came = threading.Event()
    thread, outcome = waiting(life, for_end=for_end, came=came)
    came.set()
    assert life.move(State.ATTACHED)
    thread.join(PATIENCE)
    assert outcome == [True]


def test_output_wakes_who_waits_for_any_change() -> None:
    life = Lifecycle(Journal())
    came = threading.Event()
    thread, outcome = waiting(life, for_end=False, came=came)
    came.set()
    life.notify(output=True)
    thread.join(PATIENCE)
    assert outcome == [True]


def test_who_waits_for_the_end_sleeps_through_output() -> None:
    life = Lifecycle(Journal())
    counted = life._end_condition = CountedCondition(life._condition._lock)  # type: ignore[attr-defined]
    came = threading.Event()
    thread, outcome = waiting(life, for_end=True, came=came)
    for _ in range(50):
        life.notify(output=True)
    assert counted.wakes == 0
    came.set()
    life.notify()
    assert counted.wakes == 1
    thread.join(PATIENCE)
    assert outcome == [True]


@pytest.mark.parametrize("for_end", [False, True], ids=["any change", "the end"])
def test_who_has_waited_for_long_enough_is_told_what_was_seen_last(for_end: bool) -> None:
    life = Lifecycle(Journal())
    wait = life.wait_for_end if for_end else life.wait_for
    assert wait(lambda: False, 0.0) is False
    assert wait(lambda: True, 0.0) is True


# -- in an event loop ------------------------------------------------------------------------


def test_who_awaits_a_change_in_an_event_loop_is_woken_by_another_thread() -> None:
    life = standing(State.ATTACHED)

    async def scenario() -> None:
        waits = threading.Event()

        def predicate() -> bool:
            waits.set()
            return life.ended

        reaching = asyncio.ensure_future(life.reach(predicate))
        await asyncio.to_thread(waits.wait, PATIENCE)
        assert not reaching.done()
        await asyncio.to_thread(life.move, State.EXITED)
        await asyncio.wait_for(reaching, PATIENCE)

    asyncio.run(scenario())
    assert life._watchers == ()


def test_what_is_there_already_is_not_awaited() -> None:
    life = standing(State.EXITED)
    asyncio.run(asyncio.wait_for(life.reach(lambda: life.ended), PATIENCE))
    assert life._watchers == ()


# -- those who are called --------------------------------------------------------------------


def done(life: Lifecycle) -> None:
    """Return when the callbacks so far have run."""
    ran = threading.Event()
    life.output.then(ran.set)
    assert ran.wait(PATIENCE)


def test_observers_are_called_behind_all_output_before_the_change() -> None:
    journal = Journal()
    life = Lifecycle(journal)
    called: list[Any] = []
    life.output.add(lambda stream, data: called.append((stream, data)))
    life.observe(lambda old, new: called.append((old, new)))
    journal.append(StreamType.STDOUT, b"one")
    life.move(State.ATTACHED)  # nobody has said that there is output
    done(life)
    journal.append(StreamType.STDERR, b"two")
    life.notify(output=True)
    life.move(State.EXITED)
    done(life)
    assert called == [
        (StreamType.STDOUT, b"one"),
        (State.CONNECTING, State.ATTACHED),
        (StreamType.STDERR, b"two"),
        (State.ATTACHED, State.EXITED),
    ]


def test_output_is_handed_on_when_it_is_told_of() -> None:
    journal = Journal()
    life = Lifecycle(journal)
    called: list[bytes] = []
    life.output.add(lambda _, data: called.append(data))
    journal.append(StreamType.STDOUT, b"x")
    life.notify(output=True)
    done(life)
    assert called == [b"x"]


def test_an_observer_that_was_removed_is_not_called_and_others_are() -> None:
    life = Lifecycle(Journal())
    called: list[str] = []
    remove = life.observe(lambda *_: called.append("removed"))
    life.observe(lambda *_: called.append("stays"))
    remove()
    remove()
    life.move(State.ATTACHED)
    done(life)
    assert called == ["stays"]


def test_an_observer_that_fails_does_not_keep_the_next_one_from_its_turn() -> None:
    life = Lifecycle(Journal())
    called: list[str] = []
    life.observe(lambda *_: 1 / 0)
    life.observe(lambda *_: called.append("next"))
    life.move(State.ATTACHED)
    done(life)
    assert called == ["next"]


def test_a_subscriber_is_called_in_the_thread_of_the_change_under_no_lock() -> None:
    life = Lifecycle(Journal())
    called: list[tuple[int, bool]] = []

    def wake() -> None:
        free: list[bool] = []
        other = threading.Thread(target=lambda: free.append(life.wait_for(lambda: True, 0.0)))
        other.start()
        other.join(PATIENCE)  # it would wait for the lock
        called.append((threading.get_ident(), bool(free)))

    remove = life.subscribe(wake)
    life.notify()
    life.notify(output=True)
    life.move(State.ATTACHED)
    assert called == [(threading.get_ident(), True)] * 3
    remove()
    life.notify()
    assert len(called) == 3


def test_a_subscriber_that_fails_does_not_keep_the_next_one_from_its_turn() -> None:
    life = Lifecycle(Journal())
    called: list[str] = []
    life.subscribe(lambda: called.append(str(1 / 0)))
    life.subscribe(lambda: called.append("next"))
    life.move(State.ATTACHED)
    assert called == ["next"]


def test_a_loop_that_was_closed_while_it_waited_is_left_alone(
    caplog: pytest.LogCaptureFixture,
) -> None:
    life = Lifecycle(Journal())
    loop = asyncio.new_event_loop()
    waiting = loop.create_task(life.reach(lambda: life.ended))
    loop.run_until_complete(asyncio.sleep(0))  # the task waits from now on
    loop.close()
    assert len(life._watchers) == 1
    life.move(State.FAILED)
    assert not caplog.records
    waiting.get_coro().close()
    waiting._log_destroy_pending = False  # type: ignore[attr-defined]


# -- an end that takes a while -----------------------------------------------------------------


def test_it_begins_again_only_when_its_end_is_complete() -> None:
    lifecycle = standing(State.ATTACHED)
    order: list[str] = []
    looked = threading.Event()

    def renew() -> None:
        looked.set()
        assert lifecycle.renew()
        order.append("begun again")

    with lifecycle.ending():
        assert lifecycle.move(State.EXITED)
        thread = threading.Thread(target=renew)
        thread.start()
        assert looked.wait(PATIENCE)
        thread.join(0.2)
        order.append("ended")
    thread.join(PATIENCE)
    assert order == ["ended", "begun again"]


def test_who_ends_it_may_begin_it_again_and_end_it_meanwhile() -> None:
    lifecycle = standing(State.ATTACHED)
    with lifecycle.ending():
        assert lifecycle.move(State.LOST)
        assert lifecycle.renew()
        assert lifecycle.state is State.CONNECTING
        with lifecycle.ending():
            assert lifecycle.move(State.LOST)
        thread = threading.Thread(target=lifecycle.renew)
        thread.start()
        thread.join(0.2)
        assert lifecycle.state is State.LOST
    thread.join(PATIENCE)
    assert lifecycle.state is State.CONNECTING
