"""Chooses which lines of a long log become a cell's output: its first and its last ones.

Layer: magics. Pure; any thread.
"""

from __future__ import annotations

from collections import deque
from typing import Final

__all__ = ["LineWindow"]

LONGEST: Final = 100_000
"""Lines of a log in a cell. A page that draws more of them becomes slow, and so does every save."""


class LineWindow:
    """Lets the first half of the lines pass, and remembers where the last half begins.

    Positions are those of a journal: bytes of both streams, in the order of arrival.

    Args:
        most: how many lines pass in all; an even number.
    """

    def __init__(self, most: int = LONGEST) -> None:
        self._half = most // 2
        self._passed = 0
        self._held: deque[tuple[int, int]] = deque()  # a piece's position, and its number of lines
        self._lines = 0  # in all held pieces
        self._dropped = 0  # lines before them

    @property
    def holds(self) -> bool:
        """Whether something is held back."""
        return bool(self._held)

    def take(self, position: int, data: bytes) -> int:
        """Take the next bytes.

        Args:
            position: of the first one.
            data: the bytes.

        Returns:
            How many of them pass now. The others are held back.
        """
        if not self._held:
            end = _after_line(data, self._half - self._passed)
            self._passed += data.count(b"\n", 0, end)
            if end == len(data):
                return end
        else:
            end = 0
        count = data.count(b"\n", end)
        self._held.append((position + end, count))
        self._lines += count
        # More than half: the line end before the last half is in a piece that stays.
        while self._lines - self._held[0][1] > self._half:
            _, count = self._held.popleft()
            self._lines -= count
            self._dropped += count
        return end

    def rest(self) -> tuple[int, int]:
        """Return where the last half begins, after all bytes were taken.

        Returns:
            The position of the piece in which it begins, and how many lines of it to leave out.
        """
        return self._held[0][0], max(0, self._lines - self._half)

    @property
    def left_out(self) -> int:
        """How many lines are in neither half."""
        return self._dropped + max(0, self._lines - self._half)


def _after_line(data: bytes, number: int) -> int:
    """Return the offset after the given number of lines, or the length of what has fewer."""
    end = 0
    if data.count(b"\n") < number:
        return len(data)
    for _ in range(number):
        end = data.index(b"\n", end) + 1
    return end
