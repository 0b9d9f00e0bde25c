"""Bars of long calls, without a call."""

from __future__ import annotations

import io
from typing import Any

import pytest

from hyper_jupyter.magics import progress
from hyper_jupyter.magics.progress import ProgressBars
from hyper_jupyter.recording.screen.style import NO_MATH


class Clock:
    now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(progress, "time", made)
    return made


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, str, bool]]:
    made: list[tuple[Any, str, bool]] = []
    monkeypatch.setattr(
        progress,
        "publish",
        lambda data, display_id, *, update: made.append((data, display_id, update)),
    )
    return made


def test_a_notebook_has_one_output_that_is_updated_at_a_bounded_pace(
    clock: Clock, published: list[tuple[Any, str, bool]]
) -> None:
    with ProgressBars() as bars:
        bars.update("a1", "Downloading", 0, 2_000_000)
        for done in range(1000):
            bars.update("a1", "Downloading", done * 2000, 2_000_000)
        bars.update("<b>", "Waiting")
        assert len(published) == 1
        clock.now += 0.2
        bars.update("a1", "Downloading", 1_000_000, 2_000_000)
        assert len(published) == 2
        bars.update("a1", "Pull complete")
    assert [update for *_, update in published] == [False, True, True]
    assert len({display_id for _, display_id, _ in published}) == 1
    middle, last = published[1][0], published[2][0]
    line = middle["text/plain"].splitlines()[0]
    assert line == "a1: Downloading [" + "=" * 20 + ">" + " " * 20 + "] 1MB/2MB"
    assert '<progress max="2000000" value="1000000">' in middle["text/html"]
    assert last["text/plain"] == "a1: Pull complete\n<b>: Waiting"
    assert "<b>" not in last["text/html"]
    assert last["text/html"].startswith(f'<table class="{NO_MATH}">')  # $…$ is no formula


def test_a_terminal_draws_over_its_lines(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    class Screen(io.StringIO):
        def isatty(self) -> bool:
            return True

    screen = Screen()
    monkeypatch.setattr(progress, "is_terminal", lambda: True)
    monkeypatch.setattr(progress.sys, "stdout", screen)
    with ProgressBars() as bars:
        bars.update("a", "Waiting")
        clock.now += 1
        bars.update("b", "Waiting")
        bars.update("a", "Done")
    assert screen.getvalue() == (
        "\x1b[2Ka: Waiting\n"
        "\x1b[1A\x1b[2Ka: Waiting\n\x1b[2Kb: Waiting\n"
        "\x1b[2A\x1b[2Ka: Done\n\x1b[2Kb: Waiting\n"
    )


def test_where_nothing_can_be_drawn_over_only_changes_are_printed(
    clock: Clock, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(progress, "is_terminal", lambda: True)
    with ProgressBars() as bars:
        for done in range(5):
            bars.update("a", "Downloading", done, 5)
        bars.update("", "Done")
    assert capsys.readouterr().out == "a: Downloading\nDone\n"


def test_the_number_of_bars_is_bounded(
    clock: Clock, published: list[tuple[Any, str, bool]]
) -> None:
    with ProgressBars() as bars:
        for number in range(10_000):
            bars.update(str(number), "Waiting")
    assert len(published[-1][0]["text/plain"].splitlines()) == 200
