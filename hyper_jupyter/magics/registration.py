"""The magics as IPython knows them: ``%load_ext hyper_jupyter`` registers this class.

Layer: magics. The user's thread.

Loading the extension imports this module and what IPython must be given at once: settings for
``%config``, a matcher for Tab. What the magics do is in ``notebook.py``, which is imported when
the first of them runs, and brings the client, the widgets and their libraries. So notebooks that
load the extension in their first cell pay for it where they attach.
"""

from __future__ import annotations

import atexit
import functools
import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from IPython.core.magic import Magics, line_cell_magic, line_magic, magics_class, no_var_expand

from hyper_jupyter.magics.completion import register_completion, unregister_completion
from hyper_jupyter.settings.current import link_policy, saved_output, views

if TYPE_CHECKING:
    from hyper_jupyter.magics.notebook import Commands
    from hyper_jupyter.session import Session

__all__ = ["HyperMagics"]

_F = TypeVar("_F", bound=Callable[..., Any])


def _with_options(magic: _F) -> _F:
    """Let IPython's ``?`` show a magic's docstring, and the help of its options below it.

    IPython asks a function's ``getdoc`` for its text, so the help is made when somebody reads it.
    """

    def getdoc() -> str:
        from hyper_jupyter.magics.notebook import options_text

        return f"{inspect.cleandoc(magic.__doc__ or '')}\n\n{options_text(magic.__name__)}"

    magic.getdoc = getdoc  # type: ignore[attr-defined]
    return magic


@magics_class
class HyperMagics(Magics):
    """``%hyper``, and ``%hyper_`` ``connect``, ``doctor``, ``attach``, ``sessions``, ``detach``."""

    def __init__(self, shell: Any) -> None:
        super().__init__(shell)
        for policy in (saved_output(), views(), link_policy()):
            if policy not in shell.configurables:  # for %config
                shell.configurables.append(policy)
        register_completion(shell)
        self._watch_reset()

    @functools.cached_property
    def _commands(self) -> Commands:
        """What the magics do; it is imported when the first of them runs."""
        from hyper_jupyter.magics.notebook import Commands

        return Commands(self.shell)

    def unload(self) -> None:
        """Leave all sessions, and take away what ``%load_ext`` registered."""
        self._commands.leave_all()
        shell = self.shell
        unregister_completion(shell)
        for policy in (saved_output(), views(), link_policy()):
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
            self._commands.leave_all()
            return original(*args, **kwargs)

        self._own_reset = shell.reset = reset
        atexit.register(self._ignore_reset)  # runs before IPython's own, which was there first

    def _ignore_reset(self) -> None:
        if vars(self.shell).get("reset") is self._own_reset:
            del self.shell.reset

    @no_var_expand
    @line_magic
    @_with_options
    def hyper_connect(self, line: str) -> None:
        """Choose the engine for this notebook: ``local:``, ``unix:///…``, ``ssh://…`` and others.

        Without an argument, an engine is searched for; what was tried and the reason for the choice
        are printed.
        """
        self._commands.connect(line)

    @no_var_expand
    @line_magic
    @_with_options
    def hyper_doctor(self, line: str) -> None:
        """Check the connection to the engine, the kernel and the page; print the next steps.

        What the page finds is shown below, in a page only.
        """
        self._commands.doctor(line)

    @no_var_expand
    @line_cell_magic
    @_with_options
    def hyper_attach(self, line: str, cell: str | None = None) -> Session | None:
        """Attach to a container, show the widget, and return the session immediately.

        ``%%hyper_attach`` sends the lines of the cell to the container's stdin. With ``--wait``
        its output is printed until it ends. In a terminal, the container gets the terminal.
        """
        return self._commands.attach(line, cell)

    @no_var_expand
    @line_cell_magic
    @_with_options
    def hyper(self, line: str, cell: str | None = None) -> Any:
        """Run a verb of the docker or hyper command: ``%hyper ps``, ``%hyper run -i …``.

        The value is data: ``rows = %hyper ps``. The lines below ``%%hyper run -i …`` and
        ``%%hyper exec -i …`` are what the program reads from its stdin. ``{name}`` stands for a
        value where a container, an image, a volume, a network or a file is named; ``$i`` and
        ``{i}`` reach a shell command unchanged. ``;`` at the end keeps the value from being shown.
        """
        return self._commands.verb(line, cell)

    @no_var_expand
    @line_magic
    @_with_options
    def hyper_sessions(self, line: str) -> Session | None:
        """List the sessions. With a name, show that session again."""
        return self._commands.sessions(line)

    @no_var_expand
    @line_magic
    @_with_options
    def hyper_detach(self, line: str) -> None:
        """Detach from one session or from all; the containers run on."""
        self._commands.detach(line)
