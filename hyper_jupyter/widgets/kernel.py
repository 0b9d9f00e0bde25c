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
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

__all__ = [
    "KernelFacts",
    "cell_id",
    "cell_runs",
    "execution_count",
    "is_terminal",
    "keep_route",
    "kernel_facts",
    "note_subshell",
    "publish",
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


def publish(
    data: Mapping[str, Any], display_id: str | None = None, *, update: bool = False
) -> None:
    """Put an output into the notebook, or bring one up to date. Any thread.

    A new output belongs to the running cell: it must come from the cell's own thread. An update
    finds its output by ``display_id`` in whichever cell that is. In a thread that ipykernel does
    not know it is published as part of the last cell that was started; readers like nbclient take
    it from the cell that runs only.

    Args:
        data: by mime type.
        display_id: names the output for updates.
        update: replace the output of that name.
    """
    running = shell()
    if running is None:
        return
    transient = {"display_id": display_id} if display_id else {}
    running.display_pub.publish(dict(data), metadata={}, transient=transient, update=update)


def is_terminal() -> bool:
    """Whether this is IPython in a terminal, without a notebook."""
    running = shell()
    if running is None:
        return False
    from IPython.terminal.interactiveshell import TerminalInteractiveShell

    return isinstance(running, TerminalInteractiveShell)


def _kernel() -> Any:
    """The running ipykernel, or ``None`` outside of one."""
    from ipykernel.kernelbase import Kernel

    return Kernel.instance() if Kernel.initialized() else None


class KernelFacts(NamedTuple):
    """What is known of a kernel.

    Attributes:
        ipykernel: its version.
        subshells: whether it has any, so that the page's messages need not wait for cells.
    """

    ipykernel: str
    subshells: bool


def kernel_facts() -> KernelFacts | None:
    """What is known of the running kernel, or ``None`` outside of one."""
    import ipykernel

    kernel = _kernel()
    if kernel is None:
        return None
    subshells = bool(getattr(kernel, "_supports_kernel_subshells", False))
    return KernelFacts(str(ipykernel.__version__), subshells)


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
