"""Random output of a terminal program: valid sequences that move, erase, colour and write.

Any thread; the same number gives the same output.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from typing import Final

__all__ = ["Case", "case"]

_WORDS: Final = (
    "a", "hello", "=====>", "0123456789", " ", "   ", "x y", "lqqk mqqj tu xx", "~{|}#@[]^_`",
    "\u00e4\u00f6", "\u2502\u2500", "\u6f22", "\u6f22\u5b57\u304b\u306a", "\uac00\uac01",
    "\uff21\uff22", "e\u0301", "a\u0308\u0323b", "\u2705", "\U0001f600", "\u2764", "\u2764\ufe0f",
    "1\ufe0f\u20e3", "\u231a\ufe0e", "\u00a9\ufe0f", "\U0001f44d\U0001f3fd",
    "\U0001f1e9\U0001f1ea", "\U0001f1e9\U0001f1ea\U0001f1eb",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466",
    "\U0001f3f4\U000e0067\U000e0062\U000e007f", "\u0e02\u0e49\u0e2d\u0e04\u0e27\u0e32\u0e21",
    "\u0e01\u0e33", "\u0928\u092e\u0938\u094d\u0924\u0947", "\u0915\u094d\u0937\u093f",
    "\u05e9\u05c1\u05dc", "\u0645\u064e", "\u1100\u1161\u11a8", "\u200b", "\u200d", "\u0301",
    "\ufe0f", "\U0001f3fd", "\ufffd",
)  # fmt: skip
_NARROW: Final = tuple(
    word for word in _WORDS if word.isascii() or word[0] in "\u00e4\u2502ea\u05e9\u0645"
)
_CONTROLS: Final = (
    "\r",
    "\n",
    "\r\n",
    "\b",
    "\t",
    "\v",
    "\f",
    "\a",
    "\x0e",
    "\x0f",
    "\x85",
    "\x84",
)
_ESCAPES: Final = (
    *"78DEHMc=>no|}~", "(0", "(B", ")0", ")B", "*0", "+A", "(A", "(K", "(R", "(Y", "(Z", "(E",
    "%G", "#8",
)  # fmt: skip
_STRINGS: Final = (
    "\x1b]0;a title\x07", "\x1b]8;;\x07", "\x1b]1337;File=:QUJD\x07",
    "\x1bPq#0;2;0;0;0~~@@-\x1b\\", "\x1b_Gf=24;QUJD\x1b\\", "\x1b^pm\x1b\\", "\x1bXsos\x1b\\",
    "\x9d2;t\x9c", "\x1b]52;c;QUJD\x07",
)  # fmt: skip
_COUNTED: Final = "@ABCDEFGILMPSTXZ`ade"
_BETWEEN: Final = (" @", " A")
_REPEATED: Final = "-a~\u2502\u6f22"
_OTHER: Final = (
    "?25l", "?25h", "?2004h", "?1h", "6n", "c", "?6n", ">c", "5n", " q", "2 q", "!p", "?1000h",
    "?1000l", "4h", "4l", "4h", "4l", "20h", "20l", "?6h", "?6l", "?45h", "?45l",
    "?47h", "?47l", "?1047h", "?1047l", "?1048h", "?1048l", "?1049h", "?1049l", "g", "0g", "3g",
    "s", "u", '1"q', '0"q', '2"q', "4;20l", "22;0t",
)  # fmt: skip
_AUTOWRAP: Final = ("?7l", "?7h", "?7l")
_SIMPLE: Final = (
    *range(10), 21, 22, 23, 24, 25, 27, 28, 29, *range(30, 38), 39, *range(40, 48), 49, 53, 55,
    59, *range(90, 98), *range(100, 108), 10, 11, 26, 50, 51, 60, 73, 75, 110, 999,
)  # fmt: skip


_BACKGROUNDS: Final = re.compile("(?:\x1b\\[|\x9b)[0-9;:]*m")


@dataclass(frozen=True)
class Case:
    """One input.

    Attributes:
        width: columns; ``None`` for a log, whose lines have any length.
        height: rows.
        returns: whether a line feed returns to the first column.
        text: the output.
    """

    width: int | None
    height: int
    returns: bool
    text: str


def case(number: int) -> Case:
    """Return the input of a number."""
    chance = random.Random(f"sequences {number}")
    log = chance.random() < 0.2
    width = None if log else chance.choice((2, 3, 5, 8, 10, 13, 20, 40))
    height = 24 if log else chance.choice((2, 3, 4, 6, 10))
    columns, tokens = width or 5, chance.choice((2, 5, 10, 20, 20 if log else 40))
    # What a terminal that does not wrap does with a wide character at its edge is nowhere said.
    narrow = chance.random() < 0.25
    text = "".join(_token(chance, columns, height, narrow) for _ in range(tokens))
    if log:  # what has no edge can neither be filled up to it nor get its background there
        text = _BACKGROUNDS.sub("\x1b[m", text).replace("\x1b#8", "").replace("\x1b[3g", "")
    return Case(width, height, log or chance.random() < 0.3, text)


def _token(chance: random.Random, width: int, height: int, narrow: bool) -> str:
    match chance.choices(range(8), (40, 14, 8, 3, 12, 10, 8, 5))[0]:
        case 0:
            return chance.choice(_NARROW if narrow else _WORDS)
        case 1:
            return chance.choice(_CONTROLS)
        case 2:
            return f"\x1b{chance.choice(_ESCAPES)}"
        case 3:
            return chance.choice(_STRINGS)
        case 4:
            final = chance.choice(_COUNTED)
            return f"{_introducer(chance)}{_count(chance, max(width, height))}{final}"
        case 5:
            return f"{_introducer(chance)}{sgr(chance)}m"
        case 6:
            return _erasing(chance, width, height)
        case _:
            return _placed(chance, width, height, narrow)


def _introducer(chance: random.Random) -> str:
    return "\x9b" if chance.random() < 0.05 else "\x1b["


def _count(chance: random.Random, most: int) -> str:
    return chance.choice(("", "0", "1", str(chance.randint(2, most + 2))))


def _erasing(chance: random.Random, width: int, height: int) -> str:
    prefix = chance.choice(("", "", "", "?"))
    if chance.random() < 0.5:
        return f"\x1b[{prefix}{chance.choice(('', '0', '1', '2', '7'))}K"
    if chance.random() < 0.3:
        # Elsewhere the reference is wrong, and the page does it in another way.
        column = chance.randint(1, max(1, width - 1))
        return f"\x1b[{chance.randint(1, height)};{column}H\x1b[{prefix}1J"
    return f"\x1b[{prefix}{chance.choice(('', '0', '2', '3', '9'))}J"


def _placed(chance: random.Random, width: int, height: int, narrow: bool) -> str:
    match chance.randrange(6):
        case 0:
            row, column = chance.randint(0, height + 1), chance.randint(0, width + 1)
            where = chance.choice((f"{row};{column}", str(row), f";{column}", ""))
            return f"\x1b[{where}{chance.choice('Hf')}"
        case 1:
            top = chance.randint(1, height)
            return f"\x1b[{chance.choice((f'{top};{chance.randint(1, height)}', str(top), ''))}r"
        case 2:
            # Repeats what was just written; after anything else there is nothing to repeat.
            character = chance.choice(_REPEATED[:-1] if narrow else _REPEATED)
            return f"{character}\x1b[{_count(chance, 2 * width)}b"
        case 3:
            return f"\x1b[{_count(chance, width)}{chance.choice(_BETWEEN)}"
        case 4:
            column = chance.randint(1, width)
            return f"\x1b[{column}G\x1b[{_count(chance, width)}'{chance.choice('}~')}"
        case _:
            return f"\x1b[{chance.choice(_OTHER + _AUTOWRAP if narrow else _OTHER)}"


def sgr(chance: random.Random) -> str:
    """Return the parameters of a colour sequence."""
    return ";".join(_parameter(chance) for _ in range(chance.choice((0, 1, 1, 1, 2, 3, 5))))


def _parameter(chance: random.Random) -> str:
    def number() -> int:
        return chance.randrange(256)

    target = chance.choice((38, 48, 58))
    match chance.randrange(10):
        case 0:
            return f"{target};5;{number()}"
        case 1:
            return f"{target};2;{number()};{number()};{number()}"
        case 2:
            return f"{target}:5:{number()}"
        case 3:
            return f"{target}:2::{number()}:{number()}:{number()}"
        case 4:
            return f"{target}:2:{number()}:{number()}:{number()}:{number()}"
        case 5:
            return f"4:{chance.randrange(6)}"
        case 6:
            # CMYK, and kinds that nobody knows: their numbers are no colours and no attributes.
            numbers = ";".join(str(number()) for _ in range(4))
            return f"{target};{chance.choice((4, 6, 7, 9))};{numbers}"
        case _:
            return str(chance.choice(_SIMPLE))
