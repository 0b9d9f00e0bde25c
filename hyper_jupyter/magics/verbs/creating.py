"""``%hyper create`` and ``%hyper run``.

Layer: magics. The user's thread.
"""

from __future__ import annotations

import contextlib
import sys
from typing import Any, Final

from hyper_jupyter.client import DEFAULT_SIZE
from hyper_jupyter.exceptions import Conflict, HyperJupyterError, NotFound
from hyper_jupyter.magics.arguments import (
    Completes,
    Parser,
    UsageFault,
    add_command,
    add_env,
    add_resume,
    add_wait,
    check_wait,
)
from hyper_jupyter.magics.terminal import terminal_size
from hyper_jupyter.magics.values import Line
from hyper_jupyter.magics.verbs.container_options import add_options, options_of, variables_of
from hyper_jupyter.magics.verbs.images import pull_with_bars
from hyper_jupyter.magics.verbs.verb import Below, Call, Verb

__all__ = ["VERBS"]


def _create_flags(parser: Parser) -> None:
    parser.add_argument("-i", "--interactive", action="store_true", help="keep its stdin open")
    parser.add_argument("-t", "--tty", action="store_true", help="give it a pseudo-terminal")
    parser.add_argument("--name", help="its name", completes=Completes.NEW_NAME)
    parser.add_argument("--rm", action="store_true", help="remove it when it exits")
    add_env(parser)
    parser.add_argument("-w", "--workdir", help="its working directory")
    parser.add_argument(
        "--network",
        "--net",
        help="its network, or a mode such as none",
        completes=Completes.NETWORK,
    )
    add_options(parser)
    parser.add_argument(
        "--pull",
        choices=["missing", "always", "never"],
        default="missing",
        help="when to pull the image",
    )
    parser.add_argument("-q", "--quiet", action="store_true", help="pull without progress bars")
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
    add_resume(parser)
    add_wait(parser)
    _create_flags(parser)


def _create(call: Call, *, background: bool = False) -> str:
    arguments = call.arguments
    options: dict[str, Any] = {
        "name": arguments.name,
        "tty": arguments.tty,
        "stdin": arguments.interactive,
        # As in the hyper and docker commands: -i without -d ends the input with its client.
        "stdin_once": arguments.interactive and not background,
        "env": variables_of(arguments),
        "auto_remove": arguments.rm,
        "working_dir": arguments.workdir,
        "network": arguments.network,
        "size": terminal_size(),
        "on_warning": _warn,
        **options_of(arguments),
    }
    if arguments.pull == "always":
        _pull(call)
    try:
        try:
            return call.client.create(arguments.image, arguments.command, **options)
        except NotFound as error:
            if arguments.pull != "missing" or not _lacks_image(call, error):
                raise
            _pull(call)
            return call.client.create(arguments.image, arguments.command, **options)
    except Conflict as error:
        if arguments.name:
            error.hint = (
                f"%hyper_attach {arguments.name} attaches to the existing one, %hyper start "
                f"{arguments.name} starts it, %hyper rm -f {arguments.name} removes it."
            )
        raise


def _warn(text: str) -> None:
    """Print what the engine does not do of what the line asks for."""
    print(f"Warning: {text}", file=sys.stderr)


def _lacks_image(call: Call, error: NotFound) -> bool:
    """Whether a container could not be created because its image has to be pulled first."""
    can_pull = not call.client.profile.default_image  # else it is the only image that there is
    return can_pull and "image" in error.message.lower()


def _pull(call: Call) -> None:
    arguments = call.arguments
    image = call.client.default_image if arguments.image == "default" else arguments.image
    pull_with_bars(call.client, image, platform=arguments.option_platform, quiet=arguments.quiet)


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
            resume=arguments.resume,
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
