"""The arguments of the magics: parsers that never end the kernel.

Layer: magics. No I/O.
"""

from __future__ import annotations

import argparse
import enum
import re
import shlex
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any, Final, NoReturn

from hyper_jupyter.client import DEFAULT_TIMEOUT, ConnectOptions
from hyper_jupyter.exceptions import HyperJupyterError
from hyper_jupyter.magics.words import (
    MagicLine,
    options_first,
    read_magic_line,
    switch_flags,
)

__all__ = [
    "Completes",
    "Parser",
    "UsageFault",
    "UsageShown",
    "add_attach",
    "add_command",
    "add_env",
    "add_resume",
    "add_wait",
    "attach_parser",
    "check_wait",
    "connect_options",
    "connect_parser",
    "detach_parser",
    "doctor_parser",
    "line_count",
    "sessions_parser",
    "split",
]


class UsageFault(HyperJupyterError):
    """The arguments of a magic are not understood."""


class UsageShown(Exception):
    """``--help`` was given. The exception's text is the help."""


class Completes(enum.Enum):
    """What Tab offers for an argument, besides the choices that its parser knows."""

    CONTAINER = "containers"
    RUNNING = "containers that run"
    IMAGE = "images"
    VOLUME = "volumes"
    NETWORK = "networks"
    SIGNAL = "signals"
    SESSION = "sessions"
    HOST = "engines"
    FILE = "files of the kernel's machine"
    PLACE = "files, and containers with a colon after the name, for a path in them"
    MOUNT = "nothing: a mount in words, with paths and names"
    NEW_NAME = "nothing: the name does not exist yet"


_NUMBER: Final = re.compile(r"-\d+")


class Parser(argparse.ArgumentParser):
    """Raises an error instead of ending the process, and accepts no abbreviated options.

    A negative number is never the name of something: ``-9`` is a flag that is not known. argparse
    alone takes it for a name, and ``kill -9 web`` would send the default signal to ``web``.

    Attributes:
        arguments: the options and the other arguments, in the order in which they were added.
        completes: what Tab offers for an argument, by where the parsed argument is kept.
        repeatable: where the values of options are kept that may be given several times.
    """

    def __init__(self, **options: Any) -> None:
        # argparse adds --help in its own constructor, so these are there before.
        self.arguments: list[argparse.Action] = []
        self.completes: dict[str, Completes] = {}
        self.repeatable: set[str] = set()
        self._names: list[str] = []  # where the arguments are kept that name something
        if sys.version_info >= (3, 14):
            options["color"] = False  # the help is used in docstrings, too
        super().__init__(allow_abbrev=False, **options)

    def add_argument(
        self, *names: str, completes: Completes | None = None, **options: Any
    ) -> argparse.Action:
        """Add an argument as argparse does, and note what completion has to know.

        Args:
            names: of an option, or the argument's.
            completes: what Tab offers for its value.
            options: as for argparse.
        """
        action = super().add_argument(*names, **options)
        self.arguments.append(action)
        if options.get("action") in ("append", "append_const", "count", "extend"):
            self.repeatable.add(action.dest)
        if completes is not None:
            self.completes[action.dest] = completes
        if not action.option_strings and action.nargs != argparse.REMAINDER:
            self._names.append(action.dest)
        return action

    def parse_args(self, words: Sequence[str]) -> argparse.Namespace:  # type: ignore[override]
        """Parse the words of a line.

        Raises:
            UsageFault: they are not understood.
            UsageShown: ``--help`` is among them.
        """
        words = options_first(self.arguments, switch_flags(self.arguments, words))
        arguments, unknown = self.parse_known_args(words)
        named = [name for dest in self._names for name in _listed(getattr(arguments, dest))]
        numbers = [name for name in named if _NUMBER.fullmatch(name)]
        if numbers:
            unknown = numbers  # they have taken the places of others, which are not at fault
        if unknown:
            others = [name for name in named if name not in numbers]
            hint = self.explain(unknown[0], others)
            text = f"unrecognized arguments: {' '.join(unknown)}"
            raise UsageFault(text, hint=hint or self._similar(unknown[0]) + self._see_help())
        return arguments

    def explain(self, _word: str, _names: Sequence[str]) -> str:
        """Return what to write in place of a word that is not understood; empty if nothing is.

        Args:
            _word: the word.
            _names: the names in the line: of containers, for example.
        """
        return ""

    def error(self, message: str) -> NoReturn:
        """Raise an error about the arguments."""
        raise UsageFault(message, hint=self._see_help())

    def _similar(self, word: str) -> str:
        """Ask whether options like this one were meant; empty if there are none, or it is none."""
        flag = word.partition("=")[0].strip("-")
        options = (name for action in self.arguments for name in action.option_strings)
        flags = {name[2:]: name for name in options if name.startswith("--")}
        near = get_close_matches(flag, flags, cutoff=0.75) if word.startswith("--") else []
        return f"Did you mean {' or '.join(flags[name] for name in near)}? " if near else ""

    def _see_help(self) -> str:
        return f"See {self.prog} --help."

    def print_help(self, _file: object = None) -> None:
        """Pass the help to the magic, which prints it."""
        raise UsageShown(self.format_help())


