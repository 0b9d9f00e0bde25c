"""The embedded engine's socket is its user's alone, and takes only so much from anybody."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hyper_jupyter.client.transport import embedded
from hyper_jupyter.client.transport.embedded import stop_embedded_engine
from tests.client.conftest import client_of
from tests.client.conftest import folder as folder  # noqa: PLC0414 - a fixture
from tests.engine.conftest import engine as engine  # noqa: PLC0414 - a fixture
from tests.engine.conftest import running_engine as running_engine  # noqa: PLC0414 - a fixture
from tests.engine.driver import TIMEOUT, Engine


@pytest.fixture
def runtime_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where ``local:`` makes its engine's own folder."""
    stop_embedded_engine()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    yield folder
    stop_embedded_engine()


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-P", "-m", "hyper_jupyter.engine", *arguments],
        capture_output=True, text=True, timeout=TIMEOUT, check=False,
    )  # fmt: skip


def test_the_socket_is_this_user_s_alone(engine: Engine) -> None:
    assert Path(engine.path).stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become somebody else")
def test_other_users_are_refused_even_where_the_socket_is_open(engine: Engine) -> None:
    path = Path(engine.path)
    path.parent.chmod(0o755)
    path.chmod(0o666)
    read, write = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.setuid(65534)
            with socket.socket(socket.AF_UNIX) as connected:
                connected.connect(str(path))
                connected.sendall(b"GET /_ping HTTP/1.0\r\n\r\n")
                os.write(write, b"answer:" + connected.recv(1000))
        except OSError:
            os.write(write, b"refused")
        finally:
            os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as result:
        assert result.read() in (b"refused", b"answer:")
    os.waitpid(child, 0)
    path.chmod(0o600)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to give a folder away")
def test_a_folder_of_another_user_is_refused(folder: Path) -> None:
    os.chown(folder, 65534, 65534)
    refused = run("--socket", str(folder / "s"))
    os.chown(folder, 0, 0)
    assert refused.returncode == 2
    assert "belongs to user 65534" in refused.stderr


def test_the_socket_is_in_a_folder_that_nobody_else_may_enter(runtime_folder: Path) -> None:
    client_of("local:")
    assert embedded._running is not None
    path = Path(embedded._running.socket_path)
    assert path.parent.parent == runtime_folder
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert path.stat().st_mode & 0o777 == 0o600
