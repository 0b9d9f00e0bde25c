"""One stream's view of a journal: what users hold as ``s.stdout`` and ``s.stderr``.

Layer: session, store. Any thread; ``lines(follow=True)`` blocks its caller.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from hyper_jupyter.client import Deadline
from hyper_jupyter.protocol import StreamType
from hyper_jupyter.session.store.journal import Journal
from hyper_jupyter.session.store.lines import dropped_text

__all__ = ["Transcript"]

_CHUNK: Final = 1024 * 1024


class Transcript:
    """The bytes of one stream, byte-exact, from the attachment on.

    Args:
        journal: stores the bytes.
        stream: the stream to read from it.
        wait: called with the journal's length and a number of seconds, or ``None``. It blocks until
            the journal is longer, the session has ended or the time has passed, and returns
            whether more may come.
        fault: called when nothing more comes; returns why the stream's end is not the output's end.
    """

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

    def __len__(self) -> int:
        """Return how many bytes were received, including dropped ones."""
        return self._journal.end(self._stream)

    def __bool__(self) -> bool:
        """Return ``True``, even while the transcript is empty."""
        return True

    @property
    def dropped(self) -> int:
        """How many bytes at the start are no longer kept."""
        return self._journal.start(self._stream)

    def getvalue(self) -> bytes:
        """Return all bytes that are kept: those from offset :attr:`dropped` on."""
        pieces: list[bytes] = []
        expected = 0
        for begin, piece in self._pieces(0):
            if begin != expected:
                pieces.clear()  # the oldest bytes were dropped while we read
            pieces.append(piece)
            expected = begin + len(piece)
        return b"".join(pieces)

    @property
    def text(self) -> str:
        """All that is kept, decoded as UTF-8; each invalid byte sequence becomes U+FFFD."""
        return self.getvalue().decode("utf-8", "replace")

    def lines(self, follow: bool = False, timeout: float | None = None) -> Iterator[str]:
        r"""Yield the lines, without their ends (``\n`` or ``\r\n``).

        Bytes may no longer be kept: at the start, or because the reader is too slow. A line
        ``[1234 bytes are not kept]`` stands for them; the lines next to it may be cut.

        Args:
            follow: wait for more lines until the session ends. An unfinished last line is yielded
                only at the end.
            timeout: seconds to wait for each line; ``None`` is no limit.

        Raises:
            HyperJupyterError: the session's error after the last whole line, if ``follow`` is set
                and the session was lost: what came of an unfinished line is no line.
            TimeoutError: the next line did not come in time. This ends the iterator; a new one
                starts with the first line again.
        """
        __tracebackhide__ = True
        offset = 0
        pending: list[bytes] = []  # of the unfinished line; joined only when it ends
        last = not follow
        deadline = Deadline(timeout)
        while True:
            length = len(self._journal)
            for begin, piece in self._pieces(offset):
                if begin > offset:
                    if pending:
                        yield _decoded(pending)
                        pending = []
                    yield dropped_text(begin - offset)
                offset = begin + len(piece)
                end = piece.rfind(b"\n") + 1
                if not end:
                    if piece:
                        pending.append(piece)
                    continue
                pending.append(piece[:end])
                *complete, _ = _decoded(pending).replace("\r\n", "\n").split("\n")
                pending = [piece[end:]] if end < len(piece) else []
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
        dropped = f", the first {self.dropped} not kept" if self.dropped else ""
        return f"<{self._name}: {len(self)} bytes{dropped}>"

    def _pieces(self, offset: int) -> Iterator[tuple[int, bytes]]:
        """Yield the bytes from an offset to the present end, in pieces, each with its offset.

        A gap between two pieces means that bytes were dropped.
        """
        end = self._journal.end(self._stream)
        while offset < end:
            begin, piece = self._journal.read_at(self._stream, offset, min(_CHUNK, end - offset))
            if begin > end:
                piece = b""  # all up to the end was dropped; newer bytes are for the next call
            yield begin, piece
            offset = begin + len(piece)


def _decoded(pieces: Sequence[bytes]) -> str:
    return b"".join(pieces).decode("utf-8", "replace")