def _listed(value: Any) -> list[str]:
    """Return the texts in an argument; it may also be a number, or missing."""
    return [
        each for each in (value if isinstance(value, list) else [value]) if isinstance(each, str)
    ]


def split(line: str) -> list[str]:
    """Split a line into words, as a shell does. A comment, and a semicolon at the end, are none.

    Raises:
        UsageFault: a quote is not closed, or something in the line is for a shell. Its words must
            not become names: ``rm web # not db`` would remove ``db``.
    """
    read = read_magic_line(line)
    if read.operator:
        raise UsageFault(
            f"no shell reads this line, so {read.operator} has no meaning in it",
            hint=f"{_instead_of(read)} In quotes it is passed on as it is.",
        )
    try:
        return shlex.split(read.text)
    except ValueError as error:
        raise UsageFault(f"the line ends inside a quote ({error})") from error


_SUBSTITUTION: Final = re.compile(
    r"(?P<before>[^$`]*)(?:\$\(|`)\s*(?:%?hyper|docker|podman)\s(?P<line>[^)`]*)"
)
_FOLDER: Final = re.compile(r"\$\(\s*pwd\s*\)|`\s*pwd\s*`")


def _instead_of(line: MagicLine) -> str:
    """Return what to do instead of what only a shell does."""
    operator = line.operator
    if operator in ("$(…)", "`…`"):
        if _FOLDER.search(line.text):
            return "The kernel's folder is a dot: -v .:/in."
        found = _SUBSTITUTION.match(line.text)
        inner = found["line"].strip() if found else "ps -aq"
        outer = found["before"].strip() if found else "rm"
        return f"In two lines: ids = %hyper {inner}, and %hyper {outer} {{ids}}."
    if "|" in operator and operator != "||":
        return "The value is data: rows = %hyper ps -a, then for row in rows."
    if ">" in operator:
        return "The value is data, rows = %hyper ps -a, and %%capture keeps what is printed."
    if "<" in operator:
        return "The lines below %%hyper run -i and %%hyper exec -i are a program's input."
    return "Write each command in a line of its own."


def attach_parser() -> Parser:
    """Return the parser of ``%hyper_attach``."""
    parser = Parser(
        prog="%hyper_attach",
        description="Attach to a container. Its output streams into panes below the cell; the cell "
        "itself ends immediately.",
    )
    add_attach(parser)
    parser.add_argument(
        "--host", metavar="HOST", help="use another engine for this call", completes=Completes.HOST
    )
    return parser


def add_attach(parser: Parser) -> None:
    """Add what ``%hyper_attach`` and ``%hyper attach`` have in common."""
    parser.add_argument(
        "container", metavar="CONTAINER", help="name or id", completes=Completes.RUNNING
    )
    parser.add_argument("--no-stdin", action="store_true", help="do not attach its stdin")
    parser.add_argument("--no-stdout", action="store_true", help="do not attach its stdout")
    parser.add_argument("--no-stderr", action="store_true", help="do not attach its stderr")
    parser.add_argument("--logs", action="store_true", help="also show what it printed before")
    parser.add_argument("--no-stream", action="store_true", help="do not show what it prints later")
    parser.add_argument(
        "--tail",
        metavar="N",
        type=_tail,
        help="show its last N lines, or all, dimmed above what it prints from now on",
    )
    parser.add_argument(
        "--follow-restarts",
        action="store_true",
        help="attach again when it is started again",
    )
    parser.add_argument(
        "--follow-name",
        action="store_true",
        help="the same, and also attach to another container that takes its name",
    )
    parser.add_argument(
        "--detach-keys", metavar="KEYS", help="keys that detach on a TTY, for example ctrl-p,ctrl-q"
    )
    parser.add_argument(
        "--ws",
        action="store_true",
        help="use a WebSocket, if a proxy blocks the upgrade; then all output is stdout",
    )
    add_resume(parser)
    add_wait(parser)
    parser.add_argument(
        "--layout",
        choices=["split", "merged", "tabs"],
        help="panes side by side, one pane in order of arrival, or one pane at a time",
    )
    parser.add_argument(
        "--height",
        metavar="ROWS",
        type=_rows,
        help="how many lines the panes show at most (2 to 200)",
    )
    parser.add_argument(
        "--place",
        choices=["cell", "tab", "panel", "float"],
        default="cell",
        help="show it in its cell, in a tab beside the notebook, in the side panel, or floating",
    )
    parser.add_argument(
        "--save",
        metavar="FILE",
        help="write it into FILE when it ends: .cast, .html, .jsonl, .log or .txt",
        completes=Completes.FILE,
    )


