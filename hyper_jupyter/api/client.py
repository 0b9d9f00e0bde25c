"""One engine as users hold it: its containers, and sessions with them.

Layer: api. It is thin: it puts client and session together. Any thread; calls block it.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping, Sequence
from typing import Any, Literal, Unpack

from hyper_jupyter.api.execs import CompletedExec, ExecCalls
from hyper_jupyter.api.moments import Moment, nanoseconds
from hyper_jupyter.api.session import Session
from hyper_jupyter.client import (
    CreateOptions,
    Discovery,
    EventStream,
    Filters,
    configured_detach_keys,
    hide_each,
    open_events,
    renamed_parameter,
)
from hyper_jupyter.exceptions import HyperJupyterError
from hyper_jupyter.session import AttachOptions, LogOptions, call_later, close_kept

__all__ = ["Client", "CompletedExec", "Tail"]  # old pickles name CompletedExec here


Tail = int | Literal["all"]
"""How many of a log's last lines."""


class Client(ExecCalls):
    """One engine: its containers, and sessions with them. Made by :func:`connect`."""

    def __init__(self, discovery: Discovery, **options: Any) -> None:
        super().__init__(discovery, schedule=call_later, **options)

    @renamed_parameter("c", "container")
    def attach(
        self,
        container: str,
        *,
        stdin: bool = True,
        stdout: bool = True,
        stderr: bool = True,
        logs: bool = False,
        stream: bool = True,
        detach_keys: str | None = None,
        ws: bool = False,
        tail: Tail | None = None,
        frames: bool = False,
        record_input: bool = False,
        resume: bool = True,
        follow_restarts: bool = False,
        follow_name: bool = False,
    ) -> Session:
        """Attach to a container. Returns once the engine has answered.

        The container may be running, or created: then the session waits for its start. If it is
        being restarted by its restart policy, the session waits for its next life. Of an
        exited container only the log can be read: with ``logs=True`` the session is that log, and
        has ended; with ``tail`` it has ended, too.

        Args:
            container: its name or id.
            stdin: type into it.
            stdout: receive its stdout.
            stderr: receive its stderr.
            logs: receive what it printed before.
            stream: receive what it prints from now on.
            detach_keys: such as ``"ctrl-p,ctrl-q"``; ``None`` takes the user's configuration, or
                else a rare sequence of our own.
            ws: attach by WebSocket, if a proxy in between blocks the upgrade. Then stdout and
                stderr come as one stream, and the input cannot be ended. Docker and Hyper only.
            tail: how many lines that it printed before to show above the live output, as
                ``session.history``; ``"all"`` is as many as are kept: 16 MiB, at most 500,000
                lines. ``logs`` adds nothing then. This may take up to three seconds.
            frames: keep the newest frames of the stream, to look at the protocol:
                ``session.frames()`` and ``session.view("frames")``.
            record_input: keep what is sent, for ``save(input=True)``; see
                :meth:`Session.keep_input`.
            resume: attach again by itself if the connection is cut while the container runs on.
                What it printed meanwhile is taken from its log; ``session.gaps`` says what was.
            follow_restarts: go on with the container's next life whenever it has ended and is
                started again, by its restart policy or by hand. A container that has ended may be
                attached then, too: the session waits for its start.
            follow_name: follow restarts, and go on with another container that takes the name when
                this one is removed.

        Raises:
            NotFound: no such container; the hint has similar names.
            Conflict: the container is paused, or has ended (without ``logs``, ``tail`` and
                ``follow_restarts``), or its log cannot be read (with ``logs``; with ``tail`` the
                history says so).
            InvalidDetachKeys: the key sequence is invalid or empty.
            ConnectionFailed: the engine did not answer within ``timeout`` seconds.
            HyperJupyterError: ``tail`` is not a number of lines.
        """
        if tail != "all":
            _check_tail(tail, 'None is no history, and "all" is all of it.')
        options = AttachOptions(
            stdin,
            stdout,
            stderr,
            logs,
            stream,
            detach_keys,
            ws,
            history=tail,
            follow_restarts=follow_restarts,
            follow_name=follow_name,
            frames=frames,
            resume=resume,
        )
        keys = configured_detach_keys(self.profile)
        session = Session.attach(self, container, options, configured_keys=keys)
        if record_input:
            session.keep_input()
        return session

    def run(
        self,
        image: str,
        command: str | Sequence[str] | None = None,
        *,
        name: str | None = None,
        tty: bool = False,
        stdin: bool = True,
        stdin_once: bool = False,
        env: Mapping[str, str | None] | Sequence[str] | None = None,
        auto_remove: bool = False,
        working_dir: str | None = None,
        labels: Mapping[str, str] | None = None,
        network: str | None = None,
        detach_keys: str | None = None,
        size: tuple[int, int] | None = None,
        resume: bool = True,
        follow_restarts: bool = False,
        **options: Unpack[CreateOptions],
    ) -> Session:
        """Create a container, attach to it, and start it. No output is missed.

        Args:
            image: ``"default"`` stands for :attr:`default_image`.
            command: a list, or a string for :func:`shlex.split`.
            name: ``None`` lets the engine choose.
            tty: give it a pseudo-terminal.
            stdin: open its stdin, and attach it.
            stdin_once: end its input when the client that has its stdin disconnects.
            env: as for :meth:`create`: a mapping, or ``NAME=value`` lines.
            auto_remove: remove it when it exits.
            working_dir: ``None`` is the image's own.
            labels: names and values.
            network: the network mode, such as ``"none"``.
            detach_keys: as for :meth:`attach`.
            size: rows and columns of its terminal at the start; ``None`` is 24 by 80. Docker before
                API 1.42 can set it only right after the start: a program that looks at once may
                still see a terminal without a size.
            resume: as for :meth:`attach`.
            follow_restarts: as for :meth:`attach`.
            options: the further options of :meth:`create`: ``ports={"80/tcp": 8080}``,
                ``volumes={"/data": "/in"}``, ``memory="512m"``, …

        Raises:
            HyperJupyterError: as for ``create``, :meth:`attach` and ``start``. A container that
                could not be started is removed.
        """
        env = hide_each(env)  # the values may be passwords, which tracebacks must not show
        container = self.create(
            image,
            command,
            name=name,
            tty=tty,
            stdin=stdin,
            stdin_once=stdin_once,
            env=env,
            auto_remove=auto_remove,
            working_dir=working_dir,
            labels=labels,
            network=network,
            size=size,
            **options,
        )
        return self.start_attached(
            container,
            stdin=stdin,
            detach_keys=detach_keys,
            size=size,
            follow_restarts=follow_restarts,
            resume=resume,
        )

    @renamed_parameter("c", "container")
    def start_attached(
        self,
        container: str,
        *,
        stdin: bool = True,
        detach_keys: str | None = None,
        size: tuple[int, int] | None = None,
        keep: bool = False,
        resume: bool = True,
        follow_restarts: bool = False,
    ) -> Session:
        """Attach to a container, then start it. No output from then on is missed.

        Args:
            container: its name or id. It was just created, or has ended.
            stdin: attach its stdin.
            detach_keys: as for :meth:`attach`.
            size: as for :meth:`run`, if it was created with the same.
            keep: do not remove the container if this fails.
            resume: as for :meth:`attach`.
            follow_restarts: as for :meth:`attach`.

        Raises:
            HyperJupyterError: as for :meth:`attach` and ``start``; then the container is removed,
                unless it is to be kept.
        """
        options = AttachOptions(
            stdin=stdin,
            detach_keys=detach_keys,
            follow_restarts=follow_restarts,
            resume=resume,
        )
        keys = configured_detach_keys(self.profile)
        try:
            return Session.attach(
                self, container, options, configured_keys=keys, start=True, size=size
            )
        except BaseException:
            if not keep:
                with contextlib.suppress(HyperJupyterError):  # the engine may have removed it
                    self.remove(container, force=True)
                close_kept(container)  # it may have been attached already
            raise

    def events(
        self,
        *,
        since: Moment | None = None,
        until: Moment | None = None,
        filters: Filters | None = None,
    ) -> EventStream:
        """Watch what happens on the engine.

        The result is an iterator of events, and blocks the thread that iterates. Ctrl-C ends that,
        and so does its ``close()``, from whatever thread; or use it in a ``with`` statement.

        Args:
            since: begin with earlier events, as far as the engine has kept them; a moment as for
                :meth:`logs`. ``None`` begins now, or if ``until`` is past with the oldest.
            until: end then, which may be a time to come. ``None`` goes on.
            filters: conditions, as the engine's API names them: ``{"type": "container", "event":
                ["start", "die"], "container": "web", "label": "app=shop"}``. Actions have Docker's
                names on every engine.

        Raises:
            HyperJupyterError: ``since`` or ``until`` is no moment, or the engine refuses a filter.
        """
        return open_events(
            self,
            since=None if since is None else nanoseconds(since),
            until=None if until is None else nanoseconds(until),
            filters=filters,
        )

    @renamed_parameter("c", "container")
    def logs(
        self,
        container: str,
        follow: bool = True,
        *,
        stdout: bool = True,
        stderr: bool = True,
        tail: int | None = None,
        since: Moment | None = None,
        until: Moment | None = None,
        timestamps: bool = False,
        details: bool = False,
        resume: bool = True,
    ) -> Session:
        """Read a container's log as a session without stdin.

        Its output has the engine's times, in panes and in the journal. Lines that the engine has
        cut are whole.

        Args:
            container: its name or id.
            follow: go on with what it prints from now on.
            stdout: read its stdout.
            stderr: read its stderr.
            tail: how many of the last lines to read; ``None`` is all.
            since: only what was printed then or later: an aware datetime, seconds since the epoch,
                or how long ago: a ``timedelta``, or a text such as ``"1h30m"``. A date as text is
                one, too: ``"2026-11-28T12:00"``, in this machine's time zone unless it names one.
            until: only what was printed then or earlier.
            timestamps: begin each line with the engine's time.
            details: begin each line with what the options of its log driver add, such as labels
                (``--log-opt labels=…``). Docker only; elsewhere it has no effect.
            resume: with ``follow``, go on by itself where the connection was cut.

        Raises:
            NotFound: no such container; the hint has similar names.
            HyperJupyterError: ``since`` or ``until`` is not a moment, ``tail`` is not a
                number of lines, or neither stream is wanted.
        """
        _check_tail(tail, "None is all of them.")
        if not (stdout or stderr):
            raise HyperJupyterError("neither stdout nor stderr is wanted: there is nothing to read")
        if until is not None and nanoseconds(until) <= time.time_ns():
            follow = False  # nothing that is still to come is wanted, and not all engines end then
        log = LogOptions(
            None if since is None else nanoseconds(since),
            None if until is None else nanoseconds(until),
            timestamps,
            details,
        )
        return Session.read_logs(
            self,
            container,
            follow=follow,
            stdout=stdout,
            stderr=stderr,
            tail=tail,
            log=log,
            resume=resume,
        )


def _check_tail(tail: object, hint: str) -> None:
    """Raise unless it is a number of lines, or ``None``."""
    if tail is not None and (isinstance(tail, bool) or not isinstance(tail, int) or tail < 0):
        raise HyperJupyterError(f"tail={tail!r} is not a number of lines", hint=hint)
