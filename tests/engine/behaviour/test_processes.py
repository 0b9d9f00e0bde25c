"""The table of a container's processes and what they use, through the socket."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.driver import Engine, start_engine, until
from tests.engine.processes import DESCENDANTS

PS = """#!/bin/sh
case "$1" in
-ef) echo "UID   PID  PPID CMD"; echo "root    1     0 init all"
     for each in /proc/[0-9]*; do echo "me ${each#/proc/} 1 sh -c some thing"; done ;;
-o) echo "CMD"; echo "sh" ;;
*) echo "bad option" >&2; echo "usage" >&2; exit 1 ;;
esac
"""


@pytest.fixture(scope="module")
def engines() -> Iterator[tuple[Engine, Engine]]:
    """One that finds a ps, and one that finds none."""
    with tempfile.TemporaryDirectory(prefix="hj-") as folder:
        tools = Path(folder) / "bin"
        tools.mkdir()
        (tools / "ps").write_text(PS)
        (tools / "ps").chmod(0o755)
        bare = Path(folder) / "bare"
        bare.mkdir()
        for tool in ("sh", "sleep", "setsid", "cat"):
            found = next(p for d in os.get_exec_path() if (p := Path(d) / tool).exists())
            (bare / tool).symlink_to(found)
        paths = (f"{tools}:{os.environ['PATH']}", str(bare))
        started = [
            start_engine(Path(folder) / f"s{number}", env={**os.environ, "PATH": path})
            for number, path in enumerate(paths)
        ]
        yield started[0], started[1]
        for each in started:
            each.stop()


@pytest.fixture
def with_ps(engines: tuple[Engine, Engine]) -> Iterator[Engine]:
    yield engines[0]
    remove_all(engines[0])


@pytest.fixture
def without_ps(engines: tuple[Engine, Engine]) -> Iterator[Engine]:
    yield engines[1]
    remove_all(engines[1])


def remove_all(engine: Engine) -> None:
    for container in engine.created:
        engine.remove(container)
    engine.created.clear()


# -- top -------------------------------------------------------------------------------------


def test_ps_makes_the_table_and_we_leave_what_is_of_the_container(with_ps: Engine) -> None:
    container = with_ps.sh(DESCENDANTS + "echo up; wait; sleep 1000")
    with_ps.wait_for_log(container, *[b"up\n"] * 6)
    table = with_ps.call("GET", f"/containers/{container}/top").json
    assert table["Titles"] == ["UID", "PID", "PPID", "CMD"]
    assert len(table["Processes"]) >= 6
    assert all(row[0] == "me" and row[3] == "sh -c some thing" for row in table["Processes"])
    first = str(with_ps.inspect(container)["State"]["Pid"])
    assert first in [row[1] for row in table["Processes"]]


def test_arguments_go_to_ps_and_its_error_comes_back(with_ps: Engine) -> None:
    container = with_ps.run("cat", stdin=True)
    for arguments, words in (
        ("-o+cmd", "Couldn't find PID field in ps output"),
        ("-zzz", "ps: bad option"),
    ):
        reply = with_ps.call("GET", f"/containers/{container}/top?ps_args={arguments}")
        assert (reply.status, reply.message) == (500, words)


def test_without_ps_there_is_the_usual_table(without_ps: Engine) -> None:
    container = without_ps.sh("echo up; sleep 1000; :")
    without_ps.wait_for_log(container, b"up\n")
    table = until(lambda: _of_two(without_ps, container), "two processes")
    assert table["Titles"] == ["UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD"]
    shell, child = table["Processes"]
    assert shell[1] == str(without_ps.inspect(container)["State"]["Pid"])
    assert child[2] == shell[1]
    assert (shell[5], shell[6]) == ("?", "00:00:00")
    assert shell[7] == "sh -c echo up; sleep 1000; :"
    reply = without_ps.call("GET", f"/containers/{container}/top?ps_args=aux")
    assert (reply.status, "executable file not found" in reply.message) == (500, True)


def test_a_terminal_has_its_name_in_the_table(without_ps: Engine) -> None:
    container = without_ps.sh("echo up; exec cat", stdin=True, tty=True)
    without_ps.wait_for_log(container, b"up\r\n")
    (row,) = without_ps.call("GET", f"/containers/{container}/top").json["Processes"]
    assert row[5].startswith("pts/")


def test_there_is_no_table_of_what_does_not_run(engine: Engine) -> None:
    container = engine.create("true")
    reply = engine.call("GET", f"/containers/{container}/top")
    assert (reply.status, reply.message) == (409, f"container {container} is not running")


def _of_two(engine: Engine, container: str) -> dict[str, list[list[str]]] | None:
    table: dict[str, list[list[str]]] = engine.call("GET", f"/containers/{container}/top").json
    return table if len(table["Processes"]) == 2 else None


# -- stats -----------------------------------------------------------------------------------

BUSY = "while :; do :; done & echo up; cat"


def test_one_measurement_comes_at_once(engine: Engine) -> None:
    container = engine.sh(BUSY, stdin=True, name="busy")
    engine.wait_for_log(container, b"up\n")
    seen = until(lambda: _with_cpu(engine, container), "processor time")
    assert (seen["id"], seen["name"]) == (container, "/busy")
    assert seen["preread"] == "0001-01-01T00:00:00Z"
    assert seen["precpu_stats"]["cpu_usage"]["total_usage"] == 0
    usage = seen["cpu_stats"]["cpu_usage"]
    assert usage["total_usage"] == usage["usage_in_kernelmode"] + usage["usage_in_usermode"]
    assert seen["cpu_stats"]["system_cpu_usage"] > usage["total_usage"]
    assert seen["cpu_stats"]["online_cpus"] == os.cpu_count()
    assert 100_000 < seen["memory_stats"]["usage"] < seen["memory_stats"]["limit"]
    assert seen["pids_stats"]["current"] >= 2
    kinds = [each["op"] for each in seen["blkio_stats"]["io_service_bytes_recursive"]]
    assert kinds == ["read", "write"]


def test_a_stream_has_the_measurement_before_in_each(engine: Engine) -> None:
    container = engine.sh(BUSY, stdin=True)
    with engine.streaming("GET", f"/containers/{container}/stats") as stream:
        first, second = (json.loads(stream.readline()) for _ in range(2))
    assert second["preread"] == first["read"]
    assert second["precpu_stats"] == first["cpu_stats"]
    assert second["cpu_stats"]["system_cpu_usage"] > first["cpu_stats"]["system_cpu_usage"]
    before, after = (each["cpu_stats"]["cpu_usage"]["total_usage"] for each in (first, second))
    assert after >= before


def test_without_a_stream_there_are_two_measurements_in_one(engine: Engine) -> None:
    container = engine.run("cat", stdin=True)
    seen = engine.call("GET", f"/containers/{container}/stats?stream=0").json
    assert "0001" not in seen["preread"]
    assert seen["precpu_stats"]["system_cpu_usage"] > 0


def test_what_does_not_run_uses_nothing(engine: Engine) -> None:
    container = engine.create("true")
    seen = engine.call("GET", f"/containers/{container}/stats?stream=0").json
    assert (seen["id"], seen["read"]) == (container, "0001-01-01T00:00:00Z")
    assert seen["cpu_stats"]["cpu_usage"]["total_usage"] == 0
    assert (seen["pids_stats"], seen["memory_stats"]) == ({}, {})
    assert engine.call("GET", "/containers/nosuch/stats").status == 404


def test_a_stream_ends_with_its_container(engine: Engine) -> None:
    container = engine.create("true")
    with engine.streaming("GET", f"/containers/{container}/stats") as stream:
        assert json.loads(stream.readline())["id"] == container
        engine.remove(container)
        lines = stream.read().splitlines()
    assert len(lines) < 3


def _with_cpu(engine: Engine, container: str) -> dict[str, dict[str, dict[str, int]]] | None:
    path = f"/containers/{container}/stats?stream=0&one-shot=1"
    seen: dict[str, dict[str, dict[str, int]]] = engine.call("GET", path).json
    return seen if seen["cpu_stats"]["cpu_usage"]["total_usage"] else None
