"""Functions that are called with output: in order, and none in another's way."""

from __future__ import annotations

import logging
import sys
import threading
from typing import NoReturn

import pytest

from hyper_jupyter.protocol import Output, StreamType
from hyper_jupyter.session.io.runtime import runtime
from hyper_jupyter.session.store.callbacks import OutputCallbacks
from hyper_jupyter.session.store.journal import Journal
from hyper_jupyter.session.store.spool import Spool
from tests.session.store.disks import RoomyDisk

OUT, ERR = StreamType.STDOUT, StreamType.STDERR
PATIENCE = 10.0
LINE = b"0123456789abcde\n"


@pytest.fixture
def journal() -> Journal:
    return Journal()


def delivered(output: OutputCallbacks) -> None:
    """Return when all output so far has been delivered."""
    ran = threading.Event()
    output.then(ran.set)
    assert ran.wait(PATIENCE)


def small(capacity: int = 64) -> Journal:
    """A journal that keeps 32 bytes in memory and so many in its file."""
    return Journal(32, Spool(capacity, RoomyDisk()))


def leave() -> NoReturn:
    sys.exit(1)


def test_a_function_that_ends_its_own_calls_is_not_called_again() -> None:
    journal = Journal()
    output = OutputCallbacks(journal, threading.RLock())
    called: list[bytes] = []

    def once(_: StreamType, data: bytes) -> None:
        called.append(data)
        remove()

    remove = output.add(once)
    for number in range(4):
        journal.append(StreamType(1 + number % 2), b"%d" % number)
    delivered(output)
    assert called == [b"0"]


def test_a_function_that_calls_sys_exit_does_not_keep_output_from_the_next_one() -> None:
    journal = Journal()
    output = OutputCallbacks(journal, threading.RLock())
    called: list[bytes] = []
    output.add(lambda *_: leave())
    output.add(lambda _, data: called.append(data))
    journal.append(StreamType.STDOUT, b"x")
    delivered(output)
    assert called == [b"x"]


def test_a_slow_on_output_function_is_warned_of_what_it_misses(
    caplog: pytest.LogCaptureFixture,
) -> None:
    journal = small()
    output = OutputCallbacks(journal, threading.RLock())
    called: list[bytes] = []
    output.add(lambda _, data: called.append(data))
    with caplog.at_level(logging.WARNING):
        journal.append(OUT, LINE)
        delivered(output)
        assert caplog.messages == []
        for _ in range(20):
            journal.append(OUT, LINE)
        delivered(output)
    missed = 21 * len(LINE) - len(b"".join(called))
    assert missed > 0
    (message,) = caplog.messages
    assert f"{missed} bytes, which are no longer kept" in message


def test_each_function_gets_what_comes_behind_its_start_in_order(journal: Journal) -> None:
    output = OutputCallbacks(journal, threading.RLock())
    first: list[tuple[StreamType, bytes]] = []
    second: list[tuple[StreamType, bytes]] = []
    journal.append(OUT, b"before")
    output.add(lambda *call: first.append(call))
    journal.extend([Output(OUT, b"a"), Output(ERR, b"b"), Output(OUT, b"c")])
    output.add(lambda *call: second.append(call))
    journal.append(ERR, b"d")
    output.flush()
    delivered(output)
    assert first == [(OUT, b"a"), (ERR, b"b"), (OUT, b"c"), (ERR, b"d")]
    assert second == [(ERR, b"d")]
    output.flush()
    delivered(output)
    assert len(first) == 4
    journal.append(OUT, b"e")
    output.flush()
    delivered(output)
    assert first[4:] == second[1:] == [(OUT, b"e")]


