"""Attach a running container to a notebook cell.

``%load_ext hyper_jupyter`` gives the magics; from Python::

    import hyper_jupyter as hj
    client = hj.connect("local:")
    s = client.run("default", ["sh", "-c", "while read line; do echo $line; done"])

Layer: above all others. Any thread. The names below are loaded when they are first used, so that
importing the package takes next to no time.
"""

from __future__ import annotations

from hyper_jupyter.version import __version__ as __version__

TYPE_CHECKING = False  # for type checkers it is true; `typing` takes longer than all of this
if TYPE_CHECKING:
    from typing import Any

    from hyper_jupyter.api import Client as Client
    from hyper_jupyter.api import CompletedExec as CompletedExec
    from hyper_jupyter.api import Replay as Replay
    from hyper_jupyter.api import Session as Session
    from hyper_jupyter.api import attach as attach
    from hyper_jupyter.api import configure as configure
    from hyper_jupyter.api import connect as connect
    from hyper_jupyter.api import replay as replay
    from hyper_jupyter.exceptions import HyperJupyterError as HyperJupyterError

__all__ = [
    "Client",
    "CompletedExec",
    "HyperJupyterError",
    "Replay",
    "Session",
    "attach",
    "configure",
    "connect",
    "load_ipython_extension",
    "replay",
    "unload_ipython_extension",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib  # not at the top: importing the package is quicker without it

    home = "exceptions" if name == "HyperJupyterError" else "api"
    value = getattr(importlib.import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def load_ipython_extension(ipython: Any) -> None:
    """Register the magics (``%load_ext hyper_jupyter``)."""
    from hyper_jupyter.magics import HyperMagics

    ipython.register_magics(HyperMagics)


def unload_ipython_extension(ipython: Any) -> None:
    """Remove the magics, and leave all sessions (``%unload_ext hyper_jupyter``)."""
    from hyper_jupyter.magics import HyperMagics

    magics = ipython.magics_manager.registry.get(HyperMagics.__name__)
    if magics is not None:
        magics.unload()
