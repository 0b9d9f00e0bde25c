"""What the I/O thread calls for one session: stores output, reports it and its end.

Layer: session, attach. I/O thread only, under no lock while it calls out. The user's object is
:class:`hyper_jupyter.session.Session`, which holds one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from hyper_jupyter.exceptions import HyperJupyterError
from hyper_jupyter.protocol import Output, StreamType
from hyper_jupyter.session.attach.connection import Connection
from hyper_jupyter.session.rules.plan import Plan
from hyper_jupyter.session.store.journal import Journal

__all__ = ["EndObserver", "Receiver"]


class EndObserver(Protocol):
    """Learns what bears on the end of a session."""

    leaving: bool

    def receive_output(self, *, kept: bool) -> None:
        """Take the news of output; ``kept`` where some of it was stored."""

    def receive_end(self, connection: Connection, error: HyperJupyterError | None) -> None:
        """Take a connection's end."""


class Receiver:
    """Receives for one session what its connections carry.

    Args:
        journal: where output is stored.
        plan: of the session.
        on_output: called after output was stored.

    Attributes:
        ending: learns of output and of ends; set before a connection is opened.
    """

    ending: EndObserver

    def __init__(self, journal: Journal, plan: Plan, on_output: Callable[[], object]) -> None:
        self._journal = journal
        self._on_output = on_output
        self._banner = plan.profile.detach_banner
        wanted = {
            StreamType.STDOUT: plan.options.stdout,
            StreamType.STDERR: plan.options.stderr,
        }
        self._wanted = frozenset(stream for stream, is_wanted in wanted.items() if is_wanted)

    def receive_output(self, outputs: Sequence[Output]) -> None:
        """Store what one read gave, as far as the session wants it."""
        if len(self._wanted) < 2:  # a connection that others share has both streams
            outputs = [output for output in outputs if output.stream in self._wanted]
        if self._banner and self.ending.leaving:
            outputs = [
                Output(stream, rest)
                for stream, data in outputs
                if (rest := data.removesuffix(self._banner))
            ]
        self._journal.extend(outputs)
        self.ending.receive_output(kept=bool(outputs))
        self._on_output()

    def receive_end(self, connection: Connection, error: HyperJupyterError | None) -> None:
        """Report a connection's end."""
        self.ending.receive_end(connection, error)
