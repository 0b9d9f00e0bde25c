"""An engine cannot make the client keep much more than the bytes that it sent."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path

import pytest

from hyper_jupyter.api import client_for
from hyper_jupyter.client.responses import MAX_VALUES, Reply
from hyper_jupyter.exceptions import ProtocolError
from tests.client.conftest import folder as folder  # noqa: PLC0414 - a fixture
from tests.client.servers import ScriptedServer, answer

ROOM = 192 * 1024 * 1024
"""Bytes of Python's that an answer with as many values as are allowed may cost."""

MANY = {
    "rows": b'{"Id":"a"}',
    "empty objects": b"{}",
    "empty lists": b"[]",
    "texts": b'"ab"',
    "numbers": b"1.5",
    "nested": b"[[[[]]]]",
    "pairs": b'{"aa":"bb","cc":"dd"}',
}


def list_of(value: bytes, count: int) -> bytes:
    return b"[" + b",".join([value] * count) + b"]"


@pytest.mark.parametrize("kind", MANY)
def test_an_answer_with_too_many_values_is_refused_before_it_is_parsed(kind: str) -> None:
    reply = Reply(200, {}, list_of(MANY[kind], MAX_VALUES + 1))
    tracemalloc.start()
    try:
        with pytest.raises(ProtocolError, match="more than 1,000,000 values"):
            reply.json()
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("kind", MANY)
def test_the_most_values_that_are_taken_cost_bounded_memory(kind: str) -> None:
    per_value = 1 + sum(MANY[kind].count(sign) for sign in (b",", b"{", b"["))
    reply = Reply(200, {}, list_of(MANY[kind], MAX_VALUES // per_value - 1))
    tracemalloc.start()
    try:
        assert len(reply.json()) == MAX_VALUES // per_value - 1
        assert tracemalloc.get_traced_memory()[1] < ROOM
    finally:
        tracemalloc.stop()


def test_more_rows_than_an_engine_has_containers_are_an_error_of_ours(folder: Path) -> None:
    rows = answer(list_of(MANY["rows"], 50_001))
    with ScriptedServer(folder / "s", {"GET /containers/json": rows}) as server:
        client = client_for(server.url)
        with pytest.raises(ProtocolError, match="lists more than 50,000 containers"):
            client.containers()


def test_a_million_rows_are_an_error_of_ours(folder: Path) -> None:
    rows = answer(list_of(MANY["rows"], 1_000_000))
    with ScriptedServer(folder / "s", {"GET /containers/json": rows}) as server:
        client = client_for(server.url)
        with pytest.raises(ProtocolError, match="more than 1,000,000 values"):
            client.containers()


def test_thousands_of_containers_are_listed(folder: Path) -> None:
    # A row as Docker 26 sends it, with its usual number of fields.
    network = {f"Field{number}": "" for number in range(15)}
    row = {
        "Id": "c0ffee", "Names": ["/web"], "Image": "busybox", "Command": "sh", "Created": 1,
        "Ports": [{"IP": "0.0.0.0", "PrivatePort": 80, "PublicPort": 80, "Type": "tcp"}] * 4,
        "Labels": {f"label{number}": "a" for number in range(20)}, "State": "running",
        "Status": "Up 1 second", "HostConfig": {"NetworkMode": "bridge"}, "Mounts": [network],
        "NetworkSettings": {"Networks": {"bridge": network}},
    }  # fmt: skip
    rows = answer(json.dumps([row] * 8000).encode())
    with ScriptedServer(folder / "s", {"GET /containers/json": rows}) as server:
        assert len(client_for(server.url).containers()) == 8000
