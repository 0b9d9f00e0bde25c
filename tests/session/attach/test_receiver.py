"""What the I/O thread calls for a session: which output is stored, and who learns of it."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from hyper_jupyter.client import EngineProfile
from hyper_jupyter.exceptions import ConnectionLost, HyperJupyterError
from hyper_jupyter.protocol import Output, StreamType
from hyper_jupyter.protocol.log_entries import LogTimes
from hyper_jupyter.session.attach.receiver import Receiver
from hyper_jupyter.session.store.journal import Journal
from tests.session.rules.plans import DOCKER, plan_of

OUT, ERR = StreamType.STDOUT, StreamType.STDERR
BANNER = b"Error: detached from container\n"
OLD_PODMAN = EngineProfile.of("podman", "4.3.1", api="1.41")


class ListedEnding:
    """Lists what it learns, with the length of the journal then."""

    detaching = False

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.learned: list[tuple[Any, ...]] = []

    def receive_output(self, *, kept: bool) -> None:
        self.learned.append(("output", kept, len(self.journal)))

    def receive_end(self, connection: Any, error: HyperJupyterError | None) -> None:
        self.learned.append(("end", connection, error))


class Receiving:
    """A receiver, with all that it may call."""

    def __init__(self, profile: EngineProfile = DOCKER, **options: Any) -> None:
        self.journal = Journal()
        self.ending = ListedEnding(self.journal)
        plan = plan_of(profile, **options)
        self.receiver = Receiver(self.journal, plan)
        self.receiver.ending = self.ending

    def receive(self, *outputs: tuple[StreamType, bytes]) -> list[tuple[StreamType, bytes]]:
        """What of it is stored."""
        before = len(self.journal)
        self.receiver.receive_output([Output(*output) for output in outputs])
        records, _ = self.journal.records(before, 1000)
        return [(stream, data) for stream, _, data in records]


def test_both_streams_are_stored_in_their_order_and_then_told() -> None:
    receiving = Receiving()
    outputs = ((OUT, b"one"), (ERR, b"two"), (OUT, b"three"))
    assert receiving.receive(*outputs) == [*outputs]
    assert receiving.ending.learned == [("output", True, 11)]


def test_a_log_s_output_counts_for_the_time_at_which_it_was_printed() -> None:
    receiving = Receiving()
    receiving.receiver.receive_output(
        [Output(OUT, b"a\n"), Output(ERR, b"b\n")], LogTimes([5.0, 6.0])
    )
    records, _ = receiving.journal.records(0, 100)
    assert records == [(OUT, 5.0, b"a\n"), (ERR, 6.0, b"b\n")]
    assert receiving.ending.learned == [("output", True, 4)]


@pytest.mark.parametrize(
    ("options", "stored"),
    [
        ({"stdout": False}, [(ERR, b"err")]),
        ({"stderr": False}, [(OUT, b"outmore")]),
    ],
    ids=["stderr only", "stdout only"],
)
def test_a_stream_that_was_not_wanted_is_not_stored(
    options: dict[str, bool], stored: list[tuple[StreamType, bytes]]
) -> None:
    receiving = Receiving(**options)
    assert receiving.receive((OUT, b"out"), (ERR, b"err"), (OUT, b"more")) == stored


def test_output_of_which_nothing_is_kept_is_told_as_such() -> None:
    receiving = Receiving(stderr=False)
    assert receiving.receive((ERR, b"err")) == []
    # It came, so the stream is not silent; but the session has received nothing.
    assert receiving.ending.learned == [("output", False, 0)]


def test_the_words_that_podman_4_adds_when_we_leave_are_not_output() -> None:
    receiving = Receiving(OLD_PODMAN, tty=True)
    receiving.ending.detaching = True
    assert receiving.receive((OUT, b"last\r\n" + BANNER)) == [(OUT, b"last\r\n")]
    assert receiving.receive((OUT, BANNER)) == []
    assert [learned[:2] for learned in receiving.ending.learned] == [
        ("output", True),
        ("output", False),
    ]


def test_the_same_words_are_output_as_long_as_nobody_leaves() -> None:
    receiving = Receiving(OLD_PODMAN, tty=True)
    assert receiving.receive((OUT, BANNER)) == [(OUT, BANNER)]


@pytest.mark.parametrize("profile", [DOCKER, EngineProfile.of("podman", "5.4.2", api="1.41")])
def test_the_same_words_of_an_engine_that_adds_none_are_the_container_s(
    profile: EngineProfile,
) -> None:
    receiving = Receiving(profile, tty=True)
    receiving.ending.detaching = True
    assert receiving.receive((OUT, BANNER)) == [(OUT, BANNER)]


def test_views_are_stored_in_their_order() -> None:
    view = memoryview(b"o" * 5000 + b"e" * 5000)
    receiving = Receiving()
    receiving.receiver.receive_output([(OUT, view[:5000]), (ERR, view[5000:])])
    records, _ = receiving.journal.records(0, 20_000)
    assert [record[::2] for record in records] == [(OUT, b"o" * 5000), (ERR, b"e" * 5000)]


def test_a_view_of_one_stream_keeps_nothing_of_the_other_if_that_is_not_wanted() -> None:
    chunk = b"o" * 5000 + b"e" * 5000
    before = sys.getrefcount(chunk)
    receiving = Receiving(stdout=False)
    receiving.receiver.receive_output(
        [(OUT, memoryview(chunk)[:5000]), (ERR, memoryview(chunk)[5000:])]
    )
    assert receiving.journal.read(ERR, 0, 20_000) == b"e" * 5000
    assert sys.getrefcount(chunk) == before


def test_the_words_that_podman_4_adds_are_found_in_a_view_too() -> None:
    receiving = Receiving(OLD_PODMAN, tty=True)
    receiving.ending.detaching = True
    receiving.receiver.receive_output([(OUT, memoryview(b"last\r\n" + BANNER))])
    assert receiving.journal.read(OUT, 0, 100) == b"last\r\n"


def test_the_end_of_a_connection_is_handed_on_as_it_is() -> None:
    receiving = Receiving()
    connection: Any = object()
    error = ConnectionLost("gone")
    receiving.receiver.receive_end(connection, error)
    receiving.receiver.receive_end(connection, None)
    assert receiving.ending.learned == [("end", connection, error), ("end", connection, None)]
