"""Code that keeps the GIL, or gives it away, for as long as a test says."""

from __future__ import annotations

import ctypes
import os


def keep_the_gil(seconds: float, *, wake: int | None = None) -> None:
    """As a large ``sorted`` does: no other thread runs meanwhile.

    Args:
        seconds: for how long.
        wake: a descriptor that a byte is written to while the GIL is kept already.
    """
    if wake is None:
        ctypes.PyDLL(None).usleep(int(seconds * 1e6))
        return
    # One call of C, so that no thread comes between the byte and the rest of the time.
    os.set_inheritable(wake, True)
    ctypes.PyDLL(None).system(f"printf x >/dev/fd/{wake}; sleep {seconds}".encode())


def sleep_without_the_gil(seconds: float) -> None:
    ctypes.CDLL(None).usleep(int(seconds * 1e6))
