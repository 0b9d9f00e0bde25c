"""What a page that cannot show our widgets says instead: the cause, and the next step.

Layer: widgets. Any thread.
"""

from __future__ import annotations

import functools
import importlib.metadata
import json
import logging
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from hyper_jupyter.version import __version__
from hyper_jupyter.widgets.kernel import server_python

__all__ = ["Notice", "misfit", "missing", "no_widgets", "requirement", "silent", "unanswered"]

logger = logging.getLogger(__name__)


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
        return f"{self.text} {self.step}".strip()


def missing() -> Notice:
    """Return the notice for a page without the extension."""
    python = server_python()
    if _is_ours(python):
        return Notice(
            "This page does not have the extension hyper_jupyter, though it is installed.",
            "Reload the page. If that does not help, run jupyter labextension list: it may be "
            "turned off.",
        )
    return Notice(
        "The Jupyter server does not have hyper_jupyter, so this page cannot show its views.",
        f"{_install(python)}, and reload the page.",
    )


def no_widgets() -> Notice:
    """Return the notice for a page that shows no widgets at all."""
    python = server_python()
    if _is_ours(python):
        return Notice(
            "This page shows no widgets, though ipywidgets is installed.",
            "Reload the page. If that does not help, run jupyter labextension list: "
            "@jupyter-widgets/jupyterlab-manager may be turned off.",
        )
    return Notice(
        "The Jupyter server has neither ipywidgets nor hyper_jupyter, so this page cannot show "
        "any widgets.",
        f"{_install(python)}, which installs both, and reload the page.",
    )


def misfit(version: str) -> Notice:
    """Return the notice for a page whose extension has another version than the kernel."""
    python = server_python()
    if _is_ours(python):  # it was exchanged while the kernel ran, or the page was open
        step = (
            "Restart the kernel, and reload the page. If that does not help, run jupyter "
            "labextension list: there may be a second copy."
        )
    else:
        step = f"{_install(python)}, and reload the page."
    return Notice(
        f"The Jupyter server has hyper_jupyter {version}, and this kernel has {__version__}.", step
    )


def unanswered(choice: str) -> Notice:
    """Return the notice for a page that does not run the code which the kernel sent it.

    Args:
        choice: the user's, as ``FrontEnd`` has it.
    """
    if choice == "anywidget":
        step = 'Run hj.configure(front_end="auto"): the Jupyter server may have the code.'
    else:
        step = missing().step
    return Notice(
        "This page does not run the code that the kernel sent it through anywidget: the Jupyter "
        "server does not have anywidget, a content security policy blocks code from blob: "
        "addresses, or the front end is not supported.",
        step,
    )


def silent() -> Notice:
    """Return the notice where nothing was heard of any page: it cannot say what it lacks."""
    python = server_python()
    step = f"{_install(python)}, and reload the page."
    if _is_ours(python):
        step = "Reload the page, and run the cell again."
    return Notice(
        "views were displayed, and no page has answered: none is open, or it shows no widgets",
        f"{step} Without a page there is nothing to do.",
    )


def _is_ours(python: str | None) -> bool:
    """Return whether the server runs in the kernel's environment."""
    return python is not None and Path(python).parent == Path(sys.executable).parent


def requirement(origin: str | None) -> str:
    """Return what pip is given to install the kernel's version, quoted for a shell.

    A package that was installed from a clone or a file may be on no index, so its name and version
    would find nothing.

    Args:
        origin: the text of ``direct_url.json`` (PEP 610), which pip writes for all that comes from
            elsewhere than an index; ``None`` if there is none.
    """
    released = f'"hyper_jupyter=={__version__}"'
    if origin is None:
        return released
    try:
        found = json.loads(origin)
        url = str(found["url"])
        if (system := found.get("vcs_info")) is not None:
            return shlex.quote(f"{system['vcs']}+{url}@{system['commit_id']}")
        parts = urlsplit(url)
    except (ValueError, TypeError, LookupError, AttributeError):
        logger.debug("! the origin of the package is not understood", exc_info=True)
        return released
    if parts.scheme != "file":
        return shlex.quote(url)
    path = Path(url2pathname(parts.path))
    return shlex.quote(str(path)) if path.exists() else released


@functools.cache
def _origin() -> str | None:
    try:
        return importlib.metadata.distribution("hyper_jupyter").read_text("direct_url.json")
    except importlib.metadata.PackageNotFoundError:
        return None


def _install(python: str | None) -> str:
    what = requirement(_origin())
    if python is None:
        return f"In the environment of the Jupyter server, run pip install {what}"
    return f"Run {shlex.quote(python)} -m pip install {what}"
