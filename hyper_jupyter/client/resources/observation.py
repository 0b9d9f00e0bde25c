"""Calls that look at a container: what it uses, its processes, changed files, ports.

Layer: client. Any thread; calls block the caller, at most for the client's timeout.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any, Final, Self

from hyper_jupyter.client.http.streaming import Closing, StreamingResponse
from hyper_jupyter.client.records import Change, Port, ProcessTable, Stats
from hyper_jupyter.client.records.fields import obj
from hyper_jupyter.client.resources.requests import ContainerRequests, require_list
from hyper_jupyter.exceptions import ApiError, Conflict, NotFound

__all__ = ["ObservationCalls", "StatsStream"]

_INTERVAL: Final = 1.0
"""Seconds between two readings, where each has to be asked for."""


class ObservationCalls(ContainerRequests):
    """Calls that look at one container."""

    def stats(self, container: str) -> Stats:
        """Read once what a running container uses. Takes a second, for the processor's share.

        Raises:
            Conflict: it does not run.
        """
        if self.profile.stats_are_streamed:
            reply = self.about_container(container, "GET", "/stats", {"stream": 0})
            reading = Stats.from_answer(reply.json())  # it has the reading before
            if reading is None:
                raise _not_running(container)
            return reading
        with self.watch_stats(container) as readings:
            next(readings)
            for reading in readings:
                return reading
        raise _not_running(container)

    def watch_stats(self, container: str) -> StatsStream:
        """Read every second what a running container uses, until it ends.

        Raises:
            Conflict: it does not run.
        """
        return StatsStream(self, container)

    def top(self, container: str, ps_args: str | None = None) -> ProcessTable:
        """List the processes of a running container.

        Args:
            container: its name or id.
            ps_args: arguments of ``ps``, such as ``"aux"`` or ``"-o pid,args"``. Docker runs the
                ``ps`` of the engine's machine, Podman that of the container.

        Raises:
            Conflict: it does not run.
            ApiError: there is no ``ps``.
        """
        params = {} if ps_args is None else {"ps_args": ps_args}
        try:
            reply = self.about_container(container, "GET", "/top", params)
        except ApiError as error:
            text = error.message.lower()
            if error.status == 500 and "ps" in text and "not found" in text:
                inside = self.profile.ps_runs_inside
                where = "the container" if inside else "the engine's machine"
                hint = f"The engine runs the command ps of {where}, which has none."
                instead = f" %hyper exec --wait {container} ps runs the container's own."
                error.hint = hint if inside else hint + instead
            if "is not running" in text:  # Docker names the container by its whole id
                raise _not_running(container) from None
            raise
        if not reply.body.strip():
            raise _not_running(container)  # Podman 4 then says nothing
        return ProcessTable.from_answer(reply.json())

    def diff(self, container: str) -> list[Change]:
        """List the files and folders that are not as in its image."""
        reply = self.about_container(container, "GET", "/changes")
        return [Change.from_row(row) for row in require_list(reply, "a list of changes")]

    def port(self, container: str) -> list[Port]:
        """List its ports that are published now, in the order of the container's ports."""
        inspected = self.about_container(container, "GET", "/json").json_object()
        ports = Port.from_bindings(obj(inspected, "NetworkSettings").get("Ports"))
        return [port for port in ports if port.host_port is not None]


class StatsStream(Closing):
    """Readings of what one container uses, as they come: an iterator, and a context manager.

    The thread that iterates is blocked until the next reading; any thread may :meth:`close` it.
    Iteration ends when the container has ended, or is closed.

    Args:
        requests: the engine.
        container: the container's name or id.

    Raises:
        Conflict: it does not run.
        NotFound: there is no such container; the hint has similar names.
    """

    def __init__(self, requests: ContainerRequests, container: str) -> None:
        self._requests = requests
        self._container = container
        self._closed = threading.Event()
        self._response: StreamingResponse | None = None
        if requests.profile.stats_are_streamed:
            self._response = requests.stream_about(container, "GET", "/stats", {"stream": 1})
            answers: Iterator[Any] = self._response.values()
        else:
            answers = self._poll()
        self._readings = self._read(answers)
        try:
            self._first: Stats | None = next(self._readings, None)
        except BaseException:
            self.close()
            raise
        if self._first is None:
            raise _not_running(container)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Stats:
        first, self._first = self._first, None
        return first if first is not None else next(self._readings)

    def close(self) -> None:
        """End the readings; a thread that waits for one returns at once."""
        self._closed.set()
        if self._response is not None:
            self._response.close()

    def _read(self, answers: Iterator[Any]) -> Iterator[Stats]:
        before: Stats | None = None
        for answer in answers:
            before = Stats.from_answer(answer, before)
            if before is None:
                break
            yield before
        self.close()

    def _poll(self) -> Iterator[Any]:
        """Ask again and again. Podman's own stream has a reading every five seconds."""
        known = False
        while True:
            try:
                reply = self._requests.about_container(
                    self._container, "GET", "/stats", {"stream": 0}
                )
            except (Conflict, NotFound):
                if known:
                    return  # it was removed meanwhile
                raise
            known = True
            if not reply.body.strip():
                return  # Podman 4, of a container that does not run
            yield reply.json()
            if self._closed.wait(_INTERVAL):
                return


def _not_running(container: str) -> Conflict:
    return Conflict(409, f"container {container} is not running", hint="Start it first.")
