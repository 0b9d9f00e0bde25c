"""A session goes on after its connection was cut, and what it missed is filled in, or marked."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from hyper_jupyter.api import Session, client_for
from hyper_jupyter.client import Deadline
from hyper_jupyter.exceptions import SessionClosed
from hyper_jupyter.protocol import StreamType, encode_frame
from hyper_jupyter.session import State, runtime
from hyper_jupyter.session.io.worker import Job
from hyper_jupyter.session.lifecycle import judging, reconnecting
from hyper_jupyter.session.lifecycle.cuts.origins import Origins
from hyper_jupyter.session.lifecycle.ending import Ending
from hyper_jupyter.session.rules.state import ENDED
from hyper_jupyter.session.store.marks import MarkKind
from tests.session.logs import ScriptedLog
from tests.session.servers import HEAD_101, HEAD_200, IDENTIFIER, Lives, MoodyEngine, Peer, sends

PATIENCE = 20.0
OUT, ERR = StreamType.STDOUT, StreamType.STDERR
NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nContent-Length: %d\r\n\r\n%b"
GONE = NOT_FOUND % (36, b'{"message":"No such container: web"}')


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "_QUICK", 0.05)


def frames(*pieces: bytes) -> bytes:
    """Frames of stdout; those of what begins with ``err`` are of stderr."""
    return b"".join(encode_frame(ERR if p.startswith(b"err") else OUT, p) for p in pieces)


def attach(engine: MoodyEngine, *, unstarted: bool = True, **options: Any) -> Session:
    """Attach to a container that is started then, or that runs already."""
    if unstarted:
        engine.state.update(Status="created", Running=False)
    session = client_for(engine.url, timeout=PATIENCE).attach(IDENTIFIER, **options)
    engine.state.update(Status="running", Running=True)
    return session


def wait(session: Session, predicate: Callable[[], bool]) -> None:
    assert session._lifecycle.wait_for(predicate, PATIENCE), (session, session.error)


def cut(session: Session, lives: Lives, times: int = 1) -> None:
    """Cut the newest connection, and wait until the session is attached again."""
    lives.peers[-1].cut()
    wait(session, lambda: session.state in ENDED or len(session.gaps) >= times)


def test_what_was_printed_meanwhile_comes_from_the_log(
    engine: Callable[..., MoodyEngine],
) -> None:
    lives = Lives(HEAD_101 + frames(b"one\n", b"err 1\n"), HEAD_101 + frames(b"four\n"))
    running = engine(lives)
    running.log = sends(
        HEAD_200 + frames(b"one\n", b"err 1\n", b"two\n", b"err 2\n", b"three\n", b"four\n")
    )
    session = attach(running)
    session.expect("err 1")
    cut(session, lives, 2)
    session.expect("four")
    assert session.state is State.ATTACHED
    assert session.stdout.getvalue() == b"one\ntwo\nthree\nfour\n"
    assert session.stderr.getvalue() == b"err 1\nerr 2\n"
    assert [(g.stream, g.offset, g.filled, g.size) for g in session.gaps] == [
        (OUT, 4, True, 10),
        (ERR, 6, True, 6),
    ]
    (mark,) = session.marks
    assert (mark.kind, mark.offsets) == (MarkKind.CUT, {OUT: 4, ERR: 6})
    session.close(force=True)


def test_a_log_that_is_cut_while_it_is_read_is_read_again(
    engine: Callable[..., MoodyEngine],
) -> None:
    lives = Lives(HEAD_101 + frames(b"one\n"), HEAD_101 + frames(b"three\n"))
    running = engine(lives)
    whole = sends(HEAD_200 + frames(b"one\n", b"two\n", b"three\n"))
    readings: list[str] = []

    def log(peer: Peer) -> None:
        readings.append(peer.request_line)
        if "tail=2000" in peer.request_line and "tail=2000" not in "".join(readings[:-1]):
            peer.cut()
        else:
            whole(peer)

    running.log = log
    session = attach(running)
    session.expect("one")
    cut(session, lives, 2)
    assert session.stdout.getvalue() == b"one\ntwo\nthree\n"
    assert all(gap.filled for gap in session.gaps)
    session.close(force=True)


def test_lines_that_are_all_alike_prove_nothing_and_nothing_comes_twice(
    engine: Callable[..., MoodyEngine],
) -> None:
    lives = Lives(HEAD_101 + frames(b"x\n"), HEAD_101 + frames(b"x\n"))
    running = engine(lives)
    running.log = sends(HEAD_200 + frames(*[b"x\n"] * 9))
    session = attach(running, unstarted=False)
    session.expect("x")
    cut(session, lives)
    session.expect("x")
    assert session.stdout.getvalue() == b"x\nx\n"
    (gap,) = (gap for gap in session.gaps if gap.stream is OUT)
    assert (gap.filled, gap.missing) == (False, None)
    assert session.marks[0].kind is MarkKind.GAP
    assert "stdout" in session.marks[0].text
    assert any("cut" in text for text in session.warnings)
    session.close(force=True)


def test_lines_that_are_all_alike_are_counted_by_who_saw_the_first_one(
    engine: Callable[..., MoodyEngine],
) -> None:
    lives = Lives(HEAD_101 + frames(*[b"x\n"] * 5), HEAD_101)
    running = engine(lives)
    running.log = sends(HEAD_200 + frames(*[b"x\n"] * 9))
    session = attach(running)
    wait(session, lambda: len(session.journal) == 10)
    cut(session, lives, 2)
    assert session.stdout.getvalue() == b"x\n" * 9
    session.close(force=True)


NUMBERED = [b"line %d\n" % number for number in range(6000)]
ALIKE = [b"x\n"] * 6000
LONG = [b"%d%b\n" % (number, b"x" * 2200) for number in range(6000)]


@pytest.mark.parametrize(
    ("lines", "tails"),
    [
        (NUMBERED, ["2000", "10000"]),
        (ALIKE, ["2000", "all"]),
        (LONG, ["2000", "all"]),
        (NUMBERED[:1500], ["2000"]),
    ],
    ids=["numbered", "alike", "long", "short"],
)
def test_of_a_long_log_only_as_much_is_read_as_shows_the_place(
    engine: Callable[..., MoodyEngine], lines: list[bytes], tails: list[str]
) -> None:
    half = len(lines) // 2
    before, after = b"".join(lines[:half]), b"".join(lines[half:])
    lives = Lives(HEAD_101 + frames(before), HEAD_101)
    running = engine(lives)

    def log(peer: Peer) -> None:
        tail = peer.request_line.partition("tail=")[2].split("&")[0].split()[0]
        asked = lines if tail == "all" else lines[-int(tail) :]
        sends(HEAD_200 + frames(b"".join(asked)))(peer)

    running.log = log
    session = attach(running, stderr=False)
    wait(session, lambda: len(session.journal) == len(before))
    cut(session, lives)
    assert session.stdout.getvalue() == before + after
    asked = [line for line in running.requests if "/logs?" in line]
    found = [line.partition("tail=")[2].split("&")[0].split()[0] for line in asked]
    assert [tail for tail in dict.fromkeys(found) if tail != "200"] == tails  # 200: the log's end
    session.close(force=True)


def test_a_gap_in_the_middle_does_not_say_that_the_end_is_missing(
    engine: Callable[..., MoodyEngine],
) -> None:
    lives = Lives(HEAD_101 + frames(b"one\n"), HEAD_101 + frames(b"three\n"))
    running = engine(lives)
    running.log = sends(HEAD_200 + frames(b"something else\n"))
    session = attach(running)
    session.expect("one")
    cut(session, lives)
    session.expect("three")
    running.log = sends(HEAD_200 + frames(b"one\n", b"two\n", b"three\n"))
    running.exit(0)
    lives.peers[-1].cut()
    assert session.wait(PATIENCE) == 0
    assert session.stdout.getvalue() == b"one\nthree\n"
    assert session.complete is False
    assert not any("end is missing" in text for text in session.warnings), session.warnings
    session.close(force=True)


def test_frames_go_on_being_kept_after_a_cut_and_after_a_renewal(
    engine: Callable[..., MoodyEngine],
) -> None:
    scripts = [HEAD_101 + frames(piece) for piece in (b"one\n", b"two\n", b"three\n")]
    lives = Lives(*scripts)
    running = engine(lives, OpenStdin=True)
    running.log = sends(HEAD_200 + frames(b"one\n", b"two\n"))
    session = attach(running, frames=True)
    session.expect("one")
    cut(session, lives)
    session.expect("two")
    session.send_line("typed")
    session.detach()
    session._renew(session._plan, Deadline(PATIENCE))
    session.expect("three")
    assert [(f.stream, f.header[:1], f.payload_start) for f in session.frames()] == [
        ("stdout", b"\x01", b"one\n"),
        ("stdout", b"\x01", b"two\n"),
        ("input", b"", b"typed\n"),
        ("stdout", b"\x01", b"three\n"),
    ]
    session.close(force=True)


def test_without_resume_a_cut_is_the_end(engine: Callable[..., MoodyEngine]) -> None:
    lives = Lives(HEAD_101 + frames(b"one\n"))
    session = attach(engine(lives), resume=False)
    session.expect("one")
    lives.peers[-1].cut()
    assert session.join(PATIENCE) is State.LOST
    assert session.gaps == ()


def test_a_container_that_has_ended_meanwhile_ends_the_session_with_its_last_words(
    engine: Callable[..., MoodyEngine], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconnecting, "_FIRST", 0.5)
    lives = Lives(HEAD_101 + frames(b"one\n"))
    running = engine(lives)
    running.log = sends(HEAD_200 + frames(b"one\n", b"two\n"))
    session = attach(running)
    session.expect("one")
    lives.peers[-1].cut()
    wait(session, lambda: session.state is State.RECONNECTING)
    running.exit(3)
    assert session.wait(PATIENCE) == 3
    assert (session.state, session.complete) == (State.EXITED, True)
    assert session.stdout.getvalue() == b"one\ntwo\n"


@pytest.mark.parametrize(
    ("unstarted", "status"), [(True, "running"), (False, "running"), (False, "exited")]
)
def test_a_container_that_was_started_again_meanwhile_is_not_taken_for_the_same_run(
    engine: Callable[..., MoodyEngine],
    monkeypatch: pytest.MonkeyPatch,
    unstarted: bool,
    status: str,
) -> None:
    monkeypatch.setattr(reconnecting, "_FIRST", 0.5)
    lives = Lives(HEAD_101 + frames(b"one\n"), HEAD_101 + frames(b"one\n"))
    running = engine(lives)
    running.log = sends(HEAD_200 + frames(b"one\n", b"two\n", b"one\n"))
    running.state.update(StartedAt="2026-11-30T14:00:00Z", FinishedAt="0001-01-01T00:00:00Z")
    session = attach(running, unstarted=unstarted)
    session.expect("one")
    lives.peers[-1].cut()
    wait(session, lambda: session.state is State.RECONNECTING)
    running.state.update(StartedAt="2026-11-30T14:05:00Z", FinishedAt="2026-11-30T14:04:00Z")
    running.state.update(Status=status, Running=status == "running", ExitCode=7)
    assert session.join(PATIENCE) is State.EXITED
    assert session.exit_code is None
    assert session.stdout.getvalue() == b"one\n"
    assert [gap.filled for gap in session.gaps if gap.stream is OUT] == [False]
    assert "the container has ended since" in session.marks[0].text


MINUTES = {number: f"2026-11-30T14:{number:02}:00Z" for number in range(60)}


def minute(number: float) -> float:
    return datetime(2026, 11, 30, 14, tzinfo=UTC).timestamp() + number * 60


@pytest.mark.parametrize("unstarted", [True, False])
def test_the_last_words_of_a_life_that_another_one_has_followed_come_from_the_log(
    engine: Callable[..., MoodyEngine], monkeypatch: pytest.MonkeyPatch, unstarted: bool
) -> None:
    monkeypatch.setattr(reconnecting, "_FIRST", 0.5)
    monkeypatch.setattr(Origins, "trusted_since", lambda _: minute(0))
    lives = Lives(HEAD_101 + frames(b"one\n"))
    running = engine(lives)
    running.log = log = ScriptedLog()
    for words, number in ((b"one\n", 1), (b"two\n", 3.9), (b"of the next life\n", 5.1)):
        log.add(words, age=time.time() - minute(number))
    running.state.update(StartedAt=MINUTES[0], FinishedAt="0001-01-01T00:00:00Z")
    session = attach(running, unstarted=unstarted)
    session.expect("one")
    lives.peers[-1].cut()
    wait(session, lambda: session.state is State.RECONNECTING)
    running.happened("start", minute(0))
    running.happened("die", minute(4), 7)
    running.happened("start", minute(5))
    running.state.update(StartedAt=MINUTES[5], FinishedAt=MINUTES[4])
    assert session.join(PATIENCE) is State.EXITED
    assert session.stdout.getvalue() == b"one\ntwo\n"
    assert [gap.filled for gap in session.gaps if gap.stream is OUT] == [True]
    assert (session.exit_code, session.complete) == (7, True)


class RemovedEngine(MoodyEngine):
    """Its container can be removed."""

    removed = False

    def _answer(self, connection: Any, value: Any) -> None:
        if self.removed and "Id" in value:
            connection.sendall(GONE)
        else:
            super()._answer(connection, value)


def test_a_container_that_was_removed_is_lost(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judging, "_QUICK", 0.0)  # the first inspect counts
    lives = Lives(HEAD_101 + frames(b"one\n"))
    with RemovedEngine(tmp_path / "engine.sock", lives) as running:
        session = attach(running)
        session.expect("one")
        wait(session, lambda: session.state is State.ATTACHED)
        client: Any = session.client
        inspect = client.inspect

        def removes(container: str) -> Any:
            try:
                return inspect(container)
            finally:
                running.removed = True  # after the inspect that says that it runs

        client.inspect = removes
        lives.peers[-1].cut()
        assert session.join(PATIENCE) is State.LOST
        assert "removed" in str(session.error)


def test_an_engine_that_does_not_answer_is_tried_again_until_it_does(
    engine: Callable[..., MoodyEngine],
) -> None:
    lives = Lives(HEAD_101 + frames(b"one\n"), HEAD_101)
    running = engine(lives)
    running.log = sends(HEAD_200 + frames(b"one\n"))
    session = attach(running)
    session.expect("one")
    running.refusals = 3
    cut(session, lives)
    assert (session.state, running.refusals) == (State.ATTACHED, 0)
    assert session.reconnecting is None
    session.close(force=True)


@pytest.mark.parametrize(
    "answer", [b"404 page not found", b"<h1>Not Found</h1>", b""], ids=["plain", "html", "empty"]
)
def test_a_proxy_that_finds_no_engine_has_not_removed_the_container(
    engine: Callable[..., MoodyEngine], answer: bytes
) -> None:
    lives = Lives(HEAD_101 + frames(b"one\n"), HEAD_101 + frames(b"two\n"))
    running = engine(lives)
    running.log = sends(HEAD_200 + frames(b"one\n", b"two\n"))
    session = attach(running)
    session.expect("one")
    running.refusal = NOT_FOUND % (len(answer), answer)
    running.refusals = 4  # the first ones are asked how the stream ended
    cut(session, lives)
    assert (session.state, running.refusals) == (State.ATTACHED, 0)
    session.close(force=True)


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconnecting, "_FIRST", 3600.0)
    monkeypatch.setattr(reconnecting, "_LONGEST", 3600.0)


@pytest.mark.usefixtures("patient")
def test_detaching_stops_it(engine: Callable[..., MoodyEngine]) -> None:
    lives = Lives(HEAD_101 + frames(b"one\n"))
    session = attach(engine(lives))
    session.expect("one")
    lives.peers[-1].cut()
    wait(session, lambda: session.state is State.RECONNECTING)
    assert session.reconnecting is not None
    assert session.reconnecting.seconds > 3000
    assert "cut" in session.controls().stdin
    with pytest.raises(SessionClosed):
        session.send("lost\n")
    session.detach()
    assert (session.state, session.reconnecting) == (State.DETACHED, None)
    assert len(lives.peers) == 1


@pytest.mark.usefixtures("patient")
def test_it_can_be_told_to_try_at_once(engine: Callable[..., MoodyEngine]) -> None:
    lives = Lives(HEAD_101 + frames(b"one\n"), HEAD_101)
    session = attach(engine(lives))
    session.expect("one")
    lives.peers[-1].cut()
    wait(session, lambda: session.state is State.RECONNECTING)
    session.reconnect_now()
    wait(session, lambda: session.state is State.ATTACHED)
    session.close(force=True)


@pytest.mark.usefixtures("patient")
def test_it_can_be_told_so_at_the_very_moment_of_the_cut(
    engine: Callable[..., MoodyEngine], monkeypatch: pytest.MonkeyPatch
) -> None:
    lives = Lives(HEAD_101 + frames(b"one\n"), HEAD_101)
    session = attach(engine(lives))
    session.expect("one")
    suspend = Ending.suspend

    def suspend_and_ask(ending: Ending) -> bool:
        done = suspend(ending)
        session.reconnect_now()
        return done

    monkeypatch.setattr(Ending, "suspend", suspend_and_ask)
    lives.peers[-1].cut()
    wait(session, lambda: bool(session.gaps) and session.state is State.ATTACHED)
    session.close(force=True)


@pytest.mark.usefixtures("patient")
def test_a_night_s_sleep_of_the_machine_makes_no_gap_and_no_more_attempts(
    engine: Callable[..., MoodyEngine], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The time of day has gone on, the clock that attempts wait by has not."""
    lives = Lives(HEAD_101 + frames(b"one\n"), HEAD_101 + frames(b"three\n"))
    running = engine(lives)
    running.log = sends(HEAD_200 + frames(b"one\n", b"two\n", b"three\n"))
    session = attach(running)
    session.expect("one")
    lives.peers[-1].cut()
    wait(session, lambda: session.state is State.RECONNECTING)
    today = time.time
    monkeypatch.setattr(time, "time", lambda: today() + 8 * 3600)
    assert session.reconnecting is not None
    assert session.reconnecting.seconds > 3000
    session.reconnect_now()
    session.expect("three")
    assert session.stdout.getvalue() == b"one\ntwo\nthree\n"
    assert [gap.filled for gap in session.gaps] == [True, True]
    assert all(gap.ended - gap.began >= 8 * 3600 for gap in session.gaps)
    assert session.marks[-1].text.startswith("connection cut, attached again after 8.0 h (")
    assert "by the clock that stops while this machine sleeps" in session.marks[-1].text
    assert len(lives.peers) == 2
    session.close(force=True)


