"""A request: as it was received, and as the routes see it.

Layer: engine. No I/O here; what a request does with its connection is in a protocol.
"""

from __future__ import annotations

import json
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from typing import IO, Any, Final, Protocol, TypeVar

from hyper_jupyter.engine.http.raw_stream import RawStream
from hyper_jupyter.exceptions import ApiError

__all__ = ["ClientConnection", "Message", "Request", "parse_bool", "parse_form", "unescape"]

T = TypeVar("T")

_FALSE: Final = frozenset({"", "0", "no", "false", "none"})
_HEX: Final = frozenset(b"0123456789abcdefABCDEF")

Form = Mapping[str, list[str]]


def parse_bool(value: str) -> bool:
    """Read a bool as moby does: all except ``"" 0 no false none`` is true, ``off`` included."""
    return value.strip().lower() not in _FALSE


def unescape(text: bytes, *, plus: bool) -> str:
    """Undo percent-encoding.

    Args:
        text: as received.
        plus: whether ``+`` is a space (in a query).

    Raises:
        ApiError: 400 if a ``%`` is not followed by two hexadecimal digits, in Go's words.
    """
    pieces = text.replace(b"+", b" ").split(b"%") if plus else text.split(b"%")
    result = bytearray(pieces[0])
    for piece in pieces[1:]:
        if len(piece) < 2 or piece[0] not in _HEX or piece[1] not in _HEX:
            shown = "%" + piece[:2].decode("latin-1")
            raise ApiError(400, f'invalid URL escape "{shown}"')
        result.append(int(piece[:2], 16))
        result += piece[2:]
    return result.decode("utf-8", "surrogateescape")


def parse_form(text: bytes) -> Form:
    """Read a query, or a body in that form, as Go's ``url.ParseQuery`` does.

    Raises:
        ApiError: 400.
    """
    form: dict[str, list[str]] = {}
    for pair in text.split(b"&"):
        if not pair:
            continue
        if b";" in pair:
            raise ApiError(400, "invalid semicolon separator in query")
        key, _, value = pair.partition(b"=")
        form.setdefault(unescape(key, plus=True), []).append(unescape(value, plus=True))
    return form


class ClientConnection(Protocol):
    """What a request needs of the connection that it came from."""

    def hijack(self) -> RawStream:
        """Switch to raw bytes; no HTTP response follows."""

    async def while_connected(self, work: Coroutine[Any, Any, T]) -> T:
        """Run something, but only while the client is there; else raise ConnectionError."""


@dataclass(frozen=True, slots=True)
class Message:
    """A request's head and body, as they were received.

    Attributes:
        method: as sent.
        target: path and query, encoded.
        headers: names in lower case; the first value of each.
        body: complete; empty if it is in `file`.
        file: the body of a PUT, which may have any size; ``None`` for other requests.
        digest: the SHA-256 of what is in `file`, in hexadecimal digits.
    """

    method: str
    target: bytes
    headers: Mapping[str, str]
    body: bytes
    file: IO[bytes] | None = None
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """One request, with its whole body.

    Attributes:
        method: as sent.
        path: decoded, without the version.
        version: of the API, from the path or our newest.
        form: parameters of the body, then those of the query; the first value counts.
        headers: names in lower case; the first value of each.
        body: at most 1 MiB.
        connection: where it came from.
        file: the body of a PUT, which may have any size; ``None`` for other requests.
    """

    method: str
    path: str
    version: tuple[int, ...]
    form: Form
    headers: Mapping[str, str]
    body: bytes
    connection: ClientConnection
    file: IO[bytes] | None = None

    @property
    def upgrade(self) -> bool:
        """Whether there is an Upgrade header; moby ignores its value."""
        return "upgrade" in self.headers

    def text(self, name: str) -> str:
        """Return a parameter; ``""`` if it is missing."""
        values = self.form.get(name)
        return values[0] if values else ""

    def flag(self, name: str) -> bool:
        """Return a parameter as a bool."""
        return parse_bool(self.text(name))

    def number(self, name: str) -> int | None:
        """Return a parameter as a whole number; ``None`` if it is missing.

        Raises:
            ApiError: 400.
        """
        text = self.text(name)
        if not text:
            return None
        try:
            if len(text) > 20:
                raise ValueError(text)
            return int(text)
        except ValueError as error:
            raise ApiError(400, f"invalid {name}: {text[:50]!r} is not a number") from error

    def json(self) -> dict[str, Any]:
        """Return the body as an object; an empty one if there is no body.

        Raises:
            ApiError: 400.
        """
        if not self.body.strip():
            return {}
        try:
            value = json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise ApiError(400, f"invalid JSON: {str(error)[:200]}") from error
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise ApiError(400, "invalid JSON: not an object")
        return value

    def hijack(self) -> RawStream:
        """Take the connection over: no HTTP response follows."""
        return self.connection.hijack()
