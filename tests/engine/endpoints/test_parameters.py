"""The parameters and heads that endpoints share."""

from __future__ import annotations

import time

import pytest

from hyper_jupyter.engine.containers.filters import Filters
from hyper_jupyter.engine.endpoints.containers import parse_dimensions
from hyper_jupyter.engine.endpoints.moments import parse_moment, parse_until
from hyper_jupyter.engine.endpoints.streams import (
    content_type,
    parse_keys,
    requested_streams,
    upgraded_head,
)
from hyper_jupyter.engine.http.request import Request, parse_form
from hyper_jupyter.exceptions import ApiError
from tests.engine.http.connections import UnusedConnection

RAW = "application/vnd.docker.raw-stream"
MULTIPLEXED = "application/vnd.docker.multiplexed-stream"


def request(query: str = "", version: tuple[int, ...] = (1, 45), **headers: str) -> Request:
    return Request(
        method="GET",
        path="/",
        version=version,
        form=parse_form(query.encode()),
        headers=headers,
        body=b"",
        connection=UnusedConnection(),
    )


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("", None),
        ("0", None),
        ("1", 1_000_000_000),
        ("1.", 1_000_000_000),
        ("1.5", 1_500_000_000),
        ("1.000000001", 1_000_000_001),
        ("1.0000000019", 1_000_000_001),
        ("0.5", 500_000_000),
    ],
)
def test_a_time_is_seconds_with_a_fraction(text: str, moment: int | None) -> None:
    assert parse_moment(request(f"since={text}"), "since") == moment


@pytest.mark.parametrize("text", ["x", "-1", "1.x", ".5", "1" * 13, "1e3"])
def test_another_time_is_refused(text: str) -> None:
    with pytest.raises(ApiError) as refused:
        parse_moment(request(f"since={text}"), "since")
    assert refused.value.status == 400
    assert refused.value.message == f'invalid value for "since": {text!r} is not a time'


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("1", 1.0), ("1.5", 1.5), ("90s", 910.0), ("1h", -2600.0), ("1m30s", 910.0)],
)
def test_prune_s_end_is_a_time_or_how_long_ago(
    monkeypatch: pytest.MonkeyPatch, text: str, seconds: float
) -> None:
    monkeypatch.setattr(time, "time_ns", lambda: 1000 * 10**9)
    assert parse_until(Filters({"until": [text]})) == seconds * 10**9


@pytest.mark.parametrize("texts", [["x"], ["1d"], ["-1"], ["1", "2"]])
def test_another_end_is_refused(texts: list[str]) -> None:
    assert parse_until(Filters()) is None
    with pytest.raises(ApiError, match="not a time"):
        parse_until(Filters({"until": texts}))


def test_dimensions_are_height_then_width() -> None:
    assert parse_dimensions(request("w=80&h=24")) == (24, 80)
    assert parse_dimensions(request("h=0&w=4294967295")) == (0, 4294967295)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("h=abc&w=1", 'invalid resize height "abc": invalid syntax'),
        ("w=1", 'invalid resize height "": invalid syntax'),
        ("h=1&w=4294967296", 'invalid resize width "4294967296": value out of range'),
        ("h=1&w=" + "1" * 13, 'invalid resize width "1111111111111": value out of range'),
    ],
)
def test_bad_dimensions_are_refused(query: str, message: str) -> None:
    with pytest.raises(ApiError) as refused:
        parse_dimensions(request(query))
    assert (refused.value.status, refused.value.message) == (400, message)


@pytest.mark.parametrize(
    ("query", "streams"),
    [("", set()), ("stdout=1", {1}), ("stderr=1&stdout=0", {2}), ("stdout=1&stderr=1", {1, 2})],
)
def test_streams_have_to_be_asked_for(query: str, streams: set[int]) -> None:
    assert requested_streams(request(query)) == streams


def test_detach_keys_have_a_default() -> None:
    assert parse_keys("") == b"\x10\x11"
    assert parse_keys("ctrl-a,b") == b"\x01b"
    with pytest.raises(ApiError) as refused:
        parse_keys("ctrl-a,,b")
    assert refused.value.message == "Invalid detach keys (ctrl-a,,b) provided"


@pytest.mark.parametrize(
    ("version", "framed", "kind"),
    [
        ((1, 42), True, MULTIPLEXED),
        ((1, 42), False, RAW),
        ((1, 41), True, RAW),
        ((1, 41), False, RAW),
    ],
)
def test_the_content_type_distinguishes_streams_from_1_42(
    version: tuple[int, ...], framed: bool, kind: str
) -> None:
    asked = request(version=version, upgrade="tcp")
    assert content_type(asked, framed=framed) == kind
    assert (
        upgraded_head(asked, framed=framed, extra="X: y\r\n")
        == (
            f"HTTP/1.1 101 UPGRADED\r\nContent-Type: {kind}\r\nConnection: Upgrade\r\n"
            "Upgrade: tcp\r\nX: y\r\n\r\n"
        ).encode()
    )


def test_without_an_upgrade_the_head_is_a_200_with_the_raw_type() -> None:
    for framed in (True, False):
        head = upgraded_head(request(), framed=framed)
        assert head == f"HTTP/1.1 200 OK\r\nContent-Type: {RAW}\r\n\r\n".encode()
