"""The newest bytes of one stream, as a session has received them, or as a log has them.

Layer: session, rules. No I/O, no threads: a value, any thread.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["ALTERED", "KEPT", "Tail"]

KEPT: Final = 64 * 1024
"""Bytes at the end of what was received that are looked at."""

ALTERED: Final = "\N{REPLACEMENT CHARACTER}".encode()
"""What some engines' logs have in place of each byte that is not UTF-8."""


@dataclass(frozen=True, slots=True)
class Tail:
    """The end of one stream, as one side has it.

    Attributes:
        data: its last bytes.
        size: how many bytes that side has in all.
        whole: whether these begin with the first byte that the container has printed.
        exact: whether none of all these bytes may have been altered, as some logs do.
    """

    data: bytes
    size: int
    whole: bool
    exact: bool = True

    @property
    def start(self) -> int:
        """How many bytes come before :attr:`data`."""
        return self.size - len(self.data)

    @property
    def complete(self) -> bool:
        """Whether :attr:`data` is the whole stream."""
        return self.whole and not self.start
