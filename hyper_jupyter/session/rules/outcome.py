"""How a session ended, in words: the one place for this text on the kernel's side.

Layer: session, rules. No threads, no I/O: a pure function. The page's words for the same are in
``js/src/model/outcome.ts``.
"""

from __future__ import annotations

import shlex
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from hyper_jupyter.protocol import StreamType
from hyper_jupyter.protocol.printable import printable
from hyper_jupyter.session.rules.streams import STREAM_NAMES

__all__ = [
    "again_text",
    "code_text",
    "cut_text",
    "duration_text",
    "idle_text",
    "kind_text",
    "missing_text",
    "outcome_text",
    "outlived_text",
    "shortened",
    "subject_of",
]

_MEANINGS = {
    126: "not executable",
    127: "command not found",
    129: "SIGHUP",
    130: "interrupted, SIGINT",
    131: "SIGQUIT",
    134: "aborted, SIGABRT",
    135: "SIGBUS",
    136: "SIGFPE",
    137: "killed, SIGKILL",
    139: "crashed, SIGSEGV",
    141: "SIGPIPE",
    143: "terminated, SIGTERM",
}
"""What an exit code means by convention: 128 and the signal that ended the process, and two codes
of shells and engines. A program may use the same codes for something else."""


_SLEPT: Final = 2.0
"""Seconds by which two clocks differ from which on the machine is taken to have slept."""

_LONGEST_COMMAND: Final = 40
"""Characters of an exec's command line that are shown."""


def outcome_text(
    state: str,
    exit_code: int | None = None,
    error: Exception | str | None = None,
    *,
    complete: bool | None = None,
    out_of_memory: bool = False,
    paused: bool = False,
    removed: bool = False,
    recreated: bool = False,
    awaits: str = "",
    engine_ended: bool = False,
    subject: str = "the container",
    read_at: str = "",
) -> str:
    """Return where a session stands or how it ended, without a full stop.

    Args:
        state: a :class:`~hyper_jupyter.session.rules.state.State`, or its value.
        exit_code: the exit code of the process, if it is known.
        error: what broke, if anything did. It is put into one line.
        complete: ``False`` if output is known to be missing.
        out_of_memory: whether the operating system ended the process because memory ran out.
        paused: whether the container is paused.
        removed: whether the container was removed.
        recreated: whether another container has its name now.
        awaits: what it waits for, if the container has ended; else empty.
        engine_ended: whether the engine has ended since, and with it what ran.
        subject: what runs, in words; see :func:`subject_of`.
        read_at: until when a session that only read a log has read it; else empty.
    """
    match state:
        case "exited" if exit_code is None:
            text = "exited, code unknown"
        case "exited" if exit_code is not None:
            text = f"exited with {code_text(exit_code, out_of_memory=out_of_memory)}"
        case "detached" if exit_code is not None:  # somebody waited after detaching
            text = f"detached, {subject} has exited with {code_text(exit_code)}"
        case "reconnecting" if awaits:
            code = "" if exit_code is None else f" with {code_text(exit_code)}"
            text = f"exited{code}, {awaits}"
        case "reconnecting":
            text = "the connection was cut, attaching again"
        case "attached" if paused:
            text = f"attached, {subject} is paused"
        case "detached":
            left = f"log as of {read_at}" if read_at else "detached"
            text = f"{left}, {subject} {'has ended with its engine' if engine_ended else 'runs on'}"
        case _:
            text = str(state)
    if removed:
        text += ", the container was removed"
        error = None  # it says no more than that
    if removed and recreated:
        text += " and another one has its name now"
    if complete is False:
        text += ", output is missing"
    if error is None or not str(error):
        return text
    return f"{text} ({' '.join(str(error).split())})"


def subject_of(command: Collection[str]) -> str:
    """Return what a session runs, in words.

    Args:
        command: the program and its arguments, for an exec; else empty.
    """
    return "the program" if command else "the container"


def kind_text(kind: str, command: Sequence[str]) -> str:
    """Return what a session is beside its name: ``"exec ls -l"``, ``"log"``.

    Empty for an attachment: that is what a session is unless something else is said.

    Args:
        kind: ``"attach"``, ``"exec"`` or ``"logs"``.
        command: the program and its arguments, for an exec; else empty.
    """
    match kind:
        case "exec":
            line = printable(shlex.join(command))
            long = len(line) > _LONGEST_COMMAND
            return f"exec {line[: _LONGEST_COMMAND - 1]}…" if long else f"exec {line}"
        case "logs":
            return "log"
        case _:
            return ""


def code_text(exit_code: int, *, out_of_memory: bool = False) -> str:
    """Return an exit code with its meaning, if it has one: ``"code 137 (killed, SIGKILL)"``."""
    meaning = "out of memory" if out_of_memory else _MEANINGS.get(exit_code)
    return f"code {exit_code} ({meaning})" if meaning else f"code {exit_code}"