@pytest.mark.usefixtures("patient")
def test_an_attempt_that_is_just_starting_is_not_made_beside_one_that_is_wanted_now(
    engine: Callable[..., MoodyEngine], monkeypatch: pytest.MonkeyPatch
) -> None:
    lives = Lives(HEAD_101 + frames(b"one\n"), HEAD_101 + frames(b"two\n"))
    running = engine(lives)
    running.log = sends(HEAD_200 + frames(b"one\n", b"two\n"))
    session = attach(running)
    session.expect("one")
    jobs: list[Callable[[], None]] = []
    later = lambda _, function: jobs.append(function) or Job(function)  # type: ignore[func-returns-value]  # noqa: E731
    monkeypatch.setattr(runtime().reconnects, "call_later", later)
    lives.peers[-1].cut()
    wait(session, lambda: len(jobs) == 1)
    session.reconnect_now()
    jobs[0]()
    assert (session.state, len(lives.peers)) == (State.RECONNECTING, 1)
    jobs[1]()
    session.expect("two")
    assert len(lives.peers) == 2
    session.close(force=True)


@pytest.mark.usefixtures("patient")
def test_who_waits_goes_on_waiting(engine: Callable[..., MoodyEngine]) -> None:
    lives = Lives(HEAD_101 + frames(b"one\n"), HEAD_101 + frames(b"two\n"))
    running = engine(lives)
    running.log = sends(HEAD_200 + frames(b"one\n", b"two\n"))
    session = attach(running)
    session.expect("one")
    found: list[Any] = []
    waiting = threading.Thread(target=lambda: found.append(session.expect("two", timeout=PATIENCE)))
    waiting.start()
    lives.peers[-1].cut()
    wait(session, lambda: session.state is State.RECONNECTING)
    assert found == []
    session.reconnect_now()
    waiting.join(PATIENCE)
    assert [match[0] for match in found] == ["two"]
    session.close(force=True)