def test_much_output_comes_in_pieces(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hyper_jupyter.session.store.callbacks._PIECE", 3)
    output = OutputCallbacks(journal, threading.RLock())
    called: list[bytes] = []
    output.add(lambda _, data: called.append(data))
    journal.append(OUT, b"abcdefgh")
    output.flush()
    delivered(output)
    assert called == [b"abc", b"def", b"gh"]


def test_functions_run_on_a_thread_of_their_own_one_after_another(journal: Journal) -> None:
    output = OutputCallbacks(journal, threading.RLock())
    threads: list[threading.Thread] = []
    for _ in range(2):
        output.add(lambda *_: threads.append(threading.current_thread()))
    journal.append(OUT, b"x")
    output.flush()
    delivered(output)
    assert len(threads) == 2
    assert threads[0] is threads[1] is not threading.current_thread()


def test_a_function_that_fails_gets_what_follows_and_so_do_the_others(
    journal: Journal, caplog: pytest.LogCaptureFixture
) -> None:
    output = OutputCallbacks(journal, threading.RLock())
    called: list[bytes] = []
    good: list[bytes] = []

    def fails(_: StreamType, data: bytes) -> None:
        called.append(data)
        raise ValueError(data)

    output.add(fails)
    output.add(lambda _, data: good.append(data))
    for stream, data in ((OUT, b"a"), (ERR, b"b")):
        journal.append(stream, data)
    output.flush()
    delivered(output)
    assert called == good == [b"a", b"b"]
    assert caplog.messages == ["! an on_output function failed"] * 2


def test_a_slow_function_holds_up_no_output_and_misses_none(journal: Journal) -> None:
    output = OutputCallbacks(journal, threading.RLock())
    called: list[bytes] = []
    entered, gate = threading.Event(), threading.Event()

    def slow(_: StreamType, data: bytes) -> None:
        entered.set()
        assert gate.wait(PATIENCE)
        called.append(data)

    output.add(slow)
    journal.append(OUT, b"a")
    output.flush()
    assert entered.wait(PATIENCE)
    for data in (b"b", b"c"):
        journal.append(OUT, data)
        output.flush()
    gate.set()
    delivered(output)
    assert b"".join(called) == b"abc"


def test_where_nobody_listens_nothing_is_scheduled(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    submitted: list[object] = []
    monkeypatch.setattr(runtime().callbacks, "submit", submitted.append)
    output = OutputCallbacks(journal, threading.RLock())
    journal.append(OUT, b"x")
    output.flush()
    remove = output.add(lambda *_: None)
    remove()
    output.flush()
    assert submitted == []
    output.add(lambda *_: None)
    for _ in range(3):
        output.flush()
    assert len(submitted) == 1  # one delivery is enough for all that came before it


def test_a_function_that_is_never_done_does_not_keep_others_from_their_turn(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hyper_jupyter.session.store.callbacks.TURN", 0.0)
    output, other = (
        OutputCallbacks(journal, threading.RLock()),
        OutputCallbacks(journal, threading.RLock()),
    )
    called: list[bytes] = []
    reached = threading.Event()

    def endless(stream: StreamType, data: bytes) -> None:
        called.append(data)
        journal.append(StreamType(3 - stream), b"%d" % len(called))  # there is always more

    remove = output.add(endless)
    other.add(lambda *_: reached.set())
    journal.append(OUT, b"0")
    output.flush()
    other.flush()
    assert reached.wait(PATIENCE)
    ran = threading.Event()
    runtime().callbacks.submit(ran.set)
    assert ran.wait(PATIENCE)
    remove()
    assert called == [b"%d" % number for number in range(len(called))]


def test_what_follows_output_waits_for_every_function_that_is_still_there(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hyper_jupyter.session.store.callbacks.TURN", 0.0)
    output = OutputCallbacks(journal, threading.RLock())
    called: list[object] = []
    for name in "ab":
        output.add(lambda _, data, name=name: called.append((name, data)))
    journal.extend([Output(OUT, b"1"), Output(ERR, b"2")])
    output.then(lambda: called.append("first"))
    output.then(lambda: called.append("second"))
    delivered(output)
    assert called == [("a", b"1"), ("b", b"1"), ("a", b"2"), ("b", b"2"), "first", "second"]


def test_what_follows_output_does_not_wait_for_a_function_that_was_removed(
    journal: Journal,
) -> None:
    output = OutputCallbacks(journal, threading.RLock())
    remove = output.add(lambda *_: remove())
    journal.extend([Output(OUT, b"1"), Output(ERR, b"2")])
    delivered(output)
