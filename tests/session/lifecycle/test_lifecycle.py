"""Waiting for a session's changes."""

from __future__ import annotations

import threading

from hyper_jupyter.session.lifecycle.lifecycle import Lifecycle
from hyper_jupyter.session.store.journal import Journal

PATIENCE = 5.0


def test_who_waits_for_the_end_sleeps_through_output() -> None:
    life = Lifecycle(Journal())
    asked: list[str] = []
    waits = threading.Event()
    ended = threading.Event()

    def predicate() -> bool:
        asked.append(threading.current_thread().name)
        waits.set()
        return ended.is_set()

    outcome: list[bool] = []
    thread = threading.Thread(target=lambda: outcome.append(life.wait_for_end(predicate, PATIENCE)))
    thread.start()
    assert waits.wait(PATIENCE)
    for _ in range(50):
        life.notify(output=True)
        # Whoever is woken has its turn now.
        assert not life.wait_for(lambda: False, 0.001)
    ended.set()
    life.notify()
    thread.join(PATIENCE)
    assert outcome == [True]
    assert len(asked) == 2


def test_output_wakes_who_waits_for_any_change() -> None:
    life = Lifecycle(Journal())
    waits = threading.Event()
    came = threading.Event()

    def predicate() -> bool:
        waits.set()
        return came.is_set()

    outcome: list[bool] = []
    thread = threading.Thread(target=lambda: outcome.append(life.wait_for(predicate, PATIENCE)))
    thread.start()
    assert waits.wait(PATIENCE)
    came.set()
    life.notify(output=True)
    thread.join(PATIENCE)
    assert outcome == [True]
