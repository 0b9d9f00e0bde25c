"""What following a container needs from the rest of its session.

Layer: session, lifecycle. Types only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from hyper_jupyter.session.rules.lives.between import Passage

__all__ = ["Rejoining"]


class Rejoining(Protocol):
    """Attaches the session; both methods block."""

    def attach(
        self,
        inspected: Mapping[str, Any],
        passage: Passage,
        end: Callable[[], float | None],
        begun: Callable[[], object],
    ) -> bool:
        """Attach to a life; return ``False`` if that did not succeed.

        Args:
            inspected: the container.
            passage: what happened since the last life that was seen.
            end: returns when that life has ended, if it has; ``None`` if that is not known.
            begun: is called on the I/O thread, before anything of that life is delivered.
        """

    def record(self, passage: Passage, begun: Callable[[], object]) -> bool:
        """Take the output of lives that came and went; return ``False`` if that did not succeed.

        Args:
            passage: what happened.
            begun: is called on the I/O thread, before anything of these lives is delivered.
        """

    def note_gap(self, text: str) -> None:
        """Mark that output is missing. Does not block."""

    def correct(self, text: str) -> None:
        """Mark what is waited for now, in place of what the last mark says. Does not block."""
