"""The lives of a container, as tables."""

from __future__ import annotations

from typing import Any

import pytest

from hyper_jupyter.session.rules.lives.between import (
    Between,
    Life,
    LifeEvent,
    between_text,
    lives_in,
    missed_lives,
    since_end,
    starts_by_itself,
    what_follows,
)

ENDED = {"Status": "exited", "Running": False, "ExitCode": 3}
RUNS = {"Status": "running", "Running": True}
RESTARTING = {"Status": "restarting", "Running": True, "Restarting": True}


@pytest.mark.parametrize(
    ("state", "run", "found"),
    [
        (None, "one", Between.GONE),
        ({"Status": "removing"}, "one", Between.GONE),
        ({**ENDED, "StartedAt": "one"}, "one", Between.WAITS),
        ({**ENDED, "StartedAt": "two"}, "one", Between.PAST),
        ({**ENDED, "StartedAt": "two"}, "", Between.WAITS),
        ({**RESTARTING, "StartedAt": "one"}, "one", Between.WAITS),
        ({**RESTARTING, "StartedAt": "two"}, "one", Between.PAST),
        ({**RUNS, "StartedAt": "two"}, "one", Between.RUNS),
        ({**RUNS, "StartedAt": "two"}, "", Between.RUNS),
        ({**RUNS, "StartedAt": "one"}, "one", Between.WAITS),  # inspect is out of date
        ({"Status": "paused", "Running": True, "StartedAt": "two"}, "one", Between.RUNS),
        ({"Status": "created", "StartedAt": ""}, "one", Between.WAITS),
    ],
)
def test_what_follows_a_life(state: dict[str, Any] | None, run: str, found: Between) -> None:
    assert what_follows(state, run) is found


@pytest.mark.parametrize(
    ("policy", "state", "code", "count", "again"),
    [
        ({}, ENDED, 1, 0, False),
        ({"Name": "no"}, ENDED, 1, 0, False),
        ({"Name": "always"}, ENDED, 0, 7, None),
        ({"Name": "unless-stopped"}, ENDED, 0, 7, None),
        ({"Name": "on-failure"}, ENDED, 0, 0, False),
        ({"Name": "on-failure"}, ENDED, 1, 99, None),
        ({"Name": "on-failure", "MaximumRetryCount": 3}, ENDED, 1, 2, None),
        ({"Name": "on-failure", "MaximumRetryCount": 3}, ENDED, 1, 4, False),
        ({"Name": "on-failure", "MaximumRetryCount": None}, ENDED, 1, 3, None),
        ({"Name": "on-failure"}, ENDED, None, 0, None),
        ({"Name": "no"}, RESTARTING, 0, 0, True),
        ({"Name": "always"}, None, 0, 0, False),
    ],
)
def test_whether_the_engine_starts_it_again(
    policy: dict[str, Any], state: dict[str, Any] | None, code: int, count: int, again: bool | None
) -> None:
    assert starts_by_itself(policy, state, code=code, count=count, shown=False) is again


@pytest.mark.parametrize(("state", "again"), [(ENDED, False), (RESTARTING, True), (None, False)])
def test_some_engines_say_that_they_start_it_again(
    state: dict[str, Any] | None, again: bool
) -> None:
    policy = {"Name": "always"}
    assert starts_by_itself(policy, state, code=1, count=0, shown=True) is again


def start(at: float) -> LifeEvent:
    return LifeEvent(True, at)


def end(at: float, code: int | None = None) -> LifeEvent:
    return LifeEvent(False, at, code)


@pytest.mark.parametrize(
    ("events", "ended", "past", "started"),
    [
        ([], None, [], None),
        ([end(5)], 5, [], None),
        ([end(5), start(6)], 5, [], 6),
        ([start(6)], None, [], 6),
        ([end(5), start(6), end(7, 1)], 5, [Life(6, 7, 1)], None),
        (
            [end(5), start(6), end(7, 1), start(8), end(9, 2), start(10)],
            5,
            [Life(6, 7, 1), Life(8, 9, 2)],
            10,
        ),
        ([start(6), end(7, 1), start(8)], None, [Life(6, 7, 1)], 8),
    ],
)
def test_what_events_say_of_the_lives_between(
    events: list[LifeEvent], ended: float | None, past: list[Life], started: float | None
) -> None:
    assert lives_in(events) == (ended, past, started)


