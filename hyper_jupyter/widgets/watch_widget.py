"""The live views: what containers use, and what happens on an engine.

Layer: widgets. Made in the user's thread. Messages of the page arrive on the kernel's main thread
or on a subshell's, and are only passed on. The publisher sends the news and sets the trait.

Unlike a session's parts each of these is one widget with a comm of its own. It may be shown in any
number of outputs: all of them show the same.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Final, NamedTuple, Protocol

import traitlets

from hyper_jupyter.client.records import Stats
from hyper_jupyter.protocol.printable import printable
from hyper_jupyter.session import ENDED, Frame, FrameRecord, State, runtime
from hyper_jupyter.session.io.worker import Job
from hyper_jupyter.session.watch import LiveEvents, LiveStats
from hyper_jupyter.session.watch.live_events import Entry
from hyper_jupyter.session.watch.live_stats import Row
from hyper_jupyter.widgets.delivery.news_sender import NewsSender
from hyper_jupyter.widgets.front_end import front_end
from hyper_jupyter.widgets.kernel import note_subshell
from hyper_jupyter.widgets.page.watch_messages import (
    EventRow,
    FrameRow,
    StatsFigures,
    StatsRow,
    WatchPageMessage,
    WatchStatus,
)
from hyper_jupyter.widgets.page_widget import PageWidget, shared_layout

__all__ = [
    "EventsWidget",
    "FramesWidget",
    "RecordedFrames",
    "StatsWidget",
    "WatchWidget",
    "WatchedFrames",
]

logger = logging.getLogger(__name__)

_BUDGET: Final = 128 * 1024
"""Characters of events in one message, roughly."""

_ATTRIBUTES: Final = 40
_VALUE: Final = 400
"""Attributes of an event that a page gets, and characters of each value. ``attributes`` of the
event itself has them all."""


_FRAMES: Final = 250
"""Frames in one message, at most: a page that many more come to sees the newest."""


class Watched(Protocol):
    """What is shown, as far as all views need it."""

    @property
    def client(self) -> Any: ...
    @property
    def state(self) -> str: ...
    @property
    def error(self) -> Exception | None: ...
    @property
    def revision(self) -> int: ...

    def stop(self) -> None: ...
    def subscribe(self, wake: Callable[[], None]) -> Callable[[], None]: ...


class WatchWidget(PageWidget):
    """Shows a watch. The subclasses say what there is to send.

    Args:
        watch: what is shown.
        what: which part of the engine it is about, in words.
        clean: takes out of texts what must not be saved with the notebook.
    """

    displayed = True
    second_module = "watches"
    interval: ClassVar[float] = 1.0

    uid = traitlets.Unicode().tag(sync=True)
    status = traitlets.Dict().tag(sync=True)
    _closed = True  # if the constructor fails, close() must find nothing to do

    def __init__(
        self, watch: Watched, what: str, clean: Callable[[str], str] = str, **kwargs: Any
    ) -> None:
        self._watch = watch
        self._what = what
        self._clean = clean
        # A layout of its own would outlive it: ipywidgets closes none.
        kwargs.setdefault("layout", shared_layout())
        super().__init__(uid=uuid.uuid4().hex, status=dict(self._describe()), **kwargs)
        self._publisher = runtime().publisher
        self._sender = NewsSender(
            lambda: watch.revision, self._news, self._send_news, self.interval
        )
        self._due = False
        self._later: Job | None = None
        self._closed = False
        self.on_msg(self._receive)
        self._unsubscribe = watch.subscribe(self._wake)
        self._wake()

    def __repr__(self) -> str:
        """Return one line for readers without a page."""
        return f"<{type(self).__name__} of {self._what} on {self.status['host']}: {self._state()}>"

    def close(self) -> None:
        """Remove it from every page. The watch itself is not affected. Any thread."""
        if not self._closed:
            self._closed = True
            self._unsubscribe()
            if self._later is not None:
                self._later.cancel()
            super().close()

    def _news(self, after: int) -> dict[str, Any]:
        """Return what is newer than a revision: the fields of a message but for its address."""
        raise NotImplementedError

    def _state(self) -> str:
        return str(self._watch.state)

    def _describe(self) -> WatchStatus:
        client, error = self._watch.client, self._watch.error
        return {
            "state": self._state(),  # type: ignore[typeddict-item]
            "error": self._safe(printable(str(error))) if error is not None else "",
            "engine": client.engine,
            "host": self._safe(client.host),
            "what": self._safe(printable(self._what)),
        }

    def _safe(self, text: str) -> str:
        """Return a text as it may be saved: "Save Widget State" keeps the trait."""
        try:
            return (self._clean(text) or "[redacted]") if text else text
        except Exception:
            logger.warning("! a text is not shown because redact failed", exc_info=True)
            return "[redacted]"

    # -- the page -----------------------------------------------------------------------

    def _receive(self, _widget: object, message: WatchPageMessage, _buffers: object) -> None:
        """Pass a message of the page on. The thread of the cells, or a subshell's thread."""
        note_subshell()
        front_end().heard(self.form)
        if self._closed:
            return
        match message["type"]:
            case "hello":
                page, have = message["page"], message["have"]
                self._publisher.submit(lambda: self._say_hello(page, have))
            case "ack":
                page, seq = message["page"], message["seq"]
                self._publisher.submit(lambda: self._acknowledge(page, seq))
            case "stop":
                self._publisher.submit(self._watch.stop)  # it only closes what is open

    # -- publisher ----------------------------------------------------------------------

    def _wake(self) -> None:
        """Schedule :meth:`_publish`. I/O thread: must return immediately."""
        if not self._due and not self._closed:
            self._due = True
            self._publisher.submit(self._publish)

    def _say_hello(self, page: str, have: int) -> None:
        self._sender.hello(page, have)
        self._publish()

    def _acknowledge(self, page: str, seq: int) -> None:
        self._sender.acknowledge(page, seq)
        self._publish()

    def _publish(self) -> None:
        self._due = False
        if self._closed:
            return
        status = dict(self._describe())
        if status != self.status:
            self.status = status
        if self._later is not None:
            self._later.cancel()
            self._later = None
        delay = self._sender.pump(time.monotonic())
        if delay is not None:
            self._later = self._publisher.call_later(delay, self._publish)

    def _send_news(self, message: dict[str, Any]) -> None:
        self.send(message)


