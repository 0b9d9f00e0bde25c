"""The short form of the soak: a few cuts, on the embedded engine."""

from __future__ import annotations

import pytest

from hyper_jupyter.api import client_for
from tests.soak.programs import Pace
from tests.soak.rounds import Length, run

SHORT = Length(
    seconds=0, cuts=6, typed=3, lines=4000, piece=40_000, pace=Pace(100, 0.05), unplugged=0
)


@pytest.mark.parametrize("seed", [1])
def test_what_is_received_over_cuts_is_what_was_printed_or_a_mark_says_what_is_not(
    seed: int,
) -> None:
    figures = run(client_for("local:", timeout=30), seed, SHORT)
    assert not figures.wrong, "\n".join(figures.lines())
    assert figures.cuts >= SHORT.cuts
    assert figures.resumed
    assert figures.filled
