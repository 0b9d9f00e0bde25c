"""The threads of the session layer, one set per process.

Layer: session. Any thread. Threads start on demand and end when they are idle, so an import
starts none; :func:`shutdown` ends all of them at once.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from hyper_jupyter.client import await_children, close_idle_connections
from hyper_jupyter.session.io.loop import Loop
from hyper_jupyter.session.io.worker import Worker

__all__ = ["Runtime", "call_later", "runtime", "shutdown"]


class Runtime:
    """The I/O thread and the workers that it must not wait for.

    Attributes:
        loop: the I/O thread, for all streams.
        callbacks: runs what users pass to ``on_output`` and ``observe``.
        calls: makes REST calls that follow from what a stream did.
        publisher: sends to the page.
        recorder: renders what is saved in the notebook.
    """

    def __init__(self) -> None:
        self.pid = os.getpid()
        self.loop = Loop()
        self.callbacks = Worker("hyper_jupyter callbacks")
        # A dead engine holds a call up for its whole timeout: other engines' must not wait.
        self.calls = Worker("hyper_jupyter calls", threads=4)
        self.publisher = Worker("hyper_jupyter publisher")
        self.recorder = Worker("hyper_jupyter recorder")

    def close(self) -> None:
        """End all threads."""
        # The loop last: a call that is being made may still register a stream with it, while
        # what it would have the workers do is dropped.
        for worker in (self.callbacks, self.calls, self.publisher, self.recorder):
            worker.close()
        self.loop.close()


_runtime = Runtime()


def runtime() -> Runtime:
    """This process's threads; a fork gets its own."""
    global _runtime
    if _runtime.pid != os.getpid():
        _runtime = Runtime()
    return _runtime


def call_later(delay: float, callback: Callable[[], object]) -> None:
    """Run ``callback()``, which does not block, on the I/O thread: the clock for clients."""
    runtime().loop.call_later(delay, callback)


def shutdown() -> None:
    """End all threads of the session layer; the next session starts new ones.

    What only waits for them ends with them: connections for further calls, and ssh processes that
    are ending already.
    """
    global _runtime
    ended = _runtime
    if ended.pid == os.getpid():
        close_idle_connections()
        ended.close()  # before there is a new one: what ends now must not start threads there
        await_children()
    _runtime = Runtime()
