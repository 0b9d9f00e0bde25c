"""What the widgets need of a session, as types: what it shows, and how it is controlled.

Layer: widgets. Types only. All members may be used from any thread.

A session has both halves. Code that only shows output takes an :class:`OutputSource`, so that it
also works for something that is not attached to a container any more, such as a replay.
"""

# ruff: noqa: D102 - the members are those of Session, documented there

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping
from typing import Protocol

from hyper_jupyter import recording
from hyper_jupyter.protocol.frames import StreamType

__all__ = [
    "Container",
    "Controllable",
    "Controls",
    "Journal",
    "LiveSource",
    "OutputSource",
    "Reconnection",
    "Stall",
]


class Container(recording.Container, Protocol):
    """Which container the session belongs to."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...


class Controls(Protocol):
    """What the user can do now.

    Each text is empty if the action is possible, else the reason why it is not. ``leave`` is the
    exception: it says what detaching does, and ``heed`` whether few expect that. ``typing`` is
    whether the session can ever take input.
    """

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
    @property
    def follow(self) -> str: ...
    @property
    def kernel_end(self) -> str: ...
    @property
    def heed(self) -> bool: ...
    @property
    def typing(self) -> bool: ...


class Journal(recording.Journal, Protocol):
    """The bytes received so far, by stream and offset. Reading never blocks for long."""

    def start(self, stream: StreamType) -> int:
        """Return the offset of the first byte that is still kept."""

    def position(self, stream: StreamType, offset: int) -> int:
        """Return how many bytes of all streams arrived before the byte at ``offset``.

        At the end of the stream, return how many bytes of all streams have arrived.
        """

    def read_runs(
        self, stream: StreamType, offset: int, size: int
    ) -> tuple[int, bytes, array[float]]:
        """Read as ``read_at`` does; also return position, length and time of each run.

        Times are seconds since the epoch.
        """


class Stall(Protocol):
    """A time in which other code held the GIL, so that nothing could be read."""

    @property
    def at(self) -> float:
        """When it began, in seconds since the epoch."""

    @property
    def seconds(self) -> float:
        """How long it lasted, at least."""


class Reconnection(Protocol):
    """The next attempt to attach again."""

    @property
    def attempt(self) -> int:
        """Its number, from 1."""

    @property
    def at(self) -> float:
        """When it is made, by ``time.monotonic``."""

    @property
    def seconds(self) -> float:
        """The seconds until then; 0 while it is being made."""

    @property
    def error(self) -> str:
        """Why the last one failed, or what was cut, in one line."""


class OutputSource(recording.ReportSource, Protocol):
    """What a session shows: its output, its names, its state."""

    @property
    def container(self) -> Container: ...
    @property
    def host(self) -> str: ...
    @property
    def ended_at(self) -> float | None: ...
    @property
    def restarts(self) -> int: ...
    @property
    def paused(self) -> bool: ...
    @property
    def missing(self) -> Mapping[StreamType, int]: ...
    @property
    def reconnecting(self) -> Reconnection | None: ...
    @property
    def journal(self) -> Journal: ...

    @property
    def stalls(self) -> tuple[Stall, ...]:
        """The last 16 stalls, oldest first."""

    @property
    def stall_count(self) -> int:
        """How many stalls there were in all."""

    @property
    def stall_seconds(self) -> float:
        """How long all stalls lasted together."""

    @property
    def warnings(self) -> tuple[str, ...]:
        """Sentences for the user, for example that the oldest output is not kept. Often empty."""

    def watch_pauses(self) -> Callable[[], None]:
        """Learn from now on when the container is paused, and after detaching whether the engine
        has ended, if that is ours; return a function that ends this.
        """

    def subscribe(self, wake: Callable[[], None]) -> Callable[[], None]:
        """Call ``wake()`` after every change. It must return immediately.

        Returns:
            A function that ends the subscription.
        """


class Controllable(Protocol):
    """What the page can do with a session. Methods raise ``HyperJupyterError`` when refused."""

    def controls(self) -> Controls:
        """Return what is possible now, and what detaching would do."""

    def send(self, data: bytes | str, *, hidden: bool = False) -> object:
        """Write to the container's stdin.

        Args:
            data: what to write.
            hidden: keep it nowhere.
        """

    def send_eof(self) -> object:
        """End the container's input."""

    def detach(self) -> object:
        """Detach; the container keeps running."""

    def reconnect_now(self) -> object:
        """Make the next attempt to attach again now. No effect in another state."""

    def send_signal(self, signal: str) -> object:
        """Send a signal to the container's process."""

    def attach_again(self, *, start: bool) -> object:
        """Attach to the container again, after the end.

        Args:
            start: start the container first.
        """

    def follow_restarts(self) -> object:
        """Attach again after the end, or wait for the container's start, whenever it is started."""

    def resize(self, height: int, width: int) -> object:
        """Set the size of the container's terminal, in characters."""


class LiveSource(OutputSource, Controllable, Protocol):
    """A session that is both shown and controlled."""
