"""What a session is attached to: the requests for its streams, and calls about it.

Layer: session, attach. Any thread. Requests are values. The methods whose docstring says "Blocks"
call the engine; the others do not block.

A new kind of session is a new target, in a module of its own, as in ``exec_target.py``. Targets
make the paths of their requests themselves. Besides them only two watches of this layer have paths
of the engine's API: ``event_watch.py``, and ``liveness.py`` in ``lifecycle``.
"""

from __future__ import annotations

import enum
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Protocol
from urllib.parse import quote

from hyper_jupyter.client import Container, Deadline, EngineClient, check_websocket
from hyper_jupyter.exceptions import ConnectionLost, HyperJupyterError, NotFound
from hyper_jupyter.protocol import Exchange
from hyper_jupyter.protocol.log_entries import Entries
from hyper_jupyter.session.rules.container_state import is_settling
from hyper_jupyter.session.rules.plan import ConnectionScheme, Plan

__all__ = [
    "UPGRADE",
    "ContainerTarget",
    "Framing",
    "Stamps",
    "StreamRequest",
    "Target",
    "engine_end",
    "inspect_settled",
    "target_of",
]

UPGRADE: Final = {"Connection": "Upgrade", "Upgrade": "tcp"}
_SETTLE_STEP: Final = 0.05
"""Seconds between two inspects while the engine cleans up after a container's exit."""


class Framing(enum.Enum):
    """How to read the body of a stream."""

    RAW = "bytes as they are: the output of a TTY"
    FRAMES = "frames of stdout and stderr"
    MESSAGES = "messages of a WebSocket: stdout and stderr as one"


@dataclass(frozen=True, slots=True)
class Stamps:
    """How to read the timestamps in a log.

    Attributes:
        entries: how the engine cuts long lines.
        keep: leave the stamp of each line at its start.
        details: entries have the log driver's details.
        joined: join whole lines of one millisecond.
    """

    entries: Entries
    keep: bool
    details: bool = False
    joined: bool = False


@dataclass(frozen=True, slots=True)
class StreamRequest:
    """A request whose answer is a stream.

    Attributes:
        method: ``"POST"`` or ``"GET"``.
        path: the path without the API version; it starts with a slash.
        params: the query.
        headers: added to the headers of every request.
        body: sent as JSON unless it is ``None``.
        framing: how to read the answer.
        upgrade: whether the answer should be 101. An engine's 200 carries the same stream. A 200
            from a proxy in between may mean that the proxy holds back what is typed.
        stamps: set if it is a log with timestamps.
    """

    method: str
    path: str
    params: Mapping[str, str]
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    framing: Framing = Framing.RAW
    upgrade: bool = False
    stamps: Stamps | None = None

    def dial(self, client: EngineClient, deadline: Deadline) -> tuple[socket.socket, Exchange]:
        """Connect to the engine; send nothing yet. Blocks.

        Raises:
            ConnectionFailed: the engine cannot be reached.
        """
        return client.open(
            self.method,
            self.path,
            self.params,
            headers=self.headers,
            body=self.body,
            deadline=deadline,
            websocket=self.framing is Framing.MESSAGES,
        )


class Target(Protocol):
    """What a session is attached to."""

    @property
    def container(self) -> Container:
        """The container itself, or the one that the target belongs to."""

    @property
    def key(self) -> str:
        """Finds its kept connections again: the container's id, or its own."""

    @property
    def waits(self) -> bool:
        """Whether the engine has a wait request for it."""

    def renew(self, plan: Plan) -> None:
        """Make requests by another plan from now on."""

    def move(self, container: Container) -> None:
        """Make requests about another container from now on."""

    def check_engine(self) -> None:
        """Make sure that the engine which has the container has not ended, if that is ours.

        Raises:
            ConnectionLost: it has ended.
        """

    def attach_request(self) -> StreamRequest:
        """Return the request for the stream that carries the output."""

    def input_request(self) -> StreamRequest:
        """Return the request for a stream that carries only stdin."""

    def log_request(self, *, follow: bool, tail: int | None = None) -> StreamRequest:
        """Return the request for the log.

        Args:
            follow: whether it goes on with new output.
            tail: how many of the last lines to read; ``None`` is what the session's options say.
        """

    def wait_request(self, condition: str) -> StreamRequest:
        """Return the request whose answer is the exit code.

        Args:
            condition: ``"not-running"``, or ``"next-exit"`` for a container that has not started.
        """

    def check(self, deadline: Deadline) -> None:
        """Make sure that the attach request does no harm. Blocks.

        Raises:
            HyperJupyterError: it would do harm, or that cannot be found out.
        """

    def state(self) -> Mapping[str, Any] | None:
        """Return inspect's ``State``; ``None`` if the container is gone. Blocks.

        Raises:
            HyperJupyterError: the engine did not answer, or answered with an error.
        """

    def start(self) -> None:
        """Start it. Blocks."""

    def resize(self, height: int, width: int) -> None:
        """Set the size of its terminal, in character cells. Blocks."""

    def signal(self, signal: str | int) -> None:
        """Send a signal to its process. Blocks."""

    def describe(self) -> str:
        """Return its description, such as ``"container web"``."""


