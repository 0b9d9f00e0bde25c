"""Values in a stream: one JSON value per line, as engines send events, statistics and progress.

Layer: protocol. No I/O, no clock, no threads here.
"""

from __future__ import annotations

import json
from typing import Any, Final

from hyper_jupyter.exceptions import ProtocolError

__all__ = ["MAX_LINE", "JsonLines"]

MAX_LINE: Final = 1024 * 1024
"""Bytes of one line at most; engines' own lines have some kilobytes."""


class JsonLines:
    """Decodes a stream of lines. Lines end with LF or CRLF; empty ones are skipped.

    Args:
        limit: bytes of one line at most.
    """

    def __init__(self, limit: int = MAX_LINE) -> None:
        self._limit = limit
        self._rest = bytearray()
        self._fault = ""

    def receive_data(self, data: bytes | memoryview) -> list[Any]:
        """Take the next bytes.

        Returns:
            The values of the lines that are complete now.

        Raises:
            ProtocolError: a line is not JSON, or longer than the limit. What came before it is
                returned first: then this and every later call raises.
        """
        if self._fault:
            raise ProtocolError(self._fault)
        values: list[Any] = []
        try:
            *lines, rest = bytes(data).split(b"\n")
            for line in lines:
                self._add(line)
                self._decode(values)
            self._add(rest)
        except ProtocolError as error:
            self._fault = str(error)
            if not values:
                raise
        return values

    def receive_eof(self) -> list[Any]:
        """Take the end of the stream.

        Returns:
            The value of a last line that has no end.

        Raises:
            ProtocolError: that line is not JSON, or there was a fault before it.
        """
        if self._fault:
            raise ProtocolError(self._fault)
        values: list[Any] = []
        self._decode(values)
        return values

    def _add(self, piece: bytes) -> None:
        self._rest += piece[: self._limit + 1 - len(self._rest)]
        if len(self._rest) > self._limit:
            self._rest.clear()
            raise ProtocolError(f"a line of the answer is longer than {self._limit:,} bytes")

    def _decode(self, values: list[Any]) -> None:
        line = bytes(self._rest).strip()
        self._rest.clear()
        if line:
            try:
                values.append(json.loads(line))
            except (ValueError, RecursionError) as error:
                raise ProtocolError("a line of the engine's answer is not JSON") from error
