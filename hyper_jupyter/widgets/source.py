"""What a widget needs of a session, as types: sessions and replays both offer it.

Layer: widgets. Types only. All members may be used from any thread.
"""

# ruff: noqa: D102 - the members are those of Session, documented there

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection
from typing import Protocol

from hyper_jupyter.protocol.frames import StreamType

__all__ = ["Container", "Controls", "Journal", "Source", "Stall"]


class Container(Protocol):
    """Which container the session belongs to."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def image(self) -> str: ...


class Controls(Protocol):
    """What the user can do now: ``""``, or the reason why not; ``leave`` is always a line."""

    @property
    def stdin(self) -> str: ...
    @property
    def eof(self) -> str: ...
    @property
    def detach(self) -> str: ...
    @property
    def signal(self) -> str: ...
    @property
    def again(self) -> str: ...
    @property
    def start(self) -> str: ...
    @property
    def leave(self) -> str: ...


class Journal(Protocol):
    """The bytes received so far, by stream and offset."""

    def start(self, stream: StreamType) -> int:
        """Offset of the first byte that is still kept."""

    def end(self, stream: StreamType) -> int:
        """Bytes received so far."""

    def read_at(self, stream: StreamType, offset: int, size: int) -> tuple[int, bytes]:
        """Up to ``size`` bytes from ``offset``, or from the first that is kept; and which that is.

        ``b""`` at the end. Never blocks for long.
        """

    def position(self, stream: StreamType, offset: int) -> int:
        """How many bytes of all streams came before a byte, or before the next one of any."""

    def read_runs(
        self, stream: StreamType, offset: int, size: int
    ) -> tuple[int, bytes, array[float]]:
        """As :meth:`read_at`, and position, length and time (since the epoch) of each run."""


class Stall(Protocol):
    """A time in which other code kept the GIL and nothing could be read."""

    @property
    def at(self) -> float:
        """Its begin, in seconds since the epoch."""

    @property
    def seconds(self) -> float:
        """Its length at least."""


class Source(Protocol):
    """A session, seen from the page."""

    @property
    def name(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def exit_code(self) -> int | None: ...
    @property
    def error(self) -> Exception | None: ...
    @property
    def tty(self) -> bool: ...
    @property
    def terminal_size(self) -> tuple[int, int]:
        """Rows and columns of the container's terminal."""

    @property
    def container(self) -> Container: ...
    @property
    def engine(self) -> str: ...
    @property
    def host(self) -> str: ...
    @property
    def started_at(self) -> float: ...
    @property
    def ended_at(self) -> float | None: ...
    @property
    def wants(self) -> Collection[str]: ...
    @property
    def journal(self) -> Journal: ...

    @property
    def stalls(self) -> tuple[Stall, ...]:
        """The last 16, oldest first; their number and length in all are the next two."""

    @property
    def stall_count(self) -> int: ...
    @property
    def stall_seconds(self) -> float: ...

    @property
    def warnings(self) -> tuple[str, ...]:
        """Sentences for the user, such as that the oldest output is not kept; mostly none."""

    def controls(self) -> Controls:
        """What is possible now, and what leaving would do."""

    def send(self, data: bytes | str) -> object:
        """Write to stdin; raises ``HyperJupyterError`` where that is impossible."""

    def send_eof(self) -> object:
        """End the container's input."""

    def detach(self) -> object:
        """Leave; the container runs on."""

    def send_signal(self, signal: str) -> object:
        """Send a signal to the container's process."""

    def attach_again(self, *, start: bool) -> object:
        """Follow it by a new session, which its views show then; the container started first."""

    def resize(self, height: int, width: int) -> object:
        """Tell the container its terminal's size in characters."""

    def subscribe(self, wake: Callable[[], None]) -> Callable[[], None]:
        """Call ``wake()``, which returns at once, after any change. Returns the way out."""
