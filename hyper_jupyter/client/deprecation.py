"""Names of parameters that were replaced and still work.

Layer: client. Any thread; no I/O here.
"""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import ParamSpec, TypeVar

__all__ = ["renamed_parameter"]

_P = ParamSpec("_P")
_R = TypeVar("_R")


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
