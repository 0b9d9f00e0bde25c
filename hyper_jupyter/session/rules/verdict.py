"""How a session ended: what the pieces of evidence mean together.

Layer: session, rules. No I/O, no clock, no threads: one pure function, tested as a table; any
thread.

The end of a stream looks the same whether the process ended, someone detached, or the engine
dropped the connection. So three sources are combined: how the stream ended, whether the wait
request was answered (it was sent *before* attaching), and an inspect *after* the end. Each of them
may be late, or wrong on its own:

* The stream of a container that ended before the attachment never ends: silence has to count as
  the end.
* The answer to wait says that the process ended, not that all its output has come.
* Inspect may be out of date right after a stream's end, so a container that "runs" is inspected
  again.

None of them shows that all output has come: a proxy may cut the stream in order. So an exit is
reported only after the received output was compared with the engine's log
(:mod:`hyper_jupyter.session.rules.log.completeness`).
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from hyper_jupyter.exceptions import (
    ConnectionLost,
    HyperJupyterError,
    ProcessFailed,
    ProtocolError,
)
from hyper_jupyter.session.rules.container_state import has_ended, is_stopping, is_unstarted
from hyper_jupyter.session.rules.state import State

__all__ = ["Evidence", "Inspected", "Next", "StreamEnd", "Verdict", "conclude"]


class StreamEnd(enum.Enum):
    """What has become of the stream that carries the output."""

    OPEN = "output may still come"
    CLOSED = "it ended in order"
    SILENT = "we stopped reading: it was silent for long after the exit"
    BROKEN = "it broke"


class Inspected(enum.Enum):
    """The result of an inspect that gave no state of a container."""

    NOT_ASKED = "the container was not inspected since the stream ended"
    GONE = "there is no such container"
    FAILED = "the inspect failed"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known about a session's end.

    Attributes:
        stream: what has become of the stream.
        error: what broke the stream (``BROKEN``), otherwise why the inspect failed (``FAILED``).
        exited: whether the wait request, or an inspect, has said that the process ended.
        exit_last: whether that is the latest news: it came after the stream's end, or with it.
        inspected: inspect's ``State`` after the end of the stream.
        detaching: whether the session is being detached.
        keys_typed: whether the user has typed the detach keys.
        follows: whether output from now on was wanted; if not, the stream ends with the log.
        log_only: whether the session only reads the log and never attached.
        received: whether any output was stored.
        patient: whether inspect may still be out of date.
        restarts: whether the engine may start the container again by itself.
        later_run: whether ``inspected`` is about a later run of the container.
        killed: whether the exit code is SIGKILL's: only inspect says whether memory ran out.
        compared: whether the received output was compared with the log, or cannot be.
        complete: the result of that: ``True`` if all output has come, ``False`` if some is
            missing, ``None`` if that cannot be known.
        subject: what runs, in words.
    """

    stream: StreamEnd
    error: HyperJupyterError | None = None
    exited: bool = False
    exit_last: bool = False
    inspected: Mapping[str, Any] | Inspected = Inspected.NOT_ASKED
    detaching: bool = False
    keys_typed: bool = False
    follows: bool = True
    log_only: bool = False
    received: bool = False
    patient: bool = True
    restarts: bool = False
    later_run: bool = False
    killed: bool = False
    compared: bool = True
    complete: bool | None = None
    subject: str = "the container"


class Next(enum.Enum):
    """What to do if the evidence does not suffice yet."""

    NOTHING = "wait for the next piece of evidence"
    AWAIT_SILENCE = "leave the stream once it has been silent for long enough"
    INSPECT = "inspect the container"
    INSPECT_AGAIN = "inspect the container again after a short delay"
    COMPARE = "compare the received output with the log, then judge the same evidence again"
    LOOK_AGAIN = "judge again after a short delay: the answer to wait may be late"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the evidence means.

    Attributes:
        state: the state that the session ends in; ``None`` if it has not ended yet.
        exited: whether the container's process has ended.
        exit_code: the exit code that inspect gave; ``None`` if inspect gave none (the answer to
            wait may have it).
        restarting: whether the engine starts the container again, or has done so.
        out_of_memory: whether the container was killed because it had no memory left.
        error: what broke, for the states ``lost`` and ``failed``.
        cut: whether only the connection is known to have ended: the container may run on, or what
            it printed last may be in its log. Then the session may go on.
        next: what to do if ``state`` is ``None``.
    """

    state: State | None = None
    exited: bool = False
    exit_code: int | None = None
    restarting: bool = False
    out_of_memory: bool = False
    error: HyperJupyterError | None = None
    cut: bool = False
    next: Next = Next.NOTHING


def conclude(evidence: Evidence) -> Verdict:
    """Return how the session ended, or what to do to find out."""
    broken = evidence.stream is StreamEnd.BROKEN
    found = _conclude_broken(evidence) if broken else _conclude(evidence)
    ended = found.state is State.EXITED or (broken and found.exited)
    return Verdict(next=Next.COMPARE) if ended and not evidence.compared else found


def _conclude_broken(evidence: Evidence) -> Verdict:
    """The stream broke: that is the session's end, unless the process and its output ended too."""
    inspected = evidence.inspected
    lost = _broken(evidence, evidence.error or ConnectionLost("the stream broke"))
    if isinstance(evidence.error, ProtocolError):
        return lost  # what came cannot be trusted
    if inspected is Inspected.NOT_ASKED:
        return Verdict(next=Next.INSPECT)
    lost = replace(lost, cut=True)
    code = None
    if isinstance(inspected, Mapping):
        if not has_ended(inspected) and not evidence.exited:
            return lost
        code = inspected.get("ExitCode") if has_ended(inspected) else None
    elif inspected is Inspected.FAILED and not evidence.exited:
        return lost
    elif not evidence.exited and evidence.patient:
        return Verdict(next=Next.LOOK_AGAIN)  # it removed itself; only wait has the code
    if evidence.complete:
        return Verdict(State.EXITED, exited=True, exit_code=code)
    return replace(lost, exited=True, exit_code=code)


