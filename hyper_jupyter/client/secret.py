"""Secrets in forms that a traceback with local variables does not show.

Layer: client. Any thread.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence

__all__ = ["Environment", "Secret", "SecretBytes", "hide", "hide_each"]


class Secret(str):
    """Text that a traceback with local variables does not show."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'***'"


class SecretBytes(bytes):
    """Bytes that a traceback with local variables does not show."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "b'***'"


def hide(text: str | None) -> str | None:
    """Return the same text as a :class:`Secret`; ``None`` for no text or an empty one."""
    return Secret(text) if text else None


def hide_each(env: Mapping[str, str | None] | Sequence[str] | None) -> list[Secret]:
    """Return the environment of a container as ``NAME=value`` lines that tracebacks do not show.

    Args:
        env: a mapping, such lines, or ``None``. A name without a value stays a name alone.
    """
    if isinstance(env, Mapping):
        lines = (name if value is None else f"{name}={value}" for name, value in env.items())
        return [Secret(line) for line in lines]
    return [Secret(line) for line in env or ()]


class Environment(Mapping[str, str]):
    """Environment variables. Tracebacks show none of them: some hold passwords.

    Args:
        variables: ``None`` is the process's environment, read anew for each variable.
    """

    __slots__ = ("_variables",)

    def __init__(self, variables: Mapping[str, str] | None = None) -> None:
        self._variables = os.environ if variables is None else variables

    def __getitem__(self, name: str) -> str:
        return self._variables[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._variables)

    def __len__(self) -> int:
        return len(self._variables)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"
