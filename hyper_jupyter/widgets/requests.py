"""The numbered requests of the pages, applied once each and in order.

Layer: widgets; no Jupyter, no lock: one thread at a time, the session's request worker.

Strategy: each page numbers its requests from 1. Messages may overtake one another on their
way (subshells), and a page sends unanswered ones again after a reconnection: what comes too
early is held, what was applied before is only answered again.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from typing import Final

from hyper_jupyter.exceptions import HyperJupyterError
from hyper_jupyter.widgets.messages import Request
from hyper_jupyter.widgets.source import Source

__all__ = ["HELD", "Requests"]

HELD: Final = 256
"""Requests per page that are held while an earlier one is missing."""

REMEMBERED: Final = 64
"""Answers per page that can be given again."""

PAGES: Final = 256
"""Pages that are remembered: one that was forgotten would wait for its first number again."""

HISTORY: Final = 200
"""Typed lines that are kept for pages that come later."""

LINE: Final = 4096
"""Characters of a line above which it is not kept."""

logger = logging.getLogger(__name__)


class _Page:
    def __init__(self) -> None:
        self.next = 1
        self.held: dict[int, Request] = {}
        self.answers: dict[int, str | None] = {}


class Requests:
    """Applies the pages' requests to a session.

    Args:
        source: the session.
        answer: ``(page, n, error)``, called for each request; the error is a text or ``None``.
    """

    def __init__(self, source: Source, answer: Callable[[str, int, str | None], object]) -> None:
        self._source = source
        self._answer = answer
        self._pages: dict[str, _Page] = {}
        self._typed: deque[str] = deque(maxlen=HISTORY)

    def typed(self) -> list[str]:
        """The lines that were typed so far, oldest first, by any page. Any thread."""
        return list(self._typed)

    def receive(self, request: Request) -> None:
        """Take a request; it and those that waited for it are applied and answered."""
        name, n = request["page"], request["n"]
        page = self._pages.pop(name, None) or _Page()
        self._pages[name] = page  # the newest last
        while len(self._pages) > PAGES:
            del self._pages[next(iter(self._pages))]
        if n < page.next:
            self._answer(name, n, page.answers.get(n))
            return
        if n > page.next and len(page.held) >= HELD:
            return  # not answered: the page sends it again
        page.held.setdefault(n, request)
        while (due := page.held.pop(page.next, None)) is not None:
            answer = self._apply(due)
            page.answers[page.next] = answer
            page.answers.pop(page.next - REMEMBERED, None)
            page.next += 1
            self._answer(name, due["n"], answer)

    def _apply(self, request: Request) -> str | None:
        try:
            match request["type"]:
                case "input":
                    self._input(request["data"], line=request["line"], binary=request["binary"])
                case "eof":
                    self._source.send_eof()
                case "detach":
                    self._source.detach()
        except HyperJupyterError as error:
            return f"{error}. {error.hint}" if error.hint else str(error)
        except Exception as error:
            logger.exception("! a request of the page failed")
            return f"{type(error).__name__}: {error}"
        return None

    def _input(self, data: str, *, line: bool, binary: bool) -> None:
        if line:
            self._source.send_line(data)
            if 0 < len(data) <= LINE and [data] != list(self._typed)[-1:]:
                self._typed.append(data)
        elif binary:
            self._source.send(data.encode("latin-1", "replace"))
        else:
            self._source.send(data.encode("utf-8", "replace"))
