"""Finds the frames of a multiplexed stream as they are, for those who want to look at them.

Layer: protocol. No I/O, no clock, no threads here; one scanner belongs to one stream.

A :class:`~hyper_jupyter.protocol.FrameDecoder` joins neighbours and drops what carries no output,
because that is fast. A scanner is given the same bytes and reports each header, and the beginning
of each payload. It judges nothing: an unknown type is a frame like any other.
"""

from __future__ import annotations

from typing import Final

__all__ = ["PAYLOAD_START", "FrameScanner", "ScannedFrame"]

PAYLOAD_START: Final = 64
"""Bytes of each payload that are kept."""

_HEADER_SIZE: Final = 8


class ScannedFrame:
    """One frame, or as much of it as has come.

    Attributes:
        header: its eight bytes.
        length: the payload's length, as the header says it.
        start: the payload's first bytes. More are added as long as it is the last frame.
        received: how many bytes of the payload have come.
    """

    __slots__ = ("header", "length", "received", "start")

    def __init__(self, header: bytes) -> None:
        self.header = header
        self.length = int.from_bytes(header[4:], "big")
        self.start = b""
        self.received = 0

    @property
    def type(self) -> int:
        """The type, as the header says it."""
        return self.header[0]


class FrameScanner:
    """Reports the frames of a stream.

    Args:
        pending: where a decoder of the stream is, if it begins later than that: its ``pending``.
    """

    __slots__ = ("_frame", "_header", "_skip")

    def __init__(self, pending: tuple[bytes, int] = (b"", 0)) -> None:
        self._header, self._skip = pending
        self._frame: ScannedFrame | None = None

    def receive_data(self, data: bytes | bytearray | memoryview) -> list[ScannedFrame]:
        """Take the next bytes of the stream.

        Args:
            data: any number of bytes, cut anywhere. It is not kept.

        Returns:
            The frames whose headers are complete now, in order. The last one grows with the next
            calls.
        """
        found: list[ScannedFrame] = []
        at, end = 0, len(data)
        while at < end:
            frame = self._frame
            if frame is not None:
                taken = min(frame.length - frame.received, end - at)
                room = PAYLOAD_START - len(frame.start)
                if room > 0 and taken:
                    frame.start += bytes(data[at : at + min(room, taken)])
                frame.received += taken
                at += taken
                if frame.received == frame.length:
                    self._frame = None
                continue
            if self._skip:
                taken = min(self._skip, end - at)
                self._skip -= taken
                at += taken
                continue
            piece = bytes(data[at : at + _HEADER_SIZE - len(self._header)])
            self._header += piece
            at += len(piece)
            if len(self._header) == _HEADER_SIZE:
                frame = ScannedFrame(self._header)
                self._header = b""
                found.append(frame)
                self._frame = frame if frame.length else None
        return found
