"""The doctor's test of the way between a page and the kernel: the kernel's half.

Layer: widgets. Made in the user's thread, within the cell. Messages of the page arrive on that
thread, on a subshell's, or by a link on the I/O thread. The publisher answers them, as it does for
sessions. Nothing here waits for a page: there may be none.

The page measures and judges (``js/src/model/page-check/``). The kernel answers its pings, says
whether they were handled independently of the cells, and offers a link as sessions do, but only for
the duration of one check.
"""

from __future__ import annotations

import threading
import uuid
from typing import Any, Final

import traitlets

from hyper_jupyter.session import runtime
from hyper_jupyter.session.io.worker import Job
from hyper_jupyter.settings.current import link_policy
from hyper_jupyter.version import __version__
from hyper_jupyter.widgets.front_end import Form, front_end
from hyper_jupyter.widgets.kernel import kernel_facts, note_subshell
from hyper_jupyter.widgets.page.link import Link
from hyper_jupyter.widgets.page.listener import is_relayed, listener, offer_link
from hyper_jupyter.widgets.page.messages import Facts, PageMessage, Ping, Pong
from hyper_jupyter.widgets.page_widget import PageWidget, shared_layout

__all__ = ["OFFERED_FOR", "PageCheck"]

OFFERED_FOR: Final = 30.0
"""Seconds from the last offer of a link to its end. A check takes about a second."""


class PageCheck(PageWidget):
    """Makes every page that shows it measure its way to the kernel."""

    displayed = True
    second_module = "doctor"

    part = traitlets.Unicode("check", read_only=True).tag(sync=True)
    uid = traitlets.Unicode().tag(sync=True)
    facts = traitlets.Dict().tag(sync=True)
    _closed = True  # if the constructor fails, close() must find nothing to do

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            uid=uuid.uuid4().hex, facts=dict(_facts()), layout=shared_layout(), **kwargs
        )
        self._publisher = runtime().publisher
        self._cells = threading.current_thread()
        self._links: dict[str, Link] = {}  # by page; publisher
        self._expiry: Job | None = None  # publisher
        self._closed = False
        self.on_msg(self._receive)

    def __repr__(self) -> str:
        """Return one line for readers without a page."""
        return "(What %hyper_doctor finds on the page appears only in a live notebook.)"

    def switch(self, form: Form, notice: str = "") -> None:
        """Open it again in another form. Publisher only.

        A page that is reloaded after a notice says nothing by itself, as it does of a session.
        """
        super().switch(form, f"{notice} Then run %hyper_doctor again." if notice else "")

    def close(self) -> None:
        """Remove it from the page, and close its links. Any thread."""
        if not self._closed:
            self._closed = True
            self._publisher.submit(self._close_links)
            super().close()

    def _receive(self, _widget: object, message: PageMessage, _buffers: object) -> None:
        """Take a message from the comm. The thread of the cells, or a subshell's thread."""
        note_subshell()
        front_end().heard(self.form)
        if message["type"] == "ping":
            # Compare the threads themselves: ipykernel 7.4 may handle a message on another thread
            # than its header says.
            aside = threading.current_thread() is not self._cells
            self._publisher.submit(lambda: self._answer(message, aside=aside))

    # -- links: I/O thread --------------------------------------------------------------

    def link_opened(self, link: Link, page: str) -> None:
        """Answer what this page sends on its link there, too."""

        def use() -> None:
            before = self._links.pop(page, None)
            if before is not None:
                before.close()
            self._links[page] = link
            if self._closed:
                self._close_links()

        self._publisher.submit(use)

    def receive_message(self, message: PageMessage) -> None:
        """Answer a ping by the link that it came by."""
        if message["type"] == "ping":
            self._publisher.submit(lambda: self._answer_by_link(message))

    def link_closed(self, link: Link) -> None:
        """Note that a link has ended: the page has measured it, or is gone."""

        def discard() -> None:
            self._links = {page: one for page, one in self._links.items() if one is not link}

        self._publisher.submit(discard)

    # -- publisher ----------------------------------------------------------------------

    def _answer(self, ping: Ping, *, aside: bool) -> None:
        if self._closed:
            return
        offer = offer_link(ping["link"], self.uid, self)
        if offer is not None:
            if self._expiry is not None:
                self._expiry.cancel()
            self._expiry = self._publisher.call_later(OFFERED_FOR, self._close_links)
        pong = _pong(ping, aside=aside)
        self.send({**pong, "link": offer})

    def _answer_by_link(self, ping: Ping) -> None:
        link = self._links.get(ping["page"])
        if link is not None:
            link.send(_pong(ping, aside=True), [])

    def _close_links(self) -> None:
        """Offer no link any more, and close those that exist."""
        if self._expiry is not None:
            self._expiry.cancel()
            self._expiry = None
        listener().discard(self.uid)
        for link in self._links.values():
            link.close()
        self._links.clear()


def _pong(ping: Ping, *, aside: bool) -> Pong:
    return {"type": "pong", "page": ping["page"], "n": ping["n"], "aside": aside, "link": None}


def _facts() -> Facts:
    known = kernel_facts()
    return {
        "version": __version__,
        "ipykernel": "" if known is None else known.ipykernel,
        "subshells": known is not None and known.subshells,
        "link": link_policy().enabled,
        "relay": is_relayed(),
    }
