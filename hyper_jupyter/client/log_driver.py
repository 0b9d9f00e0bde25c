"""Whether a container's log can be read, found out without harm to the container.

Layer: client. Blocks its caller, for one call at most.

Some log drivers keep nothing, and attaching with a log that is not kept can make an engine and its
container stand still ("logs" in ``docs/engines-seen.md``). So the log is asked for only where
inspect names a driver that is known to be readable, or where the engine answers a request for none
of the log's lines.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from hyper_jupyter.client.engine import EngineClient
from hyper_jupyter.client.records import Container
from hyper_jupyter.exceptions import ApiError, Conflict, NotFound

__all__ = ["PASSED_THROUGH", "check_log", "log_driver_of"]

PASSED_THROUGH: Final = "Its output goes to what started it: a systemd unit's is in the journal."
"""Where to look for output that the engine does not see."""


def check_log(client: EngineClient, inspected: Mapping[str, Any], *, ask: bool = True) -> None:
    """Make sure that a container's log can be read.

    Args:
        client: of the engine.
        inspected: the engine's answer to inspect.
        ask: ask the engine about a driver that is not known; otherwise it counts as readable.

    Raises:
        Conflict: the log cannot be read; the text says why.
        NotFound: there is no such container any more.
        ConnectionFailed: the engine did not answer.
    """
    driver = log_driver_of(inspected)
    if driver in client.profile.readable_log_drivers:
        return
    reason = f"its log driver is {driver}"
    if driver not in client.profile.unreadable_log_drivers:
        if not ask:
            return
        path = f"/containers/{quote(str(inspected['Id']), safe='')}/logs"
        none = {"stdout": "1", "stderr": "1", "follow": "0", "tail": "0"}
        try:
            client.call("GET", path, none)
            return
        except NotFound:
            raise
        except ApiError as error:
            reason = str(error)
    name = Container.from_inspect(inspected).name
    hint = ""
    if driver in client.profile.unattachable_log_drivers:
        hint = PASSED_THROUGH
    elif (inspected.get("State") or {}).get("Running"):
        hint = f"%hyper_attach {name} shows what it prints from now on."
    raise Conflict(409, f"the log of container {name} cannot be read: {reason}", hint=hint)


def log_driver_of(inspected: Mapping[str, Any]) -> str:
    """Return the name of a container's log driver, from inspect; empty if it is not known."""
    config = (inspected.get("HostConfig") or {}).get("LogConfig")
    return str((config.get("Type") if isinstance(config, dict) else None) or "")
