"""``%hyper VERB``: the container verbs of the hyper command line, with its flags.

Layer: magics. The user's thread.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import shlex
import sys
from collections.abc import Callable, Sequence
from typing import Any, Final

from hyper_jupyter.api import Client, Session
from hyper_jupyter.client import DEFAULT_SIZE, configured_detach_keys
from hyper_jupyter.exceptions import (
    ApiError,
    Conflict,
    HyperJupyterError,
    InvalidDetachKeys,
    NotFound,
)
from hyper_jupyter.magics.arguments import Parser, UsageFault, UsageShown, check_wait
from hyper_jupyter.magics.flags import (
    container_names,
    create_flags,
    exec_flags,
    kill_flags,
    logs_flags,
    ps_flags,
    rm_flags,
    run_flags,
    stop_flags,
)
from hyper_jupyter.magics.habits import VerbParser, unknown_verb
from hyper_jupyter.magics.labels import shortened
from hyper_jupyter.magics.printout import Printout
from hyper_jupyter.magics.table import table
from hyper_jupyter.magics.terminal import Terminal
from hyper_jupyter.protocol import parse_detach_keys
from hyper_jupyter.session import OWN_DETACH_KEYS
from hyper_jupyter.widgets.kernel import is_terminal

__all__ = ["VERBS", "run_verb", "verb_parser", "verbs_text"]

_USAGE: Final = "usage: "
"""The start of argparse's usage. Its further lines are indented by as many characters."""


def run_verb(client: Client, words: Sequence[str]) -> tuple[Session | None, argparse.Namespace]:
    """Run a verb of ``%hyper``.

    Args:
        client: the notebook's engine.
        words: the verb, its flags and arguments.

    Returns:
        A session if the verb attaches, and the parsed arguments.

    Raises:
        HyperJupyterError: anything the user can act on.
    """
    if words and words[0] in ("-h", "--help", "help"):
        chosen = words[1] if len(words) > 1 else ""
        raise UsageShown(verb_parser(chosen).format_help() if chosen in VERBS else verbs_text())
    if not words or words[0] not in VERBS:
        raise unknown_verb(words, VERBS)
    arguments = verb_parser(words[0]).parse_args(words[1:])
    return VERBS[words[0]].run(client, arguments), arguments


def verb_parser(verb: str) -> Parser:
    """Return the parser of one verb."""
    entry = VERBS[verb]
    parser = VerbParser(verb, description=entry.help)
    entry.add(parser)
    return parser


def verbs_text() -> str:
    """Return the help about all verbs, with their flags."""
    entries = [
        verb_parser(verb).format_usage()[len(_USAGE) :].replace("\n" + " " * len(_USAGE), "\n")
        + f"    {entry.help}\n"
        for verb, entry in VERBS.items()
    ]
    return (
        _USAGE
        + "%hyper VERB …\n\n"
        + "".join(entries)
        + "\n%hyper VERB --help explains its flags.\n"
    )


class Verb:
    """One verb: its arguments, and what it does."""

    def __init__(
        self,
        help: str,  # noqa: A002 - argparse's word
        add: Callable[[Parser], None],
        run: Callable[[Client, argparse.Namespace], Session | None],
    ) -> None:
        self.help = help
        self.add = add
        self.run = run


def _for_each(
    command: Callable[[Client, str, argparse.Namespace], Any],
) -> Callable[[Client, argparse.Namespace], None]:
    """Run a command for each named container, and print each name, as the hyper command does.

    One that fails does not keep it from the others. The last error is raised, those before it are
    printed.
    """

    def run(client: Client, arguments: argparse.Namespace) -> None:
        failed: HyperJupyterError | None = None
        for container in arguments.containers:
            try:
                result = command(client, container, arguments)
            except HyperJupyterError as error:
                if failed is not None:
                    print(f"Error: {failed}", file=sys.stderr)
                failed = error
                continue
            if result != "":
                print(container if result is None else result)
        if failed is not None:
            raise failed

    return run


# -- ps ------------------------------------------------------------------------------------


def _ps(client: Client, arguments: argparse.Namespace) -> None:
    rows = []
    for found in client.containers(all=arguments.all):
        identifier = found.id if arguments.no_trunc else found.id[:12]
        command = found.command if arguments.no_trunc else shortened(found.command, 30)
        rows.append((identifier, found.name, found.image, command, found.status))
    if arguments.quiet:
        print("\n".join(row[0] for row in rows))
        return
    table([("CONTAINER ID", "NAME", "IMAGE", "COMMAND", "STATUS"), *rows])


# -- create, run, start --------------------------------------------------------------------


def _create(client: Client, arguments: argparse.Namespace, *, background: bool = False) -> str:
    try:
        return client.create(
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
            size=_terminal_size(),
        )
    except Conflict as error:
        if arguments.name:
            error.hint = (
                f"%hyper_attach {arguments.name} attaches to the existing one, %hyper start "
                f"{arguments.name} starts it, %hyper rm -f {arguments.name} removes it."
            )
        raise


def _terminal_size() -> tuple[int, int] | None:
    """Return rows and columns of the terminal that IPython runs in; ``None`` in a notebook."""
    return Terminal.size() if is_terminal() else None


def _print_created(client: Client, arguments: argparse.Namespace) -> None:
    print(_create(client, arguments))


