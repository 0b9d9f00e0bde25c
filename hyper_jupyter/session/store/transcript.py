"""One stream's view of a journal: what users hold as ``s.stdout`` and ``s.stderr``.

Layer: session. Any thread; ``lines(follow=True)`` blocks its caller.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator
from typing import Final

from hyper_jupyter.protocol import StreamType
from hyper_jupyter.session.store.journal import Journal

__all__ = ["Transcript"]

_CHUNK: Final = 1024 * 1024


class Transcript:
    """The bytes of one stream, byte-exact, from the attachment on.

    Args:
        journal: where they are.
        stream: which of its streams.
        wait: ``(journal length)``: blocks until the journal is longer, or the session has ended;
            returns whether more may come.
    """

    def __init__(self, journal: Journal, stream: StreamType, wait: Callable[[int], bool]) -> None:
        self._journal = journal
        self._stream = stream
        self._wait = wait

    def __len__(self) -> int:
        """Bytes received, those dropped included."""
        return self._journal.end(self._stream)

    def __bool__(self) -> bool:
        """A transcript is a thing, also while it is empty."""
        return True

    @property
    def dropped(self) -> int:
        """Bytes at the start that are no longer kept."""
        return self._journal.start(self._stream)

    def getvalue(self) -> bytes:
        """All bytes that are kept: those from offset :attr:`dropped` on."""
        pieces: list[bytes] = []
        expected = 0
        for begin, piece in self._pieces(0):
            if begin != expected:
                pieces.clear()  # the oldest were dropped while we read
            pieces.append(piece)
            expected = begin + len(piece)
        return b"".join(pieces)

    @property
    def text(self) -> str:
        """All that is kept as UTF-8; bytes that are not appear as U+FFFD."""
        return self.getvalue().decode("utf-8", "replace")

    def lines(self, follow: bool = False) -> Iterator[str]:
        r"""The lines, without their ends (``\n`` or ``\r\n``).

        Where bytes are not kept any more, at the start or because the reader is too slow, a line
        ``[1234 bytes are not kept]`` stands for them; its neighbours may be cut.

        Args:
            follow: wait for more until the session ends. An unfinished last line comes at the
                end only.
        """
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        offset = 0
        pending = ""
        last = not follow
        while True:
            length = len(self._journal)
            for begin, piece in self._pieces(offset):
                if begin > offset:
                    pending += decoder.decode(b"", final=True)
                    if pending:
                        yield pending
                        pending = ""
                    yield f"[{begin - offset} bytes are not kept]"
                offset = begin + len(piece)
                pending += decoder.decode(piece)
                *complete, pending = pending.split("\n")
                for line in complete:
                    yield line.removesuffix("\r")
            if last:
                break
            last = not self._wait(length)
        pending += decoder.decode(b"", final=True)
        if pending:
            yield pending

    def __repr__(self) -> str:
        name = "stdout" if self._stream is StreamType.STDOUT else "stderr"
        dropped = f", the first {self.dropped} not kept" if self.dropped else ""
        return f"<{name}: {len(self)} bytes{dropped}>"

    def _pieces(self, offset: int) -> Iterator[tuple[int, bytes]]:
        """What there is now from an offset on, with offsets; a jump is what was dropped."""
        end = self._journal.end(self._stream)
        while offset < end:
            begin, piece = self._journal.read_at(self._stream, offset, min(_CHUNK, end - offset))
            if begin > end:
                piece = b""  # all that there was is dropped; what came since is for another call
            yield begin, piece
            offset = begin + len(piece)
