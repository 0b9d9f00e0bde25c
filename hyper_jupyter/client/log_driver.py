"""Whether a container's log can be read, found out without harm to the container.

Layer: client. Blocks its caller, for one call at most.

Some log drivers keep nothing, and attaching with a log that is not kept can make an engine and its
container stand still ("logs" in ``docs/engines-seen.md``). So the log is asked for only where
inspect names a driver that is known to be readable, or where the engine answers a request for none
of the log's lines.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from hyper_jupyter.client.engine import EngineClient
from hyper_jupyter.client.records import Container
from hyper_jupyter.exceptions import ApiError, Conflict, NotFound

__all__ = ["check_log"]


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
    config = (inspected.get("HostConfig") or {}).get("LogConfig")
    driver = str((config.get("Type") if isinstance(config, dict) else None) or "")
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
    raise Conflict(409, f"the log of container {name} cannot be read: {reason}")
