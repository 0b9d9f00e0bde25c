"""What is typed into a session, and what cannot be."""

from __future__ import annotations

import os
import signal
import threading
import warnings
from collections.abc import Callable
from typing import Any

import pytest

from hyper_jupyter.api import Client, Session, client_for
from hyper_jupyter.exceptions import Conflict, ConnectionLost, SessionClosed
from hyper_jupyter.protocol import StreamType, encode_frame
from hyper_jupyter.session import State
from hyper_jupyter.session.lifecycle import lifecycle
from hyper_jupyter.session.lifecycle.findings import Fate
from hyper_jupyter.session.lifecycle.lifecycle import Lifecycle
from hyper_jupyter.session.lifecycle.stdin import Stdin
from hyper_jupyter.session.rules.controls import Controls
from hyper_jupyter.session.rules.plan import Plan
from hyper_jupyter.session.store.journal import Journal
from hyper_jupyter.session.store.typed import Typed
from tests.session.attachments import ScriptedAttachment, ScriptedConnection
from tests.session.conftest import everywhere
from tests.session.rules.plans import DOCKER, plan_of, plan_of_exec
from tests.session.servers import (
    HEAD_101,
    IDENTIFIER,
    REFUSED,
    MoodyEngine,
    Peer,
    ScriptedEngine,
    sends,
    stays,
)

OUT = encode_frame(StreamType.STDOUT, b"kept\n")
PATIENCE = 10.0
TERMINAL = plan_of(DOCKER, tty=True, detach_keys="ctrl-p,ctrl-q,x")


class NotedEnding:
    keys_typed = False
    exit_code: int | None = None
    fate = Fate()
    inputs = 0
    error: Exception | None = None

    def note_input(self) -> None:
        self.inputs += 1


class ListedWaits(Lifecycle):
    """Lists how long somebody would wait, does what a test says then, and goes on at once."""

    def __init__(self, happened: list[Any]) -> None:
        super().__init__(Journal())
        self.happened = happened
        self.during: dict[float, Callable[[], object]] = {}
        self.on_wait: Callable[[], object] = lambda: None
        self.reached: list[bool] = []  # whether each wait for the end was over then

    def wait_for_end(self, predicate: Callable[[], bool], timeout: float | None) -> bool:
        assert timeout is not None
        self.on_wait()
        self.reached.append(predicate())
        return self.reached[-1]

    def wait_for(self, predicate: Callable[[], bool], timeout: float | None) -> bool:
        assert timeout is not None
        self.happened.append(timeout)
        self.during.get(timeout, lambda: None)()
        return predicate()


class Typing:
    """A session's stdin with all that it needs.

    Attributes:
        controls: what can be done, as a test says.
        happened: keys that were sent, and waits between them.
        woken: how often those who show the session were.
    """

    def __init__(self, of: Plan | None = None) -> None:
        self.attachment: Any = ScriptedAttachment()
        self.ending: Any = NotedEnding()
        self.happened: list[Any] = []
        self.attachment.output.written = self.happened
        self.lifecycle = ListedWaits(self.happened)
        self.controls = Controls()
        self.woken = 0
        self.lifecycle.subscribe(self._count)
        self.stdin = Stdin(
            of or plan_of(DOCKER),
            self.attachment,
            self.lifecycle,
            self.ending,
            lambda: self.controls,
            Typed(Journal(), threading.RLock()),
        )

    @property
    def typed(self) -> list[bytes]:
        written: list[bytes] = self.attachment.typed.written
        return written

    def _count(self) -> None:
        self.woken += 1


def test_input_that_comes_too_late_for_a_further_program_says_so_of_the_program() -> None:
    typing = Typing(plan_of_exec(stdin=True))
    typing.lifecycle.move(State.DETACHED)
    typing.controls = Controls(stdin="the session has ended (detached)")
    with pytest.raises(SessionClosed, match="detached, the program runs on"):
        typing.stdin.send("x")


# -- sending ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "sent"),
    [
        ("café\n", b"caf\xc3\xa9\n"),
        (b"\x00\xff", b"\x00\xff"),
        (bytearray(b"ab"), b"ab"),
        (memoryview(b"abcd")[::2], b"ac"),
    ],
    ids=["text", "bytes", "bytearray", "every other byte"],
)
def test_text_goes_as_utf_8_and_bytes_as_they_are(data: Any, sent: bytes) -> None:
    typing = Typing()
    typing.stdin.send(data, 3.0)
    assert (typing.typed, typing.attachment.typed.timeouts) == ([sent], [3.0])


