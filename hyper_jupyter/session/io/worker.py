"""Threads for jobs that may be slow, apart from the I/O thread.

Layer: session, io. Any thread may submit jobs. They run on the worker's own daemon threads. By
default there is one, so one job runs after another. Threads start when there are jobs, and end
after two seconds without one.

Four workers are shared, so that none of them holds up another: one runs users' callbacks, one
publishes to the page, one renders what is saved in notebooks, and one, with several threads, makes
the calls that the I/O thread must not make.
"""

from __future__ import annotations

import heapq
import itertools
import logging
import threading
import time
from collections.abc import Callable
from typing import Final

__all__ = ["Job", "Worker"]

_IDLE: Final = 2.0
"""Seconds without a job after which the thread ends; the next job starts a new one."""

_AGAIN: Final = 0.5
"""Seconds until a thread is tried to start again."""

logger = logging.getLogger(__name__)


class Job:
    """A submitted job."""

    __slots__ = ("_function", "cancelled")

    def __init__(self, function: Callable[[], object]) -> None:
        self._function = function
        self.cancelled = False

    def cancel(self) -> None:
        """Keep the job from starting; no effect if it has started."""
        self.cancelled = True
        # The worker keeps the job until it would have been due. What it was for may be large.
        self._function = _nothing

    def run(self) -> None:
        """Run it once, and log an exception."""
        function = self._function
        if self.cancelled:
            return
        try:
            function()
        except BaseException:  # also a user's sys.exit() or pytest.fail(): the thread must go on
            logger.exception("! a job of %s failed", threading.current_thread().name)


def _nothing() -> None:
    """Do what a cancelled job does."""


class Worker:
    """Starts jobs in the order of their due times.

    Args:
        name: the name of its threads.
        threads: how many jobs may run at the same time.
        later: the clock that tries again where the system has no thread left for a job, called with
            seconds and a function. Without one, the caller gets the error.
    """

    def __init__(
        self,
        name: str,
        threads: int = 1,
        later: Callable[[float, Callable[[], object]], object] | None = None,
    ) -> None:
        self._name = name
        self._later = later
        self._limit = threads
        self._busy = 0  # threads that run a job now
        self._condition = threading.Condition()
        self._jobs: list[tuple[float, int, Job]] = []
        self._order = itertools.count()
        self._threads: set[threading.Thread] = set()
        self._closed = False

    def submit(self, function: Callable[[], object]) -> Job:
        """Run ``function()`` as soon as the jobs before it are done."""
        return self.call_later(0.0, function)

    def call_later(self, delay: float, function: Callable[[], object]) -> Job:
        """Run ``function()`` in ``delay`` seconds, or later if all threads are busy.

        Raises:
            RuntimeError: the system has no thread left, and nothing that could try again.
        """
        job = Job(function)
        with self._condition:
            if self._closed:
                job.cancel()
                return job
            heapq.heappush(self._jobs, (time.monotonic() + delay, next(self._order), job))
            try:
                self._find_thread()
            except BaseException:
                job.cancel()
                raise
        return job

    def _find_thread(self) -> None:
        """Start a thread for the jobs, or wake one. Requires the lock."""
        if len(self._threads) >= min(self._limit, self._busy + len(self._jobs)):
            self._condition.notify()
            return
        thread = threading.Thread(target=self._run, name=self._name, daemon=True)
        try:
            thread.start()  # it waits for the lock
        except RuntimeError:  # the system has no thread left, or no memory for one
            if self._threads:
                self._condition.notify()
            elif self._later is None:
                raise
            else:
                # A session's end may wait for this job, and nobody else would ask again.
                logger.warning("! no thread for %s; trying again", self._name)
                self._later(_AGAIN, self._try_again)
        else:
            self._threads.add(thread)

    def _try_again(self) -> None:
        with self._condition:
            if self._jobs and not self._closed:
                self._find_thread()

    def close(self, timeout: float = 5.0) -> None:
        """Drop the jobs that have not started, and wait for the threads to end. Blocks."""
        with self._condition:
            self._closed = True
            self._jobs.clear()
            self._condition.notify_all()
            threads = list(self._threads)
        for thread in threads:
            if thread is not threading.current_thread():
                thread.join(timeout)

    def _run(self) -> None:
        with self._condition:
            self._threads.add(threading.current_thread())  # whoever started it may have had Ctrl-C
        while (job := self._next()) is not None:
            job.run()
            # An idle thread must not keep its last job alive: it may refer to a whole session.
            del job
            with self._condition:
                self._busy -= 1

    def _next(self) -> Job | None:
        """Wait for the next due job and return it; ``None`` ends the thread."""
        idle_until = time.monotonic() + _IDLE
        with self._condition:
            while True:
                now = time.monotonic()
                while self._jobs and self._jobs[0][2].cancelled:
                    heapq.heappop(self._jobs)
                if self._jobs and self._jobs[0][0] <= now:
                    self._busy += 1
                    job = heapq.heappop(self._jobs)[2]
                    if self._jobs:
                        self._condition.notify()  # wakes a thread that waits for a later due time
                    return job
                if self._closed or (not self._jobs and now >= idle_until):
                    self._threads.discard(threading.current_thread())
                    return None
                due = self._jobs[0][0] if self._jobs else idle_until
                self._condition.wait(due - now)
