"""Runs a function in a process of its own: for what pytest must not do in its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.engine.driver import TIMEOUT

__all__ = ["alone"]


def alone(function: Callable[[], None]) -> subprocess.CompletedProcess[str]:
    """Run a function of a module, without arguments, in a new process; return how that ended."""
    program = f"from {function.__module__} import {function.__name__} as f; f()"
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    return subprocess.run(
        [sys.executable, "-P", "-c", program], env=environment, text=True,
        capture_output=True, timeout=3 * TIMEOUT, check=False,
    )  # fmt: skip
