"""Code that keeps the GIL, or gives it away, for as long as a test says."""

from __future__ import annotations

import ctypes


def keep_the_gil(seconds: float) -> None:
    """As a large ``sorted`` does: no other thread runs meanwhile."""
    ctypes.PyDLL(None).usleep(int(seconds * 1e6))


def sleep_without_the_gil(seconds: float) -> None:
    ctypes.CDLL(None).usleep(int(seconds * 1e6))
