"""Connections for requests that are answered without a socket."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, NoReturn


class UnusedConnection:
    """Fails when it is used."""

    def hijack(self) -> NoReturn:
        raise AssertionError("nothing should be hijacked")

    async def while_connected(self, work: Coroutine[Any, Any, Any]) -> NoReturn:
        work.close()
        raise AssertionError("nothing should wait for the client")
