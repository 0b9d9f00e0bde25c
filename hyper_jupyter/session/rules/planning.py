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

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from hyper_jupyter.client import PASSED_THROUGH, Container, EngineProfile, log_driver_of
from hyper_jupyter.exceptions import Conflict, HyperJupyterError, InvalidDetachKeys
from hyper_jupyter.protocol import parse_detach_keys
from hyper_jupyter.session.rules.container_state import is_unstarted
from hyper_jupyter.session.rules.lives.between import starts_by_itself
from hyper_jupyter.session.rules.lives.succession import count_of
from hyper_jupyter.session.rules.plan import (
    OWN_DETACH_KEYS,
    AttachOptions,
    ConnectionScheme,
    FirstSize,
    InputEnd,
    LogOptions,
    Plan,
)

__all__ = ["empty_keys_error", "may_return", "paused_error", "plan_attach", "plan_log"]

_ENDED: Final = ("exited", "dead", "removing", "stopped", "stopping")
"""States of a container that has ended, as engines call them."""


def plan_attach(
    inspected: Mapping[str, Any],
    profile: EngineProfile,
    options: AttachOptions,
    configured_keys: str | None,
    *,
    start: bool = False,
    returns: bool = False,
) -> Plan:
    """Decide how to attach.

    Args:
        inspected: the engine's answer to inspect.
        profile: the engine's profile.
        options: what the user wants.
        configured_keys: ``detachKeys`` of the engine's configuration file.
        start: whether the container is started once its output is attached; then it may have
            ended.
        returns: whether its restart policy is starting it again now, though no state says so.

    Raises:
        HyperJupyterError: a WebSocket is wanted and cannot carry this session.
        InvalidDetachKeys: the key sequence is invalid or empty.
        Conflict: the container's state or its log driver does not allow it.
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
    name = Container.from_inspect(inspected).name
    if not returns:
        _check_state(name, status, options, start=start, again=may_return(inspected, profile))
    driver = log_driver_of(inspected)
    if driver in profile.unattachable_log_drivers:
        raise _unattachable_error(name, driver)
    has_history = options.history is not None
    ended = status in _ENDED or status == "restarting"
    restarts = status == "restarting" or returns or options.follows_lives
    awaits_life = ended and restarts and options.stream and not start
    log_instead = status in _ENDED and options.stream and not start and not awaits_life
    if log_instead:
        options = replace(options, stream=False)
    if has_history:  # the log is read apart
        options = replace(options, logs=False, tail=None if options.stream else 0)

    stdin_reason = _stdin_reason(options, log_instead=log_instead, open_stdin=open_stdin)

    once = open_stdin and stdin_once and not tty
    every_stream = options.ws and not profile.websocket_chooses_streams
    shared_ws = every_stream and options.stream and once
    if options.ws:
        _check_websocket(profile, options, tty=tty, shared=shared_ws)
    if not options.stream and (profile.reads_log_apart or has_history):
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
        log_readable=driver not in profile.unreadable_log_drivers,
        first_size=_first_size(inspected, profile) if start and tty else FirstSize.CREATED,
        log_instead=log_instead,
        awaits_life=awaits_life,
        run="" if start or is_unstarted(state) else str(state.get("StartedAt") or ""),
        finished=str(state.get("FinishedAt") or "") if start or is_unstarted(state) else "",
        log_may_rotate=_log_may_rotate(inspected),
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
    resume: bool = True,
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
        resume: whether it goes on by itself if its connection is cut.
    """
    state = inspected.get("State") or {}
    return Plan(
        scheme=ConnectionScheme.LOG,
        options=AttachOptions(
            stdin=False,
            stdout=stdout,
            stderr=stderr,
            logs=True,
            stream=follow,
            tail=tail,
            resume=resume,
        ),
        tty=bool((inspected.get("Config") or {}).get("Tty")),
        profile=profile,
        stdin_reason="this session only reads the log",
        run="" if is_unstarted(state) else str(state.get("StartedAt") or ""),
        log=log or LogOptions(),
    )


def _log_may_rotate(inspected: Mapping[str, Any]) -> bool:
    """Return whether the beginning of the log may be gone: it has a limit, or an unknown one."""
    config = (inspected.get("HostConfig") or {}).get("LogConfig") or {}
    kind = str(config.get("Type") or "")
    limits = config.get("Config") or {}
    size = str(config.get("Size") or "").strip("0B- ")
    return kind not in ("", "json-file", "k8s-file") or "max-size" in limits or bool(size)


def may_return(inspected: Mapping[str, Any], profile: EngineProfile) -> bool:
    """Return whether a container that has ended may be between two lives.

    Some engines have no state for a container that its restart policy starts again.
    """
    state = inspected.get("State") or {}
    again = starts_by_itself(
        (inspected.get("HostConfig") or {}).get("RestartPolicy") or {},
        state,
        code=state.get("ExitCode"),
        count=count_of(inspected),
        shown=profile.shows_restarts,
    )
    return again is not False


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


def _unattachable_error(name: str, driver: str) -> Conflict:
    return Conflict(
        409,
        f"container {name} cannot be attached: its log driver is {driver}",
        hint=PASSED_THROUGH,
    )


def _stdin_reason(options: AttachOptions, *, log_instead: bool, open_stdin: bool) -> str:
    if not options.stdin:
        return "attached without stdin"
    if log_instead:
        return "the container has ended: this is its log"
    if not options.stream:
        return "attached without streaming (--no-stream)"
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
    if shared and options.logs and options.history is None:
        raise HyperJupyterError(
            "the log cannot come with this attachment: its connection is kept and shared",
            hint="Leave --logs out, and read the log with %hyper logs NAME.",
        )


def _check_state(
    name: str, status: str, options: AttachOptions, *, start: bool, again: bool
) -> None:
    if status == "paused":
        raise paused_error(name)
    if status == "restarting" and (start or not options.stream):
        raise Conflict(409, f"container {name} is restarting", hint="Try again when it runs.")
    if status in _ENDED and options.needs_run and not start:
        hint = f"%hyper start {name}, or read what it printed: %hyper_attach {name} --logs"
        if again:
            hint = (
                f"Its restart policy may start it again: %hyper_attach {name} --follow-restarts "
                f"(follow_restarts=True) waits for that. Else: {hint}"
            )
        raise Conflict(409, f"container {name} has ended: start it first", hint=hint)
