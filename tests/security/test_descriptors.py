"""Nobody can use up the descriptors of the engine or the kernel for good, and errors say so."""

from __future__ import annotations

import asyncio
import errno
import os
import resource
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hyper_jupyter.client import Deadline, Endpoint
from hyper_jupyter.client.transport.dial import dial
from hyper_jupyter.client.transport.embedded import embedded_engine, stop_embedded_engine
from hyper_jupyter.client.transport.failure import api_error
from hyper_jupyter.engine.program import process
from hyper_jupyter.engine.program.launch import Command, CommandFailed
from hyper_jupyter.engine.program.process import Process
from hyper_jupyter.engine.program.reaper import Reaper
from hyper_jupyter.engine.program.stdin import Stdin
from hyper_jupyter.exceptions import ConnectionFailed
from tests.client.conftest import folder as folder  # noqa: PLC0414 - a fixture
from tests.client.servers import descriptors
from tests.engine.driver import Engine, start_engine
from tests.engine.http.test_routes import answer, table

refused_and_no_leak = pytest.mark.claim(
    "At the limit of open files (the hard one: the engine raises its own) a start is refused in "
    "one line, and nothing leaks."
)

SOFT, HARD = 64, 256


def limited(soft: int, hard: int) -> Callable[[], None]:
    return lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture
def engine(folder: Path, request: pytest.FixtureRequest) -> Iterator[Engine]:
    soft, hard = request.param
    with tempfile.TemporaryFile() as errors:
        started = start_engine(folder / "s", preexec_fn=limited(soft, hard), stderr=errors)
        try:
            yield started
        finally:
            started.hang_up()
            assert started.stop() == 0
            errors.seek(0)
            assert b"Traceback" not in errors.read()


def open_files(engine: Engine) -> int:
    """How many it has once the connection of the last call is gone, but for the one that asks."""
    with engine.settled():
        assert engine.process is not None
        return len(os.listdir(f"/proc/{engine.process.pid}/fd"))  # noqa: PTH208


@refused_and_no_leak
@pytest.mark.parametrize("engine", [(SOFT, HARD)], indirect=True)
def test_the_engine_takes_all_that_it_may_and_its_programs_get_what_it_was_given(
    engine: Engine,
) -> None:
    assert engine.process is not None
    limits = Path(f"/proc/{engine.process.pid}/limits").read_text()
    [line] = [line for line in limits.splitlines() if line.startswith("Max open files")]
    assert line.split()[3:5] == [str(HARD), str(HARD)]
    container = engine.sh("ulimit -Sn; ulimit -Hn")
    assert engine.wait(container) == 0
    assert engine.logs(container).split(b"\n")[0].endswith(b"%d" % SOFT)
    assert engine.logs(container).split(b"\n")[1].endswith(b"%d" % HARD)


@refused_and_no_leak
@pytest.mark.parametrize("engine", [(SOFT, SOFT)], indirect=True)
@pytest.mark.parametrize("tty", [False, True])
def test_at_the_limit_a_start_is_refused_in_one_line_and_leaks_nothing(
    engine: Engine, tty: bool
) -> None:
    containers = [engine.create("sleep", "1000", tty=tty, stdin=True) for _ in range(SOFT)]
    refused = []
    for container in containers:
        reply = engine.call("POST", f"/containers/{container}/start")
        if reply.status != 204:
            refused.append((container, reply))
    assert refused
    for _, reply in refused:
        assert reply.status == 500
        assert reply.message.endswith('exec: "sleep": too many open files')
    before = open_files(engine)
    for container, _ in refused * 3:
        assert engine.call("POST", f"/containers/{container}/start").status == 500
    assert open_files(engine) == before
    for container in containers:
        engine.remove(container)
    assert engine.wait(engine.run("true")) == 0


@refused_and_no_leak
@pytest.mark.parametrize("number", [1, 2, 3])
@pytest.mark.parametrize("tty", [False, True])
def test_whichever_pipe_or_terminal_fails_nothing_stays_open(
    number: int, tty: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = 0

    def failing(really: Callable[[], Any]) -> Callable[[], Any]:
        def make() -> Any:
            nonlocal made
            made += 1
            if made >= (1 if tty else number):
                raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
            return really()

        return make

    async def start() -> None:
        command = Command(["true"], {}, "/", tty=tty, stdin=True)
        with pytest.raises(CommandFailed, match='exec: "true": too many open files') as caught:
            Process(command, Stdin(), lambda *_: None, Reaper())
        assert (caught.value.code, caught.value.exhausted) == (126, True)

    async def all_of_it() -> None:
        before = descriptors()
        with monkeypatch.context() as patch:
            patch.setattr(process.os, "pipe", failing(os.pipe))
            patch.setattr(process.os, "openpty", failing(os.openpty))
            await start()
        assert descriptors() == before

    asyncio.run(all_of_it())


@refused_and_no_leak
def test_a_route_that_finds_no_descriptor_is_answered_without_a_traceback(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def route(*_: object) -> None:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    response = answer(table(route), b"/plain.json")
    assert (response.status, response.value) == (500, {"message": "too many open files"})
    assert "Too many open files" in caplog.text
    assert "Traceback" not in caplog.text


# -- the client ----------------------------------------------------------------------------


def exhausted(*_: object, **__: object) -> Any:
    raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("unix:///nowhere/s", "hyper_jupyter.client.transport.dial.DeadlineSocket"),
        ("tcp://127.0.0.1:1", "socket.getaddrinfo"),
        ("ssh://box", "os.pipe"),
        ("ssh://box", "subprocess.Popen"),
        ("ssh://box", "socket.socketpair"),
    ],
)
@pytest.mark.parametrize("proxy", ["", "http://127.0.0.1:9"])
def test_a_kernel_without_descriptors_says_that_and_nothing_of_proxies_or_ssh(
    monkeypatch: pytest.MonkeyPatch, address: str, name: str, proxy: str
) -> None:
    monkeypatch.setenv("HTTP_PROXY", proxy)
    before = descriptors()
    with monkeypatch.context() as patch:
        patch.setattr(name, exhausted)
        with pytest.raises(ConnectionFailed) as caught:
            dial(Endpoint.parse(address), Deadline(10))
    assert str(caught.value).startswith(f"no connection to {address}: too many open files")
    assert "proxy" not in str(caught.value)
    assert "ulimit -n" in caught.value.hint
    assert descriptors() == before


@pytest.mark.parametrize("what", [(os, "pipe"), (tempfile, "TemporaryFile"), (subprocess, "Popen")])
def test_local_says_it_too_and_leaves_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch, what: tuple[Any, str]
) -> None:
    stop_embedded_engine()  # one that runs needs no descriptors
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    before = descriptors()
    with monkeypatch.context() as patch:
        patch.setattr(*what, exhausted)
        with pytest.raises(ConnectionFailed, match="Too many open files") as caught:
            embedded_engine(Deadline(10))
    assert "ulimit -n" in caught.value.hint
    assert list(folder.iterdir()) == []
    assert descriptors() == before


def test_an_engine_without_descriptors_has_a_hint_of_its_own() -> None:
    error = api_error(500, b'{"message": "exec: \\"sh\\": too many open files"}')
    assert error.hint == "The engine can open no more files: stop containers or detach sessions."
