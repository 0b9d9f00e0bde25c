"""One HTTP/1.1 request and its answer, which may turn into a raw stream.

Layer: protocol. No I/O, no clock, no threads here; one exchange belongs to one connection.

h11 does the head, and the framing of the body, except chunks: those are
:class:`~hyper_jupyter.protocol.chunks.ChunkDecoder`'s. We add two rules. Bytes right after the head
belong to the stream: engines send output in the same segment as the 101. And the same stream
follows a 101 and a 200 without upgrade, so a proxy that strips the Upgrade header changes nothing.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import h11

from hyper_jupyter.exceptions import ProtocolError
from hyper_jupyter.protocol.chunks import ChunkDecoder
from hyper_jupyter.protocol.frames import EndOfStream

__all__ = ["Exchange", "ResponseHead"]

MAX_HEAD: Final = 64 * 1024
"""Bytes of a response head at most. Go's client stops at 10 MiB; nginx writes at most 8 KiB."""

_MAX_INTERIM: Final = 16
"""Interim answers (100, 103) before the final one at most; a server that sends more is broken."""


@dataclass(frozen=True, slots=True)
class ResponseHead:
    """Status line and headers of an answer.

    Attributes:
        status: 101, 200, 404, …
        headers: names in lower case, in order.
    """

    status: int
    headers: tuple[tuple[str, str], ...]

    def header(self, name: str) -> str | None:
        """Return the first header of that name, in any case; ``None`` if there is none."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key == wanted), None)


class Exchange:
    """Sends one request, reads one answer, and delivers the bytes that follow its head.

    Attributes:
        head: the answer's head; ``None`` until it is complete.
        ended: whether the answer is complete by its own framing (length, chunks). A stream after
            a 101, or after a 200 without a length, ends only with the connection.
        most: how many bytes to pass to one call of :meth:`receive_data`, if they may take long to
            process; ``None`` is no limit.
    """

    __slots__ = (
        "_chunks",
        "_connection",
        "_fault",
        "_head_size",
        "_interim",
        "_request",
        "_sends",
        "_upgraded",
        "_wants_head",
        "ended",
        "head",
    )

    most: int | None = None

    def __init__(
        self,
        method: str,
        target: str,
        headers: Mapping[str, str] | Iterable[tuple[str, str]],
        body: bytes = b"",
        *,
        chunked: bool = False,
    ) -> None:
        """Args:
        method: ``"POST"``.
        target: path and query, percent-encoded.
        headers: including ``Host``; ``Content-Length`` is added if a body has none.
        body: the whole request body.
        chunked: the body follows in pieces, by :meth:`encode_body`. Headers must not have its
            length.

        Raises:
            ProtocolError: they make no valid request.
        """
        self.head: ResponseHead | None = None
        self.ended = False
        self._upgraded = False
        self._chunks: ChunkDecoder | None = None
        self._wants_head = method == "HEAD"  # and no body
        self._sends = chunked  # the request's body is not complete yet
        self._fault = ""
        self._interim = 0
        self._head_size = 0
        self._connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=MAX_HEAD)
        fields = list(headers.items() if isinstance(headers, Mapping) else headers)
        if chunked:
            fields.append(("Transfer-Encoding", "chunked"))
        elif body and not any(name.lower() == "content-length" for name, _ in fields):
            fields.append(("Content-Length", str(len(body))))
        try:
            request = h11.Request(method=method, target=target, headers=fields)
            self._request = self._connection.send(request) or b""
            if body:
                self._request += self._connection.send(h11.Data(data=body)) or b""
            if not chunked:
                self._request += self._connection.send(h11.EndOfMessage()) or b""
        except (h11.LocalProtocolError, UnicodeEncodeError) as error:
            raise ProtocolError(f"not a valid request: {error}") from error

    def data_to_send(self) -> bytes:
        """Return the bytes to send now: the request, once."""
        request, self._request = self._request, b""
        return request

    def encode_body(self, data: bytes) -> bytes:
        """Return a piece of a chunked request body as the connection carries it."""
        return self._connection.send(h11.Data(data=data)) or b"" if data else b""

    def end_body(self) -> bytes:
        """Return the end of a chunked request body; to be sent once."""
        self._sends = False
        return self._connection.send(h11.EndOfMessage()) or b""

    def receive_data(self, data: bytes | memoryview) -> bytes | memoryview:
        """Take the next bytes from the connection.

        Returns:
            Bytes of the body or stream that can be delivered now; ``b""`` while the head is
            incomplete, and for bytes that follow a complete answer. After an upgrade this is
            ``data`` itself, not a copy.

        Raises:
            ProtocolError: this is not an HTTP answer, or its head (with the interim answers before
                it) is larger than 64 KiB. If something can be delivered before the fault, this call
                returns it, and every later call raises.
        """
        if self._upgraded:
            return data
        if self._fault:
            raise ProtocolError(self._fault)
        data = bytes(data)
        pieces: list[bytes] = []
        try:
            if self.head is None:
                # h11 accepts a larger head if it comes in one piece. But the result must not
                # depend on how the bytes are cut.
                room = MAX_HEAD - self._head_size
                self._head_size += len(data[:room])
                self._feed(data[:room], pieces)
                data = data[room:]
                if self.head is None and self._head_size == MAX_HEAD:
                    raise ProtocolError(f"the answer's head is larger than {MAX_HEAD} bytes")
            if self._upgraded:
                pieces.append(data)
            else:
                self._feed(data, pieces)
        except ProtocolError as error:
            self._fault = str(error)
            if not pieces:
                raise
        return b"".join(pieces)

    def receive_eof(self) -> EndOfStream:
        """Take the end of the connection.

        Returns:
            Whether the answer is incomplete by its own framing.

        Raises:
            ProtocolError: the head has not come yet.
        """
        if self.head is None:
            raise ProtocolError("the connection ended before the answer's head was complete")
        if self._upgraded or self.ended:
            return EndOfStream(truncated=False)
        if self._chunks is not None:
            return EndOfStream(truncated=True)
        self._connection.receive_data(b"")
        try:
            self._read_events([])
        except ProtocolError:
            return EndOfStream(truncated=True)
        return EndOfStream(truncated=not self.ended)

    def encode(self, data: bytes) -> Sequence[bytes]:
        """Return bytes for the container's stdin as the connection carries them. Any thread."""
        return (data,)

    def farewell(self) -> bytes:
        """Return the bytes to send before closing the connection."""
        return b""

    def _feed(self, data: bytes, pieces: list[bytes]) -> None:
        # After a complete answer, h11 would store all further bytes.
        if not data or self.ended:
            return
        if self._chunks is not None:
            self._take_chunks(self._chunks, data, pieces)
        else:
            self._connection.receive_data(data)
            self._read_events(pieces)

    def _read_events(self, pieces: list[bytes]) -> None:
        while True:
            try:
                event = self._connection.next_event()
            except (h11.RemoteProtocolError, ValueError) as error:
                # ValueError: a length with more digits than Python converts to a number.
                raise ProtocolError(_text(error)) from error
            match event:
                case h11.InformationalResponse(status_code=101):
                    self._keep(event)
                    self._upgraded = True
                    trailing, _ = self._connection.trailing_data
                    pieces.append(bytes(trailing))
                    self._connection = _SPENT
                    return
                case h11.InformationalResponse():
                    self._interim += 1
                    if self._interim > _MAX_INTERIM:
                        raise ProtocolError("the server sends interim answers without end")
                case h11.Response():
                    self._keep(event)
                    if self._is_chunked(event.status_code):
                        trailing, _ = self._connection.trailing_data
                        self._chunks = ChunkDecoder()
                        if not self._sends:
                            self._connection = _SPENT
                        self._take_chunks(self._chunks, bytes(trailing), pieces)
                        return
                case h11.Data():
                    pieces.append(bytes(event.data))
                case h11.EndOfMessage():
                    self.ended = True
                    return
                case _:  # NEED_DATA
                    return

    def _is_chunked(self, status: int) -> bool:
        assert self.head is not None
        bodiless = self._wants_head or status in (204, 304)
        return not bodiless and (self.head.header("transfer-encoding") or "").lower() == "chunked"

    def _take_chunks(self, chunks: ChunkDecoder, data: bytes, pieces: list[bytes]) -> None:
        chunks.receive_data(data, pieces)
        self.ended = chunks.ended

    def _keep(self, event: h11.InformationalResponse | h11.Response) -> None:
        self.head = _head(
            event.status_code,
            tuple((_shared(key), _shared(value)) for key, value in event.headers),
        )


@functools.lru_cache(maxsize=64)
def _head(status: int, headers: tuple[tuple[str, str], ...]) -> ResponseHead:
    """Return a head, as one object for all answers that have the same: most streams do."""
    return ResponseHead(status, headers)


def _shared(text: bytes) -> str:
    """Return a header's name or value, as one object for all heads that have the same."""
    return sys.intern(text.decode("latin-1"))


_SPENT: Final = h11.Connection(h11.CLIENT)
"""What an exchange has instead of its own that needs it no more: it is large."""


def _text(error: Exception) -> str:
    # h11 quotes the bytes that it got: cut them, so that a server cannot flood a message.
    return f"not a valid HTTP answer: {str(error)[:200]}"