def test_what_was_typed_shortly_before_may_not_have_arrived(
    engine: Callable[..., MoodyEngine],
) -> None:
    lives = Lives(HEAD_101 + frames(b"one\n"), HEAD_101)
    running = engine(lives)
    running.log = sends(HEAD_200 + frames(b"one\n"))
    session = attach(running)
    session.expect("one")
    session.send_line("typed")
    cut(session, lives)
    assert "typed in the last moments may not have arrived" in session.marks[0].text
    session.send_line("more")  # the input of this container stays open
    session.close(force=True)


def test_the_terminal_gets_its_size_again(engine: Callable[..., MoodyEngine]) -> None:
    lives = Lives(HEAD_101 + b"one\r\n", HEAD_101)
    running = engine(lives, Tty=True)
    running.log = sends(HEAD_200 + b"one\r\n")
    session = attach(running)
    session.expect("one")
    session.resize(33, 99)
    cut(session, lives)
    sizes = [line for line in running.requests if "/resize" in line]
    assert len(sizes) == 2
    assert all("h=33" in line and "w=99" in line for line in sizes)
    session.close(force=True)


def test_a_second_cut_is_a_second_gap(engine: Callable[..., MoodyEngine]) -> None:
    lives = Lives(HEAD_101 + frames(b"one\n"), HEAD_101 + frames(b"three\n"), HEAD_101)
    running = engine(lives)
    lines = frames(b"one\n", b"two\n", b"three\n", b"four\n")
    running.log = sends(HEAD_200 + lines[: -len(frames(b"four\n"))])
    session = attach(running)
    session.expect("one")
    cut(session, lives, 2)
    session.expect("three")
    running.log = sends(HEAD_200 + lines)
    cut(session, lives, 4)
    assert session.stdout.getvalue() == b"one\ntwo\nthree\nfour\n"
    assert [gap.size for gap in session.gaps if gap.stream is OUT] == [4, 5]
    session.close(force=True)
