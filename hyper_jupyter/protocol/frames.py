"""The multiplexed stream: frames of stdout and stderr on one connection.

Layer: protocol. No I/O, no clock, no threads here; one decoder belongs to one stream.

A frame is an 8-byte header and a payload: ``{type, 0, 0, 0, size >> 24, size >> 16,
size >> 8, size}``. Source: Hyper's API 1.23, "Attach to a container"; the reference
is moby's ``api/pkg/stdcopy/stdcopy.go``. This decoder differs from it on purpose:

* It delivers payload as it arrives, so a header that announces 4 GiB allocates nothing.
* It reports an end inside a frame (``EndOfStream.truncated``); the reference hides it.

Strategy: make one pass over each chunk. Cut payloads out by offset, and join neighbours of the same
stream. :meth:`FrameDecoder.cut` neither joins nor copies large payloads. Between chunks, keep only
a header that the chunk's end split, and the count of payload bytes still to come.
"""

from __future__ import annotations

import enum
import struct
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from hyper_jupyter.exceptions import ProtocolError

__all__ = [
    "MAX_SYSTEM_ERR",
    "EndOfStream",
    "Event",
    "Fault",
    "FrameDecoder",
    "Output",
    "Piece",
    "StreamType",
    "SystemErr",
    "encode_frame",
]

_HEADER: Final = struct.Struct(">B3xL")
_HEADER_SIZE: Final = _HEADER.size
_unpack_header: Final = _HEADER.unpack_from
_MAX_PAYLOAD: Final = 0xFFFFFFFF

_SMALL: Final = 2048
"""For payloads of up to so many bytes, slicing a copy of the chunk is faster (measured)."""

_LARGE: Final = 4 * 1024
"""From so many bytes on, one more event costs less than copying the payload (measured)."""

MAX_SYSTEM_ERR: Final = 64 * 1024
"""Bytes of a type-3 frame that are kept. It is an error text, never more than a screenful."""


class StreamType(enum.IntEnum):
    """The first byte of a frame header (moby: ``stdcopy.StdType``)."""

    STDIN = 0
    """Taken as stdout. Engines do not send it on attach; Podman may label log lines with it."""
    STDOUT = 1
    STDERR = 2
    SYSTEMERR = 3
    """The engine's error text; it ends the stream. Docker 1.10 does not know this type."""


class Output(NamedTuple):
    """Bytes of one stream, in arrival order; not necessarily a whole frame.

    It is a named tuple, because one is made for nearly every frame of a noisy container, and a
    frozen dataclass costs several times as much to make.

    Attributes:
        stream: ``STDOUT`` or ``STDERR``.
        data: at least one byte.
    """

    stream: StreamType
    data: bytes


@dataclass(frozen=True, slots=True)
class SystemErr:
    """The engine reports an error inside the stream and ends it.

    Attributes:
        message: the error's text, cut at :data:`MAX_SYSTEM_ERR` bytes.
    """

    message: bytes


@dataclass(frozen=True, slots=True)
class Fault:
    """The bytes break the protocol: nothing after them can be trusted.

    Attributes:
        reason: one line, the text of the :class:`ProtocolError` that later calls raise.
    """

    reason: str


@dataclass(frozen=True, slots=True)
class EndOfStream:
    """No more bytes will come.

    Attributes:
        truncated: whether the stream stopped inside a header or a payload.
    """

    truncated: bool


Event = Output | SystemErr | Fault
"""What a decoder finds in a stream."""

Piece = tuple[StreamType, bytes | memoryview]
"""An output whose bytes may be a view. They never change, so it may be kept like any other."""

_new_tuple: Final = tuple.__new__
_Bytes = bytes | bytearray | memoryview
_STREAMS: Final = (StreamType.STDOUT, StreamType.STDOUT, StreamType.STDERR)


