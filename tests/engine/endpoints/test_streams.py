"""Attach and wait: what a request asks for, and what its client gets."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from hyper_jupyter.engine.config.spec import Spec
from hyper_jupyter.engine.endpoints.streams import _attach_options
from hyper_jupyter.engine.http.response import Streamed
from hyper_jupyter.protocol import encode_frame
from tests.engine.endpoints.api import Api, run
from tests.engine.endpoints.test_parameters import request

UPGRADE = {"connection": "Upgrade", "upgrade": "tcp"}
WEBSOCKET = {
    "connection": "Upgrade", "upgrade": "websocket", "sec-websocket-version": "13",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
}  # fmt: skip
ALL = "stream=1&stdin=1&stdout=1&stderr=1"


@pytest.mark.parametrize(
    ("config", "wanted", "stdin", "once", "keys"),
    [
        ({"OpenStdin": True}, True, True, False, b""),
        ({"OpenStdin": True}, False, False, False, b""),
        ({"OpenStdin": True, "StdinOnce": True}, True, True, True, b""),
        ({"OpenStdin": True, "Tty": True}, True, True, False, b"k"),
        ({"OpenStdin": True, "Tty": True}, False, False, False, b""),
        ({"OpenStdin": True, "StdinOnce": True, "Tty": True}, True, True, False, b"k"),
        ({"Tty": True}, True, False, False, b""),
        ({"OpenStdin": False}, True, False, False, b""),
    ],
    ids=str,
)
def test_what_a_client_gets_goes_by_the_container_too(
    config: dict[str, bool], wanted: bool, stdin: bool, once: bool, keys: bytes
) -> None:
    spec = Spec.parse({"Image": "host", **config})
    options = _attach_options(
        request("stream=1"), spec, b"k", streams=(1,), stdin=wanted, framed=True
    )
    assert (options.stdin, options.once, options.keys) == (stdin, once, keys)
    assert (options.streams, options.framed) == ((1,), True)


@pytest.mark.parametrize(("stream", "logs"), [(True, False), (False, True)])
def test_the_log_and_the_stream_have_to_be_asked_for(stream: bool, logs: bool) -> None:
    asked = request(f"stream={stream:d}&logs={logs:d}")
    options = _attach_options(
        asked, Spec.parse({"Image": "host"}), b"", streams=(), stdin=False, framed=False
    )
    assert (options.stream, options.logs) == (stream, logs)


def actions(api: Api) -> list[str]:
    return [event["Action"] for event in api.store.events.past(0, None)]


def test_an_attached_client_gets_a_head_and_frames() -> None:
    async def scenario(api: Api) -> None:
        container = await api.create("cat; echo err >&2", StdinOnce=True)
        asyncio.get_running_loop().call_later(0.0, container.start)
        path = f"/containers/web/attach?{ALL}"
        head, _, data = (await api.hijack("POST", path, typed=b"typed", headers=UPGRADE)).partition(
            b"\r\n\r\n"
        )
        assert head.startswith(b"HTTP/1.1 101 UPGRADED\r\n")
        assert data == encode_frame(1, b"typed") + encode_frame(2, b"err\n")
        assert "attach" in actions(api)
        assert "detach" not in actions(api)

    run(scenario)


def test_a_terminal_is_left_by_the_keys_and_that_is_told() -> None:
    async def scenario(api: Api) -> None:
        container = await api.start(Tty=True)
        path = f"/containers/web/attach?{ALL}&detachKeys=ctrl-a"
        answer = await api.hijack("POST", path, typed=b"\x01", headers=UPGRADE)
        assert b"raw-stream" in answer
        assert container.running
        assert actions(api)[-2:] == ["attach", "detach"]

    run(scenario)


@pytest.mark.parametrize("how", ["attach", "attach/ws"])
def test_what_cannot_be_attached_to_is_refused(how: str) -> None:
    async def scenario(api: Api) -> None:
        container = await api.start()
        method = "GET" if how == "attach/ws" else "POST"

        async def refused(reference: str, query: str = ALL) -> tuple[int, str]:
            path = f"/containers/{reference}/{how}?{query}"
            if how == "attach/ws":
                return await api.ask(method, path)
            head, _, text = (await api.hijack(method, path)).decode().partition("\r\n\r\n")
            return int(head.split()[1]), text.strip()

        assert await refused("nosuch") == (404, "No such container: nosuch")
        status, text = await refused("web", f"{ALL}&detachKeys=nonsense")
        assert (status, text) == (400, "Invalid detach keys (nonsense) provided")
        container.pause()
        paused = "container web is paused, unpause the container before attach"
        assert await refused("web") == (409, paused)
        container.status = "removing"
        assert await refused("web") == (409, "container web is being removed")
        container.status = "paused"

    run(scenario)


@pytest.mark.parametrize(
    ("prefix", "query", "opcode", "data"),
    [
        ("/v1.42", "stream=1&stdout=1", b"\x82", b"out\n"),
        ("/v1.41", "stream=1", b"\x82", b"out\n"),  # all streams, whatever is asked for
        ("/v1.27", "stream=1", b"\x81", b"out\n"),  # in text messages
    ],
)
def test_by_websocket_output_comes_in_messages(
    prefix: str, query: str, opcode: bytes, data: bytes
) -> None:
    async def scenario(api: Api) -> None:
        container = await api.create("echo out")
        asyncio.get_running_loop().call_later(0.0, container.start)
        path = f"{prefix}/containers/web/attach/ws?{query}"
        # The client says nothing: the end of what it sends would be its end.
        answer = await api.hijack("GET", path, headers=WEBSOCKET, ends=False)
        head, _, messages = answer.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 101 Switching Protocols\r\n")
        assert messages == opcode + bytes([len(data)]) + data + b"\x88\x02\x03\xe8"

    run(scenario)


def test_a_websocket_that_cannot_be_is_refused() -> None:
    async def scenario(api: Api) -> None:
        await api.start()
        answer = await api.hijack("GET", "/containers/web/attach/ws?stream=1", headers=UPGRADE)
        assert answer == b"HTTP/1.1 400 Bad Request\r\n\r\nnot websocket protocol"

    run(scenario)


# -- wait ------------------------------------------------------------------------------------


class Waiting:
    """The connection of a client that waits."""

    async def while_connected(self, work: Any) -> Any:
        return await work


def test_old_clients_get_their_answer_at_the_end() -> None:
    async def scenario(api: Api) -> None:
        await api.start("echo up; exit 3")
        response = await api.call("POST", "/v1.29/containers/web/wait", connection=Waiting())
        assert (response.status, response.value) == (200, {"StatusCode": 3})

    run(scenario)


@pytest.mark.parametrize("query", ["", "?condition=not-running", "?condition=next-exit"])
def test_others_get_a_head_immediately_and_the_code_later(query: str) -> None:
    async def scenario(api: Api) -> None:
        container = await api.start()
        path = f"/v1.30/containers/web/wait{query}"
        response: Any = await api.call("POST", path, connection=Waiting())
        assert isinstance(response, Streamed)
        sent: list[bytes] = []

        async def send(data: bytes) -> None:
            sent.append(data)

        producing = asyncio.create_task(response.produce(send))
        await asyncio.sleep(0)
        assert sent == []
        assert container.run.stdin is not None
        await container.run.stdin.write(b"\n")
        await producing
        assert json.loads(sent[0]) == {"StatusCode": 4}
        assert sent[0].endswith(b"\n")

    run(scenario)


def test_another_condition_is_refused() -> None:
    async def scenario(api: Api) -> None:
        await api.create()
        found = await api.ask("POST", "/containers/web/wait?condition=x")
        assert found == (400, 'invalid condition: "x"')
        missing = await api.ask("POST", "/containers/nosuch/wait")
        assert missing == (404, "No such container: nosuch")

    run(scenario)
