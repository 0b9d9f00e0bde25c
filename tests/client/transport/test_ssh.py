"""Connections through an ssh command, which here is one that a test wrote."""

from __future__ import annotations

import select
import socket
import time
from dataclasses import replace
from pathlib import Path

import pytest

from hyper_jupyter.client import Deadline, Endpoint
from hyper_jupyter.client.transport.dial import dial
from hyper_jupyter.client.transport.ssh import SshSocket, command
from hyper_jupyter.exceptions import ConnectionFailed, ProtocolError
from tests.client.conftest import Ssh, client_of
from tests.client.servers import ScriptedServer, descriptors
from tests.conftest import children
from tests.ssh import RELAY

SHORT = 0.3


def test_calls_go_through_it(ssh: Ssh, folder: Path) -> None:
    ssh(RELAY)
    with ScriptedServer(folder / "s") as server:
        client = client_of(f"ssh://me@box{folder}/s")
        assert client.engine_version == "26.1.5"
        assert client.host == f"ssh://me@box{folder}/s"
        assert [request.line for request in server.requests] == [
            "GET /_ping HTTP/1.1", "GET /version HTTP/1.1"
        ]  # fmt: skip
        assert server.requests[0].headers["host"] == "localhost"


def test_a_half_close_is_the_end_of_its_input_and_the_rest_is_read(ssh: Ssh, folder: Path) -> None:
    ssh(RELAY)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / "s"))
        listener.listen()
        with dial(Endpoint.parse(f"ssh://box{folder}/s"), Deadline(10)) as ours:
            theirs, _ = listener.accept()
            with theirs:
                ours.sendall(b"in")
                ours.shutdown(socket.SHUT_WR)
                assert theirs.recv(100) == b"in"
                assert theirs.recv(100) == b""
                theirs.sendall(b"out")
            assert ours.recv(100) == b"out"
            assert ours.recv(100) == b""


def test_its_command_line_has_nothing_of_the_shell_s_in_it() -> None:
    endpoint = Endpoint.parse("ssh://me@box:2222/run/a b;c.sock")
    assert command(endpoint, 4.2) == [
        "ssh", "-T", "-o", "BatchMode=yes", "-o", "ConnectTimeout=5", "-o", "ControlMaster=no",
        "-o", "ServerAliveInterval=15", "-o", "ServerAliveCountMax=3",
        "-p", "2222", "-l", "me", "--", "box",
        "docker --host 'unix:///run/a b;c.sock' system dial-stdio",
    ]  # fmt: skip
    assert command(Endpoint.parse("ssh://box"), None)[-3:] == [
        "--", "box", "docker system dial-stdio"
    ]  # fmt: skip


def test_podman_s_sockets_are_reached_by_podman_s_command_with_the_key_of_its_connection() -> None:
    endpoint = Endpoint.parse("ssh://me@box/run/user/1000/podman/podman.sock")
    assert command(replace(endpoint, identity="/home/me/key"), None)[-5:] == [
        "-i", "/home/me/key", "--", "box",
        "podman --url unix:///run/user/1000/podman/podman.sock system dial-stdio",
    ]  # fmt: skip
    assert "-i" not in command(endpoint, None)


def test_what_has_to_work_is_said_with_the_command_that_is_run(ssh: Ssh) -> None:
    ssh("exit 7")
    with pytest.raises(ConnectionFailed) as caught:
        client_of("ssh://box/run/podman/podman.sock")
    assert "ssh HOST podman system dial-stdio" in caught.value.hint


@pytest.mark.parametrize("read", ["", "cat > /dev/null & "])
def test_what_it_says_before_it_ends_is_the_error(ssh: Ssh, read: str) -> None:
    words = "Warning: x\\nme@box: Permission \\033[31mdenied (publickey).\\n\\n"
    ssh(f"{read}printf '{words}' >&2; exit 255")
    with pytest.raises(ConnectionFailed) as caught:
        client_of("ssh://me@box")
    assert str(caught.value) == (
        "no connection to ssh://me@box: me@box: Permission [31mdenied (publickey)."
    )
    assert "docker system dial-stdio" in caught.value.hint


