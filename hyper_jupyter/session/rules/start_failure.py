"""Whether the process of an exec has started at all, and if not, why.

Layer: session, rules. No I/O, no threads: a pure function; any thread.

An exec's start is answered before its process is there. So an engine can say only in the stream
that there is none: Docker in stdout, Podman in stderr with a second line about itself. The exit
code is 126 or 127 then (125 on Podman for some, 128 on Docker 28), as that of a shell that has run
may be.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from hyper_jupyter.protocol.missing_program import missing_program_step
from hyper_jupyter.protocol.printable import printable

__all__ = ["start_failure"]

_CODES: Final = (125, 126, 127, 128)
_ENGINE_SAYS: Final = re.compile(r"Error: .*(?:\bOCI\b|crun|runc)", re.ASCII)
_PREFIX: Final = re.compile(
    r"(?:Error: )?(?:OCI runtime exec failed: )?(?:\w+: )?(?:exec failed: )?"
    r"(?:unable to start container process: )?"
)
_LONGEST: Final = 500


def start_failure(inspected: Mapping[str, Any], begin: bytes, *, pid_tells: bool) -> str:
    """Return why the process of an exec that has ended never started; empty if it has run.

    If there is no such program, that ends with what to do. Pages show no hint of an error.

    Args:
        inspected: the engine's answer about the exec.
        begin: the beginning of its output, both streams in the order of arrival.
        pid_tells: whether the engine's ``Pid`` is 0 only where nothing was started.
    """
    if inspected.get("Running") or inspected.get("ExitCode") not in _CODES:
        return ""
    first = begin.decode("utf-8", "replace").lstrip("\r\n").partition("\n")[0].strip()
    if pid_tells:
        if inspected.get("Pid"):
            return ""
    elif not _ENGINE_SAYS.match(first):
        return ""
    reason = printable(first, _LONGEST)
    reason = _PREFIX.sub("", reason, count=1) or reason
    reason = reason.removesuffix(": unknown") or "the engine could not start the process"
    step = missing_program_step(reason, "container").rstrip(".")
    return f"{reason}. {step}" if step else reason
