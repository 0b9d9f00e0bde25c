"""Waiting for the exit of a container, or for its removal."""

from __future__ import annotations

import json
import threading
from typing import Any

from tests.engine.driver import Engine


def begin_wait(
    engine: Engine, container: str, query: str
) -> tuple[threading.Thread, list[Any], threading.Event]:
    """A thread that waits; the event is set when the head of the answer has come."""
    answers: list[Any] = []
    begun = threading.Event()

    def wait() -> None:
        with engine.streaming("POST", f"/containers/{container}/wait{query}") as response:
            begun.set()
            answers.append(json.loads(response.read()))

    thread = threading.Thread(target=wait)
    thread.start()
    assert begun.wait(5)
    return thread, answers, begun


def test_wait_answers_its_head_at_once_and_the_code_at_the_end(engine: Engine) -> None:
    container = engine.sh("read x; exit 3", stdin=True)
    thread, answers, _ = begin_wait(engine, container, "")
    stream = engine.attach(container)
    stream.send(b"\n")
    thread.join(5)
    assert [answer["StatusCode"] for answer in answers] == [3]


def test_not_running_returns_at_once_for_a_created_and_for_an_exited_one(engine: Engine) -> None:
    container = engine.create("sh", "-c", "exit 3")
    assert engine.wait(container) == 0
    engine.start(container)
    assert engine.wait(container) == 3
    assert engine.wait(container) == 3


def test_a_restart_gives_waiters_the_code_of_the_run_that_ended(engine: Engine) -> None:
    container = engine.run("cat", stdin=True)
    waits = [begin_wait(engine, container, "") for _ in range(5)]
    assert engine.call("POST", f"/containers/{container}/restart?t=1").status == 204
    for thread, answers, _ in waits:
        thread.join(5)
        assert answers[0]["StatusCode"] == 143


def test_next_exit_waits_for_the_next_one(engine: Engine) -> None:
    container = engine.create("sh", "-c", "exit 3")
    for _ in range(2):
        thread, answers, _ = begin_wait(engine, container, "?condition=next-exit")
        assert answers == []
        engine.start(container)
        thread.join(5)
        assert answers[0]["StatusCode"] == 3


def test_removed_waits_for_the_removal(engine: Engine) -> None:
    container = engine.sh("exit 3")
    engine.wait(container)
    thread, answers, _ = begin_wait(engine, container, "?condition=removed")
    engine.remove(container)
    thread.join(5)
    assert answers[0]["StatusCode"] == 3


def test_an_unknown_condition_is_refused(engine: Engine) -> None:
    container = engine.create("true")
    reply = engine.call("POST", f"/containers/{container}/wait?condition=maybe")
    assert (reply.status, reply.message) == (400, 'invalid condition: "maybe"')


def test_below_1_30_conditions_are_unknown(engine: Engine) -> None:
    container = engine.sh("exit 3")
    engine.prefix = "/v1.29"
    assert engine.wait(container, "removed") == 3


def test_auto_remove_gives_waiters_the_code_and_is_gone(engine: Engine) -> None:
    container = engine.create("sh", "-c", "read x; exit 6", stdin=True, host={"AutoRemove": True})
    waits = [
        begin_wait(engine, container, f"?condition={condition}")
        for condition in ("removed", "next-exit")
    ]
    stream = engine.attach(container)
    engine.start(container)
    stream.send(b"\n")
    stream.read_all()
    for thread, answers, _ in waits:
        thread.join(5)
        assert answers[0]["StatusCode"] == 6
    engine.wait_for_event(container, "destroy")
    assert engine.call("GET", f"/containers/{container}/json").status == 404
    assert engine.call("POST", f"/containers/{container}/wait").status == 404
