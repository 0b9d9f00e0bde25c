"""The widgets on a recorded comm, without a kernel."""

from __future__ import annotations

import contextlib
import gc
import json
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from traitlets import TraitError
from websockets.exceptions import ConnectionClosedOK

from hyper_jupyter.exceptions import HyperJupyterError
from hyper_jupyter.protocol.frames import StreamType
from hyper_jupyter.protocol.log_entries import TimedOutput
from hyper_jupyter.session.io.worker import Job, Worker
from hyper_jupyter.session.lifecycle.reconnecting import Reconnection
from hyper_jupyter.session.rules.log.joint import Joint
from hyper_jupyter.session.store.marks import MarkKind
from hyper_jupyter.settings.current import link_policy
from hyper_jupyter.widgets import choose_front_end, hub, terminal_size
from hyper_jupyter.widgets.delivery.output_sender import INTERVAL, OutputSender
from hyper_jupyter.widgets.session_widget import RANGE, SessionWidget
from tests.widgets.comms import RecordedComms, from_page, wait_for_jobs
from tests.widgets.fakes import ScriptedControls, ScriptedSession, ScriptedStall
from tests.widgets.pages import LinkedPage

TIMEOUT = 5.0
LINE = {"line": True, "end": True, "hidden": False, "binary": False}


@pytest.fixture
def session() -> ScriptedSession:
    return ScriptedSession()


@pytest.fixture
def widget(
    comms: RecordedComms, publisher: Worker, session: ScriptedSession
) -> Iterator[SessionWidget]:
    made = SessionWidget(session)
    yield made
    made.close()


def test_output_reaches_a_page_that_said_hello(
    comms: RecordedComms, widget: SessionWidget, session: ScriptedSession
) -> None:
    from_page(widget, type="hello", page="p", have={"1": 0, "2": 0}, turn=1, revision=0)
    session.output(b"\xff\x00abc")
    [(message, buffers)] = comms.wait_for(lambda: comms.custom("output"))
    assert (message["page"], message["stream"], message["offset"]) == ("p", 1, 0)
    assert buffers[0] == b"\xff\x00abc"
    assert struct.unpack("<2d", buffers[1][:16]) == (0, 5)


def test_the_first_output_is_sent_before_a_page_says_hello(
    comms: RecordedComms, widget: SessionWidget, session: ScriptedSession
) -> None:
    session.output(b"abc")
    comms.wait_for(lambda: comms.greetings() == [b"abc"])


def test_a_terminal_is_sent_nothing_before_that(comms: RecordedComms, publisher: Worker) -> None:
    session = ScriptedSession(tty=True)
    widget = SessionWidget(session)
    session.output(b"abc")
    wait_for_jobs(publisher)
    assert comms.greetings() == []
    widget.close()


def test_marks_reach_a_page_without_what_must_not_be_saved(
    comms: RecordedComms, publisher: Worker, session: ScriptedSession
) -> None:
    widget = SessionWidget(session, clean=lambda text: text.replace("secret", "[redacted]"))
    session.output(b"abc")
    session.mark(MarkKind.NOTE, "a secret")
    hello = {"page": "p", "have": {"1": 3, "2": 0}, "revision": widget.status["revision"]}
    from_page(widget, type="hello", turn=1, **hello)
    [(message, _)] = comms.wait_for(lambda: comms.custom("output"))
    [mark] = message["marks"]
    assert (mark["number"], mark["kind"], mark["text"]) == (1, "note", "a [redacted]")
    assert (mark["position"], mark["offsets"]) == (3, {"1": 3, "2": 0})
    from_page(widget, type="hello", turn=2, marks=1, **hello)
    session.output(b"d")
    _, (message, _) = comms.wait_for(lambda: comms.custom("output")[1:] and comms.custom("output"))
    assert message["marks"] == []
    widget.close()


