"""The listening socket: where it may be, who may connect, and what is left when it is closed."""

from __future__ import annotations

import asyncio
import os
import socket
import stat
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hyper_jupyter.engine import server as module
from hyper_jupyter.engine.server import Server, SocketRefused
from tests.engine.driver import TIMEOUT

PING = b"GET /_ping HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture
def path(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A path for the socket, which has to be short."""
    # The real one collects every child of this process, and adopts orphans.
    monkeypatch.setattr("hyper_jupyter.engine.program.reaper.Reaper.start", lambda _: None)
    with tempfile.TemporaryDirectory(prefix="hj-") as folder:
        yield Path(folder) / "own" / "s"


def mode_of(path: Path) -> int:
    """Return what is there and who may use it; 0 if nothing is there."""
    return path.stat().st_mode if path.exists() else 0


def serve(path: Path, scenario: Callable[[Server], Awaitable[None]]) -> None:
    async def main() -> None:
        server = Server(path)
        await server.start()
        try:
            await asyncio.wait_for(scenario(server), TIMEOUT)
        finally:
            server.close()

    path.parent.mkdir(exist_ok=True)
    asyncio.run(main())


async def ask(path: Path, request: bytes = PING) -> bytes:
    """Send a request; return what comes until the engine closes, or the answer to a ping."""
    reader, writer = await asyncio.open_unix_connection(path)
    try:
        writer.write(request)
        data = b""
        while not data.endswith(b"\r\n\r\nOK") and (piece := await reader.read(65536)):
            data += piece
        return data
    finally:
        writer.close()


def test_only_this_user_can_connect_and_closing_removes_the_socket(path: Path) -> None:
    async def scenario(server: Server) -> None:
        assert mode_of(path) == stat.S_IFSOCK | 0o600
        assert (await ask(path)).startswith(b"HTTP/1.1 200 OK\r\n")
        server.close()
        assert mode_of(path) == 0
        assert mode_of(path.parent)
        assert server._accepting is not None
        await asyncio.wait({server._accepting})
        assert server._accepting.cancelled()
        server.close()

    serve(path, scenario)


def test_a_connection_of_another_user_is_closed_unread(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario(_: Server) -> None:
        user = os.geteuid()
        monkeypatch.setattr(module.os, "geteuid", lambda: user + 1)
        try:
            assert await ask(path) == b""
        except ConnectionError:
            pass  # it was closed before the request had been written
        monkeypatch.undo()
        assert await ask(path)

    serve(path, scenario)


def test_a_folder_is_removed_where_that_is_wanted_and_it_is_empty(path: Path) -> None:
    async def scenario(server: Server) -> None:
        server.close(with_folder=True)
        assert not path.parent.exists()

    serve(path, scenario)

    async def with_a_file(server: Server) -> None:
        (path.parent / "file").touch()
        server.close(with_folder=True)
        assert (path.parent / "file").exists()

    serve(path, with_a_file)


def test_a_server_that_never_listened_removes_nothing(path: Path) -> None:
    async def main() -> None:
        Server(path).close(with_folder=True)

    path.parent.mkdir()
    path.touch()
    asyncio.run(main())
    path.unlink()
    asyncio.run(main())
    assert path.parent.exists()


def test_another_socket_at_its_place_is_left(path: Path) -> None:
    async def scenario(server: Server) -> None:
        other = socket.socket(socket.AF_UNIX)
        other.bind(str(path.with_name("other")))
        path.with_name("other").rename(path)
        server.close()
        assert mode_of(path)
        other.close()

    serve(path, scenario)


@pytest.mark.parametrize(
    ("prepare", "text"),
    [
        (lambda path: path.parent.rmdir(), "own: No such file or directory"),
        (lambda path: path.touch(), "s exists and is not a socket"),
        (lambda path: path.mkdir(), "s exists and is not a socket"),
    ],
    ids=["no folder", "a file", "a folder"],
)
def test_a_path_that_cannot_be_used_is_refused(
    path: Path, prepare: Callable[[Path], Any], text: str
) -> None:
    path.parent.mkdir()
    prepare(path)

    async def main() -> None:
        await Server(path).start()

    with pytest.raises(SocketRefused, match=text):
        asyncio.run(main())


def test_a_folder_of_another_user_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> None:
        await Server(path).start()

    path.parent.mkdir()
    user = os.geteuid()
    monkeypatch.setattr(module.os, "geteuid", lambda: user + 1)
    with pytest.raises(SocketRefused, match=f"belongs to user {user}: others could exchange"):
        asyncio.run(main())
    assert not path.exists()


def test_a_path_that_is_too_long_is_refused_and_leaves_nothing_open(path: Path) -> None:
    long = path.with_name("s" * 200)

    async def main() -> None:
        await Server(long).start()

    path.parent.mkdir()
    mask = os.umask(0o022)
    try:
        with pytest.raises(SocketRefused, match="too long"):
            asyncio.run(main())
        assert os.umask(0o022) == 0o022
    finally:
        os.umask(mask)


def test_a_socket_that_an_engine_left_is_replaced_and_one_in_use_is_not(path: Path) -> None:
    path.parent.mkdir()
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(str(path))

    async def scenario(_: Server) -> None:
        assert await ask(path)
        with pytest.raises(SocketRefused, match="is in use by another engine"):
            await Server(path).start()
        assert await ask(path)  # that one is as it was

    serve(path, scenario)


def test_what_is_no_request_is_answered_once_and_closed(path: Path) -> None:
    async def scenario(_: Server) -> None:
        answer = await ask(path, b"SSH-2.0 hello\r\n\r\n" + PING)
        assert answer.startswith(b"HTTP/1.1 400 ")
        assert answer.count(b"HTTP/1.1") == 1
        assert b"\r\nConnection: close\r\n" in answer
        assert answer.partition(b"\r\n\r\n")[2].startswith(b"400 ")

    serve(path, scenario)


def test_an_error_in_one_connection_is_logged_and_harms_no_other(
    path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario(server: Server) -> None:
        with monkeypatch.context() as patch:

            async def fail(*_: object) -> None:
                raise ZeroDivisionError

            patch.setattr(server._routes, "answer", fail)
            assert await ask(path) == b""
        assert await ask(path)
        assert caplog.messages == ["connection"]

    serve(path, scenario)


def test_a_failing_accept_is_tried_again(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "EXHAUSTED_PAUSE", 0.0)
    path.parent.mkdir()

    async def main() -> None:
        loop = asyncio.get_running_loop()
        accept, failures = loop.sock_accept, [OSError(24, "Too many open files")] * 2

        async def scarce(listening: socket.socket) -> Any:
            if failures:
                raise failures.pop()
            return await accept(listening)

        monkeypatch.setattr(loop, "sock_accept", scarce)
        server = Server(path)
        await server.start()
        assert await asyncio.wait_for(ask(path), TIMEOUT)
        assert failures == []
        server.close()

    asyncio.run(main())


def test_a_client_that_goes_leaves_no_task_behind(path: Path) -> None:
    async def scenario(server: Server) -> None:
        assert await ask(path)
        await asyncio.wait(set(server._tasks) or {asyncio.ensure_future(asyncio.sleep(0))})
        await asyncio.sleep(0)
        assert server._tasks == set()
        assert server._hangups._futures == {}

    serve(path, scenario)