class StatsWidget(WatchWidget):
    """Shows what containers use, in figures and small plots."""

    part = traitlets.Unicode("stats", read_only=True).tag(sync=True)
    interval = 0.9  # engines have a reading each second, and no page should miss every tenth
    _watch: LiveStats

    def _news(self, after: int) -> dict[str, Any]:
        revision = self._watch.revision  # first: what comes meanwhile is sent once more
        rows = [_stats_row(row, after) for row in self._watch.rows()]
        return {"revision": revision, "left_out": self._watch.left_out, "rows": rows}


class EventsWidget(WatchWidget):
    """Shows what happens on an engine, as a list."""

    part = traitlets.Unicode("events", read_only=True).tag(sync=True)
    interval = 0.25
    _watch: LiveEvents

    def _news(self, after: int) -> dict[str, Any]:
        rows: list[EventRow] = []
        budget = _BUDGET
        newest = self._watch.revision  # first: what comes meanwhile is sent next time
        entries = self._watch.entries(after)
        for entry in entries:
            rows.append(_event_row(entry))
            budget -= min(entry.size, _ATTRIBUTES * _VALUE) + 100
            if budget < 0:
                break
        dropped = self._watch.dropped
        revision = rows[-1]["number"] if rows else newest
        return {"revision": revision, "dropped": dropped, "events": rows}


class FrameSource(Protocol):
    """A session, as far as its frames are shown."""

    @property
    def client(self) -> Any: ...
    @property
    def state(self) -> State: ...
    def subscribe(self, wake: Callable[[], None]) -> Callable[[], None]: ...


