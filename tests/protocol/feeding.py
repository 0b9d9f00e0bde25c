"""Feeds decoders in pieces, and reads the vectors. Any thread."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from hyper_jupyter.protocol import (
    EndOfStream,
    Fault,
    FrameDecoder,
    Output,
    ProtocolError,
    StreamType,
    SystemErr,
)

VECTORS = Path(__file__).parents[1] / "vectors"


def vectors(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((VECTORS / name).read_text(encoding="utf-8"))
    return content


def whole_stream(vector: dict[str, Any]) -> bytes:
    """All bytes of a vector of frames.json."""
    if vector["chunks_hex"] is not None:
        return b"".join(bytes.fromhex(chunk) for chunk in vector["chunks_hex"])
    data = b"".join(bytes.fromhex(part["hex"]) * part["times"] for part in vector["stream"])
    assert hashlib.sha256(data).hexdigest() == vector["stream_sha256"]
    return data


def reads(vector: dict[str, Any]) -> list[bytes]:
    """What the vector's reads return, in order."""
    if vector["chunks_hex"] is not None:
        return [bytes.fromhex(chunk) for chunk in vector["chunks_hex"]]
    data = whole_stream(vector)
    size = vector["read_size"] or len(data)
    return [data[at : at + size] for at in range(0, len(data), size)]


def cut(data: bytes, places: Iterable[int]) -> list[bytes]:
    """The data, cut at these places; empty pieces too where a place comes twice."""
    edges = [0, *sorted(places), len(data)]
    return [data[start:stop] for start, stop in pairwise(edges)]


def byte_by_byte(data: bytes) -> list[bytes]:
    return [data[at : at + 1] for at in range(len(data))]


def splits(data: bytes, most: int = 12) -> st.SearchStrategy[list[bytes]]:
    """The data in up to ``most + 1`` pieces."""
    places = st.lists(st.integers(0, len(data)), max_size=most)
    return places.map(lambda chosen: cut(data, chosen))


@dataclass
class Decoded:
    """What came out of a decoder: neighbouring outputs joined, so that splits do not show."""

    events: list[Output | SystemErr] = field(default_factory=list)
    fault: str = ""
    end: EndOfStream | None = None

    def add(self, event: Output | SystemErr) -> None:
        last = self.events[-1] if self.events else None
        if isinstance(event, Output) and isinstance(last, Output) and last.stream == event.stream:
            self.events[-1] = Output(event.stream, last.data + event.data)
        else:
            self.events.append(event)

    def of(self, stream: StreamType) -> bytes:
        return b"".join(
            event.data
            for event in self.events
            if isinstance(event, Output) and event.stream == stream
        )


def decode(chunks: Sequence[bytes], *, views: bool = False) -> Decoded:
    """Feed a new decoder with the chunks and the end; a ProtocolError ends it too.

    With ``views``, large payloads are not copied.
    """
    decoder = FrameDecoder()
    decoded = Decoded()
    try:
        for chunk in chunks:
            for event in decoder.cut(chunk) if views else decoder.receive_data(chunk):
                if isinstance(event, tuple):
                    stream, data = event
                    assert isinstance(data, bytes) or (views and len(data) >= 4096)
                    decoded.add(Output(stream, bytes(data)))
                elif isinstance(event, Fault):
                    decoded.fault = event.reason
                else:
                    decoded.add(event)
        decoded.end = decoder.receive_eof()
    except ProtocolError as error:
        decoded.fault = str(error)
    return decoded
