"""``%hyper attach``, ``%hyper exec`` and ``%hyper logs``.

Layer: magics. The user's thread.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, Final

from hyper_jupyter.api import Client, Session
from hyper_jupyter.client import configured_detach_keys
from hyper_jupyter.exceptions import InvalidDetachKeys
from hyper_jupyter.magics.arguments import (
    Completes,
    Parser,
    UsageFault,
    add_attach,
    add_command,
    add_env,
    add_resume,
    add_wait,
    check_wait,
    line_count,
)
from hyper_jupyter.magics.labels import label
from hyper_jupyter.magics.line_window import LineWindow
from hyper_jupyter.magics.printout import Interrupted, Printout
from hyper_jupyter.magics.terminal import Terminal, terminal_size
from hyper_jupyter.magics.verbs.verb import Below, Call, Verb
from hyper_jupyter.protocol import parse_detach_keys
from hyper_jupyter.recording.saving import check_target
from hyper_jupyter.session import OWN_DETACH_KEYS
from hyper_jupyter.widgets.kernel import is_terminal

__all__ = ["VERBS", "attach_with"]

# -- attach --------------------------------------------------------------------------------


def attach_with(client: Client, arguments: argparse.Namespace) -> Session:
    """Attach as the options of ``%hyper_attach`` and ``%hyper attach`` say."""
    if arguments.save is not None:
        arguments.save = str(Path(arguments.save).expanduser())
        check_target(arguments.save)  # before the container is attached
    return client.attach(
        arguments.container,
        stdin=not arguments.no_stdin,
        stdout=not arguments.no_stdout,
        stderr=not arguments.no_stderr,
        logs=arguments.logs,
        stream=not arguments.no_stream,
        detach_keys=arguments.detach_keys,
        ws=arguments.ws,
        tail=arguments.tail,
        resume=arguments.resume,
        follow_restarts=arguments.follow_restarts,
        follow_name=arguments.follow_name,
    )


def _attach(call: Call) -> Session:
    check_wait(call.arguments)
    return attach_with(call.client, call.arguments)


# -- exec ----------------------------------------------------------------------------------


def _exec_flags(parser: Parser) -> None:
    parser.add_argument(
        "-i",
        "--interactive",
        action="store_true",
        help="type into it; with --wait its input ends at once",
    )
    parser.add_argument("-t", "--tty", action="store_true", help="give it a pseudo-terminal")
    parser.add_argument("-d", "--detach", action="store_true", help="start it; do not attach")
    parser.add_argument("-u", "--user", help="name or number, with a group after a colon")
    parser.add_argument("-w", "--workdir", help="its working directory")
    add_env(parser)
    parser.add_argument("--privileged", action="store_true", help="give it all privileges")
    parser.add_argument("--detach-keys", metavar="KEYS", help="keys that leave it on a TTY")
    add_wait(parser)
    parser.add_argument(
        "container", metavar="CONTAINER", help="name or id", completes=Completes.RUNNING
    )
    add_command(parser, required=True)


def _exec_keys(call: Call) -> str | None:
    """Return the keys that leave an exec; ``None`` for none.

    A terminal of ours goes into raw mode for an exec's, so it needs some. In a notebook none are
    needed, and every key reaches the program.

    Raises:
        InvalidDetachKeys: those of the user's configuration are invalid.
    """
    arguments = call.arguments
    named: str | None = arguments.detach_keys
    takes_the_terminal = (
        arguments.tty
        and arguments.interactive
        and not arguments.wait
        and is_terminal()
        and Terminal.is_there()
    )
    if named is not None or not takes_the_terminal:
        return named
    keys = configured_detach_keys(call.client.profile) or OWN_DETACH_KEYS
    try:
        parse_detach_keys(keys)
    except InvalidDetachKeys as error:
        error.hint = (
            "The keys come from your engine's configuration file; --detach-keys names others."
        )
        raise
    return keys


def _exec(call: Call) -> Session | None:
    arguments = call.arguments
    check_wait(arguments)
    if arguments.wait and arguments.detach:
        raise UsageFault("--wait and --detach cannot be used together")
    call.check_input()
    if not arguments.command:
        raise UsageFault(
            "the command is missing", hint=f"%hyper exec -it {arguments.container} sh, for example."
        )
    options: dict[str, Any] = {
        "tty": arguments.tty,
        "user": arguments.user,
        "working_dir": arguments.workdir,
        "env": arguments.env,
        "privileged": arguments.privileged,
    }
    if arguments.detach:
        call.client.exec_detached(arguments.container, arguments.command, **options)
        return None
    return call.client.exec(
        arguments.container,
        arguments.command,
        stdin=arguments.interactive,
        detach_keys=_exec_keys(call),
        size=terminal_size(),
        **options,
    )


# -- logs ----------------------------------------------------------------------------------


_ALL: Final = -1


def _logs_flags(parser: Parser) -> None:
    parser.add_argument("-f", "--follow", action="store_true", help="follow it, in panes")
    parser.add_argument(
        "-t", "--timestamps", action="store_true", help="begin lines with the engine's times"
    )
    parser.add_argument(
        "-n",
        "--tail",
        type=_line_count,
        metavar="N",
        help="only the last N lines; all also prints those that are left out of very long logs",
    )
    parser.add_argument(
        "--since",
        metavar="TIME",
        help="only what was printed since: 10m (ago), 2026-11-28T12:00, seconds",
    )
    parser.add_argument("--until", metavar="TIME", help="only what was printed until then")
    parser.add_argument(
        "--details",
        action="store_true",
        help="begin lines with what the log driver's options add",
    )
    parser.add_argument("--no-stdout", dest="stdout", action="store_false", help="only stderr")
    parser.add_argument("--no-stderr", dest="stderr", action="store_false", help="only stdout")
    add_resume(parser)
    parser.add_argument(
        "container", metavar="CONTAINER", help="name or id", completes=Completes.CONTAINER
    )


def _line_count(text: str) -> int:
    """Read a number of lines; ``all`` is -1."""
    return _ALL if text == "all" else line_count(text)


def _logs(call: Call) -> Session | None:
    arguments = call.arguments
    session = call.client.logs(
        arguments.container,
        follow=arguments.follow,
        stdout=arguments.stdout,
        stderr=arguments.stderr,
        tail=None if arguments.tail == _ALL else arguments.tail,
        since=arguments.since,
        until=arguments.until,
        timestamps=arguments.timestamps,
        details=arguments.details,
        resume=arguments.resume,
    )
    if arguments.follow:
        return session
    if call.assigned:
        return _read(session)
    cut = arguments.tail is None and not is_terminal()
    try:
        Printout(
            session,
            is_log=True,
            patience=call.client.timeout,
            window=LineWindow() if cut else None,
        ).run()
    finally:
        session.close(force=True)
    return None


def _read(session: Session) -> Session:
    """Wait until a session has read its log, and return it without showing it.

    Raises:
        HyperJupyterError: the log could not be read.
        Interrupted: the user interrupted.
    """
    session.mark_shown()
    try:
        session.join()
    except KeyboardInterrupt:
        session.detach()
        raise Interrupted(f"{label(session)}: the log was not read to its end") from None
    if session.error is not None:
        raise session.error
    return session


VERBS: Final = {
    "attach": Verb(
        "Attach to a running container, as %hyper_attach does.",
        add_attach,
        _attach,
        below=Below.LINES,
    ),
    "exec": Verb(
        "Run a further program in a running container.", _exec_flags, _exec, below=Below.INPUT
    ),
    "logs": Verb("Print the output of a container.", _logs_flags, _logs),
}
"""By name."""
