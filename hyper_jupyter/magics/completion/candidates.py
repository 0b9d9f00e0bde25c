"""What may be written at the cursor of a line: verbs, options, values.

Layer: magics. The thread that completes. Names come only from an engine that is already
connected: completion neither starts an engine nor searches for one.
"""

from __future__ import annotations

import re
import signal
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from hyper_jupyter import api
from hyper_jupyter.magics.arguments import (
    Completes,
    Parser,
    attach_parser,
    connect_parser,
    detach_parser,
    doctor_parser,
    sessions_parser,
)
from hyper_jupyter.magics.completion.files import files
from hyper_jupyter.magics.completion.line import Line, read_line
from hyper_jupyter.magics.completion.names import Name, Names
from hyper_jupyter.magics.completion.position import Position, find_position
from hyper_jupyter.magics.variables import EXPANDED
from hyper_jupyter.magics.verbs import ALIASES, VERBS, find_verb, verb_parser
from hyper_jupyter.session import sessions

__all__ = ["NAMES", "Offer", "candidates"]

NAMES: Final = Names()
"""The names of the engines of this process."""

_PARSERS: Final[dict[str, Callable[[], Parser]]] = {
    "hyper_attach": attach_parser,
    "hyper_connect": connect_parser,
    "hyper_detach": detach_parser,
    "hyper_doctor": doctor_parser,
    "hyper_sessions": sessions_parser,
}

_SHOWN: Final = {
    Completes.CONTAINER: "container",
    Completes.RUNNING: "container",
    Completes.IMAGE: "image",
    Completes.VOLUME: "volume",
    Completes.NETWORK: "network",
    Completes.SIGNAL: "signal",
    Completes.SESSION: "session",
    Completes.HOST: "engine",
    Completes.FILE: "file",
    Completes.PLACE: "place",
    Completes.MOUNT: "mount",
    Completes.NEW_NAME: "name",
}
"""What a value is, in one word."""

_HOSTS: Final = ("local:", "unix:///var/run/docker.sock", "tcp://", "https://", "ssh://")

_ID: Final = re.compile(r"[0-9a-f]+")

_SHORT_ID: Final = 12
"""How many digits of an id engines show."""

_IMPLIED: Final = re.compile(r"^(?:docker\.io/library|docker\.io|localhost)/")
"""What may be left out of an image's name. Podman lists it, Docker does not."""

_SIGNALS: Final = tuple(each.name.removeprefix("SIG") for each in signal.Signals)


@dataclass(frozen=True, slots=True)
class Offer:
    """What Tab offers.

    Attributes:
        words: what may take the place of ``replaced``, with quotes where they are needed.
        replaced: the end of the text before the cursor.
        kind: what the words are, as front ends show it beside them.
        is_python: an expression of Python is written there, in braces.
    """

    words: tuple[str, ...]
    replaced: str
    kind: str = ""
    is_python: bool = False


def candidates(magic: str, text: str, cursor: int) -> Offer:
    """Return what may be written at the cursor.

    Args:
        magic: the name of one of our magics.
        text: the line after that name.
        cursor: how many characters of it are before the cursor.
    """
    line = read_line(text, cursor)
    if magic == "hyper":
        return _after_hyper(line)
    if _is_open(line):
        return Offer((), line.typed, is_python=True)
    parser = _PARSERS.get(magic)
    return _arguments(line, parser(), line.before) if parser is not None else Offer((), line.typed)


def _is_open(line: Line) -> bool:
    """Whether the cursor is inside of braces."""
    return line.word.count("{") > line.word.count("}")


