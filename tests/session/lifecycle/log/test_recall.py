"""Reading what a container printed before it was attached, from an engine that does as told."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from hyper_jupyter.api import Client, Session
from hyper_jupyter.api.default import client_for
from hyper_jupyter.client.profile import EngineProfile
from hyper_jupyter.exceptions import HyperJupyterError
from hyper_jupyter.protocol import StreamType, encode_frame
from hyper_jupyter.session import State
from hyper_jupyter.session.lifecycle.log import recall
from tests.session.servers import HEAD_101, IDENTIFIER, REFUSED, MoodyEngine, Peer

OUT, ERR = StreamType.STDOUT, StreamType.STDERR
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n\r\n"
OLD = 3600.0


class Log:
    """A log whose lines a test adds."""

    def __init__(self) -> None:
        self.lines: list[tuple[StreamType, bytes, float]] = []
        self.requests = 0

    def add(self, data: bytes, stream: StreamType = OUT, *, age: float = OLD) -> None:
        self.lines.append((stream, data, time.time() - age))

    def __call__(self, peer: Peer) -> None:
        self.requests += 1
        lines = []
        for stream, data, at in self.lines:
            stamp = f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%S.%f}Z ".encode()
            lines.append(encode_frame(stream, stamp + data))
        peer.send(HEAD + b"".join(lines))


class Talk:
    """What the container says to the client that is attached."""

    def __init__(self) -> None:
        self._peers: list[Peer] = []
        self._over = threading.Event()
        self.first = b""

    def __call__(self, peer: Peer) -> None:
        peer.send(HEAD_101 + self.first)
        self._peers.append(peer)
        self._over.wait(60)

    def say(self, data: bytes, stream: StreamType = OUT) -> None:
        self._peers[-1].send(encode_frame(stream, data))

    def end(self) -> None:
        self._over.set()


Open = Callable[..., Session]


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
def talk() -> Iterator[Talk]:
    made = Talk()
    yield made
    made.end()


@pytest.fixture
def attach(engine: Callable[..., MoodyEngine], log: Log, talk: Talk) -> Iterator[Open]:
    opened: list[Session] = []

    def run(answer: Callable[[Peer], None] = log, **options: Any) -> Session:
        started = engine(talk)
        started.log = answer
        client: Client = client_for(started.url, timeout=20)
        opened.append(client.attach(IDENTIFIER, stdin=False, **options))
        return opened[-1]

    yield run
    talk.end()
    for session in opened:
        session.close(force=True)


def await_note(session: Session, *streams: str) -> None:
    found = session._lifecycle.wait_for(lambda: not session.history.note_for(*streams), 30)
    assert found, session.history


def texts(session: Session) -> list[str]:
    return [line.text for line in session.history.lines()]


def test_history_ends_where_the_live_output_begins(attach: Open, log: Log, talk: Talk) -> None:
    log.add(b"one\n")
    log.add(b"two\n", ERR)
    log.add(b"three\n", age=-5.0)  # printed after the attach request
    talk.first = encode_frame(OUT, b"three\n")
    session = attach(tail=5)
    assert texts(session) == ["one", "two"]
    assert session.history.note_for("stdout") == ""
    assert session.stdout.getvalue() == b"three\n"


def test_only_the_last_lines_are_history(attach: Open, log: Log) -> None:
    for number in range(5):
        log.add(b"%d\n" % number, ERR if number % 2 else OUT)
    assert texts(attach(tail=2)) == ["3", "4"]


def test_the_whole_log_is_read_on_request(attach: Open, log: Log) -> None:
    log.add(b"one\n")
    session = attach(tail="all")
    assert texts(session) == ["one"]


@pytest.mark.parametrize(("most", "asked"), [(1002, "tail=all"), (1003, "tail=1003")])
def test_no_more_lines_are_requested_than_the_engine_finds_quickly(
    attach: Open, log: Log, monkeypatch: pytest.MonkeyPatch, most: int, asked: str
) -> None:
    monkeypatch.setattr(
        EngineProfile, "log_tail", lambda _, lines: lines if lines <= most else None
    )
    requests: list[str] = []

    def answer(peer: Peer) -> None:
        requests.append(peer.request_line)
        log(peer)

    for number in range(5):
        log.add(b"%d\n" % number)
    assert texts(attach(answer, tail=3)) == ["2", "3", "4"]
    readings = [line for line in requests if "tail=0" not in line]  # whether it can be read
    assert readings
    assert all(asked in line for line in readings), readings


def test_an_unfinished_line_is_found_once_it_has_ended(attach: Open, log: Log, talk: Talk) -> None:
    log.add(b"one\n")
    session = attach(tail=5)
    assert "unfinished" in session.history.note_for("stdout")
    changes = session.history.revision
    log.add(b"name? joe\n", age=-5.0)
    talk.say(b"joe\n")
    await_note(session, "stdout")
    assert session.history.getvalue() == b"one\nname? "
    assert session.history.revision > changes
    assert [line.complete for line in session.history.lines()] == [True, False]


def test_what_is_proven_stays_when_the_log_has_lost_it(attach: Open, log: Log, talk: Talk) -> None:
    log.add(b"one\n")
    log.add(b"two\n", age=-5.0)
    talk.first = encode_frame(OUT, b"two\n")
    session = attach(tail=5)
    assert session.history.note_for("stdout") == ""
    log.lines.clear()  # as rotation does
    for _ in range(2):  # the second reading begins after the first one has been judged
        seen = log.requests
        talk.say(b"oh\n", ERR)
        deadline = time.monotonic() + 30
        while log.requests == seen:
            assert time.monotonic() < deadline
    assert texts(session) == ["one"]
    assert session.history.note_for("stdout") == ""


def test_a_log_that_is_late_is_read_again(attach: Open, log: Log, talk: Talk) -> None:
    talk.first = encode_frame(OUT, b"two\n")
    log.add(b"one\n")
    late = [b"one\n", b"two\n"]

    def answer(peer: Peer) -> None:
        if log.requests:
            log.lines.clear()
            log.add(late[0])
            log.add(late[1], age=-5.0)
        log(peer)

    session = attach(answer, tail=5)
    await_note(session, "stdout")
    assert texts(session) == ["one"]


@pytest.mark.parametrize("grows", [False, True])
def test_without_fine_times_a_log_shows_by_standing_still_that_nothing_came(
    attach: Open, log: Log, monkeypatch: pytest.MonkeyPatch, grows: bool
) -> None:
    monkeypatch.setattr(recall, "_FINE", 0.0)
    monkeypatch.setattr(recall, "_SETTLE", 0.01)
    monkeypatch.setattr(recall, "_BUDGET", 60.0)
    monkeypatch.setattr(recall, "_READING", 60.0)
    log.add(b"one\n")

    def answer(peer: Peer) -> None:
        if grows:
            log.add(b"more\n")
        log(peer)

    session = attach(answer, tail=5)
    assert log.requests >= 2
    assert ("come twice" in session.history.note) is grows


def test_identical_lines_are_not_claimed_to_be_in_place(
    attach: Open, log: Log, talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recall, "_READINGS", 2)
    for _ in range(3):
        log.add(b"tick\n", age=-5.0)
    talk.first = encode_frame(OUT, b"tick\n")
    session = attach(tail=5)
    # Two may have been printed before the engine attached us, or one of them may be on its way.
    assert "twice" in session.history.note_for("stdout")


@pytest.mark.parametrize("answer", [REFUSED, b""])
def test_attaching_does_not_fail_with_the_log(
    attach: Open, answer: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recall, "_READINGS", 1)
    session = attach(lambda peer: peer.send(answer), tail=5)
    assert session.state is State.ATTACHED
    assert texts(session) == []
    assert session.history.note.startswith("there is no history: ")


def test_a_log_without_an_end_holds_nobody_up(
    attach: Open, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recall, "_BUDGET", 0.5)

    def endless(peer: Peer) -> None:
        log(peer)
        if "tail=0" not in peer.request_line:  # whether the log can be read
            peer.wait_for_end()

    log.add(b"one\n")
    session = attach(endless, tail=5)
    assert texts(session) == ["one"]
    assert session.history.note


@pytest.mark.parametrize("tail", [-1, True, 1.5, "some"])
def test_a_tail_is_a_number_of_lines(attach: Open, tail: object) -> None:
    with pytest.raises(HyperJupyterError, match="not a number of lines"):
        attach(tail=tail)


def test_without_tail_the_log_is_not_asked_for(attach: Open, log: Log) -> None:
    session = attach()
    assert (log.requests, session.history.revision, session.history.proven) == (0, 0, True)
    assert attach(tail=0).history.proven
    assert log.requests == 0


def test_a_log_that_takes_long_is_read_to_its_end_later(
    attach: Open, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recall, "_READING", 0.1)
    monkeypatch.setattr(recall, "_LATE", 0.0)
    log.add(b"one\n")
    log.add(b"two\n")
    slow = threading.Event()

    def answer(peer: Peer) -> None:
        if "tail=0" in peer.request_line:  # whether the log can be read
            log(peer)
            return
        whole, log.lines = log.lines, log.lines[:1]
        log(peer)
        log.lines = whole
        slow.wait(0.5)  # longer than a reading may take while attaching
        peer.send(encode_frame(OUT, b"2020-01-01T00:00:00.000000Z two\n"))

    session = attach(answer, tail="all")
    assert session._lifecycle.wait_for(lambda: texts(session) == ["one", "two"], 30)
    assert "come twice" not in session.history.note
