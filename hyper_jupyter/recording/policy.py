"""What is saved of a session's output in the notebook: the user's choice.

Layer: recording. Any thread. The functions in ``redact`` are the user's code and run in the
thread that renders.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import traitlets
from traitlets.config import Configurable

from hyper_jupyter.recording.excerpt import Run
from hyper_jupyter.recording.plain import REDACTED
from hyper_jupyter.recording.screen.style import PLAIN

__all__ = ["SavedOutput"]


class SavedOutput(Configurable):  # type: ignore[misc]
    """What is put into the notebook beside the widget, for readers without a kernel.

    Set it by ``c.SavedOutput.enabled = False`` in IPython's configuration, ``%config SavedOutput``
    in a notebook, or :func:`hyper_jupyter.configure`.
    """

    enabled = traitlets.Bool(True, help="Save the end of the output in the notebook.").tag(
        config=True
    )
    lines = traitlets.Int(100, min=0, max=1000, help="How many lines of each stream, at most.").tag(
        config=True
    )
    size = traitlets.Int(
        64 * 1024,
        min=2048,
        max=1024 * 1024,
        help="How many characters of HTML per session, at most.",
    ).tag(config=True)
    redact = traitlets.List(
        help="What must not be saved: regular expressions, whose matches are replaced, and "
        "functions that get a text and return it without its secrets. The text is what a terminal "
        "would show of a stream, without colours. Regular expressions also look at the characters "
        "as they were printed, without escape sequences."
    ).tag(config=True)

    @traitlets.validate("redact")  # type: ignore[untyped-decorator]
    def _validate_redact(self, proposal: Any) -> list[Any]:
        checked: list[Any] = []
        for rule in proposal["value"]:
            if callable(rule):
                checked.append(rule)
                continue
            try:
                checked.append(re.compile(rule))
            except (re.error, TypeError) as error:
                raise traitlets.TraitError(
                    f"{rule!r} is neither a function nor a regular expression: {error}"
                ) from error
        return checked

    def clean(self, text: str) -> str:
        """Return a text without what must not be saved.

        Raises:
            Exception: whatever a function of the user raised. Then nothing may be saved.
        """
        for rule in self.redact:
            text = _returned(rule, text) if callable(rule) else rule.sub(REDACTED, text)
        return text

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Return where a text has what must not be saved, by the regular expressions.

        Functions are not asked: they return a text, which cannot be put back between what moves a
        cursor.
        """
        found = [
            match.span()
            for rule in self.redact
            if not callable(rule)
            for match in rule.finditer(text)
            if match[0]
        ]
        return sorted(found)

    def clean_lines(self, lines: list[list[Run]]) -> list[list[Run]]:
        """Return lines without what must not be saved. Unchanged text keeps its colours.

        Raises:
            Exception: as for :meth:`clean`.
        """
        for rule in self.redact:
            apply = _apply_function if callable(rule) else _apply_pattern
            lines = apply(rule, lines)
        return lines


def _returned(function: Callable[[str], Any], text: str) -> str:
    answer = function(text)
    if not isinstance(answer, str):
        raise TypeError(f"a function of redact returned {type(answer).__name__} instead of str")
    return answer


def _text(lines: list[list[Run]]) -> str:
    return "\n".join("".join(text for text, _ in line) for line in lines)


def _apply_function(function: Callable[[str], Any], lines: list[list[Run]]) -> list[list[Run]]:
    before = _text(lines)
    after = _returned(function, before)
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
