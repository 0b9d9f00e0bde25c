"""Lets a server's users do anything but run code."""

from __future__ import annotations

from typing import Any

from jupyter_server.auth.authorizer import Authorizer


class Reader(Authorizer):  # type: ignore[misc]
    def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:
        return action != "execute"
