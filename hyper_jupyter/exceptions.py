"""All errors that hyper_jupyter raises on purpose.

Layer: the lowest; it imports nothing of this package. Any thread.

* :exc:`HyperJupyterError`
    * :exc:`ConnectionFailed`: no engine could be reached (nothing was received).
    * :exc:`ConnectionLost`: a connection that had worked broke.
    * :exc:`ApiError`: the engine answered with an error status.
        * :exc:`NotFound`: 404, no such container.
        * :exc:`Conflict`: 409, the container's state does not allow it. Also raised without a
          request if an engine would hang or answer wrongly.
    * :exc:`ProtocolError` (Sans-I/O): the peer sent bytes that the protocol does not allow.
    * :exc:`InvalidDetachKeys` (Sans-I/O, also a :exc:`ValueError`): the key sequence is invalid.
    * :exc:`InvalidSignature` (Sans-I/O, also a :exc:`ValueError`): a signature cannot be made, or
      does not hold.
    * :exc:`SessionClosed`: input to a session that takes none, or no longer takes any.
    * :exc:`ProcessFailed`: a program in a container could not be started, or has failed.
    * :exc:`ExpectTimeout`: the awaited output did not come in time.
    * :exc:`StreamEnded`: the stream ended before the awaited output came.

Any other exception from this package is a bug: please report it.
"""

from __future__ import annotations

from typing import Any

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
    "ProcessFailed",
    "ProtocolError",
    "SessionClosed",
    "StreamEnded",
]


class HyperJupyterError(Exception):
    """Root of all errors of this package.

    Attributes:
        hint: what the user can do next, in one sentence; empty if there is nothing to suggest.
            Magics print it after the message.
    """

    _hint = ""

    def __init__(self, message: str = "", *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint

    def __reduce__(self) -> tuple[Any, ...]:
        # Exceptions are copied, and sent to other processes, by a call with `args`: the message
        # alone, which is not all that each class here wants.
        return _made_again, (type(self), self.args, self.__dict__.copy())

    @property
    def hint(self) -> str:
        """What the user can do next."""
        return self._hint

    @hint.setter
    def hint(self, hint: str) -> None:
        # Also a note: Python shows notes below the message in tracebacks.
        others = [note for note in getattr(self, "__notes__", ()) if note != self._hint]
        self.__notes__ = [*others, hint] if hint else others
        self._hint = hint


def _made_again(
    kind: type[HyperJupyterError], arguments: tuple[Any, ...], state: dict[str, Any]
) -> HyperJupyterError:
    error = kind.__new__(kind)
    error.args = arguments
    error.__dict__.update(state)
    return error


class ConnectionFailed(HyperJupyterError):
    """The engine could not be reached, or did not answer within the timeout.

    Attributes:
        unanswered: whether the engine was reached but did not answer in time.
        absent: whether nothing listens at the engine's address.
    """

    unanswered: bool = False
    absent: bool = False


class ConnectionLost(HyperJupyterError):
    """An established connection broke before its stream was complete.

    Attributes:
        engine_ended: whether the engine has ended, and its containers with it.
        kernel_ended: whether that is because this process, the kernel, ends.
    """

    engine_ended: bool = False
    kernel_ended: bool = False


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
    """Engines do not accept the detach key sequence."""


class InvalidSignature(HyperJupyterError, ValueError):
    """A request's signature cannot be made, or does not hold; the text says why."""


class SessionClosed(HyperJupyterError):
    """Input was sent to a session that takes none, or no longer takes any; the text says why."""


class ProcessFailed(HyperJupyterError):
    """A program in a container could not be started, or ended with another code than 0.

    Attributes:
        exit_code: its exit code; ``None`` if that is not known.
    """

    def __init__(self, message: str = "", *, exit_code: int | None = None, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.exit_code = exit_code


class ExpectTimeout(HyperJupyterError):
    """``expect`` did not see its pattern in time; the text ends with the last output."""


class StreamEnded(HyperJupyterError):
    """The stream ended before ``expect`` saw its pattern; the text ends with the last output."""
