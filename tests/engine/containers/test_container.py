"""A container's states, and the programs behind them; no HTTP."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from hyper_jupyter.engine.config.spec import Spec
from hyper_jupyter.engine.containers.container import Container
from hyper_jupyter.engine.containers.events import Events
from hyper_jupyter.engine.containers.exec import Exec
from hyper_jupyter.engine.program.descendants import MARK
from hyper_jupyter.engine.program.launch import Command
from hyper_jupyter.exceptions import ApiError, Conflict
from tests.engine.driver import until
from tests.engine.program.reapers import PidReaper, run

STAYS = "echo up; read line; exit 4"
OBEYS = "trap 'exit 5' TERM; echo up; while :; do sleep 0.05; done"
IGNORES = "trap '' TERM; echo up; while :; do sleep 0.05; done"
NEVER: dict[str, Any] = {"Entrypoint": ["nosuch-program"]}


class Made:
    """A container, and what it told.

    Attributes:
        removals: as what the store was asked to remove.
    """

    def __init__(self, script: str = STAYS, **body: Any) -> None:
        self.events = Events()
        self.removals: list[Container] = []
        self.reaper: Any = PidReaper()
        spec = {"Image": "host", "Cmd": ["sh", "-c", script], "OpenStdin": True, **body}
        self.container = Container(
            Spec.parse(spec), "web", events=self.events, reaper=self.reaper,
            on_auto_remove=self.removals.append,
        )  # fmt: skip

    async def start(self) -> Container:
        """Start it; return when its program has printed something."""
        self.container.start()
        while b"up" not in self.printed():
            await self.container.log.changed()
        return self.container

    async def type(self, line: bytes) -> None:
        assert self.container.run.stdin is not None
        await self.container.run.stdin.write(line)

    async def end(self) -> int:
        """Let :data:`STAYS` end; return its code."""
        waiting = asyncio.create_task(self.container.wait("not-running"))
        await asyncio.sleep(0)
        await self.type(b"\n")
        return await waiting

    def printed(self) -> bytes:
        cursor, data = self.container.log.cursor([1, 2]), b""
        while (piece := cursor.read(1000)) is not None:
            data += piece.data
        return data

    def actions(self) -> list[str]:
        return [event["Action"] for event in self.events.past(0, None)]

    def attributes(self) -> dict[str, str]:
        """Those of the last event."""
        return dict(self.events.past(0, None)[-1]["Actor"]["Attributes"])


def scenario(made: Callable[[], Made], body: Callable[[Made], Awaitable[None]]) -> None:
    """Run a test's body; remove the container after it."""

    async def whole() -> None:
        each = made()
        try:
            await body(each)
        finally:
            await each.container.remove(force=True)

    run(whole())


def test_a_container_runs_ends_and_runs_again() -> None:
    async def body(made: Made) -> None:
        container = made.container
        assert (container.status, container.running, container.pid) == ("created", False, 0)
        assert (container.started, container.ended) == (0, 0)
        first = container.run
        await made.start()
        assert (container.status, container.running) == ("running", True)
        assert container.pid == made.reaper.expected[-1]
        assert container.members.pids() == [container.pid]
        assert container.started >= container.created
        with pytest.raises(ApiError, match="already started") as caught:
            container.start()
        assert caught.value.status == 304
        assert await made.end() == 4
        assert (container.status, container.exit_code, container.pid) == ("exited", 4, 0)
        assert container.ended >= container.started
        assert first.finished.is_set()
        assert first.log_end == container.log.end
        assert container.run is not first
        assert made.actions() == ["start", "die"]
        assert made.attributes() == {
            "exitCode": "4", "execDuration": "0", "image": "host", "name": "web",
        }  # fmt: skip
        container.start()
        assert container.exit_code == 0
        assert await made.end() == 4
        assert (container.exit_codes, made.printed()) == ([4, 4], b"up\nup\n")
        assert made.removals == []

    scenario(Made, body)


def test_seconds_of_a_run_are_told_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    async def body(made: Made) -> None:
        await made.start()
        made.container.started -= 61_500_000_000
        await made.end()
        assert made.attributes()["execDuration"] == "61"

    scenario(Made, body)


# -- waiting ---------------------------------------------------------------------------------


def test_each_condition_is_waited_for() -> None:
    async def body(made: Made) -> None:
        container = made.container
        assert await container.wait("not-running") == 0  # it has not run
        next_exit = asyncio.create_task(container.wait("next-exit"))
        removed = asyncio.create_task(container.wait("removed"))
        await made.start()
        assert await made.end() == 4
        assert await next_exit == 4
        again = asyncio.create_task(container.wait("next-exit"))
        await asyncio.sleep(0)
        assert not again.done()
        assert not removed.done()
        await container.remove(force=False)
        assert [await removed, await again] == [4, 4]

    scenario(Made, body)


