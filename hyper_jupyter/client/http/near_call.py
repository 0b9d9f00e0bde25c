"""A call to an engine at a unix socket: one connection, one request, one whole response.

Layer: client. Any thread; blocks the caller, until the call's deadline at most.

Nothing on the way to such a socket needs what requests and urllib3 do for others: no pool, no
proxy, no TLS, no redirect. Without them a call takes a third of the processor time, and attaching
makes one. h11 reads the response, as it does for streams.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Final

import requests
from requests.structures import CaseInsensitiveDict

from hyper_jupyter.client.transport.deadline import Deadline, DeadlineSocket
from hyper_jupyter.client.transport.dial import dial
from hyper_jupyter.client.transport.endpoint import Endpoint
from hyper_jupyter.exceptions import ProtocolError
from hyper_jupyter.protocol import Exchange, ResponseHead

__all__ = ["make_near_call"]

_READ: Final = 64 * 1024

_HTTP: Final = b"HTTP/"

_MOST_HEADERS: Final = 100
"""As many as http.client takes."""


def make_near_call(
    endpoint: Endpoint,
    request: requests.PreparedRequest,
    deadline: Deadline,
    *,
    dialling: Deadline,
    most: int,
) -> tuple[int, Mapping[str, str], bytes] | None:
    """Make one call.

    Args:
        endpoint: a unix socket.
        request: the request.
        deadline: for all of it.
        dialling: for the connection.
        most: bytes of a body.

    Returns:
        Status, headers and body; ``None`` if the body is larger.

    Raises:
        ConnectionFailed: there is no connection.
        OSError: it broke, or the deadline has passed.
        ProtocolError: the response is not HTTP.
    """
    connection = dial(endpoint, dialling)  # before there is a variable with the request's bytes
    with connection:
        connection.deadline = deadline
        body = request.body or b""
        exchange = Exchange(
            str(request.method),
            request.path_url,
            {**request.headers, "Accept-Encoding": "identity"},
            body.encode() if isinstance(body, str) else bytes(body),
        )
        # An engine that refuses a request may not read all of it. Its answer says why.
        with contextlib.suppress(BrokenPipeError):
            connection.sendall(exchange.data_to_send())
        content = _read(connection, exchange, most)
    if content is None or exchange.head is None:
        return None
    return exchange.head.status, CaseInsensitiveDict(exchange.head.headers), content


def _read(connection: DeadlineSocket, exchange: Exchange, most: int) -> bytes | None:
    """Return the body of a response; ``None`` if it is larger than ``most`` bytes."""
    content = bytearray()
    begin = b""
    while not exchange.ended:
        data = connection.recv(_READ)
        if not data:
            if exchange.head is None or exchange.receive_eof().truncated:
                raise ConnectionResetError
            break
        known = exchange.head is not None
        content += exchange.receive_data(data)
        if exchange.head is None:
            begin = (begin + data)[: len(_HTTP)]
            if not _HTTP.startswith(begin):
                raise ProtocolError("it begins as something else")
        elif not known:
            _check(exchange.head)
        if len(content) > most:
            return None
    return bytes(content)


def _check(head: ResponseHead) -> None:
    """Refuse what nobody has asked for.

    Raises:
        ProtocolError: the head is not that of a plain response.
    """
    if head.status == 101:
        raise ProtocolError("an upgrade")
    if len(head.headers) > _MOST_HEADERS:
        raise ProtocolError("too many headers")
    if head.header("content-encoding") not in (None, "", "identity"):
        raise ProtocolError("an encoded body")
