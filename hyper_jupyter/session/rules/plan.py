"""Which connections carry a session, so that detaching does not end the container.

Layer: session, rules. No I/O, no threads: pure functions of the engine's answer to inspect and of
its profile; any thread.

The rules were measured on Docker Engine 20.10 and 26.1 and Podman 4.3 and 5.4:

* TTY, or stdin not open: closing the connection is safe.
* Framed, ``StdinOnce``: the end of *any* connection that had stdin closes the container's
  input. So output gets a connection of its own. Stdin gets a second one. It is opened with the
  first byte typed, and kept when we detach.
* Podman, framed with stdin open (it ignores ``StdinOnce``): the end of a client that had stdin
  ends the container's input immediately. The end of any other client ends it when the container
  prints next. So all our sessions of a container share one connection, which is kept open and
  drained.
* By WebSocket (Podman has none) the same holds. But below API 1.42 Docker ignores which streams
  are requested: every connection has stdin, so with ``StdinOnce`` one is shared.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from hyper_jupyter.client import Container, EngineProfile
from hyper_jupyter.exceptions import (
    ApiError,
    Conflict,
    ConnectionFailed,
    HyperJupyterError,
    InvalidDetachKeys,
    ProtocolError,
)
from hyper_jupyter.protocol import StreamType, parse_detach_keys
from hyper_jupyter.session.rules.container_state import is_unstarted
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
    "empty_keys_error",
    "paused_error",
    "plan_attach",
    "plan_log",
]

OWN_DETACH_KEYS: Final = "ctrl-^,ctrl-@"
"""The detach keys if the user chose none. With the engines' default, engines hold back every
Ctrl-P, which shells use. These two keys are hardly ever typed, and a program that receives them
takes no harm."""

_ENDED: Final = ("exited", "dead", "removing", "stopped", "stopping")
"""States of a container that has ended, as engines call them."""

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
    """

    stdin: bool = True
    stdout: bool = True
    stderr: bool = True
    logs: bool = False
    stream: bool = True
    detach_keys: str | None = None
    ws: bool = False
    tail: int | None = None


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
    """

    since: int | None = None
    until: int | None = None
    timestamps: bool = False

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
        run: which of the container's runs is attached: inspect's ``StartedAt``; empty if it is one
            that has yet to begin.
        log: what to read of the log, for a session of its own. Then it comes with the engine's
            times.
        command: the program and its arguments, for an exec; empty for a container's own process.
        exec_id: the id of that exec; empty before it is created, and for a container's own process.
        own_keys: keys in what is typed that we look for ourselves, because the engine must not.
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
    run: str = ""
    log: LogOptions | None = None
    command: tuple[str, ...] = ()
    exec_id: str = ""
    own_keys: bytes = b""

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
        wanted = {
            StreamType.STDOUT: self.options.stdout,
            StreamType.STDERR: self.options.stderr,
        }
        return frozenset(stream for stream, is_wanted in wanted.items() if is_wanted)

    @property
    def can_prove_completeness(self) -> bool:
        """Whether the container's log can show that all output has come.

        Not where the streams come as one: the log's lines are in another order then.
        """
        attaches = self.scheme is not ConnectionScheme.LOG and self.options.stream
        mixed = self.options.ws and not self.tty
        return attaches and self.log_readable and not mixed and bool(self.wanted_streams)

    @property
    def wanted(self) -> AttachOptions:
        """What the user wanted, also where ``options`` could not be that."""
        return replace(self.options, stream=True) if self.log_instead else self.options

    @property
    def wait_for_start(self) -> bool:
        """Whether the container waits to be started, and not by us."""
        return self.unstarted and not self.start

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
            One sentence; empty if there is nothing to suggest.
        """
        if isinstance(error, ApiError):
            if error.status == 404 and self.options.ws:
                return "The engine, or a proxy in between, has no attach by WebSocket."
            if error.status in (401, 404, 409):
                return ""
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