def test_the_next_attempt_to_attach_again_is_published_once_and_the_page_can_hurry_it(
    comms: RecordedComms, publisher: Worker, session: ScriptedSession
) -> None:
    widget = SessionWidget(session, clean=lambda text: text.replace("secret", "[redacted]"))
    assert widget.status["reconnecting"] is None
    session.state = "reconnecting"
    session.reconnecting = Reconnection(3, time.monotonic() + 60, "reset by secret")
    session.changed()
    comms.wait_for(lambda: widget.status["state"] == "reconnecting")
    found = widget.status["reconnecting"]
    assert (found["attempt"], found["error"]) == (3, "reset by [redacted]")
    assert 0 < found["seconds"] <= 60
    revision = widget.status["revision"]
    session.changed()  # time has passed, and the same attempt is waited for
    wait_for_jobs(publisher)
    assert widget.status["revision"] == revision
    from_page(widget, type="reconnect", page="p", n=1, seen=0)
    comms.wait_for(lambda: session.calls == ["reconnect_now"])
    widget.close()


def test_it_says_on_the_page_that_it_is_no_part(widget: SessionWidget) -> None:
    assert widget.part == "session"
    with pytest.raises(TraitError, match="read-only"):
        widget.part = "view"


def test_only_the_publisher_sends_output_and_status(
    comms: RecordedComms, widget: SessionWidget, session: ScriptedSession
) -> None:
    before = len(comms.threads)
    from_page(widget, type="hello", page="p", have={"1": 0, "2": 0}, turn=1, revision=0)
    session.output(b"abc")
    session.exit(0)
    comms.wait_for(lambda: comms.custom("output") and len(comms.statuses()) > 1)
    assert set(comms.threads[before:]) == {"hyper_jupyter publisher"}


class AlarmClock(Worker):
    """Notes for which delays it is asked; nothing that is due later is run."""

    def __init__(self) -> None:
        super().__init__("hyper_jupyter publisher")
        self.delays: list[float] = []
        self.jobs: list[Job] = []

    def call_later(self, delay: float, function: Callable[[], object]) -> Job:
        job = super().call_later(delay, function)
        if delay:
            self.delays.append(delay)
            self.jobs.append(job)
        return job


def test_a_call_that_is_due_earlier_than_the_one_that_waits_takes_its_place(
    comms: RecordedComms, publisher: Worker, session: ScriptedSession
) -> None:
    clock = AlarmClock()
    widget = SessionWidget(session, publisher=clock)
    done = threading.Event()

    def ask() -> None:
        now = time.monotonic()
        widget._publish_by(now + 300.0)
        widget._publish_by(now + 400.0)
        widget._publish_by(now + 100.0)
        done.set()

    clock.submit(ask)
    assert done.wait(TIMEOUT)
    assert [round(delay) for delay in clock.delays] == [300, 100]
    assert [job.cancelled for job in clock.jobs] == [True, False]
    widget.close()
    wait_for_jobs(clock)
    clock.close()


@pytest.mark.parametrize(
    ("delay", "behind", "scheduled", "waits"),
    [
        (None, True, [], False),
        (0.01, True, [0.01], True),
        (0.01, False, [0.01], False),  # an answer waits: the next output has to wake it
        (INTERVAL, True, [INTERVAL], True),
        (9.0, True, [9.0], False),
    ],
)
def test_what_wakes_a_sender_that_is_behind_waits_for_its_next_turn(
    comms: RecordedComms,
    session: ScriptedSession,
    monkeypatch: pytest.MonkeyPatch,
    delay: float | None,
    behind: bool,
    scheduled: list[float],
    waits: bool,
) -> None:
    clock = AlarmClock()
    widget = SessionWidget(session, publisher=clock)
    wait_for_jobs(clock)
    monkeypatch.setattr(OutputSender, "pump", lambda *_, **__: delay)
    monkeypatch.setattr(OutputSender, "behind", property(lambda _: behind))
    standing = SimpleNamespace(monotonic=lambda: 100.0)
    monkeypatch.setattr("hyper_jupyter.widgets.session_widget.time", standing)
    widget._publish()
    assert clock.delays == pytest.approx(scheduled)
    assert widget._due is waits
    monkeypatch.undo()
    widget.close()
    wait_for_jobs(clock)
    clock.close()


