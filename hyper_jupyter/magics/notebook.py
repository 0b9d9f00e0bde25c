"""The magics: ``%load_ext hyper_jupyter`` registers this class.

Layer: magics. The user's thread. An error that the user can act on is shown in one line with the
next step. It still stops the cell and "Run All", as any error does.
"""

from __future__ import annotations

import argparse
import atexit
import contextlib
import functools
import inspect
import sys
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from IPython.core.magic import Magics, line_cell_magic, line_magic, magics_class, no_var_expand
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
from hyper_jupyter.magics.completion import register_completion, unregister_completion
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
from hyper_jupyter.widgets import PageCheck, link_policy
from hyper_jupyter.widgets.kernel import (
    ValueUse,
    cell_id,
    is_terminal,
    kernel_facts,
    show,
    value_use,
)

__all__ = ["HyperMagics"]

_SESSION_COLUMNS = (
    "NAME", "KIND", "STATE", "EXIT", "STDOUT", "STDERR", "CONTAINER ID", "ENGINE",
)  # fmt: skip

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


def _with_help(text: Callable[[], str]) -> Callable[[_F], _F]:
    """Append a help text to a magic's docstring, which IPython's ``?`` shows."""

    def document(magic: _F) -> _F:
        magic.__doc__ = f"{inspect.cleandoc(magic.__doc__ or '')}\n\n{text()}"
        return magic

    return document


def _options(parser: Callable[[], Parser]) -> Callable[[_F], _F]:
    """Append the help of a parser to a magic's docstring."""
    return _with_help(lambda: parser().format_help())


def shown_lines(error: BaseException) -> list[str]:
    """Return an error's type, message and next step: one line, unless several things were tried."""
    hint = getattr(error, "hint", "")
    if isinstance(error, ConnectionFailed) and "\n" in str(error):
        first, *more = str(error).split("\n")
        return [f"{type(error).__name__}: {first}.", *more, *([f"  {hint}"] if hint else [])]
    text = " ".join(str(error).split()).rstrip(".")
    return [f"{type(error).__name__}: {text}." + (f" {hint}" if hint else "")]


@magics_class
class HyperMagics(Magics):
    """``%hyper``, and ``%hyper_`` ``connect``, ``doctor``, ``attach``, ``sessions``, ``detach``."""

    def __init__(self, shell: Any) -> None:
        super().__init__(shell)
        self._cells = CellSessions()
        self._checks: dict[str | None, PageCheck] = {}  # by the id of the cell that shows it
        for policy in (api.saved_output(), api.views(), link_policy()):
            if policy not in shell.configurables:  # for %config
                shell.configurables.append(policy)
        register_completion(shell)
        self._watch_reset()

    def unload(self) -> None:
        """Leave all sessions, and take away what ``%load_ext`` registered."""
        _leave_all()
        shell = self.shell
        unregister_completion(shell)
        for policy in (api.saved_output(), api.views(), link_policy()):
            if policy in shell.configurables:
                shell.configurables.remove(policy)
        registered = shell.magics_manager.magics
        for kind, names in self.magics.items():
            for name in names:
                registered[kind].pop(name, None)
        self._ignore_reset()
        atexit.unregister(self._ignore_reset)
        shell.magics_manager.registry.pop(type(self).__name__, None)

    def _watch_reset(self) -> None:
        """Leave all sessions when the notebook's variables are removed (``%reset``).

        Nothing has them any more then, and they would go on in the background. IPython also resets
        itself when the process ends: then there is nothing to do, and no time for it.
        """
        shell = self.shell
        original = shell.reset

        @functools.wraps(original)
        def reset(*args: Any, **kwargs: Any) -> Any:
            self._cells = CellSessions()
            _leave_all()
            return original(*args, **kwargs)

        self._own_reset = shell.reset = reset
        atexit.register(self._ignore_reset)  # runs before IPython's own, which was there first

    def _ignore_reset(self) -> None:
        if vars(self.shell).get("reset") is self._own_reset:
            del self.shell.reset

    @no_var_expand
    @line_magic
    @_one_line
    @_options(connect_parser)
    def hyper_connect(self, line: str) -> None:
        """Choose the engine for this notebook: ``local:``, ``unix:///…``, ``ssh://…`` and others.

        Without an argument, an engine is searched for; what was tried and the reason for the choice
        are printed.
        """
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

    @no_var_expand
    @line_magic
    @_one_line
    @_options(doctor_parser)
    def hyper_doctor(self, line: str) -> None:
        """Check the connection to the engine, the kernel and the page; print the next steps.

        What the page finds is shown below, in a page only.
        """
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

    @no_var_expand
    @line_cell_magic
    @_one_line
    @_options(attach_parser)
    def hyper_attach(self, line: str, cell: str | None = None) -> Session:
        """Attach to a container, show the widget, and return the session immediately.

        ``%%hyper_attach`` sends the lines of the cell to the container's stdin. With ``--wait``
        its output is printed until it ends. In a terminal, the container gets the terminal.
        """
        arguments = attach_parser().parse_args(split(self._expand(line)))
        check_wait(arguments)
        client = api.client_for(arguments.host) if arguments.host else api.default_client()
        self._cells.replace()
        with hinted(lambda _: braces_hint(arguments.container, self.shell.user_ns)):
            session = attach_with(client, arguments)
        self._cells.add(session)
        _display(session, arguments, _lines(cell))
        return session

    @no_var_expand
    @line_cell_magic
    @_one_line
    @_with_help(verbs_text)
    def hyper(self, line: str, cell: str | None = None) -> Any:
        """Run a verb of the docker or hyper command: ``%hyper ps``, ``%hyper run -i …``.

        The value is data: ``rows = %hyper ps``. The lines below ``%%hyper run -i …`` and
        ``%%hyper exec -i …`` are what the program reads from its stdin. ``{name}`` stands for a
        value where a container, an image, a volume, a network or a file is named; ``$i`` and
        ``{i}`` reach a shell command unchanged. ``;`` at the end keeps the value from being shown.
        """
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

    @no_var_expand
    @line_magic
    @_one_line
    @_options(sessions_parser)
    def hyper_sessions(self, line: str) -> Session | None:
        """List the sessions. With a name, show that session again."""
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

    @no_var_expand
    @line_magic
    @_one_line
    @_options(detach_parser)
    def hyper_detach(self, line: str) -> None:
        """Detach from one session or from all; the containers run on."""
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
        layout = getattr(arguments, "layout", None)
        session.show(layout, rows=getattr(arguments, "height", None))
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


def _leave_all() -> None:
    """Leave all sessions, stop all live views. One that cannot be left does not keep the others."""
    for watch in watches():
        watch.stop()
    for session in sessions():
        try:
            session.detach()
        except HyperJupyterError as error:
            print(f"{label(session)}: {error}", file=sys.stderr)
