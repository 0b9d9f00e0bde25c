"""The route for logs: which part of one is read, and how it is encoded."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from hyper_jupyter.engine.http.response import Streamed
from hyper_jupyter.engine.program import log as log_module
from hyper_jupyter.protocol import encode_frame
from hyper_jupyter.protocol.gap import gap_mark
from tests.engine.endpoints.api import Api, run

BOTH = "stdout=1&stderr=1"
SECOND = 1_000_000_000


async def read(api: Api, query: str) -> bytes:
    """Return what a client gets to the end of its stream."""
    response: Any = await api.call("GET", f"/containers/web/logs?{query}", connection=object())
    assert isinstance(response, Streamed)
    sent: list[bytes] = []

    async def send(data: bytes) -> None:
        sent.append(data)

    await response.produce(send)
    return b"".join(sent)


async def written(api: Api, monkeypatch: pytest.MonkeyPatch, **body: Any) -> Any:
    """A container with a line per second, in turns on stdout and stderr, from second 100 on."""
    container = await api.create(**body)
    with monkeypatch.context() as patch:
        now = [0]
        patch.setattr(log_module.time, "time_ns", lambda: now[0])
        for number in range(4):
            now[0] = (100 + number) * SECOND
            container.log.append(1 + number % 2, b"%d\n" % number)
    return container


@pytest.mark.parametrize(
    ("query", "text"),
    [
        (BOTH, b"0\n1\n2\n3\n"),
        ("stdout=1", b"0\n2\n"),
        ("stderr=1", b"1\n3\n"),
        (f"{BOTH}&follow=1", b"0\n1\n2\n3\n"),  # it does not run
        (f"{BOTH}&tail=all", b"0\n1\n2\n3\n"),
        (f"{BOTH}&tail=-1", b"0\n1\n2\n3\n"),
        (f"{BOTH}&tail=2", b"2\n3\n"),
        (f"{BOTH}&tail=0", b""),
        ("stdout=1&tail=1", b"2\n"),
        (f"{BOTH}&since=102", b"2\n3\n"),
        (f"{BOTH}&since=101.000000001", b"2\n3\n"),
        (f"{BOTH}&since=200", b""),
        (f"{BOTH}&until=101", b"0\n1\n"),
        (f"{BOTH}&until=99", b""),
        (f"{BOTH}&since=101&until=102", b"1\n2\n"),
        (f"{BOTH}&until=102&tail=1", b"2\n"),
        ("stdout=1&timestamps=1&tail=1", b"1970-01-01T00:01:42.000000000Z 2\n"),
    ],
)
def test_the_part_that_was_asked_for_is_read(
    monkeypatch: pytest.MonkeyPatch, query: str, text: bytes
) -> None:
    async def scenario(api: Api) -> None:
        container = await written(api, monkeypatch, Tty=True)
        assert await read(api, query) == text
        assert container.log._users == 1  # the reader has let go of it

    run(scenario)


def test_without_a_terminal_each_line_is_a_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(api: Api) -> None:
        await written(api, monkeypatch)
        frames = [encode_frame(1 + number % 2, b"%d\n" % number) for number in range(4)]
        assert await read(api, BOTH) == b"".join(frames)
        response: Any = await api.call("GET", f"/containers/web/logs?{BOTH}", connection=object())
        assert response.content_type == "application/vnd.docker.multiplexed-stream"

    run(scenario)


def test_a_log_is_followed_to_the_run_s_end() -> None:
    async def scenario(api: Api) -> None:
        container = await api.start("echo up; read x; echo more", Tty=True)
        following = asyncio.create_task(read(api, "stdout=1&follow=1"))
        until_then = asyncio.create_task(read(api, "stdout=1&follow=1&until=9999999999"))
        await asyncio.sleep(0)
        assert await read(api, "stdout=1") == b"up\r\n"
        assert container.run.stdin is not None
        await container.run.stdin.write(b"\n")
        assert await following == await until_then
        assert (await following).endswith(b"more\r\n")

    run(scenario)


def test_following_ends_at_the_time_that_was_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(api: Api) -> None:
        await api.start(Tty=True)
        monkeypatch.setattr("hyper_jupyter.engine.endpoints.logs.time.time_ns", lambda: 5 * SECOND)
        following = asyncio.create_task(read(api, "stdout=1&follow=1&until=5.000000001"))
        assert await following == b""  # what came is newer
        monkeypatch.undo()

    run(scenario)


def test_following_begins_at_the_time_that_was_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(api: Api) -> None:
        container = await api.start("echo up; read x", Tty=True)
        now = [time.time_ns()]
        since = now[0] // SECOND + 1000
        monkeypatch.setattr(log_module.time, "time_ns", lambda: now[0])
        following = asyncio.create_task(read(api, f"stdout=1&follow=1&since={since}"))
        await asyncio.sleep(0)
        container.log.append(1, b"before\r\n")
        now[0] += 2000 * SECOND
        container.log.append(1, b"then\r\n")
        assert container.run.stdin is not None
        await container.run.stdin.write(b"\n")
        assert (await following).startswith(b"then\r\n")
        monkeypatch.undo()

    run(scenario)


def test_what_was_dropped_is_marked(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(api: Api) -> None:
        container = await api.create(Tty=True)
        container.log._segment_size = container.log._limit = 100

        async def flood(_: bytes) -> None:
            for _number in range(50):
                container.log.append(1, bytes(20))

        container.log.append(1, b"first")
        container.log.append(2, b"second")
        response: Any = await api.call(
            "GET", f"/containers/web/logs?{BOTH}&follow=0", connection=object()
        )
        sent: list[bytes] = []

        async def send(data: bytes) -> None:
            sent.append(data)
            if len(sent) == 1:
                await flood(data)

        await response.produce(send)
        assert sent[0] == b"first"
        assert sent[1:] == [gap_mark(6, 2, "more than 100 bytes were not read yet")]

    run(scenario)


def test_a_request_has_to_choose_a_stream_and_times_that_are_some() -> None:
    async def scenario(api: Api) -> None:
        await api.create()
        for query, text in [
            ("", "Bad parameters: you must choose at least one stream"),
            ("stdout=1&since=x", "invalid value for \"since\": 'x' is not a time"),
            ("stdout=1&until=x", "invalid value for \"until\": 'x' is not a time"),
        ]:
            assert await api.ask("GET", f"/containers/web/logs?{query}") == (400, text)
        missing = await api.ask("GET", "/containers/nosuch/logs?stdout=1")
        assert missing == (404, "No such container: nosuch")

    run(scenario)
