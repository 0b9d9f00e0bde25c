"""The engine's own process: how it starts, how it ends, and that nothing outlives it."""

from __future__ import annotations

import os
import resource
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.engine import driver
from tests.engine.driver import TIMEOUT, Engine, demultiplex, until
from tests.engine.processes import DESCENDANTS, exits_of, processes_of

FAMILY = DESCENDANTS + "trap '' TERM HUP INT; echo up; while :; do sleep 1000; done"


STARTED: list[Engine] = []


def start_engine(path: Path, *arguments: str, **options: Any) -> Engine:
    STARTED.append(driver.start_engine(path, *arguments, **options))
    return STARTED[-1]


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    short = Path(f"/tmp/hj-{os.getpid()}-{tmp_path.name[-12:]}")  # tmp_path may be too long
    short.mkdir(mode=0o700)
    yield short
    while STARTED:  # a test that failed may have left it running
        process = STARTED.pop().process
        assert process is not None
        process.terminate()
        process.wait(TIMEOUT)
    for left in short.iterdir() if short.exists() else ():
        left.unlink()
    if short.exists():
        short.rmdir()


def with_family(engine: Engine, *, tty: bool = False) -> str:
    container = engine.create("sh", "-c", FAMILY, tty=tty, stdin=True)
    stream = engine.attach(container)
    engine.start(container)
    stream.read_until(b"up", times=6)
    engine.hang_up()
    assert len(processes_of(container)) >= 6
    return container


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-P", "-m", "hyper_jupyter.engine", *arguments],
        capture_output=True, text=True, timeout=TIMEOUT, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_and_everything(folder: Path, number: int) -> None:
    engine = start_engine(folder / "s")
    containers = [with_family(engine), with_family(engine, tty=True)]
    assert engine.process is not None
    engine.process.send_signal(number)
    assert engine.process.wait(TIMEOUT) == 0
    assert [processes_of(container) for container in containers] == [[], []]
    assert list(folder.iterdir()) == []


def test_it_ends_although_clients_are_connected_and_stalled(folder: Path) -> None:
    engine = start_engine(folder / "s")
    container = engine.sh("while :; do head -c 1000000 /dev/zero; done")
    stream = engine.attach(container)
    stream.read_until(b"\0")
    assert engine.stop() == 0
    assert processes_of(container) == []
    engine.hang_up()


def test_the_end_of_the_lifeline_ends_everything_and_the_private_folder(folder: Path) -> None:
    read, write = os.pipe()
    engine = start_engine(folder / "s", "--lifeline", str(read), pass_fds=(read,))
    os.close(read)
    container = with_family(engine)
    os.close(write)
    assert engine.process is not None
    assert engine.process.wait(TIMEOUT) == 0
    assert processes_of(container) == []
    assert not folder.exists()


OWNER = """
import os, subprocess, sys, time
read, write = os.pipe()
engine = subprocess.Popen(
    [sys.executable, "-P", "-m", "hyper_jupyter.engine", "--socket", sys.argv[1],
     "--lifeline", str(read), *sys.argv[2:]], pass_fds=(read,))
os.close(read)
if os.environ.get("FORKED"):
    os.set_inheritable(write, True)
    subprocess.Popen(["sleep", "20"], close_fds=False, stdout=subprocess.DEVNULL)
time.sleep(1000)
"""


@pytest.mark.parametrize("forked", [False, True], ids=["alone", "with a fork that holds the pipe"])
def test_killing_the_owner_leaves_nothing(folder: Path, forked: bool) -> None:
    parent = ["--parent", "OWNER"] if forked else []
    script = OWNER.replace(
        "*sys.argv[2:]", '*(["--parent", str(os.getpid())] if sys.argv[2:] else [])'
    )
    environment = {**os.environ, **({"FORKED": "1"} if forked else {})}
    owner = subprocess.Popen(
        [sys.executable, "-P", "-c", script, str(folder / "s"), *parent],
        stdout=subprocess.PIPE, env=environment, start_new_session=True,
    )  # fmt: skip
    assert owner.stdout is not None
    try:
        with owner.stdout as stdout:
            assert stdout.readline() == b"ready\n"
            container = with_family(Engine(str(folder / "s")))
            owner.kill()
            owner.wait(TIMEOUT)
            assert select.select([stdout], [], [], TIMEOUT)[0], "the engine has not ended"
            assert stdout.read() == b""
        assert processes_of(container) == []
        assert not folder.exists()
    finally:
        if forked:
            os.killpg(owner.pid, signal.SIGKILL)


