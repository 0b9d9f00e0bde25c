"""What a parser expects at the cursor of a line that is not complete.

Layer: magics. No I/O. argparse itself reads only whole lines.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass

from hyper_jupyter.magics.arguments import Parser

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
    walk = _Walk(parser)
    for each in before:
        walk.take(each)
    if walk.in_command:
        return Position()
    argument, prefix = None, ""
    if walk.pending is not None:
        argument, walk.pending = walk.pending, None
    elif walk.is_flag(word):
        actions, glued, _ = walk.read_flag(word)
        if glued:
            argument, prefix = actions[-1], glued
    elif walk.place is not None:
        argument = walk.place
        walk.leave_place()
    for each in after:
        walk.take(each)
    if argument is not None:
        return Position(argument, prefix, frozenset(walk.values.get(argument.dest, ())))
    may = [
        action
        for action in parser.arguments
        if action.option_strings and (action.dest in parser.repeatable or action not in walk.used)
    ]
    return Position(flags=tuple(may))


class _Walk:
    """Reads a line's words as argparse does, and notes where that leads.

    Attributes:
        pending: the option whose value comes next.
        used: the options of the line.
        values: of each argument, by where the parsed one is kept.
    """

    def __init__(self, parser: Parser) -> None:
        self._flags = {name: each for each in parser.arguments for name in each.option_strings}
        self._places = [each for each in parser.arguments if not each.option_strings]
        self._only_names = False  # after --
        self.pending: argparse.Action | None = None
        self.used: list[argparse.Action] = []
        self.values: dict[str, list[str]] = {}

    @property
    def place(self) -> argparse.Action | None:
        """The argument without a name that comes next."""
        return self._places[0] if self._places else None

    @property
    def in_command(self) -> bool:
        """Whether all that follows is the command of a program, its options too."""
        place = self.place
        return self.pending is None and place is not None and place.nargs == argparse.REMAINDER

    def is_flag(self, word: str) -> bool:
        """Whether a word is, or begins as, an option."""
        return word.startswith("-") and not self._only_names

    def take(self, word: str) -> None:
        """Read the next word."""
        if self.in_command:
            return
        if self.pending is not None:
            self._add(self.pending, word)
            self.pending = None
        elif word == "--" and not self._only_names:
            self._only_names = True
        elif self.is_flag(word) and word != "-":
            actions, glued, value = self.read_flag(word)
            self.used += actions
            if glued:
                self._add(actions[-1], value)
            elif actions and actions[-1].nargs != 0:
                self.pending = actions[-1]
        elif self.place is not None:
            self._add(self.place, word)
            self.leave_place()

    def leave_place(self) -> None:
        """Go on to the next argument, unless this one takes any number of words."""
        if self._places[0].nargs not in (argparse.ONE_OR_MORE, argparse.ZERO_OR_MORE):
            del self._places[0]

    def read_flag(self, word: str) -> tuple[list[argparse.Action], str, str]:
        """Read a word with options: ``--layout=tabs``, ``-it``, ``-sTERM``.

        Returns:
            The options, as far as they are known. If the last one's value is in the word: what
            precedes the value, and the value; otherwise two empty texts.
        """
        if word.startswith("--"):
            name, equals, value = word.partition("=")
            found = [self._flags[name]] if name in self._flags else []
            return (found, name + equals, value) if found and equals else (found, "", "")
        actions: list[argparse.Action] = []
        for end, letter in enumerate(word[1:], 2):
            if (action := self._flags.get(f"-{letter}")) is None:
                break
            actions.append(action)
            if action.nargs != 0:
                glued = word[:end]
                return (actions, glued, word[end:]) if word[end:] else (actions, "", "")
        return actions, "", ""

    def _add(self, action: argparse.Action, value: str) -> None:
        self.values.setdefault(action.dest, []).append(value)
