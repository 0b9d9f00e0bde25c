"""The routes about the engine itself: what it says of itself and its one image, and its events."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any
from urllib.parse import quote

import pytest

from hyper_jupyter.engine.config.image import IMAGE_ID
from hyper_jupyter.engine.http.response import Streamed
from hyper_jupyter.version import __version__
from tests.engine.endpoints.api import Api, run


def test_it_answers_a_ping() -> None:
    async def scenario(api: Api) -> None:
        response = await api.call("GET", "/_ping")
        assert (response.status, response.value) == (200, b"OK")
        assert response.headers["Cache-Control"] == "no-cache, no-store, must-revalidate"
        assert (await api.call("HEAD", "/_ping")).status == 200

    run(scenario)


def test_it_says_its_versions_and_what_it_is() -> None:
    async def scenario(api: Api) -> None:
        status, version = await api.ask("GET", "/version")
        assert (status, version["Version"], version["Components"][0]["Version"]) == (
            200,
            __version__,
            __version__,
        )
        assert version["ApiVersion"] == version["Components"][0]["Details"]["ApiVersion"]

    run(scenario)


def test_it_counts_its_containers_by_state() -> None:
    async def scenario(api: Api) -> None:
        await api.create(name="one")
        paused = await api.start(name="two")
        paused.pause()
        await api.start(name="three")
        await api.create(name="four")
        _, info = await api.ask("GET", "/info")
        counts = {key.removeprefix("Containers"): info[key] for key in info if "Containers" in key}
        assert counts == {"": 4, "Running": 1, "Paused": 1, "Stopped": 2}
        assert (info["Images"], info["MemTotal"] > 1 << 20, info["NCPU"] > 0) == (1, True, True)

    run(scenario)


def test_it_has_one_image() -> None:
    async def scenario(api: Api) -> None:
        await api.create()
        status, (image,) = await api.ask("GET", "/images/json")
        assert status == 200
        assert abs(image.pop("Created") - time.time()) < 3600  # seconds, not another unit
        assert image == {
            "Id": IMAGE_ID, "ParentId": "", "RepoTags": ["host:latest"], "RepoDigests": [],
            "Size": 0, "SharedSize": -1, "Labels": None, "Containers": 1,
        }  # fmt: skip
        digits = IMAGE_ID.removeprefix("sha256:")
        for name in ("host", "host:latest", IMAGE_ID, digits[:12], digits):
            status, image = await api.ask("GET", f"/images/{name}/json")
            assert (status, image["Id"], image["Config"]["Cmd"]) == (200, IMAGE_ID, ["sh"])
        for name in ("busybox", digits[:11], "x" * 12):
            missing = await api.ask("GET", f"/images/{name}/json")
            assert missing == (404, f"No such image: {name}")
        status, text = await api.ask("POST", "/images/create?fromImage=busybox")
        assert (status, "no images to pull" in text) == (404, True)

    run(scenario)


# -- events ----------------------------------------------------------------------------------


class Listener:
    """A client that gets events.

    Attributes:
        actions: of those that came.
    """

    def __init__(self) -> None:
        self.actions: list[str] = []
        self._came = asyncio.Event()

    async def send(self, data: bytes) -> None:
        assert data.endswith(b"\n")
        self.actions.append(json.loads(data)["Action"])
        self._came.set()

    async def gets(self, count: int) -> list[str]:
        while len(self.actions) < count:
            self._came.clear()
            await self._came.wait()
        return self.actions


async def listen(api: Api, query: str) -> tuple[Listener, asyncio.Task[Any]]:
    response: Any = await api.call("GET", f"/events?{query}", connection=object())
    assert isinstance(response, Streamed)
    listener = Listener()
    producing = asyncio.create_task(response.produce(listener.send))
    await asyncio.sleep(0)
    return listener, producing


def test_events_come_from_now_on_or_from_a_time_on() -> None:
    async def scenario(api: Api) -> None:
        container = await api.create()
        live, one = await listen(api, "")
        both, two = await listen(api, "since=1")
        await api.ask("POST", "/containers/web/rename?name=other")
        assert await live.gets(1) == ["rename"]
        assert await both.gets(2) == ["create", "rename"]
        container.publish("more")
        assert await live.gets(2) == ["rename", "more"]
        for task in (one, two):
            task.cancel()

    run(scenario)


def test_events_end_where_they_were_asked_to() -> None:
    async def scenario(api: Api) -> None:
        await api.create()
        past, producing = await listen(api, f"since=1&until={int(time.time()) + 1}")
        await producing
        assert past.actions == ["create"]
        over, producing = await listen(api, "since=1&until=2")
        await producing
        assert over.actions == []

    run(scenario)


def test_only_the_events_that_were_asked_for_come() -> None:
    async def scenario(api: Api) -> None:
        container = await api.create()
        filters = quote(json.dumps({"event": ["chosen"]}))
        chosen, producing = await listen(api, f"since=1&filters={filters}")
        container.publish("other")
        container.publish("chosen")
        assert await chosen.gets(1) == ["chosen"]
        producing.cancel()

    run(scenario)


def test_a_listener_that_is_too_slow_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hyper_jupyter.engine.containers.events.QUEUED", 2)

    async def scenario(api: Api) -> None:
        container = await api.create()
        slow, producing = await listen(api, "")
        for _ in range(3):  # without a turn for it
            container.publish("x")
        await producing
        assert slow.actions == ["x", "x"]

    run(scenario)
