"""Learns a container's exit code from a wait request, which is sent before attaching.

Layer: session, attach. Any thread may make and open one. The observer is called once, on the I/O
thread or on the calls worker.

After the exit it would be too late to ask: a container that removes itself is gone then. API 1.30
and newer send the head of the answer immediately, and the code when it is known. Older versions
send both at the exit, but immediately for a container that has not started. If a wait request
breaks (by a proxy's idle timeout, say), the container is inspected and the request sent again.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable
from typing import Final, Protocol

from hyper_jupyter.client import Deadline, EngineClient
from hyper_jupyter.exceptions import ConnectionFailed, ConnectionLost, HyperJupyterError
from hyper_jupyter.protocol import ResponseHead
from hyper_jupyter.session.attach.target import Target
from hyper_jupyter.session.io.runtime import runtime
from hyper_jupyter.session.io.stream import Stream
from hyper_jupyter.session.io.waiting import Flag
from hyper_jupyter.session.rules.container_state import has_ended, is_stopping, is_unstarted

__all__ = ["ExitObserver", "ExitWatch"]

_MAX_ANSWER: Final = 64 * 1024
_AGAIN: Final = (1.0, 1.0, 2.0, 4.0, 8.0)
"""Seconds until the next wait request: from one that broke, then after each inspect that the engine
does not answer."""

_POLL: Final = 0.5
"""Seconds between inspects of what engines have no wait request for: execs, and on old engines
containers that have not started."""

_SLOWER: Final = 1.5
"""The next pause for an exec is so many times as long, …"""

_LONGEST_POLL: Final = 5.0
"""… up to this. A program that has run for long may be learned to have ended a bit later."""

_PATIENCE: Final = 2.0
"""Seconds that attaching waits for the head of the answer, in case an engine holds it back."""

logger = logging.getLogger(__name__)


class ExitObserver(Protocol):
    """Wants the exit code of a container."""

    def receive_exit(self, code: int | None) -> None:
        """Take the exit code; ``None`` if it can no longer be learned."""

    def receive_unwatched(self, error: HyperJupyterError) -> None:
        """Take the reason why the exit is no longer watched: the engine no longer answers."""


class _Nobody:
    """Observes nothing."""

    def receive_exit(self, code: int | None) -> None:
        """Discard an exit code."""

    def receive_unwatched(self, error: HyperJupyterError) -> None:
        """Discard an error."""


_NOBODY: Final = _Nobody()


class ExitWatch:
    """Waits for one container's exit.

    Args:
        client: the engine.
        target: the container.
        observer: gets the exit code, or the reason why nobody can know it.
    """

    __slots__ = (
        "_answer",
        "_answered",
        "_client",
        "_closed",
        "_condition",
        "_failures",
        "_is_wanted",
        "_lock",
        "_observer",
        "_opened_at",
        "_pause",
        "_reported",
        "_stream",
        "_target",
    )

    def __init__(self, client: EngineClient, target: Target, observer: ExitObserver) -> None:
        self._client = client
        self._target = target
        self._observer = observer
        self._is_wanted: Callable[[], bool] = _always
        self._lock = threading.RLock()
        self._failures = 0
        self._answer = b""
        self._stream: Stream | None = None
        self._condition = ""
        self._answered = Flag(self._lock)
        self._closed = False
        self._reported = False
        self._opened_at = 0.0
        self._pause = _POLL

    def open(self, condition: str, deadline: Deadline) -> None:
        """Send the wait request.

        Args:
            condition: ``"not-running"``, or ``"next-exit"`` for a container that has not started.
            deadline: for the connection; the answer may take as long as the container runs.

        Raises:
            ConnectionFailed: the engine cannot be reached.
        """
        self._opened_at = time.monotonic()
        sock, exchange = self._target.wait_request(condition).dial(self._client, deadline)
        self._condition = condition
        self._answer = b""
        stream = Stream(runtime().loop, sock, exchange, self, deadline=None)
        with self._lock:
            if self._closed:
                sock.close()
                return
            self._stream = stream
        stream.start()

    def start(self) -> None:
        """Start watching on the calls worker: inspect first, since any state is possible."""
        runtime().calls.submit(self._verify)

    def await_answer(self, deadline: Deadline) -> None:
        """Wait for the head of the answer, which says that the engine waits for the exit. Blocks.

        API 1.30 and newer send it immediately; with older ones this does not wait.
        """
        if self._client.profile.wait_answers_at_once:
            remaining = deadline.remaining()
            self._answered.wait(_PATIENCE if remaining is None else min(_PATIENCE, remaining))

    def redirect(self, observer: ExitObserver, is_wanted: Callable[[], bool]) -> bool:
        """Report to another observer from now on.

        Args:
            observer: as for a new one.
            is_wanted: called before the engine is asked again, on the calls worker; if it returns
                ``False``, nothing is asked or reported any more.

        Returns:
            ``False`` if it has reported already, or is just about to.
        """
        with self._lock:
            if self._reported:
                return False
            self._observer, self._is_wanted = observer, is_wanted
            return True

    def close(self) -> None:
        """Stop watching. The observer may still be called if a report is already on its way."""
        with self._lock:
            self._closed = True
            self._observer = _NOBODY  # what it belongs to may be large
            self._is_wanted = _always
            stream = self._stream
        self._answered.set()  # nothing waits for the answer any more
        if stream is not None:
            stream.close()

    # -- the I/O thread -----------------------------------------------------------------

    def receive_head(self, _: ResponseHead) -> None:
        """Take the head of the answer: the engine waits for the exit."""
        self._answered.set()

    def receive_data(self, data: bytes | memoryview) -> None:
        """Take a part of the answer."""
        self._answer += bytes(data[: _MAX_ANSWER - len(self._answer)])

    def receive_end(self, error: HyperJupyterError | None) -> None:
        """Take the end of the answer, and what it says."""
        self._answered.set()
        try:
            code = None if error is not None else int(json.loads(self._answer)["StatusCode"])
        except (ValueError, KeyError, TypeError):
            code = None
        # Before API 1.30 wait has no conditions: it answers 0 for a container that has not started.
        profile = self._client.profile
        polled = profile.not_running_may_be_zero and self._condition == "not-running"
        early = self._condition == "next-exit" and not profile.wait_answers_at_once
        if code is None or (code == 0 and (polled or early)):
            runtime().calls.submit(self._verify)
        else:
            self._report_exit(code)

    def _report_exit(self, code: int | None) -> None:
        with self._lock:
            self._reported = True
            observer = self._observer
        observer.receive_exit(code)

    def _report_lost(self, error: HyperJupyterError) -> None:
        logger.info("! the exit of %s is no longer watched: %s", self._target.describe(), error)
        with self._lock:
            self._reported = True
            observer = self._observer
        observer.receive_unwatched(error)

    def _verify(self) -> None:
        """Inspect the container, and send the wait request again if it runs. Calls worker."""
        if self._closed or not self._is_wanted():
            return
        try:
            state = self._target.state()
            if state is None:
                self._report_exit(None)
            elif is_stopping(state):
                runtime().calls.call_later(_POLL, self._verify)
            elif has_ended(state):
                self._report_exit(state.get("ExitCode"))
            elif not self._target.waits:
                pause, self._pause = self._pause, min(self._pause * _SLOWER, _LONGEST_POLL)
                runtime().calls.call_later(pause, self._verify)
            elif is_unstarted(state) and not self._client.profile.wait_answers_at_once:
                runtime().calls.call_later(_POLL, self._verify)
            elif (pause := self._opened_at + _AGAIN[0] - time.monotonic()) > 0:
                runtime().calls.call_later(pause, self._verify)  # the last one broke at once
            else:
                self.open(
                    "next-exit" if is_unstarted(state) else "not-running",
                    Deadline(self._client.timeout),
                )
            self._failures = 0
        except ConnectionLost as error:
            self._report_lost(error)  # the engine has ended for good
        except HyperJupyterError as error:
            if isinstance(error, ConnectionFailed) and error.absent:
                self._report_lost(ConnectionLost(f"the engine is gone: {error}", hint=error.hint))
                return
            # A busy engine's silence is not an exit: container and stream may both go on.
            self._failures += 1
            if self._failures < len(_AGAIN):
                runtime().calls.call_later(_AGAIN[self._failures], self._verify)
            else:
                self._report_lost(error)


def _always() -> bool:
    return True
