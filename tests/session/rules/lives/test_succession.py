"""Which lives have followed one, and whether others may have."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from hyper_jupyter.session.rules.lives.between import Life, LifeEvent
from hyper_jupyter.session.rules.lives.succession import accounts_for, succession

START = datetime(2026, 11, 30, 10, tzinfo=UTC)


def at(second: float) -> float:
    return START.timestamp() + second


def moment(second: float | None) -> str:
    if second is None:
        return "0001-01-01T00:00:00Z"
    return datetime.fromtimestamp(at(second), UTC).isoformat().replace("+00:00", "Z")


def inspected(
    started: float, finished: float | None, *, runs: bool = True, count: int = 0
) -> dict[str, Any]:
    return {
        "RestartCount": count,
        "State": {
            "Status": "running" if runs else "exited",
            "Running": runs,
            "ExitCode": 0,
            "StartedAt": moment(started),
            "FinishedAt": moment(finished),
        },
    }


def start(second: float) -> LifeEvent:
    return LifeEvent(True, at(second))


def end(second: float, code: int = 1) -> LifeEvent:
    return LifeEvent(False, at(second), code)


@pytest.mark.parametrize(
    ("heard", "newest", "accounted"),
    [
        # The newest life runs: inspect has the end of the one before it.
        ([end(20), start(30)], inspected(30, 20), True),
        ([end(20.2), start(30)], inspected(30, 20), True),
        ([end(20), start(22), end(23), start(30)], inspected(30, 23), True),
        ([end(20), start(30)], inspected(30, 25), False),
        ([end(20), start(30)], inspected(30, None), True),
        ([start(22), end(23)], inspected(30, 28), False),
        ([], inspected(30, 20), False),  # when the first one ended is not known
        ([], inspected(30, 20, count=6), True),  # its policy has started it once
        ([], inspected(30, 20, count=7), False),
        # The newest one is over, too.
        ([end(20), start(30)], inspected(30, 31, runs=False), True),
        ([end(20)], inspected(30, 31, runs=False), False),
        ([], inspected(30, 31, runs=False, count=6), True),
    ],
)
def test_whether_there_is_room_for_lives_that_nobody_has_named(
    heard: list[LifeEvent], newest: dict[str, Any], accounted: bool
) -> None:
    runs = newest["State"]["Running"]
    found = accounts_for(Life(at(10)), newest, heard, runs=runs, count=5)
    assert found is accounted


def test_what_inspect_knew_of_the_end_counts_as_heard() -> None:
    last = Life(at(10), at(20), 1)
    assert accounts_for(last, inspected(30, 20), [], runs=True, count=5)
    assert not accounts_for(last, inspected(30, 28), [], runs=True, count=5)


@pytest.mark.parametrize("kept", [False, True], ids=["unheard", "heard"])
def test_the_end_of_a_next_life_is_not_that_of_the_last_one(*, kept: bool) -> None:
    last = Life(at(10.2), at(20.4), 1)
    heard = [start(10.2), end(20.45)] if kept else []
    heard += [start(22.1), end(23.1, 4)]
    over = inspected(22.1, 23.0, runs=False, count=2)
    found = succession(last, over, heard, runs=False, other=False, restarts=0, count=1)
    first_end = at(20.45) if kept else at(20.4)
    assert found.lives == [Life(at(10.2), first_end, 1), Life(at(22.1), at(23.1), 0)]
    assert found.texts[0].startswith("exited with code 1, started again after 1.")


def test_lives_between_a_known_end_and_the_first_event_may_be_unknown() -> None:
    last, heard = Life(at(10.2), at(20.4), 1), [start(22.1), end(23.1, 4)]
    over = inspected(22.1, 23.0, runs=False)
    assert not accounts_for(last, over, heard, runs=False, count=5)
    assert accounts_for(last, inspected(22.1, 20.4), heard[:1], runs=True, count=5)
    heard.append(start(24.1))
    later = inspected(24.1, 23.0)
    assert not accounts_for(last, later, heard, runs=True, count=5)
    whole = [start(10.2), end(20.45), *heard]
    assert accounts_for(last, over, whole[:-1], runs=False, count=5)
    assert accounts_for(last, later, whole, runs=True, count=5)


def test_a_life_of_which_only_its_end_is_known_is_listed() -> None:
    last = Life(at(10), at(20), 3)
    found = succession(last, inspected(30, 28), [], runs=True, other=False, restarts=0, count=0)
    assert found.lives == [last, Life(None, at(28)), Life(at(30))]
    assert found.texts == [
        "exited with code 3, started again (restart 1)",
        (
            "exited with an unknown code, started again after 2.0 s (restart 2); "
            "others may have come and gone unseen"
        ),
    ]


SECOND = [start(22.1), end(23.1, 4), start(24.1)]
B, C = Life(at(22.1), at(23.1), 4), Life(at(24))
C_OVER = Life(at(24), at(25.05), 0)


@pytest.mark.parametrize(
    ("heard", "newest", "lives"),
    [
        # Of the first life, all was heard, its end, its start, or nothing.
        (
            [start(10.1), end(20.1, 3), *SECOND],
            inspected(24, 23, count=2),
            [Life(at(10.1), at(20.1), 3), B, C],
        ),
        ([end(20, 3), *SECOND], inspected(24, 23, count=2), [Life(None, at(20), 3), B, C]),
        ([end(20, 3), *SECOND], inspected(24, 25, runs=False), [Life(None, at(20), 3), B, C_OVER]),
        ([end(20, 3), SECOND[0]], inspected(22, 20), [Life(None, at(20), 3), Life(at(22))]),
        ([start(10.1)], inspected(22, 20, count=1), [Life(at(10.1), at(20), 7), Life(at(22))]),
        ([SECOND[0]], inspected(22, 20, count=1), [Life(None, at(20), 7), Life(at(22))]),
        (SECOND[2:], inspected(24, 25, runs=False, count=1), [Life(None, None, 7), C_OVER]),
        (
            [*SECOND[2:], end(25.2)],
            inspected(24, 25, runs=False, count=1),
            [Life(None, None, 7), Life(at(24), at(25.2), 0)],
        ),
    ],
)
def test_a_life_of_unknown_start_takes_no_start_of_another(
    heard: list[LifeEvent], newest: dict[str, Any], lives: list[Life]
) -> None:
    runs = newest["State"]["Running"]
    last = Life(None, None, 7)
    found = succession(last, newest, heard, runs=runs, other=False, restarts=0, count=0)
    assert (found.lives, found.missed) == (lives, 0)


def test_who_has_not_heard_of_a_life_has_not_listened_from_its_end_on() -> None:
    last, over = Life(None, None, 7), inspected(24, 25, runs=False)
    assert not accounts_for(last, over, [*SECOND[2:], end(25.2)], runs=False, count=0)
    assert accounts_for(last, over, [end(20, 3), *SECOND[2:], end(25.2)], runs=False, count=0)


def test_where_the_policy_counts_lives_nothing_else_is_said_to_be_missing() -> None:
    last = Life(at(10), at(20), 3)
    found = succession(
        last, inspected(30, 28, count=3), [], runs=True, other=False, restarts=0, count=0
    )
    assert found.texts[-1].endswith("; 1 restart in between left no mark")
