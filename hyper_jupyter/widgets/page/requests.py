"""Applies the numbered requests of the pages, once each and in order.

Layer: widgets; no Jupyter, no lock: one thread at a time, the session's request worker.

Strategy: each page numbers its requests from 1. Messages may overtake one another on their way
(subshells), and after a reconnection a page sends unanswered requests again. A request that arrives
too early is held; one that was applied before is only answered again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

from hyper_jupyter.exceptions import HyperJupyterError
from hyper_jupyter.widgets.page.input_history import InputHistory
from hyper_jupyter.widgets.page.messages import Input, Request
from hyper_jupyter.widgets.source import Controllable

__all__ = ["HELD", "Requests"]

HELD: Final = 256
"""Most requests per page that are held while an earlier one is missing."""

REMEMBERED: Final = 64
"""How many answers per page are kept, so that they can be sent again."""

PAGES: Final = 256
"""How many pages are remembered. A discarded page would have to start again from number 1."""

logger = logging.getLogger(__name__)


class _Page:
    def __init__(self) -> None:
        self.next = 1
        self.held: dict[int, Request] = {}
        self.answers: dict[int, str | None] = {}


class Requests:
    """Applies the pages' requests to a session.

    Args:
        session: what the requests are applied to.
        history: gets every line that is typed into the container.
        answer: ``(page, n, error)``, called for each request; the error is a text or ``None``.
        tty: whether the container has a terminal, where a carriage return ends a line.
    """

    def __init__(
        self,
        session: Controllable,
        history: InputHistory,
        answer: Callable[[str, int, str | None], object],
        *,
        tty: bool,
    ) -> None:
        self._session = session
        self._history = history
        self._answer = answer
        self._line_end = "\r" if tty else "\n"
        self._pages: dict[str, _Page] = {}

    def typed(self) -> list[str]:
        """Return what any page typed into this container so far, oldest first. Any thread."""
        return self._history.entries()

    def receive(self, request: Request) -> None:
        """Take a request. Apply and answer it and those that waited for it, if it is their turn."""
        name, n = request["page"], request["n"]
        page = self._pages.pop(name, None) or _Page()
        self._pages[name] = page  # the newest last
        while len(self._pages) > PAGES:
            del self._pages[next(iter(self._pages))]
        if n < page.next:
            self._answer(name, n, page.answers.get(n))
            return
        if n > page.next and len(page.held) >= HELD:
            return  # without an answer the page sends it again
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
                    self._input(request)
                case "eof":
                    self._session.send_eof()
                case "detach":
                    self._session.detach()
                case "reconnect":
                    self._session.reconnect_now()
                case "signal":
                    self._session.send_signal(request["signal"])
                case "again":
                    if request.get("follow"):
                        self._session.follow_restarts()
                    else:
                        self._session.attach_again(start=request["start"])
        except HyperJupyterError as error:
            return f"{error}. {error.hint}" if error.hint else str(error)
        except Exception as error:
            logger.exception("! a request of the page failed")
            return f"{type(error).__name__}: {error}"
        return None

    def _input(self, request: Input) -> None:
        data = request["data"]
        if request["binary"]:
            self._session.send(data.encode("latin-1", "replace"))
            return
        if not request["line"]:  # keys of a terminal are sent unchanged
            self._session.send(data.encode("utf-8", "replace"))
            return
        # Sent in one piece, so that no other input gets between the lines.
        text = data.replace("\n", self._line_end) + (self._line_end if request["end"] else "")
        raw = text.encode("utf-8", "replace")
        if request["hidden"]:
            self._session.send(raw, hidden=True)
            return
        self._session.send(raw)
        self._history.add(data)