class WatchedFrames:
    """A session's frames as something to watch.

    Args:
        session: whose frames they are.
        record: keeps them.
    """

    error: Exception | None = None

    def __init__(self, session: FrameSource, record: FrameRecord) -> None:
        self._session = session
        self._record = record
        self.client = session.client

    @property
    def state(self) -> str:
        """Where it stands, in the words of a watch."""
        if self._record.stopped:
            return "stopped"
        return "ended" if self._session.state in ENDED else "live"

    @property
    def revision(self) -> int:
        """The number of the newest frame."""
        return self._record.revision

    def after(self, number: int) -> Sequence[tuple[int, Frame]]:
        """Return the frames after one, with their numbers."""
        return self._record.after(number)

    def stop(self) -> None:
        """Keep no more frames."""
        self._record.stop()

    def subscribe(self, wake: Callable[[], None]) -> Callable[[], None]:
        """Call ``wake()`` after frames came, and when the session changes."""
        ends = (self._record.subscribe(wake), self._session.subscribe(wake))

        def unsubscribe() -> None:
            for end in ends:
                end()

        return unsubscribe


class FramesOf(NamedTuple):
    """Where the frames of a recording are from."""

    engine: str
    host: str


class RecordedFrames:
    """The frames of a recording as something to watch: nothing comes any more.

    Args:
        frames: these frames, oldest first, with their numbers.
        engine: the engine's kind, which may be unknown (empty).
    """

    error: Exception | None = None
    state = "ended"

    def __init__(self, frames: Sequence[tuple[int, Frame]], engine: str) -> None:
        self._frames = frames
        self.client = FramesOf(engine, "a recording")
        self.revision = frames[-1][0] if frames else 0

    def after(self, number: int) -> Sequence[tuple[int, Frame]]:
        """Return the frames after one, with their numbers."""
        return [each for each in self._frames if each[0] > number]

    def stop(self) -> None:
        """Do nothing: it has ended."""

    def subscribe(self, _wake: Callable[[], None]) -> Callable[[], None]:
        """Do nothing: nothing changes."""
        return lambda: None


class FramesWidget(WatchWidget):
    """Shows the frames of a session: headers, lengths, the beginning of each payload."""

    part = traitlets.Unicode("frames", read_only=True).tag(sync=True)
    interval = 0.5
    _watch: WatchedFrames | RecordedFrames

    def _news(self, after: int) -> dict[str, Any]:
        revision = self._watch.revision  # first: what comes meanwhile is sent next time
        newest = [each for each in self._watch.after(after) if each[0] <= revision][-_FRAMES:]
        return {"revision": revision, "frames": [_frame_row(*each) for each in newest]}


def _frame_row(number: int, frame: Frame) -> FrameRow:
    time, stream, header, length, payload_start = frame
    return number, time, stream, header.hex(), length, payload_start.hex()


def _stats_row(row: Row, after: int) -> StatsRow:
    return {
        "id": row.id,
        "name": row.name,
        "state": row.state,
        "problem": row.problem,
        "figures": _figures(row.latest) if row.latest is not None else None,
        "points": [
            (each.number, each.stats.time, each.stats.cpu_percent, each.stats.memory)
            for each in row.readings
            if each.number > after
        ],
    }


def _figures(stats: Stats) -> StatsFigures:
    return {
        "cpu_percent": stats.cpu_percent,
        "memory": stats.memory,
        "memory_limit": stats.memory_limit,
        "network_received": stats.network_received,
        "network_sent": stats.network_sent,
        "block_read": stats.block_read,
        "block_written": stats.block_written,
        "pids": stats.pids,
    }


def _event_row(entry: Entry) -> EventRow:
    event = entry.event
    attributes = [(name, value) for name, value in sorted(event.attributes.items())]
    return {
        "number": entry.number,
        "time": event.time,
        "type": event.type,
        "action": event.action[:_VALUE],
        "id": event.id,
        "name": event.name[:_VALUE],
        "attributes": [(name[:_VALUE], value[:_VALUE]) for name, value in attributes[:_ATTRIBUTES]],
        "more": max(0, len(attributes) - _ATTRIBUTES),
    }
