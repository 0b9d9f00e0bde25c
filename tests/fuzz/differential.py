"""Compares the screen of saved output with xterm.js over random sequences: the same cells on both.

The page draws with xterm.js, so a difference is something that a saved notebook shows otherwise.
Needs Node and the front end's modules.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from hyper_jupyter.recording.screen.screen import Screen
from hyper_jupyter.recording.screen.style import Style
from tests.fuzz.sequences import Case, case

__all__ = ["Reference", "can_compare", "cells", "differences"]

JS: Final = Path(__file__).resolve().parents[2] / "js"
_BATCH: Final = 200
LOG_WIDTH: Final = 400
"""Columns of the reference for a log: more than any input reaches."""

_SWITCHES: Final = (
    ("b", "bold"), ("d", "dim"), ("i", "italic"), ("r", "inverse"),
    ("c", "concealed"), ("s", "struck"), ("u", "underline"),
)  # fmt: skip


def can_compare() -> bool:
    """Whether the reference can be run here."""
    return shutil.which("node") is not None and (JS / "node_modules/@xterm/headless").is_dir()


class Reference:
    """xterm.js in a process of its own."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            ["node", "cells.mjs"], cwd=JS, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            encoding="utf-8",
        )  # fmt: skip

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.communicate()

    def cells(self, cases: Sequence[Case]) -> list[Any]:
        """Return what it shows after each input, in the form of :func:`cells`."""
        asked, answered = self._process.stdin, self._process.stdout
        assert asked is not None
        assert answered is not None
        for one in cases:
            json.dump([one.width or LOG_WIDTH, one.height, one.returns, one.text], asked)
            asked.write("\n")
        asked.flush()
        return [json.loads(answered.readline()) for _ in cases]


def cells(one: Case) -> Any:
    """Return what the screen shows: the cursor, and each line's cells and runs of styles."""
    screen = Screen(one.width, one.height, newline_returns=one.returns)
    screen.feed(one.text)
    lines = []
    for line in screen.lines if screen.shows_picture is False else []:
        end = len(line.characters)
        styles = [_style(style) for style in line.styles]
        while end and line.characters[end - 1] == " " and not styles[end - 1]:
            end -= 1
        runs = [[len(list(run)), style] for style, run in groupby(styles[:end])]
        lines.append([line.wrapped, line.characters[:end], runs])
    return [list(screen.cursor), lines]


def _style(style: Style) -> str:
    def colour(value: int | tuple[int, int, int] | None) -> str:
        if isinstance(value, tuple):
            return "#{:02x}{:02x}{:02x}".format(*value)
        return "" if value is None else str(value)

    switches = "".join(letter for letter, name in _SWITCHES if getattr(style, name))
    parts = colour(style.foreground), colour(style.background), switches
    return "/".join(parts) if any(parts) else ""


def differences(first: int, count: int) -> Iterator[tuple[int, Case, Any, Any]]:
    """Yield the inputs after which the two do not show the same: number, input, shown, expected."""
    with Reference() as reference:
        for start in range(first, first + count, _BATCH):
            numbers = range(start, min(start + _BATCH, first + count))
            cases = [case(number) for number in numbers]
            for number, one, expected in zip(numbers, cases, reference.cells(cases), strict=True):
                shown = cells(one)
                if shown != expected:
                    yield number, one, shown, expected
