"""What the tests of the reaper do in processes of their own; see ``test_reaper.py``.

The reaper adopts orphans and collects every child, which pytest's own process must not do. Each
function here is run by itself; it prints nothing and ends with status 0 if all is well.
"""

from __future__ import annotations

import asyncio
import os
import select
import signal
import subprocess
import time
from collections.abc import Callable
from typing import IO

from hyper_jupyter.engine.program.descendants import (
    MARK,
    die_with_parent,
    kill_descendants,
    members_of,
)
from hyper_jupyter.engine.program.reaper import Reaper

STAYS = "echo up; read x <&3"
"""A shell that says that it is there and stays. While a program is being started it has no
environment for a moment, so this one starts no other."""


def line(output: IO[bytes] | None) -> bytes:
    """Read one line of a program: then it is there, and so are its environment and session."""
    assert output is not None
    return output.readline().strip()


def shell(
    script: str, mark: str = "", *, session: bool = False, prepare: Callable[[], None] | None = None
) -> subprocess.Popen[bytes]:
    environment = {**os.environ, MARK: mark} if mark else None
    started = subprocess.Popen(
        ["sh", "-c", f"exec 3<&0; {script}"], env=environment, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, start_new_session=session, preexec_fn=prepare,
    )  # fmt: skip
    _started.append(started)
    return started


_started: list[subprocess.Popen[bytes]] = []
"""A Popen that is forgotten closes its pipes, and would be waited for by the next one."""


def exits_are_reported() -> None:
    """Exits are reported with their codes, once, and children of others are collected too."""

    async def main() -> None:
        reaper = Reaper()
        reaper.start()
        codes: dict[str, int] = {}
        all_known = asyncio.Event()

        def note(name: str) -> Callable[[int], None]:
            def ended(code: int) -> None:
                assert name not in codes
                codes[name] = code
                if len(codes) == 3:
                    all_known.set()

            return ended

        scripts = {"well": "exit 0", "failed": "exit 5", "killed": "kill -9 $$"}
        nobody_s = shell("exit 1")
        select.select([os.pidfd_open(nobody_s.pid)], [], [])  # it has ended
        for name, script in scripts.items():
            reaper.expect(shell(script).pid, note(name))
        await asyncio.wait_for(all_known.wait(), 10)
        assert codes == {"well": 0, "failed": 5, "killed": 137}
        ended = asyncio.Event()
        reaper.expect(shell("exit 0").pid, lambda _: ended.set())
        await asyncio.wait_for(ended.wait(), 10)  # the others were collected with it at the latest
        try:
            os.kill(nobody_s.pid, 0)
        except ProcessLookupError:
            return
        raise AssertionError("a child that nobody asked about is left")

    asyncio.run(main())


def orphans_are_adopted() -> None:
    """A process whose parent has ended becomes a child of this one, and is found by its mark."""

    async def main() -> int:
        reaper = Reaper()
        reaper.start()
        ended = asyncio.Event()
        started = shell(f"setsid sh -c '{STAYS}' & exit 0", "f00d")
        reaper.expect(started.pid, lambda _: ended.set())
        line(started.stdout)
        await asyncio.wait_for(ended.wait(), 10)
        (member,) = members_of("f00d", [])
        assert (member.parent, member.session) == (os.getpid(), member.pid)
        assert members_of("beef", []) == []
        return member.pid

    os.kill(asyncio.run(main()), signal.SIGKILL)  # the loop would be told while it closes


def members_are_found() -> None:
    """The members of a container are found by session, by pid, by parent and by mark."""
    by_session = shell(f"sh -c '{STAYS}' & wait", session=True)
    line(by_session.stdout)
    found = members_of("f00d", [by_session.pid])
    assert [found[0].pid, found[1].parent] == [by_session.pid, by_session.pid]
    assert len(found) == 2
    assert found[0].session == found[1].session == by_session.pid
    # It leads no session, so only its pid shows it; its child is found by that parent.
    by_pid = shell(f"sh -c '{STAYS}' & wait")
    line(by_pid.stdout)
    found = members_of("f00d", [by_pid.pid])
    assert [found[0].pid, found[1].parent, len(found)] == [by_pid.pid, by_pid.pid, 2]
    by_mark = shell(STAYS, "f00d", session=True)
    line(by_mark.stdout)
    assert [member.pid for member in members_of("f00d", [])] == [by_mark.pid]
    assert members_of("f00", []) == []
    by_mark.kill()
    os.waitid(os.P_PID, by_mark.pid, os.WEXITED | os.WNOWAIT)
    assert members_of("f00d", [by_mark.pid]) == []  # a zombie is no member
    kill_descendants([])


def descendants_are_killed() -> None:
    """Nothing is left of children, their children, and those that left their group."""
    asyncio.run(adopt())
    started = shell(f"trap '' TERM; sh -c '{STAYS}' & setsid sh -c '{STAYS}' & wait")
    line(started.stdout)
    line(started.stdout)
    kill_descendants([])
    try:
        os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return
    raise AssertionError("a child is left")


def groups_are_killed() -> None:
    """A group is killed even if the processes in it could not be listed."""
    started = shell(STAYS, session=True)
    line(started.stdout)
    kill_descendants([2**22 + 1, started.pid], within=0.0)  # the first is no group
    assert os.waitstatus_to_exitcode(os.waitpid(started.pid, 0)[1]) == -signal.SIGKILL


def time_is_kept() -> None:
    """No time is no round of killing, and the children are left."""
    started = shell(STAYS)
    line(started.stdout)
    kill_descendants([], within=0.0)
    assert os.waitpid(started.pid, os.WNOHANG) == (0, 0)
    began = time.monotonic()
    kill_descendants([], within=1000.0)
    assert time.monotonic() - began < 500


def children_die_with_us() -> None:
    """A child is killed when this process is, and does not start when it already was."""
    parent = os.getpid()
    started = shell("echo up; exec sleep 1000", prepare=lambda: die_with_parent(parent))
    line(started.stdout)
    orphan = shell(STAYS, prepare=lambda: die_with_parent(parent + 1))
    assert line(orphan.stdout) == b""
    assert orphan.wait() == 128 + signal.SIGKILL
    print(started.pid, flush=True)
    os.kill(parent, signal.SIGKILL)


async def adopt() -> None:
    Reaper().start()
