"""A thread for jobs that may be slow, kept away from the I/O thread.

Layer: session. Any thread may submit; jobs run on the worker's own daemon threads (one, where
nothing else is said: one job after another), which start with the jobs and end when they have
had none for a while.

Four workers are shared: one runs the users' callbacks, one publishes to the page, one renders what
is saved, and one of several threads makes the calls that the I/O thread must not make. None of them
may hold up another.
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

logger = logging.getLogger(__name__)


class Job:
    """A submitted job; :meth:`cancel` keeps it from starting."""

    __slots__ = ("_function", "cancelled")

    def __init__(self, function: Callable[[], object]) -> None:
        self._function = function
        self.cancelled = False

    def cancel(self) -> None:
        """Do not start the job; no effect where it has started."""
        self.cancelled = True

    def run(self) -> None:
        """Run it once; an exception is logged, for the thread must go on."""
        if self.cancelled:
            return
        try:
            self._function()
        except BaseException:  # a user's sys.exit() or pytest.fail() too: the thread must go on
            logger.exception("! a job of %s failed", threading.current_thread().name)


class Worker:
    """Starts jobs in the order of their due times.

    Args:
        name: the threads' name.
        threads: how many jobs may run at once.
    """

    def __init__(self, name: str, threads: int = 1) -> None:
        self._name = name
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
        """Run ``function()`` in ``delay`` seconds, or later where the thread is busy."""
        job = Job(function)
        with self._condition:
            if self._closed:
                job.cancel()
                return job
            heapq.heappush(self._jobs, (time.monotonic() + delay, next(self._order), job))
            if len(self._threads) < min(self._limit, self._busy + len(self._jobs)):
                thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                thread.start()  # it waits for the lock; where it cannot start, nothing has changed
                self._threads.add(thread)
            else:
                self._condition.notify()
        return job

    def close(self, timeout: float = 5.0) -> None:
        """Drop what has not started, and wait for the thread to end."""
        with self._condition:
            self._closed = True
            self._jobs.clear()
            self._condition.notify_all()
            threads = list(self._threads)
        for thread in threads:
            if thread is not threading.current_thread():
                thread.join(timeout)

    def _run(self) -> None:
        while (job := self._next()) is not None:
            job.run()
            # An idle thread must not keep what its last job was about, such as a whole session.
            del job
            with self._condition:
                self._busy -= 1

    def _next(self) -> Job | None:
        """Wait for the next due job; ``None`` ends the thread."""
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
                        self._condition.notify()  # a thread that waits for a later due time
                    return job
                if self._closed or (not self._jobs and now >= idle_until):
                    self._threads.discard(threading.current_thread())
                    return None
                due = self._jobs[0][0] if self._jobs else idle_until
                self._condition.wait(due - now)
