"""How characters look: the styles that SGR sequences set, and their CSS.

Layer: recording. No I/O; any thread. The colours are chosen for a light background that we set
ourselves, because saved notebooks are read on light and dark pages, and printed.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Final, NamedTuple

__all__ = ["BACKGROUND", "FOREGROUND", "PLAIN", "Colour", "Style", "apply_sgr", "css"]

Colour = tuple[int, int, int]
"""Red, green, blue, each 0 to 255."""

BACKGROUND: Final[Colour] = (250, 250, 250)
FOREGROUND: Final[Colour] = (36, 41, 47)

_READABLE: Final = 4.5
"""The contrast that WCAG requires for text. A program's own colours are darkened to reach it."""

_SIXTEEN: Final[tuple[Colour, ...]] = (
    (36, 41, 47),
    (179, 29, 40),
    (17, 99, 41),
    (125, 78, 0),
    (9, 80, 172),
    (130, 80, 223),
    (20, 107, 122),
    (87, 96, 106),
    (87, 96, 106),
    (207, 34, 46),
    (26, 127, 55),
    (154, 103, 0),
    (9, 105, 218),
    (163, 71, 186),
    (27, 124, 131),
    (36, 41, 47),
)
"""The named colours, chosen to be readable on our background: "white" is a dark grey."""


_PAPERS: Final[dict[int, Colour]] = {
    2: (143, 209, 158),
    3: (242, 204, 96),
    6: (139, 219, 227),
    7: (216, 222, 228),
    10: (180, 241, 180),
    11: (255, 230, 128),
    14: (184, 240, 245),
    15: (246, 248, 250),
}
"""The light ones as backgrounds: "black on yellow" wants a light yellow."""


class Style(NamedTuple):
    """The look of a character. Colours are palette numbers or triples; ``None`` is the default.

    ``protected`` is no look: sequences for a selective erasure spare such a character.
    """

    foreground: int | Colour | None = None
    background: int | Colour | None = None
    bold: bool = False
    dim: bool = False
    italic: bool = False
    underline: bool = False
    inverse: bool = False
    concealed: bool = False
    struck: bool = False
    protected: bool = False


PLAIN: Final = Style()

_SWITCHES: Final[dict[int, dict[str, bool]]] = {
    1: {"bold": True},
    2: {"dim": True},
    3: {"italic": True},
    4: {"underline": True},
    7: {"inverse": True},
    8: {"concealed": True},
    9: {"struck": True},
    21: {"underline": True},
    22: {"bold": False, "dim": False},
    23: {"italic": False},
    24: {"underline": False},
    27: {"inverse": False},
    28: {"concealed": False},
    29: {"struck": False},
}


_ARGUMENTS: Final = {0: 0, 1: 0, 2: 3, 3: 3, 4: 4, 5: 1}
"""How many numbers follow the kind of a colour (ISO 8613-6): implementation's own, transparent,
RGB, CMY, CMYK, indexed."""

_UNKNOWN: Final = 4
"""How many are taken to follow a kind that nobody knows."""


def apply_sgr(style: Style, parameters: str) -> Style:
    """Return a style as a ``CSI … m`` sequence changes it. Unknown parameters change nothing.

    Args:
        style: the style before.
        parameters: the text between ``CSI`` and ``m``: numbers separated by semicolons. Those of a
            colour or an underline may be separated by colons (ECMA-48, ISO 8613-6).
    """
    words = [word.split(":") for word in parameters.split(";")]
    numbers = [[int(part) if part.isdecimal() else 0 for part in word] for word in words]
    at = 0
    while at < len(numbers):
        word = numbers[at]
        code = word[0]
        at += 1
        if code in (38, 48, 58):
            if len(word) > 1:
                colour = _extended(word[1:] if len(word) < 6 else [word[1], *word[3:]])
            else:
                following = [n[0] for n in numbers[at : at + 5]]
                colour = _extended(following)
                kind = following[0] if following else 0
                at += 1 + _ARGUMENTS.get(kind, _UNKNOWN)
            if colour is not None and code != 58:  # 58 is the colour of the underline
                style = _coloured(style, code == 38, colour)
        else:
            style = _simple(style, code, word)
    return style


