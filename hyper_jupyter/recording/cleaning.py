"""Rendered lines without what must not be saved.

Layer: recording. Pure, except for the functions of the user in ``redact``; any thread.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from typing import Any

from hyper_jupyter.recording.excerpt import Run
from hyper_jupyter.recording.screen.style import PLAIN
from hyper_jupyter.settings.saved_output import REDACTED, SavedOutput, filtered

__all__ = ["clean_lines"]


def clean_lines(policy: SavedOutput, lines: list[list[Run]]) -> list[list[Run]]:
    """Return lines without what must not be saved. Unchanged text keeps its colours.

    Raises:
        Exception: whatever a function of the user raised. Then nothing may be saved.
    """
    for rule in policy.redact:
        apply = _apply_function if callable(rule) else _apply_pattern
        lines = apply(rule, lines)
    return lines


def _text(lines: list[list[Run]]) -> str:
    return "\n".join("".join(text for text, _ in line) for line in lines)


def _apply_function(function: Callable[[str], Any], lines: list[list[Run]]) -> list[list[Run]]:
    before = _text(lines)
    after = filtered(function, before)
    if after == before:
        return lines
    old, new = before.split("\n"), after.split("\n")
    same_number = len(old) == len(new)
    return [
        lines[number] if same_number and text == old[number] else [(text, PLAIN)]
        for number, text in enumerate(new)
    ]


def _apply_pattern(pattern: re.Pattern[str], lines: list[list[Run]]) -> list[list[Run]]:
    """Replace matches. One that spans several lines leaves a mark in each, so none is removed."""
    spans = [match.span() for match in pattern.finditer(_text(lines)) if match[0]]
    if not spans:
        return lines
    cleaned = []
    start = 0
    for line in lines:
        length = sum(len(text) for text, _ in line)
        here = [
            (max(begin - start, 0), min(end - start, length))
            for begin, end in spans
            if begin < start + length and end > start
        ]
        cleaned.append(_replace(line, here) if here else line)
        start += length + 1
    return cleaned


def _replace(line: list[Run], spans: list[tuple[int, int]]) -> list[Run]:
    edges = [0, *(edge for span in spans for edge in span), sum(len(text) for text, _ in line)]
    replaced: list[Run] = []
    for number, (begin, end) in enumerate(pairwise(edges)):
        if number % 2:
            replaced.append((REDACTED, PLAIN))
            continue
        at = 0
        for text, style in line:
            piece = text[max(begin - at, 0) : max(end - at, 0)]
            if piece:
                replaced.append((piece, style))
            at += len(text)
    return replaced
