"""Further programs in a container, on every engine."""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from hyper_jupyter.api import Client, CompletedExec, Session
from hyper_jupyter.exceptions import Conflict, NotFound, ProcessFailed, SessionClosed
from hyper_jupyter.session import State
from hyper_jupyter.session.attach.kept_connections import close_kept
from hyper_jupyter.session.lifecycle.ending import Ending
from tests.engines.scenarios import CHATTY, PATIENCE, Make, wait_for

Exec = Callable[..., Session]
SLEEPS = "sleep 300"


@pytest.fixture(scope="module")
def sleeping(client: Client) -> Iterator[str]:
    """A container for the tests that leave it as it is."""
    network = None if client.engine == "embedded" else "none"
    made = client.create("default", ["sh", "-c", SLEEPS], network=network)
    client.start(made)
    yield made
    close_kept(made)
    client.remove(made, force=True)


@pytest.fixture
def run(client: Client) -> Iterator[Exec]:
    """``client.exec`` of a shell script, with every session closed at the end."""
    opened: list[Session] = []

    def start(container: str, script: str, **options: Any) -> Session:
        opened.append(client.exec(container, ["sh", "-c", script], **options))
        return opened[-1]

    yield start
    for session in opened:
        session.close(force=True)


@pytest.mark.core
@pytest.mark.parametrize("tty", [False, True], ids=["framed", "tty"])
def test_a_program_s_output_and_exit_code_are_its_own(sleeping: str, run: Exec, tty: bool) -> None:
    session = run(sleeping, "echo out; echo err >&2; exit 7", tty=tty)
    assert session.wait(PATIENCE) == 7
    assert (session.kind, session.state, session.error) == ("exec", State.EXITED, None)
    assert session.command == ("sh", "-c", "echo out; echo err >&2; exit 7")
    assert session.container.id == sleeping
    if tty:
        assert session.stdout.getvalue() == b"out\r\nerr\r\n"
    else:
        assert (session.stdout.getvalue(), session.stderr.getvalue()) == (b"out\n", b"err\n")
    with pytest.raises(ProcessFailed, match=r"ended with code 7\n(.*\n)?err") as caught:
        session.wait(check=True)
    assert caught.value.exit_code == 7


@pytest.mark.depends_on("exec_pid_tells")
@pytest.mark.parametrize("tty", [False, True], ids=["framed", "tty"])
def test_a_program_that_does_not_exist_has_failed_with_the_engine_s_reason(
    sleeping: str, client: Client, tty: bool
) -> None:
    with contextlib.closing(client.exec(sleeping, ["no-such-program"], tty=tty)) as session:
        assert session.join(PATIENCE) is State.FAILED
        assert session.exit_code in (126, 127)
        assert "no-such-program" in str(session.error)
        assert "\n" not in str(session.error)
    with pytest.raises(ProcessFailed, match="no-such-program"):
        client.exec_output(sleeping, ["no-such-program"])


@pytest.mark.depends_on("exec_pid_tells")
@pytest.mark.parametrize("script", ["no-such-program", "exit 127", "exit 126"])
def test_a_shell_that_ends_so_by_itself_has_exited(sleeping: str, run: Exec, script: str) -> None:
    session = run(sleeping, script)
    assert session.wait(PATIENCE) == (126 if script == "exit 126" else 127)
    assert session.state is State.EXITED


def test_lines_and_the_end_of_input_reach_a_program(sleeping: str, run: Exec) -> None:
    session = run(sleeping, "while read x; do echo got:$x; done; echo END", stdin=True)
    session.send_line("one")
    wait_for(session, b"got:one\n")
    session.send_line("two")
    session.send_eof()
    assert session.wait(PATIENCE) == 0
    assert session.stdout.getvalue() == b"got:one\ngot:two\nEND\n"


@pytest.mark.depends_on("takes_console_size")
def test_a_program_s_terminal_takes_keys_and_a_size(sleeping: str, run: Exec) -> None:
    # Podman may lose a size that soon follows another one; it is sent once more.
    script = 'read x; until [ "$(stty size)" = "33 111" ]; do sleep 0.1; done; echo got:$x'
    session = run(sleeping, script, tty=True, stdin=True)
    session.resize(33, 111)
    session.send_line("key")
    assert session.wait(PATIENCE) == 0
    assert b"got:key\r\n" in session.stdout.getvalue()


@pytest.mark.core
@pytest.mark.parametrize("tty", [False, True], ids=["framed", "tty"])
def test_a_program_runs_on_after_detaching(
    sleeping: str, run: Exec, client: Client, tty: bool
) -> None:
    # It prints on, and ends by itself once the file is there; its input does not end before.
    script = "echo here; until [ -e /tmp/end-$$ ]; do echo on; read -t 1 x; done; exit 5"
    if client.engine == "embedded":
        script = script.replace("read -t 1 x", "sleep 0.05")
    session = run(sleeping, f"echo $$; {script}", tty=tty, stdin=True)
    pid = wait_for(session, b"here").split()[0].decode()
    wait_for(session, b"on")
    session.detach()
    assert (session.state, session.exit_code) == (State.DETACHED, None)
    with pytest.raises(TimeoutError):
        session.wait(0.3)
    client.exec_output(sleeping, ["touch", f"/tmp/end-{pid}"], check=True)
    assert session.wait(PATIENCE) == 5
    client.exec_output(sleeping, ["rm", f"/tmp/end-{pid}"], check=True)


