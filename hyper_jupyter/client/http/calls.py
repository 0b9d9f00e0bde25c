"""Calls: a request and its whole response, on a new connection or one that was kept.

Layer: client. Any thread; blocks the caller, until the call's deadline at most.

A kept connection (:mod:`hyper_jupyter.client.transport.idle`) may end while a request is on its
way. Then it is unknown whether the engine has read the request. ``GET`` and ``HEAD`` are then sent
again, once and on a new connection, within the same deadline. Other methods are not repeated,
because the engine may have acted on them: the error says so. A call whose time is up is not
repeated either.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from typing import Final

import requests

from hyper_jupyter.client.http.near_call import make_near_call
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
    """Whether connections to an endpoint leave this machine, so that they are worth keeping."""
    return endpoint.scheme in ("ssh", "tcp")


class Calls:
    """The calls of one client.

    Args:
        schedule: the clock that closes kept connections and ends ssh processes. Without one no
            connection is kept.
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
            endpoint: where the request goes.
            request: already signed where it must be. Without ``Connection: keep-alive`` it neither
                uses a kept connection nor leaves one.
            deadline: for the whole call.
            path: for error texts.
            dialling: a shorter deadline for the connection alone.
            new_connection: use no kept connection.

        Returns:
            Status, headers and body.

        Raises:
            ConnectionFailed: there is no connection, or no complete response in time.
            ProtocolError: the response is not HTTP, or is larger than 32 MiB.
        """
        if not (leaves_this_machine(endpoint) or _wants_keep_alive(request)):
            return _make_near(endpoint, request, deadline, path, dialling or deadline)
        kept = self._idle.take() if _wants_keep_alive(request) and not new_connection else None
        try:
            adapter = EndpointAdapter(
                endpoint, deadline, self.schedule, kept, dialling=dialling or deadline
            )
            return self._send(adapter, request, path)
        except (requests.RequestException, OSError) as error:
            # Without its traceback: functions on the way there have the request as a variable.
            cause = root_cause(error).with_traceback(None)
            failure = call_failure(str(endpoint), error, deadline)
        if kept is not None:
            self._idle.close()  # the others have probably ended for the same reason
            if isinstance(cause, ConnectionError | ssl.SSLEOFError):
                if request.method in ("GET", "HEAD"):
                    return self.make(
                        endpoint, request, deadline, path, dialling=dialling, new_connection=True
                    )
                failure.hint = "The engine may have carried it out: check before you repeat it."
        raise failure from cause

    def _send(
        self, adapter: EndpointAdapter, request: requests.PreparedRequest, path: str
    ) -> Response:
        # Not Session.send: that reads a redirect's whole body, however large. There is no timeout
        # here because the socket keeps to the deadline, and requests rejects one of 0 seconds.
        try:
            with adapter.send(request, stream=True) as answer:
                content = bytearray()
                for piece in answer.iter_content(64 * 1024):
                    content += piece
                    if len(content) > _MAX_BODY:
                        raise ProtocolError(
                            f"the answer to {path} is larger than {_MAX_BODY} bytes"
                        )
            # A server may keep its connection open even though that was not requested.
            if _wants_keep_alive(request) and (connection := adapter.take_connection()) is not None:
                self._idle.put(connection)
            return answer.status_code, answer.headers, bytes(content)
        finally:
            adapter.close()


def _make_near(
    endpoint: Endpoint,
    request: requests.PreparedRequest,
    deadline: Deadline,
    path: str,
    dialling: Deadline,
) -> Response:
    """Make a call to a unix socket; errors are those of :meth:`Calls.make`."""
    try:
        response = make_near_call(endpoint, request, deadline, dialling=dialling, most=_MAX_BODY)
    except ProtocolError as error:
        raise ProtocolError(f"not a valid HTTP answer from {endpoint}") from error
    except OSError as error:
        # Without its traceback: functions on the way there have the request as a variable.
        cause = error.with_traceback(None)
        failure = call_failure(str(endpoint), error, deadline)
    else:
        if response is None:
            raise ProtocolError(f"the answer to {path} is larger than {_MAX_BODY} bytes")
        return response
    raise failure from cause


def _wants_keep_alive(request: requests.PreparedRequest) -> bool:
    return request.headers.get("Connection") == "keep-alive"
