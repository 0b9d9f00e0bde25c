"""Live output waits for what came before: nothing twice, nothing lost, and the end last."""

from __future__ import annotations

from typing import Any

import pytest

from hyper_jupyter.exceptions import ConnectionLost, HyperJupyterError
from hyper_jupyter.protocol import Output, StreamType
from hyper_jupyter.session.attach import gate as module
from hyper_jupyter.session.attach.gate import Gate
from hyper_jupyter.session.rules.log.joint import Live
from tests.session.attach.subscribers import ListedSubscriber

OUT, ERR = StreamType.STDOUT, StreamType.STDERR
CONNECTION: Any = object()
INPUT: Any = object()


def outputs(*pairs: tuple[StreamType, bytes]) -> list[Output]:
    return [Output(*pair) for pair in pairs]


@pytest.mark.parametrize(
    ("log", "live", "expected"),
    [
        ([], [], []),
        ([(OUT, b"before\n")], [], [(OUT, b"before\n")]),
        ([], [(OUT, b"now\n")], [(OUT, b"now\n")]),
        ([(OUT, b"a\nb\n")], [(OUT, b"b\nc\n")], [(OUT, b"a\nb\n"), (OUT, b"c\n")]),
        ([(OUT, b"a\nb\n")], [(OUT, b"b"), (OUT, b"\n")], [(OUT, b"a\nb\n")]),
        (
            [(OUT, b"a\n"), (OUT, b"b\n")],
            [(OUT, b"c\n")],
            [(OUT, p) for p in (b"a\n", b"b\n", b"c\n")],
        ),
        (
            [(ERR, b"e1\n"), (OUT, b"o1\n"), (ERR, b"e2\n")],
            [(ERR, b"e2\n"), (OUT, b"o2\n"), (ERR, b"e3\n")],
            [(ERR, b"e1\n"), (OUT, b"o1\n"), (ERR, b"e2\n"), (OUT, b"o2\n"), (ERR, b"e3\n")],
        ),
    ],
    ids=["nothing", "log only", "live only", "seam", "live in log", "no seam", "two streams"],
)
def test_what_is_in_the_log_and_comes_live_comes_once(
    log: list[tuple[StreamType, bytes]],
    live: list[tuple[StreamType, bytes]],
    expected: list[tuple[StreamType, bytes]],
) -> None:
    subscriber = ListedSubscriber()
    gate = Gate(subscriber)
    for output in live:
        gate.receive_output([Output(*output)])
    assert subscriber.received == []
    gate.open_after(outputs(*log))
    assert subscriber.received == outputs(*expected)


def test_once_it_is_open_everything_passes() -> None:
    subscriber = ListedSubscriber()
    gate = Gate(subscriber)
    gate.receive_output(outputs((OUT, b"held\n")))
    gate.open()
    gate.receive_output(outputs((OUT, b"live\n")))
    gate.receive_end(CONNECTION, None)
    assert gate.is_open
    assert subscriber.received == [
        *outputs((OUT, b"held\n"), (OUT, b"live\n")),
        ("end", CONNECTION, None),
    ]


@pytest.mark.parametrize("error", [None, ConnectionLost("gone")])
def test_the_ends_of_all_connections_come_last(error: HyperJupyterError | None) -> None:
    subscriber = ListedSubscriber()
    gate = Gate(subscriber)
    gate.receive_end(INPUT, None)
    gate.receive_output(outputs((ERR, b"last\n")))
    assert not gate.has_ended(CONNECTION)
    gate.receive_end(CONNECTION, error)
    assert gate.has_ended(CONNECTION)
    assert subscriber.received == []
    gate.open_after(outputs((ERR, b"first\n")))
    assert subscriber.received == [
        *outputs((ERR, b"first\n"), (ERR, b"last\n")),
        ("end", INPUT, None),
        ("end", CONNECTION, error),
    ]


def test_the_beginning_of_what_is_held_can_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PROBE", 4)
    gate = Gate(ListedSubscriber())
    gate.receive_output(outputs((OUT, b"abc"), (ERR, b"x"), (OUT, b"de")))
    seen = gate.snapshot()
    assert (seen.begins, seen.sizes) == ({OUT: b"abcd", ERR: b"x"}, {OUT: 5, ERR: 1})
    gate.receive_output(outputs((OUT, b"f")))
    now = gate.snapshot().sizes
    assert seen.live(OUT, now) == Live(b"abcd", whole=True, quiet=False)
    assert seen.live(ERR, now) == Live(b"x", whole=True, quiet=True)


def test_too_much_is_reported_and_may_open_it_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST", 3)
    subscriber = ListedSubscriber()
    gate = Gate(subscriber, Gate.open)
    gate.receive_output(outputs((OUT, b"abc")))
    assert not gate.is_full
    gate.receive_output(outputs((OUT, b"d")))
    assert gate.is_open
    assert subscriber.received == outputs((OUT, b"abc"), (OUT, b"d"))
