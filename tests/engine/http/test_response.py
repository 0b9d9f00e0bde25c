"""Responses: their headers and the bytes of their bodies."""

from __future__ import annotations

from typing import Any

import pytest

from hyper_jupyter.engine.http.response import Response, reason_phrase

COMMON = {"Server": "this"}


def test_json_is_compact_and_ends_with_a_newline() -> None:
    headers, body = Response(201, {"Id": "é", "Warnings": []}).encode("POST", COMMON)
    assert body == b'{"Id":"\\u00e9","Warnings":[]}\n'
    assert headers == {
        "Server": "this",
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
    }


@pytest.mark.parametrize("value", [{}, [], 0, False, ""])
def test_an_empty_json_value_is_a_body(value: Any) -> None:
    headers, body = Response(200, value).encode("GET", {})
    assert body.endswith(b"\n")
    assert headers["Content-Type"] == "application/json"


def test_bytes_are_sent_as_they_are() -> None:
    headers, body = Response(200, b"OK", {"Content-Type": "text/plain"}).encode("GET", {})
    assert body == b"OK"
    assert headers == {"Content-Type": "text/plain", "Content-Length": "2"}


def test_the_headers_of_a_response_replace_the_common_ones() -> None:
    headers, _ = Response(200, {}, {"Server": "that", "Content-Type": "x/y"}).encode("GET", COMMON)
    assert (headers["Server"], headers["Content-Type"]) == ("that", "x/y")


def test_without_a_value_the_length_is_0() -> None:
    assert Response(200).encode("GET", COMMON) == ({"Server": "this", "Content-Length": "0"}, b"")


@pytest.mark.parametrize("status", [204, 304])
def test_some_statuses_have_neither_body_nor_length(status: int) -> None:
    assert Response(status, {"ignored": True}, {"X": "y"}).encode("GET", COMMON) == (
        {"Server": "this", "X": "y", "Content-Type": "application/json"}, b"",
    )  # fmt: skip
    assert Response(status).encode("GET", COMMON) == (COMMON, b"")


def test_a_head_request_gets_the_length_without_the_body() -> None:
    assert Response(200, b"OK").encode("HEAD", {}) == ({"Content-Length": "2"}, b"")


@pytest.mark.parametrize(("status", "phrase"), [(200, "OK"), (409, "Conflict"), (599, "")])
def test_the_words_of_a_status(status: int, phrase: str) -> None:
    assert reason_phrase(status) == phrase