STRAYS = (
    "(env -i setsid sh -c 'echo up; exec >&- 2>&- <&-; exec sleep 1000' &); "
    "env -i sh -c 'echo up; exec >&- 2>&- <&-; exec sleep 1000' & "
)
"""Two that neither a descriptor nor the environment shows, and one of them no session."""


def children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def descendants(pid: int) -> list[int]:
    return [each for child in children(pid) for each in (child, *descendants(child))]


def with_strays(engine: Engine, *, tty: bool = False) -> list[int]:
    """Start a container with all kinds of processes; return those of the engine."""
    container = engine.create("sh", "-c", STRAYS + FAMILY, tty=tty, stdin=True)
    stream = engine.attach(container)
    engine.start(container)
    stream.read_until(b"up", times=8)
    engine.hang_up()
    assert engine.process is not None
    return descendants(engine.process.pid)


@pytest.mark.skipif(sys.platform != "linux", reason="needs a spawner")
@pytest.mark.parametrize("tty", [False, True])
@pytest.mark.parametrize("whole", [False, True], ids=["it alone", "its process group"])
def test_killing_the_engine_itself_kills_all_that_its_containers_ever_started(
    folder: Path, whole: bool, tty: bool
) -> None:
    engine = start_engine(folder / "s", start_new_session=True)
    assert engine.process is not None
    family = with_strays(engine, tty=tty)
    assert len(family) >= 9
    with exits_of(family):  # none of them prints anything any more
        if whole:
            os.killpg(engine.process.pid, signal.SIGKILL)
        engine.process.kill()
        engine.process.wait(TIMEOUT)


@pytest.mark.skipif(sys.platform != "linux", reason="needs a spawner")
def test_killing_a_stopped_engine_leaves_nothing_either(folder: Path) -> None:
    engine = start_engine(folder / "s")
    assert engine.process is not None
    family = with_strays(engine)
    engine.process.send_signal(signal.SIGSTOP)
    with exits_of(family):
        engine.process.kill()
        engine.process.wait(TIMEOUT)


@pytest.mark.skipif(sys.platform != "linux", reason="needs a spawner")
def test_containers_end_with_the_spawner_and_the_next_one_gets_another(folder: Path) -> None:
    engine = start_engine(folder / "s")
    assert engine.process is not None
    (spawner,) = children(engine.process.pid)
    container = with_family(engine)  # by then the spawner has its name
    assert Path(f"/proc/{spawner}/comm").read_text() == "hyper-spawner\n"
    family = processes_of(container)
    with exits_of(family):
        os.kill(spawner, signal.SIGKILL)
        assert engine.wait(container) == 137
    assert engine.wait(engine.sh("exit 7")) == 7
    assert children(engine.process.pid) != [spawner]
    assert engine.stop() == 0


@pytest.mark.skipif(sys.platform != "linux", reason="needs a spawner")
def test_orphans_and_programs_that_have_ended_leave_no_zombie(folder: Path) -> None:
    engine = start_engine(folder / "s")
    assert engine.process is not None
    (spawner,) = children(engine.process.pid)
    container = engine.sh("(setsid sh -c 'sleep 0.01' &); (true &); echo up; read x", stdin=True)
    engine.wait_for_log(container, b"up")
    until(lambda: len(children(spawner)) == 1, "the end of the orphans")
    stream = engine.attach(container)
    stream.send(b"x\n")
    assert engine.wait(container) == 0
    engine.hang_up()
    until(lambda: not children(spawner), "the end of the program")


