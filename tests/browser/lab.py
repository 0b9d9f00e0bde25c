"""A real JupyterLab server and a Chromium that looks at it: for the browser tests and benchmarks.

Knows no pytest: what is missing or does not start is a :class:`Missing` or a :class:`StartFailed`.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]
RESULTS: Final = ROOT / "test-results"
START_TIMEOUT: Final = 40.0
CHROMIUM_FLAGS: Final = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class Missing(Exception):
    """This machine lacks a program or package; the text says which."""


class StartFailed(Exception):
    """JupyterLab did not come up; the text has the end of its log."""


@contextlib.contextmanager
def chromium() -> Iterator[Any]:
    """A headless Chromium of this machine.

    No longer than needed: playwright keeps an event loop running in the caller's thread.

    Raises:
        Missing: there is no playwright, or no Chromium.
    """
    if importlib.util.find_spec("playwright") is None:
        raise Missing("browser tests need the package playwright")
    found = [shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome")]
    program = os.environ.get("HYPER_JUPYTER_TEST_CHROMIUM") or next(filter(None, found), None)
    if program is None:
        raise Missing("browser tests need chromium in the PATH")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=program, args=CHROMIUM_FLAGS)
        yield launched
        launched.close()


@dataclass(frozen=True)
class JupyterLab:
    """A running server."""

    url: str
    folder: Path

    def write(self, name: str, cells: Sequence[str]) -> str:
        """Put a notebook with these code cells into the server's folder."""
        notebook = {
            "cells": [
                {
                    "cell_type": "code",
                    "execution_count": None,
                    "id": f"cell-{number}",
                    "metadata": {},
                    "outputs": [],
                    "source": source,
                }
                for number, source in enumerate(cells)
            ],
            "metadata": {
                "kernelspec": {
                    "display_name": "Python 3",
                    "language": "python",
                    "name": "python3",
                }
            },
            "nbformat": 4,
            "nbformat_minor": 5,
        }
        (self.folder / name).write_text(json.dumps(notebook))
        return name


