"""The character sets that a terminal can be switched to: line drawing, and national letters.

Layer: recording. Data; any thread. Source: the VT220 Programmer Reference Manual, chapter 2; for
line drawing what xterm shows.
"""

from __future__ import annotations

from typing import Final

__all__ = ["CHARSETS", "Charset"]

Charset = dict[int, str]
"""What is shown instead of a character: for :meth:`str.translate`."""

_LINES: Final = "◆▒␉␌␍␊°±␤␋┘┐┌└┼⎺⎻─⎼⎽├┤┴┬│≤≥π≠£·"

_NATIONAL: Final = {
    "A": ("#", "£"),
    "4": ("#@[\\]{|}~", "£¾ĳ½|¨ƒ¼´"),  # noqa: RUF001
    "C5": ("[\\]^`{|}~", "ÄÖÅÜéäöåü"),
    "R": ("#@[\\]{|}~", "£à°ç§éùè¨"),
    "Q": ("@[\\]^`{|}~", "àâçêîôéùèû"),
    "K": ("@[\\]{|}~", "§ÄÖÜäöüß"),
    "Y": ("#@[\\]`{|}~", "£§°çéùàòèì"),
    "E6": ("@[\\]^`{|}~", "ÄÆØÅÜäæøåü"),
    "Z": ("#@[\\]{|}", "£§¡Ñ¿°ñç"),
    "H7": ("@[\\]^`{|}~", "ÉÄÖÅÜéäöåü"),
    "=": ("#@[\\]^_`{|}~", "ùàéçêîèôäöüû"),
}

CHARSETS: Final[dict[str, Charset | None]] = {
    "B": None,
    "0": dict(zip(range(ord("`"), 0x7F), _LINES, strict=True)),
    **{
        final: dict(zip(map(ord, replaced), letters, strict=True))
        for finals, (replaced, letters) in _NATIONAL.items()
        for final in finals
    },
}
"""By the last byte of the sequence that chooses them. ``None`` is ASCII."""
