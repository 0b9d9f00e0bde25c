"""How a session ended: what the pieces of evidence mean together.

Layer: session, rules. No I/O, no clock, no threads: one pure function, tested as a table.

The end of a stream looks the same whether the process ended, somebody detached, or the engine
dropped us. So three sources are put together: how the stream ended, whether the wait request was
answered (it was asked *before* attaching), and an inspect *after* the end. Each of them may be
late, or wrong on its own:

* the stream of a container that ended before the attachment never ends: silence has to do;
* the answer to wait says that the process ended, not that its output is all here;
* inspect may lag behind the end of a stream, so a container that "runs" is asked about again.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hyper_jupyter.exceptions import ConnectionLost, HyperJupyterError
from hyper_jupyter.session.rules.container_state import has_ended, is_unstarted
from hyper_jupyter.session.rules.state import State

__all__ = ["Evidence", "Inspected", "Next", "StreamEnd", "Verdict", "conclude"]


class StreamEnd(enum.Enum):
    """What has become of the stream that carries the output."""

    OPEN = "output may still come"
    CLOSED = "it ended in order"
    SILENT = "it was left after a long silence after the exit"
    BROKEN = "it broke"


class Inspected(enum.Enum):
    """What inspect said, where that is no state of a container."""

    NOT_ASKED = "nothing: it was not asked since the stream ended"
    GONE = "there is no such container"
    FAILED = "the engine could not say"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of a session's end.

    Attributes:
        stream: what has become of the stream.
        error: what broke the stream (``BROKEN``), or the engine's answer (``FAILED``).
        exited: whether the wait request, or an inspect, has said that the process ended.
        inspected: inspect's ``State`` after the end of the stream.
        leaving: whether somebody detaches.
        keys_typed: whether the user has typed the detach keys.
        follows: whether output from now on was wanted; without, the stream's end is the log's.
        log_only: whether the session reads the log and never attached.
        received: whether any output is kept.
        patient: whether inspect may still lag behind the end of the stream.
    """

    stream: StreamEnd
    error: HyperJupyterError | None = None
    exited: bool = False
    inspected: Mapping[str, Any] | Inspected = Inspected.NOT_ASKED
    leaving: bool = False
    keys_typed: bool = False
    follows: bool = True
    log_only: bool = False
    received: bool = False
    patient: bool = True


class Next(enum.Enum):
    """What to do where the evidence does not suffice yet."""

    NOTHING = "wait for the next piece of news"
    AWAIT_SILENCE = "leave the stream once nothing has come for a while"
    INSPECT = "ask the engine about the container"
    INSPECT_AGAIN = "ask the engine once more, in a moment"
    LOOK_AGAIN = "look at the evidence once more, in a moment: the answer to wait may be late"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the evidence means.

    Attributes:
        state: the state that the session ends in; ``None`` where it has not ended yet.
        exited: whether the container's process has ended.
        exit_code: of the process as inspect has it; ``None`` where only the answer to wait, or
            nobody, knows it.
        error: why, for the states ``lost`` and ``failed``.
        next: what to do where ``state`` is ``None``.
    """

    state: State | None = None
    exited: bool = False
    exit_code: int | None = None
    error: HyperJupyterError | None = None
    next: Next = Next.NOTHING


def conclude(evidence: Evidence) -> Verdict:
    """Say how the session ended, or what to do to find out."""
    stream, inspected = evidence.stream, evidence.inspected
    if stream is StreamEnd.BROKEN:
        return _broken(evidence, evidence.error or ConnectionLost("the stream broke"))
    if stream is StreamEnd.OPEN:
        return Verdict(next=Next.AWAIT_SILENCE if evidence.exited else Next.NOTHING)
    if inspected is Inspected.NOT_ASKED:
        if evidence.exited and stream is StreamEnd.CLOSED and not evidence.leaving:
            return Verdict(State.EXITED, exited=True)
        return Verdict(next=Next.INSPECT)
    if inspected is Inspected.FAILED:
        return _broken(evidence, ConnectionLost(f"the engine is gone: {evidence.error}"))
    if inspected is Inspected.GONE:
        # It removed itself: only the answer to wait has the code, and that may be late.
        if evidence.exited or not evidence.patient:
            return Verdict(State.EXITED, exited=evidence.exited)
        return Verdict(next=Next.LOOK_AGAIN)
    assert isinstance(inspected, Mapping)
    if is_unstarted(inspected) and evidence.log_only:
        return Verdict(State.DETACHED)  # its log was read; it has not started
    if has_ended(inspected):
        return Verdict(State.EXITED, exited=True, exit_code=inspected.get("ExitCode"))
    if evidence.leaving or evidence.keys_typed or not evidence.follows:
        return Verdict(State.DETACHED)
    if evidence.patient:
        return Verdict(next=Next.INSPECT_AGAIN)
    how = "has not started" if is_unstarted(inspected) else "runs on"
    return _broken(
        evidence, ConnectionLost(f"the engine ended the stream, but the container {how}")
    )


def _broken(evidence: Evidence, error: HyperJupyterError) -> Verdict:
    return Verdict(State.LOST if evidence.received else State.FAILED, error=error)