@pytest.mark.parametrize("how", ["wait", "await"])
@pytest.mark.parametrize("leave", ["detach", "keys"])
def test_a_wait_that_began_before_detaching_sees_the_exit(
    sleeping: str,
    run: Exec,
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
    how: str,
    leave: str,
) -> None:
    script = "echo $$; until [ -e /tmp/end-$$ ]; do sleep 0.05; done; exit 5"
    session = run(sleeping, script, tty=True, stdin=True, detach_keys="ctrl-x,x")
    pid = wait_for(session, b"\n").split()[0].decode()
    waits = threading.Event()
    watch = Ending.ensure_watched

    def ensure_watched(ending: Ending) -> None:
        watch(ending)
        waits.set()

    monkeypatch.setattr(Ending, "ensure_watched", ensure_watched)

    async def wait() -> int | None:
        return await asyncio.wait_for(session, PATIENCE)

    found: queue.Queue[int | None] = queue.Queue()
    waiting = threading.Thread(
        target=lambda: found.put(session.wait(PATIENCE) if how == "wait" else asyncio.run(wait()))
    )
    waiting.start()
    try:
        assert waits.wait(PATIENCE)
        if leave == "keys":
            session.send("\x18x")
            assert session.join(PATIENCE) is State.DETACHED
        else:
            session.detach()
        assert session.controls().leave == "The program runs on."
        client.exec_output(sleeping, ["touch", f"/tmp/end-{pid}"], check=True)
        assert found.get(timeout=2 * PATIENCE) == 5
    finally:
        waiting.join()
    client.exec_output(sleeping, ["rm", f"/tmp/end-{pid}"], check=True)
    assert session.controls().leave == "The program has ended."


def test_the_user_s_detach_keys_leave_a_program_running(
    sleeping: str, run: Exec, client: Client
) -> None:
    session = run(sleeping, "cat", tty=True, stdin=True, detach_keys="ctrl-x,x")
    session.send("ab\x18")
    wait_for(session, b"ab")
    session.send("xcd")
    assert session.join(PATIENCE) is State.DETACHED
    with pytest.raises(SessionClosed):
        session.send("more")
    running = client.exec_output(sleeping, ["sh", "-c", "ps -o args 2>/dev/null || ps"], check=True)
    assert b"cat" in running.stdout


def test_what_a_program_cannot_do_is_off_with_the_reason(sleeping: str, run: Exec) -> None:
    session = run(sleeping, "sleep 60")
    now = session.controls()
    assert "without stdin" in now.stdin
    assert "not to an exec" in now.signal
    assert "program" in now.leave
    with pytest.raises(Conflict, match="not to an exec"):
        session.send_signal("INT")
    session.detach()
    assert "run its cell again" in session.controls().again
    with pytest.raises(Conflict, match="attached only once"):
        session.attach_again()


@pytest.mark.depends_on("bare_name_unsets_variable")
def test_user_folder_and_environment(sleeping: str, client: Client) -> None:
    found = client.exec_output(
        sleeping,
        ["sh", "-c", "pwd; echo $FAKE"],
        working_dir="/tmp",
        env={"FAKE": "a b"},
        check=True,
    )
    assert found.stdout == b"/tmp\na b\n"
    if client.engine != "embedded":
        assert client.exec_output(sleeping, "id -u", user="65534").stdout == b"65534\n"


def test_a_program_can_be_started_without_attaching(sleeping: str, client: Client) -> None:
    assert client.exec_detached(sleeping, ["sh", "-c", "sleep 60"])
    with pytest.raises(NotFound):
        client.exec("no-such-container", "true")


def test_a_container_that_does_not_run_is_a_conflict(container: Make, client: Client) -> None:
    made = container("true", start=False)
    with pytest.raises(Conflict, match="is not running"):
        client.exec(made, "true")
    paused = container(SLEEPS)
    client.pause(paused)
    with pytest.raises(Conflict, match="is paused"):
        client.exec(paused, "true")


def test_a_program_ends_with_its_container(container: Make, run: Exec, client: Client) -> None:
    made = container(CHATTY, stdin=True)
    session = run(made, "echo here; sleep 60")
    wait_for(session, b"here")
    client.kill(made)
    assert session.join(PATIENCE) in (State.EXITED, State.LOST)


def test_a_program_reads_what_it_is_given_to_the_end(sleeping: str, client: Client) -> None:
    found = client.exec_output(sleeping, ["cat"], input="one\ntwo", timeout=PATIENCE, check=True)
    assert found == CompletedExec(b"one\ntwo", b"", 0)
    assert client.exec_output(sleeping, ["true"], input=b"unread").exit_code == 0


def test_an_exec_without_stdin_can_be_closed(sleeping: str, client: Client) -> None:
    session = client.exec(sleeping, ["sh", "-c", "echo here; sleep 60"])
    wait_for(session, b"here")
    session.close()
    assert session.state is State.DETACHED
