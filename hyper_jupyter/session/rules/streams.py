"""The streams of output, and their names.

Layer: session, rules. Pure; any thread.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from hyper_jupyter.exceptions import HyperJupyterError
from hyper_jupyter.protocol import StreamType

__all__ = ["BOTH", "NO_STREAMS", "STREAM_NAMES", "streams_of"]

STREAM_NAMES: Final = {StreamType.STDOUT: "stdout", StreamType.STDERR: "stderr"}

BOTH: Final = frozenset(STREAM_NAMES)

NO_STREAMS: Final[Mapping[StreamType, Any]] = MappingProxyType({})
"""What is known of each stream where nothing is: one object, because each session has it often."""


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
