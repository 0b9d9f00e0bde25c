"""The mark that stands in a stream where the embedded engine could not keep output.

Layer: protocol. No I/O. The engine writes it, and the client finds it. Other clients show it among
the program's own output: streams have no other place for it.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["GapFinder", "gap_mark"]

_BEGIN: Final = b"[hyper engine: "
_MARK: Final = re.compile(
    rb"\[hyper engine: ([0-9]{1,18}) bytes of (?:stdout|stderr) are missing here: ([^\]\r\n]*)\]"
)
_LONGEST: Final = 400
"""Bytes of a mark at most."""


def gap_mark(missing: int, stream: int, reason: str) -> bytes:
    """Return the mark, on a line of its own.

    Args:
        missing: how many bytes are missing.
        stream: 1 for stdout, 2 for stderr.
        reason: why; at most 300 bytes of it are used.
    """
    name = b"stdout" if stream == 1 else b"stderr"
    why = re.sub(rb"[\]\x00-\x1f\x7f]", b"?", reason.encode("utf-8", "replace"))[:300]
    return b"\r\n%s%d bytes of %s are missing here: %s]\r\n" % (_BEGIN, missing, name, why)


class GapFinder:
    """Finds the marks in one stream, however it is cut into pieces.

    Attributes:
        missing: how many bytes the marks so far say are missing.
        reason: why, in the last one.
    """

    def __init__(self) -> None:
        self.missing = 0
        self.reason = ""
        self._rest = b""  # the end of the last piece, where a mark may have begun

    @property
    def undecided(self) -> bool:
        """Whether a mark may have begun at the end of what came."""
        return bool(self._rest)

    def receive_data(self, data: bytes) -> bool:
        """Take the next bytes of the stream, and return whether they complete a mark."""
        found = False
        rest, self._rest = self._rest, b""
        if not rest and _BEGIN[:1] not in data[-_LONGEST:] and _BEGIN not in data:
            return False  # nearly always
        text = rest + data
        at = 0
        for mark in _MARK.finditer(text):
            self.missing += int(mark[1])
            self.reason = mark[2].decode("utf-8", "replace")
            found = True
            at = mark.end()
        begin = text.rfind(_BEGIN[:1], max(at, len(text) - _LONGEST))
        if begin >= 0 and _may_begin(text[begin:]):
            self._rest = text[begin:]
        return found


def _may_begin(text: bytes) -> bool:
    """Whether a mark may be cut off here."""
    return _BEGIN.startswith(text) or (text.startswith(_BEGIN) and not set(b"]\r\n") & set(text))
