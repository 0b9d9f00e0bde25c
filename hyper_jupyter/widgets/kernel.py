"""What the widgets need of the kernel: the only module of theirs that knows IPython and ipykernel.

Layer: widgets. :func:`keep_route` and :func:`note_subshell` run on the thread that handles a comm
message; ``_route`` runs on the kernel's shell channel thread.

If the kernel has subshells (ipykernel 7), the page sends comm messages to one of them, so that they
are handled while a cell runs. ipykernel 7.4 overrides the page's choice: it sends them to the
subshell that last published on the comm, which for our publisher thread is the busy main shell.
This module makes the page's choice count again. A page that was loaded while a cell runs does not
know its subshell yet: its messages go to the subshell that handled the last one, if that is alive.
"""

from __future__ import annotations

import dis
import enum
import logging
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import Any, Final, NamedTuple

from comm import get_comm_manager

from hyper_jupyter.settings.current import shell

__all__ = [
    "KernelFacts",
    "ValueUse",
    "cell_id",
    "cell_runs",
    "execution_count",
    "forget",
    "is_terminal",
    "keep_open",
    "keep_route",
    "kernel_facts",
    "note_subshell",
    "publish",
    "server_python",
    "shell",
    "show",
    "value_use",
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

    The attribute is private to ipykernel 7.4. Without it, nothing changes.
    """
    if hasattr(comm, "_reply_subshell_for"):
        comm._reply_subshell_for = _route


def keep_open(comm: Any, closed: Callable[[], object] | None = None) -> None:
    """Keep a comm when a page closes it, so that other pages, and this one reloaded, can use it.

    A page without widgets closes every comm that it hears of, for all pages of the kernel.

    Args:
        comm: an open one.
        closed: called on the thread that handles the page's message.
    """

    def keep(_message: object) -> None:
        comm._closed = False
        get_comm_manager().register_comm(comm)
        if closed is not None:
            closed()

    comm.on_close(keep)


def _route(_data: object, subshell: str | None) -> str | None:
    """Return the subshell for a message of the page, which asked for ``subshell`` itself."""
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
    """Return whether a cell is running. If so, messages of the page may wait for its end."""
    global _running
    running = shell()
    if running is None:
        return False
    if _running is None:
        # The first call comes from within a cell, whose start was reported before we listened.
        _running = True
        running.events.register("pre_run_cell", _note_start)
        running.events.register("post_run_cell", _note_end)
    return _running


def watch_cells(ended: Callable[[], object]) -> Callable[[], None]:
    """Call ``ended()`` after each cell, on the kernel's main thread. It must return immediately.

    Returns:
        A function that ends the subscription.
    """
    running = shell()
    if running is None:
        return lambda: None
    cell_runs()  # registers its own callbacks first: ``ended`` may ask it

    def note(_result: object) -> None:
        ended()

    running.events.register("post_run_cell", note)
    return lambda: running.events.unregister("post_run_cell", note)


_running: bool | None = None


def _note_start(_info: object) -> None:
    global _running
    _running = True


def _note_end(_result: object) -> None:
    global _running
    _running = False


def show(value: object) -> None:
    """Show a value as the notebook shows a cell's last one. The cell's own thread."""
    from IPython.display import display

    display(value)


def publish(
    data: Mapping[str, Any], display_id: str | None = None, *, update: bool = False
) -> None:
    """Put an output into the notebook, or update one. Any thread.

    A new output belongs to the running cell, so it must be published by the cell's own thread. An
    update finds its output by ``display_id``, in whichever cell that is. On a thread that ipykernel
    does not know, it is published as part of the last cell that was started. Readers like nbclient
    only accept it from the cell that is running.

    Args:
        data: by MIME type.
        display_id: names the output, so that it can be updated.
        update: replace the output of that name.
    """
    running = shell()
    if running is None:
        return
    transient = {"display_id": display_id} if display_id else {}
    running.display_pub.publish(dict(data), metadata={}, transient=transient, update=update)


def forget(values: Sequence[object]) -> None:
    """Take values out of what IPython remembers of earlier cells: ``Out``, ``_5``, ``_``.

    What the user has given another name stays there. The cell's own thread.

    Args:
        values: compared by identity.
    """
    running = shell()
    if running is None or not values:
        return
    forgotten = {id(value) for value in values}
    outputs = running.user_ns.get("_oh", {})
    numbers = [number for number, value in outputs.items() if id(value) in forgotten]
    for number in numbers:
        del outputs[number]
    # The second one lists which names IPython has made itself, with their values.
    for names in (running.user_ns, running.user_ns_hidden):
        for number in numbers:
            if id(names.get(f"_{number}")) in forgotten:
                del names[f"_{number}"]
        for name in ("_", "__", "___"):
            if id(names.get(name)) in forgotten:
                names[name] = ""  # what IPython has there before the first output
    for name in ("_", "__", "___"):
        if id(getattr(running.displayhook, name, None)) in forgotten:
            setattr(running.displayhook, name, "")


def is_terminal() -> bool:
    """Return whether this is IPython in a terminal, without a notebook."""
    # By the name: its module brings prompt_toolkit, which no kernel needs, and which takes as long
    # to import as all of ours.
    return any(each.__name__ == "TerminalInteractiveShell" for each in type(shell()).__mro__)


class ValueUse(enum.Enum):
    """What a cell does with the value of a magic."""

    ASSIGNED = "Python code gets it"
    SHOWN = "it is the cell's last value, which IPython shows"
    DISCARDED = "a statement before the cell's end, whose value nobody sees"


_MAGIC_CALLS: Final = ("run_line_magic", "run_cell_magic")


def value_use() -> ValueUse:
    """Return what the running cell does with the value of the magic that is running.

    It is read from the instruction that follows the magic's call in the cell's code. If that cannot
    be found, it is :attr:`ValueUse.ASSIGNED`.
    """
    frame: FrameType | None = sys._getframe()
    while frame is not None and frame.f_code.co_name not in _MAGIC_CALLS:
        frame = frame.f_back
    caller = None if frame is None else frame.f_back
    if caller is None:
        return ValueUse.ASSIGNED
    following = (
        each for each in dis.get_instructions(caller.f_code) if each.offset > caller.f_lasti
    )
    instruction = next(following, None)
    if instruction is None:
        return ValueUse.ASSIGNED
    if instruction.opname == "POP_TOP":
        return ValueUse.DISCARDED
    # Python 3.11 has an instruction of its own for it, newer ones a function of the interpreter.
    prints = instruction.opname == "PRINT_EXPR" or "PRINT" in str(instruction.argrepr)
    return ValueUse.SHOWN if prints else ValueUse.ASSIGNED


def _kernel() -> Any:
    """Return the running ipykernel, or ``None`` outside of one."""
    from ipykernel.kernelbase import Kernel

    return Kernel.instance() if Kernel.initialized() else None


class KernelFacts(NamedTuple):
    """What is known about a kernel.

    Attributes:
        ipykernel: the version of ipykernel.
        subshells: whether it has subshells, so that messages of the page do not wait for cells.
    """

    ipykernel: str
    subshells: bool


def kernel_facts() -> KernelFacts | None:
    """Return what is known about the running kernel, or ``None`` outside of one."""
    import ipykernel

    kernel = _kernel()
    if kernel is None:
        return None
    subshells = bool(getattr(kernel, "_supports_kernel_subshells", False))
    return KernelFacts(str(ipykernel.__version__), subshells)


def server_python() -> str | None:
    """Return the Python that runs the Jupyter server, if this machine knows it.

    Its path is the one that it was started by, so that it names an environment. It is ``None``
    where the server is elsewhere, or was started by another program.
    """
    try:
        import psutil  # ipykernel needs it

        command = psutil.Process(int(os.environ["JPY_PARENT_PID"])).cmdline()
    except Exception:
        logger.debug("! the server's process is not known", exc_info=True)
        return None
    python = Path(command[0]) if command else Path()
    return str(python) if python.is_absolute() and "python" in python.name else None


def execution_count() -> int | None:
    """Return the number of the running cell, or ``None`` outside of IPython."""
    running = shell()
    return None if running is None else running.execution_count


def cell_id() -> str | None:
    """Return the id that the front end gave the running cell, or ``None`` if it gave none."""
    running = shell()
    try:
        parent = running.get_parent()
        identifier = parent["metadata"]["cellId"]
    except (AttributeError, KeyError, TypeError):
        return None
    return identifier if isinstance(identifier, str) else None
