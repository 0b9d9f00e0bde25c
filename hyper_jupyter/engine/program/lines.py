"""Encodes output line by line: one frame for each line, with a time before it on request.

Layer: engine. No I/O here. Source: moby's log drivers keep one message per line, and so it sends
one frame per line.
"""

from __future__ import annotations

from datetime import UTC, datetime

from hyper_jupyter.engine.program.piece import Piece
from hyper_jupyter.protocol import encode_frame

__all__ = ["Lines", "rfc3339"]


def rfc3339(nanoseconds: int) -> str:
    """Return a time as docker writes it; 0 is Go's zero time."""
    if not nanoseconds:
        return "0001-01-01T00:00:00Z"
    seconds, rest = divmod(nanoseconds, 1_000_000_000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest:09}Z"


class Lines:
    """Encodes pieces of output; keeps for each stream whether a line has begun.

    A line that a program has left unfinished ends with it: what its next run prints has a time of
    its own, though no newline is between them, as on Docker.

    Args:
        framed: whether each line is a frame.
        timestamps: whether each line begins with its time.
        details: whether the log's further attributes of each line follow that: there are none, and
            the blank after them stays.
    """

    def __init__(self, *, framed: bool, timestamps: bool = False, details: bool = False) -> None:
        self._framed = framed
        self._timestamps = timestamps
        self._details = details
        self._inside: dict[int, int] = {}  # streams whose line has begun, and in which run
        self._headers: dict[tuple[int, int], bytes] = {}

    def encode(self, piece: Piece) -> bytes:
        """Return the bytes to send for a piece: a frame per line, complete or not."""
        stream, time, data, run = piece
        prefixed = self._timestamps or self._details
        if not self._framed and not prefixed:
            return data
        parts: list[bytes] = []
        stamp = f"{rfc3339(time)} ".encode() if self._timestamps else b""
        stamp += b" " if self._details else b""
        inside = self._inside.get(stream) == run
        for line in data.split(b"\n"):
            parts.append(line if inside or not prefixed else stamp + line)
            inside = False
        last = parts.pop()
        encoded = [part + b"\n" for part in parts]
        if data.endswith(b"\n"):
            self._inside.pop(stream, None)
        else:
            encoded.append(last)
            self._inside[stream] = run
        if self._framed:
            return b"".join([self._frame(stream, each) for each in encoded])
        return b"".join(encoded)

    def _frame(self, stream: int, line: bytes) -> bytes:
        # Logs have millions of lines of few different lengths (at most 32 KiB): cache the headers.
        key = (stream, len(line))
        header = self._headers.get(key)
        if header is None:
            frame = encode_frame(stream, line)
            self._headers[key] = frame[: len(frame) - len(line)]
            return frame
        return header + line
