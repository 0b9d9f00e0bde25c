"""What a line is made of before argparse reads it: its end, what is for a shell, its options.

Layer: magics. No I/O. Completion uses the same reader of words: argparse reads only whole lines.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

__all__ = ["MagicLine", "WordReader", "options_first", "read_magic_line", "switch_flags"]

_OPERATOR: Final = re.compile(r"\d*(?:>[>|]?|<{1,3})&?\d*|&>{1,2}|&&?|\|\|?")
"""What a shell acts on where a word would begin."""

_SWITCH: Final = {
    **dict.fromkeys(("1", "t", "T", "true", "True", "TRUE"), True),
    **dict.fromkeys(("0", "f", "F", "false", "False", "FALSE"), False),
}
"""What docker's flags take for a value: the texts that Go's ``strconv.ParseBool`` reads."""


@dataclass(frozen=True, slots=True)
class MagicLine:
    """A magic's line, with what a shell and IPython would act on.

    Attributes:
        text: without a comment at the end, and without the semicolon there.
        operator: the first thing that only a shell does, such as ``|`` or ``$(…)``; empty if there
            is none.
        silent: there was a semicolon at the end, which in IPython means not to show the value.
    """

    text: str
    operator: str = ""
    silent: bool = False


def read_magic_line(line: str) -> MagicLine:
    """Find the comment, the semicolon and the shell's operators of a line. What is quoted stays.

    Operators count where a word begins, as in ``web > file``, and a semicolon where one ends: URLs
    and the like need no quotes.
    """
    quote, in_word, at = "", False, 0
    while at < len(line):
        letter = line[at]
        if letter == "\\" and quote != "'":
            in_word, at = True, at + 2
            continue
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"":
            quote, in_word = letter, True
        elif letter in " \t\r\n":
            in_word = False
        elif letter == "#" and not in_word:
            return MagicLine(line[:at])
        elif letter == ";" and not line[at + 1 :].partition("#")[0].strip():
            return MagicLine(line[:at], silent=True)
        elif letter == ";" and (not in_word or line[at + 1].isspace()):
            return MagicLine(line, ";")
        elif letter == "`" or line.startswith("$(", at):
            return MagicLine(line, "`…`" if letter == "`" else "$(…)")
        elif not in_word and (found := _OPERATOR.match(line, at)):
            return MagicLine(line, found[0])
        else:
            in_word = True
        at += 1
    return MagicLine(line)


class WordReader:
    """Reads a line's words as argparse does, one after the other, and notes where that leads.

    Args:
        arguments: of the parser, in their order.

    Attributes:
        pending: the option whose value comes next.
        used: the options of the line.
        values: of each argument, by where the parsed one is kept.
    """

    def __init__(self, arguments: Sequence[argparse.Action]) -> None:
        self._flags = {name: each for each in arguments for name in each.option_strings}
        self._places = [each for each in arguments if not each.option_strings]
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


def options_first(arguments: Sequence[argparse.Action], words: Sequence[str]) -> list[str]:
    """Return a line's words with the options before the names, as docker lets them be mixed.

    argparse takes several names only where they are next to each other. A line with the command of
    a program stays as it is: options after its first name belong to the command.

    Args:
        arguments: of the parser, in their order.
        words: after the name of the magic or the verb.
    """
    if any(each.nargs == argparse.REMAINDER for each in arguments if not each.option_strings):
        return list(words)
    reader = WordReader(arguments)
    options: list[str] = []
    names: list[str] = []
    for number, word in enumerate(words):
        if word == "--" and reader.pending is None:
            return [*options, "--", *names, *words[number + 1 :]]
        is_option = reader.pending is not None or (reader.is_flag(word) and word != "-")
        (options if is_option else names).append(word)
        reader.take(word)
    return [*options, *names]


def switch_flags(arguments: Sequence[argparse.Action], words: Sequence[str]) -> list[str]:
    """Return a line's words with ``--rm=true`` as ``--rm``, and without ``--rm=false``.

    docker's flags take such a value, argparse's take none. Any other value stays: argparse refuses
    it.

    Args:
        arguments: of the parser, in their order.
        words: after the name of the magic or the verb.
    """
    reader = WordReader(arguments)
    switched: list[str] = []
    for word in words:
        free = reader.pending is None and not reader.in_command and reader.is_flag(word)
        flag, equals, value = word.partition("=")
        actions = reader.read_flag(flag)[0] if free and equals and value in _SWITCH else []
        reader.take(flag if actions and actions[-1].nargs == 0 else word)
        if not actions or actions[-1].nargs != 0:
            switched.append(word)
        elif _SWITCH[value]:
            switched.append(flag)
        elif not flag.startswith("--") and len(actions) > 1:
            switched.append(flag[:-1])  # of -dt=false only the last letter is off
    return switched
