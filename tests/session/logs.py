"""The log of a scripted engine: lines with times, of which requests get a part."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

from hyper_jupyter.protocol import StreamType, encode_frame
from tests.session.servers import HEAD_200, Peer

__all__ = ["ScriptedLog"]


class ScriptedLog:
    """Answers requests for the lines that a test adds.

    Attributes:
        queries: what was asked for, request by request.
    """

    def __init__(self) -> None:
        self.queries: list[dict[str, str]] = []
        self._lines: list[tuple[StreamType, bytes, float]] = []

    def add(self, *lines: bytes, age: float) -> None:
        """Add lines that were printed so many seconds ago; ``err…`` is a line of stderr."""
        for data in lines:
            stream = StreamType.STDERR if data.startswith(b"err") else StreamType.STDOUT
            self._lines.append((stream, data, time.time() - age))

    def __call__(self, peer: Peer) -> None:
        query = parse_qs(urlsplit(peer.request_line.split(" ")[1]).query)
        self.queries.append({name: values[0] for name, values in query.items()})
        asked = self.queries[-1]
        since, tail = float(asked.get("since", 0)), asked["tail"]
        lines = [line for line in self._lines if line[2] >= since]
        if tail != "all":
            lines = lines[len(lines) - min(len(lines), int(tail)) :]
        body = b""
        for stream, data, at in lines:
            moment = f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%S.%f}Z ".encode()
            body += encode_frame(stream, (moment if "timestamps" in asked else b"") + data)
        peer.send(HEAD_200 + body)
