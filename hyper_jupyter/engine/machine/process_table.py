"""The table of some processes, as ``ps`` prints it.

Layer: engine. Event loop only. ``ps`` of this machine makes it, with the arguments that the client
gives, as Docker does. Where there is no ``ps``, as in many images, we make the usual table.
"""

from __future__ import annotations

import os
import pwd
import time
from collections.abc import Collection
from pathlib import Path
from typing import Final

from hyper_jupyter.engine.program.launch import Command, CommandFailed
from hyper_jupyter.engine.program.log import Log
from hyper_jupyter.engine.program.reaper import Reaper
from hyper_jupyter.engine.program.run import Run
from hyper_jupyter.exceptions import ApiError

__all__ = ["USUAL", "Table", "process_table"]

USUAL: Final = "-ef"
"""The arguments of ``ps`` if the client gives none."""

_NOT_FOUND: Final = 127
_PROC: Final = Path("/proc")
_TITLES: Final = ("UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD")
_DAY: Final = 86_400

Table = tuple[list[str], list[list[str]]]
"""Titles, and a row for each process with as many texts."""


async def process_table(pids: Collection[int], arguments: str, reaper: Reaper) -> Table:
    """Return the table of these processes.

    Args:
        pids: of the processes.
        arguments: of ``ps``.
        reaper: starts ``ps``.

    Raises:
        ApiError: 500 if ``ps`` cannot make it.
    """
    try:
        output = await _run_ps(arguments.split(), reaper)
    except CommandFailed as failure:
        if failure.code == _NOT_FOUND and arguments == USUAL:
            return list(_TITLES), _usual_rows(pids)
        raise ApiError(500, f"ps: {failure}") from failure
    return _select(output, pids)


async def _run_ps(arguments: list[str], reaper: Reaper) -> str:
    log = Log()
    run = Run(log, stdin=False)
    environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}
    try:
        run.start(Command(["ps", *arguments], environment, "/", tty=False, stdin=False), reaper)
        await run.drain(lambda: False)
        run.finish()
        output, errors = (_text(log, stream) for stream in (1, 2))
        if run.process is None or run.process.code != 0:
            first = (errors or output).strip().splitlines()[:1]
            raise ApiError(500, f"ps: {first[0][:300] if first else 'it failed'}")
        return output
    finally:
        log.close()


def _text(log: Log, stream: int) -> str:
    cursor = log.cursor((stream,))
    data = b""
    while (piece := cursor.read(1 << 20)) is not None:
        data += piece.data
    return data.decode("utf-8", "replace")


def _select(output: str, pids: Collection[int]) -> Table:
    header, *lines = output.splitlines() or [""]
    titles = header.split()
    if "PID" not in titles:
        raise ApiError(500, "Couldn't find PID field in ps output")
    index = titles.index("PID")
    wanted = set(map(str, pids))
    rows = [line.split(maxsplit=len(titles) - 1) for line in lines]
    return titles, [row for row in rows if len(row) > index and row[index] in wanted]


def _usual_rows(pids: Collection[int]) -> list[list[str]]:
    now, booted = time.time(), time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)
    ticks = os.sysconf("SC_CLK_TCK")
    rows = []
    for pid in pids:
        folder = _PROC / str(pid)
        try:
            name, _, rest = (folder / "stat").read_text("utf-8", "replace").rpartition(")")
            command = (folder / "cmdline").read_bytes().rstrip(b"\0").replace(b"\0", b" ")
            owner = folder.stat().st_uid
        except OSError:
            continue  # it has just ended
        fields = rest.split()
        used = (int(fields[11]) + int(fields[12])) / ticks
        started = booted + int(fields[19]) / ticks
        age = max(now - started, 1.0)
        shown = "%H:%M" if now - started < _DAY else "%b%d"
        rows.append(
            [
                _user(owner),
                str(pid),
                fields[1],
                str(min(99, int(100 * used / age))),
                time.strftime(shown, time.localtime(started)),
                _terminal(int(fields[4])),
                "{:02}:{:02}:{:02}".format(*_split(int(used))),
                command.decode("utf-8", "replace") or f"[{name.partition('(')[2]}]",
            ]
        )
    return rows


def _split(seconds: int) -> tuple[int, int, int]:
    return seconds // 3600, seconds // 60 % 60, seconds % 60


def _user(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


def _terminal(device: int) -> str:
    """Return a terminal's name from its number in ``/proc/PID/stat``."""
    major, minor = os.major(device), os.minor(device)
    if 136 <= major <= 143:  # the kernel's numbers of pseudo-terminals
        return f"pts/{(major - 136) * 256 + minor}"
    return f"tty{minor}" if major == 4 else "?"
