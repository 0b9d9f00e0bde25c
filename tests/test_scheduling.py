"""The order in which files of tests begin."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from tests.scheduling import BROWSER, LONG, order, seconds

ROOT = Path(__file__).parents[1]
BROWSERS = [f"tests/browser/test_{name}.py" for name in "abc"]
ENGINES = [f"tests/engines/test_{number}.py" for number in range(6)]
SHORT = [f"tests/protocol/test_{number:02}.py" for number in range(60)]


def test_every_file_begins_once() -> None:
    paths = [*BROWSERS, *ENGINES, *SHORT]
    assert sorted(order(reversed(paths))) == sorted(paths)
    assert order(paths) == order(reversed(paths))  # each process has to find the same order


def test_browsers_are_spread_and_short_files_come_last() -> None:
    ordered = order([*BROWSERS, *ENGINES, *SHORT])
    places = [ordered.index(path) for path in BROWSERS]
    assert places[0] == 0
    assert all(after - before > 2 for before, after in pairwise(places))
    assert set(ordered[-10:]) <= set(SHORT)
    assert max(map(ordered.index, ENGINES)) < min(map(ordered.index, SHORT))


def test_the_longest_file_of_a_browser_begins_first() -> None:
    longest = max((path for path in LONG if path.startswith(BROWSER)), key=seconds)
    assert order([*BROWSERS, longest, *SHORT])[0] == longest


def test_one_kind_alone_stays_as_it_is() -> None:
    assert order(BROWSERS) == BROWSERS
    assert order(SHORT) == SHORT
    assert order([]) == []


def test_what_is_said_to_be_long_is_there() -> None:
    assert all((ROOT / path).exists() for path in (*LONG, BROWSER))
