"""The threads of the session layer, one set per process.

Layer: session, io. Any thread. Threads start on demand and end when they are idle, so an import
starts none. :func:`shutdown` ends all of them.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial

from hyper_jupyter.client import await_children, close_idle_connections
from hyper_jupyter.session.io.loop import Loop
from hyper_jupyter.session.io.worker import Worker

__all__ = ["Runtime", "call_later", "runtime", "shutdown"]


class Runtime:
    """The I/O thread, and the workers that it must not wait for.

    Attributes:
        loop: the I/O thread, for all streams.
        callbacks: runs the functions that users pass to ``on_output`` and ``observe``.
        calls: makes the REST calls that the I/O thread needs.
        reconnects: attaches sessions again: after a cut, or to a container's next life.
        publisher: sends to the page.
        recorder: renders what is saved in the notebook.
    """

    def __init__(self) -> None:
        self.pid = os.getpid()
        self.loop = Loop()
        worker = partial(Worker, later=self.loop.call_later)
        self.callbacks = worker("hyper_jupyter callbacks")
        # A call to a dead engine lasts its whole timeout: calls to other engines must not wait.
        self.calls = worker("hyper_jupyter calls", threads=4)
        # Attempts wait for engines that do not answer, and read logs: the calls must not wait.
        self.reconnects = worker("hyper_jupyter reconnects", threads=4)
        self.publisher = worker("hyper_jupyter publisher")
        self.recorder = worker("hyper_jupyter recorder")

    def close(self) -> None:
        """End all threads."""
        # Close the loop last: a call in progress may still register a stream with it. Jobs that
        # the loop gives to closed workers are dropped.
        for worker in (
            self.callbacks,
            self.calls,
            self.reconnects,
            self.publisher,
            self.recorder,
        ):
            worker.close()
        self.loop.close()


_runtime = Runtime()


def runtime() -> Runtime:
    """Return this process's threads; a forked process gets its own."""
    global _runtime
    if _runtime.pid != os.getpid():
        _runtime = Runtime()
    return _runtime


def call_later(delay: float, callback: Callable[[], object]) -> None:
    """Run ``callback()`` on the I/O thread in ``delay`` seconds. It must not block.

    Clients have no clock of their own and use this one.
    """
    runtime().loop.call_later(delay, callback)


def shutdown() -> None:
    """End all threads of the session layer; the next session starts new ones.

    Connections that are kept for further calls, and ssh processes that are already ending, end too.
    """
    global _runtime
    ended = _runtime
    if ended.pid == os.getpid():
        close_idle_connections()
        ended.close()  # before there is a new one: jobs that end now must not start threads in it
        close_idle_connections()  # calls that ended meanwhile have kept theirs
        await_children()
    _runtime = Runtime()
