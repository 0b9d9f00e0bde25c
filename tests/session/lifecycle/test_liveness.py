"""Whether the embedded engine answers, as its sessions see it."""

from __future__ import annotations

import os
import signal
import threading
from types import SimpleNamespace
from typing import Any

import pytest

from hyper_jupyter.api import client_for
from hyper_jupyter.exceptions import ApiError, ConnectionFailed
from hyper_jupyter.session import State, runtime
from hyper_jupyter.session.io.worker import Job
from hyper_jupyter.session.lifecycle import liveness as module
from hyper_jupyter.session.lifecycle.lifecycle import Lifecycle
from hyper_jupyter.session.lifecycle.liveness import Liveness, Watch
from hyper_jupyter.session.store.journal import Journal


class Asked:
    """A client of the embedded engine.

    Attributes:
        answer: raised by a call, if it is an error.
        asked: the calls.
    """

    def __init__(self) -> None:
        self.answer: Exception | None = None
        self.asked: list[Any] = []
        self.ended = False
        self.instance: Any = SimpleNamespace(
            has_ended=lambda: self.ended, silence=lambda: "it is stopped"
        )

    def call(self, *arguments: Any, **options: Any) -> None:
        self.asked.append((arguments, options))
        if self.answer is not None:
            raise self.answer


def unanswered() -> ConnectionFailed:
    failure = ConnectionFailed("no answer")
    failure.unanswered = True
    return failure


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> list[tuple[float, Any]]:
    """What the calls worker is to do later, and when; a test does it."""
    jobs: list[tuple[float, Any]] = []

    def call_later(delay: float, function: Any) -> Job:
        jobs.append((delay, function))
        return Job(function)

    monkeypatch.setattr(runtime().calls, "call_later", call_later)
    monkeypatch.setattr(module, "_current", None)
    return jobs


def test_an_engine_that_stops_answering_is_said_and_taken_back(later: list[Any]) -> None:
    client: Any = Asked()
    news: list[str] = []
    lifecycle = Lifecycle(Journal())
    watch = Watch(client, lifecycle)
    lifecycle.subscribe(lambda: news.append(watch.silence))
    watch.begin()
    for answer in (None, unanswered(), unanswered(), ApiError(500, "no"), unanswered(), None):
        client.answer = answer
        later.pop()[1]()
    assert news == ["it is stopped", "", "it is stopped", ""]
    assert client.asked == [(("GET", "/_ping"), {"timeout": module._PATIENCE})] * 6
    assert [delay for delay, _ in later] == [module._PERIOD]
    watch.end()


def test_all_sessions_of_an_engine_ask_once(later: list[Any]) -> None:
    client: Any = Asked()
    watches = [Watch(client, Lifecycle(Journal())) for _ in range(3)]
    for watch in watches:
        watch.begin()
    client.answer = unanswered()
    ((_, ask),) = later
    watches[0].end()
    ask()
    assert [watch.silence for watch in watches] == ["", "it is stopped", "it is stopped"]
    watches[1].end()
    assert watches[1].silence == ""
    watches[2].end()
    watches[2].end()
    asked = len(client.asked)
    later.pop()[1]()
    assert (len(client.asked), len(later)) == (asked, 1)  # nothing more is asked, or due
    watches[0].begin()
    assert len(later) == 2


def test_nothing_is_said_of_an_engine_after_the_session_s_end(later: list[Any]) -> None:
    client: Any = Asked()
    news: list[str] = []
    lifecycle = Lifecycle(Journal())
    watch = Watch(client, lifecycle)
    lifecycle.subscribe(lambda: news.append(watch.silence))
    watch.begin()
    watch.receive("it is stopped")
    watch.end()
    watch.receive("it is stopped")  # found out before the end, and on its way
    watch.end()
    assert (watch.silence, news) == ("", ["it is stopped", ""])


def test_an_engine_that_has_ended_is_not_silent(later: list[Any]) -> None:
    client: Any = Asked()
    client.ended, client.answer = True, unanswered()
    watch = Watch(client, Lifecycle(Journal()))
    watch.begin()
    later.pop()[1]()
    assert (watch.silence, client.asked) == ("", [])
    client.ended, client.answer = False, ConnectionFailed("refused")
    later.pop()[1]()
    assert watch.silence == ""


def test_another_engine_is_not_asked(later: list[Any]) -> None:
    client: Any = Asked()
    client.instance = None
    watch = Watch(client, Lifecycle(Journal()))
    watch.begin()
    watch.end()
    assert later == []


def test_the_engine_in_the_place_of_another_one_is_another_one(later: list[Any]) -> None:
    first: Any = Asked()
    second: Any = Asked()
    assert Liveness.of(first) is Liveness.of(first)
    assert Liveness.of(first) is not Liveness.of(second)


def test_a_session_of_a_stopped_engine_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PERIOD", 0.05)
    monkeypatch.setattr(module, "_PATIENCE", 0.5)
    client = client_for("local:")
    container = client.create("default", ["cat"], stdin=True)
    client.start(container)
    session = client.attach(container)
    changed = threading.Event()
    said: list[tuple[str, ...]] = []

    def note() -> None:
        said.append(session.warnings)
        changed.set()

    session.subscribe(note)
    assert client.instance is not None
    pid = client.instance.process.pid
    os.kill(pid, signal.SIGSTOP)
    try:
        assert changed.wait(20)
        assert f"process {pid}" in said[-1][0]
        assert session.state is State.ATTACHED
        changed.clear()
    finally:
        os.kill(pid, signal.SIGCONT)
    assert changed.wait(20)
    assert said[-1] == ()
    session.close(force=True)
    client.remove(container, force=True)