class CountingWorker(Worker):
    submitted = 0

    def submit(self, function: Callable[[], object]) -> Job:
        self.submitted += 1
        return super().submit(function)


def test_wakes_while_the_publisher_is_busy_are_one_job(
    comms: RecordedComms, session: ScriptedSession
) -> None:
    worker = CountingWorker("hyper_jupyter publisher")
    release = threading.Event()
    worker.submit(lambda: release.wait(TIMEOUT))
    widget = SessionWidget(session, publisher=worker)
    before = worker.submitted
    for _ in range(1000):
        session.output(b"x")
    assert worker.submitted == before
    release.set()
    widget.close()
    comms.wait_for(lambda: comms.published[-1][1] == "comm_close")
    wait_for_jobs(worker)
    worker.close()


def test_closing_does_not_wait_for_a_request_of_the_page(
    widget: SessionWidget, session: ScriptedSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    close = widget._request_worker.close

    def closed(timeout: float) -> None:
        waited.append(timeout)
        close(timeout)

    monkeypatch.setattr(widget._request_worker, "close", closed)
    assert session.watches == 1
    widget.close()
    widget.close()
    assert waited == [0]
    assert session.watches == 0


def test_output_alone_sends_no_status(
    comms: RecordedComms, widget: SessionWidget, session: ScriptedSession
) -> None:
    from_page(widget, type="hello", page="p", have={"1": 0, "2": 0}, turn=1, revision=0)
    for count in (1, 2, 3):
        session.output(b"x")
        comms.wait_for(lambda count=count: len(comms.custom("output")) == count)
    assert len(comms.statuses()) == 1


def test_ten_thousand_wakes_are_few_messages(
    comms: RecordedComms, widget: SessionWidget, session: ScriptedSession
) -> None:
    from_page(widget, type="hello", page="p", have={"1": 0, "2": 0}, turn=1, revision=0)
    began = time.monotonic()
    for _ in range(10_000):
        session.output(b"x")
    total = lambda: sum(len(buffers[0]) for _, buffers in comms.custom("output"))  # noqa: E731
    comms.wait_for(lambda: total() == 10_000)
    count = len(comms.custom("output"))
    assert count <= (time.monotonic() - began) / INTERVAL + 2


def test_the_status_follows_the_session_and_is_sent_when_it_changed(
    comms: RecordedComms, widget: SessionWidget, session: ScriptedSession
) -> None:
    session.exit(3)
    comms.wait_for(lambda: comms.statuses()[-1]["state"] == "exited")
    first, *_, last = comms.statuses()
    assert first["state"] == "attached"
    assert last["exit_code"] == 3
    assert last["controls"]["stdin"] == "the container has ended"
    for _ in range(100):
        session.changed()
    session.current = ScriptedControls(leave="over")
    session.changed()
    comms.wait_for(lambda: comms.statuses()[-1]["controls"]["leave"] == "over")
    assert len(comms.statuses()) <= 4


def test_a_line_from_the_page_is_sent_and_answered(
    comms: RecordedComms, widget: SessionWidget, session: ScriptedSession
) -> None:
    from_page(widget, type="hello", page="p", have={"1": 0, "2": 0}, turn=1, revision=0)
    from_page(widget, type="input", page="p", n=1, seen=0, data="ls", **LINE)
    assert comms.wait_for(comms.replies) == [(1, None)]
    assert session.sent == [b"ls\n"]


def test_a_request_that_takes_long_holds_up_no_output(
    comms: RecordedComms, widget: SessionWidget, session: ScriptedSession
) -> None:
    release = threading.Event()
    session.on_send = lambda data: release.wait(TIMEOUT)  # type: ignore[assignment,return-value]
    from_page(widget, type="hello", page="p", have={"1": 0, "2": 0}, turn=1, revision=0)
    from_page(widget, type="input", page="p", n=1, seen=0, data="x", **LINE)
    session.output(b"meanwhile")
    comms.wait_for(lambda: comms.custom("output"))
    assert comms.replies() == []
    release.set()
    comms.wait_for(comms.replies)


def test_a_size_from_the_page_reaches_the_session(
    comms: RecordedComms, widget: SessionWidget, session: ScriptedSession
) -> None:
    from_page(widget, type="hello", page="p", have={"1": 0, "2": 0}, turn=1, revision=0)
    from_page(widget, type="resize", page="p", view=1, rows=24, cols=100, claim=False)
    from_page(widget, type="eof", page="p", n=1, seen=0)
    comms.wait_for(comms.replies)
    assert session.sizes == [(25, 101), (24, 100)]


def test_every_page_is_told_the_size_and_whose_it_is(
    comms: RecordedComms, widget: SessionWidget, session: ScriptedSession
) -> None:
    from_page(widget, type="resize", page="p", view=3, rows=24, cols=100, claim=False)
    status = comms.wait_for(lambda: [s for s in comms.statuses() if s["size"]])[-1]
    assert status["size"] == (24, 100)
    assert status["size_owner"] == ("p", 3)


def test_the_owner_of_the_size_is_asked_whether_it_is_still_there(
    comms: RecordedComms, widget: SessionWidget
) -> None:
    from_page(widget, type="resize", page="p", view=3, rows=24, cols=100, claim=False)
    from_page(widget, type="resize", page="q", view=1, rows=30, cols=90, claim=False)
    comms.wait_for(lambda: comms.custom("who"))
    assert comms.custom("who") == [({"type": "who", "page": "p"}, [])]


def test_a_view_that_is_gone_leaves_the_size_to_the_next(
    comms: RecordedComms, widget: SessionWidget, session: ScriptedSession
) -> None:
    from_page(widget, type="hello", page="p", have={"1": 0, "2": 0}, turn=1, revision=0)
    from_page(widget, type="resize", page="p", view=3, rows=24, cols=100, claim=True)
    from_page(widget, type="resize", page="q", view=1, rows=30, cols=90, claim=False)
    for n, (rows, cols) in enumerate([(0, 100), (24, 0)], 1):
        from_page(widget, type="resize", page="p", view=3, rows=24, cols=100, claim=True)
        from_page(widget, type="resize", page="p", view=3, rows=rows, cols=cols, claim=False)
        from_page(widget, type="eof", page="p", n=n, seen=0)
        comms.wait_for(lambda n=n: len(comms.replies()) == n)
        assert session.sizes[-1] == (30, 90)


def test_a_size_that_was_refused_is_set_when_the_container_says_something(
    comms: RecordedComms,
    widget: SessionWidget,
    session: ScriptedSession,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(terminal_size, "RETRIES", (0.01,))  # one attempt by the clock
    session.refuse = "it is not started"
    from_page(widget, type="resize", page="p", view=1, rows=24, cols=100, claim=False)
    from_page(widget, type="hello", page="p", have={"1": 0, "2": 0}, turn=1, revision=0)

    def refused_again() -> bool:
        session.output(b".")
        return session.calls.count("resize") >= 2

    comms.wait_for(refused_again)
    session.refuse = ""

    def attempt() -> bool:
        session.output(b"$ ")
        return len(session.sizes) >= 2

    comms.wait_for(attempt)
    assert session.sizes == [(25, 101), (24, 100)]


def test_a_widget_that_is_closed_sends_the_last_output_first_and_then_no_more(
    comms: RecordedComms, widget: SessionWidget, session: ScriptedSession, publisher: Worker
) -> None:
    from_page(widget, type="hello", page="p", have={"1": 0, "2": 0}, turn=1, revision=0)
    comms.wait_for(lambda: comms.custom("welcome"))
    session.output(b"last ")
    comms.wait_for(lambda: comms.custom("output"))
    session.output(b"words")
    session.exit(0)
    widget.close()
    comms.wait_for(lambda: comms.published[-1][1] == "comm_close")
    session.output(b"too late")
    done = threading.Event()
    publisher.submit(done.set)
    assert done.wait(TIMEOUT)
    assert b"".join(buffers[0] for _, buffers in comms.custom("output")) == b"last words"
    assert comms.statuses()[-1]["state"] == "exited"


def test_a_size_that_the_session_refuses_is_no_error(
    comms: RecordedComms,
    widget: SessionWidget,
    session: ScriptedSession,
    caplog: pytest.LogCaptureFixture,
) -> None:
    from_page(widget, type="hello", page="p", have={"1": 0, "2": 0}, turn=1, revision=0)
    session.refuse = "it has ended"
    from_page(widget, type="resize", page="p", view=1, rows=24, cols=100, claim=False)
    from_page(widget, type="eof", page="p", n=1, seen=0)
    comms.wait_for(comms.replies)
    assert caplog.records == []


def test_a_page_without_the_newest_status_gets_it_again(
    comms: RecordedComms, widget: SessionWidget, session: ScriptedSession
) -> None:
    session.exit(0)
    comms.wait_for(lambda: comms.statuses()[-1]["state"] == "exited")
    count = len(comms.statuses())
    revision = comms.statuses()[-1]["revision"]
    have = {"1": 0, "2": 0}
    from_page(widget, type="hello", page="p", have=have, turn=1, revision=revision)
    comms.wait_for(lambda: comms.custom("welcome"))
    assert len(comms.statuses()) == count
    from_page(widget, type="hello", page="p", have=have, turn=2, revision=revision - 1)
    comms.wait_for(lambda: len(comms.custom("welcome")) == 2)
    assert [status["revision"] for status in comms.statuses()[count:]] == [revision]


def test_what_was_typed_on_one_page_is_offered_on_the_next(
    comms: RecordedComms, widget: SessionWidget
) -> None:
    have = {"1": 0, "2": 0}
    from_page(widget, type="hello", page="p", have=have, turn=1, revision=0)
    comms.wait_for(lambda: comms.custom("welcome"))
    from_page(widget, type="input", page="p", n=1, seen=0, data="ls", **LINE)
    comms.wait_for(comms.replies)
    from_page(widget, type="hello", page="q", have=have, turn=1, revision=0)
    comms.wait_for(lambda: len(comms.custom("welcome")) == 2)
    assert [message["history"] for message, _ in comms.custom("welcome")] == [[], ["ls"]]


def test_a_page_reads_any_bytes_of_the_transcript(
    comms: RecordedComms, widget: SessionWidget, session: ScriptedSession
) -> None:
    session.output(b"0123456789")
    session.journal.starts[StreamType.STDOUT] = 2
    session.mark(MarkKind.NOTE, "here")
    session.output(b"abc")
    session.mark(MarkKind.NOTE, "there")
    from_page(widget, type="read", page="p", n=5, stream=1, offset=0, size=9)
    [(message, buffers)] = comms.wait_for(lambda: comms.custom("range"))
    [mark] = message.pop("marks")
    assert (mark["text"], mark["offsets"]) == ("here", {"1": 10, "2": 0})
    assert message == {
        "type": "range", "page": "p", "n": 5, "stream": 1, "offset": 2, "start": 2, "end": 13,
    }  # fmt: skip
    assert buffers == [b"23456789a"]


def test_one_answer_to_read_is_bounded(
    comms: RecordedComms, widget: SessionWidget, session: ScriptedSession
) -> None:
    session.output(b"x" * (2 * RANGE))
    from_page(widget, type="read", page="p", n=1, stream=1, offset=0, size=10**9)
    [(_, buffers)] = comms.wait_for(lambda: comms.custom("range"))
    assert len(buffers[0]) == RANGE


def test_a_widget_whose_bundle_is_missing_goes_without_a_word_more(
    comms: RecordedComms, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing() -> None:
        raise HyperJupyterError("the front end is not built")

    ignored: list[object] = []
    choose_front_end("anywidget")
    monkeypatch.setattr(hub, "bundle", missing)
    monkeypatch.setattr(sys, "unraisablehook", lambda fault: ignored.append(fault.exc_value))
    with pytest.raises(HyperJupyterError, match="not built"):
        SessionWidget(ScriptedSession())
    gc.collect()
    assert ignored == []


def test_stalls_and_warnings_are_part_of_the_status(
    comms: RecordedComms, widget: SessionWidget, session: ScriptedSession
) -> None:
    session.stalls = (ScriptedStall(at=1000.0, seconds=3.5),)
    session.stall_count, session.stall_seconds = 4, 9.5
    session.warnings = ("the disk is full",)
    session.changed()
    comms.wait_for(lambda: comms.statuses()[-1]["warnings"])
    status = comms.statuses()[-1]
    assert status["warnings"] == ["the disk is full"]
    assert status["stalls"] == {"count": 4, "seconds": 9.5, "recent": [(1000.0, 3.5)]}


# -- links ------------------------------------------------------------------------------


def offered(comms: RecordedComms, widget: SessionWidget, *, link: str = "near") -> Any:
    """What the welcome says of a link."""
    have = {"1": 0, "2": 0}
    from_page(widget, type="hello", page="p", have=have, turn=1, revision=0, link=link)
    [(welcome, _)] = comms.wait_for(lambda: comms.custom("welcome"))
    return welcome["link"]


@pytest.fixture
def page(comms: RecordedComms, widget: SessionWidget) -> Iterator[LinkedPage]:
    linked = LinkedPage(offered(comms, widget)).prove()
    linked.send(type="hello", page="p", have={"1": 0, "2": 0}, turn=2, revision=0, link="")
    assert linked.receive()[0]["type"] == "welcome"
    yield linked
    linked.socket.close()


def test_a_page_that_can_use_a_link_is_offered_one(
    comms: RecordedComms, widget: SessionWidget
) -> None:
    offer = offered(comms, widget)
    assert offer["name"] == widget.uid
    assert offer["secret"] not in json.dumps(widget.get_state(), default=str)


def test_a_page_that_can_not_use_a_link_is_offered_none(
    comms: RecordedComms, widget: SessionWidget
) -> None:
    assert offered(comms, widget, link="") is None


def test_nothing_is_offered_where_the_user_does_not_want_links(
    comms: RecordedComms, widget: SessionWidget, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link_policy(), "enabled", False)
    assert offered(comms, widget) is None


def test_output_goes_by_the_link_and_not_by_the_comm(
    comms: RecordedComms, session: ScriptedSession, page: LinkedPage
) -> None:
    session.output(b"\xff\x00abc")
    message, buffers = page.receive()
    assert (message["type"], message["offset"], buffers[0]) == ("output", 0, b"\xff\x00abc")
    assert comms.custom("output") == []


def test_what_is_typed_comes_by_the_link_and_is_answered_there(
    session: ScriptedSession, page: LinkedPage
) -> None:
    page.send(type="input", page="p", n=1, seen=0, data="ls", **LINE)
    message, _ = page.receive()
    assert message["replies"] == [[1, None]]
    assert session.sent == [b"ls\n"]


def test_a_page_that_has_lost_its_link_is_answered_by_the_comm(
    comms: RecordedComms, widget: SessionWidget, session: ScriptedSession
) -> None:
    linked = LinkedPage(offered(comms, widget)).prove()
    linked.send(type="hello", page="p", have={"1": 0, "2": 0}, turn=2, revision=0, link="")
    assert linked.receive()[0]["type"] == "welcome"
    # Its machine has changed networks: nothing of it comes here, no end either.
    before = len(comms.custom("welcome"))
    from_page(
        widget, type="hello", page="p", have={"1": 0, "2": 0}, turn=3, revision=0, link="near"
    )
    session.output(b"abc")
    comms.wait_for(lambda: comms.custom("output"))
    assert len(comms.custom("welcome")) == before + 1
    linked.socket.close()


def test_a_hello_that_was_overtaken_costs_no_link(
    comms: RecordedComms, widget: SessionWidget, session: ScriptedSession
) -> None:
    linked = LinkedPage(offered(comms, widget)).prove()
    linked.send(type="hello", page="p", have={"1": 0, "2": 0}, turn=5, revision=0, link="")
    assert linked.receive()[0]["type"] == "welcome"
    # It has waited for a running cell.
    from_page(
        widget, type="hello", page="p", have={"1": 0, "2": 0}, turn=4, revision=0, link="near"
    )
    session.output(b"abc")
    assert linked.receive()[0]["type"] == "output"
    assert not comms.custom("output")
    linked.socket.close()


def test_without_the_link_output_goes_by_the_comm_again(
    comms: RecordedComms, widget: SessionWidget, session: ScriptedSession, page: LinkedPage
) -> None:
    page.socket.close()
    session.output(b"abc")
    from_page(widget, type="hello", page="p", have={"1": 0, "2": 0}, turn=3, revision=0)
    comms.wait_for(lambda: [b"abc"] in [buffers[:1] for _, buffers in comms.custom("output")])


def test_the_last_words_come_by_the_link_before_its_end(
    widget: SessionWidget, session: ScriptedSession, page: LinkedPage
) -> None:
    session.output(b"last words")
    widget.close()
    words = []
    with contextlib.suppress(ConnectionClosedOK):
        while True:
            message, buffers = page.receive()
            words += [buffers[0]] if message["type"] == "output" else []
    assert b"".join(words) == b"last words"


def test_a_page_has_one_link_the_last_one(
    widget: SessionWidget, session: ScriptedSession, page: LinkedPage
) -> None:
    again = LinkedPage(
        {
            "port": page.socket.remote_address[1],
            "name": widget.uid,
            "secret": page.key.secret,
            "relay": False,
        }
    ).prove()
    with pytest.raises(ConnectionClosedOK):
        page.receive()
    session.output(b"abc")
    assert again.receive()[1][0] == b"abc"
    again.socket.close()


@pytest.mark.parametrize(("relays", "offers"), [("", False), ("1", True)])
def test_a_page_elsewhere_is_offered_a_link_where_the_server_passes_it_on(
    relays: str,
    offers: bool,
    comms: RecordedComms,
    widget: SessionWidget,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HYPER_JUPYTER_RELAY", relays)
    offer = offered(comms, widget, link="far")
    assert (offer is not None and offer["relay"]) is offers


def test_a_page_gets_the_history_that_it_does_not_have(
    comms: RecordedComms, widget: SessionWidget, session: ScriptedSession
) -> None:
    entries = [TimedOutput(StreamType.STDERR, b"\x1b[2Jold\n", 1.5)]
    session.history.set(entries, {StreamType.STDERR: Joint.UNPROVEN})
    from_page(widget, type="hello", page="p", have={"1": 0, "2": 0}, turn=1, revision=0, history=0)
    [(message, _)] = comms.wait_for(lambda: comms.custom("history"))
    note = "live from here; lines before this may be missing, or come twice"
    assert message == {
        "type": "history",
        "page": "p",
        "number": 1,
        "lines": [(1.5, 2, "old")],
        "left_out": 0,
        "joints": {"1": "", "2": note, "both": note},
    }
    from_page(widget, type="hello", page="p", have={"1": 0, "2": 0}, turn=2, revision=0, history=1)
    comms.wait_for(lambda: comms.custom("welcome")[1:])
    assert len(comms.custom("history")) == 1


def test_a_change_of_the_history_is_in_the_status(
    comms: RecordedComms, widget: SessionWidget, session: ScriptedSession
) -> None:
    assert widget.status["history"] == 0
    session.history.set((), {StreamType.STDOUT: Joint.WAITING})
    session.changed()
    deadline = time.monotonic() + 30
    while widget.status["history"] != 1:
        assert time.monotonic() < deadline


def test_without_a_history_there_is_no_message(comms: RecordedComms, widget: SessionWidget) -> None:
    from_page(widget, type="hello", page="p", have={"1": 0, "2": 0}, turn=1, revision=0, history=0)
    comms.wait_for(lambda: comms.custom("welcome"))
    assert comms.custom("history") == []
