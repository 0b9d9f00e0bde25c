"""Responses that are read as they come: their bodies, their ends, and who ends them."""

from __future__ import annotations

import gc
import signal
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from hyper_jupyter.client.http.streaming import StreamingResponse
from hyper_jupyter.exceptions import (
    ApiError,
    ConnectionFailed,
    ConnectionLost,
    NotFound,
    ProtocolError,
)
from tests.client.conftest import Serve, client_of
from tests.client.servers import Peer, Script, answer, descriptors
from tests.client.ways import Open

HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
PATH = "GET /stream"


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def stream(serve: Serve, script: Script, **options: Any) -> StreamingResponse:
    return client_of(serve({PATH: script}).url).stream("GET", "/stream", **options)


@pytest.mark.parametrize(
    "script",
    [
        HEAD + chunk(b"ab") + chunk(b"c") + b"0\r\n\r\n",
        answer(b"abc"),
        b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabc",
    ],
    ids=["chunked", "length", "until the end"],
)
def test_the_body_comes_in_pieces_and_its_end_closes(serve: Serve, script: bytes) -> None:
    response = stream(serve, script)
    assert (response.status, response.closed) == (200, False)
    assert b"".join(response) == b"abc"
    assert response.closed
    assert list(response) == []


def test_a_piece_is_there_before_the_next_is_sent(serve: Serve) -> None:
    seen = threading.Event()

    def script(peer: Peer) -> None:
        peer.send(HEAD + chunk(b'{"n": 1}\n{"n"'))
        assert seen.wait(30)
        peer.send(chunk(b": 2}\n") + chunk(b'{"n": 3}') + b"0\r\n\r\n")

    values = stream(serve, script).values()
    assert next(values) == {"n": 1}
    seen.set()
    assert list(values) == [{"n": 2}, {"n": 3}]


def test_an_error_status_is_raised_with_the_engine_s_words(serve: Serve) -> None:
    with pytest.raises(NotFound, match="no such thing"):
        stream(serve, answer({"message": "no such thing"}, "404 Not Found"))


def test_a_redirect_is_not_followed(serve: Serve) -> None:
    with pytest.raises(ApiError, match="redirects"):
        stream(serve, answer(b"", "307 Temporary Redirect", {"Location": "/other"}))


@pytest.mark.parametrize("sent", [b"", HEAD[:20]])
def test_no_head_in_time_is_a_failed_connection(serve: Serve, sent: bytes) -> None:
    def script(peer: Peer) -> None:
        peer.send(sent)
        peer.wait_for_end()

    with pytest.raises(ConnectionFailed, match=r"no answer from .* within 0\.2 s"):
        stream(serve, script, timeout=0.2)


def test_a_body_that_is_cut_is_a_lost_connection(serve: Serve) -> None:
    response = stream(serve, HEAD + chunk(b'{"a": 1}\n{"b'))
    values = response.values()
    assert next(values) == {"a": 1}
    with pytest.raises(ConnectionLost, match="before the answer was complete"):
        next(values)
    assert response.closed


def test_a_body_that_is_malformed_is_our_own_error(serve: Serve) -> None:
    with pytest.raises(ProtocolError):
        list(stream(serve, HEAD + b"no chunk\r\n"))


def test_silence_longer_than_the_idle_limit_is_a_lost_connection(serve: Serve) -> None:
    def script(peer: Peer) -> None:
        peer.send(HEAD + chunk(b"a"))
        peer.wait_for_end()

    pieces = iter(stream(serve, script, idle=0.2))
    assert next(pieces) == b"a"
    with pytest.raises(ConnectionLost, match=r"nothing came from .* for 0\.2 s"):
        next(pieces)


def endless(peer: Peer) -> None:
    peer.send(HEAD + chunk(b'{"a": 1}\n{"half'))
    peer.wait_for_end()


def test_another_thread_ends_it_and_no_half_line_is_an_error(way: Open) -> None:
    opened = way({PATH: endless})
    response = opened.client().stream("GET", "/stream")
    found: list[Any] = []
    first = threading.Event()

    def read() -> None:
        for value in response.values():
            found.append(value)
            first.set()
        found.append("end")

    reader = threading.Thread(target=read)
    reader.start()
    assert first.wait(30)
    response.close()
    reader.join(30)
    assert (found, response.closed) == ([{"a": 1}, "end"], True)


def test_an_interrupt_ends_it_at_once_and_closes_it(serve: Serve) -> None:
    response = stream(serve, endless)
    main, interrupted = threading.get_ident(), threading.Event()
    values = response.values()
    next(values)

    def interrupt() -> None:
        # Python may miss one that comes just before the system call that waits. Users press again.
        pause = 0.1
        while not interrupted.wait(pause):
            signal.pthread_kill(main, signal.SIGINT)
            pause = 5.0

    sender = threading.Thread(target=interrupt)

    def wait() -> None:
        sender.start()
        try:
            next(values)
        finally:
            interrupted.set()

    with pytest.raises(KeyboardInterrupt):
        wait()
    sender.join()
    assert response.closed


def test_one_that_nobody_holds_any_more_leaves_no_connection(serve: Serve) -> None:
    server = serve({PATH: endless})
    client = client_of(server.url)
    client.stream("GET", "/stream").close()
    before = descriptors()
    response = client.stream("GET", "/stream")
    del response
    gc.collect()
    assert descriptors() <= before


# -- uploads ------------------------------------------------------------------------------


def test_an_upload_is_sent_in_chunks(serve: Serve) -> None:
    server = serve({"PUT /x": answer(b"done")})
    pieces = (bytes([n]) * 100_000 for n in range(30))
    with client_of(server.url).stream("PUT", "/x", upload=pieces) as response:
        assert b"".join(response) == b"done"
    (request,) = [each for each in server.requests if each.line.startswith("PUT")]
    assert request.body == b"".join(bytes([n]) * 100_000 for n in range(30))
    assert "content-length" not in request.headers


def test_an_upload_that_is_refused_midway_has_the_engine_s_words(serve: Serve) -> None:
    sent = []

    def endless_upload() -> Iterator[bytes]:
        while True:
            sent.append(1)
            yield b"x" * 65536

    server = serve()
    server.reads_bodies = False
    server.answers["PUT /x"] = answer({"message": "no such path"}, "404 Not Found")
    with pytest.raises(NotFound, match="no such path"):
        client_of(server.url).stream("PUT", "/x", upload=endless_upload(), idle=30)
    assert sent


def test_an_upload_that_fails_here_ends_the_connection(serve: Serve) -> None:
    def broken() -> Iterator[bytes]:
        yield b"x"
        raise OSError(5, "the disk is broken")

    server = serve({"PUT /x": answer(b"done")})
    with pytest.raises(OSError, match="the disk is broken"):
        client_of(server.url).stream("PUT", "/x", upload=broken())
