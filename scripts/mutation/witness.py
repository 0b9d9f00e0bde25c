"""A pytest plugin: fail the run unless the package was imported from the throw-away copy.

It is copied next to the copies and loaded by name, so that the checkout is on no path. MUTANTS_COPY
names the root of the copy and MUTANTS_PACKAGE the package.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

FOREIGN = 70
"""The exit status when a module came from elsewhere, or tests passed that imported none."""


def pytest_sessionfinish(session: Any, exitstatus: int) -> None:
    """Change the exit status, after all tests."""
    root, package = Path(os.environ["MUTANTS_COPY"]), os.environ["MUTANTS_PACKAGE"]
    files: dict[str, Path] = {}
    for name, module in sorted(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if file is not None and (name == package or name.startswith(f"{package}.")):
            files[name] = Path(file).resolve()
    for name, path in files.items():
        if not path.is_relative_to(root):
            print(f"\n{name} was imported from {path}, not from {root}")
            session.exitstatus = FOREIGN
    if not files and exitstatus == 0:
        print(f"\nno test imported {package}")
        session.exitstatus = FOREIGN
