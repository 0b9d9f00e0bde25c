"""What users run in a container: how its options reach the session, and what comes back."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, Self

import pytest

from hyper_jupyter.api import Client, CompletedExec
from hyper_jupyter.api import execs as module
from hyper_jupyter.client import ExecOptions
from hyper_jupyter.exceptions import HyperJupyterError, ProcessFailed


class UnconnectedClient(Client):
    """Reaches no engine."""

    def __init__(self) -> None:
        pass


@pytest.fixture
def client() -> Client:
    return UnconnectedClient()


class EndedExec:
    """A session with an exec that has ended."""

    def __init__(self, code: int | None, error: Exception | None = None) -> None:
        self.code, self.error = code, error
        self.stdout = SimpleNamespace(getvalue=lambda: b"out")
        self.stderr = SimpleNamespace(getvalue=lambda: b"err")
        self.stdout.dropped = self.stderr.dropped = 0
        self.complete: bool | None = None
        self.waits: list[tuple[float | None, bool]] = []
        self.left = False
        self.sent: list[Any] = []

    def send(self, data: bytes | str, *, timeout: float | None) -> None:
        self.sent.append((data, timeout))

    def send_eof(self) -> None:
        self.sent.append("eof")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.left = True

    def wait(self, timeout: float | None, *, check: bool) -> int | None:
        self.waits.append((timeout, check))
        return self.code


@pytest.fixture
def execs(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What is run; the first one ends with 3."""
    asked: list[Any] = []
    session = EndedExec(3)

    def start(_client: object, container: str, options: ExecOptions, *, size: Any) -> EndedExec:
        asked.append((container, options, size, session))
        return session

    monkeypatch.setattr(module, "Session", SimpleNamespace(exec=start))
    return asked


def test_an_exec_takes_words_or_a_line_and_an_environment(client: Client, execs: list[Any]) -> None:
    client.exec("web", "sh -c 'echo a b'", tty=True, stdin=True, env={"A": "1"}, size=(5, 6))
    client.exec("web", ("ls", "-l"), user="me", working_dir="/srv", privileged=True)
    first, second = execs
    assert first[0] == "web"
    assert first[1].command == ("sh", "-c", "echo a b")
    assert (first[1].tty, first[1].stdin, list(first[1].env), first[2]) == (
        True, True, ["A=1"], (5, 6),
    )  # fmt: skip
    named = ExecOptions(("ls", "-l"), user="me", working_dir="/srv", env=[], privileged=True)
    assert second[1] == named


@pytest.mark.parametrize("command", ["", [], "'"])
def test_an_exec_without_a_command_is_refused(client: Client, command: Any) -> None:
    with pytest.raises(HyperJupyterError, match="the command"):
        client.exec("web", command)


def test_the_output_of_an_exec_is_returned_and_its_session_left(
    client: Client, execs: list[Any]
) -> None:
    assert client.exec_output("web", "ls", timeout=5) == CompletedExec(b"out", b"err", 3)
    session = execs[0][3]
    assert (session.waits, session.left) == ([(5, False)], True)
    assert not execs[0][1].stdin
    client.exec_output("web", "cat", input="a b", timeout=5)
    assert (execs[1][1].stdin, session.sent) == (True, [("a b", 5), "eof"])
    for dropped, complete in [(1, None), (0, False)]:
        session.stdout.dropped, session.complete = dropped, complete
        with pytest.raises(HyperJupyterError, match="the output is not complete"):
            client.exec_output("web", "ls")
    session.stdout.dropped, session.complete = 0, None
    session.error = ProcessFailed("there is no ls")
    with pytest.raises(ProcessFailed, match="no ls"):
        client.exec_output("web", "ls", check=True)
    assert session.waits[-1] == (None, True)