def _after_hyper(line: Line) -> Offer:
    """Offer a verb, which may have two words, and then its arguments."""
    before = line.before
    if before and before[0] in ("help", "-h", "--help"):
        before = before[1:]
    verbs = [name.split() for name in (*VERBS, *ALIASES)]
    following = {
        words[len(before)]
        for words in verbs
        if len(words) > len(before) and words[: len(before)] == list(before)
    }
    name, rest = find_verb(before)
    offer = _arguments(line, verb_parser(name), rest) if name else Offer((), line.typed)
    if not following:
        return offer
    client = api.current_client()
    if client is not None:  # after most verbs there are containers
        NAMES.prefetch(client, Completes.CONTAINER)
    found = [*sorted(following), *(["--help"] if line.word.startswith("-") else [])]
    return Offer(_inserted(line, found) + offer.words, line.typed, "verb")


def _arguments(line: Line, parser: Parser, before: Sequence[str]) -> Offer:
    """Offer what a parser expects: an option, or an argument's value."""
    position = find_position(parser, before, line.word, line.after)
    argument, prefix = position.argument, position.prefix
    if argument is None:
        return Offer(_inserted(line, _options(position, line.word)), line.typed, "option")
    word = line.word[len(prefix) :]
    kind = parser.completes.get(argument.dest)
    if kind in EXPANDED and _is_open(line):
        return Offer((), line.typed, is_python=True)
    if argument.choices is not None:
        found = [str(each) for each in argument.choices]
    else:
        found = _values(kind, word)
    shown = "value" if kind is None else _SHOWN[kind]
    words = _inserted(line, [prefix + each for each in found if each not in position.given])
    if line.typed.startswith(prefix):  # nobody needs to read it again in the list
        words = tuple(each[len(prefix) :] for each in words)
        return Offer(words, line.typed[len(prefix) :], shown)
    return Offer(words, line.typed, shown)


def _options(position: Position, word: str) -> list[str]:
    """Return the names of options: the long ones, and the short ones if a dash is typed."""
    names = [
        name
        for action in position.flags
        for name in action.option_strings
        if word or action.dest != "help"
    ]
    long = sorted(name for name in names if name.startswith("--"))
    return [*long, *(name for name in names if word and name not in long)]


def _values(kind: Completes | None, word: str) -> list[str]:
    """Return the values of a kind. Those that do not begin like the word may be among them."""
    match kind:
        case None | Completes.NEW_NAME | Completes.MOUNT:
            return []
        case Completes.SIGNAL:
            plain = [each for each in _SIGNALS if each.startswith(word)]
            return plain or [f"SIG{each}" for each in _SIGNALS]
        case Completes.SESSION:
            return [session.name for session in sessions()]
        case Completes.HOST:
            client = api.current_client()
            return list(dict.fromkeys([*_HOSTS, *([client.host] if client is not None else [])]))
        case Completes.FILE:
            return files(word)
        case Completes.PLACE:
            known = _known(Completes.CONTAINER)
            found = [f"{name}:" for name in _names(known, word)] + files(word)
            return found or [f"{identifier}:" for identifier in _ids(known, word)]
    known = _known(kind)
    if kind is Completes.IMAGE and not _names(known, word):
        known = [replace(each, name=_IMPLIED.sub("", each.name)) for each in known]
    return _names(known, word) or _ids(known, word)


def _known(kind: Completes) -> Sequence[Name]:
    client = api.current_client()
    return NAMES.of(client, kind) if client is not None else ()


def _names(known: Sequence[Name], word: str) -> list[str]:
    return [each.name for each in known if each.name and each.name.startswith(word)]


def _ids(known: Sequence[Name], word: str) -> list[str]:
    """Return the ids that begin like a word, each once, if the word can be the start of one."""
    if not _ID.fullmatch(word):
        return []
    digits = max(_SHORT_ID, len(word))
    return list(dict.fromkeys(each.id[:digits] for each in known if each.id.startswith(word)))


def _inserted(line: Line, words: Iterable[str]) -> tuple[str, ...]:
    """Return those of the words that begin as the one at the cursor, as they are to be written."""
    return tuple(
        line.insertion(word, whole=not word.endswith(("/", ":")))
        for word in words
        if word.startswith(line.word)
    )
