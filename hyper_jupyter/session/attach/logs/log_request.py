"""Reads a container's log up to now, by a request of its own.

Layer: session, attach. :func:`read_log` and :func:`read_request` block their caller.
"""

from __future__ import annotations

import threading
from typing import Protocol

from hyper_jupyter.client import Deadline, EngineClient
from hyper_jupyter.exceptions import ConnectionFailed, HyperJupyterError
from hyper_jupyter.session.attach.connection import Connection, Subscriber
from hyper_jupyter.session.attach.target import StreamRequest, Target

__all__ = ["LogSubscriber", "read_log", "read_request"]


class LogSubscriber(Subscriber, Protocol):
    """Receives a log.

    Attributes:
        done: set at its end.
        error: what ended it; ``None`` if its end was orderly.
    """

    done: threading.Event
    error: HyperJupyterError | None


def read_log(
    client: EngineClient,
    target: Target,
    subscriber: LogSubscriber,
    deadline: Deadline,
    *,
    tail: int | None = None,
) -> None:
    """Read a log up to now. Blocks.

    Args:
        client: the engine.
        target: whose log.
        subscriber: receives it.
        deadline: for all of it.
        tail: how many of the last lines to read; ``None`` is what the session's options say.

    Raises:
        HyperJupyterError: it cannot be read, or not in time.
    """
    what = "log" if tail is None else "end of the log"
    read_request(client, target.log_request(follow=False, tail=tail), subscriber, deadline, what)


def read_request(
    client: EngineClient,
    request: StreamRequest,
    subscriber: LogSubscriber,
    deadline: Deadline,
    what: str,
) -> None:
    """Read the answer to a request for a log, until the subscriber is done. Blocks.

    Args:
        client: the engine.
        request: the request.
        subscriber: receives it.
        deadline: for all of it.
        what: what is read, in words.

    Raises:
        HyperJupyterError: it cannot be read, or not in time.
    """
    connection = Connection(client, request)
    connection.subscribe(subscriber)
    try:
        connection.open(deadline)
        ended = subscriber.done.wait(deadline.remaining())
    finally:
        connection.unsubscribe(subscriber)
    if not ended:
        raise ConnectionFailed(f"the engine did not send the container's {what} in time")
    if subscriber.error is not None:
        raise subscriber.error
