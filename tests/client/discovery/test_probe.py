"""What is wrong with a socket, found on real ones by a process without rights."""

from __future__ import annotations

import getpass
import grp
import json
import os
import pwd
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import pytest

from hyper_jupyter.client.discovery import probe
from hyper_jupyter.client.discovery.probe import SocketProblem, probe_socket
from tests.client.servers import dead_socket

NOBODY: Final = pwd.getpwnam("nobody")
STRANGE: Final = 65533
"""A group without members."""

# The module alone: importing the package takes half a second, many times.
ASK: Final = """
import grp, json, os, runpy, sys
probe_socket = runpy.run_path(sys.argv[2])["probe_socket"]  # as long as it may read that
path, uid, gid, more, group = json.loads(sys.argv[1])
if os.getuid() == 0:
    os.setgroups(more), os.setgid(gid), os.setuid(uid)
os.environ["LOGNAME"] = "visitor"
if group:
    grp.getgrgid = lambda _: grp.struct_group(group)
print(json.dumps(probe_socket(path)))
"""

root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as another user")


@pytest.fixture
def path(folder: Path) -> Iterator[Path]:
    """A socket that listens, in a folder that every user may enter."""
    folder.chmod(0o755)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / "docker.sock"))
        listener.listen()
        yield folder / "docker.sock"


def asked(
    path: Path, *, groups: tuple[int, ...] = (), entry: tuple[object, ...] | None = None
) -> SocketProblem | None:
    """What a process without rights finds; ``entry`` is what the group's line in its file says."""
    words = json.dumps([str(path), NOBODY.pw_uid, NOBODY.pw_gid, groups, entry])
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", ASK, words, probe.__file__],
        check=True, capture_output=True, text=True, timeout=30,
    )  # fmt: skip
    found = json.loads(done.stdout)
    return None if found is None else SocketProblem(*found)


def test_a_folder_is_no_socket(tmp_path: Path) -> None:
    found = probe_socket(str(tmp_path))
    assert found is not None
    assert found.outcome == "not a socket"


def test_a_socket_that_takes_connections_has_no_fault(path: Path) -> None:
    assert probe_socket(str(path)) is None


def test_an_engine_that_accepts_no_connection_is_not_waited_for(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hyper_jupyter.client.discovery.probe._PROBE_SECONDS", 0.01)
    with socket.socket(socket.AF_UNIX) as listener, ExitStack() as waiting:
        listener.bind(str(folder / "docker.sock"))
        listener.listen(0)
        connected = 0
        while connected == 0:  # until no more of them fit
            client = waiting.enter_context(socket.socket(socket.AF_UNIX))
            client.setblocking(False)
            connected = client.connect_ex(listener.getsockname())
        assert probe_socket(listener.getsockname()) == SocketProblem(
            "accepts no connection", "Its engine does not answer: restart it."
        )


@root
def test_a_socket_that_lets_everybody_in_has_no_fault_for_a_stranger(path: Path) -> None:
    path.chmod(0o666)
    assert asked(path) is None


@root
def test_who_is_not_in_the_socket_s_group_is_told_to_join_it(path: Path) -> None:
    os.chown(path, 0, STRANGE)
    path.chmod(0o660)
    found = asked(path, entry=("crew", "x", STRANGE, []))
    assert found == SocketProblem(
        "permission denied",
        "Join its group: sudo usermod -aG crew visitor, then log in again and restart Jupyter. Or "
        "use a rootless engine.",
    )


@root
def test_who_joined_the_group_after_the_login_is_told_to_log_in_again(path: Path) -> None:
    os.chown(path, 0, STRANGE)
    path.chmod(0o660)
    found = asked(path, entry=("crew", "x", STRANGE, ["visitor"]))
    assert found is not None
    assert found.next_step.startswith(
        "You are in the group crew, but this server was started before that: log out and in"
    )


@root
def test_who_is_in_the_group_gets_in(path: Path) -> None:
    os.chown(path, 0, STRANGE)
    path.chmod(0o660)
    assert asked(path, groups=(STRANGE,)) is None


@root
@pytest.mark.parametrize(("group", "mode"), [(0, 0o660), (STRANGE, 0o600)])
def test_nobody_is_told_to_join_root_s_group_or_one_that_may_not_use_it(
    path: Path, group: int, mode: int
) -> None:
    os.chown(path, 0, group)
    path.chmod(mode)
    found = asked(path, entry=("crew", "x", group, []))
    assert found == SocketProblem(
        "permission denied",
        "Only root may use it: ask them for access, or use a rootless engine.",
    )


def test_an_owner_who_has_taken_the_rights_from_himself(path: Path) -> None:
    if os.geteuid() == 0:
        os.chown(path, NOBODY.pw_uid, NOBODY.pw_gid)
    path.chmod(0)
    owner = NOBODY.pw_name if os.geteuid() == 0 else getpass.getuser()
    found = asked(path)
    assert found is not None
    assert found.next_step.startswith(f"Only {owner} may use it")


def test_a_socket_in_a_folder_that_is_closed_is_told_from_one_whose_group_lacks_us(
    path: Path,
) -> None:
    path.parent.chmod(0o700 if os.geteuid() == 0 else 0)
    try:
        found = asked(path)
    finally:
        path.parent.chmod(0o700)
    owner = pwd.getpwuid(os.geteuid()).pw_name
    assert found == SocketProblem(
        "permission denied",
        f"It is in a folder of {owner} that you may not enter. Use an engine of your own: "
        "rootless Docker, or Podman (systemctl --user start podman.socket).",
    )


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("docker.sock", "Docker is not running: sudo systemctl start docker."),
        (".docker/desktop/docker.sock", "Docker Desktop is not running: start it."),
    ],
)
def test_a_stopped_engine_and_a_stopped_desktop_are_told_from_a_missing_right(
    folder: Path, place: str, words: str
) -> None:
    folder.chmod(0o755)
    where = folder / place
    where.parent.mkdir(parents=True, exist_ok=True)
    assert asked(where) == SocketProblem("not there", words)
    dead_socket(where).chmod(0o666)
    assert asked(where) == SocketProblem("nothing listens", words)


def test_a_group_without_a_name_is_no_reason_to_fail(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(_: int) -> grp.struct_group:
        raise KeyError

    def refuse(*_: object) -> None:
        raise PermissionError

    path.chmod(0o660)
    monkeypatch.setattr(grp, "getgrgid", missing)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert probe_socket(str(path)) == SocketProblem(
        "permission denied",
        "Ask the engine's administrator for access to its socket, or use a rootless engine.",
    )


@pytest.mark.parametrize("path", ["/" + "x" * 200, "/a\0b", "/proc/self/mem/x", "/etc/passwd"])
def test_what_can_be_no_socket_is_a_fault_too(path: str) -> None:
    found = probe_socket(path)
    assert found is not None
    assert found.outcome
