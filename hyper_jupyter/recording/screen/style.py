"""How characters look: the styles that SGR sequences set, and their CSS.

Layer: recording. No I/O; any thread. Saved notebooks are read on light and dark pages, and printed:
``colour.py`` has the colours for both, and here CSS takes the right one, by the page's background.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from hyper_jupyter.recording.screen.colour import Colour, Inks, ink_on, inks, paper_of

__all__ = ["FONT", "NO_MATH", "PAGE", "PLAIN", "Colour", "Style", "apply_sgr", "css", "definitions"]

FONT: Final = (
    "font-family:var(--jp-code-font-family,monospace);"
    "font-size:13px;font-size:var(--jp-code-font-size,inherit);"
    "line-height:var(--jp-code-line-height,1.2143)"
)
"""That of text outputs: JupyterLab's and nbconvert's, or else the page's. JupyterLab removes values
with variables from notebooks that it does not trust: there 13 px stay."""

NO_MATH: Final = "tex2jax_ignore mathjax_ignore"
"""The classes of an element in which a ``$`` begins no formula: the first for MathJax 2, which
nbconvert loads, the second for MathJax 3, which JupyterLab brings. Neither reads a ``<pre>``."""

PAGE: Final = {
    "hp": "var(--jp-layout-color0,var(--vscode-editor-background,#fafafa))",
    "hi": "var(--jp-content-font-color1,var(--vscode-editor-foreground,#24292f))",
}
"""What the page's background and text are: JupyterLab's, VS Code's, or our own, light ones."""

_SWITCH: Final = "(125 - .3*r - .59*g - .11*b)*99"
"""Of a page's background: far above 255 where it is dark, far below 0 where it is light."""

_DIM: Final = "hd"
"""The name of dim text without a colour, which is in every view that has marks."""

_USED: Final = re.compile(r"var\(--(h\d+|hd)\)")


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
    """Return the declarations for a ``style`` attribute; empty for plain text.

    They need the custom properties that :func:`definitions` returns. Where a reader removes those,
    or does not know such colours, text has the page's own colour.
    """
    rules = _colours(style)
    if style.bold:
        rules.append("font-weight:bold")
    if style.italic:
        rules.append("font-style:italic")
    lines = [word for word, on in _lines(style) if on]
    if lines:
        rules.append("text-decoration:" + " ".join(lines))
    return ";".join(rules)


def definitions(markup: str) -> dict[str, str]:
    """Return the custom properties that an element needs around some markup: names and values."""
    names = sorted(set(_USED.findall(markup)))
    needed = {"hk": _SWITCH} if names or "var(--hk)" in markup else {}
    for name in names:
        pair = inks(None, dim=True) if name == _DIM else inks(int(name[1:]))
        needed[name] = _switched(pair)
    return PAGE | needed


def _colours(style: Style) -> list[str]:
    foreground, background = style.foreground, style.background
    if style.bold and isinstance(foreground if not style.inverse else background, int):
        # As terminals draw it: bold text of a name is bright.
        if style.inverse:
            background = _bright(background)
        else:
            foreground = _bright(foreground)
    if style.inverse and foreground is None and background is None and not style.dim:
        return ["color:var(--hp)", "background-color:var(--hi)"]
    if style.inverse:
        # What text is on a light page is dark enough for a background on any page.
        paper = inks(foreground).light
        return _pair(ink_on(background, paper, dim=style.dim), paper)
    if background is not None:
        paper = paper_of(background)
        return _pair(ink_on(foreground, paper, dim=style.dim), paper)
    if foreground is None:
        return [f"color:var(--{_DIM})"] if style.dim else []
    if isinstance(foreground, int) and foreground < 16 and not style.dim:
        return [f"color:var(--h{foreground})"]
    return [f"color:{_switched(inks(foreground, dim=style.dim))}"]


def _bright(colour: int | Colour | None) -> int | Colour | None:
    return colour + 8 if isinstance(colour, int) and colour < 8 else colour


def _pair(ink: Colour, paper: Colour) -> list[str]:
    return [f"color:{_hex(ink)}", f"background-color:{_hex(paper)}"]


def _switched(inks: Inks) -> str:
    """Return a CSS colour that is the first on a light page and the second on a dark one.

    Neither a media query nor ``light-dark()`` can say it: they ask the browser, and a notebook has
    its own theme.
    """
    parts = (f"clamp({a},var(--hk),{b})" for a, b in zip(*inks, strict=True))
    return f"rgb(from var(--hp) {' '.join(parts)}/1)"


def _lines(style: Style) -> tuple[tuple[str, bool], ...]:
    return ("underline", style.underline), ("line-through", style.struck)


def _hex(colour: Colour) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)
