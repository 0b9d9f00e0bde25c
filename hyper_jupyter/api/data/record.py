"""Lines as records.

Layer: api, data. No I/O, no threads.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from hyper_jupyter.session import STREAM_NAMES, LineBatch

__all__ = ["Clock", "Record", "records_of"]

Clock = Literal["engine", "arrival"]


class Record(NamedTuple):
    r"""One line.

    Attributes:
        time: when the line ended, in seconds since the epoch, to within 5 milliseconds.
        stream: ``"stdout"`` or ``"stderr"``; on a TTY all is stdout.
        text: without its end (``\n`` or ``\r\n``), decoded as UTF-8; each invalid byte sequence is
            U+FFFD.
        number: counted from 1 in its stream; dropped lines count, too. 0 stands for bytes that are
            no longer kept: the text says how many. Lines from before the attachment count back:
            -1 is the last one of its stream.
        complete: whether the line is whole. It is not if it has not ended, or if its beginning may
            be among bytes that are not kept, or if this is a piece of it: a line of more than 1 MiB
            comes in pieces of that size, which have the same number.
        clock: whose time it is: ``"engine"`` for a log that is read, also of lines from before the
            attachment; ``"arrival"`` for output that came by an attachment.
    """

    time: float
    stream: str
    text: str
    number: int
    complete: bool
    clock: Clock


def records_of(batch: LineBatch, clock: Clock) -> Iterator[Record]:
    """Yield the lines of a batch as records."""
    texts = iter(batch.texts())
    for stream, time, count, number, complete in batch.spans:
        name = STREAM_NAMES[stream]
        # zip() stops at the end of the range before it takes a text.
        for each, text in zip(range(number, number + count), texts, strict=False):
            yield Record(time, name, text, each, complete, clock)
