"""What is learned of a container shortly after its session has ended."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Callable
from typing import Any

import pytest

from hyper_jupyter.client import Container
from hyper_jupyter.exceptions import ConnectionFailed, NotFound
from hyper_jupyter.session.attach.target import target_of
from hyper_jupyter.session.lifecycle.lives import aftermath as module
from hyper_jupyter.session.lifecycle.lives.aftermath import Aftermath
from tests.session.lifecycle.endings import ScriptedSession
from tests.session.rules.plans import DOCKER, plan_of

PATIENCE = 10.0
EXITED = {"State": {"Status": "exited", "Running": False, "ExitCode": 0}}
WAITS = {"State": {"Status": "restarting", "Running": True, "Restarting": True}}
RUNNING = {"State": {"Status": "running", "Running": True}}
REMOVING = {"State": {"Status": "removing", "Running": False, "ExitCode": 137}}
OTHER = {"Id": "beef", "Name": "/web", "State": RUNNING["State"]}
GONE = NotFound(404, "no such container")


class Ended:
    """A session that has exited, and its aftermath."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(module, "_LOOKS", (0.0, 0.0))
        self.session = ScriptedSession()
        container = Container("f00d", "web", "busybox")
        target = target_of(self.session.client, container, plan_of(DOCKER))
        ending, lifecycle = self.session.ending, self.session.lifecycle
        self.aftermath = Aftermath(self.session.client, target, ending, lifecycle)
        self.session.container_exits(0)
        self.session.stream_ends()
        self.session.join()

    def wait_for(self, condition: Callable[[Any], bool]) -> None:
        ending = self.session.ending
        assert self.session.lifecycle.wait_for_end(lambda: condition(ending), PATIENCE)


@pytest.fixture
def ended(monkeypatch: pytest.MonkeyPatch) -> Ended:
    return Ended(monkeypatch)


def test_a_removal_just_after_the_end_is_noticed(ended: Ended) -> None:
    ended.session.client.inspected = [EXITED, GONE]
    ended.aftermath.begin()
    ended.wait_for(lambda ending: ending.fate.removed and not ending.fate.recreated)


@pytest.mark.parametrize("first", [REMOVING, GONE])
def test_so_is_another_container_that_takes_the_name_later(ended: Ended, first: Any) -> None:
    ended.session.client.inspected = [first, GONE, GONE, OTHER]
    ended.aftermath.begin()
    ended.wait_for(lambda ending: ending.fate.removed and ending.fate.recreated)


@pytest.mark.parametrize("second", [RUNNING, WAITS])
def test_so_is_a_new_start(ended: Ended, second: Any) -> None:
    ended.session.client.inspected = [EXITED, second]
    ended.aftermath.begin()
    ended.wait_for(lambda ending: ending.fate.restarting and not ending.fate.removed)


def test_an_engine_that_has_given_up_restarts_it_no_more(ended: Ended) -> None:
    ended.session.ending.fate.restarting = True
    ended.session.client.inspected = [EXITED]
    ended.aftermath.begin()
    ended.wait_for(lambda ending: not ending.fate.restarting)


def test_an_engine_that_gives_up_later_has_not_started_it_for_good(
    ended: Ended, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_LATER", 0.0)
    failed = ConnectionFailed("no engine")
    ended.session.client.inspected = [WAITS, RUNNING, WAITS, failed, RUNNING, EXITED]
    asked = ended.session.inspects()
    ended.session.ending.fate.restarting = True
    ended.aftermath.begin()
    ended.wait_for(lambda ending: not ending.fate.restarting)
    assert ended.session.inspects() == asked + 6


def test_nobody_is_asked_for_a_session_that_nothing_refers_to(
    ended: Ended, monkeypatch: pytest.MonkeyPatch
) -> None:
    later: list[Callable[[], None]] = []
    worker = module.runtime().calls
    monkeypatch.setattr(worker, "call_later", lambda _, function: later.append(function))
    ended.aftermath.begin()
    asked = ended.session.inspects()
    gone = threading.Event()
    weakref.finalize(ended.aftermath, gone.set)
    del ended.aftermath
    gc.collect()
    assert gone.is_set()
    later.pop()()
    assert ended.session.inspects() == asked
