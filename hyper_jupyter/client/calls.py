"""Calls: a request, and the whole of its answer, on a new connection or one that was kept.

Layer: client. Any thread; blocks the caller, until the call's deadline at most.

A kept connection (:mod:`hyper_jupyter.client.transport.idle`) may end while a request is on its
way; then nobody knows whether the engine has read it. ``GET`` and ``HEAD`` are then asked again,
once and on a new connection, within the same deadline. Other methods are not repeated, because
the engine may have acted on them: the error says so. Nor is a call whose time is up.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from typing import Final

import requests

from hyper_jupyter.client.transport.child import Schedule
from hyper_jupyter.client.transport.deadline import Deadline
from hyper_jupyter.client.transport.dial import EndpointAdapter
from hyper_jupyter.client.transport.endpoint import Endpoint
from hyper_jupyter.client.transport.failure import call_failure, root_cause
from hyper_jupyter.client.transport.idle import IdleConnections
from hyper_jupyter.exceptions import ProtocolError

__all__ = ["Calls", "leaves_this_machine"]

_MAX_BODY: Final = 32 * 1024 * 1024

Response = tuple[int, Mapping[str, str], bytes]


def leaves_this_machine(endpoint: Endpoint) -> bool:
    """Whether a connection there costs more than nothing, so that it is worth keeping."""
    return endpoint.scheme in ("ssh", "tcp")


class Calls:
    """Makes the calls of one client.

    Args:
        schedule: the clock that ends kept connections and ssh processes; ``None`` keeps none.
    """

    def __init__(self, schedule: Schedule | None) -> None:
        self.schedule = schedule
        self._idle = IdleConnections(self, schedule)

    def make(
        self,
        endpoint: Endpoint,
        request: requests.PreparedRequest,
        deadline: Deadline,
        path: str,
        *,
        dialling: Deadline | None = None,
        new_connection: bool = False,
    ) -> Response:
        """Make one call.

        Args:
            endpoint: where to.
            request: signed, where it has to be. Without ``Connection: keep-alive`` it uses no kept
                connection and leaves none.
            deadline: of all of it.
            path: for error texts.
            dialling: for the connection, where that is to be there sooner.
            new_connection: on a new connection.

        Returns:
            Status, headers and body.

        Raises:
            ConnectionFailed: no connection, or no complete answer in time.
            ProtocolError: not HTTP, or larger than 32 MiB.
        """
        kept = self._idle.take() if _may_go_on(request) and not new_connection else None
        try:
            adapter = EndpointAdapter(
                endpoint, deadline, self.schedule, kept, dialling=dialling or deadline
            )
            return self._send(adapter, request, path)
        except (requests.RequestException, OSError) as error:
            # Not with its traceback: on the way there the request is a variable, as it is sent.
            cause = root_cause(error).with_traceback(None)
            failure = call_failure(str(endpoint), error, deadline)
        if kept is not None:
            self._idle.close()  # what ended one has ended the others
            if isinstance(cause, ConnectionError | ssl.SSLEOFError):
                if request.method in ("GET", "HEAD"):
                    return self.make(
                        endpoint, request, deadline, path, dialling=dialling, new_connection=True
                    )
                failure.hint = "It may have been carried out: look before you repeat it."
        raise failure from cause

    def _send(
        self, adapter: EndpointAdapter, request: requests.PreparedRequest, path: str
    ) -> Response:
        # Not Session.send: that reads a redirect's whole body, however large. No timeout here
        # either: the socket keeps to the deadline, and requests refuses one of 0 seconds.
        try:
            with adapter.send(request, stream=True) as answer:
                content = bytearray()
                for piece in answer.iter_content(64 * 1024):
                    content += piece
                    if len(content) > _MAX_BODY:
                        raise ProtocolError(
                            f"the answer to {path} is larger than {_MAX_BODY} bytes"
                        )
            # A server may have its connection go on though that was not asked for.
            if _may_go_on(request) and (connection := adapter.take_connection()) is not None:
                self._idle.put(connection)
            return answer.status_code, answer.headers, bytes(content)
        finally:
            adapter.close()


def _may_go_on(request: requests.PreparedRequest) -> bool:
    return request.headers.get("Connection") == "keep-alive"
