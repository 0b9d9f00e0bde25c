"""What a fork's child needs to use what it inherits: whole data, and locks that nobody holds.

Layer: session, io. Runs in the thread that forks. A child has no other thread: a lock that one of
its parent's threads held at that moment would never be released.

Strategy: what lies behind an important lock is whole in the child, because the fork waits for that
lock. All other locks of the package are made free in the child. They are found there, from the
package's modules on, so that a session keeps no list of them.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Iterable
from types import MethodType
from typing import Any, Final

__all__ = ["free_locks", "hold_over_forks"]

_PATIENCE: Final = 1.0
"""Seconds for which a fork waits at most, for all locks together."""

_PACKAGE: Final = __name__.partition(".")[0]

_LOCKS: Final = (
    type(threading.Lock()),
    type(threading.RLock()),
    threading.Condition,
    threading.Event,
)
_SETS: Final = (list, tuple, set, frozenset, deque, weakref.WeakSet)
_MAPPINGS: Final = (dict, weakref.WeakValueDictionary, weakref.WeakKeyDictionary)


def hold_over_forks(locks: Callable[[], Iterable[Any]]) -> None:
    """Let each fork wait until it has some locks, and release them after it, in both processes.

    Args:
        locks: returns them, without waiting for anything.
    """
    if not hasattr(os, "register_at_fork"):  # Windows
        return
    held: list[Any] = []

    def hold() -> None:
        until = time.monotonic() + _PATIENCE
        # If the thread that forks has one, it is waited for in vain: the fork must go on.
        held.extend(
            lock for lock in locks() if lock.acquire(timeout=max(0.0, until - time.monotonic()))
        )

    def release() -> None:
        while held:
            held.pop().release()

    def release_in_child() -> None:
        release()
        free_locks()

    os.register_at_fork(before=hold, after_in_parent=release, after_in_child=release_in_child)


def free_locks() -> None:
    """Free all locks that the package's modules and objects have. For a process of one thread."""
    modules = [module for name, module in list(sys.modules.items()) if _is_ours(name)]
    left: list[Any] = [value for module in modules for value in list(vars(module).values())]
    seen: dict[int, Any] = {}  # what is seen is kept until the end: so no id comes again
    while left:
        thing = left.pop()
        if isinstance(thing, _LOCKS):
            thing._at_fork_reinit()  # type: ignore[union-attr]  # as the standard library does
            continue
        if id(thing) in seen:
            continue
        seen[id(thing)] = thing
        with contextlib.suppress(Exception):  # one thing that cannot be looked at
            left += _parts(thing)


def _parts(thing: Any) -> Iterable[Any]:
    """Return what a thing of the package, or a collection, refers to."""
    kind = type(thing)
    if isinstance(thing, weakref.ReferenceType):
        return [thing()]
    if isinstance(thing, MethodType):
        return [thing.__self__]
    if kind in _MAPPINGS:
        return list(thing.values())
    if kind in _SETS:
        return list(thing)
    if not _is_ours(kind.__module__) or isinstance(thing, type):
        return ()
    slots = (name for each in kind.__mro__ for name in _slots(each))
    found = [getattr(thing, name, None) for name in slots]
    found += vars(thing).values() if hasattr(thing, "__dict__") else ()
    return found


def _slots(kind: type) -> Iterable[str]:
    """Return the names of the slots of a class; private ones as Python stores them."""
    names = kind.__dict__.get("__slots__", ())
    for name in (names,) if isinstance(names, str) else names:
        if name not in ("__dict__", "__weakref__"):
            hidden = name.startswith("__") and not name.endswith("__")
            yield f"_{kind.__name__.lstrip('_')}{name}" if hidden else name


def _is_ours(module: str) -> bool:
    return module == _PACKAGE or module.startswith(f"{_PACKAGE}.")
