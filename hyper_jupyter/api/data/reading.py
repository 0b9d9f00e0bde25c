"""Sessions whose output is data: records, tables, awaited lines.

Layer: api, data. Any thread except the I/O thread; methods that block say for how long.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

from hyper_jupyter.api.data import frames
from hyper_jupyter.api.data.parsing import Parse, line_parser
from hyper_jupyter.api.data.record import Clock, Record, records_of
from hyper_jupyter.api.moments import Moment, nanoseconds
from hyper_jupyter.client import Deadline
from hyper_jupyter.protocol import StreamType
from hyper_jupyter.recording.moment import SCROLLBACK, plain_line, screen_lines
from hyper_jupyter.session import (
    History,
    Journal,
    LineBatch,
    LineReader,
    Match,
    Pattern,
    Subscription,
    streams_of,
)
from hyper_jupyter.session import Session as _Session

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa

__all__ = ["ReadableOutput", "ReadableSession", "bounds_of", "records_from"]

Stream = str | StreamType | None
"""``"stdout"``, ``"stderr"``, or ``None`` for both."""


class ReadableOutput:
    """Output that can be read as data: of a session, or of a recording."""

    if TYPE_CHECKING:

        @property
        def journal(self) -> Journal:
            """The output."""

        @property
        def history(self) -> History:
            """What was printed before the session was attached."""

        @property
        def clock(self) -> Clock:
            """Whose times it has."""

        @property
        def _screen_size(self) -> tuple[int, int] | None:
            """The newest rows and columns of its terminal; ``None`` if it has none."""

    def _before(self, stream: Stream, bounds: tuple[float, float]) -> list[tuple[LineBatch, Clock]]:
        """Return what was printed before, with the clock of its times."""
        batch = self.history.batch(streams_of(stream), since=bounds[0], until=bounds[1])
        return [(batch, "engine")]

    def _batches(self, reader: LineReader) -> Iterator[tuple[LineBatch, Clock]]:
        """Yield what has come until now, with the clock of its times."""
        end = len(self.journal)
        while reader.position < end:
            yield reader.read(end), self.clock
        yield reader.finish(), self.clock

    def screen_lines(self) -> list[str]:
        """Return what is seen of the output: lines of plain text, without escape sequences.

        Of a terminal that is its screen, as it is now (of a recording, at its end), and the rows
        above it: at most 10,000, drawn from the last 256 KiB of its output. A row that only wrapped
        is a line of its own. While a full-screen program runs it is that program's screen. Without
        a terminal these are the last 10,000 lines of both streams, in the order in which they
        ended, each as a terminal would show it.
        """
        size = self._screen_size
        if size is not None:
            return screen_lines(self.journal, size)
        reader = LineReader(self.journal, streams_of(None))
        newest: deque[LineBatch] = deque()
        count = 0
        for batch, _ in self._batches(reader):
            newest.append(batch)
            count += batch.data.count(b"\n")
            while (least := count - newest[0].data.count(b"\n")) >= SCROLLBACK:
                newest.popleft()
                count = least
        texts = [text for batch in newest for text in batch.texts()]
        return [plain_line(text) for text in texts[-SCROLLBACK:]]

    def to_dicts(
        self,
        stream: Stream = None,
        since: Moment | None = None,
        until: Moment | None = None,
        *,
        parse: Parse | None = None,
        history: bool = False,
    ) -> list[dict[str, Any]]:
        r"""Return the lines that have come until now, each as a dict with the fields of a Record.

        Args:
            stream: as for :meth:`records`.
            since: as for :meth:`records`.
            until: as for :meth:`records`.
            parse: parse each line, and add a column for each field: ``"json"`` (an object for each
                line), ``"logfmt"``, ``"log"`` (whichever a line is, klog too; ``level`` is then
                debug, info, warn, error or fatal), or a regular expression with named groups, such
                as ``r"(?P<level>\w+): (?P<what>.*)"``, which is searched for in the line. Lines
                that do not parse stay, and ``parse_error`` says why they do not. A field whose name
                is that of another column gets an underscore appended (``time_``).
            history: as for :meth:`records`.

        Raises:
            HyperJupyterError: ``since`` or ``until`` is no moment, ``stream`` no stream, or
                ``parse`` no way to parse.
        """
        return frames.to_dicts(self._lines(stream, since, until, parse, history))

    def to_pandas(
        self,
        stream: Stream = None,
        since: Moment | None = None,
        until: Moment | None = None,
        *,
        parse: Parse | None = None,
        history: bool = False,
    ) -> pd.DataFrame:
        """Return the lines that have come until now, as a ``pandas.DataFrame``.

        ``time`` is ``datetime64[us, UTC]``; ``stream`` and ``clock`` are categorical.

        Args:
            stream: as for :meth:`records`.
            since: as for :meth:`records`.
            until: as for :meth:`records`.
            parse: as for :meth:`to_dicts`.
            history: as for :meth:`records`; a time that is not known is missing.

        Raises:
            HyperJupyterError: pandas is not installed, or as for :meth:`to_dicts`.
        """
        return frames.to_pandas(self._lines(stream, since, until, parse, history))

    def to_polars(
        self,
        stream: Stream = None,
        since: Moment | None = None,
        until: Moment | None = None,
        *,
        parse: Parse | None = None,
        history: bool = False,
    ) -> pl.DataFrame:
        """Return the lines that have come until now, as a ``polars.DataFrame``.

        ``time`` is ``Datetime("us", "UTC")``; ``stream`` and ``clock`` are ``Enum``.

        Args:
            stream: as for :meth:`records`.
            since: as for :meth:`records`.
            until: as for :meth:`records`.
            parse: as for :meth:`to_dicts`. Fields with values of several types become texts
                (JSON).
            history: as for :meth:`records`; a time that is not known is missing.

        Raises:
            HyperJupyterError: Polars is not installed, or as for :meth:`to_dicts`.
        """
        return frames.to_polars(self._lines(stream, since, until, parse, history))

    def to_arrow(
        self,
        stream: Stream = None,
        since: Moment | None = None,
        until: Moment | None = None,
        *,
        parse: Parse | None = None,
        history: bool = False,
    ) -> pa.Table:
        """Return the lines that have come until now, as a ``pyarrow.Table``.

        ``time`` is ``timestamp[us, UTC]``; ``stream`` and ``clock`` are dictionaries.

        Args:
            stream: as for :meth:`records`.
            since: as for :meth:`records`.
            until: as for :meth:`records`.
            parse: as for :meth:`to_dicts`. Fields with values of several types become texts
                (JSON).
            history: as for :meth:`records`; a time that is not known is missing.

        Raises:
            HyperJupyterError: pyarrow is not installed, or as for :meth:`to_dicts`.
        """
        return frames.to_arrow(self._lines(stream, since, until, parse, history))

    def _lines(
        self,
        stream: Stream,
        since: Moment | None,
        until: Moment | None,
        parse: Parse | None,
        history: bool,
    ) -> frames.Lines:
        if parse is not None:
            line_parser(parse)  # say what is wrong before the work
        bounds = bounds_of(since, until)
        reader = LineReader(self.journal, streams_of(stream), since=bounds[0], until=bounds[1])
        before = self._before(stream, bounds) if history else []
        return frames.Lines(chain(before, self._batches(reader)), parse)


class ReadableSession(_Session, ReadableOutput):
    """A session whose output can be read as data."""

    @property
    def _screen_size(self) -> tuple[int, int] | None:
        """The rows and columns of its terminal; ``None`` if it has none."""
        return self.terminal_size if self.tty else None

    def records(
        self,
        stream: Stream = None,
        since: Moment | None = None,
        until: Moment | None = None,
        follow: bool = False,
        timeout: float | None = None,
        *,
        history: bool = False,
    ) -> Iterator[Record]:
        """Yield the lines of both streams, as records.

        They come in the order in which they *ended*: a line that is not finished, such as a
        prompt, holds up no other line. A line's time is that of its end.

        Args:
            stream: ``"stdout"`` or ``"stderr"``; ``None`` is both.
            since: leave out lines with an earlier time; see ``client.logs``.
            until: leave out lines with this time or a later one.
            follow: wait for more lines until the session ends, or until ``until``. Unfinished lines
                come at the end.
            timeout: seconds to wait for each record, if ``follow`` is set; ``None`` is no limit.
            history: yield first what the container printed before it was attached
                (``attach(tail=…)``), as :attr:`history` has it now. Those lines have the engine's
                times, NaN where its log says none, and numbers that count back: -1 is the last one
                of its stream. Lines without a time are left out where there is a bound.

        Raises:
            HyperJupyterError: ``since`` or ``until`` is no moment, or ``stream`` no stream. With
                ``follow``, the session's error after the last whole line, if it was lost.
            SessionClosed: with ``follow``, in a fork of the process that has the session, after
                what had come before.
            TimeoutError: no record came in time. This ends the iterator.
        """
        bounds = bounds_of(since, until)
        reader = LineReader(self.journal, streams_of(stream), since=bounds[0], until=bounds[1])
        before: list[tuple[LineBatch, Clock]] = []
        if history:
            before = self._before(stream, bounds)
        if not follow:
            return records_from(chain(before, self._batches(reader)))
        return chain(records_from(before), self._follow(reader, bounds[1], timeout))

    def _follow(self, reader: LineReader, until: float, timeout: float | None) -> Iterator[Record]:
        __tracebackhide__ = True
        lifecycle, journal = self._lifecycle, self.journal
        deadline = Deadline(timeout)
        ended = False
        while not ended:
            ended = lifecycle.ended or (self.clock == "arrival" and time.time() >= until)
            end = len(journal)
            while reader.position < end:
                batch = reader.read(end)
                yield from records_of(batch, self.clock)
                if batch.spans:
                    deadline = Deadline(timeout)
            if ended:
                break
            left = deadline.remaining()
            if left == 0:
                raise TimeoutError(f"no record came in {timeout:g} s")
            lifecycle.check_process("no more records come")
            if self.clock == "arrival" and until < math.inf:
                rest = max(0.0, until - time.time())
                left = rest if left is None else min(left, rest)
            lifecycle.wait_for(
                lambda: len(journal) > end or lifecycle.ended,  # noqa: B023 - called at once
                left,
            )
        fault = self._ending.fault() if lifecycle.ended else None
        if fault is not None:
            raise fault.with_traceback(None)
        yield from records_of(reader.finish(), self.clock)

    def expect(
        self,
        pattern: Pattern | Sequence[Pattern],
        timeout: float | None = 10.0,
        stream: Stream = None,
    ) -> Match:
        r"""Wait until something is printed. Blocks for up to ``timeout`` seconds.

        What the session has received already counts, too: the first call looks from the beginning,
        and each later one behind the last match of its stream. :attr:`history` is not searched. The
        two streams have places of their own, since an engine does not keep their order; a match is
        in one of them. If both have one, or several patterns are found, it is the one that came
        first.

        Args:
            pattern: a text as it is, a compiled regular expression, or a list of them. A regular
                expression sees what has come so far: ``$`` matches at its end. Its matches are at
                most 64 KiB long. On a TTY lines end in ``\r\n``, and output has escape sequences.
            timeout: seconds; ``None`` is no limit.
            stream: ``"stdout"`` or ``"stderr"``; ``None`` is both.

        Returns:
            A :class:`re.Match` that also has ``which`` (the index in the list), ``stream``,
            ``before`` (what came between the last match and this one) and ``offset`` (of its end in
            the stream, in bytes).

        Raises:
            ExpectTimeout: it did not come in time; the text ends with the last output. The next
                call looks at the same output again.
            StreamEnded: the session ended before it came.
            SessionClosed: it has not come, and this process is a fork of the one that has the
                session.
            HyperJupyterError: ``stream`` is no stream.
            ValueError: ``pattern`` is no pattern, or an empty text.
        """
        __tracebackhide__ = True
        return self._expecting.expect(pattern, timeout, streams_of(stream))

    async def expect_async(
        self,
        pattern: Pattern | Sequence[Pattern],
        timeout: float | None = 10.0,  # noqa: ASYNC109 - as expect() has it
        stream: Stream = None,
    ) -> Match:
        """Wait like :meth:`expect`, without blocking the event loop.

        Args:
            pattern: as for :meth:`expect`.
            timeout: as for :meth:`expect`.
            stream: as for :meth:`expect`.

        Raises:
            ExpectTimeout: as for :meth:`expect`, and so are the other errors.
        """
        return await self._expecting.expect_async(pattern, timeout, streams_of(stream))

    def on_match(
        self,
        pattern: Pattern | Sequence[Pattern],
        callback: Callable[[Match], object],
        stream: Stream = None,
    ) -> Subscription:
        """Call ``callback(match)`` for each match in what is printed from now on.

        It runs on the same thread as :meth:`on_output` functions. Each stream's matches come in
        order and do not overlap; empty ones are left out.

        Args:
            pattern: as for :meth:`expect`.
            callback: is called with a match.
            stream: as for :meth:`expect`.

        Returns:
            Its ``cancel()`` ends this.

        Raises:
            HyperJupyterError: ``stream`` is no stream.
            TypeError: ``callback`` cannot be called.
            ValueError: ``pattern`` is no pattern.
        """
        return self._expecting.on_match(pattern, callback, streams_of(stream))


def records_from(batches: Iterable[tuple[LineBatch, Clock]]) -> Iterator[Record]:
    """Yield the lines of some batches as records."""
    for batch, clock in batches:
        yield from records_of(batch, clock)


def bounds_of(since: Moment | None, until: Moment | None) -> tuple[float, float]:
    """Return two moments in seconds since the epoch; without one there is no bound."""
    return (
        -math.inf if since is None else _bound(since),
        math.inf if until is None else _bound(until),
    )


def _bound(moment: Moment) -> float:
    """Return the first time that is not before a moment.

    Tables have whole microseconds, which are rounded. So a line whose time in a table is the moment
    is not before it, although its own time may be, by half a microsecond.
    """
    exact = nanoseconds(moment)
    micros = (exact + 500) // 1000
    first = (micros - 0.5) / 1e6
    while round(first * 1e6) < micros:
        first = math.nextafter(first, math.inf)
    return min(first, exact / 10**9)  # of integers, so exact