@pytest.mark.parametrize("data", ["", b""])
def test_nothing_opens_no_connection(data: str | bytes) -> None:
    typing = Typing()
    typing.attachment.input_used = False
    typing.stdin.send(data)
    assert (typing.attachment.input_used, typing.typed) == (False, [])


def test_the_first_byte_changes_what_leaving_does_and_that_is_told_once() -> None:
    typing = Typing()
    typing.attachment.input_used = False
    typing.stdin.send("a")
    assert typing.woken == 1
    typing.stdin.send("b")
    assert (typing.woken, typing.typed) == (1, [b"a", b"b"])


@pytest.mark.parametrize(
    ("controls", "hint"),
    [
        (
            Controls(stdin="no", again=""),
            "s.attach_again() attaches again.",
        ),
        (
            Controls(stdin="no", again="not as it is"),
            "s.attach_again(start=True) starts the container.",
        ),
        (Controls(stdin="no", again="no", start="no"), ""),
    ],
    ids=["again", "start", "neither"],
)
def test_why_nothing_can_be_sent_comes_with_what_to_do(controls: Controls, hint: str) -> None:
    typing = Typing()
    typing.controls = controls
    with pytest.raises(SessionClosed, match=r"^nothing can be sent: no") as caught:
        typing.stdin.send("x")
    assert (caught.value.hint, typing.typed) == (hint, [])


@pytest.mark.parametrize(
    ("plan", "subject"), [(TERMINAL, "container"), (plan_of_exec(stdin=True), "program")]
)
def test_a_container_or_program_that_does_not_read_is_a_conflict(plan: Plan, subject: str) -> None:
    typing = Typing(plan)
    typing.attachment.typed.takes = False
    with pytest.raises(Conflict, match=f"the {subject} does not read its stdin: 1 MiB is queued"):
        typing.stdin.send("x")


def test_a_connection_that_is_just_ending_is_no_container_that_does_not_read() -> None:
    typing = Typing()
    typing.attachment.typed.takes = False
    typing.attachment.typed.closing = True
    with pytest.raises(SessionClosed, match="the connection has ended"):
        typing.stdin.send("x")


@pytest.mark.parametrize(
    ("reason", "told"),
    [("", "the connection has ended"), ("the session has ended (exited)",) * 2],
)
def test_a_connection_that_has_just_ended_is_a_closed_session(reason: str, told: str) -> None:
    typing = Typing()

    def ends(*_: object) -> bool:
        typing.attachment.typed.ended = True
        typing.controls = Controls(stdin=reason)
        return False

    typing.attachment.typed.write = ends
    with pytest.raises(SessionClosed) as caught:
        typing.stdin.send("x")
    assert str(caught.value).startswith(f"nothing can be sent: {told}")
    goes_on = "attached again by itself" in (caught.value.hint or "")
    assert goes_on == (not reason)


@pytest.mark.parametrize("again", [False, True], ids=["attaching", "attached"])
def test_a_connection_that_was_cut_is_no_end_that_is_waited_for(*, again: bool) -> None:
    typing = Typing()
    typing.lifecycle.move(State.ATTACHED)

    def cut() -> None:
        typing.lifecycle.move(State.RECONNECTING)
        typing.controls = Controls(stdin="the connection was cut: attaching again")
        if again:
            typing.lifecycle.move(State.ATTACHED)
            typing.attachment.output = ScriptedConnection()
            typing.controls = Controls()

    def ends(*_: object) -> bool:
        typing.attachment.typed.ended = typing.attachment.output.ended = True
        typing.lifecycle.on_wait = cut
        return False

    typing.attachment.typed.write = ends
    with pytest.raises(SessionClosed) as caught:
        typing.stdin.send("x")
    told = "the connection has ended" if again else "the connection was cut: attaching again"
    assert str(caught.value).startswith(f"nothing can be sent: {told}")
    assert typing.lifecycle.reached == [True]


BROKE = ConnectionLost("the engine ended the stream, but the container runs on")


