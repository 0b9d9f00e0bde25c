"""The widget that plays a recording.

Layer: widgets. Made in the user's thread. The page asks the kernel nothing: all it needs is in the
widget's state, as data. So a page that has the state, but no kernel, plays too.

The recording is text in that state. A binary buffer would be smaller, but JupyterLab saves more
with a notebook than the buffer: the whole message that it came in.
"""

from __future__ import annotations

import base64
from typing import Any, Final

import traitlets

from hyper_jupyter.settings.views import LAYOUTS, ROWS
from hyper_jupyter.widgets.page_widget import PageWidget

__all__ = ["REPLAY_ROWS", "ReplayWidget"]

REPLAY_ROWS: Final = ROWS
"""How many lines a pane without a terminal shows."""


class ReplayWidget(PageWidget):
    """Plays a recording.

    Args:
        recording: an asciicast of version 3, in gzip.
        what: what was recorded, in words.
    """

    displayed = True
    second_module = "player"

    part = traitlets.Unicode("replay", read_only=True).tag(sync=True)
    recording = traitlets.Unicode().tag(sync=True)
    rows = traitlets.Int(REPLAY_ROWS, min=2, max=200).tag(sync=True)
    arrangement = traitlets.Enum(LAYOUTS, LAYOUTS[0]).tag(sync=True)
    _own_layout: Any = None  # until the constructor is done

    def __init__(self, recording: bytes, what: str, **kwargs: Any) -> None:
        self._what = what
        super().__init__(recording=base64.b64encode(recording).decode("ascii"), **kwargs)
        self._own_layout = self.layout

    def close(self) -> None:
        """Remove it from every page, with its layout: ipywidgets would keep that."""
        super().close()
        if self._own_layout is not None:
            self._own_layout.close()

    def __repr__(self) -> str:
        """Return one line for front ends without widgets."""
        return f"<{type(self).__name__} of {self._what}>"
