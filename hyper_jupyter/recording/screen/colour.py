"""The colours of saved text: the names as text and as backgrounds, and the ink for each background.

Layer: recording. No I/O but reading our own palette; any thread. The page's palette
(js/src/terminal/colour) has the same names and finds the same inks; ``tests/vectors/colours.json``
has examples for both.

A saved notebook is read on light and on dark pages. So text has two colours, one for each, unless
it has a background of its own.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

__all__ = ["ENHANCED", "READABLE", "Colour", "Inks", "contrast", "ink_on", "inks", "paper_of"]

Colour = tuple[int, int, int]
"""Red, green, blue, each 0 to 255."""

READABLE: Final = 4.5
"""The contrast that WCAG requires for text."""

ENHANCED: Final = 7.0
"""The contrast that WCAG calls enhanced."""

_STEPS: Final = 32
"""Steps from a colour to black or white."""

_MIDDLE: Final = 0.179
"""The luminance of a paper on which black and white can be read equally well."""

_LIGHTEST_DARK: Final[Colour] = (60, 60, 60)
_DARKEST_LIGHT: Final[Colour] = (232, 232, 232)
"""Pages between these two are neither light nor dark: saved colours are not made for them."""

_PLAIN: Final[tuple[Colour, Colour]] = (31, 35, 40), (240, 243, 246)
"""Text without a colour, on light and on dark backgrounds."""


def _read(name: str) -> tuple[Colour, ...]:
    found = json.loads(Path(__file__).with_name("palette.json").read_text("utf-8"))[name]
    return tuple((int(c[1:3], 16), int(c[3:5], 16), int(c[5:7], 16)) for c in found)


_ON_LIGHT: Final = _read("onLight")
_ON_DARK: Final = _read("onDark")
_PAPERS: Final = _read("papers")


class Inks(NamedTuple):
    """A text's colours on light and dark pages. No part of the first exceeds the second's."""

    light: Colour
    dark: Colour


def paper_of(colour: int | Colour) -> Colour:
    """Return a colour as a background. ``colour``: its number in the palette, or itself."""
    if isinstance(colour, int) and colour < len(_PAPERS):
        return _PAPERS[colour]
    return _rgb(colour)


def ink_on(ink: int | Colour | None, paper: Colour, *, dim: bool = False) -> Colour:
    """Return the colour of a text on a background.

    Args:
        ink: its number in the palette, or a colour; ``None`` for text without a colour.
        paper: the background.
        dim: whether it is half as strong, as far as it can be read.
    """
    dark = _is_dark(paper)
    if ink is None:
        wanted = _PLAIN[dark]
    elif isinstance(ink, int) and ink < len(_PAPERS):
        wanted = (_ON_DARK if dark else _ON_LIGHT)[ink]
    else:
        wanted = _rgb(ink)
    found = _readable(wanted, paper)
    return _readable(_half(found, paper), paper) if dim else found


@cache
def inks(ink: int | Colour | None, dim: bool = False) -> Inks:
    """Return the colours of a text on pages whose background is not known."""
    light, dark = (ink_on(ink, paper, dim=dim) for paper in (_DARKEST_LIGHT, _LIGHTEST_DARK))
    red, green, blue = map(max, light, dark)  # on a dark page more light is as easy to read
    return Inks(light, (red, green, blue))


def contrast(one: Colour, other: Colour) -> float:
    """Return the contrast of two colours, as WCAG 2 defines it: 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _rgb(colour: int | Colour) -> Colour:
    """Return a colour of xterm's palette, above the sixteen names, or the colour itself."""
    if isinstance(colour, tuple):
        return colour
    if colour < 232:
        red, rest = divmod(colour - 16, 36)
        green, blue = divmod(rest, 6)
        steps = (0, 95, 135, 175, 215, 255)
        return steps[red], steps[green], steps[blue]
    grey = 8 + 10 * (colour - 232)
    return grey, grey, grey


def _readable(ink: Colour, paper: Colour, ratio: float = READABLE) -> Colour:
    """Return the ink, moved towards black or white until it has a contrast on the paper."""
    target = 255 if _is_dark(paper) else 0
    found = ink
    for step in range(_STEPS + 1):
        red, green, blue = (
            (part * (_STEPS - step) + target * step + _STEPS // 2) // _STEPS for part in ink
        )
        found = (red, green, blue)
        if contrast(found, paper) >= ratio:
            break
    return found


def _half(ink: Colour, paper: Colour) -> Colour:
    """Return the colour in the middle of two, rounded as the page rounds."""
    red, green, blue = ((a + b + 1) // 2 for a, b in zip(ink, paper, strict=True))
    return red, green, blue


def _is_dark(paper: Colour) -> bool:
    return _luminance(paper) < _MIDDLE


def _luminance(colour: Colour) -> float:
    """Return the relative luminance, as WCAG 2 defines it."""
    linear = [
        part / 3294.6 if part <= 10 else ((part / 255 + 0.055) / 1.055) ** 2.4 for part in colour
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
