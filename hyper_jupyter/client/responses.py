"""Responses to calls, as values.

Layer: client. Any thread; no I/O here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from hyper_jupyter.exceptions import ProtocolError
from hyper_jupyter.protocol.printable import printable

__all__ = ["Container", "Reply", "check_inspect"]

MAX_VALUES: Final = 1_000_000
"""Commas and opening brackets in an answer, those in its texts included. As Python's objects, a
million rows of a few bytes would take forty times their size. A row of Docker's list has some 85,
so more than 10,000 containers can be listed."""

_MAX_TEXT: Final = 4096
"""The most characters of a name or command."""


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


@dataclass(frozen=True, slots=True)
class Container:
    """A container, as the engine's list or inspect describes it.

    All texts are printable, in one line and at most 4,096 characters: other people name containers.

    Attributes:
        id: 64 hexadecimal digits.
        name: without the leading slash.
        image: the name that was given at creation.
        command: what it runs, in one line.
        state: ``created``, ``running``, ``paused``, ``restarting``, ``exited``, …; only the list
            has this and the next two.
        status: the engine's words, such as ``Up 3 minutes``.
        created: seconds since the epoch.
    """

    id: str
    name: str
    image: str
    command: str = ""
    state: str = ""
    status: str = ""
    created: int = 0

    @classmethod
    def from_row(cls, row: Any) -> Container:
        """Read one row of the engine's list.

        Raises:
            ProtocolError: it is malformed.
        """
        if not isinstance(row, dict) or not isinstance(row.get("Id"), str):
            raise ProtocolError("the engine's answer is not a list of containers")
        created = row.get("Created")
        return cls(
            id=printable(row["Id"], _MAX_TEXT),
            name=_own_name(row.get("Names")) or printable(row["Id"], 12),
            image=_text(row, "Image"),
            command=_text(row, "Command"),
            state=_text(row, "State"),
            status=_text(row, "Status"),
            created=created if isinstance(created, int) else 0,
        )

    @classmethod
    def from_inspect(cls, inspected: Mapping[str, Any]) -> Container:
        """Read the answer to inspect, which has an ``Id``."""
        identifier = printable(str(inspected["Id"]), _MAX_TEXT)
        arguments = inspected.get("Args")
        words = [inspected.get("Path") or "", *(arguments if isinstance(arguments, list) else [])]
        image = (inspected.get("Config") or {}).get("Image") or inspected.get("ImageName")
        return cls(
            id=identifier,
            name=printable(str(inspected.get("Name") or "").lstrip("/"), _MAX_TEXT)
            or identifier[:12],
            image=printable(str(image or ""), _MAX_TEXT),
            command=printable(" ".join(map(str, words)), _MAX_TEXT),
        )


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


def _text(row: dict[str, Any], name: str) -> str:
    value = row.get(name)
    return printable(value, _MAX_TEXT) if isinstance(value, str) else ""


def _own_name(names: Any) -> str:
    """Choose a container's own name among all: links from other containers have two slashes."""
    listed = [name for name in names if isinstance(name, str)] if isinstance(names, list) else []
    own = [name.lstrip("/") for name in listed if name.count("/") <= 1]
    return printable(own[0], _MAX_TEXT) if own else ""
