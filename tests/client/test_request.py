"""Requests: what is in them, and what is not."""

from __future__ import annotations

from tests.client.conftest import Serve, client_of
from tests.client.servers import answer

DONE = answer(b"", "204 No Content", {})


def test_a_call_s_headers_are_few_and_ours(serve: Serve) -> None:
    server = serve({"POST /containers/x/start": DONE})
    client_of(server.url).start("x")
    assert dict(server.requests[-1].headers) == {
        "host": "localhost",
        "accept-encoding": "identity",
        "user-agent": "hyper_jupyter",
        "accept": "*/*",
        "connection": "close",
        "content-length": "0",
    }
