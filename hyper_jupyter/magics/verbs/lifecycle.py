"""The verbs that start, stop and remove containers.

Layer: magics. The user's thread.
"""

from __future__ import annotations

import argparse
import sys
from typing import Any, Final

from hyper_jupyter.exceptions import Conflict, NotFound
from hyper_jupyter.magics.arguments import Completes, Parser, UsageFault, add_resume
from hyper_jupyter.magics.verbs.container_options import add_updates, updates_of
from hyper_jupyter.magics.verbs.verb import Call, Verb, for_each, while_running

__all__ = ["VERBS", "container_names"]


def container_names(parser: Parser) -> None:
    """Add the names of one or more containers."""
    parser.add_argument(
        "containers",
        metavar="CONTAINER",
        nargs="+",
        help="name or id",
        completes=Completes.CONTAINER,
    )


def _start_flags(parser: Parser) -> None:
    parser.add_argument("-a", "--attach", action="store_true", help="attach to its output")
    parser.add_argument("-i", "--interactive", action="store_true", help="attach its stdin, too")
    parser.add_argument("--detach-keys", metavar="KEYS", help="keys that detach on a TTY")
    add_resume(parser)
    container_names(parser)


def _start(call: Call) -> Any:
    arguments = call.arguments
    if not (arguments.attach or arguments.interactive):
        return for_each(lambda call, c: call.client.start(c))(call)
    if len(arguments.containers) > 1:
        raise UsageFault("only one container can be started and attached at once")
    return call.client.start_attached(
        arguments.containers[0],
        stdin=arguments.interactive,
        detach_keys=arguments.detach_keys,
        keep=True,
        resume=arguments.resume,
    )


def _stop_flags(parser: Parser) -> None:
    parser.add_argument(
        "-t", "--time", type=_grace, default=10, help="seconds until it is killed; -1 is no limit"
    )
    container_names(parser)


def _grace(text: str) -> int | None:
    """Read a number of seconds; ``-1``, as in the docker command, is ``None``."""
    if text == "-1":
        return None
    if not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(f"{text!r} is neither a number of seconds nor -1")
    return int(text)


def _stop(call: Call, container: str) -> None:
    call.client.stop(container, grace=call.arguments.time)


def _restart(call: Call, container: str) -> None:
    call.client.restart(container, grace=call.arguments.time)


def _kill_flags(parser: Parser) -> None:
    parser.add_argument(
        "-s", "--signal", default="KILL", help="name or number", completes=Completes.SIGNAL
    )
    container_names(parser)


def _remove_flags(parser: Parser) -> None:
    parser.add_argument("-f", "--force", action="store_true", help="kill it first")
    parser.add_argument(
        "-v", "--volumes", action="store_true", help="no effect: its anonymous volumes go anyway"
    )
    container_names(parser)


def _remove(call: Call, container: str) -> str | None:
    force = call.arguments.force
    try:
        call.client.remove(container, force=force)
    except NotFound:
        if not force or not container.strip():
            raise
        # -f means that it must not exist afterwards: no error, which a notebook shows in red. But
        # it may be misspelt.
        print(f"There was no container {container} to remove.")
        return ""
    except Conflict as error:
        error.hint = error.hint or f"%hyper rm -f {container} kills it first."
        raise
    return None


def _rename_flags(parser: Parser) -> None:
    parser.add_argument(
        "container", metavar="CONTAINER", help="name or id", completes=Completes.CONTAINER
    )
    parser.add_argument(
        "name", metavar="NEW_NAME", help="the new name", completes=Completes.NEW_NAME
    )


def _resize_flags(parser: Parser) -> None:
    parser.add_argument(
        "container", metavar="CONTAINER", help="name or id", completes=Completes.RUNNING
    )
    parser.add_argument("height", metavar="ROWS", type=int, help="its terminal's rows")
    parser.add_argument("width", metavar="COLUMNS", type=int, help="its terminal's columns")


def _resize(call: Call, container: str) -> None:
    call.client.resize(container, call.arguments.height, call.arguments.width)


def _update_flags(parser: Parser) -> None:
    add_updates(parser)
    container_names(parser)


def _update(call: Call, container: str) -> None:
    options = updates_of(call.arguments)
    if not options:
        raise UsageFault("nothing is to be changed", hint="%hyper update --help lists what can be.")
    for warning in call.client.update(container, **options):
        print(f"Warning: {warning}", file=sys.stderr)


def _wait(call: Call) -> int | list[int]:
    codes: list[int] = for_each(lambda call, c: call.client.wait(c))(call)
    return codes[0] if len(codes) == 1 else codes


VERBS: Final = {
    "kill": Verb(
        "Send a signal to containers.",
        _kill_flags,
        for_each(while_running(lambda call, c: call.client.kill(c, call.arguments.signal))),
        prints=True,
    ),
    "pause": Verb(
        "Freeze containers.",
        container_names,
        for_each(while_running(lambda call, c: call.client.pause(c))),
        prints=True,
    ),
    "rename": Verb(
        "Give a container another name.",
        _rename_flags,
        lambda call: call.client.rename(call.arguments.container, call.arguments.name),
    ),
    "resize": Verb(
        "Set the size of a container's terminal.",
        _resize_flags,
        lambda call: while_running(_resize)(call, call.arguments.container),
    ),
    "restart": Verb(
        "Stop containers and start them again.", _stop_flags, for_each(_restart), prints=True
    ),
    "rm": Verb("Remove containers.", _remove_flags, for_each(_remove), prints=True),
    "start": Verb("Start containers, or one and attach to it.", _start_flags, _start, prints=True),
    "stop": Verb("Stop containers.", _stop_flags, for_each(_stop), prints=True),
    "update": Verb(
        "Change the limits and the restart policy of containers.",
        _update_flags,
        for_each(_update),
        prints=True,
    ),
    "unpause": Verb(
        "Resume frozen containers.",
        container_names,
        for_each(lambda call, c: call.client.unpause(c)),
        prints=True,
    ),
    "wait": Verb(
        "Wait for containers to stop, and print their exit codes.",
        container_names,
        _wait,
        prints=True,
    ),
}
"""By name."""