def _conclude(evidence: Evidence) -> Verdict:
    """The stream is open, or ended in order."""
    stream, inspected = evidence.stream, evidence.inspected
    if stream is StreamEnd.OPEN:
        return Verdict(next=Next.AWAIT_SILENCE if evidence.exited else Next.NOTHING)
    if inspected is Inspected.NOT_ASKED:
        certain = evidence.exit_last or not evidence.detaching
        # Only inspect says what the engine does next, and whether memory ran out.
        certain = certain and not evidence.restarts and not evidence.killed
        if evidence.exited and stream is StreamEnd.CLOSED and certain:
            return Verdict(State.EXITED, exited=True)
        return Verdict(next=Next.INSPECT)
    known = evidence.exited and evidence.killed and not evidence.detaching
    if inspected is Inspected.FAILED:
        if known:
            return Verdict(State.EXITED, exited=True)
        error = evidence.error
        if not isinstance(error, ConnectionLost):  # which says that the engine has ended
            error = ConnectionLost(f"the engine is gone: {error}", hint=getattr(error, "hint", ""))
        return replace(_broken(evidence, error), cut=True)
    if inspected is Inspected.GONE:
        # It removed itself: only the answer to wait has the code, and that answer may be late.
        if evidence.exited or not evidence.patient:
            return Verdict(State.EXITED, exited=evidence.exited)
        return Verdict(next=Next.LOOK_AGAIN)
    assert isinstance(inspected, Mapping)
    if evidence.later_run and not evidence.detaching and not evidence.keys_typed:
        return _conclude_over(evidence, inspected)
    if has_ended(inspected) and not is_stopping(inspected):
        return _ended(inspected)
    return _conclude_alive(evidence, inspected, exit_known=known)


def _conclude_over(evidence: Evidence, inspected: Mapping[str, Any]) -> Verdict:
    """Inspect is about a later run; only the answer to wait has the code, and it may be late."""
    if evidence.patient and not evidence.exited:
        return Verdict(next=Next.LOOK_AGAIN)
    restarting = evidence.restarts or bool(inspected.get("Restarting"))
    return Verdict(State.EXITED, exited=True, restarting=restarting)


def _ended(inspected: Mapping[str, Any]) -> Verdict:
    """The process has ended, or never was there."""
    code = inspected.get("ExitCode")
    if reason := inspected.get("StartFailure"):
        error = ProcessFailed(f"it did not start: {reason}", exit_code=code)
        return Verdict(State.FAILED, exited=True, exit_code=code, error=error)
    return Verdict(
        State.EXITED,
        exited=True,
        exit_code=code,
        restarting=bool(inspected.get("Restarting")),
        out_of_memory=bool(inspected.get("OOMKilled")),
    )


def _conclude_alive(
    evidence: Evidence, inspected: Mapping[str, Any], *, exit_known: bool
) -> Verdict:
    """Inspect says that it runs, or has not started."""
    if is_unstarted(inspected) and evidence.log_only:
        return Verdict(State.DETACHED)  # the log was read; the container has not started
    if evidence.exited and is_unstarted(inspected):
        return Verdict(State.EXITED, exited=True)  # Podman makes it so after some attachments
    if evidence.exited and evidence.restarts:
        return Verdict(State.EXITED, exited=True, restarting=True)
    if evidence.detaching or evidence.keys_typed or not evidence.follows:
        return Verdict(State.DETACHED)
    if evidence.patient:
        return Verdict(next=Next.INSPECT_AGAIN)
    if exit_known:
        return Verdict(State.EXITED, exited=True)  # somebody has started it again
    how = "has not started" if is_unstarted(inspected) else "runs on"
    ended = ConnectionLost(f"the engine ended the stream, but {evidence.subject} {how}")
    return replace(_broken(evidence, ended), cut=True)


def _broken(evidence: Evidence, error: HyperJupyterError) -> Verdict:
    return Verdict(State.LOST if evidence.received else State.FAILED, error=error)
