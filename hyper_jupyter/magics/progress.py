"""Progress of long calls: a bar for each part, in a notebook and in a terminal.

Layer: magics. The user's thread, which makes the call. No clock thread: what comes too fast is
shown with the next step, and all of it at the end.
"""

from __future__ import annotations

import html
import sys
import time
import uuid
from dataclasses import dataclass
from typing import Final, Self

from hyper_jupyter.magics.quantities import size_text
from hyper_jupyter.recording.screen.style import NO_MATH
from hyper_jupyter.widgets.kernel import is_terminal, publish

__all__ = ["ProgressBars"]

_PAUSE: Final = 0.1
"""Seconds between two updates of the page."""

_WIDTH: Final = 40
"""Characters of a bar."""

_MOST: Final = 200
"""Bars that are shown. An image has at most 127 layers."""


@dataclass(slots=True)
class _Part:
    status: str = ""
    current: int | None = None
    total: int | None = None

    @property
    def amount(self) -> str:
        if self.current is None:
            return ""
        of = f"/{size_text(self.total)}" if self.total else ""
        return f"{size_text(self.current)}{of}"

    @property
    def bar(self) -> str:
        if self.current is None or not self.total:
            return ""
        done = min(_WIDTH, _WIDTH * self.current // self.total)
        return f"[{'=' * done}{'>' if done < _WIDTH else ''}".ljust(_WIDTH + 2) + "]"

    def line(self, name: str) -> str:
        head = f"{name}: {self.status}" if name else self.status
        return " ".join(word for word in (head, self.bar, self.amount) if word)


class ProgressBars:
    """Shows how far the parts of a call are, one line for each. Use it in a ``with``.

    In a notebook the lines are one output, which the saved notebook keeps as it was at the end. In
    a terminal they are drawn over. Elsewhere only changes of a status are printed.
    """

    def __init__(self) -> None:
        self._parts: dict[str, _Part] = {}
        self._display_id = f"hyper_jupyter-{uuid.uuid4().hex}"
        self._terminal = is_terminal()
        self._redraws = self._terminal and sys.stdout.isatty()
        self._drawn = 0  # lines in the terminal, or 1 once the output is published
        self._due = 0.0
        self._changed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._draw()

    def update(
        self, name: str, status: str, current: int | None = None, total: int | None = None
    ) -> None:
        """Show a step.

        Args:
            name: the part, such as a layer's id; empty for all of the call.
            status: in words; one line.
            current: bytes that are done, if they are counted.
            total: bytes in all, if they are known.
        """
        part = self._parts.get(name)
        if part is None:
            if len(self._parts) >= _MOST:
                return
            part = self._parts[name] = _Part()
        before = part.status
        part.status, part.current, part.total = status, current, total
        self._changed = True
        if self._terminal and not self._redraws:
            if status != before:
                print(f"{name}: {status}" if name else status)
            self._changed = False
        elif time.monotonic() >= self._due:
            self._draw()

    def _draw(self) -> None:
        if not self._changed:
            return
        self._changed = False
        self._due = time.monotonic() + _PAUSE
        lines = [part.line(name) for name, part in self._parts.items()]
        if self._redraws:
            up = f"\x1b[{self._drawn}A" if self._drawn else ""
            sys.stdout.write(up + "".join(f"\x1b[2K{line}\n" for line in lines))
            sys.stdout.flush()
            self._drawn = len(lines)
            return
        data = {"text/plain": "\n".join(lines), "text/html": self._page()}
        publish(data, self._display_id, update=bool(self._drawn))
        self._drawn = 1

    def _page(self) -> str:
        cell = '<td style="text-align: left; white-space: pre; padding: 0 10px 0 0">'
        rows = []
        for name, part in self._parts.items():
            bar = ""
            if part.current is not None and part.total:
                value = min(part.current, part.total)
                bar = f'<progress max="{part.total}" value="{value}"></progress>'
            words = (html.escape(text) for text in (name, part.status))
            cells = (*words, bar, html.escape(part.amount))
            rows.append("<tr>" + "".join(f"{cell}{text}</td>" for text in cells) + "</tr>")
        return f'<table class="{NO_MATH}"><tbody>{"".join(rows)}</tbody></table>'