@pytest.mark.parametrize(
    ("state", "code", "error", "told"),
    [
        (State.EXITED, 3, None, "exited with code 3"),
        (State.EXITED, None, None, "exited, code unknown"),
        (State.LOST, None, BROKE, f"lost ({BROKE})"),
        (State.DETACHED, None, None, "detached, the container runs on"),
    ],
)
@pytest.mark.parametrize("what", ["send", "end", "late end", "refused"])
def test_a_session_that_ended_meanwhile_is_reported_by_its_reason(
    state: State, code: int | None, error: Any, told: str, what: str
) -> None:
    typing = Typing(plan_of(DOCKER, once=True))
    typing.lifecycle.move(State.ATTACHED)

    def ends(*_: object) -> Any:
        typing.ending.exit_code, typing.ending.error = code, error
        typing.attachment.typed.ended = typing.attachment.output.ended = True
        typing.controls = Controls(stdin=f"the session has ended ({state})")
        # The reason is known once the engine has been asked.
        typing.lifecycle.on_wait = lambda: typing.lifecycle.move(state)
        return False

    typing.attachment.typed.write = ends
    if what == "send":  # the output has ended, and nobody knows why yet
        with pytest.raises(SessionClosed) as caught:
            typing.stdin.send("x")
        assert typing.lifecycle.ended
    elif what == "end":
        ends()
        typing.lifecycle.move(state)
        with pytest.raises(SessionClosed) as caught:
            typing.stdin.end()
    elif what == "late end":
        ends()
        typing.controls = Controls()  # as it was when they were looked at
        with pytest.raises(SessionClosed) as caught:
            typing.stdin.end()
    else:

        def refuse() -> Any:
            ends()
            raise ConnectionLost("the connection to the container's stdin has just ended")

        typing.attachment.input = refuse
        with pytest.raises(SessionClosed) as caught:
            typing.stdin.send("x")
    begin = "the input cannot be ended" if "end" in what.split() else "nothing can be sent"
    assert str(caught.value).startswith(f"{begin}: the session has ended: {told}")


@pytest.mark.parametrize("what", ["send", "end"])
def test_nothing_is_sent_from_a_fork(monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    typing = Typing(plan_of(DOCKER, once=True))
    monkeypatch.setattr(lifecycle.os, "getpid", lambda: -1)
    with pytest.raises(SessionClosed, match="this process is a fork"):
        typing.stdin.send("x") if what == "send" else typing.stdin.end()
    assert (typing.typed, typing.attachment.typed.input_ended) == ([], False)


def test_a_real_fork_says_so_and_the_parent_types_on() -> None:
    client = client_for("local:")
    session = client.run("default", ["sh", "-c", "read x; echo got:$x"], stdin=True)
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12: there are threads
        child = os.fork()
    if not child:
        text = b"something else"
        try:
            session.send_line("lost")
            text = b"it was sent"
        except SessionClosed:
            text = b"SessionClosed"
        finally:
            os.write(writing, text)
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as answers:
        assert answers.read() == b"SessionClosed"
    os.waitpid(child, 0)
    session.send_line("kept")
    assert session.wait(PATIENCE) == 0
    assert session.stdout.getvalue() == b"got:kept\n"


# -- the detach keys as input ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("pieces", "left"),
    [
        ([b"\x10\x11x"], True),
        ([b"ls\n\x10", b"\x11", b"x"], True),
        ([b"\x10\x11"], False),
        ([b"\x10x\x11"], False),
        ([b"x\x11\x10"], False),
    ],
    ids=["at once", "one by one", "not all", "something between", "another order"],
)
def test_our_detach_keys_are_noticed_whoever_types_them(pieces: list[bytes], left: bool) -> None:
    typing = Typing(TERMINAL)
    for piece in pieces:
        typing.stdin.send(piece)
    assert (typing.ending.keys_typed, typing.typed) == (left, pieces)


def test_where_engines_look_for_no_keys_none_are_noticed() -> None:
    typing = Typing(plan_of(DOCKER, detach_keys="ctrl-p,ctrl-q"))
    typing.stdin.send(b"\x10\x11")
    assert not typing.ending.keys_typed


# -- the end of input ------------------------------------------------------------------------


def test_the_end_of_a_terminal_s_input_is_a_byte() -> None:
    typing = Typing(TERMINAL)
    typing.stdin.end()
    assert (typing.typed, typing.attachment.typed.input_ended) == ([b"\x04"], False)


def test_the_end_of_a_pipe_s_input_is_a_half_close_and_is_told() -> None:
    typing = Typing(plan_of(DOCKER, once=True))
    typing.stdin.end()
    assert (typing.typed, typing.attachment.typed.input_ended) == ([], True)
    assert typing.woken == 1


@pytest.mark.parametrize(
    ("controls", "kind", "text"),
    [
        (
            Controls(stdin="no stdin", eof="no eof", again="no", start="no"),
            SessionClosed,
            "no stdin",
        ),
        (Controls(eof="no eof"), Conflict, "no eof"),
    ],
)
def test_why_the_input_cannot_be_ended_is_told(
    controls: Controls, kind: type[Exception], text: str
) -> None:
    typing = Typing(plan_of(DOCKER, once=True))
    typing.controls = controls
    with pytest.raises(kind, match=f"^the input cannot be ended: {text}$"):
        typing.stdin.end()
    assert not typing.attachment.typed.input_ended


