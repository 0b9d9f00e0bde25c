"""Pauses, from the engine's events."""

from __future__ import annotations

import json
import queue
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from hyper_jupyter.client import Container
from hyper_jupyter.client.records import Event
from hyper_jupyter.session.attach import event_watch as module
from hyper_jupyter.session.attach.event_watch import listen, watch_pauses
from hyper_jupyter.session.attach.exec_target import ExecTarget
from hyper_jupyter.session.attach.target import target_of
from hyper_jupyter.session.io.runtime import runtime
from hyper_jupyter.session.io.worker import Worker
from hyper_jupyter.session.rules import retrying
from tests.session.clients import PATIENCE, PairedClient
from tests.session.rules.plans import DOCKER, PODMAN, plan_of

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"
RUNNING = {"State": {"Status": "running", "Running": True, "Paused": False}}
PAUSED = {"State": {"Status": "paused", "Running": True, "Paused": True}}


class Watching:
    """Some watched containers of one engine, which is a test."""

    def __init__(self) -> None:
        self.client: Any = PairedClient(DOCKER)
        self.client.inspected = [RUNNING]
        self.told: queue.Queue[tuple[str, bool]] = queue.Queue()
        self.removes: list[Callable[[], None]] = []

    def watch(self, container: str = "f00d") -> Callable[[], None]:
        target = target_of(self.client, Container(container, "web", "busybox"), plan_of(DOCKER))
        remove = watch_pauses(
            self.client, target, lambda paused: self.told.put((container, paused))
        )
        self.removes.append(remove)
        return remove

    def events(self) -> socket.socket:
        """The engine's end of the next request, which it has answered."""
        peer: socket.socket = self.client.peer()
        peer.sendall(HEAD)
        return peer

    def hears(self) -> tuple[str, bool]:
        return self.told.get(timeout=PATIENCE)

    def requests(self) -> list[tuple[str, str]]:
        return [call[1:3] for call in self.client.calls if call[0] == "open"]


@pytest.fixture
def watching(monkeypatch: pytest.MonkeyPatch) -> Iterator[Watching]:
    monkeypatch.setattr(retrying, "PAUSES", (0.0,))
    made = Watching()
    yield made
    for remove in made.removes:
        remove()
    made.client.close()
    assert made.told.empty()


def event(action: str, container: str = "f00d", **more: Any) -> bytes:
    found = {"Type": "container", "Action": action, "Actor": {"ID": container}, **more}
    return json.dumps(found).encode() + b"\n"


def test_events_say_when_a_container_is_paused_and_goes_on(watching: Watching) -> None:
    watching.watch()
    peer = watching.events()
    assert watching.hears() == ("f00d", False)  # inspected once
    peer.sendall(event("pause"))
    assert watching.hears() == ("f00d", True)
    peer.sendall(event("unpause"))
    assert watching.hears() == ("f00d", False)
    assert watching.requests() == [("GET", "/events")]
    filters = json.loads(watching.client.calls[0][3]["filters"])
    assert filters == {"type": ["container"], "event": [*module.ACTIONS]}


def test_an_old_engine_s_events_are_read_too(watching: Watching) -> None:
    watching.watch()
    peer = watching.events()
    assert watching.hears() == ("f00d", False)
    peer.sendall(b'{"status":"pause","id":"f00d","from":"busybox","time":1}\n')
    assert watching.hears() == ("f00d", True)


def test_events_come_in_pieces_and_some_are_no_news(watching: Watching) -> None:
    watching.watch()
    peer = watching.events()
    assert watching.hears() == ("f00d", False)
    useless = [
        b"\n", b"[]\n", b"null\n", b"{\n", b'{"Action":7}\n', b'{"Action":["pause"]}\n',
        b'{"Action":"pause"}\n', event("exec_create: sh"), event("pause", "beef"),
        b'{"Action":"pause","Actor":{"ID":"f00d"},"x":"' + b"x" * 100_000 + b'"}\n',
    ]  # fmt: skip
    text = b"".join([*useless, event("pause")])
    for at in range(0, len(text), 1000):
        peer.sendall(text[at : at + 1000])
    assert watching.hears() == ("f00d", True)


def test_one_request_serves_all_containers_of_an_engine(watching: Watching) -> None:
    watching.watch("f00d")
    peer = watching.events()
    assert watching.hears() == ("f00d", False)
    watching.client.inspected = [PAUSED]
    watching.watch("beef")
    assert watching.hears() == ("beef", True)  # it may have been paused before the watch
    peer.sendall(event("unpause", "beef") + event("pause", "f00d"))
    assert watching.hears() == ("beef", False)
    assert watching.hears() == ("f00d", True)
    assert len(watching.requests()) == 1


