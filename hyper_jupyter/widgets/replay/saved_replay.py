"""The output beside a player, for readers without a kernel.

Layer: widgets. Pure; the user's thread.

A front end that shows the notebook without a kernel has no widget. So the output has a player of
its own, a whole page in a frame. The frame is sandboxed: what is in it reaches nothing of the
notebook's page. A front end that does not trust the notebook removes the frame, and shows the text.
"""

from __future__ import annotations

import html
from typing import Final

from hyper_jupyter.recording.page import Packed, page_of, tail_html
from hyper_jupyter.recording.recording import Header
from hyper_jupyter.recording.report import saved_element

__all__ = ["MOST", "saved_replay"]

MOST: Final = 8 * 1024 * 1024
"""Bytes of a packed recording that is put into a notebook."""

_LINE: Final = 16
_AROUND: Final = 150
"""Pixels of a line, about, and of what is above and below the panes."""


def saved_replay(
    header: Header, content: Packed, *, head: str, rows: int, embed: bool
) -> dict[str, str]:
    """Return the output by MIME type.

    Args:
        header: of the recording.
        content: the recording.
        head: what it is, in one line.
        rows: how many lines a pane shows.
        embed: whether it has a player of its own.
    """
    text = "\n".join(
        line
        for stream, lines in content.tail
        for line in ([f"[{stream}]"] if len(content.tail) > 1 else []) + lines
    )
    frame = ""
    if embed and len(content.data) <= MOST:
        page = html.escape(page_of(header, content, rows))
        height = (header.rows if header.tty else rows) * _LINE + _AROUND
        frame = (
            '<iframe sandbox="allow-scripts allow-popups allow-popups-to-escape-sandbox" '
            f'title="{html.escape(head)}" loading="lazy" '
            f'style="border:0;height:{height}px;width:100%" srcdoc="{page}"></iframe>'
        )
    elif embed:
        head += " It is too large to be saved with a player; save(…) writes a page that has one."
    lines = f"<details><summary>{html.escape(head)}</summary>{tail_html(content.tail)}</details>"
    return {
        "text/plain": f"{head}\n{text}",
        "text/html": saved_element(frame + lines),
    }
