"""The arguments of calls: values that engines take amiss, and names that were replaced.

Layer: client. Any thread; no I/O here.

Engines differ in what they do with a value that makes no sense: one refuses it in words of its
own, the next one takes it for another value. So these are refused before the call, in one way.
"""

from __future__ import annotations

import functools
import math
import os
import shlex
import warnings
from collections.abc import Callable, Sequence
from typing import Final, ParamSpec, TypeVar

from hyper_jupyter.client.secret import Secret
from hyper_jupyter.exceptions import HyperJupyterError
from hyper_jupyter.protocol.printable import printable

__all__ = [
    "NO_LIMIT",
    "check_grace",
    "check_size",
    "check_text",
    "command_words",
    "environment_lines",
    "renamed_parameter",
]

NO_LIMIT: Final = 2**31 - 1
"""Seconds that stand for no limit. Not all engines take -1 for that (Podman 4.3 refuses it)."""

_LARGEST_SIDE: Final = 65_535
"""A terminal keeps its rows and its columns in 16 bits each."""

_P = ParamSpec("_P")
_R = TypeVar("_R")


def check_size(size: tuple[int, int] | None) -> None:
    """Make sure that a terminal can have this size.

    Docker takes any: 70,000 rows are 4,464 there, and 0 by 0 is a terminal without a size.

    Args:
        size: rows and columns; ``None`` is none.

    Raises:
        HyperJupyterError: rows or columns are not a number from 1 to 65,535.
    """
    if size is None:
        return
    if len(size) != 2 or not all(_is_side(side) for side in size):
        shown = " by ".join(str(side) for side in size)
        raise HyperJupyterError(
            f"{shown} is not a size of a terminal",
            hint=f"Rows and columns are whole numbers from 1 to {_LARGEST_SIDE:,}.",
        )


def _is_side(value: object) -> bool:
    whole = isinstance(value, int) and not isinstance(value, bool)
    return whole and 1 <= value <= _LARGEST_SIDE  # type: ignore[operator]


def check_grace(grace: float | None) -> int:
    """Return after how many whole seconds an engine kills what it was asked to stop.

    Args:
        grace: seconds; ``None`` and infinity are no limit.

    Raises:
        HyperJupyterError: it is negative, or no number.
    """
    if grace is None:
        return NO_LIMIT
    if math.isnan(grace) or grace < 0:
        raise HyperJupyterError(
            f"grace={grace} is not a number of seconds", hint="None waits without a limit."
        )
    return math.ceil(min(grace, NO_LIMIT))


def check_text(what: str, text: str | None) -> None:
    """Make sure that a text can be an argument of a program.

    Raises:
        HyperJupyterError: there is a NUL character in it, where programs take it to end.
    """
    if text and "\0" in text:
        raise HyperJupyterError(f"{what} has a NUL character, which no program can be given")


def command_words(command: str | Sequence[str] | None) -> list[str]:
    """Return a command as a program and its arguments.

    Args:
        command: a list is used as it is, a string is split by :func:`shlex.split`; ``None`` is
            empty.

    Raises:
        HyperJupyterError: it ends inside a quote, or has a NUL character.
    """
    try:
        words = shlex.split(command) if isinstance(command, str) else list(command or [])
    except ValueError as error:
        raise HyperJupyterError(f"the command {command!r} ends inside a quote") from error
    for word in words:
        check_text("the command", word)
    return words


def environment_lines(entries: Sequence[str], *, unset: bool) -> list[str]:
    """Return what a create request says about the environment, as the docker command does.

    Args:
        entries: ``NAME=value``, or a name alone for the caller's own variable.
        unset: whether the engine takes a name alone for a variable that the container must not
            have. Without that, a name for which there is no value is left out.

    Raises:
        HyperJupyterError: an entry has no name, or a NUL character.
    """
    lines: list[str] = []
    for entry in entries:
        name = entry.partition("=")[0]
        if not name:
            raise HyperJupyterError("a variable of the environment has no name")
        check_text(f"the variable {printable(name)} of the environment", entry)
        if "=" in entry:
            lines.append(entry)
        elif entry in os.environ:
            lines.append(Secret(f"{entry}={os.environ[entry]}"))
        elif unset:
            lines.append(entry)
    return lines


def renamed_parameter(old: str, new: str) -> Callable[[Callable[_P, _R]], Callable[_P, _R]]:
    """Let callers of a function go on using the old name of a parameter.

    The old name works as a keyword, with a ``DeprecationWarning`` at the caller's line. The
    signature that type checkers and ``inspect`` see has the new name only.

    Args:
        old: the name that callers may still use.
        new: the parameter's name.
    """

    def decorate(function: Callable[_P, _R]) -> Callable[_P, _R]:
        @functools.wraps(function)
        def accept_old_name(*args: _P.args, **kwargs: _P.kwargs) -> _R:
            if old in kwargs:
                if new in kwargs:
                    raise TypeError(f"{function.__name__}() takes {new}= or {old}=, not both")
                warnings.warn(
                    f"the parameter {old} of {function.__name__}() is now called {new}",
                    DeprecationWarning,
                    stacklevel=2,
                )
                kwargs[new] = kwargs.pop(old)
            return function(*args, **kwargs)

        return accept_old_name

    return decorate
