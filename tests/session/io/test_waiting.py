"""Waiting for a change, with nothing kept while nobody waits."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from hyper_jupyter.session.io.waiting import Flag, Waiting

PATIENCE = 20.0


def in_thread(target: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=target, daemon=True)
    thread.start()
    return thread


def test_those_who_wait_see_each_change_until_theirs() -> None:
    waiting, seen, results = Waiting(), threading.Semaphore(0), []
    value = 0

    def wait(wanted: int) -> None:
        def reached() -> bool:
            seen.release()
            return value >= wanted

        with waiting:
            results.append(waiting.wait_for(reached, PATIENCE))

    threads = [in_thread(lambda wanted=wanted: wait(wanted)) for wanted in (1, 2)]
    for _ in threads:  # both have looked before they are woken
        assert seen.acquire(timeout=PATIENCE)
    for _ in range(2):
        with waiting:
            value += 1
            waiting.notify_all()
    for thread in threads:
        thread.join(PATIENCE)
    assert results == [True, True]
    assert waiting._condition is None


def test_what_is_true_already_is_not_waited_for() -> None:
    waiting = Waiting()
    with waiting:
        assert waiting.wait_for(lambda: True)
        assert not waiting.wait_for(lambda: False, 0.0)
        assert waiting._condition is None


def test_an_interrupt_leaves_nothing_behind() -> None:
    waiting = Waiting()
    calls = 0

    def interrupted() -> bool:
        nonlocal calls
        calls += 1
        if calls > 1:
            raise KeyboardInterrupt
        return False

    with waiting, pytest.raises(KeyboardInterrupt):
        waiting.wait_for(interrupted, PATIENCE)
    assert waiting._condition is None
    assert in_thread(lambda: waiting.__enter__()).join(PATIENCE) is None  # the lock is free


def test_two_may_share_a_lock_and_wait_for_different_things() -> None:
    lock = threading.RLock()
    one, other = Waiting(lock), Waiting(lock)
    with one, other:
        one.notify_all()
        other.notify_all()


def test_a_flag_that_is_set_lets_all_go_on() -> None:
    flag, passed = Flag(), []
    threads = [in_thread(lambda: passed.append(flag.wait(PATIENCE))) for _ in range(3)]
    assert not flag.is_set()
    flag.set()
    for thread in threads:
        thread.join(PATIENCE)
    assert passed == [True] * 3
    assert flag.wait(0.0)


def test_a_flag_that_is_not_set_is_waited_for_no_longer_than_wanted() -> None:
    assert not Flag().wait(0.0)
