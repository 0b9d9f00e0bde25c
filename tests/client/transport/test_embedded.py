"""The embedded engine's life: one for each process, and never longer than it."""

from __future__ import annotations

import errno
import os
import signal
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hyper_jupyter.client import Deadline, EngineClient
from hyper_jupyter.client.transport import embedded
from hyper_jupyter.client.transport.embedded import (
    EmbeddedEngine,
    embedded_engine,
    stop_embedded_engine,
)
from hyper_jupyter.exceptions import ConnectionFailed, NotFound
from tests.client.conftest import client_of
from tests.client.kernels import WITH_CONTAINER, Kernel, assert_gone
from tests.client.servers import descriptors, is_running
from tests.engine.driver import until


@pytest.fixture(autouse=True)
def no_engine_before_and_after() -> Iterator[None]:
    stop_embedded_engine()
    yield
    stop_embedded_engine()


@pytest.fixture
def runtime_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the engine's own folder is made."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    return folder


def running() -> EmbeddedEngine:
    assert embedded._running is not None
    return embedded._running


# -- one for each process ------------------------------------------------------------------


def test_local_starts_the_engine_and_speaks_to_it() -> None:
    client = client_of("local:")
    assert (client.engine, client.host, client.default_image) == ("embedded", "local:", "host")
    container = client.create("default", ["sh", "-c", "exit 7"])
    client.start(container)
    assert client.wait(container, timeout=10) == 7


def test_all_clients_of_a_process_share_one_engine() -> None:
    with ThreadPoolExecutor(4) as pool:
        engines = list(pool.map(lambda _: embedded_engine(Deadline(20)), range(4)))
    assert len(set(map(id, engines))) == 1
    first, second = client_of("local:"), client_of("local:")
    container = first.create("default", ["true"])
    assert [known.id for known in second.containers()] == [container]
    assert running() is engines[0]


def test_it_is_started_again_when_it_died_and_nothing_of_the_dead_one_is_left(
    runtime_folder: Path,
) -> None:
    client_of("local:")
    before = descriptors()
    dead = running()
    os.kill(dead.process.pid, signal.SIGKILL)
    dead.process.wait(10)
    assert not dead.is_alive()
    client_of("local:")
    alive = running()
    assert alive.process.pid != dead.process.pid
    assert alive.is_alive()
    assert [str(path / "engine.sock") for path in runtime_folder.iterdir()] == [alive.socket_path]
    assert descriptors() == before


def test_a_client_whose_engine_died_starts_another_one_and_says_so_in_one_line(
    caplog: pytest.LogCaptureFixture,
) -> None:
    client, other = client_of("local:"), client_of("local:")
    container = client.create("default", ["sleep", "1000"])
    running().process.kill()
    running().process.wait(10)
    assert client.containers() == other.containers() == []
    with pytest.raises(NotFound):
        client.start(container)
    assert running().is_alive()
    assert [record.getMessage() for record in caplog.records] == [embedded._RESTARTED]
    assert "\n" not in embedded._RESTARTED


def test_a_call_in_which_the_engine_dies_says_so() -> None:
    client = client_of("local:")
    container = client.create("default", ["sleep", "1000"])
    client.start(container)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(client.wait, container)
        until(lambda: client.inspect(container)["State"]["Running"], "the start")
        running().process.kill()
        with pytest.raises(ConnectionFailed, match="the embedded engine has ended") as caught:
            waiting.result(20)
    assert "The next call starts a new engine" in caught.value.hint
    with pytest.raises(ConnectionFailed, match="the embedded engine has ended"):
        client.open("GET", "/events")  # a stream belongs to what was there
    assert client.containers() == []


