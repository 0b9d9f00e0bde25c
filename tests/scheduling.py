"""In which order the files of tests begin where several processes run them.

The processes take one file after the other. Tests in browsers need the processors, tests of engines
mostly wait: so both are spread, and not one kind after the other. Short files come last, so that
all processes end at about the same time.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

BROWSER: Final = "tests/browser/"

LONG: Final = {
    "tests/magics/test_notebook.py": 30,
    "tests/magics/test_terminal.py": 30,
    "tests/magics/test_wait.py": 20,
    "tests/security/": 10,
    "tests/server/": 30,
    "tests/soak/": 30,
    "tests/test_packaging.py": 40,
    "tests/client/transport/test_embedded.py": 15,
    "tests/engine/behaviour/test_process.py": 15,
    "tests/scripts/": 15,
    "tests/engines/": 20,
}
"""About how many seconds a file takes, by how its path begins."""

SHORT: Final = 2
"""The same for all others."""


def seconds(path: str) -> int:
    """About how long a file takes."""
    return next((long for begin, long in LONG.items() if path.startswith(begin)), SHORT)


def order(paths: Iterable[str]) -> list[str]:
    """Return files in the order in which they are to begin.

    Args:
        paths: of the files from the project's folder on, with slashes.
    """
    known = sorted(set(paths))
    browser = [path for path in known if path.startswith(BROWSER)]
    others = sorted((path for path in known if path not in browser), key=seconds, reverse=True)
    share = sum(map(seconds, others)) / (len(browser) + 1)
    ordered: list[str] = []
    took = 0.0
    for number, path in enumerate(browser, 1):
        ordered.append(path)
        while others and took < number * share:
            ordered.append(others.pop(0))
            took += seconds(ordered[-1])
    return ordered + others