def _run(client: Client, arguments: argparse.Namespace) -> Session | None:
    check_wait(arguments)
    if arguments.wait and arguments.detach:
        raise UsageFault("--wait and --detach cannot be used together")
    container = _create(client, arguments, background=arguments.detach)
    if not arguments.detach:
        return client.start_attached(
            container,
            stdin=arguments.interactive,
            detach_keys=arguments.detach_keys,
            size=_terminal_size(),
        )
    try:
        client.start(container)
        if arguments.tty and not client.profile.takes_console_size:
            with contextlib.suppress(HyperJupyterError):  # it may have ended already
                client.resize(container, *(_terminal_size() or DEFAULT_SIZE))
    except BaseException:
        with contextlib.suppress(HyperJupyterError):  # engines may have removed it themselves
            client.remove(container, force=True)
        raise
    print(container)
    return None


# -- exec ----------------------------------------------------------------------------------


def _exec_keys(client: Client, arguments: argparse.Namespace) -> str | None:
    """Return the keys that leave an exec; ``None`` for none.

    A terminal of ours goes into raw mode for an exec's, so it needs some. In a notebook none are
    needed, and every key reaches the program.

    Raises:
        InvalidDetachKeys: those of the user's configuration are invalid.
    """
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
    keys = configured_detach_keys(client.profile) or OWN_DETACH_KEYS
    try:
        parse_detach_keys(keys)
    except InvalidDetachKeys as error:
        error.hint = (
            "The keys come from your engine's configuration file; --detach-keys names others."
        )
        raise
    return keys


def _exec(client: Client, arguments: argparse.Namespace) -> Session | None:
    check_wait(arguments)
    if arguments.wait and arguments.detach:
        raise UsageFault("--wait and --detach cannot be used together")
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
        client.exec_detached(arguments.container, arguments.command, **options)
        return None
    return client.exec(
        arguments.container,
        arguments.command,
        stdin=arguments.interactive,
        detach_keys=_exec_keys(client, arguments),
        size=_terminal_size(),
        **options,
    )


# -- kill, pause ---------------------------------------------------------------------------


def _while_running(
    command: Callable[[Client, str, argparse.Namespace], None],
) -> Callable[[Client, str, argparse.Namespace], None]:
    """Run a command that needs a running container; if that is what it lacks, say how to start it.

    Engines refuse it in different words, and some with an error of the server, so they are asked.
    """

    def run(client: Client, container: str, arguments: argparse.Namespace) -> None:
        try:
            command(client, container, arguments)
        except NotFound:
            raise
        except ApiError as error:
            if not error.hint and not _may_run(client, container):
                error.hint = f"%hyper start {shlex.quote(container)} starts it."
            raise

    return run


def _may_run(client: Client, container: str) -> bool:
    """Return whether a container runs, or nobody knows."""
    try:
        state = client.inspect(container).get("State") or {}
    except HyperJupyterError:
        return True
    return bool(state.get("Running", True))


# -- rm ------------------------------------------------------------------------------------


def _remove(client: Client, container: str, arguments: argparse.Namespace) -> str | None:
    try:
        client.remove(container, force=arguments.force)
    except NotFound:
        if not arguments.force:
            raise
        # -f means that it must not exist afterwards: no error, but it may be misspelt.
        print(f"{container}: no such container", file=sys.stderr)
        return ""
    except Conflict as error:
        error.hint = error.hint or f"%hyper rm -f {container} kills it first."
        raise
    return None


# -- logs ----------------------------------------------------------------------------------


def _logs(client: Client, arguments: argparse.Namespace) -> Session | None:
    session = client.logs(
        arguments.container,
        follow=arguments.follow,
        stdout=arguments.stdout,
        stderr=arguments.stderr,
        tail=arguments.tail,
        since=arguments.since,
        until=arguments.until,
        timestamps=arguments.timestamps,
    )
    if arguments.follow:
        return session
    try:
        Printout(session, is_log=True, patience=client.timeout).run()
    finally:
        session.close(force=True)
    return None


def _inspect(client: Client, container: str, _: argparse.Namespace) -> str:
    # As json escapes all but ASCII, only DEL is left of what a terminal would act on.
    return json.dumps(client.inspect(container), indent=2).replace("\x7f", "\\u007f")


VERBS: Final[dict[str, Verb]] = {
    "create": Verb("Create a container and print its id.", create_flags, _print_created),
    "exec": Verb("Run a further program in a running container.", exec_flags, _exec),
    "inspect": Verb(
        "Print everything that the engine knows about containers.",
        container_names,
        _for_each(_inspect),
    ),
    "kill": Verb(
        "Send a signal to containers.",
        kill_flags,
        _for_each(_while_running(lambda client, c, a: client.kill(c, a.signal))),
    ),
    "logs": Verb("Print the output of a container.", logs_flags, _logs),
    "pause": Verb(
        "Freeze containers.",
        container_names,
        _for_each(_while_running(lambda client, c, _: client.pause(c))),
    ),
    "ps": Verb("List the containers.", ps_flags, _ps),
    "rm": Verb(
        "Remove containers.",
        rm_flags,
        _for_each(_remove),
    ),
    "run": Verb("Create a container, attach to it and start it.", run_flags, _run),
    "start": Verb(
        "Start containers.", container_names, _for_each(lambda client, c, _: client.start(c))
    ),
    "stop": Verb(
        "Stop containers.",
        stop_flags,
        _for_each(lambda client, c, a: client.stop(c, grace=a.time)),
    ),
    "unpause": Verb(
        "Resume frozen containers.",
        container_names,
        _for_each(lambda client, c, _: client.unpause(c)),
    ),
    "wait": Verb(
        "Wait for containers to stop, and print their exit codes.",
        container_names,
        _for_each(lambda client, c, _: client.wait(c)),
    ),
}
