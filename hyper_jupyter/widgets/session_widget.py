"""The hidden widget of a session. All its data and requests travel on this widget's comm.

Layer: widgets. Made in the user's thread. Messages of the page arrive on the kernel's main thread,
on a subshell's, or on the I/O thread, and are only passed on. Output and the status trait belong to
the publisher, a worker that all sessions share. Requests are applied on a worker of their own,
because detaching may take a second and must not delay the output of other sessions.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from functools import partial
from typing import Any, Final

import traitlets

from hyper_jupyter.protocol.frames import StreamType
from hyper_jupyter.session import runtime
from hyper_jupyter.session.io.worker import Job, Worker
from hyper_jupyter.widgets.delivery.mark_messages import MarkMessages
from hyper_jupyter.widgets.delivery.output_sender import GREETING, INTERVAL, OutputSender
from hyper_jupyter.widgets.delivery.rate_limiter import RateLimiter
from hyper_jupyter.widgets.front_end import front_end
from hyper_jupyter.widgets.history_message import history_message
from hyper_jupyter.widgets.kernel import cell_runs, note_subshell, watch_cells
from hyper_jupyter.widgets.page.input_history import input_history
from hyper_jupyter.widgets.page.link import Link
from hyper_jupyter.widgets.page.listener import listener, offer_link
from hyper_jupyter.widgets.page.messages import (
    Ack,
    Hello,
    KernelMessage,
    LinkOffer,
    PageMessage,
    Read,
    Request,
    Resize,
    Who,
)
from hyper_jupyter.widgets.page.requests import Requests
from hyper_jupyter.widgets.page.status import cleaned_status, describe, lasting, safe_text
from hyper_jupyter.widgets.page_widget import PageWidget, shared_layout
from hyper_jupyter.widgets.source import LiveSource
from hyper_jupyter.widgets.terminal_size import TerminalSize

__all__ = ["SessionWidget"]

RANGE: Final = 256 * 1024
"""Most bytes in one answer to ``read``."""

_RANGE_MARKS: Final = 500
"""Most marks in it."""

_limiter: Final = RateLimiter()


class SessionWidget(PageWidget):
    """One session on the page. The widget itself is never displayed.

    Args:
        source: the session.
        publisher: sends output; the shared one unless a test brings its own.
    """

    part = traitlets.Unicode("session", read_only=True).tag(sync=True)
    uid = traitlets.Unicode().tag(sync=True)
    status = traitlets.Dict().tag(sync=True)
    _closing = True  # if the constructor fails, close() must find nothing to do

    def __init__(
        self,
        source: LiveSource,
        *,
        publisher: Worker | None = None,
        clean: Callable[[str], str] = str,
        **kwargs: Any,
    ) -> None:
        self._described = describe(source, source.controls())
        super().__init__(
            uid=uuid.uuid4().hex,
            status=cleaned_status(self._described, clean),
            layout=shared_layout(),
            **kwargs,
        )
        self._source = source
        self._clean = clean
        self._publisher = publisher or runtime().publisher
        self._request_worker = Worker(f"hyper_jupyter requests {source.name}")
        self._marks = MarkMessages(lambda: source.marks, partial(safe_text, clean=clean))
        greeting = 0 if source.tty else GREETING
        self._sender = OutputSender(
            source.journal, self._send_message, _limiter, self._marks, greeting
        )
        self._requests = Requests(
            source, input_history(source.host, source.container.id), self._answer, tty=source.tty
        )
        self._size = TerminalSize(
            source.resize, self._ask_for_size, self._request_worker.call_later, self._wake
        )
        self._links: dict[str, Link] = {}  # by page; publisher
        self._due = False
        self._later: Job | None = None  # the next call that the clock makes
        self._later_at = 0.0
        self._closing = False
        self._closed = False
        self.on_msg(self._receive)
        self._unsubscribe = source.subscribe(self._wake)
        self._unwatch_pauses = source.watch_pauses()
        self._unwatch = watch_cells(self._wake)
        self._wake()

    def close(self) -> None:
        """Publish the last news, then remove the widget from the page. Both happen soon.

        The session itself is not affected. Views that are displayed keep what they show.
        """
        if not self._closing:
            self._closing = True
            self._unsubscribe()
            self._unwatch_pauses()
            self._unwatch()
            self._request_worker.close(timeout=0)
            self._publisher.submit(self._finish)

    def _finish(self) -> None:
        """Send what the windows allow, ignoring the rate, and close the comm. Publisher only."""
        self._publish_status()
        self._sender.flush()
        self._sender.close()
        listener().discard(self.uid)
        for link in self._links.values():
            link.close()
        if self._later is not None:
            self._later.cancel()
        self._closed = True
        super().close()
        # Views that are still displayed refer to this widget, and must not keep the session.
        del self._source, self._requests, self._size, self._sender, self._unsubscribe
        self._links.clear()

    def _wake(self) -> None:
        """Schedule :meth:`_publish`. I/O thread: must return immediately."""
        if not self._due and not self._closing:
            self._due = True
            self._publisher.submit(self._publish)

    def _publish(self) -> None:
        """Bring all pages up to date. Publisher only."""
        self._due = False
        if self._closed:
            return
        self._publish_status()
        if self._size.pending:
            self._request_worker.submit(self._size.retry)
        delay = self._sender.pump(time.monotonic(), busy=cell_runs())
        if delay is None:
            return
        if delay <= INTERVAL and self._sender.behind:
            self._due = True  # this call also covers everything that wakes us before it
            self._publisher.call_later(delay, self._publish)
        else:
            # An answer waits for output to travel with. That output must wake us immediately.
            self._publish_by(time.monotonic() + delay)

    def _publish_by(self, at: float) -> None:
        """Run :meth:`_publish` at ``at`` or before; only the earliest call stays scheduled."""
        if self._later is not None:
            if self._later_at <= at:
                return
            self._later.cancel()
        self._later_at = at
        self._later = self._publisher.call_later(at - time.monotonic(), self._publish_later)

    def _publish_later(self) -> None:
        self._later = None
        self._publish_soon()

    def _publish_status(self) -> None:
        revision = self.status["revision"]
        status = describe(self._source, self._source.controls(), size=self._size)
        # Changed totals alone need no new status: pages count the output that they get. What is
        # compared is not cleaned yet: the user's functions are asked about changes only.
        if lasting(status) != lasting(self._described):
            self._described = status
            self.status = {**cleaned_status(status, self._clean), "revision": revision + 1}
            self._sender.revise(revision + 1, time.monotonic())

    def _receive(self, _widget: object, message: PageMessage, _buffers: object) -> None:
        """Take a message from the comm. Main thread or a subshell's thread."""
        note_subshell()
        front_end().heard(self.form)
        self.receive_message(message)

    # -- links: I/O thread --------------------------------------------------------------

    def link_opened(self, link: Link, page: str) -> None:
        """Send this page's messages on its link from now on. The page says hello there next."""

        def use() -> None:
            if self._closed:
                link.close()
                return
            before = self._links.pop(page, None)
            if before is not None:
                before.close()
            self._links[page] = link

        self._publisher.submit(use)

    def link_closed(self, link: Link) -> None:
        """Go back to the comm. The page says hello there as soon as it notices."""

        def discard() -> None:
            self._links = {page: one for page, one in self._links.items() if one is not link}

        self._publisher.submit(discard)

    # -- messages of the page -----------------------------------------------------------

    def receive_message(self, message: PageMessage) -> None:
        """Pass a message of the page on. Main thread, a subshell's thread, or the I/O thread.

        A nudge asks for nothing, and neither does what this release does not know.
        """
        if self._closing:
            return
        match message["type"]:
            case "hello" | "ack":
                self._publisher.submit(lambda: self._deliver(message))
            case "input" | "eof" | "detach" | "signal" | "reconnect" | "again":
                self._request_worker.submit(lambda: self._apply(message))
            case "read":
                self._publisher.submit(lambda: self._read(message))
            case "resize":
                self._request_worker.submit(lambda: self._resize(message))

    def _resize(self, message: Resize) -> None:
        """Note what a view has room for, or that the view is gone. Request worker."""
        view = message["page"], message["view"]
        rows, cols = message["rows"], message["cols"]
        if rows <= 0 or cols <= 0:
            self._size.discard(view)
        elif self._source.state == "attached":
            self._size.announce(view, (rows, cols), claim=message["claim"])

    def _ask_for_size(self, page: str) -> None:
        """Ask a page whether it is still there. Request worker."""
        who: Who = {"type": "who", "page": page}
        self._publisher.submit(lambda: self._send_message(who, []))

    def _answer(self, page: str, n: int, error: str | None) -> None:
        """Send a page the answer to its request. Request worker."""

        def answer() -> None:
            if self._closed:
                return
            self._sender.answer(page, n, error, time.monotonic())
            self._publish_soon()

        self._publisher.submit(answer)

    def _apply(self, message: Request) -> None:
        """Apply a request of the page, then the acknowledgement that it carries. Request worker."""
        self._requests.receive(message)
        ack: Ack = {"type": "ack", "page": message["page"], "seq": message["seen"]}
        self._publisher.submit(lambda: self._deliver(ack))

    def _deliver(self, message: Hello | Ack) -> None:
        """Pass a page's hello or acknowledgement to the sender. Publisher only."""
        if self._closed:
            return
        if message["type"] == "ack":
            if not self._sender.ack(message["page"], message["seq"], time.monotonic()):
                return
        else:
            if message.get("link") and self._sender.is_news(message["page"], message["turn"]):
                self._close_link(message["page"])
            if message["revision"] != self.status["revision"] and not self._closed:
                self.send_state("status")  # the server has dropped a status
            is_news = self._sender.is_news(message["page"], message["turn"])
            self._sender.hello(
                message["page"],
                message["have"],
                message["turn"],
                self._requests.typed(),
                self._offer(message.get("link", "")),
                message.get("marks", 0),
            )
            if is_news and message.get("history", 0) < self._source.history.revision:
                self._send_message(history_message(self._source, message["page"]), [])
        self._publish_soon()

    def _offer(self, where: str) -> LinkOffer | None:
        """Return how a page may reach this process, if that is wanted and possible."""
        return None if self._closed else offer_link(where, self.uid, self)

    def _close_link(self, page: str) -> None:
        """Close a page's link: the page has said, by the comm, that it has none."""
        link = self._links.pop(page, None)
        if link is not None:
            link.close()

    def _publish_soon(self) -> None:
        if not self._due:
            self._publish()

    def _read(self, message: Read) -> None:
        """Send bytes of the transcript that a page asks for. Publisher only."""
        if self._closed:
            return
        journal = self._source.journal
        stream = StreamType(message["stream"])
        offset, data = journal.read_at(stream, message["offset"], min(RANGE, message["size"]))
        self._send_message(
            {
                "type": "range",
                "page": message["page"],
                "n": message["n"],
                "stream": int(stream),
                "offset": offset,
                "start": min(journal.start(stream), offset),
                "end": journal.end(stream),
                "marks": self._marks.within(stream, offset, offset + len(data), _RANGE_MARKS),
            },
            [data],
        )

    def _send_message(self, message: KernelMessage, buffers: list[bytes]) -> None:
        if self._closed:
            return
        link = self._links.get(message["page"])
        if link is None or not link.send(message, buffers):
            self.send(message, buffers or None)
