"""The settings in use: one object of each class, with IPython's configuration.

Layer: settings. The user's thread; no I/O.
"""

from __future__ import annotations

import functools
from typing import Any

from traitlets.config import Configurable

from hyper_jupyter.settings.direct_link import DirectLink
from hyper_jupyter.settings.saved_output import SavedOutput
from hyper_jupyter.settings.views import Views

__all__ = ["application", "link_policy", "saved_output", "shell", "views"]


def shell() -> Any:
    """Return the running IPython, or ``None`` outside of one."""
    from IPython.core.getipython import get_ipython

    return get_ipython()


def application() -> Any:
    """Return IPython, which has the configuration (``c.Client.image``); ``None`` outside it."""
    found = shell()
    return found if isinstance(found, Configurable) else None


@functools.cache
def saved_output() -> SavedOutput:
    """Return the settings for what is saved in the notebook.

    Changes apply from the next update of a saved output on.
    """
    return SavedOutput(parent=application())


@functools.cache
def link_policy() -> DirectLink:
    """Return the user's choice about links. Changes apply to pages that are loaded later."""
    return DirectLink(parent=application())


@functools.cache
def views() -> Views:
    """Return the settings for views. Changes apply to views that are made from now on."""
    return Views(parent=application())
