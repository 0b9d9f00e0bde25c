"""The message to a page that has a session's history.

Layer: widgets; no Jupyter. Publisher only.
"""

from __future__ import annotations

from typing import Final

from hyper_jupyter.protocol.frames import StreamType
from hyper_jupyter.recording import joint_line, shown_lines
from hyper_jupyter.widgets.page.messages import History
from hyper_jupyter.widgets.source import OutputSource

__all__ = ["SIZE", "history_message"]

SIZE: Final = 512 * 1024
"""Most characters of a history that a page gets."""

_NUMBERS: Final = {"stdout": int(StreamType.STDOUT), "stderr": int(StreamType.STDERR)}


def history_message(source: OutputSource, page: str) -> History:
    """Return the message that has a session's history.

    Args:
        source: the session.
        page: which page it is for.
    """
    history = source.history
    number = history.revision  # first: it may change, and then the page gets it again
    lines, left_out = shown_lines(history, SIZE)
    joints = {}
    for key, names in (("1", ["stdout"]), ("2", ["stderr"]), ("both", ["stdout", "stderr"])):
        note = history.note_for(*names)
        has_lines = any(line.stream in names for line in lines)
        joints[key] = joint_line(note) if note or has_lines else ""
    return {
        "type": "history",
        "page": page,
        "number": number,
        "lines": [(line.time, _NUMBERS[line.stream], line.text) for line in lines],
        "left_out": left_out,
        "joints": joints,
    }
