"""Responses to calls, as values.

Layer: client. Any thread; no I/O here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from hyper_jupyter.exceptions import ProtocolError

__all__ = ["Reply", "check_inspect"]

MAX_VALUES: Final = 1_000_000
"""Commas and opening brackets in an answer, those in its texts included. As Python's objects, a
million rows of a few bytes would take forty times their size. A row of Docker's list has some 85,
so more than 10,000 containers can be listed."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A complete response to a call.

    Attributes:
        status: below 400.
        headers: looked up in upper or lower case.
        body: at most 32 MiB.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """Parse the body as JSON.

        Raises:
            ProtocolError: it is not JSON, or has more than :data:`MAX_VALUES` values.
        """
        values = sum(map(self.body.count, (b",", b"{", b"[")))
        if values > MAX_VALUES:
            raise ProtocolError(f"the engine's answer has more than {MAX_VALUES:,} values")
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise ProtocolError("the engine's answer is not JSON") from error

    def json_object(self) -> dict[str, Any]:
        """Parse the body as a JSON object.

        Raises:
            ProtocolError: it is not a JSON object.
        """
        value = self.json()
        if not isinstance(value, dict):
            raise ProtocolError("the engine's answer is not a JSON object")
        return value


def check_inspect(answer: dict[str, Any]) -> dict[str, Any]:
    """Check that the parts of an answer to inspect have the types that callers expect.

    Parts may be missing.

    Raises:
        ProtocolError: a part has another type.
    """
    for name in ("State", "Config", "HostConfig"):
        if not isinstance(answer.get(name) or {}, dict):
            raise ProtocolError(f"the engine's answer is not understood: {name} is not an object")
    if not isinstance((answer.get("State") or {}).get("ExitCode") or 0, int):
        raise ProtocolError("the engine's answer is not understood: ExitCode is not a number")
    return answer