def shortened(text: str, longest: int = 100) -> str:
    """Return a text as one line of at most ``longest`` characters."""
    line = " ".join(text.split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def idle_text(seconds: float, subject: str) -> str:
    """Say that a quiet connection may have been cut on the way, which ends the input.

    Args:
        seconds: how long it carried nothing before it ended.
        subject: what ended with it; see :func:`subject_of`.
    """
    return (
        f"The connection ended after {seconds:.0f} s without traffic, and {subject} with it. If a "
        f"proxy on the way cuts idle connections, that ended {subject}'s input."
    )


def outlived_text(seconds: float, subject: str) -> str:
    """Say that the connection ended some time before what it belongs to.

    Args:
        seconds: how long before.
        subject: what ended later; see :func:`subject_of`.
    """
    return (
        f"The connection ended {seconds:.1f} s before {subject}, and may have ended its input: "
        f"what {subject} printed after that is not here."
    )


def again_text(
    state: str,
    exit_code: int | None,
    pause: float | None,
    *,
    start: bool = False,
    missing: str = "",
    awaits: str = "",
) -> str:
    """Say in one line that a session that had ended was attached again.

    Args:
        state: the state in which it had ended.
        exit_code: of the container's process, if it is known.
        pause: how many seconds ago that was.
        start: whether the container is started for it.
        missing: since when or where what the container printed is not here; empty if it all is.
        awaits: what it waits for, if the container has ended; else empty.
    """
    known = exit_code is not None and state != "lost"
    before = f"exited with {code_text(exit_code or 0)}" if known else state
    how = "started again" if start else "attached again"
    if awaits:
        return f"{before}, {awaits}"
    after = (
        "" if pause is None else f" after {pause:.1f} s" if pause < 60 else f" after {pause:,.0f} s"
    )
    lacks = f"; what it printed {missing} is not here" if missing else ""
    return f"{before}, {how}{after}{lacks}"


def duration_text(seconds: float) -> str:
    """Return how long something took: seconds, minutes or hours."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def cut_text(
    seconds: float,
    *,
    awake: float | None = None,
    ended: bool = False,
    unknown: Collection[StreamType] = (),
    missing: Mapping[StreamType, int] | None = None,
    waits: bool = False,
    typed: bool = False,
    input_lost: bool = False,
) -> str:
    """Say that the connection was cut and what that has done, in one line.

    Args:
        seconds: how long the session was not attached, by the time of day.
        awake: how long by the clock that stands still while the machine sleeps.
        ended: whether the container has ended meanwhile.
        unknown: streams of which output may be missing.
        missing: how many bytes of them are missing, as far as that is known.
        waits: whether the beginning of a line that is not finished may be missing.
        typed: whether something was typed shortly before.
        input_lost: whether the container's input has ended.
    """
    slept = awake is not None and seconds - awake > _SLEPT
    seconds = seconds if slept or awake is None else awake  # somebody may have set the time of day
    text = f"connection cut, attached again after {duration_text(seconds)}"
    if slept and awake is not None:
        text += f" ({duration_text(awake)} by the clock that stops while this machine sleeps)"
    if ended:
        text = "connection cut, and the container has ended since"
    if missing:
        counts = [f"{missing[s]:,} bytes of {STREAM_NAMES[s]}" for s in sorted(missing)]
        text += f"; {' and '.join(counts)} are missing here"
    unknown = [stream for stream in unknown if stream not in (missing or {})]
    if unknown:
        names = " and ".join(STREAM_NAMES[stream] for stream in sorted(unknown))
        text += f"; output of {names} may be missing here"
    elif missing:
        pass
    elif waits:
        text += "; nothing is missing except perhaps the beginning of an unfinished line"
    else:
        text += "; nothing is missing"
    if typed:
        text += "; what was typed in the last moments may not have arrived"
    if input_lost:
        text += "; the cut has ended the container's input"
    return text


def gaps_text(
    missing: Mapping[StreamType, int], name: str, *, unknown: bool, in_log: bool = False
) -> str:
    """Say what the cuts of a connection have cost; empty if that is nothing.

    Args:
        missing: how many bytes are missing at least, per stream, as far as that is known.
        name: the container's name.
        unknown: whether output of unknown length may be missing besides.
        in_log: whether the log has them: only their place in it was not found in time.
    """
    if missing:
        counts = [f"{count:,} bytes of {STREAM_NAMES[s]}" for s, count in sorted(missing.items())]
        least = "at least " if unknown else ""
        where = (
            f"Read them with %hyper logs {name}."
            if in_log
            else "The log does not have them any more."
        )
        return (
            f"The connection was cut, and {least}{' and '.join(counts)} are missing in the middle, "
            f"where a line says so. {where}"
        )
    if unknown:
        return (
            "The connection was cut, and it is not known whether output is missing where a line "
            "says so."
        )
    return ""


def missing_text(missing: Mapping[StreamType, int], name: str, *, at_marks: bool = False) -> str:
    """Say which output is missing at the end, and where it can be read.

    Args:
        missing: how many bytes are missing at least, per stream; empty if that is not known.
        name: the container's name.
        at_marks: whether it may also be missing at marks before the end.
    """
    if at_marks and not missing:
        return (
            f"Output is missing where a line says so, or at the end. Read it with %hyper logs "
            f"{name}."
        )
    counts = [
        f"at least {count:,} bytes of {STREAM_NAMES[s]}" for s, count in sorted(missing.items())
    ]
    how_much = f" ({' and '.join(counts)})" if counts else ""
    return (
        f"The connection ended before all output had come: the end is missing{how_much}. "
        f"Read it with %hyper logs {name}."
    )
