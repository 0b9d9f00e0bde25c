"""A fork of the process that has a session: what had come can be read, and nothing is awaited."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import threading
import warnings
from collections.abc import Callable

import pytest

from hyper_jupyter.api import client_for
from hyper_jupyter.exceptions import SessionClosed
from hyper_jupyter.session import State
from hyper_jupyter.session.attach import kept_connections
from tests.api.data.printing import Printing

PATIENCE = 30


def answer_of_a_fork(work: Callable[[], object]) -> str:
    """Return what a function returns or raises in a forked child, as a text."""
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12: there are threads
        child = os.fork()
    if not child:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(PATIENCE)  # ends a child that waits, without an answer
        try:
            text = repr(work())
        except (Exception, SystemExit) as error:  # noqa: BLE001 - the parent is told
            text = f"{type(error).__name__}: {error}"
        os.write(writing, text.encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as answers:
        text = answers.read().decode()
    os.waitpid(child, 0)
    return text


WAITS: dict[str, Callable[[Printing], object]] = {
    "expect": lambda session: session.expect("more", timeout=None),
    "expect_async": lambda session: asyncio.run(session.expect_async("more", timeout=None)),
    "records": lambda session: list(session.records(follow=True)),
    "lines": lambda session: list(session.stdout.lines(follow=True)),
    "join": lambda session: session.join(),
    "wait": lambda session: session.wait(),
}


@pytest.mark.parametrize("way", WAITS)
def test_waiting_in_a_fork_says_that_the_session_stayed_in_its_parent(way: str) -> None:
    session = Printing()
    session.prints(b"ready\n")
    said = answer_of_a_fork(lambda: WAITS[way](session))
    assert said.startswith(f"{SessionClosed.__name__}: ")
    assert "this process is a fork, and the session stayed in its parent" in said


def test_a_fork_reads_what_had_come() -> None:
    session = Printing()
    session.prints(b"ready\n")

    def read() -> list[str]:
        records, lines = session.records(follow=True), session.stdout.lines(follow=True)
        return [session.expect("ready").group(), next(records).text, next(lines)]

    assert answer_of_a_fork(read) == repr(["ready"] * 3)


def test_a_session_that_had_ended_is_the_same_in_a_fork() -> None:
    session = Printing()
    session.prints(b"done\n")
    session.ends(State.EXITED)
    assert answer_of_a_fork(lambda: [r.text for r in session.records(follow=True)]) == "['done']"
    assert answer_of_a_fork(session.join) == repr(State.EXITED)


def test_a_fork_needs_no_lock_that_another_thread_had(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hyper_jupyter.session.io.forks._PATIENCE", 0.0)
    session = client_for("local:").run("default", ["sh", "-c", "echo ready; read x"], stdin=True)
    session.expect("ready")
    locks = [
        session.journal.lock,
        session._lifecycle.lock,
        kept_connections._kept_lock,
    ]
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with contextlib.ExitStack() as stack:
            for lock in locks:
                stack.enter_context(lock)
            held.set()
            assert done.wait(PATIENCE)

    holder = threading.Thread(target=hold)
    holder.start()
    assert held.wait(PATIENCE)

    def use() -> list[object]:
        session.detach()
        return [session.stdout[:], "detached" in repr(session), session.marks, session.sizes.all]

    try:
        said = answer_of_a_fork(use)
    finally:
        done.set()
        holder.join()
    assert said == repr([b"ready\n", True, (), ()])
    session.close(force=True)
