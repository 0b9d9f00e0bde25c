"""In which order the files of tests begin where several processes run them.

The processes take one file after the other. Tests in browsers need the processors, tests of engines
mostly wait: so both are spread, and not one kind after the other. The longest files of either kind
come first and short ones last, so that all processes end at about the same time.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

BROWSER: Final = "tests/browser/"

LONG: Final = {
    **{
        f"{BROWSER}test_{name}.py": long
        for long, names in {
            100: ("typing", "loss"),
            60: ("extension", "panes", "replay", "places"),
            45: (
                *("second_modules", "delivery", "room", "terminal", "controls", "widgets"),
                *("doctor", "saved", "elsewhere"),
            ),
            25: ("colour", "accessibility", "front_ends", "saved_look", "exec", "programs"),
        }.items()
        for name in names
    },
    BROWSER: 12,
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
    longest_first = sorted(known, key=seconds, reverse=True)
    browser = [path for path in longest_first if path.startswith(BROWSER)]
    others = [path for path in longest_first if path not in browser]
    # What the others take beside a second of the browser's; a part is left for the end.
    share = sum(map(seconds, others)) / (sum(map(seconds, browser)) or 1)
    share *= len(browser) / (len(browser) + 1)
    ordered: list[str] = []
    owed = 0.0
    for path in browser:
        ordered.append(path)
        owed += seconds(path) * share
        while others and owed > 0:
            ordered.append(others.pop(0))
            owed -= seconds(ordered[-1])
    return ordered + others
