"""Every error that hyper_jupyter raises on purpose.

Layer: the lowest; imports nothing of ours. Any thread.

* :exc:`HyperJupyterError`
    * :exc:`ConnectionFailed`: no engine could be reached (nothing was received).
    * :exc:`ConnectionLost`: a connection that worked broke.
    * :exc:`ApiError`: the engine answered with an error status.
        * :exc:`NotFound`: 404, no such container.
        * :exc:`Conflict`: 409, the container's state does not allow it; also raised
          before asking, where an engine would hang or answer wrongly.
    * :exc:`ProtocolError` (Sans-I/O): the peer sent what the protocol does not allow.
    * :exc:`InvalidDetachKeys` (Sans-I/O, also a :exc:`ValueError`): a bad key sequence.
    * :exc:`InvalidSignature` (Sans-I/O, also a :exc:`ValueError`): one that cannot be made, or
      does not hold.
    * :exc:`SessionClosed`: input to a session that takes none (any more).
    * :exc:`ExpectTimeout`: the awaited output did not come in time.
    * :exc:`StreamEnded`: the stream ended before the awaited output came.

Any other exception out of this package is a bug: please report it.
"""

from __future__ import annotations

__all__ = [
    "ApiError",
    "Conflict",
    "ConnectionFailed",
    "ConnectionLost",
    "ExpectTimeout",
    "HyperJupyterError",
    "InvalidDetachKeys",
    "InvalidSignature",
    "NotFound",
    "ProtocolError",
    "SessionClosed",
    "StreamEnded",
]


class HyperJupyterError(Exception):
    """Root of all errors of this package.

    Attributes:
        hint: what the user can do next, one sentence; empty when there is nothing to say.
            Magics print it behind the message.
    """

    _hint = ""

    def __init__(self, message: str = "", *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint

    @property
    def hint(self) -> str:
        """What the user can do next."""
        return self._hint

    @hint.setter
    def hint(self, hint: str) -> None:
        # A note too: Python shows that below the message, in tracebacks.
        others = [note for note in getattr(self, "__notes__", ()) if note != self._hint]
        self.__notes__ = [*others, hint] if hint else others
        self._hint = hint


class ConnectionFailed(HyperJupyterError):
    """The engine could not be reached, or did not answer within the timeout.

    Attributes:
        unanswered: whether it was reached, and the request's time was over before its answer.
    """

    unanswered: bool = False


class ConnectionLost(HyperJupyterError):
    """An established connection broke before its stream was complete."""


class ApiError(HyperJupyterError):
    """The engine answered with an error status.

    Attributes:
        status: the HTTP status code.
        message: the engine's own text, one line, at most 2,000 characters.
    """

    status: int
    message: str

    def __init__(self, status: int, message: str, *, hint: str = "") -> None:
        super().__init__(message or f"the engine answered with status {status}", hint=hint)
        self.status = status
        self.message = message


class NotFound(ApiError):
    """404: no such container, image or exec."""


class Conflict(ApiError):
    """409: the state of the container does not allow what was asked."""


class ProtocolError(HyperJupyterError):
    """The peer sent bytes that the protocol does not allow."""


class InvalidDetachKeys(HyperJupyterError, ValueError):
    """A detach key sequence that engines do not accept."""


class InvalidSignature(HyperJupyterError, ValueError):
    """A request's signature that cannot be made, or that does not hold; the text says why."""


class SessionClosed(HyperJupyterError):
    """Input was sent to a session that takes none, or none any more; the text says why."""


class ExpectTimeout(HyperJupyterError):
    """``expect`` did not see its pattern in time; the text ends with what came last."""


class StreamEnded(HyperJupyterError):
    """The stream ended before ``expect`` saw its pattern; the text ends with what came last."""
