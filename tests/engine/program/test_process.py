"""Programs of this machine over pipes and pseudo-terminals: what goes in, comes out, and ends."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from hyper_jupyter.engine.program.launch import Command, CommandFailed
from hyper_jupyter.engine.program.process import Process
from hyper_jupyter.engine.program.stdin import Stdin
from tests.engine.program.reapers import PidReaper, run

SHELL_PATH = {"PATH": os.environ.get("PATH", "/usr/bin:/bin")}


class Started:
    """A program, its input, and what it prints.

    Attributes:
        printed: per stream, 1 and 2, all bytes so far.
    """

    def __init__(self, *argv: str, stdin: bool = False, **options: Any) -> None:
        self.printed = {1: b"", 2: b""}
        self._came = asyncio.Event()
        self.stdin = Stdin() if stdin else None
        made: dict[str, Any] = {"env": SHELL_PATH, "folder": "/", "tty": False, **options}
        command = Command(argv=argv, stdin=stdin, **made)
        self.process = Process(command, self.stdin, self._add, PidReaper())  # type: ignore[arg-type]

    def _add(self, stream: int, data: bytes) -> None:
        assert data
        self.printed[stream] += data
        self._came.set()

    async def prints(self, text: bytes, stream: int = 1) -> bytes:
        """Wait until the text was printed; return all that was."""
        while text not in self.printed[stream]:
            self._came.clear()
            await self._came.wait()
        return self.printed[stream]

    async def end(self) -> int:
        """Wait for its end and that of its output, then close it; return its code."""
        await self.process.exited.wait()
        await self.process.drained.wait()
        self.process.close()
        assert self.process.code is not None
        return self.process.code


def shell(script: str, **options: Any) -> Started:
    return Started("sh", "-c", script, **options)


def scenario(body: Callable[[], Awaitable[None]]) -> None:
    """Run a test's body, and see that no descriptor is left."""

    async def whole() -> None:
        before = set(os.listdir("/proc/self/fd"))  # noqa: PTH208
        await body()
        # Others may close theirs meanwhile: what an earlier test has left to a thread of its own.
        assert not set(os.listdir("/proc/self/fd")) - before  # noqa: PTH208

    run(whole())


# -- pipes -----------------------------------------------------------------------------------


def test_output_is_told_apart_and_the_exit_code_is_the_program_s() -> None:
    async def body() -> None:
        started = shell("echo out; echo err >&2; exit 7")
        assert started.process.code is None
        assert await started.end() == 7
        assert started.printed == {1: b"out\n", 2: b"err\n"}

    scenario(body)


def test_a_program_without_stdin_reads_nothing() -> None:
    async def body() -> None:
        started = shell("cat; echo $?")
        await started.end()
        assert started.printed[1] == b"0\n"

    scenario(body)


def test_input_reaches_it_and_ends() -> None:
    async def body() -> None:
        started = Started("cat", stdin=True)
        assert started.stdin is not None
        await started.stdin.write(b"typed")
        await started.prints(b"typed")
        assert not started.process.exited.is_set()
        await started.stdin.send_eof()
        assert await started.end() == 0
        assert started.stdin.closed

    scenario(body)


def test_much_output_is_whole() -> None:
    async def body() -> None:
        started = shell("head -c 1000000 /dev/zero; head -c 300000 /dev/zero >&2")
        await started.end()
        assert (started.printed[1], started.printed[2]) == (bytes(1_000_000), bytes(300_000))

    scenario(body)


def test_an_end_by_a_signal_is_128_and_its_number() -> None:
    async def body() -> None:
        started = Started("sleep", "1000")
        started.process.signal(signal.SIGTERM)
        assert await started.end() == 128 + signal.SIGTERM
        started.process.signal(signal.SIGTERM)  # its pid may be another program's by now

    scenario(body)


def test_after_the_end_no_signal_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    async def body() -> None:
        started = shell("exit 0")
        await started.end()
        sent: list[tuple[int, int]] = []
        monkeypatch.setattr(os, "kill", lambda *which: sent.append(which))
        started.process.signal(signal.SIGTERM)
        assert sent == []

    scenario(body)


def test_a_signal_goes_to_the_program_and_not_to_its_children() -> None:
    async def body() -> None:
        started = shell("trap 'echo caught; exit 3' TERM; sleep 1000 & echo up; wait")
        await started.prints(b"up")
        started.process.signal(signal.SIGTERM)
        await started.prints(b"caught")
        await started.process.exited.wait()
        assert started.process.code == 3
        assert not started.process.drained.is_set()  # the child still has its output
        os.killpg(started.process.pid, signal.SIGKILL)
        await started.end()

    scenario(body)


