"""One exec: its start, its output, its end."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from hyper_jupyter.engine.containers.exec import Exec
from hyper_jupyter.engine.program.launch import Command, CommandFailed
from tests.engine.program.reapers import PidReaper, run


class Made:
    """An exec, and the events that it published."""

    def __init__(self, *argv: str, stdin: bool = False) -> None:
        self.published: list[tuple[str, dict[str, str]]] = []
        self.reaper: Any = PidReaper()
        env = {"PATH": "/usr/bin:/bin"}
        self.exec = Exec(
            "f00d", Command(argv, env, "/", tty=False, stdin=stdin), publish=self._publish,
            stdin=stdin, stdout=True, stderr=False, keys=b"k",
        )  # fmt: skip

    def _publish(self, action: str, /, **attributes: str) -> None:
        assert attributes.pop("execID") == self.exec.id
        self.published.append((action, attributes))


def test_an_exec_has_what_it_was_made_with_and_has_not_begun() -> None:
    made, other = Made("true"), Made("cat", stdin=True)
    execution = made.exec
    assert (execution.container_id, execution.command.argv) == ("f00d", ("true",))
    assert (execution.stdin, execution.stdout, execution.stderr) == (False, True, False)
    assert (execution.keys, execution.begun, execution.running) == (b"k", False, False)
    assert (execution.exit_code, made.published) == (None, [])
    assert execution.run.stdin is None
    assert other.exec.run.stdin is not None
    assert len({execution.id, other.exec.id}) == 2


def test_an_exec_runs_and_its_end_is_told() -> None:
    async def scenario() -> None:
        made = Made("sh", "-c", "echo out; read x; exit 6", stdin=True)
        execution = made.exec
        assert not await execution.wait_started(0.0)
        await execution.wait_ended()  # it was not started
        starting = asyncio.create_task(execution.wait_started(3600.0))
        execution.start(made.reaper)
        assert await starting
        assert (execution.begun, execution.running, execution.exit_code) == (True, True, None)
        cursor = execution.log.cursor([1])
        while (piece := cursor.read(100)) is None:
            await execution.log.changed()
        assert piece.data == b"out\n"
        assert execution.run.stdin is not None
        await execution.run.stdin.write(b"\n")
        await execution.wait_ended()
        assert (execution.running, execution.exit_code) == (False, 6)
        assert execution.run.finished.is_set()
        assert made.published == [
            ("exec_start: sh -c echo out; read x; exit 6", {}),
            ("exec_die", {"exitCode": "6"}),
        ]

    run(scenario())


def test_output_is_kept_for_clients_that_still_read_and_then_dropped() -> None:
    async def scenario() -> None:
        made = Made("echo", "out")
        log = made.exec.log
        log.retain()  # a client
        made.exec.start(made.reaper)
        await made.exec.wait_ended()
        piece = log.cursor([1]).read(100)
        assert piece is not None
        assert piece.data == b"out\n"
        log.close()
        assert log.start == log.end == 4
        made.exec.discard_output()  # a second time is nothing
        log.retain()
        assert log._users == 1

    run(scenario())


def test_a_start_that_fails_is_an_end_with_its_code() -> None:
    async def scenario() -> None:
        made = Made("nosuch-program")
        execution = made.exec
        with pytest.raises(CommandFailed):
            execution.start(made.reaper)
        assert (execution.begun, execution.running, execution.exit_code) == (True, False, 127)
        assert await execution.wait_started(0.0)
        assert execution.run.finished.is_set()
        assert made.published == []
        await execution.wait_ended()
        assert execution.log._users == 0

    run(scenario())
