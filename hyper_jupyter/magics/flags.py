"""The flags and arguments of each verb of ``%hyper``.

Layer: magics. No I/O.
"""

from __future__ import annotations

import argparse

from hyper_jupyter.magics.arguments import Parser, add_wait

__all__ = [
    "container_names",
    "create_flags",
    "exec_flags",
    "kill_flags",
    "logs_flags",
    "ps_flags",
    "rm_flags",
    "run_flags",
    "stop_flags",
]


def container_names(parser: Parser) -> None:
    """Add the names of one or more containers."""
    parser.add_argument("containers", metavar="CONTAINER", nargs="+", help="name or id")


def ps_flags(parser: Parser) -> None:
    """Add the flags of ``ps``."""
    parser.add_argument("-a", "--all", action="store_true", help="also those that do not run")
    parser.add_argument("-q", "--quiet", action="store_true", help="print ids only")
    parser.add_argument("--no-trunc", action="store_true", help="print full ids and commands")


def create_flags(parser: Parser) -> None:
    """Add the flags of ``create``, and the image and command."""
    parser.add_argument("-i", "--interactive", action="store_true", help="keep its stdin open")
    parser.add_argument("-t", "--tty", action="store_true", help="give it a pseudo-terminal")
    parser.add_argument("--name", help="its name")
    parser.add_argument("--rm", action="store_true", help="remove it when it exits")
    _env_flag(parser)
    parser.add_argument("-w", "--workdir", help="its working directory")
    parser.add_argument("--network", "--net", help="its network mode, for example none")
    parser.add_argument("image", metavar="IMAGE", help='"default" is the engine\'s default image')
    _command(parser, required=False)


def _command(parser: Parser, *, required: bool) -> None:
    """Add the command. ``required`` says whether it is named where arguments are missing."""
    command = parser.add_argument("command", metavar="COMMAND", nargs=argparse.REMAINDER)
    command.required = required  # what argparse takes it for depends on the Python


def _env_flag(parser: Parser) -> None:
    parser.add_argument(
        "-e",
        "--env",
        action="append",
        default=[],
        metavar="NAME[=VALUE]",
        help="set an environment variable; NAME alone passes the kernel's own on",
    )


def run_flags(parser: Parser) -> None:
    """Add the flags of ``run``, and the image and command."""
    parser.add_argument(
        "-d", "--detach", action="store_true", help="start it and print its id; do not attach"
    )
    parser.add_argument("--detach-keys", metavar="KEYS", help="keys that detach on a TTY")
    add_wait(parser)
    create_flags(parser)


def exec_flags(parser: Parser) -> None:
    """Add the flags of ``exec``, the container and the command."""
    parser.add_argument("-i", "--interactive", action="store_true", help="type into it")
    parser.add_argument("-t", "--tty", action="store_true", help="give it a pseudo-terminal")
    parser.add_argument("-d", "--detach", action="store_true", help="start it; do not attach")
    parser.add_argument("-u", "--user", help="name or number, with a group after a colon")
    parser.add_argument("-w", "--workdir", help="its working directory")
    _env_flag(parser)
    parser.add_argument("--privileged", action="store_true", help="give it all privileges")
    parser.add_argument("--detach-keys", metavar="KEYS", help="keys that leave it on a TTY")
    add_wait(parser)
    parser.add_argument("container", metavar="CONTAINER", help="name or id")
    _command(parser, required=True)


def stop_flags(parser: Parser) -> None:
    """Add the flags of ``stop``, and the containers."""
    parser.add_argument("-t", "--time", type=int, default=10, help="seconds until it is killed")
    container_names(parser)


def kill_flags(parser: Parser) -> None:
    """Add the flags of ``kill``, and the containers."""
    parser.add_argument("-s", "--signal", default="KILL", help="name or number")
    container_names(parser)


def rm_flags(parser: Parser) -> None:
    """Add the flags of ``rm``, and the containers."""
    parser.add_argument("-f", "--force", action="store_true", help="kill it first")
    parser.add_argument(
        "-v", "--volumes", action="store_true", help="no effect: its anonymous volumes go anyway"
    )
    container_names(parser)


def logs_flags(parser: Parser) -> None:
    """Add the flags of ``logs``, and the container."""
    parser.add_argument("-f", "--follow", action="store_true", help="continue, in panes")
    parser.add_argument(
        "-t", "--timestamps", action="store_true", help="begin lines with the engine's times"
    )
    parser.add_argument(
        "-n", "--tail", type=_line_count, metavar="N", help="only the last N lines, or all"
    )
    parser.add_argument(
        "--since", metavar="TIME", help="only from then on: 10m (ago), 2026-11-28T12:00, seconds"
    )
    parser.add_argument("--until", metavar="TIME", help="only until then")
    parser.add_argument("--no-stdout", dest="stdout", action="store_false", help="only stderr")
    parser.add_argument("--no-stderr", dest="stderr", action="store_false", help="only stdout")
    parser.add_argument("container", metavar="CONTAINER", help="name or id")


def _line_count(text: str) -> int | None:
    """Read a number of lines; ``all`` is ``None``."""
    if text == "all":
        return None
    if not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(f"{text!r} is neither a number of lines nor all")
    return int(text)
