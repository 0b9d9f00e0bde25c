"""Signals to a container."""

from __future__ import annotations

import pytest

from tests.engine.driver import Engine


@pytest.mark.parametrize("spelling", ["TERM", "SIGTERM", "sigterm", "15"])
def test_signals_by_every_spelling(engine: Engine, spelling: str) -> None:
    container = engine.create("sh", "-c", "trap 'exit 8' TERM; echo up; read x", stdin=True)
    stream = engine.attach(container)
    engine.start(container)
    stream.read_until(b"up")
    engine.kill(container, spelling)
    assert engine.wait(container) == 8


@pytest.mark.parametrize("spelling", ["NOPE", "0", "99", "-1", "1.5"])
def test_unknown_signals_are_refused(engine: Engine, spelling: str) -> None:
    container = engine.run("cat", stdin=True)
    reply = engine.call("POST", f"/containers/{container}/kill?signal={spelling}")
    assert (reply.status, reply.message) == (400, f"Invalid signal: {spelling}")


def test_kill_without_a_signal_waits_for_the_end(engine: Engine) -> None:
    container = engine.run("cat", stdin=True)
    assert engine.call("POST", f"/containers/{container}/kill").status == 204
    assert engine.status(container) == "exited"
    assert engine.inspect(container)["State"]["ExitCode"] == 137
    assert engine.call("POST", f"/containers/{container}/kill").status == 409
    reply = engine.call("POST", "/containers/nosuch/kill")
    assert (reply.status, reply.message) == (
        404,
        "Cannot kill container: nosuch: No such container: nosuch",
    )
