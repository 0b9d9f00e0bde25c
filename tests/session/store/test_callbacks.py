"""Functions that are called with output: in order, and none in another's way."""

from __future__ import annotations

import logging
import sys
from typing import NoReturn

import pytest

from hyper_jupyter.protocol import StreamType
from hyper_jupyter.session.store.callbacks import OutputCallbacks
from hyper_jupyter.session.store.journal import Journal
from hyper_jupyter.session.store.spool import Spool
from tests.session.store.disks import RoomyDisk

OUT, ERR = StreamType.STDOUT, StreamType.STDERR
LINE = b"0123456789abcde\n"


def small(capacity: int = 64) -> Journal:
    """A journal that keeps 32 bytes in memory and so many in its file."""
    return Journal(32, Spool(capacity, RoomyDisk()))


def leave() -> NoReturn:
    sys.exit(1)


def test_a_function_that_ends_its_own_calls_is_not_called_again() -> None:
    journal = Journal()
    output = OutputCallbacks(journal)
    called: list[bytes] = []

    def once(_: StreamType, data: bytes) -> None:
        called.append(data)
        remove()

    remove = output.add(once)
    for number in range(4):
        journal.append(StreamType(1 + number % 2), b"%d" % number)
    output._deliver()
    assert called == [b"0"]


def test_a_function_that_calls_sys_exit_does_not_keep_output_from_the_next_one() -> None:
    journal = Journal()
    output = OutputCallbacks(journal)
    called: list[bytes] = []
    output.add(lambda *_: leave())
    output.add(lambda _, data: called.append(data))
    journal.append(StreamType.STDOUT, b"x")
    output._deliver()
    assert called == [b"x"]


def test_a_slow_on_output_function_is_warned_of_what_it_misses(
    caplog: pytest.LogCaptureFixture,
) -> None:
    journal = small()
    output = OutputCallbacks(journal)
    called: list[bytes] = []
    output.add(lambda _, data: called.append(data))
    with caplog.at_level(logging.WARNING):
        journal.append(OUT, LINE)
        output._deliver()
        assert caplog.messages == []
        for _ in range(20):
            journal.append(OUT, LINE)
        output._deliver()
    missed = 21 * len(LINE) - len(b"".join(called))
    assert missed > 0
    (message,) = caplog.messages
    assert f"{missed} bytes are not kept any more" in message
