"""Whose size a terminal has, on a clock that the test moves."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hyper_jupyter.exceptions import Conflict
from hyper_jupyter.widgets import terminal_size
from hyper_jupyter.widgets.terminal_size import RETRIES, SILENCE, TerminalSize

A, B, C = ("tab", 1), ("tab", 2), ("another tab", 1)


class Bench:
    """A container's terminal, the pages that are asked, and the time."""

    def __init__(self) -> None:
        self.set: list[tuple[int, int]] = []
        self.refuses = False
        self.asked: list[str] = []
        self.changes = 0
        self.now = 1000.0
        self._later: list[tuple[float, Callable[[], object]]] = []
        self.size = TerminalSize(self._resize, self.asked.append, self._call_later, self._change)

    def monotonic(self) -> float:
        return self.now

    def pass_time(self, seconds: float) -> None:
        end = self.now + seconds
        while due := [job for job in self._later if job[0] <= end]:
            job = min(due, key=lambda job: job[0])
            self._later.remove(job)
            self.now = job[0]
            job[1]()
        self.now = end

    def _resize(self, rows: int, cols: int) -> None:
        if self.refuses:
            raise Conflict(409, "container is not running")
        self.set.append((rows, cols))

    def _call_later(self, delay: float, function: Callable[[], object]) -> None:
        self._later.append((self.now + delay, function))

    def _change(self) -> None:
        self.changes += 1


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Bench:
    made = Bench()
    monkeypatch.setattr(terminal_size, "time", made)
    return made


def test_the_first_size_is_set_a_row_and_a_column_larger_before(bench: Bench) -> None:
    bench.size.announce(A, (14, 80), claim=False)
    bench.size.announce(A, (14, 100), claim=False)
    assert bench.set == [(15, 81), (14, 80), (14, 100)]
    assert bench.size.current == (14, 100)


def test_the_first_view_decides_until_another_is_focused(bench: Bench) -> None:
    bench.size.announce(A, (14, 80), claim=False)
    bench.size.announce(B, (30, 60), claim=False)
    assert (bench.size.owner, bench.size.current) == (A, (14, 80))
    bench.size.announce(B, (30, 60), claim=True)
    assert (bench.size.owner, bench.size.current) == (B, (30, 60))
    bench.size.announce(A, (14, 90), claim=False)
    assert (bench.size.owner, bench.size.current) == (B, (30, 60))


def test_a_view_that_leaves_hands_over_to_one_that_is_left(bench: Bench) -> None:
    bench.size.announce(A, (14, 80), claim=False)
    bench.size.announce(B, (30, 60), claim=False)
    bench.size.discard(A)
    assert (bench.size.owner, bench.size.current) == (B, (30, 60))
    bench.size.discard(B)
    assert (bench.size.owner, bench.size.current) == (None, (30, 60))


def test_an_owner_that_is_still_there_keeps_the_size(bench: Bench) -> None:
    bench.size.announce(A, (14, 80), claim=False)
    bench.size.announce(C, (20, 70), claim=False)
    assert bench.asked == ["tab"]
    bench.size.announce(A, (14, 80), claim=False)  # its answer
    bench.pass_time(SILENCE + 1)
    assert (bench.size.owner, bench.size.current) == (A, (14, 80))


def test_a_page_that_is_gone_loses_the_size_to_the_one_that_came(bench: Bench) -> None:
    bench.size.announce(A, (14, 80), claim=False)
    bench.size.announce(B, (30, 60), claim=False)  # on the same page
    bench.size.announce(A, (14, 80), claim=False)
    bench.size.announce(C, (20, 70), claim=False)
    bench.pass_time(SILENCE + 1)
    assert (bench.size.owner, bench.size.current) == (C, (20, 70))
    bench.pass_time(60)
    assert bench.size.owner == C
    bench.size.discard(C)
    assert bench.size.owner is None  # both views of that page are gone


def test_a_container_that_is_not_started_gets_its_size_later(bench: Bench) -> None:
    bench.refuses = True
    bench.size.announce(A, (14, 80), claim=False)
    assert bench.size.pending
    bench.refuses = False
    bench.pass_time(RETRIES[0])
    assert bench.set == [(15, 81), (14, 80)]
    assert not bench.size.pending


def test_attempts_end_and_output_makes_another_one(bench: Bench) -> None:
    bench.refuses = True
    bench.size.announce(A, (14, 80), claim=False)
    bench.pass_time(sum(RETRIES) + 1)
    bench.refuses = False
    bench.pass_time(3600)
    assert bench.set == []
    bench.size.retry()
    assert bench.set == [(15, 81), (14, 80)]


def test_owner_and_size_are_news_and_nothing_else_is(bench: Bench) -> None:
    bench.size.announce(A, (14, 80), claim=False)
    assert bench.changes == 2
    bench.size.announce(A, (14, 80), claim=True)
    bench.size.announce(B, (14, 90), claim=False)
    assert bench.changes == 2
