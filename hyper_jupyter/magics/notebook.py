"""What the magics do. ``registration.py`` imports it when the first of them runs.

Layer: magics. The user's thread. An error that the user can act on is shown in one line with the
next step. It still stops the cell and "Run All", as any error does.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import sys
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

from IPython.utils.text import FullEvalFormatter

from hyper_jupyter import api
from hyper_jupyter.api import EventWatch, Session, StatsWatch
from hyper_jupyter.exceptions import (
    Conflict,
    ConnectionFailed,
    HyperJupyterError,
    SessionClosed,
)
from hyper_jupyter.magics.arguments import (
    Parser,
    UsageFault,
    UsageShown,
    attach_parser,
    check_wait,
    connect_options,
    connect_parser,
    detach_parser,
    doctor_parser,
    sessions_parser,
    split,
)
from hyper_jupyter.magics.cells import CellSessions
from hyper_jupyter.magics.labels import kind_text, label, outcome_of
from hyper_jupyter.magics.printout import Interrupted, Printout
from hyper_jupyter.magics.terminal import Terminal
from hyper_jupyter.magics.values import text_table
from hyper_jupyter.magics.variables import braces_hint, dollar_hint, hinted
from hyper_jupyter.magics.verbs import run_verb, verbs_text
from hyper_jupyter.magics.verbs.attaching import attach_with
from hyper_jupyter.magics.words import read_magic_line
from hyper_jupyter.session import ENDED, find, sessions
from hyper_jupyter.session.watch import watches
from hyper_jupyter.widgets import PageCheck
from hyper_jupyter.widgets.kernel import (
    ValueUse,
    cell_id,
    is_terminal,
    kernel_facts,
    show,
    value_use,
)

__all__ = ["Commands", "options_text", "shown_lines"]

_SESSION_COLUMNS = (
    "NAME", "KIND", "STATE", "EXIT", "STDOUT", "STDERR", "CONTAINER ID", "ENGINE",
)  # fmt: skip

_PARSERS: Final[dict[str, Callable[[], Parser]]] = {
    "hyper_attach": attach_parser,
    "hyper_connect": connect_parser,
    "hyper_detach": detach_parser,
    "hyper_doctor": doctor_parser,
    "hyper_sessions": sessions_parser,
}

_F = TypeVar("_F", bound=Callable[..., Any])


def _one_line(magic: _F) -> _F:
    """Show our errors in one line instead of a traceback."""

    @functools.wraps(magic)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return magic(*args, **kwargs)
        except UsageShown as shown:
            print(shown, end="")
            return None
        except (HyperJupyterError, TimeoutError, Interrupted) as error:
            # IPython calls this method to render the traceback.
            lines = shown_lines(error)
            error._render_traceback_ = lambda: lines  # type: ignore[union-attr]
            raise
        except KeyboardInterrupt as interrupt:
            # The user's own doing. What a call is in the middle of says nothing to them.
            interrupt._render_traceback_ = lambda: ["Interrupted."]  # type: ignore[attr-defined]
            raise

    return run  # type: ignore[return-value]


def shown_lines(error: BaseException) -> list[str]:
    """Return an error's type, message and next step: one line, unless several things were tried.

    They come below the next step, which many readers look for at the top.
    """
    hint = getattr(error, "hint", "")
    if isinstance(error, ConnectionFailed) and "\n" in str(error):
        first, *more = str(error).split("\n")
        return [f"{type(error).__name__}: {first}.", *([f"  {hint}"] if hint else []), *more]
    text = " ".join(str(error).split()).rstrip(".")
    return [f"{type(error).__name__}: {text}." + (f" {hint}" if hint else "")]


def options_text(magic: str) -> str:
    """Return the help of a magic's options, or of the verbs of ``hyper``."""
    return verbs_text() if magic == "hyper" else _PARSERS[magic]().format_help()


