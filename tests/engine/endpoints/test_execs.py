"""The routes about execs: what is checked, what is run, and what the client gets."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from hyper_jupyter.engine.endpoints import execs as module
from hyper_jupyter.protocol import FrameDecoder, StreamType
from tests.engine.endpoints.api import Api, run

BOTH = {"AttachStdout": True, "AttachStderr": True}
UPGRADE = {"connection": "Upgrade", "upgrade": "tcp"}


async def create(api: Api, *argv: str, **body: Any) -> str:
    status, value = await api.ask(
        "POST", "/containers/web/exec", {"Cmd": list(argv), **BOTH, **body}
    )
    assert status == 201, value
    return str(value["Id"])


async def start(api: Api, identifier: str, typed: bytes = b"", **body: Any) -> tuple[bytes, bytes]:
    """Start one; return the head and the stream."""
    path = f"/exec/{identifier}/start"
    head, _, data = (await api.hijack("POST", path, body, typed, UPGRADE)).partition(b"\r\n\r\n")
    return head, data


def outputs(data: bytes) -> list[tuple[StreamType, bytes]]:
    return [(each.stream, each.data) for each in FrameDecoder().receive_data(data)]  # type: ignore[union-attr]


def test_an_exec_is_created_with_what_was_asked_for(tmp_path: Path) -> None:
    async def scenario(api: Api) -> None:
        container = await api.start(WorkingDir=str(tmp_path), Env=["A=container", "B=kept"])
        plain = api.store.find_exec(await create(api, "true", AttachStdout=False))
        assert (plain.stdin, plain.stdout, plain.stderr, plain.keys) == (False, False, True, b"")
        assert (plain.command.tty, plain.command.stdin, plain.command.size) == (
            False,
            False,
            (24, 80),
        )
        assert plain.command.folder == str(tmp_path)
        assert plain.command.env["B"] == "kept"
        assert container.mark.items() <= dict(plain.command.env).items()
        full = api.store.find_exec(
            await create(
                api, "sh", "-c", "x", Tty=True, AttachStdin=True, AttachStderr=False,
                Env=["A=exec"], WorkingDir="/", DetachKeys="ctrl-a", ConsoleSize=[30, 90],
            )
        )  # fmt: skip
        assert (full.stdin, full.stdout, full.stderr, full.keys) == (True, True, False, b"\x01")
        assert (full.command.tty, full.command.stdin, full.command.size) == (True, True, (30, 90))
        assert (full.command.folder, full.command.env["A"]) == ("/", "exec")
        assert list(full.command.argv) == ["sh", "-c", "x"]
        usual = api.store.find_exec(await create(api, "true", Tty=True, AttachStdin=True))
        assert usual.keys == b"\x10\x11"

    run(scenario)


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        ({}, 400, "No exec command specified"),
        ({"Cmd": []}, 400, "No exec command specified"),
        ({"Cmd": "true"}, 400, "No exec command specified"),
        ({"Cmd": ["true", 1]}, 400, "No exec command specified"),
        ({"Cmd": ["a\0b"]}, 400, "No exec command specified"),
        ({"Cmd": ["true"], "User": 1}, 400, "invalid request body"),
        ({"Cmd": ["true"], "WorkingDir": 1}, 400, "invalid request body"),
        ({"Cmd": ["true"], "DetachKeys": 1}, 400, "invalid request body"),
        ({"Cmd": ["true"], "Env": "A=b"}, 400, "invalid request body"),
        ({"Cmd": ["true"], "Env": [1]}, 400, "invalid request body"),
        ({"Cmd": ["true"], "Env": ["=b"]}, 400, "invalid environment variable"),
        ({"Cmd": ["true"], "User": "no-such-user"}, 400, "no-such-user"),
        ({"Cmd": ["true"], "WorkingDir": "relative"}, 400, "relative"),
        (
            {"Cmd": ["true"], "Tty": True, "AttachStdin": True, "DetachKeys": "nonsense"},
            400,
            "Invalid detach keys",
        ),
    ],
    ids=str,
)
def test_what_cannot_be_run_is_refused(body: dict[str, Any], status: int, message: str) -> None:
    async def scenario(api: Api) -> None:
        container = await api.start()
        found, text = await api.ask("POST", "/containers/web/exec", body)
        assert (found, message in text) == (status, True), text
        assert container.execs == {}

    run(scenario)


def test_only_a_container_that_runs_has_execs() -> None:
    async def scenario(api: Api) -> None:
        container = await api.create()
        body = {"Cmd": ["true"]}
        for path in ("web", "nosuch"):
            status, text = await api.ask("POST", f"/containers/{path}/exec", body)
            expected = (
                (409, f"container {container.id} is not running")
                if path == "web"
                else (404, "No such container: nosuch")
            )
            assert (status, text) == expected
        container.start()
        identifier = await create(api, "true")
        container.pause()
        paused = f"container {container.id} is paused, unpause the container"
        assert await api.ask("POST", "/containers/web/exec", body) == (409, f"{paused} before exec")
        assert await api.ask("POST", f"/exec/{identifier}/start", {}) == (409, paused)
        await container.stop(0)
        stopped = f"container {container.id} is not running"
        assert await api.ask("POST", f"/exec/{identifier}/start", {}) == (409, stopped)

    run(scenario)


def test_a_client_gets_the_streams_in_frames_and_the_code_afterwards() -> None:
    async def scenario(api: Api) -> None:
        await api.start()
        identifier = await create(api, "sh", "-c", "echo out; echo err >&2; exit 6")
        head, data = await start(api, identifier)
        assert head.startswith(b"HTTP/1.1 101 UPGRADED\r\n")
        assert b"multiplexed-stream" in head
        assert sorted(outputs(data)) == [(1, b"out\n"), (2, b"err\n")]
        execution = api.store.find_exec(identifier)
        await execution.wait_ended()
        status, inspected = await api.ask("GET", f"/exec/{identifier}/json")
        assert (status, inspected["ExitCode"], inspected["Running"]) == (200, 6, False)
        assert execution.log._users == 0  # its output is not kept
        again = f"Error: Exec command {identifier} has already run"
        assert await api.ask("POST", f"/exec/{identifier}/start", {}) == (409, again)

    run(scenario)


def test_only_the_streams_that_were_asked_for_come() -> None:
    async def scenario(api: Api) -> None:
        await api.start()
        identifier = await create(api, "sh", "-c", "echo out; echo err >&2", AttachStdout=False)
        assert outputs((await start(api, identifier))[1]) == [(2, b"err\n")]

    run(scenario)


def test_input_is_for_the_program_and_its_end_too() -> None:
    async def scenario(api: Api) -> None:
        await api.start()
        identifier = await create(api, "cat", AttachStdin=True)
        assert outputs((await start(api, identifier, b"typed"))[1]) == [(1, b"typed")]

    run(scenario)


def test_on_a_terminal_the_stream_is_raw() -> None:
    async def scenario(api: Api) -> None:
        await api.start()
        identifier = await create(api, "echo", "out", Tty=True)
        head, data = await start(api, identifier, Tty=True)
        assert b"raw-stream" in head
        assert data == b"out\r\n"

    run(scenario)


@pytest.mark.parametrize("framed", [True, False])
def test_a_start_that_fails_is_said_in_the_stream(framed: bool) -> None:
    async def scenario(api: Api) -> None:
        await api.start()
        identifier = await create(api, "nosuch-program")
        head, data = await start(api, identifier, Tty=not framed)
        assert head.startswith(b"HTTP/1.1 101 ")
        text = outputs(data)[0][1] if framed else data
        assert text == (
            b"OCI runtime exec failed: exec failed: unable to start container process: "
            b'exec: "nosuch-program": executable file not found in $PATH\r\n'
        )
        execution = api.store.find_exec(identifier)
        assert (execution.exit_code, execution.log._users) == (127, 0)

    run(scenario)


def test_one_that_is_detached_is_answered_immediately() -> None:
    async def scenario(api: Api) -> None:
        await api.start()
        identifier = await create(api, "sh", "-c", "echo out; exit 2")
        assert await api.ask("POST", f"/exec/{identifier}/start", {"Detach": True}) == (200, None)
        execution = api.store.find_exec(identifier)
        assert execution.log._users == 0
        await execution.wait_ended()
        assert execution.exit_code == 2
        fails = await create(api, "nosuch-program")
        status, text = await api.ask("POST", f"/exec/{fails}/start", {"Detach": True})
        assert (status, text.startswith("OCI runtime exec failed: exec failed: ")) == (400, True)

    run(scenario)


def test_a_size_is_set_once_it_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RESIZE_WAIT", 3600.0)

    async def scenario(api: Api) -> None:
        await api.start()
        identifier = await create(api, "sh", "-c", "read x; stty size", Tty=True, AttachStdin=True)
        resizing = asyncio.create_task(api.ask("POST", f"/exec/{identifier}/resize?h=31&w=91"))
        await asyncio.sleep(0)
        assert not resizing.done()
        execution = api.store.find_exec(identifier)
        execution.start(api.store.reaper)
        execution.log.retain()
        assert await resizing == (200, None)
        assert execution.run.stdin is not None
        await execution.run.stdin.write(b"\n")
        await execution.wait_ended()
        cursor, printed = execution.log.cursor([1]), b""
        while (piece := cursor.read(100)) is not None:
            printed += piece.data
        assert b"31 91" in printed
        stopped = await api.ask("POST", f"/exec/{identifier}/resize?h=1&w=1")
        assert stopped == (409, "cannot resize a stopped exec")
        execution.log.close()

    run(scenario)


def test_a_size_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RESIZE_WAIT", 0.0)

    async def scenario(api: Api) -> None:
        await api.start()
        identifier = await create(api, "true")
        late = await api.ask("POST", f"/exec/{identifier}/resize?h=1&w=1")
        assert late == (500, "timeout waiting for exec session ready")

    run(scenario)