@contextlib.contextmanager
def start_jupyterlab(
    base: Path, *flags: str, environment: Mapping[str, str] | None = None
) -> Iterator[JupyterLab]:
    """JupyterLab of this interpreter, with no settings but ours, on a free port.

    Args:
        base: an empty folder; every Jupyter folder is made in it.
        flags: more of the server's command line.
        environment: more of the server's environment.

    Raises:
        Missing: there is no JupyterLab.
        StartFailed: it did not answer in time.
    """
    if importlib.util.find_spec("jupyterlab") is None:
        raise Missing("browser tests need the package jupyterlab")
    folder = base / "notebooks"
    folder.mkdir()
    env = {name: value for name, value in os.environ.items() if not name.startswith("JUPYTER")}
    for name in (
        "HOME",
        "JUPYTER_CONFIG_DIR",
        "JUPYTER_DATA_DIR",
        "JUPYTER_RUNTIME_DIR",
        "IPYTHONDIR",
    ):
        env[name] = str(base / name.lower())
        Path(env[name]).mkdir(mode=0o700)
    env.update(environment or {})
    env["JUPYTERLAB_SETTINGS_DIR"] = str(base / "settings")
    env["JUPYTERLAB_WORKSPACES_DIR"] = str(base / "workspaces")
    env["JUPYTER_PLATFORM_DIRS"] = "1"
    env["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), env.get("PYTHONPATH")]))
    # No dialogs about news, no look-ups, no autosave in the middle of a test.
    overrides = Path(env["JUPYTERLAB_SETTINGS_DIR"], "@jupyterlab", "apputils-extension")
    overrides.mkdir(parents=True)
    (overrides / "notification.jupyterlab-settings").write_text(
        json.dumps({"fetchNews": "false", "checkForUpdates": False})
    )
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log_path = base / "server.log"
    with log_path.open("wb") as log:
        server = subprocess.Popen(
            [
                sys.executable, "-m", "jupyter", "lab", "--no-browser", "--allow-root",
                "--ip=127.0.0.1", f"--port={port}", "--port-retries=0",
                f"--ServerApp.root_dir={folder}", "--IdentityProvider.token=",
                "--ServerApp.password=", "--expose-app-in-browser", *flags,
            ],
            env=env, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            start_new_session=True,
        )  # fmt: skip
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_until_ready(server, f"{url}/api/status", log_path)
        yield JupyterLab(url, folder)
    finally:
        _end(server)


def _wait_until_ready(server: subprocess.Popen[bytes], url: str, log: Path) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + START_TIMEOUT
    while time.monotonic() < deadline and server.poll() is None:
        with contextlib.suppress(OSError), opener.open(url, timeout=2) as answer:
            if answer.status == 200:
                return
        time.sleep(0.1)  # polling another process: there is nothing to wait on
    raise StartFailed(f"JupyterLab did not start:\n{log.read_text()[-3000:]}")


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


@dataclass
class NotebookPage:
    """A notebook in JupyterLab, as a user has it before them.

    ``received`` and ``sent`` are the sizes of the websocket frames so far; ``frames`` those
    that came, as bytes.
    """

    page: Any
    lab: JupyterLab
    name: str
    frames: list[bytes] = field(default_factory=list)

    def open(self) -> NotebookPage:
        """Open it (again: then it is a reload) and wait for its kernel."""
        self.page.goto(f"{self.lab.url}/lab/tree/{self.name}?reset")
        self.wait_for_kernel()
        return self

    def reload(self) -> None:
        """Press F5; the kernel lives on."""
        self.page.reload()
        self.wait_for_kernel()

    def wait_for_kernel(self) -> None:
        self.page.wait_for_function(
            """() => {
              const panel = window.jupyterapp?.shell?.currentWidget;
              return ["idle", "busy"].includes(panel?.sessionContext?.session?.kernel?.status);
            }"""
        )

    def execute(self, command: str, *, wait: bool = True) -> None:
        """Run one of JupyterLab's commands, to its end or only start it."""
        self.page.evaluate(
            """([command, wait]) => {
              const done = window.jupyterapp.commands.execute(command);
              return wait ? done.then(() => null) : null;
            }""",
            [command, wait],
        )

    def run_all(self) -> None:
        """Run all cells, without waiting for them."""
        self.execute("notebook:run-all-cells", wait=False)

    def run(self, number: int) -> None:
        """Run one cell, without waiting for it."""
        self.page.evaluate(
            """number => {
              const panel = window.jupyterapp.shell.currentWidget;
              panel.content.activeCellIndex = number;
              panel.content.deselectAll();
              void window.jupyterapp.commands.execute("notebook:run-cell");
            }""",
            number,
        )

    def wait_for_cell(self, number: int, timeout: float = 20.0) -> None:
        """Wait until a cell has run to its end."""
        self.page.wait_for_function(
            """number => {
              const cell = window.jupyterapp.shell.currentWidget.content.widgets[number];
              return cell.model.executionState === "idle" && cell.model.executionCount !== null;
            }""",
            arg=number,
            timeout=timeout * 1000,
        )

    def restart_kernel(self) -> None:
        """Restart the kernel, without the dialog, and wait until it is there again."""
        self.page.evaluate(
            "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()"
        )
        self.wait_for_kernel()

    def reconnect(self) -> None:
        """Drop the websocket to the kernel and make a new one."""
        self.page.evaluate(
            """() => window.jupyterapp.shell.currentWidget
                 .sessionContext.session.kernel.reconnect()"""
        )
        self.wait_for_kernel()

    def close(self) -> None:
        """Close its tab in JupyterLab; the kernel lives on."""
        self.execute("application:close")
        self.page.locator(".jp-NotebookPanel").wait_for(state="detached")

    def open_again(self) -> None:
        """Open it in the same JupyterLab."""
        self.page.evaluate(
            """path => window.jupyterapp.commands
                 .execute("docmanager:open", {path}).then(() => null)""",
            self.name,
        )
        self.wait_for_kernel()

    def in_another_tab(self) -> NotebookPage:
        """The same notebook in a second tab of the browser."""
        return NotebookPage(self.page.context.new_page(), self.lab, self.name).open()

    def set_theme(self, name: str) -> None:
        """Switch JupyterLab's theme and wait until it shows."""
        self.page.evaluate(
            """theme => window.jupyterapp.commands
                 .execute("apputils:change-theme", {theme}).then(() => null)""",
            name,
        )
        self.page.wait_for_function("name => document.body.dataset.jpThemeName === name", arg=name)

    def hide_sidebar(self) -> None:
        """Give the notebook the page's whole width."""
        self.page.evaluate("() => window.jupyterapp.shell.collapseLeft()")

    def cell(self, number: int) -> Any:
        """The cell as a locator."""
        return self.page.locator(".jp-NotebookPanel .jp-Cell").nth(number)

    def save(self) -> str:
        """Save the notebook; returns the text of the file."""
        self.page.evaluate("() => window.jupyterapp.shell.currentWidget.context.save()")
        return (self.lab.folder / self.name).read_text()

    def screenshot(self, name: str) -> Path:
        """Put a picture of the page into test-results."""
        RESULTS.mkdir(exist_ok=True)
        path = RESULTS / f"{name}.png"
        self.page.screenshot(path=path)
        return path