class Commands:
    """What the magics of a notebook do.

    Args:
        shell: the running IPython.
    """

    def __init__(self, shell: Any) -> None:
        self.shell = shell
        self._cells = CellSessions()
        self._checks: dict[str | None, PageCheck] = {}  # by the id of the cell that shows it

    def leave_all(self) -> None:
        """Leave all sessions, stop all live views, and forget which cells they belong to.

        One that cannot be left does not keep the others.
        """
        self._cells = CellSessions()
        for watch in watches():
            watch.stop()
        for session in sessions():
            try:
                session.detach()
            except HyperJupyterError as error:
                print(f"{label(session)}: {error}", file=sys.stderr)

    @_one_line
    def connect(self, line: str) -> None:
        """Choose the notebook's engine: ``%hyper_connect``."""
        arguments = connect_parser().parse_args(split(self._expand(line)))
        try:
            client = api.connect_with(connect_options(arguments))
        except HyperJupyterError as error:
            # Later cells must not run on an engine that the user did not mean unnoticed.
            if (before := api.current_client()) is not None:
                error.hint = f"{error.hint} The engine is still {before.host}.".strip()
            raise
        for address, outcome in client.discovery.tried:
            print(f"tried {address}: {outcome}")
        version = f"{client.engine} {client.engine_version}".strip()
        print(
            f"Connected to {client.host} ({client.discovery.why}): "
            f"{version}, API {client.api_version}."
        )
        for warning in client.warnings:
            print(f"Warning: {warning}")
        if client.profile.runs_on_this_machine:
            print(
                "Its containers are processes on this machine that run as you: it is not a sandbox."
            )

    @_one_line
    def doctor(self, line: str) -> None:
        """Examine the way to the engine, the kernel and the page: ``%hyper_doctor``."""
        arguments = doctor_parser().parse_args(split(self._expand(line)))
        for finding in api.diagnose_with(connect_options(arguments)):
            mark = {True: "ok  ", False: "FAIL", None: "note"}[finding.good]
            print(f"{mark}  " + finding.text.replace("\n", "\n    "))
            if finding.next_step:
                print(f"      → {finding.next_step}")
        # If the front end is not built, one of the findings says so.
        with contextlib.suppress(HyperJupyterError):
            if kernel_facts() is not None:
                check = self._checks.pop(cell_id(), None)
                if check is not None:
                    check.close()  # made by an earlier run of this cell
                check = self._checks[cell_id()] = PageCheck()
                check.publish()

    @_one_line
    def attach(self, line: str, cell: str | None = None) -> Session:
        """Attach to a container: ``%hyper_attach``, and ``%%hyper_attach`` if there is a cell."""
        arguments = attach_parser().parse_args(split(self._expand(line)))
        check_wait(arguments)
        client = api.client_for(arguments.host) if arguments.host else api.default_client()
        self._cells.replace()
        with hinted(lambda _: braces_hint(arguments.container, self.shell.user_ns)):
            session = attach_with(client, arguments)
        self._cells.add(session)
        _display(session, arguments, _lines(cell))
        return session

    @_one_line
    def verb(self, line: str, cell: str | None = None) -> Any:
        """Run a verb: ``%hyper``, and ``%%hyper`` if there is a cell."""
        use = value_use()
        self._cells.replace()
        words = split(line)
        with hinted(lambda error: dollar_hint(words, error, self.shell.user_ns)):
            outcome = run_verb(
                api.default_client,
                words,
                assigned=use is ValueUse.ASSIGNED,
                cell=cell,
                variables=self.shell.user_ns,
            )
        value = outcome.value
        if isinstance(value, Session):
            self._cells.add(value)
            if not getattr(outcome.arguments, "follow", True):
                return value  # a log, which was read to its end to be a value
            _display(value, outcome.arguments, _lines(cell), end_input=outcome.ends_input)
        elif isinstance(value, StatsWatch | EventWatch):
            self._cells.add(value)
            value.show()
        elif outcome.printed or (use is not ValueUse.ASSIGNED and read_magic_line(line).silent):
            return None
        elif use is ValueUse.DISCARDED and value is not None:
            show(value)
        return value

    @_one_line
    def sessions(self, line: str) -> Session | None:
        """List the sessions, or show one again: ``%hyper_sessions``."""
        name = sessions_parser().parse_args(split(self._expand(line))).name
        if name is not None:
            session = self._named(name)
            session.show()
            return session
        found = sessions()
        if not found:
            print("There are no sessions. %hyper_attach CONTAINER starts one.")
            return None
        rows = [
            (
                session.name,
                kind_text(session),
                str(session.state),
                "" if session.exit_code is None else str(session.exit_code),
                f"{len(session.stdout):,}",
                f"{len(session.stderr):,}",
                session.container.id[:12],
                session.host,
            )
            for session in found
        ]
        print(text_table([_SESSION_COLUMNS, *rows]))
        return None

    @_one_line
    def detach(self, line: str) -> None:
        """Leave sessions: ``%hyper_detach``."""
        arguments = detach_parser().parse_args(split(self._expand(line)))
        live = [session for session in sessions() if session.state not in ENDED]
        if arguments.name is not None:
            chosen: list[Any] = [self._named(arguments.name)]
        elif arguments.all or len(live) <= 1:
            chosen = live
        else:
            names = ", ".join(session.name for session in live)
            hint = f"Name one of {names}, or use --all."
            raise UsageFault("there are several sessions", hint=hint)
        if not chosen:
            print("No session is attached.")
        for session in chosen:
            session.detach()
            print(f"{label(session)}: {outcome_of(session)}")

    def _named(self, name: str) -> Session:
        """Return the session of that name."""
        with hinted(lambda _: braces_hint(name, self.shell.user_ns)):
            session = find(name)
            if not isinstance(session, Session):
                names = ", ".join(session.name for session in sessions()) or "none"
                raise UsageFault(f"there is no session {name!r}", hint=f"Sessions: {names}.")
            return session

    def _expand(self, line: str) -> str:
        """Replace ``{name}`` by the value of a Python expression. ``$name`` is not changed."""
        if "{" not in line:
            return line
        try:
            return str(FullEvalFormatter().vformat(line, (), self.shell.user_ns))
        except Exception as error:
            raise UsageFault(f"{line.strip()!r} could not be expanded: {error}") from error


