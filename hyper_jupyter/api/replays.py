"""Recordings as users hold them: ``hj.replay`` returns one.

Layer: api. Any thread.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any, Final, cast

from hyper_jupyter.api.data.reading import ReadableOutput, Stream, bounds_of, records_from
from hyper_jupyter.api.data.record import Clock, Record
from hyper_jupyter.api.moments import Moment
from hyper_jupyter.api.session import Session
from hyper_jupyter.exceptions import HyperJupyterError
from hyper_jupyter.protocol import Output as Received
from hyper_jupyter.protocol import StreamType
from hyper_jupyter.protocol.log_entries import TimedOutput
from hyper_jupyter.protocol.printable import printable
from hyper_jupyter.recording.live import recording_of
from hyper_jupyter.recording.loading import load
from hyper_jupyter.recording.moment import screen_at
from hyper_jupyter.recording.page import Packed, packed
from hyper_jupyter.recording.recording import Exit, Header, Marker, Output, Recording, Resize
from hyper_jupyter.recording.redaction import redacted
from hyper_jupyter.recording.saving import Target, save
from hyper_jupyter.session import Frame, History, LineReader, Transcript, streams_of
from hyper_jupyter.session.store.journal import Journal
from hyper_jupyter.settings.current import saved_output
from hyper_jupyter.settings.views import LAYOUTS
from hyper_jupyter.widgets import (
    REPLAY_ROWS,
    FramesWidget,
    RecordedFrames,
    ReplayWidget,
    saved_replay,
)
from hyper_jupyter.widgets.kernel import execution_count, is_terminal, publish

__all__ = ["Replay", "replay"]

_MOST: Final = 256 * 1024 * 1024
"""Characters of a recording that a page can play."""

_LONGEST_PAUSE: Final = 1e9
"""Seconds. No recording is longer, and no file has infinity."""

_STREAMS: Final = {"stdout": StreamType.STDOUT, "stderr": StreamType.STDERR}

logger = logging.getLogger(__name__)


def replay(
    source: Target | Session | Recording,
    *,
    idle_limit: float | None = None,
    embed: bool = True,
    history: bool = False,
) -> Replay:
    """Return a recording that shows a player as the last value of a cell. No engine is needed.

    Args:
        source: a file that :meth:`Session.save` or asciinema wrote (``.cast``, ``.jsonl``), its
            path, or a session: what it has received until now.
        idle_limit: the longest pause that is played, in seconds; ``None`` is what the recording
            says. The user can change it in the player.
        embed: whether the notebook keeps a player of its own, half a megabyte, so that it plays
            without a kernel and in exported HTML. Otherwise it keeps the last lines as text.
        history: of a session: begin with what the container printed before it was attached
            (``attach(tail=…)``).

    Raises:
        HyperJupyterError: the file cannot be read, or is no recording; one line says why.
    """
    if isinstance(source, Recording):
        recording = source
    elif isinstance(source, Session):
        recording = recording_of(source, history=history)
    else:
        recording = load(source)
    if idle_limit is not None:
        known = isinstance(idle_limit, int | float) and not isinstance(idle_limit, bool)
        if not known or not 0 < idle_limit < _LONGEST_PAUSE:  # also of NaN
            raise HyperJupyterError(f"idle_limit {idle_limit!r} is not a number of seconds above 0")
        header = replace(recording.header, idle_limit=float(idle_limit))
        recording = replace(recording, header=header)
    frames = _frames_of(source) if isinstance(source, Session) else None
    return Replay(recording, embed=embed, frames=frames)


def _frames_of(session: Session) -> Sequence[tuple[int, Frame]] | None:
    """Return the frames that a session has kept; ``None`` if it keeps none."""
    try:
        session.frames()
    except HyperJupyterError:
        return None
    return session.record_frames().after(0)


class Replay(ReadableOutput):
    """A recording: read it as a session, and play it.

    As the last value of a cell it shows a player. What it has:

    * ``stdout``, ``stderr``, ``records``, ``to_dicts``, ``to_pandas``, ``to_polars``,
      ``to_arrow``: what was printed, as of a session.
    * ``history``: what the container printed before the session was attached, if it was saved.
    * ``header``, ``duration``, ``marks``, ``exit_code``: what was recorded.
    * ``screen_at``: what was shown at a moment, as text; ``screen_lines``: what is seen at the end,
      with the rows above.
    * ``frames``: the frames of the stream, if the session kept them.
    * ``view``, ``show``, ``save``, ``close``: the player, and files of any format.

    Attributes:
        recording: the recording itself.
        embed: whether a notebook keeps a player of its own.
    """

    def __init__(
        self,
        recording: Recording,
        *,
        embed: bool = True,
        frames: Sequence[tuple[int, Frame]] | None = None,
    ) -> None:
        self.recording = recording
        self.embed = embed
        self._frames = frames
        self._shown_in: int | None = None
        self._views: tuple[ReplayWidget | FramesWidget, ...] = ()

    # -- what was recorded ---------------------------------------------------------------

    @property
    def header(self) -> Header:
        """What the recording is of."""
        return self.recording.header

    @property
    def duration(self) -> float:
        """The time of the last event, in seconds since the start."""
        return self._summary[0]

    @property
    def marks(self) -> tuple[Marker, ...]:
        """Its marks: ``time`` (seconds since the start), ``text`` and ``kind``."""
        return self._summary[1]

    @property
    def exit_code(self) -> int | None:
        """The exit code, if the recording has it."""
        return self._summary[2]

    @functools.cached_property
    def _screen_size(self) -> tuple[int, int] | None:
        """The last rows and columns of its terminal; ``None`` if it has none."""
        if not self.header.tty:
            return None
        size = self.header.rows, self.header.columns
        for event in self.recording.events():
            if isinstance(event, Resize):
                size = event.rows, event.columns
        return size

    @functools.cached_property
    def _summary(self) -> tuple[float, tuple[Marker, ...], int | None]:
        duration = 0.0
        marks: list[Marker] = []
        code = None
        for event in self.recording.events():
            duration = max(0.0, event.time)
            if isinstance(event, Marker):
                marks.append(event)
            elif isinstance(event, Exit):
                code = event.code
        return duration, tuple(marks), code

    @property
    def clock(self) -> Clock:
        """Whose times it has: ``"engine"`` or ``"arrival"``."""
        return "engine" if self.header.clock == "engine" else "arrival"

    @functools.cached_property
    def history(self) -> History:
        """What the container printed before the session was attached, if the recording has it."""
        begin = self.header.started_at or 0.0
        entries: list[TimedOutput] = []
        for event in self.recording.events():
            if event.time >= 0:
                break
            if isinstance(event, Output):
                stream, time = _STREAMS[event.stream], begin + event.time
                lines = event.data.splitlines(keepends=True)  # an entry is of one line
                entries += (TimedOutput(stream, line, time) for line in lines)
        history = History("all")
        history.set(entries, {})
        return history

    @functools.cached_property
    def journal(self) -> Journal:
        """The output, as a session has it."""
        journal = Journal()
        begin = self.header.started_at or 0.0
        for event in self.recording.events():
            if isinstance(event, Output) and event.time >= 0:
                received = Received(_STREAMS[event.stream], event.data)
                journal.extend([received], begin + event.time)
        return journal

    @functools.cached_property
    def stdout(self) -> Transcript:
        """Everything that was printed to stdout; of a terminal all output."""
        return Transcript(self.journal, StreamType.STDOUT, lambda _length, _timeout: False)

    @functools.cached_property
    def stderr(self) -> Transcript:
        """Everything that was printed to stderr."""
        return Transcript(self.journal, StreamType.STDERR, lambda _length, _timeout: False)

    def records(
        self,
        stream: Stream = None,
        since: Moment | None = None,
        until: Moment | None = None,
        *,
        history: bool = False,
    ) -> Iterator[Record]:
        """Yield the lines of both streams, as records.

        Times are those of the recording. If it does not say when it began, they count from 0.

        Args:
            stream: ``"stdout"`` or ``"stderr"``; ``None`` is both.
            since: leave out lines with an earlier time; see ``client.logs``.
            until: leave out lines with this time or a later one.
            history: yield first what the container printed before the session was attached, if the
                recording has it, as :meth:`Session.records` does.

        Raises:
            HyperJupyterError: ``since`` or ``until`` is no moment, or ``stream`` no stream.
        """
        bounds = bounds_of(since, until)
        reader = LineReader(self.journal, streams_of(stream), since=bounds[0], until=bounds[1])
        before = self._before(stream, bounds) if history else []
        return records_from(chain(before, self._batches(reader)))

    def screen_at(self, seconds: float, stream: str | None = None) -> str:
        """Return what was shown at a moment, as lines of text.

        Of a terminal these are the lines of its screen; else the lines until then, at most 1000.

        Args:
            seconds: since the start.
            stream: only ``"stdout"`` or ``"stderr"``; ``None`` is both, in the order of arrival.

        Raises:
            HyperJupyterError: ``stream`` is no stream.
            TypeError: ``seconds`` is no number.
            ValueError: it is NaN.
        """
        streams_of(stream)
        return screen_at(self.recording, seconds, cast("Any", stream))

    def frames(self) -> list[Frame]:
        """Return the frames of the stream, oldest first, as :meth:`Session.frames` does.

        Only the recording of a session that keeps its frames has them. Files have none: the format
        has no place for them.

        Raises:
            HyperJupyterError: the recording does not have them.
        """
        return [frame for _, frame in self._numbered_frames()]

    def _numbered_frames(self) -> Sequence[tuple[int, Frame]]:
        if self._frames is None:
            raise HyperJupyterError(
                "this recording does not have the frames of its stream: files have none",
                hint="hj.replay(session) has them if the session was attached with frames=True.",
            )
        return self._frames

    def save(
        self,
        file: Target,
        *,
        format: str | None = None,  # noqa: A002 - as Session.save calls it
        version: int = 3,
        stream: str | None = None,
        overwrite: bool = True,
    ) -> None:
        """Write it into a file, as :meth:`Session.save` does; ``.html`` is a page that plays it.

        Args:
            file: its path, or an open file.
            format: as for :meth:`Session.save`.
            version: as for :meth:`Session.save`.
            stream: as for :meth:`Session.save`.
            overwrite: as for :meth:`Session.save`.

        Raises:
            HyperJupyterError: as for :meth:`Session.save`.
        """
        save(
            self.recording,
            file,
            format=format,
            version=version,
            stream=stream,
            overwrite=overwrite,
            policy=saved_output(),
        )

    # -- the player ----------------------------------------------------------------------

    def view(
        self, layout: str = "split", *, rows: int | None = None
    ) -> ReplayWidget | FramesWidget:
        """Return a new player, as a widget. It has its data in its state.

        Secrets are replaced as in saved output, because a notebook may keep that state.

        Args:
            layout: ``"split"``, ``"merged"`` or ``"tabs"``, as for :meth:`Session.view`;
                ``"frames"`` is a table of :meth:`frames` instead, which needs the kernel.
            rows: how many lines each pane shows; ``None`` is the default. A terminal has its own,
                and frames have a height of their own.

        Raises:
            ValueError: there is no such layout.
            HyperJupyterError: the recording is too long for a page, a function of ``redact``
                failed, or it does not have the frames.
        """
        if layout == "frames":
            watched = RecordedFrames(self._numbered_frames(), self.header.engine)
            table = FramesWidget(watched, self._what(), lambda text: saved_output().clean(text))
            self._views = (*self._views, table)
            return table
        return self._player(self._content()[1], layout, rows)

    def _player(self, content: Packed, layout: str, rows: int | None) -> ReplayWidget:
        if layout not in LAYOUTS:
            raise ValueError(f"layout {layout!r} is not one of {', '.join(LAYOUTS)}")
        height = REPLAY_ROWS if rows is None else rows
        widget = ReplayWidget(content.data, self._what(), arrangement=layout, rows=height)
        self._views = (*self._views, widget)
        return widget

    def show(self, layout: str = "split", *, rows: int | None = None) -> None:
        """Display a player now, and not again as the value of the running cell.

        Args:
            layout: as for :meth:`view`.
            rows: as for :meth:`view`.
        """
        self._shown_in = execution_count()
        header, content = self._content()
        widget = self._player(content, layout, rows)
        policy = saved_output()
        if not policy.enabled:
            widget.publish()
            return
        # The second output is for readers without a kernel, as that beside a session's view.
        widget.publish({"text/plain": "", "text/html": ""})
        head = f"{self._what(header)}."
        publish(saved_replay(header, content, head=head, rows=widget.rows, embed=self.embed))

    def close(self) -> None:
        """Remove its players from all pages. What was recorded stays readable."""
        views, self._views = self._views, ()
        for view in views:
            view.close()

    def _content(self) -> tuple[Header, Packed]:
        """Return what a page gets, and a notebook may keep."""
        try:
            clean = redacted(self.recording, saved_output())
            content = packed(clean)
        except HyperJupyterError:
            raise
        except Exception as error:
            # Any error: what a broken rule did not remove must not be saved.
            logger.warning("! a recording is not shown because redact failed", exc_info=True)
            reason = f"redact failed with {type(error).__name__}"
            raise HyperJupyterError(f"the recording is not shown because {reason}") from error
        if content.size > _MOST:
            raise HyperJupyterError(
                "the recording is too long for a page: more than 256 MiB",
                hint="Read it with records(), stdout or screen_at(…).",
            )
        return clean.header, content

    def _what(self, header: Header | None = None) -> str:
        found = self.header if header is None else header
        name = printable(found.title or found.container or found.command)
        return f"Recording of {name}" if name else "Recording"

    def __repr__(self) -> str:
        duration, marks, code = self._summary
        ended = "" if code is None else f", exit code {code}"
        noted = f", {len(marks)} {'mark' if len(marks) == 1 else 'marks'}" if marks else ""
        return f"<{self._what()}: {duration:.1f} s{noted}{ended}>"

    def _ipython_display_(self) -> None:
        """Show a player as a cell's value, unless the cell has already shown it."""
        if is_terminal():
            raise NotImplementedError  # then IPython prints the one line of repr()
        if self._shown_in != execution_count() or self._shown_in is None:
            self.show()
