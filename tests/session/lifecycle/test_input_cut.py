"""A connection for stdin that ended: cut on the way, or by the engine at the exit."""

from __future__ import annotations

import pytest

from hyper_jupyter.session.lifecycle.input_cut import APART, InputCut


class Timeline:
    """An input cut whose clock stands still until it is moved."""

    def __init__(self, *, kept: bool) -> None:
        self.now = 100.0
        self.cut = InputCut(kept=kept, clock=lambda: self.now)


def test_nothing_is_cut_while_the_input_is_open() -> None:
    line = Timeline(kept=True)
    line.cut.container_ended()
    assert not line.cut


def test_where_an_engine_leaves_it_open_any_end_is_a_cut() -> None:
    line = Timeline(kept=True)
    line.cut.input_ended()
    assert line.cut


@pytest.mark.parametrize("first", ["input", "container"])
def test_where_the_engine_ends_it_at_an_exit_the_end_of_both_is_no_cut(first: str) -> None:
    line = Timeline(kept=False)
    ends = [line.cut.input_ended, line.cut.container_ended]
    for end in ends if first == "input" else ends[::-1]:
        end()
        line.now += 0.02
    line.now += 10 * APART
    assert not line.cut


def test_there_an_end_is_a_cut_once_the_container_has_gone_on_without_it() -> None:
    line = Timeline(kept=False)
    line.cut.input_ended()
    line.now += APART - 0.01
    assert not line.cut
    line.now += 0.01
    assert line.cut
    line.cut.container_ended()
    line.now += 1
    line.cut.container_ended()
    assert line.cut


def test_the_first_sign_of_the_container_s_end_counts() -> None:
    line = Timeline(kept=False)
    line.cut.input_ended()
    line.cut.container_ended()
    line.now += APART
    line.cut.container_ended()
    assert not line.cut
