"""What a fork waits for, and which locks are free in its child."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable

import pytest

from hyper_jupyter.session.io import forks
from hyper_jupyter.session.store.journal import Journal

Hooks = dict[str, Callable[[], None]]


@pytest.fixture
def hooks(monkeypatch: pytest.MonkeyPatch) -> Hooks:
    """What would be registered with the system."""
    found: Hooks = {}
    monkeypatch.setattr(os, "register_at_fork", lambda **given: found.update(given))
    monkeypatch.setattr(forks, "_PATIENCE", 0.0)
    return found


@pytest.mark.parametrize("where", ["after_in_parent", "after_in_child"])
def test_a_fork_has_the_locks_and_releases_them(hooks: Hooks, where: str) -> None:
    locks = [threading.Lock(), threading.Lock()]
    forks.hold_over_forks(lambda: locks)
    for _ in range(2):
        hooks["before"]()
        assert [lock.locked() for lock in locks] == [True, True]
        hooks[where]()
        assert [lock.locked() for lock in locks] == [False, False]


def test_a_lock_that_is_not_released_in_time_is_left_to_its_holder(hooks: Hooks) -> None:
    taken, free = threading.Lock(), threading.Lock()
    forks.hold_over_forks(lambda: [taken, free])
    with taken:
        hooks["before"]()
        assert free.locked()
        hooks["after_in_parent"]()
        assert (taken.locked(), free.locked()) == (True, False)


def test_locks_are_found_in_collections_and_behind_references(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one, other = Journal(), Journal()
    locks = [one.lock, other.lock, threading.Lock()]
    monkeypatch.setattr(forks, "held", {"a": [one, other.end], "b": locks[2]}, raising=False)
    stranger = threading.Lock()
    monkeypatch.setattr(threading, "stranger", stranger, raising=False)
    for lock in (*locks, stranger):
        assert lock.acquire(blocking=False)
    forks.free_locks()
    assert [lock.locked() for lock in (*locks, stranger)] == [False, False, False, True]