def test_one_that_says_nothing_is_told_by_its_status(ssh: Ssh) -> None:
    ssh("exit 7")
    with pytest.raises(ConnectionFailed, match="ssh ended with status 7"):
        client_of("ssh://box")


def test_one_that_hangs_ends_at_the_timeout_and_leaves_no_child(ssh: Ssh) -> None:
    ssh("trap '' TERM; while :; do sleep 0.05; done")
    there, before, files = children(), time.monotonic(), descriptors()
    with pytest.raises(ConnectionFailed, match=r"no answer from ssh://box within 0\.3 s"):
        client_of("ssh://box", timeout=SHORT)
    assert time.monotonic() - before < SHORT + 3
    assert children() <= there
    assert descriptors() <= files


def test_one_that_floods_its_errors_costs_a_bounded_text(ssh: Ssh) -> None:
    ssh("head -c 3000000 /dev/zero | tr '\\0' x >&2; exit 1")
    with pytest.raises(ConnectionFailed) as caught:
        client_of("ssh://box")
    assert len(str(caught.value)) < 700


def test_without_an_ssh_command_it_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    files = descriptors()
    with pytest.raises(ConnectionFailed, match="the ssh command could not be started") as caught:
        client_of("ssh://box")
    assert "OpenSSH" in caught.value.hint
    assert descriptors() == files


def test_its_child_ends_with_the_connection(ssh: Ssh) -> None:
    ssh("exec sleep 60")
    connection = dial(Endpoint.parse("ssh://box"), Deadline(10))
    assert isinstance(connection, SshSocket)
    process = connection._process
    assert process is not None
    assert process.poll() is None
    connection.close()
    assert process.returncode is not None


@pytest.mark.parametrize(
    ("printed", "shown"),
    [
        ("Welcome to box!\\nLast login: today\\n", "'Welcome to box!'"),
        ("\\033[1mHi\\033[0m\\n", "'[1mHi [0m'"),
        ("\\n\\nWelcome\\n", "text"),
        ("no newline before it: ", "'no newline before it: HTTP/1.1 200 OK'"),
    ],
    ids=["lines", "colours", "empty lines", "half a line"],
)
def test_what_the_shell_there_prints_first_is_shown_and_where_that_comes_from(
    ssh: Ssh, folder: Path, printed: str, shown: str
) -> None:
    with ScriptedServer(folder / "s"):
        ssh(f"printf '{printed}'; exec {folder}/relay \"$@\"")
        relay = folder / "relay"
        relay.write_text(RELAY)
        relay.chmod(0o755)
        with pytest.raises(ProtocolError) as caught:
            client_of(f"ssh://box{folder}/s")
    said = str(caught.value)
    assert said.startswith(f"{shown} came from ssh://box{folder}/s before the engine's answer")
    for name in ("~/.bashrc", "~/.zshenv", "ssh HOST true"):
        assert name in caught.value.hint


def test_whether_more_may_come_on_its_stderr_is_known(ssh: Ssh) -> None:
    ssh("echo oops >&2; exec 2>&-; exec sleep 60")
    connection = dial(Endpoint.parse("ssh://box"), Deadline(10))
    assert isinstance(connection, SshSocket)
    for _ in range(3):  # some words and an end
        assert select.select([connection.errors], [], [], 10)[0]
        if not connection.read_stderr():
            break
    assert not connection.read_stderr()
    assert not connection.has_ended()
    assert connection._stderr_tail == b"oops\n"
    connection.close()
    assert not connection.read_stderr()


def test_an_ssh_that_says_nothing_may_say_something_yet(ssh: Ssh) -> None:
    ssh("exec sleep 60")
    with dial(Endpoint.parse("ssh://box"), Deadline(10)) as connection:
        assert isinstance(connection, SshSocket)
        assert connection.read_stderr()