def _simple(style: Style, code: int, word: Sequence[int]) -> Style:
    """Return a style as one parameter without arguments changes it."""
    if code == 0:
        return PLAIN
    if code == 4 and word[1:2] == [0]:
        return style._replace(underline=False)
    if code in _SWITCHES:
        return style._replace(**_SWITCHES[code])
    if code in (39, 49):
        return _coloured(style, code == 39, None)
    if 30 <= code <= 37 or 90 <= code <= 97:
        return _coloured(style, True, code - 30 if code < 90 else code - 82)
    if 40 <= code <= 47 or 100 <= code <= 107:
        return _coloured(style, False, code - 40 if code < 100 else code - 92)
    return style


def _coloured(style: Style, foreground: bool, colour: int | Colour | None) -> Style:
    if foreground:
        return style._replace(foreground=colour)
    return style._replace(background=colour)


def _extended(numbers: Sequence[int]) -> int | Colour | None:
    """Return the colour after a 38 or 48."""
    match list(numbers):
        case [5, number, *_]:
            return number if 0 <= number <= 255 else None
        case [2, red, green, blue, *_]:
            colour = (red, green, blue)
            return colour if max(colour) <= 255 else None
        case _:
            return None


@functools.lru_cache(maxsize=1024)
def css(style: Style) -> str:
    """Return the declarations for a ``style`` attribute; empty for plain text."""
    foreground, background = style.foreground, style.background
    if style.inverse:
        foreground = FOREGROUND if foreground is None else foreground
        background = BACKGROUND if background is None else background
        foreground, background = background, foreground
    paper = BACKGROUND if background is None else _rgb(background)
    if not style.inverse and isinstance(background, int):
        paper = _PAPERS.get(background, paper)
    ink = FOREGROUND if foreground is None else _rgb(foreground)
    rules = []
    ink = _readable(ink, paper)
    if ink != FOREGROUND:
        rules.append(f"color:{_hex(ink)}")
    if paper != BACKGROUND:
        rules.append(f"background-color:{_hex(paper)}")
    if style.bold:
        rules.append("font-weight:bold")
    if style.dim:
        rules.append("opacity:.75")
    if style.italic:
        rules.append("font-style:italic")
    lines = [word for word, on in _lines(style) if on]
    if lines:
        rules.append("text-decoration:" + " ".join(lines))
    return ";".join(rules)


def _lines(style: Style) -> tuple[tuple[str, bool], ...]:
    return ("underline", style.underline), ("line-through", style.struck)


def _rgb(colour: int | Colour) -> Colour:
    if isinstance(colour, tuple):
        return colour
    if colour < 16:
        return _SIXTEEN[colour]
    if colour < 232:
        red, rest = divmod(colour - 16, 36)
        green, blue = divmod(rest, 6)
        steps = (0, 95, 135, 175, 215, 255)
        return steps[red], steps[green], steps[blue]
    grey = 8 + 10 * (colour - 232)
    return grey, grey, grey


def _readable(ink: Colour, paper: Colour) -> Colour:
    """Return the ink, moved towards black or white until it is readable on the paper."""
    target = 0 if _luminance(paper) > 0.18 else 255
    for step in range(11):
        mixed = tuple(round(part + (target - part) * step / 10) for part in ink)
        found: Colour = (mixed[0], mixed[1], mixed[2])
        if _contrast(found, paper) >= _READABLE:
            break
    return found


def _contrast(one: Colour, other: Colour) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: Colour) -> float:
    """Return the relative luminance, as WCAG 2 defines it."""
    linear = [
        part / 3294.6 if part <= 10 else ((part / 255 + 0.055) / 1.055) ** 2.4 for part in colour
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _hex(colour: Colour) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)
