"""What a cut has cost is found by counting, from a place that is known, or it is marked."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from hyper_jupyter.api import Session, client_for
from hyper_jupyter.protocol import StreamType
from hyper_jupyter.session.lifecycle import judging
from hyper_jupyter.session.lifecycle.log import filling, proof
from hyper_jupyter.session.store.gaps import Gap
from hyper_jupyter.session.store.marks import MarkKind
from tests.session.lifecycle.test_reconnecting import attach, cut, frames, wait
from tests.session.logs import ScriptedLog
from tests.session.servers import HEAD_101, IDENTIFIER, REFUSED, Lives, MoodyEngine, sends

OUT, ERR = StreamType.STDOUT, StreamType.STDERR
LONG_BEFORE, MEANWHILE, AFTER = 3600.0, 0.0, -5.0
"""Ages of lines: from before the session was attached, from just then, and from after that."""

Engine = Callable[..., MoodyEngine]


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "_QUICK", 0.05)


@pytest.fixture
def log() -> ScriptedLog:
    return ScriptedLog()


def gap_of(session: Session, stream: StreamType) -> Gap:
    return [gap for gap in session.gaps if gap.stream is stream][-1]


def test_a_line_of_a_stream_that_was_silent_is_filled_in_if_it_came_after_the_attachment(
    engine: Engine, log: ScriptedLog
) -> None:
    lives = Lives(HEAD_101 + frames(b"one\n"), HEAD_101)
    running = engine(lives)
    running.log = log
    log.add(b"zero\n", b"err from before\n", age=LONG_BEFORE)
    session = attach(running, unstarted=False)
    session.expect("one")
    log.add(b"one\n", b"err missed\n", age=AFTER)
    cut(session, lives, 2)
    assert session.stderr.getvalue() == b"err missed\n"
    assert [gap.filled for gap in session.gaps] == [True, True]
    session.close(force=True)


def test_a_line_that_was_printed_at_the_time_of_the_attachment_may_be_from_before(
    engine: Engine, log: ScriptedLog
) -> None:
    lives = Lives(HEAD_101 + frames(b"one\n"), HEAD_101)
    running = engine(lives)
    running.log = log
    session = attach(running, unstarted=False)
    session.expect("one")
    log.add(b"err doubtful\n", age=MEANWHILE)
    log.add(b"one\n", age=AFTER)
    cut(session, lives, 2)
    assert session.stderr.getvalue() == b""
    assert not gap_of(session, ERR).filled
    assert session.marks[-1].kind is MarkKind.GAP
    session.close(force=True)


def test_lines_that_are_all_alike_are_counted_from_the_attachment_on(
    engine: Engine, log: ScriptedLog
) -> None:
    lives = Lives(HEAD_101 + frames(b"x\n", b"x\n"), HEAD_101)
    running = engine(lives)
    running.log = log
    log.add(*[b"x\n"] * 3, age=LONG_BEFORE)
    session = attach(running, unstarted=False)
    wait(session, lambda: len(session.journal) == 4)
    log.add(*[b"x\n"] * 5, age=AFTER)
    cut(session, lives, 2)
    assert session.stdout.getvalue() == b"x\n" * 5
    session.close(force=True)


def test_after_a_gap_that_stays_open_bytes_are_counted_from_its_end(
    engine: Engine, log: ScriptedLog
) -> None:
    ticks = b"x\n" * 3000  # no content of theirs says where it is
    lives = Lives(HEAD_101 + frames(b"one\n"), HEAD_101 + frames(b"three\n", ticks), HEAD_101)
    running = engine(lives)
    running.log = log
    session = attach(running)
    session.expect("one")
    log.add(b"another\n", b"two\n", b"three\n", ticks, age=MEANWHILE)
    cut(session, lives, 2)
    assert not gap_of(session, OUT).filled
    wait(session, lambda: len(session.journal) == 10 + len(ticks))
    log.add(*[b"x\n"] * 3, age=MEANWHILE)
    cut(session, lives, 4)
    assert gap_of(session, OUT).filled
    assert session.stdout.getvalue() == b"one\nthree\n" + ticks + b"x\n" * 3
    session.close(force=True)


def test_a_gap_whose_lines_are_gone_has_a_length_and_the_session_is_not_complete(
    engine: Engine, log: ScriptedLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filling, "_MOST", 40)
    lives = Lives(HEAD_101 + frames(b"one\n"), HEAD_101 + frames(b"the last line\n"))
    running = engine(lives)
    running.log = log
    session = attach(running)
    session.expect("one")
    missed = [b"line %d\n" % number for number in range(20)]
    log.add(b"one\n", *missed, b"the last line\n", age=MEANWHILE)
    cut(session, lives, 2)
    size = len(b"".join(missed))
    assert (gap_of(session, OUT).filled, gap_of(session, OUT).missing) == (False, size)
    assert f"{size} bytes of stdout are missing here" in session.marks[-1].text
    session.expect("the last line")
    running.exit(0)
    wait(session, lambda: session._ending.exited)
    lives.peers[-1].cut()
    assert session.wait(20) == 0
    assert (session.complete, session.missing) == (False, {OUT: size})
    assert any(f"{size} bytes of stdout are missing in the middle" in w for w in session.warnings)


@pytest.mark.parametrize("missed", [b"", b"missed\n"], ids=["nothing", "a line"])
def test_a_gap_that_could_not_be_filled_is_settled_by_a_count_at_the_end(
    engine: Engine, log: ScriptedLog, missed: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proof, "_PATIENCE", 0.0)
    one = b"one\n" * 20_000  # more than is compared
    lives = Lives(HEAD_101 + frames(one), HEAD_101 + frames(b"two\n"))
    running = engine(lives)
    running.log = sends(REFUSED)  # for now
    session = attach(running)
    wait(session, lambda: len(session.journal) == len(one))
    cut(session, lives, 2)
    assert (gap_of(session, OUT).filled, gap_of(session, OUT).missing) == (False, None)
    session.expect("two")
    log.add(one, missed or b"two\n", *([b"two\n"] if missed else []), age=MEANWHILE)
    running.log = log
    running.exit(0)
    wait(session, lambda: session._ending.exited)
    lives.peers[-1].cut()
    assert session.wait(20) == 0
    first = next(gap for gap in session.gaps if gap.stream is OUT)
    assert (first.filled, first.missing) == (not missed, len(missed))
    assert session.complete is not bool(missed)
    assert session.missing == ({OUT: len(missed)} if missed else {})
    assert any("missing" in text for text in session.warnings) is bool(missed)


def test_the_times_of_another_machine_are_taken_by_its_own_clock(
    engine: Engine, log: ScriptedLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    lives = Lives(HEAD_101 + frames(b"one\n"), HEAD_101)
    running = engine(lives)
    running.log = log
    behind = 7000.0  # seconds by which its clock is behind
    client: Any = client_for(running.url, timeout=20)
    monkeypatch.setattr(type(client), "over_network", True)
    monkeypatch.setattr(type(client), "info", lambda _: Info(behind))
    session = client.attach(IDENTIFIER)
    session.expect("one")
    log.add(b"err from before\n", age=behind + 60)
    log.add(b"one\n", b"err missed\n", age=behind - 5)
    cut(session, lives, 2)
    assert session.stderr.getvalue() == b"err missed\n"
    session.close(force=True)


class Info:
    """What an engine says of itself whose clock is behind."""

    def __init__(self, behind: float) -> None:
        moment = datetime.fromtimestamp(time.time() - behind, UTC)
        self.raw = {"SystemTime": f"{moment:%Y-%m-%dT%H:%M:%S.%f}Z"}