def plan_attach(
    inspected: Mapping[str, Any],
    profile: EngineProfile,
    options: AttachOptions,
    configured_keys: str | None,
    *,
    start: bool = False,
) -> Plan:
    """Decide how to attach.

    Args:
        inspected: the engine's answer to inspect.
        profile: the engine's profile.
        options: what the user wants.
        configured_keys: ``detachKeys`` of the engine's configuration file.
        start: whether the container is started once its output is attached; then it may have
            ended.

    Raises:
        HyperJupyterError: a WebSocket is wanted and cannot carry this session.
        InvalidDetachKeys: the key sequence is invalid or empty.
        Conflict: the container's state does not allow it.
    """
    if options.detach_keys == "":
        raise empty_keys_error()
    spec = options.detach_keys or configured_keys or OWN_DETACH_KEYS
    try:
        keys = parse_detach_keys(spec)
    except InvalidDetachKeys as error:
        if options.detach_keys is None:
            error.hint = "The keys come from your engine's configuration file; you can name others."
        raise
    config = inspected.get("Config") or {}
    tty = bool(config.get("Tty"))
    open_stdin = bool(config.get("OpenStdin"))
    stdin_once = bool(config.get("StdinOnce"))
    state = inspected.get("State") or {}
    status = str(state.get("Status") or ("running" if state.get("Running") else "exited"))
    _check_state(Container.from_inspect(inspected).name, status, options, start=start)
    log_instead = status in _ENDED and options.stream and not start
    if log_instead:
        options = replace(options, stream=False)

    stdin_reason = _stdin_reason(options, log_instead=log_instead, open_stdin=open_stdin)

    once = open_stdin and stdin_once and not tty
    every_stream = options.ws and not profile.websocket_chooses_streams
    shared_ws = every_stream and options.stream and once
    if options.ws:
        _check_websocket(profile, options, tty=tty, shared=shared_ws)
    if not options.stream and profile.reads_log_apart:
        scheme = ConnectionScheme.LOG
    elif shared_ws or (profile.shares_stdio_connection and open_stdin and not tty):
        scheme = ConnectionScheme.SHARED
    elif once and options.stream and not stdin_reason:
        scheme = ConnectionScheme.SPLIT
    else:
        scheme = ConnectionScheme.ONE

    if stdin_reason:
        input_end = InputEnd.NONE
    elif tty:
        input_end = InputEnd.BYTE
    elif scheme in (ConnectionScheme.SPLIT, ConnectionScheme.SHARED) and not options.ws:
        input_end = InputEnd.HALF_CLOSE
    else:
        input_end = InputEnd.NONE

    looks_for_keys = tty and not stdin_reason
    host = inspected.get("HostConfig") or {}
    if profile.keys_on_framed_streams and not tty and options.detach_keys is None:
        spec = ""  # an empty sequence turns the search off
    return Plan(
        scheme=scheme,
        options=options,
        tty=tty,
        unstarted=is_unstarted(state),
        start=start,
        detach_keys=keys if looks_for_keys else b"",
        detach_spec=spec,
        stdin_reason=stdin_reason,
        input_end=input_end,
        profile=profile,
        auto_remove=bool(host.get("AutoRemove")),
        restarts=(host.get("RestartPolicy") or {}).get("Name") not in (None, "", "no"),
        log_readable=(host.get("LogConfig") or {}).get("Type")
        not in profile.unreadable_log_drivers,
        first_size=_first_size(inspected, profile) if start and tty else FirstSize.CREATED,
        log_instead=log_instead,
        run="" if start or is_unstarted(state) else str(state.get("StartedAt") or ""),
    )


def plan_log(
    inspected: Mapping[str, Any],
    profile: EngineProfile,
    *,
    follow: bool,
    stdout: bool,
    stderr: bool,
    tail: int | None,
    log: LogOptions | None = None,
) -> Plan:
    """Plan a session that reads a container's log and has no stdin.

    Args:
        inspected: the engine's answer to inspect.
        profile: the engine's profile.
        follow: go on with what the container prints from now on.
        stdout: read its stdout.
        stderr: read its stderr.
        tail: how many of the last lines to read; ``None`` is all.
        log: what else limits it.
    """
    state = inspected.get("State") or {}
    return Plan(
        scheme=ConnectionScheme.LOG,
        options=AttachOptions(
            stdin=False, stdout=stdout, stderr=stderr, logs=True, stream=follow, tail=tail
        ),
        tty=bool((inspected.get("Config") or {}).get("Tty")),
        profile=profile,
        stdin_reason="this session only reads the log",
        run="" if is_unstarted(state) else str(state.get("StartedAt") or ""),
        log=log or LogOptions(),
    )


def empty_keys_error() -> InvalidDetachKeys:
    """Return the error for an empty sequence of detach keys."""
    return InvalidDetachKeys(
        "invalid detach keys: the sequence is empty",
        hint="Name some, such as ctrl-p,ctrl-q, or leave the option out.",
    )


def paused_error(name: str) -> Conflict:
    """Return the error for a container that is paused."""
    return Conflict(
        409,
        f"container {name} is paused",
        hint=f"Unpause it first: %hyper unpause {name}",
    )


def _stdin_reason(options: AttachOptions, *, log_instead: bool, open_stdin: bool) -> str:
    if not options.stdin:
        return "attached without stdin"
    if log_instead:
        return "the container has ended: this is its log"
    if not options.stream:
        return "attached without the stream"
    if not open_stdin:
        return "the container's stdin is not open (it was created without -i)"
    return ""


def _first_size(inspected: Mapping[str, Any], profile: EngineProfile) -> FirstSize:
    if profile.resizes_before_start:
        return FirstSize.BEFORE_START
    size = (inspected.get("HostConfig") or {}).get("ConsoleSize")
    named = isinstance(size, list) and len(size) == 2 and all(size)
    return FirstSize.CREATED if named and profile.takes_console_size else FirstSize.AFTER_START


def _check_websocket(
    profile: EngineProfile, options: AttachOptions, *, tty: bool, shared: bool
) -> None:
    if not profile.has_websocket:
        raise HyperJupyterError(
            f"{profile.title} has no attach by WebSocket", hint="Leave --ws out."
        )
    if not tty and not (options.stdout and options.stderr):
        raise HyperJupyterError(
            "by WebSocket stdout and stderr come as one: neither can be left out",
            hint="Leave --ws out, or --no-stdout and --no-stderr.",
        )
    if shared and options.logs:
        raise HyperJupyterError(
            "the log cannot come with this attachment: its connection is kept and shared",
            hint="Leave --logs out, and read the log with %hyper logs NAME.",
        )


def _check_state(name: str, status: str, options: AttachOptions, *, start: bool) -> None:
    if status == "paused":
        raise paused_error(name)
    if status == "restarting":
        raise Conflict(409, f"container {name} is restarting", hint="Try again when it runs.")
    if status in _ENDED and options.stream and not options.logs and not start:
        raise Conflict(
            409,
            f"container {name} has ended: start it first",
            hint=f"%hyper start {name}, or read what it printed: %hyper_attach {name} --logs",
        )


def _flag(value: bool) -> str:
    return "1" if value else "0"
