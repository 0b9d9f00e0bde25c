"""How many columns characters take, alone and together: a cluster (an emoji of several parts, a
letter with its marks, a flag) is one cell of one or two columns.

Layer: recording. Pure functions; any thread. ``js/src/terminal/character-widths.ts`` is the same
for the page, with the same table: a change here is a change there.

Strategy: xterm.js asks for the properties of one character after the other, and gives the
properties of the one before. So the state between two characters is a number: its lowest bit says
whether the character joins the cell before, two bits are the width of that cell so far, and the
rest is a *phase*, which says what may follow.
"""

from __future__ import annotations

import functools
import re
from bisect import bisect_right
from itertools import accumulate
from typing import Final

from hyper_jupyter.recording.screen.width_table import ENTRIES, RUNS

__all__ = ["joins", "properties", "width_of"]

_MAY_WIDEN: Final = 16
_WIDTH: Final = 32
(_OTHER, _FORMAT, _EXTEND, _ZWJ, _VS16, _REGIONAL, _MODIFIER, _WIDENING, _PICTURE, _LINKER,
 _CONSONANT) = range(11)  # fmt: skip
_NO_COLUMN: Final = frozenset({_FORMAT, _EXTEND, _ZWJ, _VS16, _WIDENING, _LINKER})

# Phases. After the first one, which is none, they say what came last.
(_NONE, _BASE, _WIDENABLE, _PICTURED, _WIDENABLE_PICTURE, _PICTURE_ZWJ, _FLAG, _LETTER,
 _LINKED) = range(9)  # fmt: skip


def joins(state: int) -> bool:
    """Whether the character belongs to the cell before it."""
    return bool(state & 1)


def width_of(state: int) -> int:
    """Return the width of the cell that the character is in: 1 or 2; 0 if that stays as it was."""
    return state >> 1 & 3


@functools.lru_cache(maxsize=8192)
def properties(character: str, before: int, *, first_column: bool = False) -> int:
    """Return the properties of a character.

    Args:
        character: one character, no control.
        before: the properties of the one before it; 0 if something else than a character came last.
        first_column: whether there is no cell before it, which a mark could join.
    """
    kind, width = _entry(ord(character))
    phase = before >> 3
    cell = width_of(before)
    base = kind & ~_MAY_WIDEN
    if base in _NO_COLUMN:
        if not phase and first_column:
            return _state(_BASE, 1, False)
        phase, cell = _marked(base, phase, cell)
        return _state(phase, cell, True)
    if phase in _FOLLOWERS and base == _FOLLOWERS[phase][0]:
        return _state(_FOLLOWERS[phase][1], min(2, cell + width), True)
    return _state(_phase_of(kind), width, False)


# What may follow in the same cell, beside marks, and the phase after it.
_FOLLOWERS: Final = {
    _PICTURED: (_MODIFIER, _PICTURED),
    _WIDENABLE_PICTURE: (_MODIFIER, _PICTURED),
    _PICTURE_ZWJ: (_PICTURE, _PICTURED),
    _FLAG: (_REGIONAL, _BASE),
    _LINKED: (_CONSONANT, _LETTER),
}


def _phase_of(kind: int) -> int:
    """Return the phase after a character that begins a cell."""
    base = kind & ~_MAY_WIDEN
    if base == _PICTURE:
        return _WIDENABLE_PICTURE if kind & _MAY_WIDEN else _PICTURED
    if base == _REGIONAL:
        return _FLAG
    if base == _CONSONANT:
        return _LETTER
    return _WIDENABLE if kind & _MAY_WIDEN else _BASE


def _marked(kind: int, phase: int, cell: int) -> tuple[int, int]:
    """Return the phase and the width of a cell after a character without a column joined it."""
    picture = phase in (_PICTURED, _WIDENABLE_PICTURE)
    if kind == _WIDENING:
        return _BASE, 2 if cell else 0
    if kind == _VS16 and phase in (_WIDENABLE, _WIDENABLE_PICTURE):
        cell = 2
    if kind == _FORMAT:
        return _BASE, cell
    if picture:
        return _PICTURE_ZWJ if kind == _ZWJ else _PICTURED, cell
    if phase in (_LETTER, _LINKED):
        return _LINKED if kind == _LINKER else phase, cell
    return _BASE, cell


def _state(phase: int, width: int, joining: bool) -> int:
    return phase << 3 | width << 1 | joining


@functools.cache
def _table() -> tuple[list[int], list[int]]:
    runs = re.findall("([0-9a-z]*)([A-Z])", RUNS)
    lengths = (int(length or "1", 36) for length, _ in runs)
    entries = [ENTRIES[ord(letter) - ord("A")] for _, letter in runs]
    return list(accumulate(lengths, initial=0))[:-1], entries


@functools.lru_cache(maxsize=4096)
def _entry(code: int) -> tuple[int, int]:
    """Return the kind of a code point, and its width alone."""
    starts, entries = _table()
    entry = entries[bisect_right(starts, code) - 1]
    return entry % _WIDTH, entry // _WIDTH
