"""The output beside the view that readers without a kernel show: GitHub, nbviewer, nbconvert.

Layer: widgets. :meth:`SavedDisplay.show` in the cell's thread; updates come from the recorder, a
worker, and at each cell's end from the kernel's main thread.

It is an output of its own, because an update of an output draws it anew, and the view with its
focus and its scrolled terminals must stay. A page with the live view hides it (``style.css``).

It is brought up to date at the session's end, at once and wherever that comes. Pages find the
output by its name, whatever cell the message belongs to. nbclient, which papermill and ``nbconvert
--execute`` use, takes only what belongs to the running cell; so it is published at the end of each
cell, too, from the thread that ran it, as long as there is news.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Callable

from hyper_jupyter.protocol import StreamType
from hyper_jupyter.recording import Report, SavedOutput
from hyper_jupyter.session import ENDED, runtime
from hyper_jupyter.widgets.kernel import publish, watch_cells
from hyper_jupyter.widgets.source import OutputSource

__all__ = ["SavedDisplay"]

logger = logging.getLogger(__name__)

_Version = tuple[str, int | None, int, int]


class SavedDisplay:
    """One session's saved output.

    Args:
        source: the session.
        policy: what is saved of it, as it stands at each update.
    """

    def __init__(self, source: OutputSource, policy: SavedOutput) -> None:
        self._source = source
        self._policy = policy
        self._display_id = f"hyper_jupyter-{uuid.uuid4().hex}"
        self._lock = threading.Lock()  # one update after another
        self._in_cell: _Version | None = None  # what the last update from a cell had
        self._ended_at: float | None = None
        self._closed = False
        self._ways: tuple[Callable[[], None], ...] = ()  # out of what it listens to

    def show(self) -> None:
        """Put it below the running cell."""
        self._in_cell = self._version()
        self._publish(update=False)
        self._watch()

    def follow(self, source: OutputSource) -> None:
        """Show another session from now on, as the view beside it does. Any thread."""
        self.close()
        with self._lock:
            self._source = source
            self._in_cell = self._ended_at = None
            self._closed = False
        runtime().recorder.submit(lambda: self._publish(update=True))
        self._watch()

    def _watch(self) -> None:
        self._ways = (watch_cells(self._cell_ended), self._source.subscribe(self._changed))
        self._changed()  # it may have ended meanwhile

    def close(self) -> None:
        """Leave it as it is; a second time, nothing happens."""
        with self._lock:
            self._closed = True
            ways, self._ways = self._ways, ()
        for way in ways:
            way()

    def _changed(self) -> None:
        """I/O thread: must return at once."""
        if self._ended_at is None and self._source.state in ENDED and not self._closed:
            self._ended_at = time.time()
            runtime().recorder.submit(lambda: self._publish(update=True))
        elif self._ended_at is not None and self._source.state not in ENDED:
            self._ended_at = None  # lost, and found again

    def _cell_ended(self) -> None:
        """The kernel's main thread, within the cell."""
        version = self._version()
        if version != self._in_cell:
            self._in_cell = version
            self._publish(update=True)
        elif self._source.state in ENDED and self._source.state != "lost":
            self.close()  # everybody has heard of it

    def _publish(self, *, update: bool) -> None:
        with self._lock:
            if self._closed:
                return
            report = Report.of(self._source, self._policy, at=self._ended_at or time.time())
            data = {"text/plain": report.text, "text/html": report.html}
            publish(data, self._display_id, update=update)

    def _version(self) -> _Version:
        journal = self._source.journal
        ends = (journal.end(StreamType.STDOUT), journal.end(StreamType.STDERR))
        return str(self._source.state), self._source.exit_code, *ends
