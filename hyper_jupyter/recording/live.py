"""The recording of a session, live or ended: what it has received until now.

Layer: recording. Any thread; no I/O except reading the session's journal, in pieces.
"""

from __future__ import annotations

import math
import shlex
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Final, Protocol

from hyper_jupyter.exceptions import HyperJupyterError
from hyper_jupyter.protocol import StreamType
from hyper_jupyter.recording.history import History, drawn, joint_line
from hyper_jupyter.recording.recording import (
    BEFORE,
    Event,
    Exit,
    Header,
    Input,
    Lost,
    Marker,
    Output,
    Recording,
    Resize,
    Stream,
)
from hyper_jupyter.session.store.journal import Journal, StreamStart
from hyper_jupyter.session.store.marks import Mark
from hyper_jupyter.session.store.sizes import Sizes
from hyper_jupyter.session.store.typed import Typed

__all__ = ["Container", "RecordedSession", "SessionFacts", "recording_of"]

_PIECE: Final = 1024 * 1024
"""Bytes that are read of the journal at a time."""

_NAMES: Final[dict[StreamType, Stream]] = {
    StreamType.STDOUT: "stdout",
    StreamType.STDERR: "stderr",
}


class Container(Protocol):
    """The container of a session."""

    # ruff: noqa: D102 - the members are those of Session, documented there

    @property
    def name(self) -> str: ...
    @property
    def image(self) -> str: ...
    @property
    def command(self) -> str: ...


class SessionFacts(Protocol):
    """A session, as far as everything that remains of it needs it."""

    @property
    def name(self) -> str: ...
    @property
    def container(self) -> Container: ...
    @property
    def engine(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def command(self) -> Sequence[str]: ...
    @property
    def tty(self) -> bool: ...
    @property
    def started_at(self) -> float: ...
    @property
    def exit_code(self) -> int | None: ...
    @property
    def complete(self) -> bool | None: ...
    @property
    def history(self) -> History: ...
    @property
    def marks(self) -> Sequence[Mark]: ...


class RecordedSession(SessionFacts, Protocol):
    """A session, as far as a recording needs it."""

    @property
    def clock(self) -> str: ...
    @property
    def ended_at(self) -> float | None: ...
    @property
    def journal(self) -> Journal: ...
    @property
    def sizes(self) -> Sizes: ...
    @property
    def typed(self) -> Typed: ...


def recording_of(
    session: RecordedSession,
    *,
    input: bool = False,  # noqa: A002
    history: bool = False,
) -> Recording:
    """Return what a session has received until now, as a recording.

    The output is not copied: it is read from the session's journal each time.

    Args:
        session: the session.
        input: with what was typed. That must have been kept.
        history: with what the container printed before the session was attached.

    Raises:
        HyperJupyterError: ``input`` is set, and the session did not keep it.
    """
    if input and not session.typed.keeps:
        raise HyperJupyterError(
            "what was typed was not kept",
            hint="attach(…, record_input=True) or s.keep_input() keeps it from then on.",
        )
    journal = session.journal
    end = len(journal)
    begin = session.started_at
    first, _ = journal.records(0, 1)
    if first:
        begin = min(begin, first[0][1])  # a log begins in the past
    rows, columns = session.sizes.first
    header = Header(
        title=session.name,
        command=shlex.join(session.command) or session.container.command,
        container=session.container.name,
        image=session.container.image,
        engine=session.engine,
        kind=session.kind,
        started_at=begin,
        rows=rows,
        columns=columns,
        tty=session.tty,
        clock=session.clock,
        complete=session.complete,
    )
    placed: list[tuple[int, Event]] = [
        (mark.position, Marker(mark.time - begin, mark.text, mark.kind.value))
        for mark in session.marks
    ]
    if session.tty:
        placed += [
            (size.position, Resize(size.time - begin, size.rows, size.columns))
            for size in session.sizes.all
        ]
    if input:
        typed = session.typed
        placed += [(sent.position, Input(sent.time - begin, sent.data)) for sent in typed.all]
    placed = [each for each in placed if each[0] <= end]
    placed.sort(key=lambda each: (each[0], each[1].time))
    code, ended = session.exit_code, session.ended_at
    if code is not None and ended is not None:
        placed.append((end, Exit(max(0.0, ended - begin), code)))
    past = tuple(_past(session, begin)) if history else ()
    return Recording(header, lambda: chain(past, _events(journal, end, begin, placed)))


def _past(session: RecordedSession, begin: float) -> Iterator[Event]:
    """Yield the lines of the history, with times before the start, and where it ends."""
    names = ("stdout",) if session.tty else ("stdout", "stderr")
    last = -math.inf
    for line in session.history.lines():
        # The engine's clock may be ahead of ours, and a log may not say a time.
        last = max(last, BEFORE if line.time is None else min(line.time - begin, BEFORE))
        if session.tty:  # the live output's terminal must not depend on it
            yield Output(last, "stdout", f"{drawn(line.text)}\r\n".encode())
        else:
            end = "\n" if line.complete else ""
            yield Output(
                last,
                "stderr" if line.stream == "stderr" else "stdout",
                f"{line.text}{end}".encode(),
            )
    note = session.history.note_for(*names)
    if note or last > -math.inf:
        yield Marker(max(last, BEFORE), joint_line(note), "history")


def _events(
    journal: Journal, end: int, begin: float, placed: Sequence[tuple[int, Event]]
) -> Iterator[Event]:
    """Yield the events up to a position of the journal.

    Args:
        journal: the output.
        end: the position.
        begin: the start, in seconds since the epoch.
        placed: events, and how many bytes of both streams come before each.
    """
    rest = iter(placed)
    waiting = next(rest, None)
    position = 0
    while position < end:
        part = journal.read_lines(position, min(_PIECE, end - position))
        at = part.end - len(part.data)
        if part.starts:
            lost = at - position
            when = part.times[0] - begin if part.times else 0.0
            yield Marker(when, f"{lost:,} bytes are not kept", "dropped", _lost(part.starts))
        position = part.end
        first = 0
        for kind, arrival, last in zip(part.kinds, part.times, part.ends, strict=True):
            stream = StreamType(kind)
            data = part.data[first:last][: max(0, end - at)]
            first = last
            time = arrival - begin
            while waiting is not None and waiting[0] < at + len(data):
                cut = max(0, waiting[0] - at)
                if cut:
                    yield Output(time, _NAMES[stream], data[:cut])
                    data = data[cut:]
                    at += cut
                yield waiting[1]
                waiting = next(rest, None)
            if data:
                yield Output(time, _NAMES[stream], data)
                at += len(data)
    while waiting is not None:
        yield waiting[1]
        waiting = next(rest, None)


def _lost(starts: Mapping[StreamType, StreamStart]) -> tuple[Lost, ...]:
    return tuple(
        Lost(_NAMES[stream], start.offset, start.lines) for stream, start in starts.items()
    )