def test_who_waits_gets_the_code_of_that_exit_even_if_it_runs_again() -> None:
    async def body(made: Made) -> None:
        container = made.container
        await made.start()
        waiting = asyncio.create_task(container.wait("not-running"))
        await asyncio.sleep(0)
        run_ = container.run
        await made.type(b"\n")
        await run_.finished.wait()
        container.start()  # before the waiting task has had its turn
        assert await waiting == 4
        assert container.exit_code == 0

    scenario(Made, body)


# -- stopping --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("script", "grace", "code"),
    [(OBEYS, None, 5), (OBEYS, -1, 5), (IGNORES, 0, 137)],
    ids=["obeys", "without limit", "ignores"],
)
def test_a_container_that_is_stopped_is_told_and_then_killed(
    script: str, grace: int | None, code: int
) -> None:
    async def body(made: Made) -> None:
        container = await made.start()
        await container.stop(grace)
        assert container.exit_codes == [code]
        kills = ["kill", "kill"] if code == 137 else ["kill"]
        assert made.actions() == ["start", *kills, "die", "stop"]
        with pytest.raises(ApiError) as caught:
            await container.stop()
        assert caught.value.status == 304

    scenario(lambda: Made(script), body)


def test_the_configured_signal_and_time_are_used() -> None:
    async def body(made: Made) -> None:
        container = await made.start()
        await container.stop()
        assert container.exit_codes == [137]
        killed = made.events.past(0, None)[1]["Actor"]["Attributes"]
        assert killed["signal"] == str(int(signal.SIGHUP))

    scenario(lambda: Made(IGNORES.replace("TERM", "HUP"), StopSignal="HUP", StopTimeout=0), body)


def test_a_paused_container_is_stopped_too() -> None:
    async def body(made: Made) -> None:
        container = await made.start()
        container.pause()
        await container.stop(-1)
        assert container.exit_codes == [5]

    scenario(lambda: Made(OBEYS), body)


def test_a_restart_stops_what_runs_and_starts_what_does_not() -> None:
    async def body(made: Made) -> None:
        container = made.container
        await container.restart()
        first = container.pid
        while b"up" not in made.printed():
            await container.log.changed()
        await container.restart(-1)
        assert container.pid not in (0, first)
        assert container.exit_codes == [5]
        assert made.actions() == ["start", "restart", "kill", "die", "stop", "start", "restart"]

    scenario(lambda: Made(OBEYS), body)


# -- signals ---------------------------------------------------------------------------------


def test_a_signal_is_for_the_program_and_sigkill_for_all() -> None:
    script = "trap 'exit 5' TERM; sh -c 'trap \"\" TERM; echo up; sleep 1000; :' & wait"

    async def body(made: Made) -> None:
        container = await made.start()
        members = container.members.pids()
        assert len(members) >= 2
        container.kill(signal.SIGKILL)
        await container.wait("not-running")
        assert container.exit_code == 137
        assert container.members.pids() == []
        assert made.events.past(0, None)[1]["Actor"]["Attributes"]["signal"] == "9"
        with pytest.raises(Conflict, match=f"container {container.id} is not running"):
            container.kill(signal.SIGTERM)

    scenario(lambda: Made(script), body)


def test_what_the_program_leaves_is_killed_with_it() -> None:
    script = "sh -c 'echo up; sleep 1000; :' & sleep 0; read line"

    async def body(made: Made) -> None:
        container = await made.start()
        await made.type(b"\n")
        await container.wait("not-running")
        assert container.members.pids() == []

    scenario(lambda: Made(script), body)


def has_stopped(pid: int) -> bool:
    return os.waitid(os.P_PID, pid, os.WSTOPPED | os.WNOHANG | os.WNOWAIT) is not None


def test_a_paused_container_stands_still_until_it_goes_on() -> None:
    async def body(made: Made) -> None:
        container = await made.start()
        with pytest.raises(Conflict, match="is not paused"):
            container.unpause()
        container.pause()
        assert (container.status, container.running, container.pid > 0) == ("paused", True, True)
        until(lambda: has_stopped(container.pid), "the program stops")
        for text, wrong in (("already paused", container.pause), ("unpause", container.start)):
            with pytest.raises(Conflict, match=text) as caught:
                wrong()
            assert caught.value.status == 409
        container.unpause()
        assert container.status == "running"
        assert await made.end() == 4
        assert made.actions() == ["start", "pause", "unpause", "die"]
        for action in (container.pause, lambda: container.resize(1, 1)):
            with pytest.raises(Conflict, match="is not running") as caught:
                action()
            assert caught.value.status == 409

    scenario(Made, body)