def test_a_parent_that_has_ended_already_ends_it(folder: Path) -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    assert run("--socket", str(folder / "s"), "--parent", str(gone.pid)).returncode == 0
    assert list(folder.iterdir()) == []


def test_a_stale_socket_is_replaced_and_a_live_one_is_not(folder: Path) -> None:
    path = folder / "s"
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(str(path))
    engine = start_engine(path)
    second = run("--socket", str(path))
    assert (second.returncode, second.stdout) == (2, "")
    assert "in use by another engine" in second.stderr
    assert engine.call("GET", "/_ping").status == 200
    assert engine.stop() == 0


def test_places_where_it_cannot_listen_are_refused_in_one_line(folder: Path) -> None:
    (folder / "file").write_text("kept")
    for path in (folder / "file", folder / "none" / "s", folder / ("x" * 200)):
        refused = run("--socket", str(path))
        assert refused.returncode == 2
        assert refused.stderr.startswith("hyper engine: ")
        assert refused.stderr.count("\n") == 1
    assert (folder / "file").read_text() == "kept"


def test_signals_that_its_parent_ignored_reach_containers(folder: Path) -> None:
    def ignore() -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    engine = start_engine(folder / "s", preexec_fn=ignore)
    for name, code in (("INT", 130), ("HUP", 129)):
        container = engine.run("sleep", "1000")
        engine.kill(container, name)
        assert engine.wait(container) == code
    assert engine.stop() == 0


def descriptors(pid: int) -> list[str]:
    return sorted(each.name for each in Path(f"/proc/{pid}/fd").iterdir())


def test_containers_get_no_descriptors_of_the_engine(folder: Path) -> None:
    read, write = os.pipe()
    engine = start_engine(folder / "s", "--lifeline", str(read), pass_fds=(read,))
    os.close(read)
    for tty in (False, True):
        container = engine.sh("echo up; while :; do sleep 1000; done", tty=tty)
        engine.wait_for_log(container, b"up")  # then it has closed its libraries
        assert descriptors(engine.inspect(container)["State"]["Pid"]) == ["0", "1", "2"]
    os.close(write)
    assert engine.process is not None
    assert engine.process.wait(TIMEOUT) == 0


def test_it_starts_without_the_rest_of_the_package() -> None:
    program = (
        "import sys, hyper_jupyter.engine.__main__; "
        "print([name for name in ('IPython', 'requests', 'traitlets', 'ipywidgets') "
        "if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


# -- limits ----------------------------------------------------------------------------------


def test_limits_that_this_user_can_set_are_set(engine: Engine) -> None:
    host = {
        "Ulimits": [
            {"Name": "nofile", "Soft": 100, "Hard": 200},
            {"Name": "core", "Soft": 0, "Hard": 0},
        ],
        "OomScoreAdj": 500,
        "SecurityOpt": ["no-new-privileges"],
    }
    script = (
        "ulimit -Sn; ulimit -Hn; ulimit -Hc; cat /proc/self/oom_score_adj;"
        " grep NoNewPrivs /proc/self/status"
    )
    container = engine.sh(f"{script}; echo up; exec cat", stdin=True, host=host)
    engine.wait_for_log(container, b"up\n")
    seen = b"100\n200\n0\n500\nNoNewPrivs:\t1\n"
    assert demultiplex(engine.logs(container))[0] == seen + b"up\n"
    inside = engine.exec_start(engine.exec(container, "sh", "-c", script))
    assert inside.outputs() == (seen, b"")
    assert engine.inspect(container)["HostConfig"]["Ulimits"] == host["Ulimits"]


def test_without_them_nothing_is_set(engine: Engine) -> None:
    container = engine.sh("grep NoNewPrivs /proc/self/status; ulimit -Sn")
    engine.wait(container)
    own = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    assert demultiplex(engine.logs(container))[0] == f"NoNewPrivs:\t0\n{own}\n".encode()