class FrameDecoder:
    """Demultiplexes a stream of frames.

    Feed it every chunk with :meth:`receive_data`, in order, and the end with
    :meth:`receive_eof`. It keeps at most 7 header bytes and one error text.
    """

    __slots__ = ("_current", "_ended", "_fault", "_header", "_message", "_remaining")

    def __init__(self) -> None:
        self._header = b""  # the 0 to 7 header bytes that have come so far
        self._remaining = 0  # payload bytes of the current frame that are still to come
        self._current = 1  # the stream that they belong to, 1 or 2
        self._message: bytearray | None = None  # not None: inside a type-3 frame
        self._ended = False  # a type-3 frame was delivered: the rest is ignored
        self._fault: str | None = None

    @property
    def pending(self) -> tuple[bytes, int]:
        """Where it is: the beginning of a header that has come, and payload bytes to come."""
        return self._header, self._remaining

    def receive_data(self, data: bytes | bytearray | memoryview) -> list[Event]:
        """Take the next bytes of the stream.

        Args:
            data: any number of bytes, cut anywhere. It is not kept, so a buffer may be used again.

        Returns:
            The events that can be delivered now, in order. Types 0 and 1 are ``STDOUT``.
            Neighbours of one stream may be joined. Empty frames give no event. Header bytes 1 to
            3 are ignored. A ``SystemErr`` is the last event; everything after it is ignored. A
            ``Fault`` is also the last event: an unknown stream type came after something that
            could be delivered.

        Raises:
            ProtocolError: an unknown stream type came with nothing before it to return, or there
                was a fault in an earlier call.
        """
        events: list[Any] = []
        self._receive(data, events, _MAX_PAYLOAD + 1)
        return events

    def cut(self, data: bytes | memoryview) -> list[Piece | SystemErr | Fault]:
        """Take the next bytes like :meth:`receive_data`, without copying large payloads.

        Args:
            data: any number of bytes, cut anywhere, which never change.

        Returns:
            The same events, in which payloads of 4 KiB or more are views of ``data``. Each view
            keeps all of ``data`` in memory.

        Raises:
            ProtocolError: as for :meth:`receive_data`.
        """
        events: list[Any] = []
        self._receive(data, events, _LARGE)
        return events

    def _receive(self, data: _Bytes, events: list[Any], large: int) -> None:
        """Take a chunk. Payloads of ``large`` bytes or more are not copied."""
        if self._header or self._message is not None or self._ended or self._fault is not None:
            if self._fault is not None:
                raise ProtocolError(self._fault)
            if self._ended:
                return
            if self._message is not None:
                taken = min(self._remaining, len(data))
                self._remaining -= taken
                self._receive_message(bytes(data[:taken]), events)
                return  # the message has ended the stream, or has taken all of the data
            # At most once per chunk: join a header that was split between the chunks.
            data = self._header + bytes(data)
            self._header = b""
        pos = self._remaining
        end = len(data)
        if pos >= end:
            self._remaining = pos - end
            if end:
                _join(self._current, [data], events)
            return
        if end - pos < _HEADER_SIZE or _unpack_header(data, pos)[1] >= _SMALL:
            pos = self._receive_large(memoryview(data), events, large)
        else:
            pos = self._receive_small(bytes(data), memoryview(data), events, large)
        if pos < end:
            self._header = bytes(data[pos:])
        elif self._fault is not None:
            if not events:
                raise ProtocolError(self._fault)
            events.append(Fault(self._fault))

    def _receive_large(self, data: memoryview, events: list[Any], large: int) -> int:
        """Take a chunk with large payloads, where copying bytes costs most.

        Returns:
            The offset of the header that the chunk's end splits; the end of the chunk if no header
            is split, or the stream is over.
        """
        current = self._current
        pos = self._remaining
        self._remaining = 0
        pieces: list[_Bytes] = [data[:pos]] if pos else []
        if pos >= large:
            _add(current, pieces.pop(), events)
        end = len(data)
        last = end - _HEADER_SIZE
        while pos <= last:
            kind, length = _unpack_header(data, pos)
            if kind != current and (length or kind > 2):  # an empty frame separates no neighbours
                kind = kind or 1
                if kind != current:
                    if pieces:
                        _join(current, pieces, events)
                    if kind > 2:
                        self._stop(kind, length, data[pos + _HEADER_SIZE :], events)
                        return end
                    current = self._current = kind
            start = pos + _HEADER_SIZE
            pos = start + length
            if length < large:
                pieces.append(data[start:pos])  # may be empty, or only the part that has come
                continue
            if pieces:
                _join(current, pieces, events)
            if pos <= end:
                events.append((_STREAMS[current], data[start:pos]))
            else:
                _add(current, data[start:], events)
        if pos > end:
            self._remaining = pos - end
            pos = end
        if pieces:
            _join(current, pieces, events)
        return pos

    def _receive_small(self, data: bytes, view: memoryview, events: list[Any], large: int) -> int:
        """Take a chunk with small payloads, where each step costs most; see :meth:`_receive_large`.

        Neighbours often have the same header, byte for byte. So most frames cost only a comparison
        with the last header, besides cutting out the payload. That is done with ``data``, a copy of
        the ``view``.
        """
        current = self._current
        pos = self._remaining
        self._remaining = 0
        pieces: list[_Bytes] = [view[:pos]] if pos else []
        if pos >= large:
            _add(current, pieces.pop(), events)
        append = pieces.append
        end = len(data)
        last = end - _HEADER_SIZE
        header = b""
        length = 0
        while pos <= last:
            start = pos + _HEADER_SIZE
            following = data[pos:start]
            if following != header:
                kind, length = _HEADER.unpack(following)
                kind = kind or 1
                if kind != current and (length or kind > 2):
                    if pieces:
                        _join(current, pieces, events)
                    if kind > 2:
                        self._stop(kind, length, data[pos + _HEADER_SIZE :], events)
                        return end
                    current = self._current = kind
                if length >= large:
                    if pieces:
                        _join(current, pieces, events)
                    pos = start + length
                    if pos <= end:
                        events.append((_STREAMS[current], view[start:pos]))
                    else:
                        _add(current, view[start:], events)
                    header = b""
                    continue
                header = following
            pos = start + length
            append(data[start:pos])
        if pos > end:
            self._remaining = pos - end
            pos = end
        if pieces:
            _join(current, pieces, events)
        return pos

    def _stop(self, kind: int, length: int, data: bytes | memoryview, events: list[Any]) -> None:
        """Take a header that ends the stream; ``data`` is what follows it in this chunk."""
        if kind > 3:
            self._fault = f"unrecognized stream: {kind}"
        else:
            self._message = bytearray()
            self._remaining = max(0, length - len(data))
            self._receive_message(bytes(data[:length]), events)

    def receive_eof(self) -> EndOfStream:
        """Take the end of the stream.

        Raises:
            ProtocolError: there was a fault before.
        """
        if self._fault is not None:
            raise ProtocolError(self._fault)
        inside = bool(self._header or self._remaining) and not self._ended
        return EndOfStream(truncated=inside)

    def _receive_message(self, data: bytes, events: list[Any]) -> None:
        message = self._message
        assert message is not None
        message += data[: MAX_SYSTEM_ERR - len(message)]
        if not self._remaining or len(message) == MAX_SYSTEM_ERR:
            events.append(SystemErr(bytes(message)))
            self._ended = True
            self._message = None


