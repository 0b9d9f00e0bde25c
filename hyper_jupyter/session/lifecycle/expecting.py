"""Waits for output, and calls functions when it comes.

Layer: session, lifecycle. Any thread. :meth:`Expecting.expect` blocks its caller; functions for
matches run on the callbacks worker, one after another.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final, Self

from hyper_jupyter.client import Deadline
from hyper_jupyter.exceptions import ExpectTimeout, HyperJupyterError, StreamEnded
from hyper_jupyter.protocol import StreamType
from hyper_jupyter.protocol.printable import printable
from hyper_jupyter.session.io.runtime import runtime
from hyper_jupyter.session.lifecycle.lifecycle import Lifecycle, interruptible
from hyper_jupyter.session.rules.state import State
from hyper_jupyter.session.rules.streams import NO_STREAMS
from hyper_jupyter.session.store.callbacks import TURN, checked
from hyper_jupyter.session.store.journal import Journal
from hyper_jupyter.session.store.match import Match
from hyper_jupyter.session.store.search import (
    Pattern,
    Search,
    describe_patterns,
    looks_like_expression,
    patterns_of,
)

__all__ = ["Expecting", "Subscription"]

_TAIL: Final = 2048
_TAIL_LINES: Final = 10
"""Of the output, in an error."""

_NO_MORE: Final = "no more output comes"

_AS_IT_IS: Final = "A text is looked for as it is: re.compile(…) makes an expression of it."

logger = logging.getLogger(__name__)


class Expecting:
    """What one session's users wait for.

    Args:
        journal: the output.
        lifecycle: says when there is more, and when no more comes.
        fault: called when nothing more comes; returns why that is not the output's end.
    """

    __slots__ = ("_fault", "_journal", "_lifecycle", "_lock", "_starts")

    def __init__(
        self, journal: Journal, lifecycle: Lifecycle, fault: Callable[[], BaseException | None]
    ) -> None:
        self._journal = journal
        self._lifecycle = lifecycle
        self._fault = fault
        self._lock = lifecycle.lock
        # Where the next search begins, in those streams in which something was found.
        self._starts: Mapping[StreamType, int] = NO_STREAMS

    def expect(
        self,
        pattern: Pattern | Sequence[Pattern],
        timeout: float | None,
        streams: Collection[StreamType],
    ) -> Match:
        """Wait for output, as :meth:`Session.expect` describes it. Blocks."""
        __tracebackhide__ = True
        deadline = Deadline(timeout)
        search = self._search(pattern, streams)
        lifecycle = self._lifecycle
        while True:
            length, ended = len(self._journal), lifecycle.ended  # before the search
            for _ in search.run():
                pass
            if search.found is not None:
                return self._take(search)
            if ended or deadline.remaining() == 0:
                raise self._error(pattern, timeout, streams, ended=ended)
            lifecycle.check_process(_NO_MORE)
            if search.pause:
                lifecycle.wait_for_end(lambda: lifecycle.ended, _least(search.pause, deadline))
            lifecycle.wait_for(
                lambda: len(self._journal) > length or lifecycle.ended,  # noqa: B023 - at once
                deadline.remaining(),
            )

    async def expect_async(
        self,
        pattern: Pattern | Sequence[Pattern],
        timeout: float | None,  # noqa: ASYNC109 - as expect() has it
        streams: Collection[StreamType],
    ) -> Match:
        """Wait like :meth:`expect`, in an event loop."""
        deadline = Deadline(timeout)
        search = self._search(pattern, streams)
        loop = asyncio.get_running_loop()
        news = asyncio.Event()

        def wake() -> None:
            try:
                loop.call_soon_threadsafe(news.set)
            except RuntimeError:
                pass  # the loop was closed meanwhile

        unsubscribe = self._lifecycle.subscribe(wake)
        try:
            while True:
                news.clear()
                ended = self._lifecycle.ended
                for _ in search.run():
                    await asyncio.sleep(0)
                if search.found is not None:
                    return self._take(search)
                if ended or deadline.remaining() == 0:
                    raise self._error(pattern, timeout, streams, ended=ended)
                self._lifecycle.check_process(_NO_MORE)
                with contextlib.suppress(TimeoutError), interruptible():
                    if search.pause:
                        await asyncio.sleep(_least(search.pause, deadline))
                    await asyncio.wait_for(news.wait(), deadline.remaining())
        finally:
            unsubscribe()

    def on_match(
        self,
        pattern: Pattern | Sequence[Pattern],
        callback: Callable[[Match], object],
        streams: Collection[StreamType],
    ) -> Subscription:
        """Call ``callback(match)`` for matches in what comes from now on."""
        checked(callback)
        starts = {stream: self._journal.end(stream) for stream in sorted(streams)}
        search = Search(self._journal, patterns_of(pattern), starts, empty=False)
        return Subscription(search, callback, self._lifecycle)

    def _search(
        self, pattern: Pattern | Sequence[Pattern], streams: Collection[StreamType]
    ) -> Search:
        with self._lock:
            starts = {stream: self._starts.get(stream, 0) for stream in sorted(streams)}
        return Search(self._journal, patterns_of(pattern), starts)

    def _take(self, search: Search) -> Match:
        """Let the next search go on behind what was found."""
        with self._lock:
            starts = dict(self._starts)
            for stream, start in search.starts.items():
                starts[stream] = max(starts.get(stream, 0), start)
            self._starts = starts
        assert search.found is not None
        return search.found

    def _error(
        self,
        pattern: Pattern | Sequence[Pattern],
        timeout: float | None,
        streams: Collection[StreamType],
        *,
        ended: bool,
    ) -> HyperJupyterError:
        patterns = patterns_of(pattern)
        what = describe_patterns(patterns)
        hint = _AS_IT_IS if any(map(looks_like_expression, patterns)) else ""
        tail = self._tail(streams)
        last = f"; the last output:\n{tail}" if tail else "; there was no output"
        if not ended:
            state = self._lifecycle.state
            # Nothing can come then: more patience may be all that is needed.
            cut = "" if state is State.ATTACHED else f" (the session is {state.value})"
            return ExpectTimeout(f"{what} did not come in {timeout:g} s{cut}{last}", hint=hint)
        fault = self._fault()
        why = f"the session ended ({self._lifecycle.state.value})" if fault is None else str(fault)
        error = StreamEnded(f"{what} did not come: {why}{last}", hint=hint)
        error.__cause__ = fault
        return error

    def _tail(self, streams: Collection[StreamType]) -> str:
        """Return the last lines that came, in arrival order."""
        records, _ = self._journal.records(max(0, len(self._journal) - _TAIL), _TAIL)
        data = b"".join(piece for stream, _, piece in records if stream in streams)
        lines = data.decode("utf-8", "replace").splitlines()[-_TAIL_LINES:]
        return "\n".join(printable(line) for line in lines)


def _least(seconds: float, deadline: Deadline) -> float:
    left = deadline.remaining()
    return seconds if left is None else min(seconds, left)


class Subscription:
    """Calls a function for each match, until it is cancelled or the session has ended.

    It can be used in a ``with`` statement, which cancels it at the end.
    """

    def __init__(
        self, search: Search, callback: Callable[[Match], object], lifecycle: Lifecycle
    ) -> None:
        self._search = search
        self._callback = callback
        self._lifecycle = lifecycle
        self._lock = lifecycle.lock
        self._scheduled = False
        self._active = True
        self._not_before = 0.0  # when to look again at the earliest, by the monotonic clock
        self._unsubscribe = lifecycle.subscribe(self._wake)
        self._wake()  # output may have come since the search was made

    @property
    def active(self) -> bool:
        """Whether it has not been cancelled."""
        return self._active

    def cancel(self) -> None:
        """Stop calling the function. A call that has begun is finished."""
        self._active = False
        self._unsubscribe()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.cancel()

    def __repr__(self) -> str:
        return f"<Subscription: {'active' if self._active else 'cancelled'}>"

    def _wake(self) -> None:
        """Schedule a look at what has come."""
        with self._lock:
            if self._scheduled or not self._active:
                return
            self._scheduled = True
        delay = max(0.0, self._not_before - time.monotonic())
        runtime().callbacks.call_later(delay, self._look)

    def _look(self) -> None:
        with self._lock:
            self._scheduled = False
        search = self._search
        until = time.monotonic() + TURN
        while self._active:
            ended = self._lifecycle.ended  # before the search
            for _ in search.run():
                if not self._active:
                    return
            if search.found is None:
                if ended:  # no more comes; a session is not to be kept by a circle of references
                    self._unsubscribe()
                break
            try:
                self._callback(search.found)
            except BaseException:  # also sys.exit(): other functions must still be called
                logger.exception("! an on_match function failed")
            if time.monotonic() >= until:  # it is others' turn
                self._wake()
                return
        self._not_before = time.monotonic() + search.pause
