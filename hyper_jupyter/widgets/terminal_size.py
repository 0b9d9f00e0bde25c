"""The size of a session's terminal, where several views would each like their own.

Layer: widgets; no Jupyter, no lock: one thread at a time, the session's request worker.

Strategy: one view owns the size, the one that was focused last, else the first; all others show
the terminal as large as it is. A page that is gone says nothing: whenever another view has a
wish, the owner's page is asked whether it is still there, and one that is silent has lost it.
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
"""Seconds in which an owner's page answers, if it is still there."""

RETRIES: Final = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
"""Seconds between attempts where the engine refuses: what is not started has no size."""

VIEWS: Final = 64
"""Views whose wishes are remembered."""

View = tuple[str, int]
"""A page, and the number of a view on it."""

Size = tuple[int, int]
"""Rows and columns."""


class TerminalSize:
    """Decides which view's size the terminal has, and sets it.

    The first size is set twice, a row and a column larger before: programs that have already
    drawn their prompt draw it again when the size changes, and only then, so that whoever comes
    later sees it too. The docker command line does the same.

    Args:
        resize: sets the terminal's size, rows before columns; may raise ``HyperJupyterError``.
        ask: has a page say whether it is still there, by an announcement of its view.
        call_later: ``(seconds, function)``, on the same thread as everything here.
        changed: owner or size are others now.

    Attributes:
        owner: the view whose size counts; ``None`` where there is none.
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
        self._wishes: dict[View, Size] = {}  # the newest last
        self._asked: View | None = None  # who has not answered yet
        self._attempts = 0
        self._tried_at = 0.0

    @property
    def pending(self) -> bool:
        """Whether the owner's size could not be set so far."""
        return self.owner is not None and self._wishes.get(self.owner) != self.current

    def announce(self, view: View, size: Size, *, claim: bool) -> None:
        """A view has room for a size.

        Args:
            view: which.
            size: what it has room for.
            claim: it was focused, and wants to be the owner.
        """
        self._wishes.pop(view, None)
        self._wishes[view] = size
        while len(self._wishes) > VIEWS:
            del self._wishes[next(name for name in self._wishes if name != self.owner)]
        if self._asked == view:
            self._asked = None
        if self.owner is None or (claim and self.owner != view):
            self.owner = view
            self._changed()
        if self.owner == view:
            self._attempts = 0
            self._apply()
        else:
            self._question()

    def discard(self, view: View) -> None:
        """A view is not there any more."""
        self._wishes.pop(view, None)
        if self._asked == view:
            self._asked = None
        if self.owner == view:
            self._pass_on()
            self._question()  # it may have spoken long ago

    def retry(self) -> None:
        """Something has happened in the session: try again what was refused, not too often."""
        if self.pending and time.monotonic() - self._tried_at >= RETRIES[0]:
            self._apply()

    def _question(self) -> None:
        """Find out whether the owner is still there."""
        if self.owner is None or self._asked is not None:
            return
        asked = self._asked = self.owner
        self._ask(asked[0])
        self._call_later(SILENCE, lambda: self._discard_silent(asked))

    def _discard_silent(self, view: View) -> None:
        if self._asked != view:
            return
        self._asked = None
        for known in [known for known in self._wishes if known[0] == view[0]]:
            del self._wishes[known]
        if self.owner == view:
            self._pass_on()

    def _pass_on(self) -> None:
        """The view that has announced itself last is the owner, if there is any."""
        self.owner = next(reversed(self._wishes), None)
        self._changed()
        self._apply()

    def _apply(self) -> None:
        size = self._wishes.get(self.owner) if self.owner is not None else None
        if size is None or size == self.current:
            return
        rows, cols = size
        self._tried_at = time.monotonic()
        try:
            if self.current is None:
                self._resize(rows + 1, cols + 1)
            self._resize(rows, cols)
        except HyperJupyterError:
            # Nobody asked for it: the pane is as large as it is.
            logger.debug("! resize failed", exc_info=True)
            if self._attempts < len(RETRIES):
                self._call_later(RETRIES[self._attempts], self.retry)
                self._attempts += 1
            return
        self.current = size
        self._changed()
