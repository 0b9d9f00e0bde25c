"""Which page is sent the news of a watch, and when.

Layer: widgets. Publisher worker only; no clock of its own.

A page says hello with the revision that it has, and is sent what is newer, at most once per
interval. It acknowledges what it shows. A page that is hidden, or gone, acknowledges nothing, and
is sent no more than a window of messages: so nothing piles up in the Jupyter server while the
notebook is closed, and a page that comes back says hello and is sent everything at once. Traits
would be sent again and again whether a page is there or not.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

__all__ = ["PAGES", "WINDOW", "NewsSender"]

WINDOW: Final = 30
"""Messages that a page may not have acknowledged. Where the kernel has no subshells, a running cell
holds the acknowledgements up: for half a minute the figures still move."""

PAGES: Final = 16
"""Pages that are remembered. One that was forgotten says hello again when it misses its news."""


@dataclass(slots=True)
class _Page:
    have: int
    window: deque[int] = field(default_factory=deque)  # messages that are not acknowledged
    sent_at: float = float("-inf")
    asked: bool = True  # it waits for an answer, also if there is nothing new


class NewsSender:
    """Sends each page what it does not have.

    Args:
        revision: returns the newest revision.
        news: returns the fields of a message with what is newer than a revision. Its field
            ``revision`` says up to where.
        send: sends a message.
        interval: seconds between two messages to a page.
    """

    def __init__(
        self,
        revision: Callable[[], int],
        news: Callable[[int], Mapping[str, Any]],
        send: Callable[[dict[str, Any]], object],
        interval: float,
    ) -> None:
        self._revision = revision
        self._news = news
        self._send = send
        self._interval = interval
        self._pages: dict[str, _Page] = {}
        self._seq = 0

    def hello(self, page: str, have: int) -> None:
        """Begin to send to a page, or begin again: whatever was on the way may be lost."""
        known = self._pages.pop(page, None)
        self._pages[page] = _Page(have, sent_at=known.sent_at if known else float("-inf"))
        while len(self._pages) > PAGES:
            del self._pages[next(iter(self._pages))]

    def acknowledge(self, page: str, seq: int) -> None:
        """Note what a page shows."""
        known = self._pages.get(page)
        if known is not None:
            while known.window and known.window[0] <= seq:
                known.window.popleft()

    def pump(self, now: float) -> float | None:
        """Send what is due.

        Args:
            now: the time in seconds, by any clock that does not go back.

        Returns:
            Seconds until the next call; ``None`` if nothing waits for time to pass.
        """
        delays: list[float] = []
        for name, page in self._pages.items():
            while (delay := self._delay(page, now)) is not None and delay <= 0:
                self._send_to(name, page, now)
            if delay is not None:
                delays.append(delay)
        return min(delays, default=None)

    def _delay(self, page: _Page, now: float) -> float | None:
        if page.asked:
            return 0.0
        if page.have >= self._revision() or len(page.window) >= WINDOW:
            return None
        return page.sent_at + self._interval - now

    def _send_to(self, name: str, page: _Page, now: float) -> None:
        content = self._news(page.have)
        self._seq += 1
        message = {**content, "type": "news", "page": name, "seq": self._seq, "after": page.have}
        page.have, page.asked, page.sent_at = content["revision"], False, now
        page.window.append(self._seq)
        self._send(message)
