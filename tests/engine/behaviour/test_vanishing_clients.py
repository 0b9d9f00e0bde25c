"""Clients that vanish leave nothing in the engine; many can be connected at the same time."""

from __future__ import annotations

from pathlib import Path

from tests.engine.driver import Engine


def descriptors(engine: Engine) -> int:
    """Return how many descriptors the engine has after it has handled what reached it."""
    assert engine.process is not None
    with engine.settled():
        return len(list(Path(f"/proc/{engine.process.pid}/fd").iterdir()))


def test_clients_that_vanish_leave_nothing(engine: Engine) -> None:
    engine.call("GET", "/_ping")
    container = engine.run("cat", stdin=True)
    before = descriptors(engine)
    requests = [
        b"",
        b"GET /_pi",
        b"GET /_ping HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST /containers/create HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{",
        b"GET /events HTTP/1.1\r\nHost: x\r\n\r\n",
    ]
    requests += [
        f"POST /containers/{container}/{path} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
        for path in ("attach?stream=1&stdout=1", "attach?stream=1&stdin=1", "wait")
    ]
    requests.append(
        f"GET /containers/{container}/logs?stdout=1&follow=1 HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    )
    for request in requests * 3:
        connected = engine.dial()
        connected.sendall(request)
        if request.endswith(b"\r\n\r\n"):
            assert connected.recv(10)
        connected.close()
    assert descriptors(engine) <= before
    assert engine.status(container) == "running"


def test_a_client_that_half_closed_before_it_vanished_leaves_nothing(engine: Engine) -> None:
    engine.call("GET", "/_ping")
    container = engine.run("cat", stdin=True)
    before = descriptors(engine)
    stream = engine.attach(container, "stream=1&stdout=1")
    stream.half_close()
    assert stream.is_open()
    stream.close()
    assert descriptors(engine) <= before


def test_many_clients_at_once(engine: Engine) -> None:
    container = engine.create("sh", "-c", "echo out")
    streams = [engine.attach(container, "stream=1&stdout=1") for _ in range(200)]
    engine.start(container)
    assert {stream.outputs() for stream in streams} == {(b"out\n", b"")}


def test_an_old_client_that_vanishes_while_it_waits_leaves_nothing(engine: Engine) -> None:
    engine.call("GET", "/_ping")
    container = engine.run("cat", stdin=True)
    before = descriptors(engine)
    connected = engine.dial()
    connected.sendall(
        f"POST /v1.24/containers/{container}/wait HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    )
    assert descriptors(engine) > before
    connected.close()
    assert descriptors(engine) <= before
