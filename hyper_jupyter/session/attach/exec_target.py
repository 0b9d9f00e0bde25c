"""An exec as a session's target: a further program in a container.

Layer: session, attach. Any thread. The methods whose docstring says "Blocks" call the engine.

Its start request is answered with the stream. The engine has no wait request for it, no log and no
signal; its exit code comes from inspect.
"""

# ruff: noqa: ARG002 - a target is asked for more than an exec has

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hyper_jupyter.client import Container, Deadline, EngineClient, exec_path, inspect_exec
from hyper_jupyter.exceptions import Conflict, HyperJupyterError, NotFound
from hyper_jupyter.session.attach.target import UPGRADE, Framing, StreamRequest
from hyper_jupyter.session.rules.controls import NO_SIGNALS
from hyper_jupyter.session.rules.plan import Plan
from hyper_jupyter.session.rules.start_failure import start_failure

__all__ = ["ExecTarget"]


class ExecTarget:
    """A program that was started in a container.

    Args:
        client: the engine.
        container: the container.
        plan: the session's plan.
        identifier: of the exec, which is not started yet.
        output: returns the beginning of what the program, or the engine in its place, has printed.

    Attributes:
        container: the container.
        key: the id of the exec.
        waits: ``False``: engines have no wait request for execs.
    """

    __slots__ = ("_client", "_instance", "_output", "_path", "_plan", "container", "key")

    waits = False

    def __init__(
        self,
        client: EngineClient,
        container: Container,
        plan: Plan,
        identifier: str,
        output: Callable[[], bytes],
    ) -> None:
        self.container = container
        self.key = identifier
        self._client = client
        self._instance = client.instance
        self._plan = plan
        self._path = exec_path(identifier)
        self._output = output

    def renew(self, plan: Plan) -> None:
        """Raise: the end of its connection is the end of its input, and there is no second one."""
        raise Conflict(409, "an exec can be attached only once")

    def move(self, container: Container) -> None:
        """Raise: an exec belongs to one container."""
        raise Conflict(409, "an exec belongs to one container")

    def attach_request(self) -> StreamRequest:
        """Return the request that starts it, whose answer is its stream."""
        return StreamRequest(
            "POST",
            f"{self._path}/start",
            {},
            {**UPGRADE, "Content-Type": "application/json"},
            body={"Detach": False, "Tty": self._plan.tty},
            framing=Framing.RAW if self._plan.tty else Framing.FRAMES,
            upgrade=True,
        )

    def input_request(self) -> StreamRequest:
        """Raise: stdin travels with the output."""
        raise HyperJupyterError("an exec has one connection for everything")

    def log_request(self, *, follow: bool, tail: int | None = None) -> StreamRequest:
        """Raise: what it prints is in no log."""
        raise HyperJupyterError("an exec has no log")

    def wait_request(self, condition: str) -> StreamRequest:
        """Raise: engines have none for execs."""
        raise HyperJupyterError("an exec has no wait request")

    def check(self, deadline: Deadline) -> None:
        """Do nothing: the request does no harm."""

    def state(self) -> Mapping[str, Any] | None:
        """Return its state in the words of a container's; ``None`` if it is gone. Blocks.

        ``StartFailure`` says why there never was a process.
        """
        self.check_engine()
        try:
            found = inspect_exec(self._client, self.key)
        except NotFound:
            return None
        finally:
            self.check_engine()  # a call that finds the engine dead asks another one
        running, code = bool(found.get("Running")), found.get("ExitCode")
        status = "running" if running else "created" if code is None else "exited"
        pid_tells = self._client.profile.exec_pid_tells
        why = start_failure(found, self._output(), pid_tells=pid_tells)
        return {"Status": status, "Running": running, "ExitCode": code, "StartFailure": why}

    def start(self) -> None:
        """Do nothing: the request for its stream starts it."""

    def resize(self, height: int, width: int) -> None:
        """Set the size of its terminal, in character cells. Blocks."""
        self.check_engine()
        self._client.call("POST", f"{self._path}/resize", {"h": height, "w": width})

    def signal(self, signal: str | int) -> None:
        """Raise: engines send signals to a container's own process only."""
        raise Conflict(409, NO_SIGNALS)

    def describe(self) -> str:
        """Return its description."""
        return f"exec {self._plan.command[0]} in container {self.container.name}"

    def check_engine(self) -> None:
        """Raise ConnectionLost if the engine that has the container has ended."""
        if self._instance is not None:
            self._instance.check()
