"""The list of changes that no test can notice, because the program does the same with them.

A TOML file with an ``[[equivalent]]`` for each::

    module = "package.protocol.frames"
    function = "FrameDecoder.receive_data"
    before = "if size > 0:"
    after = "if size >= 0:"
    reason = "sizes of 0 have returned above"

``before`` and ``after`` are the lines as the report prints them, so an entry survives when lines
above it move, and ends when its own line changes. Two equal lines of one function are both meant.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from scripts.mutation.points import Mutant

__all__ = ["BadEntry", "Equivalent", "is_listed", "read_equivalents"]


class BadEntry(Exception):
    """The file is no list of equivalent changes."""


@dataclass(frozen=True, slots=True)
class Equivalent:
    """One entry: where, what, and why no test can notice it."""

    module: str
    function: str
    before: str
    after: str
    reason: str

    def matches(self, mutant: Mutant) -> bool:
        """Return whether the entry is about this change."""
        return (self.module, self.function, self.before, self.after) == (
            module_name(mutant.path),
            mutant.function,
            mutant.before,
            mutant.after,
        )


def module_name(path: str) -> str:
    """Return the dotted name of a source file."""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def is_listed(mutant: Mutant, entries: list[Equivalent]) -> bool:
    """Return whether an entry is about this change."""
    return any(entry.matches(mutant) for entry in entries)


def read_equivalents(path: Path) -> list[Equivalent]:
    """Read the list; no file is an empty list.

    Raises:
        BadEntry: it is not TOML, or an entry lacks a text or has one too many.
    """
    if not path.exists():
        return []
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise BadEntry(f"{path}: {error}") from error
    entries = []
    for number, entry in enumerate(data.pop("equivalent", []), 1):
        texts = {name: " ".join(str(text).split()) for name, text in entry.items()}
        try:
            made = Equivalent(**texts)
        except TypeError as error:
            raise BadEntry(f"{path}: entry {number}: {error}") from error
        if not made.reason:
            raise BadEntry(f"{path}: entry {number}: the reason is empty")
        entries.append(made)
    if data:
        raise BadEntry(f"{path}: unknown: {', '.join(data)}")
    return entries
