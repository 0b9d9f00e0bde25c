"""The output beside the view, for readers without a kernel: GitHub, nbviewer, nbconvert.

Layer: widgets. :meth:`SavedView.show` runs in the cell's thread. Updates are published by the
recorder, a worker, and at the end of each cell by the kernel's main thread.

It is a separate output, because the front end draws an output anew when it is updated, and the view
must keep its focus and the scroll position of its terminals. A page with the live view hides it
(``style.css``).

It is updated immediately when the session, or what else is shown, ends, whether a cell is running
or not. Pages find the output by its name, whichever cell the message belongs to. nbclient, which
papermill and ``nbconvert --execute`` use, only accepts messages of the running cell. So the output
is also updated at the end of each cell, by the thread that ran it, as long as there is something
new.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping

from hyper_jupyter.protocol import StreamType
from hyper_jupyter.recording import Report
from hyper_jupyter.session import ENDED, runtime
from hyper_jupyter.settings.saved_output import SavedOutput
from hyper_jupyter.widgets.kernel import publish, watch_cells
from hyper_jupyter.widgets.source import OutputSource

__all__ = ["SavedDisplay", "SavedView"]

logger = logging.getLogger(__name__)

_Version = tuple[str, int | None, int, int, int]


class SavedView(ABC):
    """One output that is saved for readers without a kernel. The subclasses say what of."""

    def __init__(self) -> None:
        self._display_id = f"hyper_jupyter-{uuid.uuid4().hex}"
        self._lock = threading.Lock()  # one update at a time
        self._in_cell: object = None  # the version that the last update from a cell contained
        self._ended_at: float | None = None
        self._closed = False
        self._subscriptions: tuple[Callable[[], None], ...] = ()  # each call ends one

    @abstractmethod
    def _data(self, at: float) -> Mapping[str, str]:
        """Return the output by MIME type. ``at``: the time of the end, or else of this update."""

    @abstractmethod
    def _version(self) -> object:
        """Return something that is another one when there is news."""

    @abstractmethod
    def _has_ended(self) -> bool:
        """Whether there is no more to come for now."""

    @abstractmethod
    def _is_final(self) -> bool:
        """Whether there is never more to come."""

    @abstractmethod
    def _subscribe(self, wake: Callable[[], None]) -> Callable[[], None]:
        """Call ``wake()`` after every change; return a function that ends this."""

    def show(self) -> None:
        """Put the output below the running cell."""
        self._in_cell = self._version()
        self._publish(update=False)
        self._watch()

    def _watch(self) -> None:
        self._subscriptions = (watch_cells(self._cell_ended), self._subscribe(self._changed))
        self._changed()  # it may have ended before we subscribed

    def close(self) -> None:
        """Stop updating the output. It stays as it is. A second call does nothing."""
        with self._lock:
            self._closed = True
            subscriptions, self._subscriptions = self._subscriptions, ()
        for unsubscribe in subscriptions:
            unsubscribe()

    def _changed(self) -> None:
        """Publish the end. I/O thread: must return immediately."""
        if self._ended_at is None and self._has_ended() and not self._closed:
            self._ended_at = time.time()
            self._update_soon()
        elif self._ended_at is not None and not self._has_ended():
            # A session that has ended may begin again.
            self._ended_at = None

    def _update_soon(self) -> None:
        runtime().recorder.submit(lambda: self._publish(update=True))

    def _cell_ended(self) -> None:
        """Publish what is new. The kernel's main thread, within the cell."""
        version = self._version()
        if version != self._in_cell:
            self._in_cell = version
            self._publish(update=True)
        elif self._is_final():  # see _changed
            self.close()  # the last update has been published both ways

    def _publish(self, *, update: bool) -> None:
        with self._lock:
            if not self._closed:
                data = self._data(self._ended_at or time.time())
                publish(data, self._display_id, update=update)


class SavedDisplay(SavedView):
    """The saved output of one session.

    Args:
        source: the session.
        policy: what is saved of it; read at each update.
    """

    def __init__(self, source: OutputSource, policy: SavedOutput) -> None:
        super().__init__()
        self._source = source
        self._policy = policy

    def follow(self, source: OutputSource) -> None:
        """Show another session from now on, as the view beside it does. Any thread."""
        self.close()
        with self._lock:
            self._source = source
            self._in_cell = self._ended_at = None
            self._closed = False
        self._update_soon()
        self._watch()

    def _data(self, at: float) -> Mapping[str, str]:
        report = Report.of(self._source, self._policy, at=at)
        return {"text/plain": report.text, "text/html": report.html}

    def _version(self) -> _Version:
        journal = self._source.journal
        ends = (journal.end(StreamType.STDOUT), journal.end(StreamType.STDERR))
        marks = self._source.marks
        marked = marks[-1].number if marks else 0
        state = f"{self._source.state} {self._source.paused}"
        return state, self._source.exit_code, marked, *ends

    def _has_ended(self) -> bool:
        return self._source.state in ENDED

    def _is_final(self) -> bool:
        return self._source.state in ENDED and self._source.state != "lost"

    def _subscribe(self, wake: Callable[[], None]) -> Callable[[], None]:
        return self._source.subscribe(wake)
