"""Where the parts of a session are on a page, and how a person uses them."""

from __future__ import annotations

from typing import Any

__all__ = ["LONG", "enter", "log_of", "stdin_of"]

LONG = """
import time
with __import__("contextlib").suppress(KeyboardInterrupt):
    time.sleep(60)
"""
"""A cell that runs until a test has seen enough, and interrupts it."""


def log_of(scope: Any, name: str = "stdout") -> Any:
    """The plain lines of a pane."""
    return scope.get_by_role("log", name=f"{name} log")


def stdin_of(scope: Any) -> Any:
    """The field for a line to stdin."""
    return scope.get_by_label("stdin", exact=True)


def enter(scope: Any, line: str) -> None:
    """Type a line, and send it."""
    stdin_of(scope).fill(line)
    stdin_of(scope).press("Enter")
