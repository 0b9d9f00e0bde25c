"""``%hyper create`` and ``%hyper run``.

Layer: magics. The user's thread.
"""

from __future__ import annotations

import contextlib
from typing import Any, Final

from hyper_jupyter.client import DEFAULT_SIZE
from hyper_jupyter.exceptions import Conflict, HyperJupyterError
from hyper_jupyter.magics.arguments import (
    Completes,
    Parser,
    UsageFault,
    add_command,
    add_env,
    add_wait,
    check_wait,
)
from hyper_jupyter.magics.terminal import terminal_size
from hyper_jupyter.magics.values import Line
from hyper_jupyter.magics.verbs.verb import Below, Call, Verb

__all__ = ["VERBS"]


def _create_flags(parser: Parser) -> None:
    parser.add_argument("-i", "--interactive", action="store_true", help="keep its stdin open")
    parser.add_argument("-t", "--tty", action="store_true", help="give it a pseudo-terminal")
    parser.add_argument("--name", help="its name")
    parser.add_argument("--rm", action="store_true", help="remove it when it exits")
    add_env(parser)
    parser.add_argument("-w", "--workdir", help="its working directory")
    parser.add_argument("--network", "--net", help="its network mode, for example none")
    parser.add_argument(
        "image",
        metavar="IMAGE",
        help='"default" is the engine\'s default image',
        completes=Completes.IMAGE,
    )
    add_command(parser, required=False)


def _run_flags(parser: Parser) -> None:
    parser.add_argument(
        "-d", "--detach", action="store_true", help="start it and print its id; do not attach"
    )
    parser.add_argument("--detach-keys", metavar="KEYS", help="keys that detach on a TTY")
    add_wait(parser)
    _create_flags(parser)


def _create(call: Call, *, background: bool = False) -> str:
    arguments = call.arguments
    try:
        return call.client.create(
            arguments.image,
            arguments.command,
            name=arguments.name,
            tty=arguments.tty,
            stdin=arguments.interactive,
            # As in the hyper and docker commands: -i without -d ends the input with its client.
            stdin_once=arguments.interactive and not background,
            env=arguments.env,
            auto_remove=arguments.rm,
            working_dir=arguments.workdir,
            network=arguments.network,
            size=terminal_size(),
        )
    except Conflict as error:
        if arguments.name:
            error.hint = (
                f"%hyper_attach {arguments.name} attaches to the existing one, %hyper start "
                f"{arguments.name} starts it, %hyper rm -f {arguments.name} removes it."
            )
        raise


def _run(call: Call) -> Any:
    client, arguments = call.client, call.arguments
    check_wait(arguments)
    if arguments.wait and arguments.detach:
        raise UsageFault("--wait and --detach cannot be used together")
    call.check_input()
    container = _create(call, background=arguments.detach)
    if not arguments.detach:
        return client.start_attached(
            container,
            stdin=arguments.interactive,
            detach_keys=arguments.detach_keys,
            size=terminal_size(),
        )
    try:
        client.start(container)
        if arguments.tty and not client.profile.takes_console_size:
            with contextlib.suppress(HyperJupyterError):  # it may have ended already
                client.resize(container, *(terminal_size() or DEFAULT_SIZE))
    except BaseException:
        with contextlib.suppress(HyperJupyterError):  # engines may have removed it themselves
            client.remove(container, force=True)
        raise
    return Line(container)


VERBS: Final = {
    "create": Verb(
        "Create a container and print its id.", _create_flags, lambda call: Line(_create(call))
    ),
    "run": Verb(
        "Create a container, attach to it and start it.", _run_flags, _run, below=Below.INPUT
    ),
}
"""By name."""