def test_closing_does_not_wait_for_who_still_has_the_other_ends() -> None:
    async def body() -> None:
        started = shell("sleep 1000 & echo up", stdin=True)
        await started.prints(b"up")
        await started.process.exited.wait()
        assert not started.process.drained.is_set()
        started.process.close()
        assert started.process.drained.is_set()
        assert started.stdin is not None
        assert started.stdin.closed
        os.killpg(started.process.pid, signal.SIGKILL)

    scenario(body)


def test_it_leads_a_session_runs_in_its_folder_and_has_its_environment(tmp_path: Path) -> None:
    async def body() -> None:
        env = {**SHELL_PATH, "A": "b c"}
        started = shell('pwd; echo "$A"; ps -o sid= -p $$', folder=str(tmp_path), env=env)
        assert await started.end() == 0
        folder, value, session = started.printed[1].splitlines()
        assert (folder, value) == (os.fsencode(tmp_path), b"b c")
        assert int(session) == started.process.pid

    scenario(body)


def test_signals_that_the_engine_ignores_are_not_ignored_by_it() -> None:
    async def body() -> None:
        previous = signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
        try:
            started = shell("grep -E '^Sig(Blk|Ign)' /proc/self/status")
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGUSR1})
            signal.signal(signal.SIGHUP, previous)
        await started.end()
        blocked, ignored = (int(line.split()[1], 16) for line in started.printed[1].splitlines())
        assert (blocked, ignored & 1 << (signal.SIGHUP - 1)) == (0, 0)

    scenario(body)


# -- terminals -------------------------------------------------------------------------------


def test_on_a_terminal_all_output_is_one_stream_and_input_is_echoed() -> None:
    async def body() -> None:
        started = shell(
            "tty >/dev/null && echo ready; echo err >&2; read x; echo got $x",
            tty=True,
            stdin=True,
        )
        await started.prints(b"err")
        assert started.stdin is not None
        await started.stdin.write(b"typed\n")
        await started.prints(b"got typed")
        assert await started.end() == 0
        assert started.printed == {1: b"ready\r\nerr\r\ntyped\r\ngot typed\r\n", 2: b""}
        assert started.stdin.closed

    scenario(body)


def test_a_terminal_is_the_program_s_own_so_that_ctrl_c_interrupts_it() -> None:
    async def body() -> None:
        started = shell(
            "trap 'exit 9' INT; echo up; while :; do sleep 0.05; done", tty=True, stdin=True
        )
        await started.prints(b"up")
        assert started.stdin is not None
        await started.stdin.write(b"\x03")
        assert await started.end() == 9

    scenario(body)


def test_a_terminal_has_its_size_from_the_start_and_can_get_another() -> None:
    async def body() -> None:
        started = shell(
            "stty size; trap 'stty size; exit' WINCH; echo up; while :; do sleep 0.05; done",
            tty=True,
            size=(30, 90),
        )
        assert (await started.prints(b"up")).startswith(b"30 90\r\n")
        started.process.resize(31, 70_000)  # one number is too large for the kernel
        await started.prints(b"31 4464")
        await started.end()
        started.process.resize(1, 1)  # its terminal is closed

    scenario(body)


def test_a_size_is_nothing_to_a_program_on_pipes() -> None:
    async def body() -> None:
        started = shell("exit 0")
        started.process.resize(1, 1)
        assert await started.end() == 0

    scenario(body)


def test_a_terminal_of_which_only_a_child_is_left_is_drained_by_closing() -> None:
    async def body() -> None:
        started = shell("trap '' HUP; sleep 1000 & echo up", tty=True)
        await started.prints(b"up")
        await started.process.exited.wait()
        os.killpg(started.process.pid, signal.SIGKILL)
        await started.end()

    scenario(body)


# -- what cannot be started ------------------------------------------------------------------


@pytest.mark.parametrize("tty", [False, True])
@pytest.mark.parametrize(
    ("argv", "folder", "code", "text"),
    [
        (
            ["nosuch-program"],
            "/",
            127,
            'exec: "nosuch-program": executable file not found in $PATH',
        ),
        (["/no/such"], "/", 127, 'exec: "/no/such": stat /no/such: no such file or directory'),
        (["/dev/null/x"], "/", 127, "no such file or directory"),
        (["/"], "/", 126, 'exec: "/": permission denied'),
        (["a\0b"], "/", 126, "embedded null byte"),
        (["true"], "/no/such", 126, 'chdir to cwd ("/no/such") set in config failed: No such file'),
    ],
    ids=["not in PATH", "no such file", "below a file", "a folder", "a NUL", "no such folder"],
)
def test_what_cannot_be_started_has_the_code_and_words_of_docker(
    argv: list[str], folder: str, code: int, text: str, tty: bool
) -> None:
    async def body() -> None:
        with pytest.raises(CommandFailed) as caught:
            Started(*argv, folder=folder, tty=tty, stdin=True)
        assert caught.value.code == code
        assert text in str(caught.value)

    scenario(body)
