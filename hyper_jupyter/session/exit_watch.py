"""Learns a container's exit code from the wait request, which is asked before attaching.

Layer: session. Made and opened in any thread; the callback comes on the I/O thread or on the
calls worker, once.

Asked afterwards, a container that removes itself is gone. API 1.30 and newer send the head of
the answer at once and the code when it is known; older ones send both at the end. A wait request
that breaks (a proxy's idle timeout, say) is asked again, after an inspect.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import quote

from hyper_jupyter.client import Deadline, EngineClient
from hyper_jupyter.exceptions import HyperJupyterError, NotFound
from hyper_jupyter.session.runtime import runtime
from hyper_jupyter.session.stream import Stream

__all__ = ["ExitWatch", "has_ended", "inspect_state", "is_unstarted"]

_MAX_ANSWER: Final = 64 * 1024
_AGAIN: Final = 1.0
"""Seconds until a broken wait request is asked again."""

_PATIENCE: Final = 2.0
"""Seconds that attaching waits for the head of the answer, which an engine may hold back."""

_UNSTARTED: Final = ("created", "configured", "initialized")

logger = logging.getLogger(__name__)


class ExitWatch:
    """Waits for one container's exit.

    Args:
        client: the engine.
        container_id: whose exit.
        on_exit: ``(code)``, once; ``None`` where nobody knows the code any more.
    """

    def __init__(
        self, client: EngineClient, container_id: str, on_exit: Callable[[int | None], object]
    ) -> None:
        self._client = client
        self._id = container_id
        self._on_exit = on_exit
        self._answer = bytearray()
        self._stream: Stream | None = None
        self._condition = ""
        self._answered = threading.Event()
        self._closed = False

    def open(self, condition: str, deadline: Deadline) -> None:
        """Ask.

        Args:
            condition: ``"not-running"``, or ``"next-exit"`` for a container that has yet to
                start.
            deadline: for the connection; the answer may take as long as the container lives.

        Raises:
            ConnectionFailed: where the engine is not there.
        """
        path = f"/containers/{quote(self._id, safe='')}/wait"
        sock, exchange = self._client.open(
            "POST", path, {"condition": condition}, deadline=deadline
        )
        self._condition = condition
        self._answer.clear()
        self._stream = Stream(
            runtime().loop,
            sock,
            exchange,
            on_head=lambda _: self._answered.set(),
            on_data=self._receive,
            on_end=self._receive_end,
            deadline=None,
        )
        self._stream.start()

    def await_answer(self, deadline: Deadline) -> None:
        """Wait until the engine waits: API 1.30 and newer send the head of the answer at once."""
        if self._client.api_at_least("1.30"):
            self._answered.wait(min(_PATIENCE, deadline.remaining() or _PATIENCE))

    def close(self) -> None:
        """Stop waiting; the callback does not come any more."""
        self._closed = True
        if self._stream is not None:
            self._stream.close()

    def _receive(self, data: bytes | memoryview) -> None:
        self._answer += data[: _MAX_ANSWER - len(self._answer)]

    def _receive_end(self, error: HyperJupyterError | None) -> None:
        self._answered.set()
        try:
            code = None if error is not None else int(json.loads(self._answer)["StatusCode"])
        except (ValueError, KeyError, TypeError):
            code = None
        polled = self._client.engine == "podman" and self._condition == "not-running"
        if code is None or (code == 0 and polled):
            # Podman 4.3 says 0 of a container that was removed while it polled.
            delay = _AGAIN if code is None else 0.0
            runtime().calls.call_later(delay, self._verify)
        else:
            self._on_exit(code)

    def _verify(self) -> None:
        """On the calls worker: ask inspect instead, and wait again where the container runs."""
        if self._closed:
            return
        try:
            state = inspect_state(self._client, self._id)
            if state is None:
                self._on_exit(None)
            elif has_ended(state):
                self._on_exit(state.get("ExitCode"))
            else:
                self.open(
                    "next-exit" if is_unstarted(state) else "not-running",
                    Deadline(self._client.timeout),
                )
        except HyperJupyterError as error:
            # The engine is gone, and with it whoever knew the code.
            logger.info("! the exit of %s is not watched any more: %s", self._id[:12], error)
            self._on_exit(None)


def inspect_state(client: EngineClient, container_id: str) -> Mapping[str, Any] | None:
    """Inspect's ``State``, ``None`` where the container is gone. Blocks.

    Raises:
        HyperJupyterError: where the engine cannot say.
    """
    try:
        return client.inspect(container_id).get("State") or {}
    except NotFound:
        return None


def is_unstarted(state: Mapping[str, Any]) -> bool:
    """Whether ``State`` is that of a container that has not run yet."""
    return state.get("Status") in _UNSTARTED


def has_ended(state: Mapping[str, Any]) -> bool:
    """Whether ``State`` is that of a container whose process is over.

    One that is being restarted is ``Running`` too; its exit code is the last one.
    """
    if state.get("Restarting"):
        return True
    alive = state.get("Running") or state.get("Status") in ("running", "paused")
    return not alive and not is_unstarted(state)
