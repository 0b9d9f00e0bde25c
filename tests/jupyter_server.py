"""A real Jupyter server with every folder of its own, for tests of the extension and in browsers.

It is this interpreter's; nothing of the person's settings reaches it, and its kernels import
this checkout.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[1]
START_TIMEOUT: Final = 40.0
FOLDERS: Final = (
    "HOME",
    "JUPYTER_CONFIG_DIR",
    "JUPYTER_DATA_DIR",
    "JUPYTER_RUNTIME_DIR",
    "IPYTHONDIR",
)


@dataclass(frozen=True)
class Settings:
    """Where a server, its front ends and its kernels have their files: below ``base``."""

    base: Path
    env: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        env = {name: value for name, value in os.environ.items() if not name.startswith("JUPYTER")}
        for name in FOLDERS:
            env[name] = str(self.base / name.lower())
            Path(env[name]).mkdir(mode=0o700, parents=True, exist_ok=True)
        env["JUPYTERLAB_SETTINGS_DIR"] = str(self.base / "settings")
        env["JUPYTERLAB_WORKSPACES_DIR"] = str(self.base / "workspaces")
        env["JUPYTER_PLATFORM_DIRS"] = "1"
        env["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), env.get("PYTHONPATH")]))
        object.__setattr__(self, "env", env)
        (self.base / "notebooks").mkdir(exist_ok=True)

    def run(self, *command: str) -> str:
        """What a ``jupyter`` command says, on either stream; it has to succeed."""
        done = subprocess.run(
            [sys.executable, "-P", "-m", "jupyter", *command],
            env=self.env, cwd=self.base, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, timeout=40,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout
        return done.stdout


@dataclass(frozen=True)
class JupyterServer:
    """A running server."""

    url: str
    folder: Path
    log: Path

    def end_kernels(self) -> None:
        """End all kernels; the server must have been told not to check for a page's cookie."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"{self.url}/api/kernels", timeout=10) as answer:
            kernels = json.load(answer)
        for kernel in kernels:
            request = urllib.request.Request(
                f"{self.url}/api/kernels/{kernel['id']}", method="DELETE"
            )
            with contextlib.suppress(urllib.error.HTTPError), opener.open(request, timeout=20):
                pass


@contextlib.contextmanager
def jupyter_server(
    settings: Settings, *options: str, token: str = "", base: str = ""
) -> Iterator[JupyterServer]:
    """Run a server on a free port of this machine; ``base`` is the path that it is at."""
    folder = settings.base / "notebooks"
    log_path = settings.base / "server.log"
    # Kept for the server, which may share it with one that does not listen: else whoever asks the
    # system for a free port before it listens might get this one.
    with socket.socket() as port_keeper:
        port_keeper.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        port_keeper.bind(("127.0.0.1", 0))
        port = port_keeper.getsockname()[1]
        with log_path.open("wb") as log:
            process = subprocess.Popen(
                [
                    sys.executable, "-P", "-m", "jupyter", "server", "--no-browser", "--allow-root",
                    "--ip=127.0.0.1", f"--port={port}", "--port-retries=0",
                    f"--ServerApp.root_dir={folder}", f"--IdentityProvider.token={token}",
                    "--ServerApp.password=", f"--ServerApp.base_url={base}/", *options,
                ],
                env=settings.env, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        try:
            url = f"http://127.0.0.1:{port}{base}"
            _wait_until_ready(process, f"{url}/api", log_path)
            yield JupyterServer(url, folder, log_path)
        finally:
            _end(process)


def _wait_until_ready(server: subprocess.Popen[bytes], url: str, log: Path) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + START_TIMEOUT
    while time.monotonic() < deadline and server.poll() is None:
        with contextlib.suppress(OSError), opener.open(url, timeout=2) as answer:
            if answer.status == 200:
                return
        time.sleep(0.1)  # polling another process: there is nothing to wait on
    pytest.fail(f"the Jupyter server did not start:\n{log.read_text()[-3000:]}")


def _end(server: subprocess.Popen[bytes]) -> None:
    """End the server, its kernels with it: they are in its session, each in its own group."""
    children = _children(server.pid)
    for sign in (signal.SIGTERM, signal.SIGKILL):
        if server.poll() is None:
            server.send_signal(sign)
            with contextlib.suppress(subprocess.TimeoutExpired):
                server.wait(10)
    for pid in children:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _children(parent: int) -> list[int]:
    found: list[int] = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            pid, rest = path.read_text().split(" ", 1)
            if int(rest.rpartition(")")[2].split()[1]) == parent:
                found += [int(pid), *_children(int(pid))]
    return found
