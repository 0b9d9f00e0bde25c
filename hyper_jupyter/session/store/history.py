"""What a container printed before a session was attached: lines of the engine's log.

Layer: session, store. One thread at a time sets it; any thread reads. Nothing here blocks.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from hyper_jupyter.protocol import StreamType
from hyper_jupyter.protocol.log_entries import TimedOutput
from hyper_jupyter.session.rules.log.joint import Joint, joint_text
from hyper_jupyter.session.rules.streams import NO_STREAMS, STREAM_NAMES, streams_of
from hyper_jupyter.session.store.lines import LineBatch, Spans

__all__ = ["History", "HistoryLine", "cut_entries", "first_lines", "last_lines"]


class HistoryLine(NamedTuple):
    """A line that was printed before.

    Attributes:
        time: when, in seconds since the epoch, by :attr:`clock`; ``None`` if the log does not say.
        stream: ``"stdout"`` or ``"stderr"``.
        text: without its end; each invalid byte sequence is U+FFFD.
        complete: whether its end is there; the rest of the last one may have come live.
        clock: whose time it is: ``"engine"``.
    """

    time: float | None
    stream: str
    text: str
    complete: bool
    clock: str = "engine"


@dataclass(frozen=True, slots=True)
class _Content:
    entries: Sequence[TimedOutput] = ()
    joints: Mapping[StreamType, Joint] = field(default_factory=lambda: NO_STREAMS)
    problem: str = ""
    revision: int = 0


_UNREAD: Final = _Content()


class History:
    """The last lines of a container's log before the live output, in the log's order.

    They are no part of the session's transcripts, which begin at the attachment, and ``expect``
    does not search them. Records and tables have them if they are asked for (``history=True``). If
    the place is :attr:`proven`, a stream's history and its transcript together are what the
    container printed, without a gap or a repeat.

    Args:
        wanted: how many lines; ``"all"`` is as many as are kept, ``None`` is no history.
    """

    __slots__ = ("_content", "wanted")

    def __init__(self, wanted: int | str | None = None) -> None:
        self.wanted: Final = wanted
        self._content = _UNREAD

    def __len__(self) -> int:
        """Return the number of lines."""
        return sum(1 for _ in self.lines())

    def __bool__(self) -> bool:
        """Return ``True``, even while there are no lines."""
        return True

    @property
    def proven(self) -> bool:
        """Whether live output is proven to follow without a gap and without a repeat.

        It may become so later: Docker's log lacks a line that is not finished.
        """
        return not self.note

    @property
    def note(self) -> str:
        """What is not known about where the live output begins, or why there are no lines.

        Empty if nothing is to be said.
        """
        return self.note_for(*STREAM_NAMES.values())

    def note_for(self, *streams: str) -> str:
        """Return :attr:`note` for some of the streams: ``"stdout"``, ``"stderr"``."""
        content = self._content
        if content.problem:
            return content.problem
        chosen = set().union(*map(streams_of, streams))
        return joint_text({joint for stream, joint in content.joints.items() if stream in chosen})

    @property
    def joints(self) -> Mapping[StreamType, Joint]:
        """What is known about the place where the live output of each stream begins."""
        return self._content.joints

    @property
    def problem(self) -> str:
        """Why the log could not be read; empty if it could."""
        return self._content.problem

    @property
    def revision(self) -> int:
        """How often it was set: 0 if there is no history, or it is not read yet."""
        return self._content.revision

    def lines(self, stream: str | None = None) -> Iterator[HistoryLine]:
        """Yield the lines, oldest first.

        Args:
            stream: ``"stdout"`` or ``"stderr"``; ``None`` is both, in the log's order.

        Raises:
            HyperJupyterError: ``stream`` is no stream.
        """
        return self._lines(streams_of(stream))

    def _lines(self, streams: Collection[StreamType]) -> Iterator[HistoryLine]:
        for stream, time, data in self._joined(streams):
            text = data.removesuffix(b"\n").removesuffix(b"\r").decode("utf-8", "replace")
            yield HistoryLine(time, STREAM_NAMES[stream], text, data.endswith(b"\n"))

    def batch(
        self, streams: Collection[StreamType], *, since: float = -math.inf, until: float = math.inf
    ) -> LineBatch:
        """Return the lines as a batch, such as a session's later lines come in.

        Their numbers count back: -1 is the last one of its stream. A time that the log does not say
        is NaN.

        Args:
            streams: the streams whose lines to return.
            since: seconds since the epoch; lines with an earlier time, or none, are left out.
            until: seconds since the epoch; lines with this time or a later one, or none, are left
                out.
        """
        lines = list(self._joined(streams))
        numbers = {stream: -sum(line[0] is stream for line in lines) for stream in streams}
        blocks: list[bytes] = []
        spans = Spans()
        for stream, time, data in lines:
            number = numbers[stream]
            numbers[stream] += 1
            when = math.nan if time is None else time
            whole = data.endswith(b"\n")
            if since <= when < until or (time is None and since == -until == -math.inf):
                blocks.append(data if whole else data + b"\r\n")
                spans.add(stream, when, 1, number, complete=whole)
        return LineBatch(b"".join(blocks).replace(b"\r\n", b"\n"), spans)

    def _joined(
        self, streams: Collection[StreamType]
    ) -> Iterator[tuple[StreamType, float | None, bytes]]:
        """Yield the stream, the time and the bytes of each line."""
        content = self._content
        open_lines: dict[StreamType, list[TimedOutput]] = {}
        ordered: list[list[TimedOutput]] = []
        for entry in content.entries:
            line = open_lines.get(entry.stream)
            if line is None:
                line = open_lines[entry.stream] = []
                ordered.append(line)
            line.append(entry)
            if entry.data.endswith(b"\n"):
                del open_lines[entry.stream]
        for line in ordered:
            if line[0].stream in streams:
                data = b"".join(entry.data for entry in line)
                yield line[0].stream, line[0].time, data

    def getvalue(self, stream: str | None = None) -> bytes:
        """Return the bytes, as the engine's log has them.

        Args:
            stream: ``"stdout"`` or ``"stderr"``; ``None`` is both, in the log's order.

        Raises:
            HyperJupyterError: ``stream`` is no stream.
        """
        streams = streams_of(stream)
        return b"".join(each.data for each in self._content.entries if each.stream in streams)

    @property
    def text(self) -> str:
        """Both streams, decoded as UTF-8; each invalid byte sequence becomes U+FFFD."""
        return self.getvalue().decode("utf-8", "replace")

    def __repr__(self) -> str:
        note = f"; {self.note}" if self.note else ""
        return f"<history: {len(self)} lines{note}>"

    def set(
        self, entries: Iterable[TimedOutput], joints: Mapping[StreamType, Joint], problem: str = ""
    ) -> bool:
        """Replace everything.

        Args:
            entries: the output, in the log's order; each of one line, or a part of one.
            joints: what is known about each stream's end.
            problem: why the log could not be read.

        Returns:
            Whether something has changed.
        """
        old = self._content
        new = _Content(tuple(entries), dict(joints), problem, old.revision)
        if new == old and old.revision:
            return False
        self._content = _Content(new.entries, new.joints, problem, old.revision + 1)
        return True


def cut_entries(
    entries: Iterable[TimedOutput],
    ends: Mapping[StreamType, int],
    key: Callable[[TimedOutput], StreamType],
) -> list[TimedOutput]:
    """Return what a log has before an offset of each stream.

    Args:
        entries: the log.
        ends: the offsets, in bytes.
        key: returns the stream whose offset counts for an entry.
    """
    left = dict(ends)
    kept: list[TimedOutput] = []
    for entry in entries:
        stream = key(entry)
        data = entry.data[: left.get(stream, 0)]
        if data:
            kept.append(entry._replace(data=data))
            left[stream] -= len(data)
    return kept


def last_lines(entries: Sequence[TimedOutput], count: int) -> list[TimedOutput]:
    """Return the last lines of a log, those of all streams counted together.

    Args:
        entries: the log; a line may be several entries, with those of another stream in between.
        count: how many lines.
    """
    kept: list[TimedOutput] = []
    begun: set[StreamType] = set()  # streams whose line may go on in an earlier entry
    full: set[StreamType] = set()
    for entry in reversed(entries):
        stream = entry.stream
        if stream in full:
            continue
        if entry.data.endswith(b"\n") or stream not in begun:
            if not count:
                full.add(stream)
                continue
            count -= 1
            begun.add(stream)
        kept.append(entry)
    kept.reverse()
    return kept


def first_lines(entries: Sequence[TimedOutput], count: int) -> list[TimedOutput]:
    """Return the first lines of a log, those of all streams counted together."""
    for number, entry in enumerate(entries):
        if not count:
            return list(entries[:number])
        count -= entry.data.endswith(b"\n")
    return list(entries)