def _lines(cell: str | None) -> list[str]:
    """Return the lines below a magic."""
    # Only newlines end a line here; str.splitlines() knows more line separators.
    return [] if cell is None else cell.removesuffix("\n").split("\n")


def _display(
    session: Session,
    arguments: argparse.Namespace,
    lines: Sequence[str] = (),
    *,
    end_input: bool = False,
) -> None:
    """Show a session in the way that fits: as a widget, as printed output, or in the terminal.

    Args:
        session: a session that has just been attached.
        arguments: the parsed arguments of the magic.
        lines: what to send to its stdin.
        end_input: end its input after them, also if a widget is shown.
    """
    wait = getattr(arguments, "wait", False)
    in_terminal = is_terminal() and not wait
    wait = wait or (in_terminal and not Terminal.is_there())
    file = getattr(arguments, "save", None)
    if file is not None and not wait:
        session.save_at_end(file)
    if lines and not (wait or end_input):
        _check_input(session)
    if wait or in_terminal:
        session.mark_shown()
    else:
        session.show(
            getattr(arguments, "layout", None),
            rows=getattr(arguments, "height", None),
            place=getattr(arguments, "place", "cell"),
        )
    if wait:
        printout = Printout(session)
        # Nothing else can type into an exec, so one that reads would wait for ever.
        no_input = session.kind == "exec" and "stdin" in session.wants
        if (lines or no_input) and (reason := _send_all(session, lines, waits=True)):
            printout.say(reason)
        try:
            printout.run(getattr(arguments, "timeout", None))
        finally:  # also after Ctrl-C, and if it did not end in time
            if file is not None:
                session.save(file)
        return
    if end_input:
        if reason := _send_all(session, lines):
            print(f"{label(session)}: {reason}", file=sys.stderr)
    else:
        for line in lines:
            session.send_line(line)
    if in_terminal:
        Terminal(session).run()


def _check_input(session: Session) -> None:
    """Make sure that the lines of a cell can be sent; otherwise leave the session.

    Raises:
        SessionClosed: its stdin is not open, though it is attached.
    """
    reason = session.controls().stdin
    if not reason or session.state in ENDED:
        return  # how it ended is shown, and the first line says so
    session.release()
    name = session.container.name
    hint = f"%hyper_attach {name} without lines attaches." if session.kind == "attach" else ""
    raise SessionClosed(f"the cell's lines cannot be sent: {reason}", hint=hint)


def _send_all(session: Session, lines: Sequence[str], *, waits: bool = False) -> str:
    """Send lines, then end the input.

    Args:
        session: whose program reads them.
        lines: without their line ends.
        waits: the cell waits for the program's end afterwards.

    Returns:
        Why that could not be done, in one line; empty if it was done.
    """
    try:
        for number, line in enumerate(lines):
            what = f"{len(lines) - number} of {len(lines)} lines were not sent"
            session.send_line(line)
        what = "its input was not ended"
        if session.state not in ENDED and (reason := session.controls().eof):
            effect = ", so this waits until the container ends" if waits else ""
            return f"its input cannot be ended{effect}: {reason}"
        session.send_eof()
    except (Conflict, SessionClosed) as error:
        # What it printed counts more, and how it ended is printed behind that.
        return f"{what}: {error}"
    return ""
