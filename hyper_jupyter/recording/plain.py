"""What of an output is text: its characters without what only a terminal acts on.

Layer: recording. Pure; any thread.

A secret can hide from a rule that looks at the rendered lines: the cursor moves in its middle, so
that two rows have half of it each; a character without a width stands in it; part of it is
overwritten. It also hides where only its second half is rendered. Here the characters are put
together in the order in which they were printed, so that rules can look at these, too, and what
they find is taken out of the output before it is rendered.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from typing import Final

from hyper_jupyter.settings.saved_output import REDACTED

__all__ = ["Cleaned", "Spans", "cleaned", "seen"]

Spans = Callable[[str], Sequence[tuple[int, int]]]
"""Finds in a text what must not be saved: where each piece begins and ends, in order."""

_UNSEEN: Final = re.compile(
    # The sequences as the screen takes them: controls may stand within; a BEL ends titles only.
    r"(?:\x1b\[|\x9b)[0-?\x00-\x17\x19\x1c-\x1f\x7f]*[ -/\x00-\x17\x19\x1c-\x1f\x7f]*[@-~]?"
    r"|(?:\x1b\]|\x9d)[^\x07\x18\x1a\x1b\x9c]*(?:\x07|\x1b\\|[\x18\x1a\x9c])?"
    r"|(?:\x1b[PX^_]|[\x90\x98\x9e\x9f])[^\x18\x1a\x1b\x9c]*(?:\x1b\\|[\x18\x1a\x9c])?"
    r"|\x1b[ -/]*[0-~]?"
    r"|[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]+"
)
"""Escape sequences and characters that show nothing; tabs and ends of lines stay."""


def seen(text: str) -> str:
    """Return a text without escape sequences and characters that show nothing."""
    return _UNSEEN.sub("", text)


class Cleaned:
    """An output without what must not be saved.

    Attributes:
        text: what is left, with a mark for each piece, in each line of it.
        found: where each piece was before; one may begin before the output.
    """

    def __init__(
        self,
        text: str,
        edges: Sequence[tuple[int, int]],
        found: Sequence[tuple[int, int]] = (),
    ) -> None:
        self.text = text
        self.found = found
        self._new = [new for new, _ in edges]
        self._old = [old for _, old in edges]

    def original(self, position: int) -> int:
        """Return where a position of the text was before."""
        edge = bisect_right(self._new, position) - 1
        old = self._old[edge] + position - self._new[edge]
        return min(old, self._old[edge + 1]) if edge + 1 < len(self._old) else old

    def position(self, original: int) -> int:
        """Return where a position of the output is in the text: after a mark if it was in it."""
        edge = bisect_right(self._old, original) - 1
        if edge % 2 and original > self._old[edge]:  # every other edge is the start of a mark
            return self._new[edge + 1]
        return self._new[edge] + original - self._old[edge]


def cleaned(before: str, output: str, spans: Spans) -> Cleaned:
    """Take out of an output what must not be saved.

    Args:
        before: what was printed before it: a piece may have begun there.
        output: as it was printed.
        spans: finds the pieces in the characters of both.
    """
    whole = before + output
    segments: list[tuple[int, int, int]] = []  # where it is in the text and in the whole, length
    pieces: list[str] = []
    at = length = 0
    for unseen in [*_UNSEEN.finditer(whole), None]:
        end = len(whole) if unseen is None else unseen.start()
        if end > at:
            segments.append((length, at, end - at))
            pieces.append(whole[at:end])
            length += end - at
        at = end if unseen is None else unseen.end()
    found = spans("".join(pieces))
    if not found:
        return Cleaned(output, [(0, 0)])
    starts = [start for start, _, _ in segments]
    kept: list[str] = []
    edges = [(0, 0)]
    extents: list[tuple[int, int]] = []
    at, size, skip = 0, 0, len(before)
    for begin, end in found:
        marked = False
        first, last = (bisect_right(starts, place) - 1 for place in (begin, end - 1))
        extents.append(
            (
                segments[first][1] + begin - segments[first][0] - skip,
                segments[last][1] + end - segments[last][0] - skip,
            )
        )
        for number in range(max(0, bisect_right(starts, begin) - 1), bisect_left(starts, end)):
            start, old, count = segments[number]
            first = max(old + max(begin - start, 0) - skip, at)
            last = old + min(end - start, count) - skip
            if last <= first:
                continue
            mark, marked = _mark(output[first:last], marked)
            kept += [output[at:first], mark]
            size += first - at
            edges += [(size, first), (size + len(mark), last)]
            size += len(mark)
            at = last
    kept.append(output[at:])
    return Cleaned("".join(kept), edges, extents)


def _mark(text: str, marked: bool) -> tuple[str, bool]:
    """Return what stands for a text, and whether its last line has a mark by then."""
    lines = []
    for number, line in enumerate(text.split("\n")):
        if number:
            marked = False
        lines.append(REDACTED if line and not marked else "")
        marked = marked or bool(line)
    return "\n".join(lines), marked
