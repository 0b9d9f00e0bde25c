"""What went over a page's websocket, taken apart: Jupyter's messages and our outputs in them.

The frames have Jupyter's protocol ``v1.kernel.websocket.jupyter.org``: a count of offsets, the
offsets, then channel, header, parent header, metadata, content and buffers, one behind the other.
"""

from __future__ import annotations

import itertools
import json
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Message:
    channel: str
    type: str
    content: dict[str, Any]
    buffers: list[bytes]


def parse(frame: bytes) -> Message:
    (count,) = struct.unpack_from("<Q", frame)
    offsets = struct.unpack_from(f"<{count}Q", frame, 8)
    parts = [frame[begin:end] for begin, end in itertools.pairwise(offsets)]
    channel, header, _, _, content, *buffers = parts
    kind = json.loads(header)["msg_type"]
    return Message(channel.decode(), kind, json.loads(content), buffers)


def outputs(frames: Iterable[bytes]) -> Iterator[tuple[dict[str, Any], bytes]]:
    """The session's outputs, whatever page they are for."""
    for frame in frames:
        message = parse(frame)
        if message.type == "comm_msg" and message.content["data"].get("method") == "custom":
            content = message.content["data"]["content"]
            if content.get("type") == "output":
                yield content, message.buffers[0] if message.buffers else b""


def assert_received(frames: Iterable[bytes], stream: int, expected: bytes) -> int:
    """Every byte from the first that came is there, at its place, and is the right one.

    Gaps are allowed where the kernel has announced them, and only before the end.

    Returns:
        How many bytes were left out.
    """
    have: int | None = None
    left_out = 0
    for content, data in outputs(frames):
        if content["stream"] != stream or not (data or content["skipped"]):
            continue
        offset, skipped = content["offset"], content["skipped"]
        assert data == expected[offset : offset + len(data)]
        if have is None:
            have = offset
        if offset - skipped > have:
            continue  # lost on the way: the page has to ask again
        left_out += max(0, offset - have)
        have = max(have, offset + len(data))
    assert have == len(expected)
    return left_out