def connect_parser() -> Parser:
    """Return the parser of ``%hyper_connect``."""
    parser = Parser(prog="%hyper_connect", description="Choose the engine for this notebook.")
    _add_endpoint(parser)
    return parser


def doctor_parser() -> Parser:
    """Return the parser of ``%hyper_doctor``."""
    parser = Parser(
        prog="%hyper_doctor",
        description="Check the connection to the engine, the kernel and the page.",
    )
    _add_endpoint(parser)
    parser.set_defaults(timeout=None)  # None stands for the timeout of the engine in use
    return parser


def sessions_parser() -> Parser:
    """Return the parser of ``%hyper_sessions``."""
    parser = Parser(
        prog="%hyper_sessions", description="List the sessions, or show one of them again."
    )
    parser.add_argument(
        "name",
        metavar="NAME",
        nargs="?",
        help="a name from the list",
        completes=Completes.SESSION,
    )
    return parser


def detach_parser() -> Parser:
    """Return the parser of ``%hyper_detach``."""
    parser = Parser(prog="%hyper_detach", description="Detach; the container runs on.")
    parser.add_argument(
        "name",
        metavar="NAME",
        nargs="?",
        help="needed if there are several",
        completes=Completes.SESSION,
    )
    parser.add_argument("--all", action="store_true", help="all sessions")
    return parser


def _add_endpoint(parser: Parser) -> None:
    """Add the options that name an engine."""
    parser.add_argument(
        "host",
        metavar="HOST",
        nargs="?",
        help="local:, unix:///…, tcp://…, https://… or ssh://…",
        completes=Completes.HOST,
    )
    parser.add_argument("--context", metavar="NAME", help="the engine of a docker context")
    parser.add_argument(
        "--tls",
        metavar="FOLDER",
        help="folder with ca.pem, cert.pem and key.pem for TLS",
        completes=Completes.FILE,
    )
    parser.add_argument(
        "--skip-verify", action="store_true", help="do not verify the certificate, and warn"
    )
    parser.add_argument("--region", help="the region of a Hyper endpoint, for example us-west-1")
    parser.add_argument(
        "--timeout", type=float, default=DEFAULT_TIMEOUT, help="seconds for each call"
    )


def connect_options(arguments: argparse.Namespace) -> ConnectOptions:
    """Read the engine that the options of :func:`_add_endpoint` name."""
    return ConnectOptions(
        host=arguments.host,
        context=arguments.context,
        tls=arguments.tls,
        verify=not arguments.skip_verify,
        region=arguments.region,
        timeout=arguments.timeout,
    )


def add_env(parser: Parser) -> None:
    """Add ``-e``."""
    parser.add_argument(
        "-e",
        "--env",
        action="append",
        default=[],
        metavar="NAME[=VALUE]",
        help="set an environment variable; NAME alone passes the kernel's own on",
    )


def add_command(parser: Parser, *, required: bool) -> None:
    """Add the command. ``required`` says whether it is named where arguments are missing."""
    command = parser.add_argument("command", metavar="COMMAND", nargs=argparse.REMAINDER)
    command.required = required  # what argparse takes it for depends on the Python


def add_resume(parser: Parser) -> None:
    """Add ``--no-resume``, which is ``resume=False`` of the client's methods."""
    parser.add_argument(
        "--no-resume",
        dest="resume",
        action="store_false",
        help="do not attach again when the connection is cut",
    )


def add_wait(parser: Parser) -> None:
    """Add ``--wait`` and ``--timeout``, for runs without a page."""
    parser.add_argument(
        "--wait",
        action="store_true",
        help="show no widget: print its streams as the cell's output until it ends",
    )
    parser.add_argument(
        "--timeout",
        metavar="S",
        type=_seconds,
        help="with --wait: detach after S seconds, with an error; the container runs on",
    )


def check_wait(arguments: argparse.Namespace) -> None:
    """Check that ``--timeout`` is not given alone: it would do nothing.

    Raises:
        UsageFault: it is given alone.
    """
    if arguments.timeout is not None and not arguments.wait:
        raise UsageFault("--timeout needs --wait")


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from error
    if not 0 <= seconds < 1e9:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and a billion seconds")
    return seconds


def _tail(text: str) -> int | str:
    return text if text == "all" else line_count(text)


def line_count(text: str) -> int:
    """Read a number of lines."""
    if not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(f"{text!r} is neither a number of lines nor all")
    return int(text)


def _rows(text: str) -> int:
    try:
        rows = int(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from error
    if not 2 <= rows <= 200:
        raise argparse.ArgumentTypeError(f"{rows} is not between 2 and 200")
    return rows
