"""Children of the engine, each test in a process of its own; ``reaping.py`` has what they do."""

from __future__ import annotations

import os
import select
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from hyper_jupyter.engine.program import descendants as module
from tests.engine.driver import TIMEOUT
from tests.engine.program import reaping
from tests.engine.program.alone import alone

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs /proc and subreapers")


@pytest.mark.parametrize(
    "function",
    [
        reaping.exits_are_reported,
        reaping.orphans_are_adopted,
        reaping.members_are_found,
        reaping.descendants_are_killed,
        reaping.groups_are_killed,
        reaping.time_is_kept,
    ],
    ids=lambda function: function.__name__,
)
def test_in_a_process_of_its_own(function: Callable[[], None]) -> None:
    done = alone(function)
    assert (done.returncode, done.stderr) == (0, "")


def test_children_die_with_the_engine_even_by_sigkill() -> None:
    done = alone(reaping.children_die_with_us)
    assert (done.returncode, done.stderr) == (-signal.SIGKILL, "")
    try:
        child = os.pidfd_open(int(done.stdout))
    except ProcessLookupError:
        return  # it is gone already
    try:
        assert select.select([child], [], [], TIMEOUT)[0]
    finally:
        os.close(child)


def test_what_is_not_dead_yet_is_killed_again_after_a_pause(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    living, dead = module.Member(5, 1, 5, "S"), module.Member(6, 1, 6, "Z")
    rounds = [[living, dead], [living], [dead]]
    reaped = [(6, 0), (0, 0), (0, 0), (5, 0)]
    killed: list[int] = []
    pauses: list[float] = []

    def waitpid(*_: int) -> tuple[int, int]:
        if not reaped:
            raise ChildProcessError
        return reaped.pop(0)

    system = SimpleNamespace(
        kill=lambda pid, _: killed.append(pid), waitpid=waitpid, getpid=os.getpid, WNOHANG=1
    )
    monkeypatch.setattr(module, "os", system)
    monkeypatch.setattr(
        module, "time", SimpleNamespace(monotonic=time.monotonic, sleep=pauses.append)
    )
    monkeypatch.setattr(module, "_descendants", lambda _: rounds.pop(0))
    module.kill_descendants([], within=1000.0)
    assert (killed, len(pauses)) == ([5, 5], 2)


# -- /proc, as a test writes it --------------------------------------------------------------


def write_process(
    root: Path, pid: int, parent: int, name: str = "sh", state: str = "S", *, children: str = ""
) -> None:
    folder = root / str(pid)
    (folder / "task" / str(pid)).mkdir(parents=True)
    (folder / "stat").write_text(f"{pid} ({name}) {state} {parent} {pid} 77 0 -1\n")
    (folder / "task" / str(pid) / "children").write_text(children)


def test_a_name_may_have_anything_in_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(module, "_PROC", tmp_path)
    write_process(tmp_path, 5, 4, "a) R 1 2 (b")
    assert module._stat(5) == module.Member(5, 4, 77, "S")
    assert module._stat(6) is None


def test_descendants_come_behind_their_parents_and_each_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(module, "_PROC", tmp_path)
    write_process(tmp_path, 1, 0, children="2 3 ")
    write_process(tmp_path, 2, 1, children="4 9 ")  # 9 has ended meanwhile
    write_process(tmp_path, 3, 1, children="4 ")  # 4 was adopted while we looked
    write_process(tmp_path, 4, 2)
    assert [member.pid for member in module._descendants(1)] == [2, 3, 4]


def test_where_the_kernel_lists_no_children_all_processes_are_looked_at(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(module, "_PROC", tmp_path)
    for pid, parent in ((1, 0), (2, 1), (3, 2), (4, 1)):
        write_process(tmp_path, pid, parent)
        (tmp_path / str(pid) / "task" / str(pid) / "children").unlink()
    (tmp_path / "meminfo").touch()
    assert sorted(member.pid for member in module._descendants(1)) == [2, 3, 4]


def test_a_process_that_is_gone_has_no_children_and_nobody_looks_further(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(module, "_PROC", tmp_path)
    write_process(tmp_path, os.getpid(), 0)
    (tmp_path / "self").symlink_to(str(os.getpid()))
    write_process(tmp_path, 3, 2)
    assert module.children_of(2) == []
