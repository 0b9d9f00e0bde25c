"""The verbs that start, stop and remove containers.

Layer: magics. The user's thread.
"""

from __future__ import annotations

import sys
from typing import Final

from hyper_jupyter.exceptions import Conflict, NotFound
from hyper_jupyter.magics.arguments import Completes, Parser
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


def _stop_flags(parser: Parser) -> None:
    parser.add_argument("-t", "--time", type=int, default=10, help="seconds until it is killed")
    container_names(parser)


def _stop(call: Call, container: str) -> None:
    call.client.stop(container, grace=call.arguments.time)


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
        if not force:
            raise
        # -f means that it must not exist afterwards: no error, but it may be misspelt.
        print(f"{container}: no such container", file=sys.stderr)
        return ""
    except Conflict as error:
        error.hint = error.hint or f"%hyper rm -f {container} kills it first."
        raise
    return None


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
    "rm": Verb("Remove containers.", _remove_flags, for_each(_remove), prints=True),
    "start": Verb(
        "Start containers.",
        container_names,
        for_each(lambda call, c: call.client.start(c)),
        prints=True,
    ),
    "stop": Verb("Stop containers.", _stop_flags, for_each(_stop), prints=True),
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
