"""A session printed as the output of a cell, without a kernel and without an engine."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest

from hyper_jupyter.exceptions import ConnectionFailed
from hyper_jupyter.magics import printout
from hyper_jupyter.magics.line_window import LineWindow
from hyper_jupyter.magics.printout import Interrupted, Printout
from hyper_jupyter.protocol import StreamType
from hyper_jupyter.protocol.log_entries import TimedOutput
from hyper_jupyter.session import History, Journal, State
from hyper_jupyter.session.rules.log.joint import Joint
from hyper_jupyter.session.store.marks import Mark, MarkKind, Marks

OUT, ERR = StreamType.STDOUT, StreamType.STDERR


class PrintedSession:
    """A session whose container is the test: ``on_subscribe`` says what happens once it waits."""

    name = "web"
    kind = "attach"
    command: tuple[str, ...] = ()
    container = SimpleNamespace(name="web")

    def __init__(self) -> None:
        self.journal = Journal()
        self.marks: tuple[Mark, ...] = ()
        self.history = History()
        self.state = State.ATTACHED
        self.exit_code: int | None = None
        self.complete: bool | None = None
        self.out_of_memory = False
        self.paused = self.removed = self.recreated = self.engine_ended = False
        self.awaits = ""
        self.settled = False
        self.error: Exception | None = None
        self.subscribed = 0
        self.on_subscribe: Callable[[], None] = lambda: None
        self.on_detach: Callable[[], None] = lambda: None

    def subscribe(self, wake: Callable[[], None]) -> Callable[[], None]:
        self.wake = wake
        self.subscribed += 1
        self.on_subscribe()

        def unsubscribe() -> None:
            self.subscribed -= 1

        return unsubscribe

    def exit(self, code: int | None) -> None:
        self.state, self.exit_code = State.EXITED, code

    def detach(self) -> None:
        if self.state in (State.ATTACHED, State.RECONNECTING):
            self.state = State.DETACHED
        self.on_detach()


@pytest.fixture
def session() -> PrintedSession:
    return PrintedSession()


def prints(session: PrintedSession, timeout: float | None = None) -> None:
    made: Any = session
    Printout(made).run(timeout)
    assert session.subscribed == 0


def test_each_stream_goes_to_its_own(
    session: PrintedSession, capsys: pytest.CaptureFixture[str]
) -> None:
    session.journal.append(OUT, b"one\n")
    session.journal.append(ERR, b"two\n")
    session.journal.append(OUT, b"three\n")
    session.exit(0)
    prints(session)
    assert capsys.readouterr() == ("one\nthree\n", "two\n")


def test_what_comes_while_it_waits_is_printed_too(
    session: PrintedSession, capsys: pytest.CaptureFixture[str]
) -> None:
    def arrive() -> None:
        session.journal.append(OUT, b"late\n")
        session.exit(0)
        session.wake()

    session.on_subscribe = arrive
    prints(session)
    assert capsys.readouterr() == ("late\n", "")


def test_a_character_in_two_pieces_is_one_though_the_other_stream_comes_between(
    session: PrintedSession, capsys: pytest.CaptureFixture[str]
) -> None:
    session.journal.append(OUT, b"\xe2\x82")
    session.journal.append(ERR, b"!\n")
    session.journal.append(OUT, b"\xac \xff \xe2")
    session.exit(0)
    prints(session)
    assert capsys.readouterr() == ("\u20ac \ufffd \ufffd", "!\n")


def test_bytes_that_are_not_kept_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    class ShortJournal:
        """Has discarded the first 1000 bytes."""

        def records(self, position: int, _size: int) -> tuple[list[Any], int]:
            return ([(OUT, 0.0, b"rest")], 1004) if position < 1004 else ([], 1004)

    session = PrintedSession()
    session.journal = ShortJournal()  # type: ignore[assignment]
    session.exit(0)
    prints(session)
    assert capsys.readouterr() == ("rest", "[web: 1,000 bytes are not kept]\n")


@pytest.mark.parametrize(
    ("state", "code", "said"),
    [
        (State.EXITED, 0, ""),
        (State.EXITED, 3, "[web: exited with code 3]\n"),
        (State.EXITED, None, "[web: exited, code unknown]\n"),
        (State.DETACHED, None, "[web: detached, the container runs on]\n"),
        (State.DETACHED, 0, "[web: detached, the container has exited with code 0]\n"),
    ],
)
def test_how_it_ended_is_said_unless_it_ended_well(
    session: PrintedSession, capsys: pytest.CaptureFixture[str], state: State, code: int | None,
    said: str,
) -> None:  # fmt: skip
    session.state, session.exit_code = state, code
    prints(session)
    assert capsys.readouterr() == ("", said)


def test_one_that_waits_for_a_start_which_the_engine_does_not_make_is_left(
    session: PrintedSession, capsys: pytest.CaptureFixture[str]
) -> None:
    session.state, session.exit_code, session.settled = State.RECONNECTING, 3, True
    session.journal.append(OUT, b"last words\n")
    prints(session)
    assert session.state is State.DETACHED
    said = "[web: detached, the container has exited with code 3]\n"
    assert capsys.readouterr() == ("last words\n", said)


def test_our_lines_about_an_exec_name_the_exec(
    session: PrintedSession, capsys: pytest.CaptureFixture[str]
) -> None:
    session.kind, session.command = "exec", ("ls", "-l")
    with pytest.raises(TimeoutError, match=r"^exec ls -l in web did not end within 0 s; "):
        prints(session, 0)
    session.exit(2)
    prints(session)
    assert capsys.readouterr().err == "[exec ls -l in web: exited with code 2]\n"


@pytest.mark.parametrize(
    ("complete", "said"), [(True, ""), (False, "[web: exited with code 0, output is missing]\n")]
)
def test_missing_output_is_said_although_the_code_is_0(
    session: PrintedSession, capsys: pytest.CaptureFixture[str], complete: bool, said: str
) -> None:
    session.state, session.exit_code, session.complete = State.EXITED, 0, complete
    prints(session)
    assert capsys.readouterr() == ("", said)


@pytest.mark.parametrize(("last", "begin"), [(b"err\n", ""), (b"err", "\n")])
def test_how_it_ended_begins_a_line(
    session: PrintedSession, capsys: pytest.CaptureFixture[str], last: bytes, begin: str
) -> None:
    session.journal.append(ERR, last)
    session.exit(1)
    prints(session)
    assert capsys.readouterr().err == f"{last.decode()}{begin}[web: exited with code 1]\n"


@pytest.mark.parametrize("state", [State.LOST, State.FAILED])
def test_what_broke_is_raised_after_what_came(
    session: PrintedSession, capsys: pytest.CaptureFixture[str], state: State
) -> None:
    session.journal.append(OUT, b"some")
    session.state, session.error = state, ConnectionFailed("it broke")
    with pytest.raises(ConnectionFailed, match="it broke"):
        prints(session)
    assert capsys.readouterr() == ("some", "")


def test_a_timeout_detaches_prints_what_came_and_says_so(
    session: PrintedSession, capsys: pytest.CaptureFixture[str]
) -> None:
    session.on_detach = lambda: session.journal.append(OUT, b"last words\n")
    with pytest.raises(TimeoutError) as caught:
        prints(session, 0)
    assert str(caught.value) == "web did not end within 0 s; detached, the container runs on"
    assert session.state is State.DETACHED
    assert session.subscribed == 0
    assert capsys.readouterr().out == "last words\n"


def test_a_session_that_ends_in_the_last_moment_is_no_timeout(session: PrintedSession) -> None:
    session.journal.append(OUT, b"x")
    session.exit(0)
    prints(session, 0)


def test_a_flood_ends_at_the_timeout_too(session: PrintedSession) -> None:
    class Flood:
        def records(self, position: int, _size: int) -> tuple[list[Any], int]:
            return [(OUT, 0.0, b"y\n")], position + 2

    session.journal = Flood()  # type: ignore[assignment]
    with pytest.raises(TimeoutError, match="within 0 s"):
        prints(session, 0)
    assert session.state is State.DETACHED


@pytest.mark.parametrize(
    ("end", "said"),
    [
        (lambda session: None, "web: detached, the container runs on"),
        (lambda session: session.exit(4), "web: exited with code 4"),
    ],
)
def test_an_interrupt_detaches_and_says_how_it_stands(
    session: PrintedSession, end: Callable[[PrintedSession], None], said: str
) -> None:
    class InterruptedJournal(Journal):
        """Ctrl-C comes when it is read first."""

        interrupted = False

        def records(self, position: int, size: int) -> Any:
            if not self.interrupted:
                self.interrupted = True
                end(session)
                raise KeyboardInterrupt
            return super().records(position, size)

    session.journal = InterruptedJournal()
    with pytest.raises(Interrupted) as caught:
        prints(session)
    assert str(caught.value) == said
    assert session.subscribed == 0


class RecordedFile:
    """Notes what is written and flushed, in one list for several files."""

    def __init__(self, name: str, log: list[str]) -> None:
        self.name, self.log = name, log

    def write(self, text: str) -> None:
        self.log.append(f"{self.name} {text}")

    def flush(self) -> None:
        self.log.append(f"{self.name} flushed")


class PrintoutClock:
    """Time passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def recorded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is written to stdout and stderr from now on, and flushed; with a clock of its own."""
    log: list[str] = []
    monkeypatch.setattr(printout.sys, "stdout", RecordedFile("out", log))
    monkeypatch.setattr(printout.sys, "stderr", RecordedFile("err", log))
    monkeypatch.setattr(printout, "time", PrintoutClock())
    return log


def test_streams_that_alternate_are_flushed_in_order(
    session: PrintedSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = recorded(monkeypatch)
    for number, stream in enumerate((OUT, ERR, OUT)):
        session.journal.append(stream, b"%d" % number)
    session.exit(0)
    prints(session)
    assert files == ["out 0", "out flushed", "err 1", "err flushed", "out 2"]


def alternate(session: PrintedSession, times: int) -> None:
    for number in range(times):
        session.journal.append((OUT, ERR)[number % 2], b"%d" % number)
    session.exit(0)


def test_they_are_not_flushed_more_often_than_a_front_end_can_follow(
    session: PrintedSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = recorded(monkeypatch)
    alternate(session, 700)
    prints(session)
    assert [line.split()[1] for line in files if "flushed" not in line] == [
        str(number) for number in range(700)
    ]
    assert sum("flushed" in line for line in files) == 500


def test_a_log_waits_to_keep_the_order(
    session: PrintedSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = recorded(monkeypatch)
    alternate(session, 700)
    made: Any = session
    Printout(made, is_log=True).run()
    assert sum("flushed" in line for line in files) == 699


def test_but_not_without_end(session: PrintedSession, monkeypatch: pytest.MonkeyPatch) -> None:
    files = recorded(monkeypatch)
    alternate(session, 2500)
    made: Any = session
    Printout(made, is_log=True).run()
    assert 1400 < sum("flushed" in line for line in files) < 1600
    assert sum("flushed" not in line for line in files) == 2500


@pytest.mark.parametrize(
    ("state", "code"), [(State.EXITED, 3), (State.DETACHED, None), (State.EXITED, None)]
)
def test_a_log_says_nothing_about_the_container_s_end(
    session: PrintedSession, capsys: pytest.CaptureFixture[str], state: State, code: int | None
) -> None:
    session.journal.append(OUT, b"line\n")
    session.state, session.exit_code = state, code
    made: Any = session
    Printout(made, is_log=True).run()
    assert capsys.readouterr() == ("line\n", "")


def test_a_long_log_is_cut_in_the_middle_with_a_label(
    session: PrintedSession, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(10):
        session.journal.append(ERR if number % 2 else OUT, f"line {number}\n".encode())
    session.journal.append(OUT, "é".encode()[:1])
    session.exit(0)
    monkeypatch.setattr(printout, "_PIECE", 20)
    made: Any = session
    Printout(made, is_log=True, window=LineWindow(6)).run()
    printed = capsys.readouterr()
    assert printed.out == "line 0\nline 2\nline 8\n\ufffd"
    assert printed.err == (
        "line 1\n[web: 4 lines are left out here; --tail all prints all]\nline 7\nline 9\n"
    )


def test_an_interrupted_long_log_has_its_last_lines_too(
    session: PrintedSession, capsys: pytest.CaptureFixture[str]
) -> None:
    class Interrupting(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            raise KeyboardInterrupt

    session.journal.append(OUT, b"".join(b"%d\n" % number for number in range(10)))
    made: Any = session
    printing = Printout(made, is_log=True, window=LineWindow(4))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(printout.threading, "Event", Interrupting)
        with pytest.raises(Interrupted):
            printing.run()
    assert capsys.readouterr().out == "0\n1\n8\n9\n"


def test_silence_is_reported_once_and_what_comes_later_is_printed(
    session: PrintedSession, capsys: pytest.CaptureFixture[str]
) -> None:
    class Late(threading.Event):
        """Nothing comes in time, the first time; then the log does."""

        waits: ClassVar[list[float | None]] = []

        def wait(self, timeout: float | None = None) -> bool:
            self.waits.append(timeout)
            if len(self.waits) == 2:
                session.journal.append(OUT, b"late\n")
                session.exit(0)
            return len(self.waits) > 1

    made: Any = session
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(printout.threading, "Event", Late)
        Printout(made, is_log=True, patience=10.0).run()
    assert Late.waits == [10.0, None]
    said = "[web: the engine has sent nothing for 10 s; still waiting]\n"
    assert capsys.readouterr() == ("late\n", said)


def test_history_comes_first_each_line_to_its_stream(
    session: PrintedSession, capsys: pytest.CaptureFixture[str]
) -> None:
    entries = [TimedOutput(OUT, b"old\n", 1.0), TimedOutput(ERR, b"bad\n", 2.0)]
    session.history.set(entries, {OUT: Joint.PROVEN, ERR: Joint.PROVEN})
    session.journal.append(OUT, b"new\n")
    session.exit(0)
    Printout(session).run()
    printed = capsys.readouterr()
    assert printed.out == "old\nnew\n"
    assert printed.err == "bad\n[web: live from here]\n"


def test_what_is_not_known_about_history_is_printed(
    session: PrintedSession, capsys: pytest.CaptureFixture[str]
) -> None:
    session.history.set((), {OUT: Joint.UNPROVEN})
    session.exit(0)
    Printout(session).run()
    assert "lines before this may be missing, or come twice" in capsys.readouterr().err


def test_marks_are_lines_of_our_own_at_their_places(
    session: PrintedSession, capsys: pytest.CaptureFixture[str]
) -> None:
    marks = Marks(session.journal, threading.RLock())
    session.journal.append(ERR, b"one")
    marks.add(MarkKind.CUT, "connection cut")
    session.journal.append(ERR, b"two\n")
    marks.add(MarkKind.NOTE, "the end")
    session.marks = marks.all
    session.exit(0)
    prints(session)
    assert capsys.readouterr() == ("", "one\n[web: connection cut]\ntwo\n[web: the end]\n")
