"""One stream's view of a journal: what users hold as ``s.stdout`` and ``s.stderr``.

Layer: session, store. Any thread; ``lines(follow=True)`` blocks its caller.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final, overload

from hyper_jupyter.client import Deadline
from hyper_jupyter.protocol import StreamType
from hyper_jupyter.session.store.journal import Journal
from hyper_jupyter.session.store.lines import LONGEST, dropped_text, in_pieces
from hyper_jupyter.session.store.search import Pattern, Search, patterns_of

__all__ = ["Transcript"]

_CHUNK: Final = 1024 * 1024

_SHOWN_BYTES: Final = 4096
_SHOWN_LINES: Final = 5
_SHOWN_WIDTH: Final = 200
"""Of the end of a stream, in its representation: bytes that are looked at, lines, characters."""

_ESCAPE_SEQUENCE: Final = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|.)")


class Transcript:
    """The bytes of one stream, byte-exact, from the attachment on.

    ``for line in s.stdout`` gives the lines as texts, ``s.stdout[-100:]`` some of the bytes, and
    ``"ready" in s.stdout`` looks for a text. ``len(s.stdout)`` counts bytes.

    Args:
        journal: stores the bytes.
        stream: the stream to read from it.
        wait: called with the journal's length and a number of seconds, or ``None``. It blocks until
            the journal is longer, the session has ended or the time has passed, and returns
            whether more may come.
        fault: called when nothing more comes; returns why the stream's end is not the output's end.
    """

    __slots__ = ("_fault", "_journal", "_offset", "_stream", "_wait")

    def __init__(
        self,
        journal: Journal,
        stream: StreamType,
        wait: Callable[[int, float | None], bool],
        fault: Callable[[], BaseException | None] = lambda: None,
    ) -> None:
        self._journal = journal
        self._stream = stream
        self._wait = wait
        self._fault = fault
        self._offset = 0  # where read() goes on

    def __len__(self) -> int:
        """Return how many bytes were received, including dropped ones."""
        return self._journal.end(self._stream)

    def __bool__(self) -> bool:
        """Return ``True``, even while the transcript is empty."""
        return True

    def __iter__(self) -> Iterator[str]:
        """Yield the lines that have come until now; see :meth:`lines`."""
        return self.lines()

    @overload
    def __getitem__(self, index: int) -> int: ...

    @overload
    def __getitem__(self, index: slice) -> bytes: ...

    def __getitem__(self, index: int | slice) -> int | bytes:
        """Return bytes by their offsets in the stream, or one byte as a number.

        Offsets count from the beginning of the stream. A slice lacks bytes that are no longer kept.

        Raises:
            IndexError: there is no such byte, or it is no longer kept.
        """
        if isinstance(index, slice):
            start, stop, step = index.indices(len(self))
            offsets = range(start, stop, step)
            if not offsets:
                return b""
            first, data = self._between(
                min(offsets[0], offsets[-1]), max(offsets[0], offsets[-1]) + 1
            )
            return data if step == 1 else bytes(data[at - first] for at in offsets if at >= first)
        try:
            offset = range(len(self))[index]
        except IndexError:
            raise IndexError(f"{self._name} has {len(self)} bytes") from None
        except TypeError:
            raise TypeError(f"{index!r} is neither an offset nor a slice") from None
        begin, data = self._journal.read_at(self._stream, offset, 1)
        if begin != offset:
            raise IndexError(f"byte {offset} of {self._name} is no longer kept")
        return data[0]

    def __contains__(self, pattern: Pattern) -> bool:
        """Return whether something was printed: a text, bytes, or a compiled regular expression.

        A match of a regular expression is at most 64 KiB long.
        """
        search = Search(self._journal, patterns_of(pattern), {self._stream: 0})
        for _ in search.run():
            pass
        return search.found is not None

    def read(self, size: int | None = -1) -> bytes:
        """Return the bytes behind those that the last :meth:`read` returned, as of a file.

        Bytes that are no longer kept are passed over.

        Args:
            size: how many at most; ``None`` or a negative number is all that have come.

        Returns:
            The bytes; ``b""`` if no more have come.
        """
        end = len(self)
        if size is not None and size >= 0:
            end = min(end, max(self._offset, self.dropped) + size)
        begin, data = self._between(self._offset, end)
        self._offset = begin + len(data)
        return data

    def readlines(self) -> list[str]:
        """Return the lines that have come until now, without their ends; see :meth:`lines`."""
        return list(self.lines())

    @property
    def dropped(self) -> int:
        """How many bytes at the start are no longer kept."""
        return self._journal.start(self._stream)

    def getvalue(self) -> bytes:
        """Return all bytes that are kept: those from offset :attr:`dropped` on."""
        return self._between(0, len(self))[1]

    @property
    def text(self) -> str:
        """All that is kept, decoded as UTF-8; each invalid byte sequence becomes U+FFFD."""
        return self.getvalue().decode("utf-8", "replace")

    def lines(self, follow: bool = False, timeout: float | None = None) -> Iterator[str]:
        r"""Yield the lines, without their ends (``\n`` or ``\r\n``).

        Bytes may no longer be kept: at the start, or because the reader is too slow. A line
        ``[1234 bytes are not kept]`` stands for them; the lines next to it may be cut. A line of
        more than 1 MiB comes in pieces of that size, so that one without an end needs no memory.

        Args:
            follow: wait for more lines until the session ends. An unfinished last line is yielded
                only at the end.
            timeout: seconds to wait for each line; ``None`` is no limit.

        Raises:
            HyperJupyterError: the session's error after the last whole line, if ``follow`` is set
                and the session was lost: what came of an unfinished line is no line.
            SessionClosed: with ``follow``, in a fork of the process that has the session.
            TimeoutError: the next line did not come in time. This ends the iterator; a new one
                starts with the first line again.
        """
        __tracebackhide__ = True
        offset = 0
        pending: list[bytes] = []  # of the unfinished line; joined when it ends, or is too long
        size = 0  # of these
        last = not follow
        deadline = Deadline(timeout)
        while True:
            length = len(self._journal)
            for begin, piece in self._pieces(offset):
                if begin > offset:
                    if pending:
                        yield _decoded(pending)
                        pending, size = [], 0
                    yield dropped_text(begin - offset)
                offset = begin + len(piece)
                if piece:
                    pending.append(piece)
                size += len(piece)
                if piece.rfind(b"\n") < 0 and size <= LONGEST:
                    continue
                *parts, data = in_pieces(b"".join(pending))
                end = data.rfind(b"\n") + 1
                *complete, _ = _decoded([data[:end]]).replace("\r\n", "\n").split("\n")
                pending = [data[end:]] if end < len(data) else []
                size = len(data) - end
                yield from map(_decoded, zip(parts, strict=True))
                yield from complete
                deadline = Deadline(timeout)
            if last:
                break
            left = deadline.remaining()
            if left == 0:
                raise TimeoutError(f"no line of {self._name} came in {timeout} s")
            last = not self._wait(length, left)
        fault = self._fault() if follow else None
        if fault is not None:
            raise fault.with_traceback(None)  # without the traceback of an earlier call
        if pending:
            yield _decoded(pending)

    @property
    def _name(self) -> str:
        return "stdout" if self._stream is StreamType.STDOUT else "stderr"

    def __repr__(self) -> str:
        return "\n".join([self._summary(), *self._last_lines()])

    def _repr_html_(self) -> str:
        lines = "\n".join(html.escape(line) for line in self._last_lines())
        return f"<div>{html.escape(self._summary())}</div>" + (f"<pre>{lines}</pre>" * bool(lines))

    def _summary(self) -> str:
        dropped = f", the first {self.dropped} not kept" if self.dropped else ""
        return f"<{self._name}: {len(self)} bytes{dropped}>"

    def _last_lines(self) -> list[str]:
        """Return the last lines, without anything that would change what is around them."""
        begin = max(0, len(self) - _SHOWN_BYTES)
        begin, data = self._between(begin, len(self))
        lines = data.decode("utf-8", "replace").replace("\r\n", "\n").split("\n")
        if not lines[-1]:
            lines.pop()
        if begin > self.dropped and len(lines) > 1:
            del lines[0]  # a part of a line
        return [_plain(line) for line in lines[-_SHOWN_LINES:]]

    def _between(self, begin: int, end: int) -> tuple[int, bytes]:
        """Return bytes between two offsets, without a gap, and the offset of the first one."""
        pieces: list[bytes] = []
        expected = begin
        for at, piece in self._pieces(begin, end):
            if at != expected:
                pieces.clear()  # the oldest bytes were dropped, perhaps while we read
                begin = at
            pieces.append(piece)
            expected = at + len(piece)
        return begin, b"".join(pieces)

    def _pieces(self, offset: int, end: int | None = None) -> Iterator[tuple[int, bytes]]:
        """Yield the bytes from an offset to an end, in pieces, each with its offset.

        A gap between two pieces means that bytes were dropped.

        Args:
            offset: of the first byte.
            end: behind the last byte; ``None`` is the present end.
        """
        if end is None:
            end = self._journal.end(self._stream)
        while offset < end:
            begin, piece = self._journal.read_at(self._stream, offset, min(_CHUNK, end - offset))
            if begin + len(piece) > end:
                piece = piece[: max(0, end - begin)]  # newer bytes are for the next call
            yield begin, piece
            offset = begin + len(piece)


def _plain(line: str) -> str:
    text = _ESCAPE_SEQUENCE.sub("", line).rstrip("\r")
    text = text[text.rfind("\r") + 1 :]  # of a progress bar its last state
    return "".join(c if c.isprintable() else "\ufffd" for c in text.expandtabs()[:_SHOWN_WIDTH])


def _decoded(pieces: Sequence[bytes]) -> str:
    return b"".join(pieces).decode("utf-8", "replace")
