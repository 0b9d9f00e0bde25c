"""What went over a page's WebSockets, taken apart: Jupyter's messages and our outputs in them.

The frames have Jupyter's protocol ``v1.kernel.websocket.jupyter.org``: a count of offsets, the
offsets, then channel, header, parent header, metadata, content and buffers, one behind the other.
"""

from __future__ import annotations

import itertools
import json
import re
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


def is_link(url: str) -> bool:
    """Whether this is the address of a link: the kernel's own, or the server's for it."""
    return bool(re.search(r"^ws://127\.0\.0\.1:\d+/$|/hyper_jupyter/link/\d+$", url))


def parse_link(frame: bytes) -> tuple[dict[str, Any], list[bytes]]:
    """A message on a link: parts with their lengths in front."""
    parts = []
    while frame:
        (length,) = struct.unpack_from("<I", frame)
        parts.append(frame[4 : 4 + length])
        frame = frame[4 + length :]
    return json.loads(parts[0]), parts[1:]


Received = Iterable[tuple[bool, bytes]]
"""Frames in the order in which they came: whether by a link, and the bytes."""


def outputs(received: Received) -> Iterator[tuple[dict[str, Any], bytes]]:
    """The session's outputs, whatever page they are for."""
    for link, frame in received:
        if link:
            if frame.startswith(b"{"):
                continue  # the kernel's proof
            content, buffers = parse_link(frame)
        else:
            message = parse(frame)
            if message.type != "comm_msg" or message.content["data"].get("method") != "custom":
                continue
            content, buffers = message.content["data"]["content"], message.buffers
        if content.get("type") == "output":
            yield content, buffers[0] if buffers else b""


def assert_received(received: Received, stream: int, expected: bytes) -> int:
    """Every byte from the first that came is there, at its place, and is the right one.

    Gaps are allowed where the kernel has announced them, and only before the end.

    Returns:
        How many bytes were left out.
    """
    have: int | None = None
    left_out = 0
    for content, data in outputs(received):
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
