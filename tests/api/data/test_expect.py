"""Waiting for output, in a session whose engine is the test."""

from __future__ import annotations

import asyncio
import contextlib
import re
import selectors
import threading
import traceback
from collections.abc import Callable
from typing import Any

import pytest

from hyper_jupyter.api.session import Session
from hyper_jupyter.exceptions import ExpectTimeout, HyperJupyterError, StreamEnded
from hyper_jupyter.protocol import StreamType
from hyper_jupyter.session import State
from hyper_jupyter.session.io.runtime import runtime
from tests.api.data.printing import Printing

OUT, ERR = StreamType.STDOUT, StreamType.STDERR
PATIENCE = 30.0


@pytest.fixture
def session() -> Printing:
    return Printing()


Expect = Callable[..., Any]


def blocking(session: Session, *arguments: Any, **options: Any) -> Any:
    return session.expect(*arguments, **options)


def awaiting(session: Session, *arguments: Any, **options: Any) -> Any:
    return asyncio.run(session.expect_async(*arguments, **options))


@pytest.fixture(params=[blocking, awaiting])
def expect(request: pytest.FixtureRequest) -> Expect:
    return request.param


def test_what_is_here_is_found_one_after_another(session: Printing, expect: Expect) -> None:
    session.prints(b"one two ", b"three")
    assert expect(session, "t").before == "one "
    assert expect(session, re.compile("t(.*?)e"), timeout=0)[1] == "hr"
    with pytest.raises(ExpectTimeout):
        expect(session, "one", timeout=0)


def test_what_comes_later_is_waited_for(session: Printing, expect: Expect) -> None:
    waits = threading.Event()
    session.when_waiting(waits.set)

    def print_late() -> None:
        assert waits.wait(PATIENCE)
        session.prints(b"not yet, ")
        session.prints(b"rea", b"dy\n", stream=ERR)

    thread = threading.Thread(target=print_late)
    thread.start()
    match = expect(session, ["never", "ready"], timeout=PATIENCE)
    thread.join()
    assert (match.which, match.stream, match.group()) == (1, "stderr", "ready")


def test_in_time_means_what_was_waited_for_and_the_last_output(
    session: Printing, expect: Expect
) -> None:
    session.prints(*(b"line %d\n" % number for number in range(100)))
    session.prints(b"\x1b[31mred", stream=ERR)
    with pytest.raises(ExpectTimeout) as caught:
        expect(session, ["ready", re.compile("go+")], timeout=0.01)
    first, *lines = str(caught.value).split("\n")
    assert first == "'ready' or 'go+' did not come in 0.01 s; the last output:"
    assert lines[-2:] == ["line 99", "[31mred"]
    assert len(lines) == 10
    # What was looked at counts for the next call.
    assert expect(session, "line 3", timeout=0).group() == "line 3"
    session.ends(State.RECONNECTING)
    with pytest.raises(ExpectTimeout, match=r"in 0 s \(the session is reconnecting\); the last"):
        expect(session, "ready", timeout=0)


def test_the_end_of_the_session_ends_the_waiting(session: Printing, expect: Expect) -> None:
    waits = threading.Event()
    session.when_waiting(waits.set)

    def end() -> None:
        assert waits.wait(PATIENCE)
        session.prints(b"bye")
        session.ends(State.EXITED)

    thread = threading.Thread(target=end)
    thread.start()
    with pytest.raises(StreamEnded, match=r"'ready' did not come: .*exited.*\nbye"):
        expect(session, "ready", timeout=None)
    thread.join()
    assert expect(session, "bye").group() == "bye"


def test_a_lost_connection_is_the_reason(session: Printing, expect: Expect) -> None:
    session.reason = HyperJupyterError("the connection was cut")
    session.ends(State.LOST)
    with pytest.raises(StreamEnded, match="the connection was cut; there was no output") as caught:
        expect(session, "ready")
    assert caught.value.__cause__ is session.reason


@pytest.mark.parametrize("pattern", [r"port (\d+)", "ready.*", b"(?P<a>b)", ["up", r"\w"]])
def test_a_text_that_looks_like_an_expression_is_explained(
    session: Printing, expect: Expect, pattern: Any
) -> None:
    for before in (lambda: None, session.ends):
        before()
        with pytest.raises((ExpectTimeout, StreamEnded)) as caught:
            expect(session, pattern, timeout=0)
        assert "re.compile" in caught.value.hint


@pytest.mark.parametrize("pattern", ["$ ", "done (3.5 s).", "C:/x> ", "[ok]", re.compile(r"\d")])
def test_a_text_that_looks_like_none_is_not(session: Printing, pattern: Any) -> None:
    with pytest.raises(ExpectTimeout) as caught:
        session.expect(pattern, timeout=0)
    assert not caught.value.hint


def test_streams_have_places_of_their_own(session: Printing, expect: Expect) -> None:
    session.prints(b"started\n")
    session.prints(b"ready\n", stream=ERR)
    assert expect(session, "ready", stream="stderr").stream == "stderr"
    assert expect(session, "started").stream == "stdout"


