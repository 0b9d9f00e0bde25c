"""One stream's view of a journal: what users hold as ``s.stdout`` and ``s.stderr``.

Layer: session. Any thread; ``lines(follow=True)`` blocks its caller.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator
from typing import Final

from hyper_jupyter.protocol import StreamType
from hyper_jupyter.session.journal import Journal

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
        """All bytes that are kept."""
        pieces = []
        offset = self._journal.start(self._stream)
        while piece := self._journal.read(self._stream, offset, _CHUNK):
            pieces.append(piece)
            offset += len(piece)
        return b"".join(pieces)

    @property
    def text(self) -> str:
        """All of it as UTF-8; bytes that are not appear as U+FFFD."""
        return self.getvalue().decode("utf-8", "replace")

    def lines(self, follow: bool = False) -> Iterator[str]:
        r"""The lines, without their ends (``\n`` or ``\r\n``).

        Args:
            follow: wait for more until the session ends. An unfinished last line comes at the
                end only.
        """
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        offset = self._journal.start(self._stream)
        pending = ""
        last = not follow
        while True:
            length = len(self._journal)
            while piece := self._journal.read(self._stream, offset, _CHUNK):
                offset += len(piece)
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
        return f"<{name}: {len(self)} bytes>"
