"""Decides how to run a further program in a container, and to attach to it.

Layer: session, rules. No I/O, no threads: a pure function; any thread.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hyper_jupyter.client import Container, EngineProfile, ExecOptions
from hyper_jupyter.exceptions import Conflict
from hyper_jupyter.protocol import parse_detach_keys
from hyper_jupyter.session.rules.plan import (
    OWN_DETACH_KEYS,
    AttachOptions,
    ConnectionScheme,
    InputEnd,
    Plan,
)
from hyper_jupyter.session.rules.planning import empty_keys_error, paused_error

__all__ = ["plan_exec"]


def plan_exec(inspected: Mapping[str, Any], profile: EngineProfile, options: ExecOptions) -> Plan:
    """Plan a session with a further program in a container.

    Without a TTY, the end of the connection ends the program's input, whether stdin was attached or
    not; on Docker it also makes the exit code of the exec 126. So such a connection is kept.

    On a TTY, the request names detach keys that are hardly ever typed. If Docker finds the detach
    keys of an exec, it ends the stream and reports exit code 126, although the program runs on. So
    the keys that the user names are looked for here, and close the connection.

    Args:
        inspected: the engine's answer to inspect about the container.
        profile: the engine's profile.
        options: what to run.

    Raises:
        InvalidDetachKeys: the key sequence is invalid or empty.
        Conflict: the container does not run, or is paused.
    """
    if options.detach_keys == "":
        raise empty_keys_error()
    named = parse_detach_keys(options.detach_keys) if options.detach_keys else b""
    state = inspected.get("State") or {}
    name = Container.from_inspect(inspected).name
    if state.get("Status") == "paused" or state.get("Paused"):
        raise paused_error(name)
    if not state.get("Running"):
        raise Conflict(
            409,
            f"container {name} is not running",
            hint=f"%hyper start {name} starts it.",
        )
    if not options.stdin:
        end, reason = InputEnd.NONE, "the exec was started without stdin (-i)"
    else:
        end, reason = (InputEnd.BYTE if options.tty else InputEnd.HALF_CLOSE), ""
    return Plan(
        scheme=ConnectionScheme.ONE if options.tty else ConnectionScheme.SHARED,
        options=AttachOptions(stdin=options.stdin, detach_keys=options.detach_keys),
        tty=options.tty,
        profile=profile,
        detach_spec=OWN_DETACH_KEYS if options.tty else "",
        stdin_reason=reason,
        input_end=end,
        log_readable=False,
        command=options.command,
        own_keys=named if options.tty and options.stdin else b"",
    )