@pytest.mark.parametrize("stopped", [True, False])
def test_a_call_that_is_not_answered_names_the_process(
    stopped: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_of("local:")
    client.timeout = 0.5
    pid = running().process.pid
    if not stopped:
        monkeypatch.setattr(embedded, "_is_stopped", lambda _: False)
    os.kill(pid, signal.SIGSTOP)
    try:
        until(lambda: not stopped or embedded._is_stopped(pid), "the stop")
        with pytest.raises(ConnectionFailed, match="no answer from local: within") as caught:
            client.containers()
    finally:
        os.kill(pid, signal.SIGCONT)
    what = f"is stopped: kill -CONT {pid} lets it go on" if stopped else "does not answer"
    assert f"The embedded engine (process {pid}) {what}" in caught.value.hint
    assert not embedded._is_stopped(pid)
    assert not embedded._is_stopped(2**31 - 1)


def test_stop_ends_it_with_its_containers_and_its_folder(runtime_folder: Path) -> None:
    before = descriptors()
    client: EngineClient = client_of("local:")
    container = client.create("default", ["sleep", "1000"])
    client.start(container)
    process = client.inspect(container)["State"]["Pid"]
    engine = running()
    stop_embedded_engine()
    assert engine.process.returncode == 0
    assert not is_running(process)
    assert list(runtime_folder.iterdir()) == []
    assert descriptors() == before
    engine.stop()
    stop_embedded_engine()


def test_an_engine_that_does_not_listen_to_sigterm_is_killed(
    monkeypatch: pytest.MonkeyPatch, runtime_folder: Path
) -> None:
    monkeypatch.setattr(embedded, "_STOP_SECONDS", 0.2)
    client_of("local:")
    engine = running()
    os.kill(engine.process.pid, signal.SIGSTOP)
    stop_embedded_engine()
    assert engine.process.returncode == -signal.SIGKILL
    assert list(runtime_folder.iterdir()) == []


def test_a_ctrl_c_at_the_terminal_is_not_for_the_engine() -> None:
    client_of("local:")
    assert os.getsid(running().process.pid) == running().process.pid


@pytest.mark.parametrize("value", ["", "/missing/folder"])
def test_without_a_runtime_folder_it_is_in_the_temporary_one(
    value: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", value)
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    client_of("local:")
    assert Path(running().socket_path).parent.parent == folder


# -- where it does not start ---------------------------------------------------------------


def program(folder: Path, script: str) -> str:
    path = folder / "python"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o700)
    return str(path)


@pytest.mark.parametrize(
    ("script", "message", "timeout"),
    [
        ("echo first >&2; echo 'no such module' >&2; exit 1", "did not start: no such module$", 20),
        ("exit 1", "did not start, and gave no reason$", 20),
        ("echo wrong; exec sleep 1000", "did not start, and gave no reason$", 20),
        ("printf rea; exec sleep 1000", "did not start in time$", 0.5),
    ],
)
def test_an_engine_that_does_not_start_is_a_failed_connection_and_leaves_nothing(
    script: str,
    message: str,
    timeout: float,
    runtime_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = descriptors()
    monkeypatch.setattr(sys, "executable", program(runtime_folder, script))
    with pytest.raises(ConnectionFailed, match=rf"the embedded engine {message}"):
        client_of("local:", timeout=timeout)
    assert [path.name for path in runtime_folder.iterdir()] == ["python"]
    assert descriptors() == before
    assert embedded._running is None


def test_an_interpreter_that_is_gone_is_a_failed_connection_too(
    runtime_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = descriptors()
    monkeypatch.setattr(sys, "executable", str(runtime_folder / "missing"))
    with pytest.raises(ConnectionFailed, match="the embedded engine could not be started"):
        client_of("local:")
    assert list(runtime_folder.iterdir()) == []
    assert descriptors() == before


def test_a_full_disk_is_named(runtime_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(**_: object) -> str:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(embedded.tempfile, "mkdtemp", full)
    with pytest.raises(ConnectionFailed, match="No space left on device") as caught:
        client_of("local:")
    assert caught.value.hint == f"The disk of {runtime_folder} is full: free some space there."


# -- never longer than its process ---------------------------------------------------------


def test_a_kernel_that_ends_takes_it_along(folder: Path) -> None:
    with Kernel(WITH_CONTAINER + "sys.stdin.read()", folder) as kernel:
        facts = kernel.line()
        assert is_running(facts["engine"])
        assert is_running(facts["process"])
        assert kernel.end() == 0
        assert not is_running(facts["engine"])
        assert not is_running(facts["process"])
        assert not Path(facts["socket"]).parent.exists()


def test_a_kernel_that_is_killed_takes_it_along(folder: Path) -> None:
    with Kernel(WITH_CONTAINER + "sys.stdin.read()", folder) as kernel:
        facts = kernel.line()
        assert is_running(facts["engine"])
        kernel.process.kill()
        assert_gone(facts)


FORK = """
child = os.fork()
if not child:
    import time
    time.sleep(1000)
print(json.dumps({"child": child}))
sys.stdout.flush()
sys.stdin.read()
"""


def test_a_fork_of_a_killed_kernel_does_not_keep_it_alive(folder: Path) -> None:
    with Kernel(WITH_CONTAINER + FORK, folder) as kernel:
        facts = kernel.line()
        child = kernel.line()["child"]
        try:
            kernel.process.kill()
            assert_gone(facts)
            assert is_running(child)
        finally:
            os.kill(child, signal.SIGKILL)
            until(lambda: not is_running(child), "the end of the fork")


FORK_THAT_ENDS = """
client = connect()
report(client)
child = os.fork()
if not child:
    sys.exit(0)
os.waitpid(child, 0)
report(client, alive=embedded._running.is_alive(), containers=client.containers())
sys.stdin.read()
"""


def test_a_fork_that_ends_leaves_the_kernel_s_engine_alone(folder: Path) -> None:
    with Kernel(FORK_THAT_ENDS, folder) as kernel:
        first, second = kernel.line(), kernel.line()
        assert second == first | {"alive": True, "containers": []}
        assert Path(first["socket"]).exists()
        assert kernel.end() == 0


FORK_THAT_CONNECTS = """
client = connect()
report(client)
child = os.fork()
report(connect(), child=not child)
if not child:
    sys.exit(0)
os.waitpid(child, 0)
client.containers()
sys.stdin.read()
"""


def test_a_fork_that_connects_gets_an_engine_of_its_own(folder: Path) -> None:
    with Kernel(FORK_THAT_CONNECTS, folder) as kernel:
        first = kernel.line()
        later = [kernel.line(), kernel.line()]
        [parent] = [facts for facts in later if not facts["child"]]
        [child] = [facts for facts in later if facts["child"]]
        assert parent["engine"] == first["engine"]
        assert child["engine"] != first["engine"]
        assert_gone(child)
        assert is_running(first["engine"])
        assert kernel.end() == 0
        assert_gone(first)


FROM_SYS_PATH = """
import subprocess
sys.path[:] = [path for path in sys.path if path]
del os.environ["PYTHONPATH"]
report(connect(), inherited=os.environ.get("PYTHONPATH"))
"""


def test_the_engine_is_found_where_only_sys_path_has_the_package(folder: Path) -> None:
    with Kernel(FROM_SYS_PATH, folder) as kernel:
        assert kernel.line()["inherited"] is None
        assert kernel.end() == 0
