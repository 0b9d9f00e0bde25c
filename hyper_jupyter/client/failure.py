"""What a call's failure means: the engine's own error, no answer, or an answer that is none.

Layer: client. Any thread; no I/O here.
"""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Iterator
from typing import Final

import requests
import urllib3

from hyper_jupyter.client.transport import Deadline
from hyper_jupyter.exceptions import ApiError, Conflict, ConnectionFailed, NotFound, ProtocolError

__all__ = ["api_error", "call_failure", "root_cause"]

_MAX_MESSAGE: Final = 2000

_PODMAN_CONFLICT: Final = re.compile("already in use|in state|as it is running")
"""Podman's words for what Docker answers with 409."""


def api_error(status: int, body: bytes) -> ApiError:
    """The error that an answer stands for.

    Args:
        status: 300 and above.
        body: JSON with a ``message`` (API 1.24 and newer), or plain text.
    """
    text = body[: 64 * 1024].decode("utf-8", "replace")
    try:
        details = json.loads(text)
    except (ValueError, RecursionError):
        details = None
    if isinstance(details, dict):
        text = str(details.get("message") or details.get("cause") or "")
    # An engine's text ends up in a notebook: one line, and no escape sequences.
    text = " ".join("".join(c if c.isprintable() else " " for c in text).split())[:_MAX_MESSAGE]
    if 300 <= status < 400:
        return ApiError(status, text or f"the engine redirects (status {status}); not followed")
    if status == 404 or (status == 500 and "no such container" in text.lower()):
        return NotFound(status, text)  # Podman says 500 while one is being removed
    text = text.removeprefix("Conflict. ")
    if status == 409 or (status == 500 and _PODMAN_CONFLICT.search(text)):
        return Conflict(status, text)
    return ApiError(status, text)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error, and those that requests and urllib3 wrapped, outermost first."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        yield current
        seen.add(id(current))
        inner = next((arg for arg in current.args if isinstance(arg, BaseException)), None)
        current = inner or current.__cause__ or current.__context__


def root_cause(error: BaseException) -> BaseException:
    """The error at the socket, below the wrappers of requests and urllib3."""
    for cause in _causes(error):
        if isinstance(cause, OSError) and not isinstance(cause, requests.RequestException):
            return cause
    return error


def _is_nonsense(error: BaseException) -> bool:
    """Whether something came that is not HTTP; a connection that merely ended is no nonsense."""
    for cause in _causes(error):
        if isinstance(cause, urllib3.exceptions.InvalidChunkLength):
            return bool(cause.length)
        if isinstance(cause, http.client.RemoteDisconnected | http.client.IncompleteRead):
            return False
        if isinstance(cause, http.client.HTTPException | urllib3.exceptions.DecodeError):
            return True
    return False


def call_failure(
    host: str, error: BaseException, deadline: Deadline
) -> ConnectionFailed | ProtocolError:
    """The error for a call that got no whole answer.

    Args:
        host: the engine's address, for the text.
        error: what ``requests`` or the socket raised.
        deadline: of the call.
    """
    root = root_cause(error)
    if isinstance(root, TimeoutError) or (deadline.remaining() == 0 and isinstance(root, OSError)):
        failure = ConnectionFailed(f"no answer from {host} within {deadline.seconds} s")
        failure.hint = "Check that the engine is up, or give connect() a longer timeout."
        return failure
    if _is_nonsense(error):
        return ProtocolError(f"not a valid HTTP answer from {host}")
    detail = (
        getattr(root, "strerror", None) or "the connection ended before the answer was complete"
    )
    return ConnectionFailed(f"the call to {host} failed: {detail}")
