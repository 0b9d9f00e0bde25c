"""What was found in output: a match that says where it was found.

Layer: session, store. Pure; any thread.
"""

from __future__ import annotations

import re
from typing import Any

__all__ = ["Match"]


class Match:
    """A :class:`re.Match`, and which pattern was found in which stream.

    It has all that a ``re.Match`` has, and :func:`isinstance` takes it for one. (``re.Match``
    itself can neither have attributes nor subclasses.) ``string`` is the text that was searched:
    what came after the last match, or the end of that.

    Attributes:
        which: the index of the pattern in the list that was given; 0 without a list.
        stream: ``"stdout"`` or ``"stderr"``.
        offset: of the match's end in its stream, in bytes.
    """

    __slots__ = ("_match", "offset", "stream", "which")

    def __init__(self, match: re.Match[Any], which: int, stream: str, offset: int) -> None:
        self._match = match
        self.which = which
        self.stream = stream
        self.offset = offset

    @property
    def before(self) -> Any:
        """What came between the last match and this one; of much, the last 64 KiB."""
        return self._match.string[: self._match.start()]

    @property
    def __class__(self) -> Any:
        return re.Match

    @__class__.setter
    def __class__(self, _: object) -> None:
        raise TypeError("a match's class cannot be changed")

    def __getattr__(self, name: str) -> Any:
        if name == "_match":  # while it is copied
            raise AttributeError(name)
        return getattr(self._match, name)

    def __getitem__(self, group: int | str) -> Any:
        return self._match[group]

    def __dir__(self) -> list[str]:
        return sorted({*dir(self._match), "before", "offset", "stream", "which"})

    def __repr__(self) -> str:
        match = self._match
        return (
            f"<Match: span={match.span()}, match={match.group()!r:.50}, "
            f"which={self.which}, stream={self.stream!r}>"
        )