class ContainerTarget:
    """A container's stdio, or only its log.

    Args:
        client: the engine.
        container: the container.
        plan: the session's plan.

    Attributes:
        container: the container.
        key: its id.
    """

    __slots__ = ("_client", "_instance", "_plan", "container", "key")

    waits = True

    def __init__(self, client: EngineClient, container: Container, plan: Plan) -> None:
        self.container = container
        self.key = container.id
        self._client = client
        self._instance = client.instance
        self._plan = plan

    def renew(self, plan: Plan) -> None:
        """Make requests by another plan from now on."""
        self._plan = plan

    def move(self, container: Container) -> None:
        """Make requests about another container from now on."""
        self.container = container
        self.key = container.id

    def attach_request(self) -> StreamRequest:
        """Return the request for the stream that carries the output."""
        if self._plan.scheme is ConnectionScheme.LOG:
            return self._log_stream()
        return self._attach(self._plan.output_params())

    def input_request(self) -> StreamRequest:
        """Return the request for a stream that carries only stdin."""
        return self._attach(self._plan.stdin_params())

    def log_request(self, *, follow: bool, tail: int | None = None) -> StreamRequest:
        """Return the request for the log."""
        # A log is a plain answer everywhere except at Hyper: its documentation shows a 101.
        headers = UPGRADE if self._plan.profile.log_asks_for_upgrade else {}
        return StreamRequest(
            "GET",
            f"{self._path}/logs",
            self._plan.log_params(follow=follow, tail=tail),
            headers,
            framing=Framing.RAW if self._plan.tty else Framing.FRAMES,
        )

    def wait_request(self, condition: str) -> StreamRequest:
        """Return the request whose answer is the exit code."""
        return StreamRequest("POST", f"{self._path}/wait", {"condition": condition})

    def check(self, deadline: Deadline) -> None:
        """Make sure that a request for a WebSocket does the container no harm. Blocks."""
        if self._plan.options.ws and self._plan.scheme is not ConnectionScheme.LOG:
            check_websocket(self._client, self.container.id, deadline)

    def state(self) -> Mapping[str, Any] | None:
        """Return inspect's ``State``; ``None`` if the container is gone. Blocks."""
        self.check_engine()
        try:
            return self._client.inspect(self.container.id).get("State") or {}
        except NotFound:
            return None
        finally:
            self.check_engine()  # a call that finds the engine dead asks another one

    def start(self) -> None:
        """Start it. Blocks."""
        self.check_engine()
        self._client.start(self.container.id)

    def resize(self, height: int, width: int) -> None:
        """Set the size of its terminal, in character cells. Blocks."""
        self.check_engine()
        self._client.resize(self.container.id, height, width)

    def signal(self, signal: str | int) -> None:
        """Send a signal to its process. Blocks."""
        self.check_engine()
        self._client.kill(self.container.id, signal)

    def describe(self) -> str:
        """Return its description."""
        return f"container {self.container.name}"

    def check_engine(self) -> None:
        """Raise ConnectionLost if the engine that has the container has ended."""
        if self._instance is not None:
            self._instance.check()

    @property
    def _path(self) -> str:
        return f"/containers/{quote(self.container.id, safe='')}"

    def _attach(self, params: Mapping[str, str]) -> StreamRequest:
        websocket = self._plan.options.ws
        framing = Framing.RAW if self._plan.tty else Framing.FRAMES
        return StreamRequest(
            "GET" if websocket else "POST",
            f"{self._path}/attach" + ("/ws" if websocket else ""),
            params,
            {**UPGRADE, "Content-Type": "text/plain"},
            framing=Framing.MESSAGES if websocket else framing,
            upgrade=True,
        )

    def _log_stream(self) -> StreamRequest:
        """Return the request for the log, with times, which is read without attaching."""
        plan = self._plan
        request = self.log_request(follow=plan.options.stream)
        if plan.log is None:
            return request
        details = plan.log.details and plan.profile.log_has_details
        stamps = Stamps(
            plan.profile.log_entries, plan.log.timestamps, details, joined=not plan.log.exact
        )
        more = {name: plan.profile.log_moment(name, at) for name, at in plan.log.limits.items()}
        if details:
            more["details"] = "1"
        return replace(request, params={**request.params, "timestamps": "1", **more}, stamps=stamps)


def target_of(client: EngineClient, container: Container, plan: Plan) -> Target:
    """Return the target that a plan is for."""
    return ContainerTarget(client, container, plan)


def has_successor(client: EngineClient, container: Container) -> bool:
    """Whether another container has the name of one that was removed. Blocks for one call."""
    try:
        found = Container.from_inspect(client.inspect(container.name))
    except HyperJupyterError:
        return False
    return found.name == container.name and found.id != container.id


def engine_end(target: Target) -> ConnectionLost | None:
    """Return an error if the engine was ours, and has ended; the client may have a new one."""
    try:
        target.check_engine()
    except ConnectionLost as error:
        return error
    return None


def inspect_settled(client: EngineClient, container: str) -> dict[str, Any]:
    """Inspect a container; if it has just ended, wait until the engine has cleaned up after it.

    Blocks, for as long as the engine's profile allows.

    Raises:
        NotFound: no such container.
        ConnectionFailed: the engine cannot be reached, or did not answer in time.
    """
    until = time.monotonic() + client.profile.settles_after
    while True:
        inspected = client.inspect(container)
        if not is_settling(inspected.get("State") or {}) or time.monotonic() > until:
            return inspected
        time.sleep(_SETTLE_STEP)