def test_the_request_ends_with_the_last_watch(watching: Watching) -> None:
    first, second = watching.watch("f00d"), watching.watch("beef")
    peer = watching.events()
    assert {watching.hears(), watching.hears()} == {("f00d", False), ("beef", False)}
    first()
    peer.sendall(event("pause", "f00d") + event("pause", "beef"))
    assert watching.hears() == ("beef", True)
    second()
    assert peer.recv(1) == b""
    watching.watch("f00d")
    watching.events()
    assert watching.hears() == ("f00d", False)


def test_after_a_broken_request_a_new_one_finds_what_was_missed(watching: Watching) -> None:
    watching.watch()
    peer = watching.events()
    assert watching.hears() == ("f00d", False)
    watching.client.inspected = [PAUSED]
    peer.close()
    watching.events()
    assert watching.hears() == ("f00d", True)


def test_an_engine_that_refuses_events_is_not_asked_again(
    watching: Watching, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = threading.Event()
    monkeypatch.setattr(module.logger, "info", lambda *_: refused.set())
    calls = runtime().calls
    later: list[float] = []
    monkeypatch.setattr(calls, "call_later", lambda delay, _: later.append(delay))
    monkeypatch.setattr(calls, "submit", lambda job: Worker.call_later(calls, 0.0, job))
    watching.watch()
    watching.client.peer().sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 4\r\n\r\nno.\n")
    assert refused.wait(PATIENCE)
    behind = threading.Event()
    runtime().loop.call_soon(behind.set)
    assert behind.wait(PATIENCE)
    assert later == []


def test_an_event_counts_more_than_an_inspect_that_began_before_it(
    watching: Watching, monkeypatch: pytest.MonkeyPatch
) -> None:
    watching.watch()
    peer = watching.events()
    assert watching.hears() == ("f00d", False)
    asked, answered = threading.Event(), threading.Event()

    def inspect(container: str) -> dict[str, Any]:
        asked.set()
        assert answered.wait(PATIENCE)
        return RUNNING

    monkeypatch.setattr(watching.client, "inspect", inspect)
    watching.watch("f00d")
    assert asked.wait(PATIENCE)
    peer.sendall(event("pause"))
    assert [watching.hears(), watching.hears()] == [("f00d", True)] * 2
    answered.set()
    peer.sendall(event("unpause"))
    assert [watching.hears(), watching.hears()] == [("f00d", False)] * 2


def test_an_exec_is_asked_about_by_its_container(watching: Watching) -> None:
    watching.client.instance = None
    watching.client.inspected = [PAUSED]
    web = Container("f00d", "web", "busybox")
    plan = replace(plan_of(DOCKER), command=("sh",), exec_id="beef")
    target = ExecTarget(watching.client, web, plan, "beef", lambda: b"")
    watching.removes.append(
        watch_pauses(watching.client, target, lambda paused: watching.told.put(("exec", paused)))
    )
    peer = watching.events()
    assert watching.hears() == ("exec", True)
    peer.sendall(event("unpause"))
    assert watching.hears() == ("exec", False)
    assert [call for call in watching.client.calls if call[0] == "inspect"] == [("inspect", "f00d")]


def test_a_listener_hears_of_starts_and_ends_of_every_container(watching: Watching) -> None:
    heard: queue.Queue[tuple[str, str, str]] = queue.Queue()

    class Ear:
        def receive_event(self, event: Event) -> None:
            heard.put((event.action, event.id, event.attributes.get("exitCode", "")))

        def look(self) -> None:
            heard.put(("look", "", ""))

    watching.removes.append(listen(watching.client, Ear()))
    peer = watching.events()
    assert heard.get(timeout=PATIENCE) == ("look", "", "")
    died = {"ID": "f00d", "Attributes": {"exitCode": "3"}}
    peer.sendall(
        event("die", Actor=died) + event("resize") + event("start", "beef") + event("destroy")
    )
    assert heard.get(timeout=PATIENCE) == ("die", "f00d", "3")
    assert heard.get(timeout=PATIENCE) == ("start", "beef", "")
    assert heard.get(timeout=PATIENCE) == ("destroy", "f00d", "")


def test_podman_s_removal_is_heard_in_docker_s_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retrying, "PAUSES", (0.0,))
    client: Any = PairedClient(PODMAN)
    heard: queue.Queue[str] = queue.Queue()

    class Ear:
        def receive_event(self, event: Event) -> None:
            heard.put(event.action)

        def look(self) -> None:
            pass

    end = listen(client, Ear())
    peer = client.peer()
    peer.sendall(HEAD + event("remove"))
    assert heard.get(timeout=PATIENCE) == "destroy"
    end()
    client.close()
    assert "remove" in json.loads(client.calls[0][3]["filters"])["event"]
