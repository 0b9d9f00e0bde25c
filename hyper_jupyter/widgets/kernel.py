"""The kernel's side of the page: the one place that knows IPython and ipykernel.

Layer: widgets. :func:`keep_route` and :func:`note_subshell` run on whatever thread handles
a comm message; the route is asked for on the kernel's shell channel thread.

Where subshells exist (ipykernel 7), the page sends comm messages to one, so that they are
handled while a cell runs. ipykernel 7.4 overrides the page's choice: it sends them to where
the comm was last published from, which for our publisher thread is the busy main shell.
Here the page's choice counts again. A page that does not know its subshell yet, because it
was loaded while a cell runs, is sent to the subshell that was last heard of, if it lives.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

__all__ = [
    "cell_id",
    "cell_runs",
    "execution_count",
    "keep_route",
    "kernel_state",
    "note_subshell",
    "shell",
    "watch_cells",
]

logger = logging.getLogger(__name__)

_last_subshell: str | None = None


def note_subshell() -> None:
    """Remember the subshell that handles the current comm message, if one does."""
    global _last_subshell
    kernel = _kernel()
    if kernel is None:
        return
    try:
        subshell = kernel.get_parent().get("header", {}).get("subshell_id")
    except Exception:
        logger.debug("! no parent message", exc_info=True)
        return
    if subshell is not None:
        _last_subshell = subshell


def keep_route(comm: Any) -> None:
    """Let the page decide which subshell handles its messages on this comm.

    Private to ipykernel 7.4, hence guarded: without it nothing changes.
    """
    if hasattr(comm, "_reply_subshell_for"):
        comm._reply_subshell_for = _route


def _route(_data: object, subshell: str | None) -> str | None:
    """The subshell for a message of the page, which itself asked for ``subshell``."""
    if subshell is not None or _last_subshell is None:
        return subshell
    try:
        kernel = _kernel()
        alive = kernel is not None and (
            _last_subshell in kernel.shell_channel_thread.manager.list_subshell()
        )
    except Exception:
        logger.debug("! no list of subshells", exc_info=True)
        return subshell
    return _last_subshell if alive else subshell


def cell_runs() -> bool:
    """Whether a cell of the notebook runs: messages of the page may have to wait for its end."""
    global _running
    running = shell()
    if running is None:
        return False
    if _running is None:
        # Asked for the first time within a cell, which has told of its start already.
        _running = True
        running.events.register("pre_run_cell", _note_start)
        running.events.register("post_run_cell", _note_end)
    return _running


def watch_cells(ended: Callable[[], object]) -> Callable[[], None]:
    """Call ``ended()`` behind each cell, on the kernel's main thread: it must return at once.

    Returns:
        A function that ends it.
    """
    running = shell()
    if running is None:
        return lambda: None
    cell_runs()  # whose own callbacks must come first: it is asked in answer to this one

    def tell(_result: object) -> None:
        ended()

    running.events.register("post_run_cell", tell)
    return lambda: running.events.unregister("post_run_cell", tell)


_running: bool | None = None


def _note_start(_info: object) -> None:
    global _running
    _running = True


def _note_end(_result: object) -> None:
    global _running
    _running = False


def _kernel() -> Any:
    """The running ipykernel, or ``None`` outside of one."""
    from ipykernel.kernelbase import Kernel

    return Kernel.instance() if Kernel.initialized() else None


def kernel_state() -> tuple[bool | None, str, str]:
    """Whether the page can type while a cell runs: good or not, in words, and the next step."""
    import ipykernel

    kernel = _kernel()
    if kernel is None:
        return None, "this is no Jupyter kernel: there is no page to show widgets on", ""
    version = ipykernel.__version__
    name = f"the kernel (ipykernel {version})"
    if getattr(kernel, "_supports_kernel_subshells", False):
        return True, f"{name} has subshells: typing works while a cell runs", ""
    text = f"{name} has no subshells: what is typed into a pane waits while a cell runs"
    return False, text, 'Install "ipykernel>=7.1", and restart the kernel.'


def shell() -> Any:
    """The running IPython, or ``None`` outside of one."""
    from IPython.core.getipython import get_ipython

    return get_ipython()


def execution_count() -> int | None:
    """The number of the cell that runs, or ``None`` outside of IPython."""
    running = shell()
    return None if running is None else running.execution_count


def cell_id() -> str | None:
    """The id that the front end gives the running cell, or ``None`` where it gives none."""
    running = shell()
    try:
        parent = running.get_parent()
        identifier = parent["metadata"]["cellId"]
    except (AttributeError, KeyError, TypeError):
        return None
    return identifier if isinstance(identifier, str) else None
