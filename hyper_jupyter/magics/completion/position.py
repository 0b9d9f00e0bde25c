"""What a parser expects at the cursor of a line that is not complete.

Layer: magics. No I/O. argparse itself reads only whole lines.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass

from hyper_jupyter.magics.arguments import Parser
from hyper_jupyter.magics.words import WordReader

__all__ = ["Position", "find_position"]


@dataclass(frozen=True, slots=True)
class Position:
    """What may be written at the cursor: a value, an option, or nothing that we know.

    Attributes:
        argument: the argument whose value it is; ``None`` if no value is expected.
        prefix: what precedes the value in the same word, such as ``--layout=``.
        given: the values that the argument has elsewhere in the line.
        flags: the options that may be written there.
    """

    argument: argparse.Action | None = None
    prefix: str = ""
    given: frozenset[str] = frozenset()
    flags: tuple[argparse.Action, ...] = ()


def find_position(
    parser: Parser, before: Sequence[str], word: str, after: Sequence[str]
) -> Position:
    """Return what a parser expects at the cursor.

    Args:
        parser: of the magic, or of the verb.
        before: the words before the cursor, after the magic's or the verb's name.
        word: the beginning of the word at the cursor.
        after: the words after it.
    """
    reader = WordReader(parser.arguments)
    for each in before:
        reader.take(each)
    if reader.in_command:
        return Position()
    argument, prefix = None, ""
    if reader.pending is not None:
        argument, reader.pending = reader.pending, None
    elif reader.is_flag(word):
        actions, glued, _ = reader.read_flag(word)
        if glued:
            argument, prefix = actions[-1], glued
    elif reader.place is not None:
        argument = reader.place
        reader.leave_place()
    for each in after:
        reader.take(each)
    if argument is not None:
        return Position(argument, prefix, frozenset(reader.values.get(argument.dest, ())))
    may = [
        action
        for action in parser.arguments
        if action.option_strings and (action.dest in parser.repeatable or action not in reader.used)
    ]
    return Position(flags=tuple(may))
