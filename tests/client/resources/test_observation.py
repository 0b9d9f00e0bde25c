"""Readings of statistics that come one after another, streamed or asked for."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest

from hyper_jupyter.client import EngineClient
from hyper_jupyter.client.resources import observation
from hyper_jupyter.exceptions import Conflict
from tests.client.conftest import Serve, client_of
from tests.client.resources.test_containers import PODMAN
from tests.client.servers import Peer, answer

HEAD = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"
NOT_RUNNING = {"read": "0001-01-01T00:00:00Z", "cpu_stats": {}}


def reading(second: int, used: float) -> dict[str, Any]:
    return {
        "read": f"2026-11-29T20:00:{second:02}Z",
        "preread": "0001-01-01T00:00:00Z",
        "cpu_stats": {"cpu_usage": {"total_usage": int(used * 1e9)}},
    }


def streamed(*rows: dict[str, Any]) -> bytes:
    return HEAD + b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def podman(serve: Serve, rows: list[Any], monkeypatch: pytest.MonkeyPatch) -> EngineClient:
    monkeypatch.setattr(observation, "_INTERVAL", 0.0)
    rest = iter(rows)

    def script(peer: Peer) -> None:
        row = next(rest)
        peer.send(row if isinstance(row, bytes) else answer(row))

    return client_of(serve({"GET /_ping": PODMAN, "GET /containers/a/stats": script}).url)


def test_docker_s_stream_ends_when_the_container_has_ended(serve: Serve) -> None:
    script = streamed(reading(1, 1), reading(2, 1.5), NOT_RUNNING, NOT_RUNNING)
    with client_of(serve({"GET /containers/a/stats": script}).url).watch_stats("a") as readings:
        assert [each.cpu_percent for each in readings] == [None, 50.0]
        assert list(readings) == []


def test_one_that_does_not_run_is_a_conflict(serve: Serve) -> None:
    client = client_of(serve({"GET /containers/a/stats": answer(NOT_RUNNING)}).url)
    for ask in (client.stats, client.watch_stats):
        with pytest.raises(Conflict, match="not running"):
            ask("a")


def test_podman_is_asked_again_and_again(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    stopped = {"cause": "container is stopped", "message": "container is stopped"}
    client = podman(serve, [reading(1, 1), reading(2, 1.5), reading(4, 2), stopped], monkeypatch)
    assert [each.cpu_percent for each in client.watch_stats("a")] == [None, 50.0, 25.0]


def test_one_reading_of_podman_takes_two_answers(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = podman(serve, [reading(1, 1), reading(2, 1.5)], monkeypatch)
    assert client.stats("a").cpu_percent == 50.0


@pytest.mark.parametrize(
    "last", [answer(b""), answer({"message": "no such container"}, "404 Not Found")]
)
def test_on_podman_too_readings_end_with_the_container(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, last: bytes
) -> None:
    client = podman(serve, [reading(1, 1), last], monkeypatch)
    assert len(list(client.watch_stats("a"))) == 1


@pytest.mark.parametrize("engine", ["docker", "podman"])
def test_another_thread_ends_the_readings_at_once(serve: Serve, engine: str) -> None:
    def script(peer: Peer) -> None:
        if engine == "podman":
            peer.send(answer(reading(1, 1)))
            return
        peer.send(streamed(reading(1, 1)))
        peer.wait_for_end()

    observation_answers = {"GET /containers/a/stats": script}
    if engine == "podman":
        observation_answers["GET /_ping"] = PODMAN  # type: ignore[assignment]
    readings = client_of(serve(observation_answers).url).watch_stats("a")
    first = threading.Event()
    found: list[Any] = []

    def read() -> None:
        for each in readings:
            found.append(each)
            first.set()

    reader = threading.Thread(target=read)
    reader.start()
    assert first.wait(30)
    readings.close()
    reader.join(30)
    assert not reader.is_alive()
    assert len(found) == 1