def test_a_terminal_s_size_is_set_and_told() -> None:
    async def body(made: Made) -> None:
        container = await made.start()
        container.resize(31, 91)
        await made.type(b"\n")
        await container.wait("not-running")
        assert b"30 90" in made.printed()
        assert b"31 91" in made.printed()
        assert made.actions() == ["start", "resize", "die"]

    scenario(
        lambda: Made(
            "stty size; echo up; read line; stty size", Tty=True,
            HostConfig={"ConsoleSize": [30, 90]},
        ),
        body,
    )  # fmt: skip


def test_its_programs_know_which_container_they_are_in() -> None:
    async def body(made: Made) -> None:
        container = await made.start()
        assert container.mark == {MARK: container.id}
        await container.wait("not-running")
        assert container.id.encode() in made.printed()

    scenario(lambda: Made(f'echo "up ${MARK}"'), body)


# -- what fails ------------------------------------------------------------------------------


def test_a_start_that_fails_leaves_the_state_and_ends_who_was_attached() -> None:
    async def body(made: Made) -> None:
        container, attached = made.container, made.container.run
        with pytest.raises(ApiError, match="executable file not found") as caught:
            container.start()
        assert caught.value.status == 400
        assert (container.status, container.exit_code) == ("created", 127)
        assert container.error.startswith("failed to start the process: exec:")
        assert attached.finished.is_set()
        assert not container.run.finished.is_set()
        assert (made.actions(), made.removals) == ([], [])

    scenario(lambda: Made(**NEVER), body)


@pytest.mark.parametrize("body_", [NEVER, {}], ids=["failed", "ended"])
def test_a_container_that_removes_itself_asks_to_be_removed(body_: dict[str, Any]) -> None:
    async def body(made: Made) -> None:
        container = made.container
        if body_:
            with pytest.raises(ApiError):
                container.start()
        else:
            await made.start()
            await made.end()
        assert (container.status, made.removals) == ("removing", [container])
        with pytest.raises(Conflict, match="marked for removal"):
            container.start()

    scenario(lambda: Made(HostConfig={"AutoRemove": True}, **body_), body)


# -- removing --------------------------------------------------------------------------------


@pytest.mark.parametrize(("paused", "advice"), [(False, ": stop"), (True, ": unpause and then")])
def test_what_runs_is_removed_by_force_only(paused: bool, advice: str) -> None:
    async def body(made: Made) -> None:
        container = await made.start()
        if paused:
            container.pause()
        with pytest.raises(Conflict, match=f"container is {container.status}{advice}"):
            await container.remove(force=False)
        assert container.running
        waiting = asyncio.create_task(container.wait("removed"))
        await container.remove(force=True)
        assert await waiting == 137
        assert container.removed.is_set()
        assert (container.status, container.members.pids()) == ("removing", [])
        assert made.actions()[-1] == "destroy"

    scenario(Made, body)


def test_removing_closes_the_log_which_clients_may_still_read() -> None:
    async def body(made: Made) -> None:
        container = await made.start()
        container.log.retain()  # a client
        await container.remove(force=True)
        assert made.printed() == b"up\n"
        container.log.close()
        assert container.log.start == container.log.end > 0

    scenario(Made, body)


def test_removing_twice_is_one_event_and_ends_the_next_run_s_clients() -> None:
    async def body(made: Made) -> None:
        container, run_ = made.container, made.container.run
        waiting = asyncio.create_task(container.wait("next-exit"))
        await asyncio.sleep(0)
        await container.remove(force=False)
        await container.remove(force=False)
        assert run_.finished.is_set()
        assert await waiting == 0
        assert made.actions() == ["destroy"]

    scenario(Made, body)


# -- execs -----------------------------------------------------------------------------------


def test_execs_are_members_and_their_end_comes_before_the_container_s() -> None:
    async def body(made: Made) -> None:
        container = await made.start()
        argv = ("sh", "-c", "echo up; sleep 1000; :")
        command = Command(
            argv, {**container.spec.command({}).env, **container.mark}, "/", tty=False, stdin=False
        )
        execution = Exec(
            container.id, command, publish=container.publish, stdin=False, stdout=True,
            stderr=True, keys=b"",
        )  # fmt: skip
        container.execs[execution.id] = execution
        changed = execution.log.changed()
        execution.start(made.reaper)
        await changed
        assert execution.run.process is not None
        assert {container.pid, execution.run.process.pid} <= set(container.members.pids())
        await made.end()
        assert execution.exit_code == 137
        exits = [action for action in made.actions() if action in ("exec_die", "die")]
        assert exits == ["exec_die", "die"]

    scenario(Made, body)
