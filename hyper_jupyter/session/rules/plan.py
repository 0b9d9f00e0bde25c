"""A plan: which connections carry a session, and what is asked for on them.

Layer: session, rules. No I/O, no threads: values, any thread. :mod:`planning` and
:mod:`exec_plan`, beside this module, decide what a plan says.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

from hyper_jupyter.client import EngineProfile
from hyper_jupyter.exceptions import (
    ApiError,
    ConnectionFailed,
    HyperJupyterError,
    ProtocolError,
)
from hyper_jupyter.protocol import StreamType
from hyper_jupyter.session.rules.outcome import subject_of

__all__ = [
    "OWN_DETACH_KEYS",
    "WEBSOCKET_OFFER",
    "AttachOptions",
    "ConnectionScheme",
    "FirstSize",
    "InputEnd",
    "LogOptions",
    "Plan",
]

OWN_DETACH_KEYS: Final = "ctrl-^,ctrl-@"
"""The detach keys if the user chose none. With the engines' default, engines hold back every
Ctrl-P, which shells use. These two keys are hardly ever typed, and a program that receives them
takes no harm."""

_STREAMS: Final[Mapping[tuple[bool, bool], frozenset[StreamType]]] = {
    (True, True): frozenset({StreamType.STDOUT, StreamType.STDERR}),
    (True, False): frozenset({StreamType.STDOUT}),
    (False, True): frozenset({StreamType.STDERR}),
    (False, False): frozenset(),
}
"""The streams that are wanted, by whether stdout is and whether stderr is."""

WEBSOCKET_OFFER: Final = "%hyper_attach --ws (ws=True) attaches by WebSocket"
"""The other way to attach, for hints."""


@dataclass(frozen=True, slots=True)
class AttachOptions:
    """What to attach, and how: the six parameters of the attach request, and our own.

    Attributes:
        stdin: type into the container.
        stdout: receive its stdout.
        stderr: receive its stderr.
        logs: receive what it printed before.
        stream: receive what it prints from now on.
        detach_keys: the key sequence; ``None`` if the user named none.
        ws: attach by WebSocket, which does not separate stdout and stderr.
        tail: how many of a log's last lines to read; ``None`` is all.
        follow_restarts: attach again when it is started again.
        follow_name: go on with another container that takes its name, too.
        history: how many lines that it printed before to show above the live output, ``"all"`` for
            as many as are kept; ``None`` is none. Then ``logs`` adds nothing.
        frames: keep its newest frames, to look at the protocol.
        resume: attach again by itself if the connection is cut while the container runs on.
    """

    stdin: bool = True
    stdout: bool = True
    stderr: bool = True
    logs: bool = False
    stream: bool = True
    detach_keys: str | None = None
    ws: bool = False
    tail: int | None = None
    history: int | Literal["all"] | None = None
    frames: bool = False
    resume: bool = True
    follow_restarts: bool = False
    follow_name: bool = False

    @property
    def follows_lives(self) -> bool:
        """Whether the session goes on with the container's next life."""
        return (self.follow_restarts or self.follow_name) and self.stream

    @property
    def needs_run(self) -> bool:
        """Whether a container that has ended has nothing that is wanted."""
        wants_log = self.logs or self.history is not None
        return self.stream and not (wants_log or self.follows_lives)


class ConnectionScheme(enum.Enum):
    """Which connections carry a session."""

    ONE = "one connection for everything, closed when we detach"
    SPLIT = "output on one, stdin on a second one that is kept when we detach"
    SHARED = "one connection for all our sessions of this container, kept when we detach"
    LOG = "no attachment, only the log"


class FirstSize(enum.Enum):
    """When a terminal gets its first size, if the session starts the container."""

    CREATED = "it has one since its creation, or there is no terminal"
    BEFORE_START = "once the container is attached, before its start"
    AFTER_START = "right after the start: a fast program sees a terminal without a size"


class InputEnd(enum.Enum):
    """How the container's input can be ended."""

    NONE = "not at all"
    BYTE = "byte 04, which its terminal turns into the end of input"
    HALF_CLOSE = "half-close of the connection that carries stdin"


