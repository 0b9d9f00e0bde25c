"""A screen that is fed with bytes, in pieces of any size.

Layer: recording. No I/O; a terminal belongs to one thread.

A character or an escape sequence may be split between two pieces. Its beginning waits for the rest.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from typing import Final

from hyper_jupyter.recording.screen.line import Line
from hyper_jupyter.recording.screen.screen import Screen, first_end

__all__ = ["Terminal"]

_LONGEST: Final = 1024 * 1024
"""Characters of a sequence that are waited for."""

_BEGUN: Final = re.compile(
    r"(?:\x1b\[|\x9b)[0-?\x00-\x17\x19\x1c-\x1f\x7f]*[ -/\x00-\x17\x19\x1c-\x1f\x7f]*\Z"
    r"|(?:\x1b\]|\x9d)[^\x07\x18\x1a\x1b\x9c]*\Z"
    r"|(?:\x1b[PX^_]|[\x90\x98\x9e\x9f])[^\x18\x1a\x1b\x9c]*\Z"
    r"|\x1b[ -/]*\Z"
)
"""A sequence that has not ended."""

_INTRODUCERS: Final = "\x1b\x9b\x9d\x90\x98\x9e\x9f"


class Terminal:
    """A screen with a decoder.

    Args:
        width: as for :class:`Screen`.
        height: as for :class:`Screen`.
        newline_returns: as for :class:`Screen`.
        keep: as for :class:`Screen`.
        leave: as for :class:`Screen`.
    """

    def __init__(
        self,
        width: int | None,
        height: int,
        *,
        newline_returns: bool = False,
        keep: int = 1000,
        leave: Callable[[list[Line]], object] = lambda _: None,
    ) -> None:
        self.screen: Final = Screen(
            width, height, newline_returns=newline_returns, keep=keep, leave=leave
        )
        self._decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        self._begun = ""
        self._waiting: list[tuple[str, Callable[[], object]]] = []

    def write(self, data: bytes) -> None:
        """Show some output."""
        text = self._begun + self._decoder.decode(data)
        last = max(map(text.rfind, _INTRODUCERS))
        begun = last >= 0 and len(text) - last <= _LONGEST and _BEGUN.match(text, last)
        self._begun = text[last:] if begun else ""
        whole = text[:last] if begun else text
        if self._waiting and whole:
            end = first_end(whole)
            self.screen.feed(whole[:end])
            whole = whole[end:]
            self._insert_waiting()
        self.screen.feed(whole)

    def insert(
        self, line: str, otherwise: Callable[[], object], *, ends_sequence: bool = False
    ) -> None:
        """Insert a line of ours above the one that the cursor is in.

        It waits for the end of an escape sequence that has begun.

        Args:
            line: its text. No control characters.
            otherwise: is called if it has no place, as for :meth:`Screen.insert`.
            ends_sequence: a sequence that has begun ends here: its rest will not come.
        """
        self._waiting.append((line, otherwise))
        if ends_sequence:
            self._begun = ""
        if not self._begun:
            self._insert_waiting()

    def finish(self) -> None:
        """Insert what waits: there is no more output."""
        self._begun = ""
        self._insert_waiting()

    def _insert_waiting(self) -> None:
        waiting, self._waiting = self._waiting, []
        for line, otherwise in waiting:
            if not self.screen.insert(line):
                otherwise()

    def resize(self, width: int, height: int) -> None:
        """Set the size."""
        self.screen.resize(width, height)
