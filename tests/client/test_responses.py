"""Answers of an engine, as values."""

from __future__ import annotations

from typing import Any

import pytest

from hyper_jupyter.client import Container, Reply
from hyper_jupyter.client.responses import check_inspect
from hyper_jupyter.exceptions import ProtocolError

ID = "0123456789abcdef" * 4


def test_a_reply_s_body_is_read_as_json() -> None:
    assert Reply(200, {}, b'{"a": [1]}').json() == {"a": [1]}


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff", b"[" * 100_000], ids=["empty", "cut off", "not UTF-8", "nested"]
)
def test_a_body_that_is_not_json_is_a_protocol_error(body: bytes) -> None:
    for read in (Reply(200, {}, body).json, Reply(200, {}, body).json_object):
        with pytest.raises(ProtocolError, match="the engine's answer is not JSON"):
            read()


@pytest.mark.parametrize("body", [b"[]", b"null", b"5", b'"x"'])
def test_a_body_that_is_not_an_object_is_a_protocol_error(body: bytes) -> None:
    with pytest.raises(ProtocolError, match="the engine's answer is not a JSON object"):
        Reply(200, {}, body).json_object()


def test_a_body_that_is_an_object_is_returned() -> None:
    assert Reply(200, {}, b'{"a": null}').json_object() == {"a": None}


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"Id": ID}, Container(ID, "0123456789ab", "")),
        (
            {"Id": ID, "Names": ["/web"], "Image": "alpine", "Command": "sh", "State": "running",
             "Status": "Up 2 minutes", "Created": 1700000000},
            Container(ID, "web", "alpine", "sh", "running", "Up 2 minutes", 1700000000),
        ),
        ({"Id": ID, "Names": ["/other/alias", "/web", "/web-2"]}, Container(ID, "web", "")),
        ({"Id": ID, "Names": ["/other/alias"]}, Container(ID, "0123456789ab", "")),
        ({"Id": ID, "Names": "web"}, Container(ID, "0123456789ab", "")),
        ({"Id": ID, "Names": [5, None, "web"]}, Container(ID, "web", "")),
        ({"Id": ID, "Image": 5, "Command": None, "State": [], "Created": "today"},
         Container(ID, "0123456789ab", "")),
    ],
    ids=["id only", "whole", "link first", "link only", "text", "odd names", "odd fields"],
)  # fmt: skip
def test_a_row_of_the_list_is_a_container(row: dict[str, Any], expected: Container) -> None:
    assert Container.from_row(row) == expected


@pytest.mark.parametrize("row", [None, [], "x", {}, {"Id": 5}, {"Names": ["/web"]}])
def test_a_row_without_an_id_is_a_protocol_error(row: Any) -> None:
    with pytest.raises(ProtocolError, match="is not a list of containers"):
        Container.from_row(row)


@pytest.mark.parametrize(
    ("inspected", "expected"),
    [
        ({"Id": ID}, Container(ID, "0123456789ab", "")),
        (
            {"Id": ID, "Name": "/web", "Config": {"Image": "alpine"}, "Path": "sh",
             "Args": ["-c", "ls -l"]},
            Container(ID, "web", "alpine", "sh -c ls -l"),
        ),
        ({"Id": ID, "ImageName": "localhost/x"}, Container(ID, "0123456789ab", "localhost/x")),
        ({"Id": ID, "Config": None, "Path": None, "Args": None},
         Container(ID, "0123456789ab", "")),
        ({"Id": ID, "Path": "ls", "Args": "x"}, Container(ID, "0123456789ab", "", "ls")),
        ({"Id": ID, "Path": "echo", "Args": [1, "a"]},
         Container(ID, "0123456789ab", "", "echo 1 a")),
    ],
    ids=["id only", "docker", "podman", "nulls", "odd arguments", "numbers"],
)  # fmt: skip
def test_inspect_s_answer_is_a_container(inspected: dict[str, Any], expected: Container) -> None:
    assert Container.from_inspect(inspected) == expected


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"State": None, "Config": None, "HostConfig": None},
        {"State": {}, "Config": {}, "HostConfig": {}},
        {"State": {"ExitCode": None}},
        {"State": {"ExitCode": 137}},
    ],
)
def test_parts_of_inspect_may_be_missing(answer: dict[str, Any]) -> None:
    assert check_inspect(answer) is answer


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ({"State": "running"}, "State is not an object"),
        ({"Config": ["x"]}, "Config is not an object"),
        ({"HostConfig": 7}, "HostConfig is not an object"),
        ({"State": {"ExitCode": "abc"}}, "ExitCode is not a number"),
    ],
)
def test_parts_of_another_type_are_a_protocol_error(answer: dict[str, Any], text: str) -> None:
    with pytest.raises(ProtocolError, match=f"the engine's answer is not understood: {text}"):
        check_inspect(answer)
