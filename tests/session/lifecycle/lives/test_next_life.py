"""Attaching to a container's next life: what it has printed before comes first, and once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from hyper_jupyter.client import Container
from hyper_jupyter.exceptions import ConnectionFailed
from hyper_jupyter.protocol import Output, StreamType
from hyper_jupyter.protocol.log_entries import TimedOutput
from hyper_jupyter.session import State
from hyper_jupyter.session.attach.logs.log_section import LogSection
from hyper_jupyter.session.attach.opening import Opening
from hyper_jupyter.session.attach.receiver import Receiver
from hyper_jupyter.session.attach.target import target_of
from hyper_jupyter.session.io.runtime import runtime
from hyper_jupyter.session.lifecycle.lifecycle import Lifecycle
from hyper_jupyter.session.lifecycle.lives import next_life as module
from hyper_jupyter.session.lifecycle.lives.next_life import NextLife
from hyper_jupyter.session.rules.lives.between import Passage
from hyper_jupyter.session.store.journal import Journal
from hyper_jupyter.session.store.marks import MarkKind, Marks
from tests.session.clients import PairedClient
from tests.session.rules.plans import EMBEDDED, plan_of

OUT, ERR = StreamType.STDOUT, StreamType.STDERR
RUNS: dict[str, Any] = {
    "Id": "f00d",
    "Name": "/web",
    "Config": {"OpenStdin": True},
    "State": {"Status": "running", "Running": True, "StartedAt": "2026-11-30T10:00:22Z"},
}
END = 20.0


class QuietEnding:
    """Takes note of output."""

    detaching = False

    def receive_output(self, *, kept: bool) -> None: ...

    def receive_end(self, connection: Any, error: Any) -> None: ...


class OneAttachment:
    """An attachment whose next connection carries what a test says as soon as it is open."""

    def __init__(self, plan: Any) -> None:
        self.plan = plan
        self.output: Any = None
        self.opening: Opening | None = None
        self.live: list[Output] = []
        self.error: Exception | None = None
        self.left = 0
        self.gate: Any = None

    def renew(self, plan: Any, subscriber: Any) -> None:
        self.plan, self.gate = plan, subscriber

    def open(self, _: object) -> None:
        if self.error is not None:
            raise self.error
        self.output, self.opening = object(), Opening(0.0, 0.0, 0.0)
        if self.live:
            self.gate.receive_output(self.live)

    def unsubscribe(self) -> None:
        self.left += 1


class Rejoined:
    """A session between two lives, with a log that a test writes.

    Attributes:
        log: the entries of the log since the end of the first life, or why it cannot be read.
    """

    def __init__(self) -> None:
        client: Any = PairedClient(EMBEDDED)
        plan = plan_of(EMBEDDED)
        self.journal = Journal()
        self.marks = Marks(self.journal, threading.RLock())
        self.attachment: Any = OneAttachment(plan)
        self.lifecycle = Lifecycle(self.journal)
        self.lifecycle.move(State.ATTACHED)
        self.lifecycle.move(State.RECONNECTING)
        self.log: list[TimedOutput] | Exception = []
        self.watched = 0
        receiver = Receiver(self.journal, plan)
        receiver.ending = QuietEnding()
        ending: Any = self
        owner: Any = SimpleNamespace(renew=lambda _: None)
        resizing: Any = SimpleNamespace(send_again=lambda: None)
        self.next = NextLife(
            client,
            target_of(client, Container("f00d", "web", "busybox"), plan),
            self.attachment,
            receiver,
            self.journal,
            self.marks,
            self.lifecycle,
            ending,
            owner,
            resizing,
        )
        receiver.receive_output([Output(OUT, b"first life\n")])

    def reopened(self) -> None:
        self.lifecycle.move(State.ATTACHED)

    def watch_life(self) -> None:
        self.watched += 1

    def read(self, *_: object, **__: object) -> LogSection:
        if isinstance(self.log, Exception):
            raise self.log
        return LogSection(tuple(self.log), {OUT: 0, ERR: 0}, frozenset(), whole=True, covers=True)

    def attach(self, *, begun: Callable[[], object] = lambda: None) -> bool:
        passage = Passage(END, ["started again (restart 1)"])
        return self.next.attach(RUNS, passage, lambda: None, begun)

    def texts(self) -> list[tuple[str, str]]:
        return [(mark.kind, mark.text) for mark in self.marks.all]


@pytest.fixture
def rejoined(monkeypatch: pytest.MonkeyPatch) -> Rejoined:
    made = Rejoined()
    monkeypatch.setattr(module, "read_section", made.read)
    monkeypatch.setattr(module, "_SETTLE", 0.0)
    return made


def entries(*lines: bytes, first: float = END + 2) -> list[TimedOutput]:
    """Lines of stdout, a second apart; ``err…`` is a line of stderr."""
    streams = (ERR if line.startswith(b"err") else OUT for line in lines)
    return [
        TimedOutput(stream, line, first + number)
        for number, (stream, line) in enumerate(zip(streams, lines, strict=True))
    ]


def test_what_it_printed_before_it_was_attached_comes_first_and_once(rejoined: Rejoined) -> None:
    old = TimedOutput(OUT, b"first life\n", END - 1)
    rejoined.log = [old, *entries(b"early\n", b"err early\n", b"live\n")]
    rejoined.attachment.live = [Output(OUT, b"live\n")]
    seen: list[bytes] = []
    assert rejoined.attach(begun=lambda: seen.append(rejoined.journal.read(OUT, 0, 100)))
    assert seen == [b"first life\n"]
    assert rejoined.journal.read(OUT, 0, 100) == b"first life\nearly\nlive\n"
    assert rejoined.journal.read(ERR, 0, 100) == b"err early\n"
    (mark,) = rejoined.marks.all
    assert (mark.kind, mark.offsets) == (MarkKind.LIFE, {OUT: 11, ERR: 0})
    assert (rejoined.lifecycle.state, rejoined.watched) == (State.ATTACHED, 1)
    rejoined.attachment.gate.receive_output([Output(OUT, b"more\n")])
    assert rejoined.journal.read(OUT, 0, 100).endswith(b"live\nmore\n")


@pytest.mark.parametrize("early", [False, True])
def test_later_gaps_are_counted_only_if_all_of_it_came_live(
    rejoined: Rejoined, early: bool
) -> None:
    rejoined.log = entries(*([b"early\n"] if early else []), b"live\n")
    rejoined.attachment.live = [Output(OUT, b"live\n")]
    assert rejoined.attach()
    assert rejoined.attachment.opening.live is not early


def test_a_life_that_is_over_before_it_is_attached_changes_nothing(rejoined: Rejoined) -> None:
    rejoined.attachment.error = ConnectionFailed("it is over")
    assert not rejoined.attach()
    assert (rejoined.texts(), rejoined.attachment.left) == ([], 1)
    assert rejoined.lifecycle.state is State.RECONNECTING


def test_a_place_that_nothing_proves_is_marked(
    rejoined: Rejoined, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PATIENCE", 0.0)
    rejoined.log = entries(*[b"x\n"] * 3)
    rejoined.attachment.live = [Output(OUT, b"y\n")]
    assert rejoined.attach()
    kinds = [kind for kind, _ in rejoined.texts()]
    assert kinds == [MarkKind.LIFE, MarkKind.GAP]
    assert "may be missing here, or come twice" in rejoined.texts()[1][1]


def test_a_log_that_cannot_be_read_is_said_and_costs_no_live_output(
    rejoined: Rejoined, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PATIENCE", 0.0)
    rejoined.log = ConnectionFailed("no log")
    rejoined.attachment.live = [Output(OUT, b"live\n")]
    assert rejoined.attach()
    assert rejoined.journal.read(OUT, 0, 100) == b"first life\nlive\n"
    assert rejoined.texts()[1][1].endswith("is not known: no log")


def test_lives_that_came_and_went_are_taken_from_the_log(rejoined: Rejoined) -> None:
    rejoined.log = entries(b"second\n", b"third\n", b"fourth\n", first=END + 1)
    passage = Passage(END, ["again (restart 1)", "again (restart 2)"], [END + 1, END + 2])
    begun: list[int] = []
    rejoined.next.record(passage, lambda: begun.append(len(rejoined.journal)))
    assert rejoined.journal.read(OUT, 0, 100) == b"first life\nsecond\nthird\n"
    assert [mark.offsets[OUT] for mark in rejoined.marks.all] == [11, 18]
    assert begun == [11]  # before anything of them


def test_what_is_waited_for_now_is_a_mark_until_the_session_ends(rejoined: Rejoined) -> None:
    rejoined.next.correct("waiting for a start by hand")
    rejoined.lifecycle.move(State.DETACHED)
    rejoined.next.correct("waiting for another container with its name")
    marks = [(mark.kind, mark.text) for mark in rejoined.marks.all]
    assert marks == [(MarkKind.LIFE, "waiting for a start by hand")]


def test_a_session_that_was_detached_meanwhile_gets_nothing(
    rejoined: Rejoined, monkeypatch: pytest.MonkeyPatch
) -> None:
    rejoined.log = entries(b"early\n")

    def detached(*_: object, **__: object) -> LogSection:
        rejoined.lifecycle.move(State.DETACHED)
        return rejoined.read()

    monkeypatch.setattr(module, "read_section", detached)
    assert rejoined.attach()
    assert (rejoined.texts(), rejoined.attachment.left) == ([], 1)
    assert rejoined.journal.read(OUT, 0, 100) == b"first life\n"


@pytest.fixture
def busy(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """Keep the I/O thread busy, until the function is called that this is."""
    monkeypatch.setattr(module, "_TIMEOUT", 0.0)
    free, after = threading.Event(), threading.Event()
    runtime().loop.call_soon(free.wait)

    def go_on() -> None:
        free.set()
        runtime().loop.call_soon(after.set)
        after.wait()

    yield go_on
    go_on()


def test_what_the_io_thread_does_not_begin_in_time_never_happens(
    rejoined: Rejoined, busy: Callable[[], None]
) -> None:
    rejoined.log = entries(b"early\n")
    begun: list[None] = []
    passage = Passage(END, ["again (restart 1)"], [END + 5])
    assert not rejoined.attach(begun=lambda: begun.append(None))
    assert not rejoined.next.record(passage, lambda: begun.append(None))
    busy()
    assert (begun, rejoined.texts(), rejoined.watched) == ([], [], 0)
    assert rejoined.attachment.left == 1
    assert rejoined.lifecycle.state is State.RECONNECTING


def test_what_the_io_thread_has_begun_in_time_is_waited_for(
    rejoined: Rejoined, monkeypatch: pytest.MonkeyPatch
) -> None:
    entered, expired = threading.Event(), threading.Event()

    class ImpatientEvent(threading.Event):
        """One for which the time to wait is over as soon as the I/O thread has begun."""

        def wait(self, timeout: float | None = None) -> bool:
            if timeout is None:
                return super().wait()
            entered.wait()
            expired.set()
            return False

    threads = SimpleNamespace(Event=ImpatientEvent, Lock=threading.Lock)
    monkeypatch.setattr(module, "threading", threads)

    def begun() -> None:
        entered.set()
        expired.wait()

    assert rejoined.attach(begun=begun)
    assert (rejoined.lifecycle.state, rejoined.watched) == (State.ATTACHED, 1)
    assert len(rejoined.texts()) == 1
