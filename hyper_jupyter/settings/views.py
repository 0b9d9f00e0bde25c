"""How views of sessions begin: the user's choice, and what there is to choose from.

Layer: settings. Any thread.
"""

from __future__ import annotations

from typing import Final

import traitlets
from traitlets.config import Configurable

__all__ = ["LAYOUTS", "PLACES", "ROWS", "Views"]

LAYOUTS: Final = ("split", "merged", "tabs")
"""Panes side by side; one pane with both streams in order of arrival; one pane at a time."""

PLACES: Final = ("cell", "tab", "panel", "float")
"""In its cell; a tab beside the notebook; the front end's side panel; floating above the page."""

ROWS: Final = 14
"""Lines of a pane at most."""


class Views(Configurable):  # type: ignore[misc]
    """How views of sessions look where a cell does not say.

    Set it by ``c.Views.layout = "merged"`` in IPython's configuration, ``%config Views`` in a
    notebook, or :func:`hyper_jupyter.configure`. What a user has chosen on the page for a container
    holds as long as this stays the same.
    """

    layout = traitlets.Enum(
        LAYOUTS, LAYOUTS[0], help="Panes side by side, one in order of arrival, or one at a time."
    ).tag(config=True)
    height = traitlets.Int(
        ROWS, min=2, max=200, help="How many lines the panes show, at most."
    ).tag(config=True)
