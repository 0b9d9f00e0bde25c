"""The two kinds of response that routes return, and their bytes.

Layer: engine. No I/O here; the connection sends what these produce.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

__all__ = ["Response", "Send", "Streamed", "reason_phrase"]

WITHOUT_BODY: Final = (204, 304)
"""Statuses whose responses are sent without body and ``Content-Length``."""


@dataclass(frozen=True, slots=True)
class Response:
    """A response with a known body.

    Attributes:
        status: the HTTP status.
        value: JSON, unless it is bytes (sent as they are) or ``None`` (no body).
        headers: in addition to those of every response.
    """

    status: int = 200
    value: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def encode(self, method: str, common: Mapping[str, str]) -> tuple[dict[str, str], bytes]:
        """Encode the response to a request.

        Args:
            method: of the request; a HEAD has the headers of a GET and no body.
            common: the headers of every response; those of this one replace them.

        Returns:
            All headers, and the bytes that follow the head.
        """
        headers = {**common, **self.headers}
        body = b""
        if isinstance(self.value, bytes):
            body = self.value
        elif self.value is not None:
            body = json.dumps(self.value, separators=(",", ":")).encode() + b"\n"
            headers.setdefault("Content-Type", "application/json")
        if self.status in WITHOUT_BODY:
            return headers, b""
        headers["Content-Length"] = str(len(body))
        return headers, b"" if method == "HEAD" else body


Send = Callable[[bytes], Awaitable[None]]
"""Sends a piece of a response's body; raises :exc:`ConnectionError` when the client is gone."""


@dataclass(frozen=True, slots=True)
class Streamed:
    """A response whose body is made while it is sent; its head is sent first.

    Attributes:
        produce: called with a function that sends a piece; cancelled when the client is gone.
        content_type: of the body.
        headers: in addition to those of every response.
    """

    produce: Callable[[Send], Coroutine[Any, Any, None]]
    content_type: str = "application/json"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


def reason_phrase(status: int) -> str:
    """Return the words for a status; ``""`` for one that HTTP does not define."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
