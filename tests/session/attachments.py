"""An attachment without an engine: a test says what has become of its connections."""

from __future__ import annotations

from hyper_jupyter.exceptions import HyperJupyterError


class ScriptedConnection:
    """Takes what is written, as long as a test says.

    Attributes:
        written: what it was given, in order.
        takes: whether there is room.
        opened: whether the engine has answered.
        ended: whether nothing will come any more.
        input_ended: whether it was half-closed.
        closed: whether it was closed by us.
        closing: whether it is closed, and its end is not reported yet.
        kept: whether its end ends the container's input.
    """

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.takes = True
        self.opened = True
        self.ended = False
        self.error: HyperJupyterError | None = None
        self.input_ended = False
        self.closed = False
        self.kept = False
        self.closing = False
        self.timeouts: list[float | None] = []

    @property
    def gone(self) -> bool:
        return self.ended or self.closing

    def write(self, data: bytes, timeout: float | None) -> bool:
        if self.takes and not self.ended:
            self.written.append(data)
        self.timeouts.append(timeout)
        return self.takes and not self.ended

    def end_input(self) -> None:
        self.input_ended = True


class ScriptedAttachment:
    """Lists what is done with its connections.

    Attributes:
        output: carries the output.
        typed: carries stdin.
        happened: what was done, in order.
        input_used: whether stdin was ever used.
    """

    def __init__(self) -> None:
        self.output: ScriptedConnection | None = ScriptedConnection()
        self.typed = ScriptedConnection()
        self.happened: list[str] = []
        self.input_used = True

    def input(self) -> ScriptedConnection:
        self.input_used = True
        return self.typed

    def parked_input(self) -> None:
        return None

    def unsubscribe(self) -> None:
        self.happened.append("leave")

    def unsubscribe_output(self) -> None:
        self.happened.append("leave output")

    def end_input(self) -> None:
        self.happened.append("end input")