@pytest.mark.parametrize(
    ("before", "now", "seen", "missed"),
    [(0, 1, 0, 0), (0, 4, 0, 3), (0, 4, 3, 0), (2, 5, 1, 1), (3, 0, 0, 0), (0, 2, 5, 0)],
)
def test_lives_that_only_the_engine_s_count_knows(
    before: int, now: int, seen: int, missed: int
) -> None:
    assert missed_lives(before, now, seen) == missed


@pytest.mark.parametrize(
    ("before", "started", "more", "text"),
    [
        (Life(1, 2, 1), 4.1, {}, "exited with code 1, started again after 2.1 s (restart 3)"),
        (
            Life(1, 2, 137),
            3902,
            {},
            "exited with code 137 (killed, SIGKILL), started again after 3,900 s (restart 3)",
        ),
        (Life(1), None, {}, "exited with an unknown code, started again (restart 3)"),
        (Life(1, 5, 0), 4, {}, "exited with code 0, started again (restart 3)"),
        (
            Life(1, 2, 0),
            4,
            {"other": "f00d"},
            "exited with code 0, another container has its name now (f00d) after 2.0 s (restart 3)",
        ),
        (
            Life(1, 2, 1),
            4,
            {"missed": 2},
            (
                "exited with code 1, started again after 2.0 s (restart 3); "
                "2 restarts in between left no mark"
            ),
        ),
        (
            Life(1, 2, 1),
            4,
            {"missed": 1},
            (
                "exited with code 1, started again after 2.0 s (restart 3); "
                "1 restart in between left no mark"
            ),
        ),
        (
            Life(1, 2, 1),
            4,
            {"unsure": True},
            (
                "exited with code 1, started again after 2.0 s (restart 3); "
                "others may have come and gone unseen"
            ),
        ),
    ],
)
def test_what_a_mark_between_two_lives_says(
    before: Life, started: float | None, more: dict[str, Any], text: str
) -> None:
    assert between_text(before, started, 3, **more) == text


@pytest.mark.parametrize(
    ("life", "events", "found"),
    [
        (Life(4), [end(3), start(4), end(5, 1)], [end(5, 1)]),
        (Life(4), [start(4), end(5), start(6), end(7)], [end(5), start(6), end(7)]),
        (Life(4), [start(4)], []),
        (Life(None), [start(4), end(5)], [end(5)]),
        (Life(4), [], []),
        # Inspect knew of its end, of which no event came: the first one is of the next life.
        (
            Life(10.2, 20.4, 1),
            [start(22.1), end(23.1, 4), start(24.1)],
            [start(22.1), end(23.1, 4), start(24.1)],
        ),
        (
            Life(10.2, 20.4, 1),
            [start(10.200008), start(22.1), end(23.1, 4)],
            [start(22.1), end(23.1, 4)],
        ),
        (Life(None, 20.4), [start(22.1), end(23.1, 4)], [start(22.1), end(23.1, 4)]),
        # An end may be heard a moment after inspect has it.
        (Life(10.2, 20.4, 1), [end(20.5, 1), start(20.6)], [end(20.5, 1), start(20.6)]),
        (
            Life(10.2, 20.4, 1),
            [start(10.200008), end(20.5, 1), start(20.6)],
            [end(20.5, 1), start(20.6)],
        ),
        # A life may be over before its own start is heard.
        (Life(10.2, 10.21, 1), [start(10.25), end(10.26, 1)], [end(10.26, 1)]),
        (Life(10.2, 10.21, 1), [start(11.25), end(11.3, 4)], [start(11.25), end(11.3, 4)]),
        # Some engines have whole seconds, which leave open whose a start is.
        (Life(10.2, 20.4, 1), [start(22), end(22, 4)], [end(22, 4)]),
        (Life(10.95, 11.2, 1), [start(11), end(11, 1), start(11)], [end(11, 1), start(11)]),
        (Life(10, 10, 1), [start(10), end(10, 1), start(12)], [end(10, 1), start(12)]),
    ],
)
def test_the_events_since_the_end_of_a_life(
    life: Life, events: list[LifeEvent], found: list[LifeEvent]
) -> None:
    assert since_end(life, events) == found
