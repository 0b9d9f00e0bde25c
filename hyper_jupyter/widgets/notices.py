"""What a page that cannot show our widgets says instead: the cause, and the command to run.

Layer: widgets. Any thread.
"""

from __future__ import annotations

import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hyper_jupyter.version import __version__
from hyper_jupyter.widgets.kernel import server_python

__all__ = ["Notice", "misfit", "missing", "unanswered"]

_REQUIREMENT: Final = f'"hyper_jupyter=={__version__}"'


@dataclass(frozen=True, slots=True)
class Notice:
    """Why a page cannot show our widgets.

    Attributes:
        text: what is wrong.
        step: what to do.
    """

    text: str
    step: str

    def __str__(self) -> str:
        """Return both, as the one line in the cell."""
        return f"{self.text} {self.step}"


def missing() -> Notice:
    """Return the notice for a page without the extension."""
    python = server_python()
    if python is not None and Path(python).parent == Path(sys.executable).parent:
        return Notice(
            "This page does not have the extension hyper_jupyter, though it is installed.",
            "Reload the page. If that does not help, run jupyter labextension list: it may be "
            "turned off.",
        )
    return Notice(
        "The Jupyter server does not have hyper_jupyter, so this page cannot show its views.",
        f"{_install(python)}, and reload the page.",
    )


def misfit(version: str) -> Notice:
    """Return the notice for a page whose extension has another version than the kernel."""
    return Notice(
        f"The Jupyter server has hyper_jupyter {version}, and this kernel has {__version__}.",
        f"{_install(server_python())}, and reload the page.",
    )


def unanswered() -> Notice:
    """Return the notice for a page that does not run the code which the kernel sent it."""
    return Notice(
        "This page does not run the code that the kernel sent it through anywidget: its content "
        "security policy blocks code from blob: addresses, or the front end is not supported.",
        f"{_install(server_python())}, and reload the page.",
    )


def _install(python: str | None) -> str:
    if python is None:
        return f"In the environment of the Jupyter server, run pip install {_REQUIREMENT}"
    return f"Run {shlex.quote(python)} -m pip install {_REQUIREMENT}"
