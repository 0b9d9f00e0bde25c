"""What the user reads of a failure."""

from __future__ import annotations

import json

import pytest

from hyper_jupyter.client import api_error
from hyper_jupyter.exceptions import (
    ApiError,
    Conflict,
    NotFound,
)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"message":"No such container: x"}', "No such container: x"),
        (
            b'{"cause":"no such container","message":"no container with name x","response":404}',
            "no container with name x",
        ),
        (b'{"cause":"no such container"}', "no such container"),
        (b"No such container: x\r\n", "No such container: x"),
        (b"<html>\n<h1>502</h1>\n</html>", "<html> <h1>502</h1> </html>"),
        (b'"quoted"', '"quoted"'),
        (b"[1, 2]", "[1, 2]"),
        (b'{"message": 5}', "5"),
        (b'{"message": null}', ""),
        (b"{}", ""),
        (b"", ""),
        (b"[" * 60_000, "[" * 2000),
        (b"caf\xc3\xa9 \xff", "café \ufffd"),
        (b'{"message":"a\\u001b[31mred\\u0007\\u009b\\u202e"}', "a [31mred"),
        (b"a\x1b]0;title\x07b\tc\0d\x7fe", "a ]0;title b c d e"),
        (b"x" * 5000, "x" * 2000),
        (json.dumps({"message": "y" * 5000}).encode(), "y" * 2000),
    ],
)  # fmt: skip
def test_the_engine_s_text_becomes_one_harmless_line(body: bytes, message: str) -> None:
    error = api_error(500, body)
    assert (error.status, error.message) == (500, message)
    assert str(error) == (message or "the engine answered with status 500")


@pytest.mark.parametrize(
    ("status", "text", "kind"),
    [
        (404, "anything", NotFound),
        (409, "anything", Conflict),
        (400, "bad parameter", ApiError),
        (500, "no such container", NotFound),
        (500, "Error: No such container: x", NotFound),
        (500, "driver failed", ApiError),
        (500, 'container name "x" is already in use', Conflict),
        (500, "can only kill running containers. x is in state exited", Conflict),
        (500, "cannot remove container x as it is running", Conflict),
        (400, "is in state exited", ApiError),
    ],
)
def test_the_kind_of_error_is_its_status_or_podman_s_words_for_it(
    status: int, text: str, kind: type[ApiError]
) -> None:
    assert type(api_error(status, text.encode())) is kind


def test_a_redirect_without_a_text_says_that_it_is_one() -> None:
    assert str(api_error(301, b"")) == "the engine redirects (status 301), which is not followed"
    assert str(api_error(301, b"<a>Moved</a>")) == "<a>Moved</a>"
