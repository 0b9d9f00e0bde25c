"""A session's marks, as pages are sent them.

Layer: widgets; no Jupyter. Publisher worker only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hyper_jupyter.protocol import StreamType
from hyper_jupyter.session.store.marks import Mark, newest_after
from hyper_jupyter.widgets.page.messages import Mark as MarkMessage

__all__ = ["MarkMessages"]


class MarkMessages:
    """Reads the marks of one session.

    Args:
        marks: returns all marks that are kept, oldest first.
        clean: takes out of a text what must not be saved.
    """

    def __init__(self, marks: Callable[[], Sequence[Mark]], clean: Callable[[str], str]) -> None:
        self._marks = marks
        self._clean = clean

    def __call__(self, number: int, count: int) -> list[MarkMessage]:
        """Return the newest marks after the one with a number, at most ``count``, oldest first."""
        return [self._message(mark) for mark in newest_after(self._marks(), number, count)]

    def within(self, stream: StreamType, first: int, last: int, count: int) -> list[MarkMessage]:
        """Return the marks from an offset of a stream to another, at most the newest ``count``."""
        marks = self._marks()
        found = [mark for mark in marks if first <= mark.offsets.get(stream, 0) <= last]
        return [self._message(mark) for mark in found[-count:]]

    def _message(self, mark: Mark) -> MarkMessage:
        return {
            "number": mark.number,
            "kind": str(mark.kind),
            "text": self._clean(mark.text),
            "time": mark.time,
            "position": mark.position,
            "offsets": {str(int(stream)): offset for stream, offset in mark.offsets.items()},
        }