# -- leaving by the detach keys --------------------------------------------------------------


def test_the_detach_keys_go_one_by_one_with_a_pause_between_two() -> None:
    typing = Typing(TERMINAL)
    typing.stdin.send_detach_keys(7.0)
    # Behind them up to a second for the end of the stream; it has not come.
    assert typing.happened == [b"\x10", 0.1, b"\x11", 0.1, b"x", 1.0]
    assert set(typing.attachment.output.timeouts) == {0}


def test_what_the_end_behind_the_keys_meant_is_waited_for() -> None:
    typing = Typing(TERMINAL)
    typing.lifecycle.during[1.0] = lambda: setattr(typing.attachment.output, "ended", True)
    typing.stdin.send_detach_keys(7.0)
    assert typing.happened == [b"\x10", 0.1, b"\x11", 0.1, b"x", 1.0, 7.0]


def test_no_key_follows_the_end_of_the_session() -> None:
    typing = Typing(TERMINAL)
    typing.lifecycle.during[0.1] = lambda: typing.lifecycle.move(State.EXITED)
    typing.stdin.send_detach_keys(7.0)
    assert typing.happened == [b"\x10", 0.1, 1.0]


def test_no_key_follows_one_that_did_not_go_out() -> None:
    typing = Typing(TERMINAL)
    typing.attachment.output.takes = False
    typing.stdin.send_detach_keys(7.0)
    assert typing.happened == [1.0]
    assert typing.attachment.output.timeouts == [0]


@pytest.mark.parametrize("why", ["no terminal", "no stdin", "not opened"])
def test_where_engines_look_for_no_keys_none_are_sent(why: str) -> None:
    options = {"no terminal": {"tty": False}, "no stdin": {"stdin": False}}.get(why, {})
    typing = Typing(plan_of(DOCKER, **{"tty": True, **options}))
    if why == "not opened":
        typing.attachment.output = None
    typing.stdin.send_detach_keys(7.0)
    assert typing.happened == []


# -- a whole session -------------------------------------------------------------------------


def connect(engine: ScriptedEngine, timeout: float = PATIENCE) -> Client:
    return client_for(engine.url, timeout=timeout, **engine.options)


def attach(engine: ScriptedEngine, **options: Any) -> Session:
    return connect(engine).attach(IDENTIFIER, **options)


def test_a_detach_that_ctrl_c_interrupts_has_detached(
    engine: Callable[..., MoodyEngine], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hyper_jupyter.session.lifecycle.stdin._KEYS_DEADLINE", PATIENCE)
    main = threading.get_ident()

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    def script(peer: Peer) -> None:
        peer.send(HEAD_101)
        if peer.receive(1):  # the first of the detach keys: it is in the middle of it
            signal.pthread_kill(main, signal.SIGUSR1)
        peer.wait_for_end()

    session = client_for(engine(script, Tty=True).url).attach(IDENTIFIER)
    before = signal.signal(signal.SIGUSR1, interrupt)
    try:
        with pytest.raises(KeyboardInterrupt):
            session.detach()
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert session.state is State.DETACHED
    session.close()


def test_a_stdin_that_the_engine_refuses_is_told_at_the_next_send(
    engine: Callable[..., MoodyEngine],
) -> None:
    def script(peer: Peer) -> None:
        (sends(REFUSED) if "stdout=0" in peer.request_line else stays(HEAD_101))(peer)

    session = client_for(engine(script, StdinOnce=True).url).attach(IDENTIFIER)
    session.send("a")
    assert session._lifecycle.wait_for(lambda: session.controls().stdin != "", PATIENCE)
    assert not any("was cut" in text for text in session.warnings)
    with pytest.raises(SessionClosed, match="its stdin has ended: busy"):
        session.send("b")
    session.close(force=True)


def test_an_object_that_is_no_bytes_is_not_sent(engine: Callable[..., MoodyEngine]) -> None:
    session = client_for(engine(stays(HEAD_101)).url).attach(IDENTIFIER)
    wrong: Any = 5
    with pytest.raises(TypeError):
        session.send(wrong)
    session.close()


@everywhere
def test_input_of_a_container_that_does_not_read_is_bounded(
    engine: Callable[..., ScriptedEngine],
) -> None:
    def script(peer: Peer) -> None:
        peer.send(HEAD_101 + OUT)
        running.ended.wait()

    running = engine(script)
    session = attach(running)

    def flood() -> None:
        for _ in range(64):
            session.send(bytes(1024 * 1024), timeout=0.1)

    with pytest.raises(Conflict, match="does not read"):
        flood()
    session.close()
