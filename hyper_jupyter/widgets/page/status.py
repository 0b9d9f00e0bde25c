"""How a session stands, for the page: the trait ``status``.

Layer: widgets. Pure, but for the user's function that cleans texts. Any thread.
"""

from __future__ import annotations

import logging
import shlex
from collections.abc import Callable
from functools import partial
from typing import Final

from hyper_jupyter.exceptions import ConnectionLost
from hyper_jupyter.protocol.frames import StreamType
from hyper_jupyter.protocol.printable import printable
from hyper_jupyter.settings.saved_output import REDACTED
from hyper_jupyter.widgets.page import messages
from hyper_jupyter.widgets.page.messages import Status
from hyper_jupyter.widgets.source import Controls, OutputSource, Reconnection
from hyper_jupyter.widgets.terminal_size import TerminalSize

__all__ = ["cleaned_status", "describe", "lasting", "safe_text"]

_LONGEST_COMMAND: Final = 200
"""Characters of a command that are shown."""

_STREAMS: Final = (StreamType.STDOUT, StreamType.STDERR)

logger = logging.getLogger(__name__)


def describe(
    source: OutputSource, controls: Controls, revision: int = 0, size: TerminalSize | None = None
) -> Status:
    """Return the trait ``status`` for the current state of a session.

    Args:
        source: the session.
        controls: what can be done with it now.
        revision: the status's number.
        size: the size of its terminal; ``None`` before that is known.
    """
    container = source.container
    return {
        "name": source.name,
        "container": container.name,
        "container_id": container.id,
        "kind": source.kind,
        "reads_log": source.reads_log,
        "command": printable(shlex.join(source.command), _LONGEST_COMMAND),
        "image": container.image,
        "engine": source.engine,
        "host": source.host,
        "tty": source.tty,
        "wants": sorted(source.wants),
        "state": str(source.state),
        "exit_code": source.exit_code,
        "paused": source.paused,
        "awaits": source.awaits,
        "reconnecting": _reconnection(source.reconnecting),
        "out_of_memory": source.out_of_memory,
        "complete": source.complete,
        "missing": {str(int(stream)): count for stream, count in source.missing.items()},
        "error": _error_text(source.error),
        "started_at": source.started_at,
        "ended_at": source.ended_at,
        "restarts": source.restarts,
        "warnings": list(source.warnings),
        "stalls": {
            "count": source.stall_count,
            "seconds": source.stall_seconds,
            "recent": [(stall.at, stall.seconds) for stall in source.stalls],
        },
        "controls": {
            "stdin": controls.stdin,
            "eof": controls.eof,
            "detach": controls.detach,
            "signal": controls.signal,
            "again": controls.again,
            "start": controls.start,
            "leave": controls.leave,
            "follow": controls.follow,
            "kernel_end": controls.kernel_end,
            "heed": controls.heed,
            "typing": controls.typing,
        },
        "totals": {str(int(stream)): source.journal.end(stream) for stream in _STREAMS},
        "size": size.current if size else None,
        "size_owner": size.owner if size else None,
        "history": source.history.revision,
        "revision": revision,
    }


def _error_text(error: Exception | None) -> str:
    """Return what broke; with what can be done where no button of the view can do it."""
    if isinstance(error, ConnectionLost) and error.engine_ended and error.hint:
        return f"{error}. {error.hint}"
    return "" if error is None else str(error)


def _reconnection(found: Reconnection | None) -> messages.Reconnection | None:
    if found is None:
        return None
    return {
        "attempt": found.attempt,
        "at": found.at,
        "seconds": found.seconds,
        "error": found.error,
    }


def lasting(status: Status) -> dict[str, object]:
    """Return a status without what changes all the time: pages count on by themselves."""
    reconnecting = status["reconnecting"]
    if reconnecting is not None:
        reconnecting = {**reconnecting, "seconds": 0.0}
    return {**status, "totals": None, "reconnecting": reconnecting}


def safe_text(text: str, clean: Callable[[str], str]) -> str:
    """Return a text without what must not be saved; where ``clean`` fails, nothing of it."""
    if clean is str or not text:
        return text  # an empty one has a meaning, and none may become empty
    try:
        return clean(text) or REDACTED
    except Exception:
        logger.warning("! a text is not shown because redact failed", exc_info=True)
        return REDACTED


def cleaned_status(status: Status, clean: Callable[[str], str]) -> Status:
    """Return a status without what must not be saved: "Save Widget State" keeps this trait.

    Args:
        status: names and texts in it may have secrets.
        clean: takes them out. Where it fails, nothing of the text is shown.
    """
    if clean is str:
        return status
    safe = partial(safe_text, clean=clean)
    controls = status["controls"]
    reconnecting = status["reconnecting"]
    if reconnecting is not None:
        reconnecting = {**reconnecting, "error": safe(reconnecting["error"])}
    return {
        **status,
        "reconnecting": reconnecting,
        "name": safe(status["name"]),
        "container": safe(status["container"]),
        "command": safe(status["command"]),
        "image": safe(status["image"]),
        "host": safe(status["host"]),
        "error": safe(status["error"]),
        "warnings": [safe(warning) for warning in status["warnings"]],
        "controls": {
            "stdin": safe(controls["stdin"]),
            "eof": safe(controls["eof"]),
            "detach": safe(controls["detach"]),
            "signal": safe(controls["signal"]),
            "again": safe(controls["again"]),
            "start": safe(controls["start"]),
            "leave": safe(controls["leave"]),
            "follow": safe(controls["follow"]),
            "kernel_end": safe(controls["kernel_end"]),
            "heed": controls["heed"],
            "typing": controls["typing"],
        },
    }
