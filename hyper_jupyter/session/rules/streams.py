"""The streams of output, and their names.

Layer: session, rules. Pure; any thread.
"""

from __future__ import annotations

from typing import Final

from hyper_jupyter.exceptions import HyperJupyterError
from hyper_jupyter.protocol import StreamType

__all__ = ["BOTH", "STREAM_NAMES", "streams_of"]

STREAM_NAMES: Final = {StreamType.STDOUT: "stdout", StreamType.STDERR: "stderr"}

BOTH: Final = frozenset(STREAM_NAMES)


def streams_of(stream: str | StreamType | None) -> frozenset[StreamType]:
    """Return the streams that a user names; ``None`` is both.

    Raises:
        HyperJupyterError: there is no such stream.
    """
    if stream is None:
        return BOTH
    found = frozenset(key for key, name in STREAM_NAMES.items() if stream in (key, name))
    if not found:
        raise HyperJupyterError(
            f"{stream!r} is not a stream of output",
            hint='Use "stdout", "stderr", or None for both.',
        )
    return found
