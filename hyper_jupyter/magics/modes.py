r"""Notes the terminal modes that a program switches on, so that they can be switched off later.

Layer: magics. No I/O. Sources: ECMA-48, and xterm's list of control sequences for ``CSI ? n h``.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["Modes"]

_NORMAL: Final[dict[int, bool]] = {
    1: False,  # cursor keys send application codes
    5: False,  # inverse screen
    6: False,  # rows count from the scrolling region
    7: True,  # lines wrap
    9: False,
    25: True,  # the cursor is visible
    47: False,
    66: False,
    1000: False,  # mouse reports, also the next ones
    1001: False,
    1002: False,
    1003: False,
    1004: False,  # focus reports
    1005: False,
    1006: False,
    1015: False,
    1016: False,
    1047: False,  # the alternate screen
    1049: False,
    2004: False,  # pastes are marked
    2026: False,  # drawing is held back
}

_SEQUENCE: Final = re.compile(
    rb"\x1b(?:\[\?(?P<numbers>[0-9;]{1,60})(?P<switch>[hl])"
    rb"|\[>4;?(?P<other>[0-9]?)m|\[>[0-9;]*(?P<kitty>u)|\[[0-9;]*(?P<region>r)"
    rb"|(?P<keypad>=)|\((?P<set>[0-9A-Z]))|(?P<shift>\x0e)"
)

_LONGEST: Final = 72
"""Longest sequence, in bytes."""


class Modes:
    """Notes what a program's output changes in its terminal."""

    def __init__(self) -> None:
        self._rest = b""
        self._modes: dict[int, bool] = {}
        self._extra: dict[str, bytes] = {}
        self._any = False

    def receive_data(self, data: bytes) -> None:
        """Take the next piece of the program's output."""
        data = self._rest + data
        for found in _SEQUENCE.finditer(data):
            match found.lastgroup:
                case "switch":
                    for word in found["numbers"].split(b";"):
                        if word and (number := int(word)) in _NORMAL:
                            self._modes[number] = found["switch"] == b"h"
                case "other":
                    self._extra["other"] = b"\x1b[>4m"
                case "kitty":
                    self._extra["kitty"] = b"\x1b[<99u"
                case "region":
                    self._extra["region"] = b"\x1b7\x1b[r\x1b8"
                case "keypad":
                    self._extra["keypad"] = b"\x1b>"
                case "set" | "shift":
                    self._extra["set"] = b"\x0f\x1b(B"
        self._any = self._any or b"\x1b" in data
        start = data.rfind(b"\x1b", max(0, len(data) - _LONGEST))
        self._rest = data[start:] if start >= 0 else b""

    @property
    def full_screen(self) -> bool:
        """Whether the program draws on the alternate screen."""
        return any(self._modes.get(number, False) for number in (47, 1047, 1049))

    def undo(self) -> bytes:
        """Return what makes the terminal normal again, and start afresh."""
        changed = [n for n, on in self._modes.items() if on is not _NORMAL[n]]
        undone = b"".join(self._extra.values())
        undone += b"".join(b"\x1b[?%d%s" % (n, b"h" if _NORMAL[n] else b"l") for n in changed)
        if self._any:
            undone = b"\x1b\\" + undone + b"\x1b[m"  # also ends an incomplete title
        self._modes.clear()
        self._extra.clear()
        self._any = False
        self._rest = b""
        return undone
