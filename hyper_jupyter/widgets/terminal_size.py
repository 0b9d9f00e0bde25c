"""The size of a session's terminal, when several views would each like a different one.

Layer: widgets; no Jupyter, no lock: one thread at a time, the session's request worker.

Strategy: one view owns the size: the one that was focused last, or else the first. All others show
the terminal at that size. A page that is closed sends nothing. So when another view announces a
size, the owner's page is asked whether it is still there; if it does not answer, it stops being
the owner.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Final

from hyper_jupyter.exceptions import HyperJupyterError

__all__ = ["SILENCE", "Size", "TerminalSize", "View"]

logger = logging.getLogger(__name__)

SILENCE: Final = 2.0
"""How many seconds the owner's page has to answer."""

RETRIES: Final = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
"""Seconds between attempts if the engine refuses: a container that is not started has no size."""

VIEWS: Final = 64
"""How many views' sizes are remembered."""

View = tuple[str, int]
"""A page's id, and the number of a view on that page."""

Size = tuple[int, int]
"""Rows and columns."""


class TerminalSize:
    """Decides which view sets the terminal's size, and sets it.

    The first size is set twice, with one row and one column more the first time. Programs that have
    already drawn their prompt draw it again only when the size changes, and this way a page that
    comes later sees it too. The docker command line does the same.

    Args:
        resize: sets the terminal's size, rows before columns. It may raise ``HyperJupyterError``.
        ask: asks a page whether it is still there. It answers by announcing its view.
        call_later: ``(seconds, function)``; calls it on the thread that uses this object.
        changed: called when the owner or the size has changed.

    Attributes:
        owner: the view that sets the size; ``None`` if there is none.
        current: the size that was set last; ``None`` before the first.
    """

    def __init__(
        self,
        resize: Callable[[int, int], object],
        ask: Callable[[str], object],
        call_later: Callable[[float, Callable[[], object]], object],
        changed: Callable[[], object],
    ) -> None:
        self.owner: View | None = None
        self.current: Size | None = None
        self._resize = resize
        self._ask = ask
        self._call_later = call_later
        self._changed = changed
        self._sizes: dict[View, Size] = {}  # what each view has room for, the newest last
        self._asked: View | None = None  # the view whose page has not answered yet
        self._attempts = 0
        self._tried_at = 0.0

    @property
    def pending(self) -> bool:
        """Whether the owner's size could not be set yet."""
        return self.owner is not None and self._sizes.get(self.owner) != self.current

    def announce(self, view: View, size: Size, *, claim: bool) -> None:
        """Note what a view has room for.

        Args:
            view: the view.
            size: what it has room for.
            claim: it was focused and wants to become the owner.
        """
        self._sizes.pop(view, None)
        self._sizes[view] = size
        while len(self._sizes) > VIEWS:
            del self._sizes[next(name for name in self._sizes if name != self.owner)]
        if self._asked == view:
            self._asked = None
        if self.owner is None or (claim and self.owner != view):
            self.owner = view
            self._changed()
        if self.owner == view:
            self._attempts = 0
            self._apply()
        else:
            self._ask_owner()

    def discard(self, view: View) -> None:
        """Discard a view that is gone."""
        self._sizes.pop(view, None)
        if self._asked == view:
            self._asked = None
        if self.owner == view:
            self._pass_on()
            self._ask_owner()  # its page may have been closed since it last sent anything

    def retry(self) -> None:
        """Try again what the engine refused, because the session has changed. Not too often."""
        if self.pending and time.monotonic() - self._tried_at >= RETRIES[0]:
            self._apply()

    def _ask_owner(self) -> None:
        """Find out whether the owner's page is still there."""
        if self.owner is None or self._asked is not None:
            return
        asked = self._asked = self.owner
        self._ask(asked[0])
        self._call_later(SILENCE, lambda: self._discard_silent(asked))

    def _discard_silent(self, view: View) -> None:
        if self._asked != view:
            return
        self._asked = None
        for known in [known for known in self._sizes if known[0] == view[0]]:
            del self._sizes[known]
        if self.owner == view:
            self._pass_on()

    def _pass_on(self) -> None:
        """Make the view that announced itself last the owner, if there is any."""
        self.owner = next(reversed(self._sizes), None)
        self._changed()
        self._apply()

    def _apply(self) -> None:
        size = self._sizes.get(self.owner) if self.owner is not None else None
        if size is None or size == self.current:
            return
        rows, cols = size
        self._tried_at = time.monotonic()
        try:
            if self.current is None:
                self._resize(rows + 1, cols + 1)
            self._resize(rows, cols)
        except HyperJupyterError:
            # The user did not ask for this: the pane just keeps its size.
            logger.debug("! resize failed", exc_info=True)
            if self._attempts < len(RETRIES):
                self._call_later(RETRIES[self._attempts], self.retry)
                self._attempts += 1
            return
        self.current = size
        self._changed()
