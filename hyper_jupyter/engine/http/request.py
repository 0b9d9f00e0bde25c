"""A request as the routes see it, and the two kinds of answer they give.

Layer: engine. No I/O but in the callbacks that are handed in.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from hyper_jupyter.exceptions import ApiError

if TYPE_CHECKING:
    from hyper_jupyter.engine.http.connection import Connection, RawStream

__all__ = ["Body", "Request", "Response", "Streamed", "parse_form", "truth", "unescape"]

_FALSE: Final = frozenset({"", "0", "no", "false", "none"})
_HEX: Final = frozenset(b"0123456789abcdefABCDEF")

Form = Mapping[str, list[str]]


def truth(value: str | None) -> bool:
    """Moby's spelling of bools: everything but ``"" 0 no false none`` is true, also ``off``."""
    return value is not None and value.strip().lower() not in _FALSE


def unescape(text: bytes, *, plus: bool) -> str:
    """Undo percent-encoding.

    Args:
        text: as it came.
        plus: whether ``+`` is a space (in a query).

    Raises:
        ApiError: 400 at ``%`` without two hexadecimal digits, in Go's words.
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
    """Read a query, or a body in that form, as Go's ``url.ParseQuery``.

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


@dataclass(frozen=True, slots=True)
class Request:
    """One request, with its whole body.

    Attributes:
        method: in upper case.
        path: decoded, without the version.
        version: of the API, from the path or our newest.
        form: parameters of the body and, behind them, the query; the first value counts.
        headers: names in lower case; the first of each.
        body: at most 1 MiB.
        connection: where it came from.
    """

    method: str
    path: str
    version: tuple[int, ...]
    form: Form
    headers: Mapping[str, str]
    body: bytes
    connection: Connection

    @property
    def upgrade(self) -> bool:
        """Whether there is an Upgrade header; moby does not look at its value."""
        return "upgrade" in self.headers

    def text(self, name: str) -> str:
        """A parameter; ``""`` where it is missing."""
        values = self.form.get(name)
        return values[0] if values else ""

    def flag(self, name: str) -> bool:
        """A parameter as a bool."""
        return truth(self.text(name))

    def number(self, name: str) -> int | None:
        """A parameter as a whole number; ``None`` where it is missing.

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
        """The body as an object; empty where there is none.

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
        """Take the connection: no HTTP answer follows."""
        return self.connection.hijack()


@dataclass(frozen=True, slots=True)
class Response:
    """An answer with a known body.

    Attributes:
        status: as in HTTP.
        value: JSON, unless it is bytes (sent as they are) or ``None`` (no body).
        headers: in addition to the ones of every answer.
    """

    status: int = 200
    value: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


Body = Callable[[bytes], Awaitable[None]]
"""Sends a piece of an answer's body; raises :exc:`ConnectionError` when nobody reads it."""


@dataclass(frozen=True, slots=True)
class Streamed:
    """An answer whose body is made while it is sent; its head goes out at once.

    Attributes:
        produce: called with what sends a piece; cancelled when the client is gone.
        content_type: of the body.
    """

    produce: Callable[[Body], Coroutine[Any, Any, None]]
    content_type: str = "application/json"
    status: int = 200
