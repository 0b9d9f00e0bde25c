"""The multiplexed stream: frames of stdout and stderr on one connection.

Layer: protocol. No I/O, no clock, no threads here; one decoder belongs to one stream.

A frame is an 8-byte header and a payload: ``{type, 0, 0, 0, size >> 24, size >> 16,
size >> 8, size}``. Source: Hyper's API 1.23, "Attach to a container"; the reference
is moby's ``api/pkg/stdcopy/stdcopy.go``, from which this differs on purpose:

* payload is delivered as it arrives, so a header that announces 4 GiB allocates nothing;
* an end inside a frame is reported (``EndOfStream.truncated``), the reference hides it.

Strategy: one pass over each chunk. Whole frames are cut out by offset; only a header
that a chunk boundary splits is copied aside, and only the count of missing payload
bytes is carried over. Neighbouring payloads of one stream are joined.
"""

from __future__ import annotations

import enum
import struct
from dataclasses import dataclass
from typing import Final

from hyper_jupyter.exceptions import ProtocolError

__all__ = [
    "MAX_SYSTEM_ERR",
    "EndOfStream",
    "FrameDecoder",
    "Output",
    "StreamType",
    "SystemErr",
    "encode_frame",
]

_HEADER: Final = struct.Struct(">B3xL")
_HEADER_SIZE: Final = _HEADER.size
_MAX_PAYLOAD: Final = 0xFFFFFFFF

MAX_SYSTEM_ERR: Final = 64 * 1024
"""Bytes of a type-3 frame that are kept: an error text, never more than a screenful."""


class StreamType(enum.IntEnum):
    """The first byte of a frame header (moby: ``stdcopy.StdType``)."""

    STDIN = 0
    """Written on stdout; engines do not send it on attach, Podman may label log lines so."""
    STDOUT = 1
    STDERR = 2
    SYSTEMERR = 3
    """An error text of the engine; it ends the stream. Unknown to Docker 1.10."""


@dataclass(frozen=True, slots=True)
class Output:
    """Bytes of one stream, in arrival order; not necessarily a whole frame.

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
        message: its text, cut at :data:`MAX_SYSTEM_ERR` bytes.
    """

    message: bytes


@dataclass(frozen=True, slots=True)
class EndOfStream:
    """No more bytes will come.

    Attributes:
        truncated: whether the stream stopped inside a header or a payload.
    """

    truncated: bool


class FrameDecoder:
    """Demultiplexes a stream of frames.

    Feed it every chunk with :meth:`receive_data`, in order, and the end with
    :meth:`receive_eof`. It keeps at most 7 header bytes and one error text.
    """

    __slots__ = ("_ended", "_fault", "_header", "_message", "_remaining", "_stream")

    def __init__(self) -> None:
        self._header = b""  # the 0 to 7 header bytes that came so far
        self._remaining = 0  # payload bytes of the current frame still to come
        self._stream = StreamType.STDOUT
        self._message: bytearray | None = None  # not None: inside a type-3 frame
        self._ended = False  # a type-3 frame was delivered, the rest is ignored
        self._fault: str | None = None

    def receive_data(  # noqa: C901 - one pass without a call per frame: that is its speed
        self, data: bytes | bytearray | memoryview
    ) -> list[Output | SystemErr]:
        """Take the next bytes of the stream.

        Args:
            data: any number of bytes, cut anywhere. Not kept.

        Returns:
            What can be delivered now, in order. Types 0 and 1 are ``STDOUT``; neighbours of
            one stream may be joined; empty frames give nothing; header bytes 1 to 3 are
            ignored. After a ``SystemErr`` everything is ignored.

        Raises:
            ProtocolError: at an unknown stream type. Where something could be delivered
                before it, this call returns that, and every later call raises.
        """
        if self._fault is not None:
            raise ProtocolError(self._fault)
        if self._ended:
            return []
        if not isinstance(data, bytes):
            data = bytes(data)
        events: list[Output | SystemErr] = []
        pieces: list[bytes] = []  # payload of `current`, not yet an event
        current = self._stream
        end = len(data)
        pos = 0
        unpack = _HEADER.unpack_from

        # What the last chunk left: first the rest of a payload, else the rest of a header.
        remaining = self._remaining
        if remaining:
            pos = min(remaining, end)
            remaining -= pos
            self._remaining = remaining
            if self._message is not None:
                self._receive_message(data[:pos], events)
                if self._ended:
                    return events
            else:
                pieces.append(data if pos == end else data[:pos])
        elif self._header:
            missing = _HEADER_SIZE - len(self._header)
            if end < missing:
                self._header += data
                return events
            # Once per chunk: the frame whose header was split is put together again.
            data = self._header + data
            end = len(data)
            self._header = b""

        while end - pos >= _HEADER_SIZE:
            kind, length = unpack(data, pos)
            pos += _HEADER_SIZE
            if kind == 1 or kind == 2 or kind == 0:
                if not length:
                    continue
                if kind != current and (kind or current != 1):
                    if pieces:
                        events.append(Output(current, _join(pieces)))
                        pieces = []
                    current = StreamType.STDERR if kind == 2 else StreamType.STDOUT
                stop = pos + length
                if stop <= end:
                    pieces.append(data[pos:stop])
                    pos = stop
                    continue
                remaining = stop - end
                if pos < end:
                    pieces.append(data[pos:])
                pos = end
                break
            if pieces:
                events.append(Output(current, _join(pieces)))
                pieces = []
            if kind != StreamType.SYSTEMERR:
                self._fault = f"unrecognized stream: {kind}"
                if events:
                    return events
                raise ProtocolError(self._fault)
            self._message = bytearray()
            self._remaining = max(0, length - (end - pos))
            self._receive_message(data[pos : pos + length], events)
            if self._ended:
                return events
            pos = end
            remaining = self._remaining
            break

        if pieces:
            events.append(Output(current, _join(pieces)))
        self._stream = current
        self._remaining = remaining
        if pos < end:
            self._header = data[pos:]
        return events

    def receive_eof(self) -> EndOfStream:
        """Take the end of the stream.

        Raises:
            ProtocolError: where the stream had a fault before.
        """
        if self._fault is not None:
            raise ProtocolError(self._fault)
        inside = bool(self._header or self._remaining) and not self._ended
        return EndOfStream(truncated=inside)

    def _receive_message(self, data: bytes, events: list[Output | SystemErr]) -> None:
        message = self._message
        assert message is not None
        message += data[: MAX_SYSTEM_ERR - len(message)]
        if not self._remaining or len(message) == MAX_SYSTEM_ERR:
            events.append(SystemErr(bytes(message)))
            self._ended = True
            self._message = None


def _join(pieces: list[bytes]) -> bytes:
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def encode_frame(stream: StreamType | int, data: bytes) -> bytes:
    """Put one frame together.

    Args:
        stream: the type byte, 0 to 3.
        data: the payload, at most 4 GiB less one byte; empty is legal.

    Returns:
        Header and payload, to be written at once (one write per frame, as moby does).

    Raises:
        ValueError: at an unknown stream or a payload that the header cannot count.
    """
    if len(data) > _MAX_PAYLOAD:
        raise ValueError(f"a frame takes at most {_MAX_PAYLOAD} bytes, got {len(data)}")
    return _HEADER.pack(StreamType(stream), len(data)) + data