@pytest.mark.parametrize("stream", ["stdin", 0, "", "both"])
def test_a_stream_that_is_none_is_refused(session: Printing, expect: Expect, stream: Any) -> None:
    with pytest.raises(HyperJupyterError, match="is not a stream"):
        expect(session, "x", stream=stream)


def test_ctrl_c_ends_the_waiting_without_pythons_own_frames(
    session: Printing, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(threading.Condition, "wait", interrupted)
    for call in (
        lambda: session.expect("x"),
        lambda: list(session.stdout.lines(follow=True)),
        lambda: list(session.records(follow=True)),
        lambda: session.join(),
    ):
        with pytest.raises(KeyboardInterrupt) as caught:
            call()
        frames = traceback.extract_tb(caught.value.__traceback__)
        assert not [frame for frame in frames if "threading" in frame.filename]
        assert caught.value.__cause__ is None
        assert caught.value.__suppress_context__
        shown = caught.value._render_traceback_()  # type: ignore[attr-defined]
        assert shown == ["Interrupted. The session goes on."]


@pytest.mark.parametrize(
    "wait",
    [
        lambda session: session.expect_async("x", timeout=PATIENCE),
        lambda session: session._lifecycle.reach(lambda: False),  # what ``await session`` does
    ],
)
def test_ctrl_c_ends_an_awaited_wait_although_it_does_not_wake_up_the_loop(
    session: Printing, wait: Callable[[Printing], Any]
) -> None:
    sleeps: list[float | None] = []

    class Interrupted(selectors.DefaultSelector):
        """While the loop sleeps, a signal's handler cancels the task, as in a kernel."""

        def select(self, timeout: float | None = None) -> Any:
            if timeout is None or timeout > 0:
                sleeps.append(timeout)
                task.cancel()
            return super().select(0)

    with contextlib.closing(asyncio.SelectorEventLoop(Interrupted())) as loop:
        task = loop.create_task(wait(session))
        with pytest.raises(asyncio.CancelledError) as caught:
            loop.run_until_complete(task)
    assert sleeps
    assert all(seconds is not None and seconds <= 1 for seconds in sleeps)
    assert caught.value._render_traceback_() == ["Interrupted. The session goes on."]


def test_a_function_is_called_for_each_match_until_it_is_cancelled(session: Printing) -> None:
    session.prints(b"error 0\n")  # before
    seen: list[tuple[str, str]] = []
    news = threading.Semaphore(0)

    def callback(match: Any) -> None:
        seen.append((match[1], match.stream))
        news.release()
        if match[1] == "2":
            raise ValueError("a fault of the user's function")

    subscription = session.on_match(re.compile(r"error (\d)"), callback)
    session.prints(b"error 1 err", b"or 2 error 3")
    session.prints(b"error 4", stream=ERR)
    for _ in range(4):
        assert news.acquire(timeout=PATIENCE)
    assert sorted(seen) == [("1", "stdout"), ("2", "stdout"), ("3", "stdout"), ("4", "stderr")]
    assert subscription.active
    subscription.cancel()
    assert not subscription.active
    assert session._lifecycle._watchers == ()
    later = threading.Event()
    session.on_match("error 6", lambda _: later.set())
    session.prints(b"error 5 error 6")
    assert later.wait(PATIENCE)
    assert len(seen) == 4


def test_matches_without_an_end_do_not_keep_others_from_their_turn(
    session: Printing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hyper_jupyter.session.lifecycle.expecting.TURN", 0.0)
    other = threading.Event()
    begun = threading.Event()
    seen: list[int] = []

    def endless(match: Any) -> None:
        seen.append(int(match[1]))
        session.prints(b"error %d\n" % len(seen))  # there is always more
        begun.set()

    subscription = session.on_match(re.compile(r"error (\d+)\n"), endless)
    session.prints(b"error 0\n")
    assert begun.wait(PATIENCE)
    runtime().callbacks.submit(other.set)
    assert other.wait(PATIENCE)
    subscription.cancel()
    assert seen == list(range(len(seen)))


def test_what_is_no_function_is_refused_at_once(session: Printing) -> None:
    for give in (session.on_output, session.observe, lambda given: session.on_match("x", given)):
        with pytest.raises(TypeError, match="'x' is not a function"):
            give("x")  # type: ignore[operator]


def test_a_session_that_has_ended_does_not_hold_its_functions(session: Printing) -> None:
    life = session._lifecycle
    released = threading.Event()
    subscribe = life.subscribe

    def subscribing(wake: Callable[[], None]) -> Callable[[], None]:
        remove = subscribe(wake)

        def release() -> None:
            remove()
            released.set()

        return release

    life.subscribe = subscribing  # type: ignore[method-assign]
    seen = threading.Event()
    session.on_match("last", lambda _: seen.set())
    session.prints(b"last")
    session.ends()
    assert released.wait(PATIENCE)
    assert seen.is_set()
    assert life._watchers == ()
