"""Sessions of an engine whose disk is short of space: a marked gap, and they go on."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from hyper_jupyter.api import Client, client_for
from hyper_jupyter.protocol.gap import GapFinder, gap_mark
from hyper_jupyter.session import Session, State, runtime
from tests.engine.driver import until

PATIENCE = 30.0
PRINTED = 8_000_000

SCARCE = """
import os, sys
from types import SimpleNamespace
from hyper_jupyter.engine.__main__ import main
from hyper_jupyter.engine.program import log
if sys.argv.pop(1) == "scarce":
    log.os.statvfs = lambda _: SimpleNamespace(f_bavail=9, f_blocks=100)
else:
    write = os.pwrite
    def full(*arguments):
        raise OSError(28, "No space left on device")
    os.pwrite = full
log.DISK_CHECK_INTERVAL = 100_000
log.SCARCE_LIMIT = 300_000
log.MEMORY_SEGMENT = 100_000
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture
def client(request: pytest.FixtureRequest) -> Iterator[Client]:
    """A client of an engine whose disk has less than a tenth free, or is full."""
    with tempfile.TemporaryDirectory(prefix="hj-") as folder:
        path = str(Path(folder) / "s")
        process = subprocess.Popen(
            [sys.executable, "-P", "-c", SCARCE, request.param, "--socket", path],
            stdout=subprocess.PIPE,
        )
        assert process.stdout is not None
        with process.stdout as stdout:
            assert stdout.readline() == b"ready\n"
        try:
            yield client_for(f"unix://{path}")
        finally:
            process.terminate()
            process.wait(PATIENCE)


@contextlib.contextmanager
def nothing_is_read() -> Iterator[None]:
    """Hold the I/O thread up: then the engine's output is not taken."""
    held, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        held.set()
        assert go_on.wait(PATIENCE)

    runtime().loop.call_soon(hold)
    assert held.wait(PATIENCE)
    try:
        yield
    finally:
        go_on.set()


def print_much(client: Client, *, tty: bool) -> Session:
    """Attach to a container that prints more than the engine keeps, and then something more."""
    script = (
        f"read x; head -c {PRINTED} /dev/zero | tr '\\0' x; echo; echo whole >&2; read x; echo y"
    )
    container = client.create("default", ["sh", "-c", script], stdin=True, tty=tty)
    client.start(container)
    session = client.attach(container)
    other = client.attach(container)  # another view of the same output
    other.detach()
    session.send_line("go")
    with nothing_is_read():
        # All of it is in the log, or was, when the shell reads again.
        until(lambda: b"whole" in tail(client, container), "the end of the output")
    return session


def tail(client: Client, container: str) -> bytes:
    query = {"stdout": 1, "stderr": 1, "tail": 1}
    return client.call("GET", f"/containers/{container}/logs", query).body


@pytest.mark.parametrize("client", ["scarce", "full"], indirect=True)
@pytest.mark.parametrize("tty", [False, True], ids=["pipes", "tty"])
def test_what_the_disk_cannot_keep_is_marked_counted_and_said(client: Client, tty: bool) -> None:
    session = print_much(client, tty=tty)
    until(lambda: "missing here" in session.stdout.text[-700_000:], "the mark")
    assert session.state is State.ATTACHED
    session.send_line("on")
    assert session.wait(PATIENCE) == 0
    assert (session.state, session.error, session.complete) == (State.EXITED, None, False)
    finder, data = GapFinder(), session.stdout.getvalue()
    assert finder.receive_data(data)
    assert data.rstrip().endswith(b"y")
    if not tty:  # a terminal adds echoes
        mark = len(gap_mark(finder.missing, 1, finder.reason))
        assert finder.missing + len(data) - mark == PRINTED + len(b"\ny\n")
        assert session.stderr.text == "whole\n"
    (warning,) = session.warnings
    assert f"{finder.missing:,} bytes of stdout are missing" in warning
    assert "the disk of " in warning
    assert warning.endswith("Free some space there.")