@dataclass(frozen=True, slots=True)
class LogOptions:
    """What to read of a log, besides its streams and how many lines.

    Attributes:
        since: only what was printed then or later, in nanoseconds since the epoch.
        until: only what was printed then or earlier.
        timestamps: whether lines begin with the engine's times.
        details: whether lines begin with what the options of the log driver add.
        exact: whether lines of one millisecond are not to be joined: to find a place in the log
            again, the time of each line has to be known.
    """

    since: int | None = None
    until: int | None = None
    timestamps: bool = False
    details: bool = False
    exact: bool = False

    @property
    def limits(self) -> dict[str, int]:
        """``since`` and ``until``, those that are set."""
        named = {"since": self.since, "until": self.until}
        return {name: at for name, at in named.items() if at is not None}


@dataclass(frozen=True, slots=True)
class Plan:
    """How to attach, or to read a log.

    Attributes:
        scheme: which connections to open.
        options: what the user wants.
        tty: whether the stream is raw.
        profile: the engine's profile.
        unstarted: whether the container has not run yet; then the exit to wait for is its first.
        start: start the container once its output is attached.
        detach_keys: the bytes that the engine looks for; empty if it looks for none.
        detach_spec: the detach keys as they are written in the request.
        stdin_reason: why nothing can be typed; empty if it can.
        input_end: how ``send_eof`` works.
        auto_remove: whether the container is gone once it has ended.
        restarts: whether the engine may start it again by itself when it has ended.
        log_readable: whether its log driver keeps a log that can be read.
        first_size: when to give its terminal a size.
        log_instead: the container has ended, so its log is all that there is, although the stream
            was wanted too.
        awaits_life: the container has ended, and its next start is waited for.
        run: which of the container's runs is attached: inspect's ``StartedAt``; empty if it is one
            that has yet to begin.
        finished: for a run that has yet to begin: when the one before has ended, inspect's
            ``FinishedAt``.
        log: what to read of the log, for a session of its own. Then it comes with the engine's
            times.
        command: the program and its arguments, for an exec; empty for a container's own process.
        exec_id: the id of that exec; empty before it is created, and for a container's own process.
        own_keys: keys in what is typed that we look for ourselves, because the engine must not.
        log_may_rotate: whether the beginning of the container's log may be gone.
    """

    scheme: ConnectionScheme
    options: AttachOptions
    tty: bool
    profile: EngineProfile
    unstarted: bool = False
    start: bool = False
    detach_keys: bytes = b""
    detach_spec: str = ""
    stdin_reason: str = ""
    input_end: InputEnd = InputEnd.NONE
    auto_remove: bool = False
    restarts: bool = False
    log_readable: bool = True
    first_size: FirstSize = FirstSize.CREATED
    log_instead: bool = False
    awaits_life: bool = False
    run: str = ""
    finished: str = ""
    log: LogOptions | None = None
    command: tuple[str, ...] = ()
    exec_id: str = ""
    own_keys: bytes = b""
    log_may_rotate: bool = False

    @property
    def resumes(self) -> bool:
        """Whether the session goes on by itself if its connection is cut.

        An exec cannot: its connection's end is the end of its input, and engines have no second
        attachment for it. A log that is read up to now is read at once.
        """
        return self.options.resume and self.goes_on and not self.command

    @property
    def subject(self) -> str:
        """What runs and ends, in words."""
        return subject_of(self.command)

    @property
    def goes_on(self) -> bool:
        """Whether all that comes from now on is wanted; else the engine ends the stream."""
        return self.options.stream and (self.log is None or self.log.until is None)

    @property
    def kind(self) -> Literal["attach", "exec", "logs"]:
        """What kind of session it is."""
        if self.command:
            return "exec"
        return "attach" if self.log is None else "logs"

    @property
    def wanted_streams(self) -> frozenset[StreamType]:
        """The streams that the session receives."""
        return _STREAMS[self.options.stdout, self.options.stderr]

    @property
    def mixes_streams(self) -> bool:
        """Whether stdout and stderr come as one stream, although there is no terminal."""
        return self.options.ws and not self.tty

    @property
    def can_prove_completeness(self) -> bool:
        """Whether the container's log can show that all output has come.

        Not where the streams come as one: the log's lines are in another order then.
        """
        attaches = self.scheme is not ConnectionScheme.LOG and self.options.stream
        return (
            attaches and self.log_readable and not self.mixes_streams and bool(self.wanted_streams)
        )

    @property
    def wanted(self) -> AttachOptions:
        """What the user wanted, also where ``options`` could not be that."""
        return replace(self.options, stream=True) if self.log_instead else self.options

    @property
    def wait_for_start(self) -> bool:
        """Whether the container waits to be started, and not by us."""
        return self.unstarted and not self.start

    @property
    def reads_log(self) -> bool:
        """Whether the session only reads a log, although more could be streamed to it."""
        return (
            self.scheme is ConnectionScheme.LOG and not self.log_instead
        ) or not self.wanted.stream

    @property
    def reads_log_apart(self) -> bool:
        """Whether earlier output has to be read from the log with a request of its own."""
        options = self.options
        attaches = self.scheme is not ConnectionScheme.LOG
        return attaches and self.profile.reads_log_apart and options.logs and options.stream

    @property
    def reads_whole_log(self) -> bool:
        """Whether the session only reads the log, and all of it up to now.

        A log that is followed may lack lines of a program that prints fast ("logs").
        """
        options = self.options
        limited = (
            options.stream
            or options.tail is not None
            or (self.log is not None and bool(self.log.limits))
        )
        streams = options.stdout and (options.stderr or self.tty)
        return self.scheme is ConnectionScheme.LOG and streams and not limited

    @property
    def has_input(self) -> bool:
        """Whether there is an input that the end of a connection may end.

        A container has one even where the session does not type: other clients may. An exec that
        was started without stdin has none.
        """
        return not self.command or not self.stdin_reason

    @property
    def can_use_websocket(self) -> bool:
        """Whether the same could be attached by WebSocket, which it is not.

        An exec has no such way, and neither has a log. By WebSocket the streams come as one.
        """
        attaches = self.scheme is not ConnectionScheme.LOG and not self.command
        both = self.tty or (self.options.stdout and self.options.stderr)
        return attaches and both and self.profile.has_websocket and not self.options.ws

    def output_params(self) -> dict[str, str]:
        """Return the query of the request for the connection that carries output.

        It always has all six parameters, because engines' defaults differ.
        """
        options = self.options
        typed = not self.stdin_reason and self.scheme is not ConnectionScheme.SPLIT
        shared = self.scheme is ConnectionScheme.SHARED
        return {
            "detachKeys": self.detach_spec,
            "logs": _flag(options.logs and not self.reads_log_apart),
            "stream": _flag(options.stream),
            "stdin": _flag(typed or shared),
            "stdout": _flag(options.stdout or shared),
            "stderr": _flag(options.stderr or shared),
        }

    def log_params(self, *, follow: bool, tail: int | None = None) -> dict[str, str]:
        """Return the query of a request for the log.

        Args:
            follow: whether to go on with what is printed from now on.
            tail: how many of the last lines to read; ``None`` is what the options say.
        """
        options = self.options
        tail = options.tail if tail is None else tail
        return {
            "stdout": _flag(options.stdout),
            "stderr": _flag(options.stderr),
            "follow": _flag(follow),
            "tail": "all" if tail is None else str(tail),
        }

    def other_way(self, error: HyperJupyterError) -> str:
        """Return a hint for an attach request that failed although the engine answers others.

        Args:
            error: how it failed.

        Returns:
            The error's own hint, or else one sentence; empty if there is nothing to suggest.
        """
        if isinstance(error, ApiError):
            if error.status == 404 and self.options.ws:
                # The call that does not exist is this one. Its own hint says less.
                return "The engine, or a proxy in between, has no attach by WebSocket."
            if error.hint or error.status in (401, 404, 409):
                return error.hint
        elif error.hint:
            return error.hint
        elif not isinstance(error, ConnectionFailed | ProtocolError):
            return ""
        if self.options.ws:
            return "A proxy in between may not let WebSocket through either."
        if not self.can_use_websocket:
            return ""
        return f"Where a proxy in between blocks upgrades, {WEBSOCKET_OFFER}."

    def stdin_params(self) -> dict[str, str]:
        """Return the query for the stdin-only connection of :attr:`ConnectionScheme.SPLIT`."""
        return {
            "detachKeys": self.detach_spec,
            "logs": "0",
            "stream": "1",
            "stdin": "1",
            "stdout": "0",
            "stderr": "0",
        }


def _flag(value: bool) -> str:
    return "1" if value else "0"