def _join(kind: int, pieces: list[_Bytes], events: list[Any]) -> None:
    """Make one event of the payloads that were collected."""
    payload = bytes(pieces[0]) if len(pieces) == 1 else b"".join(pieces)
    pieces.clear()
    if payload:
        # The same as Output(…), at a third of its cost.
        events.append(_new_tuple(Output, (_STREAMS[kind], payload)))


def _add(kind: int, payload: _Bytes, events: list[Any]) -> None:
    """Make one event of a large payload, or of as much of it as has come."""
    if len(payload) >= _LARGE:
        events.append((_STREAMS[kind], payload))
    elif payload:
        events.append((_STREAMS[kind], bytes(payload)))  # it need not keep the chunk


def encode_frame(stream: StreamType | int, data: bytes) -> bytes:
    """Put one frame together.

    Args:
        stream: the type byte, 0 to 3.
        data: the payload, at most 4 GiB less one byte; it may be empty.

    Returns:
        Header and payload. Write them with one write per frame, as moby does.

    Raises:
        ValueError: the stream type is unknown, or the payload is too long for the header.
    """
    if len(data) > _MAX_PAYLOAD:
        raise ValueError(f"a frame takes at most {_MAX_PAYLOAD} bytes, got {len(data)}")
    return _HEADER.pack(StreamType(stream), len(data)) + data
