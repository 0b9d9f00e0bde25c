"""Learns a container's exit code from the wait request, which is asked before attaching.

Layer: session. Made and opened in any thread; the callback comes on the I/O thread.

Asked afterwards, a container that removes itself is gone. API 1.30 and newer send the head of
the answer at once and the code when it is known; older ones send both at the end.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import quote

from hyper_jupyter.client import Deadline, EngineClient
from hyper_jupyter.exceptions import HyperJupyterError
from hyper_jupyter.protocol import ResponseHead
from hyper_jupyter.session.runtime import runtime
from hyper_jupyter.session.stream import Stream

__all__ = ["ExitWatch"]

_MAX_ANSWER = 64 * 1024


class ExitWatch:
    """One wait request.

    Args:
        client: the engine.
        container_id: whose exit.
        on_exit: ``(code)``; ``None`` where the engine ended the answer without a code.
    """

    def __init__(
        self, client: EngineClient, container_id: str, on_exit: Callable[[int | None], object]
    ) -> None:
        self._client = client
        self._path = f"/containers/{quote(container_id, safe='')}/wait"
        self._on_exit = on_exit
        self._answer = bytearray()
        self._stream: Stream | None = None

    def open(self, condition: str, deadline: Deadline) -> None:
        """Ask.

        Args:
            condition: ``"not-running"``, or ``"next-exit"`` for a container that has yet to
                start.
            deadline: for the connection; the answer may take as long as the container lives.

        Raises:
            ConnectionFailed: where the engine is not there.
        """
        sock, exchange = self._client.open(
            "POST", self._path, {"condition": condition}, deadline=deadline
        )
        self._stream = Stream(
            runtime().loop,
            sock,
            exchange,
            on_head=_ignore,
            on_data=self._receive,
            on_end=self._end,
            deadline=None,
        )
        self._stream.start()

    def close(self) -> None:
        """Stop waiting; the callback does not come any more."""
        if self._stream is not None:
            self._stream.close()

    def _receive(self, data: bytes) -> None:
        self._answer += data[: _MAX_ANSWER - len(self._answer)]

    def _end(self, error: HyperJupyterError | None) -> None:
        code: int | None = None
        try:
            if error is None:
                code = int(json.loads(self._answer)["StatusCode"])
        except (ValueError, KeyError, TypeError):
            pass
        self._on_exit(code)


def _ignore(head: ResponseHead) -> None:
    """The head says nothing that the body does not."""
