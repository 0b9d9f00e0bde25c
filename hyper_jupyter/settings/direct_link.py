"""Whether pages may connect to the kernel's process: the user's choice.

Layer: settings. Any thread.
"""

from __future__ import annotations

import traitlets
from traitlets.config import Configurable

__all__ = ["DirectLink"]


class DirectLink(Configurable):  # type: ignore[misc]
    """Whether pages on this machine may connect to the kernel's process by a WebSocket.

    Set it by ``c.DirectLink.enabled = False`` in IPython's configuration, ``%config DirectLink`` in
    a notebook, or :func:`hyper_jupyter.configure`.
    """

    enabled = traitlets.Bool(
        True, help="Offer pages in a browser on this machine a connection to the kernel."
    ).tag(config=True)
