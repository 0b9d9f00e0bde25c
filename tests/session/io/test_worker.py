"""Workers: jobs beside the I/O thread, where users' functions and the system misbehave."""

from __future__ import annotations

import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from typing import NoReturn

import pytest

from hyper_jupyter.session.io.worker import Job, Worker
from tests.session.interrupts import interrupted_beginnings

PATIENCE = 10.0


def leave() -> NoReturn:
    sys.exit(1)


def refuse(_: threading.Thread) -> NoReturn:
    raise RuntimeError("can't start new thread")


def test_a_job_that_calls_sys_exit_does_not_end_the_worker() -> None:
    worker = Worker("test worker")
    ran = threading.Event()
    worker.submit(leave)
    worker.submit(ran.set)
    assert ran.wait(PATIENCE)
    worker.close()


def test_a_worker_of_two_threads_runs_a_job_beside_one_that_blocks() -> None:
    worker = Worker("test worker", threads=2)
    gate, ran = threading.Event(), threading.Event()
    worker.submit(lambda: gate.wait(PATIENCE))
    worker.submit(ran.set)
    assert ran.wait(PATIENCE)
    gate.set()
    worker.close()


def test_a_worker_of_one_thread_runs_its_jobs_one_after_another() -> None:
    worker = Worker("test worker")
    order: list[int] = []
    done = threading.Event()
    for number in range(100):
        worker.submit(lambda number=number: order.append(number))  # type: ignore[misc]
    worker.submit(done.set)
    assert done.wait(PATIENCE)
    assert order == list(range(100))
    worker.close()


def test_a_thread_that_cannot_start_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    worker = Worker("test worker")
    ran = threading.Event()
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        with pytest.raises(RuntimeError, match="start new thread"):
            worker.submit(lambda: None)
    worker.submit(ran.set)
    assert ran.wait(PATIENCE)
    worker.close()


def test_an_idle_worker_does_not_keep_its_last_job(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hyper_jupyter.session.io.worker._IDLE", 10 * PATIENCE)

    class Thing:
        def use(self) -> None:
            """A job."""

    worker = Worker("idle")
    thing = Thing()
    gone = threading.Event()
    weakref.finalize(thing, gone.set)
    worker.submit(thing.use)
    del thing
    assert gone.wait(PATIENCE)  # well before the idle thread ends
    worker.close()


def test_a_cancelled_job_keeps_nothing_until_it_would_have_been_due() -> None:
    class Thing:
        def use(self) -> None:
            """A job."""

    worker = Worker("test worker")
    thing = Thing()
    gone = weakref.ref(thing)
    worker.call_later(1000.0, thing.use).cancel()
    del thing
    assert gone() is None
    worker.close()


@pytest.fixture
def worker() -> Iterator[Worker]:
    made = Worker("test worker")
    yield made
    made.close()


class Gate:
    """A job that is running until a test lets it end."""

    def __init__(self, worker: Worker) -> None:
        self._opened = threading.Event()
        entered = threading.Event()

        def job() -> None:
            entered.set()
            assert self._opened.wait(PATIENCE)

        worker.submit(job)
        assert entered.wait(PATIENCE)

    def open(self) -> None:
        self._opened.set()


def test_jobs_start_by_their_due_time(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    gate = Gate(worker)
    monkeypatch.setattr("hyper_jupyter.session.io.worker.time.monotonic", lambda: now[0])
    order: list[str] = []
    done = threading.Event()
    for delay, name in ((9.0, "late"), (5.0, "first"), (5.0, "second")):
        worker.call_later(delay, lambda name=name: order.append(name))  # type: ignore[misc]
    worker.submit(lambda: order.append("at once"))
    worker.call_later(9.0, done.set)
    now[0] += 9.0
    gate.open()
    assert done.wait(PATIENCE)
    assert order == ["at once", "first", "second", "late"]


def test_a_job_that_is_due_goes_before_one_that_waits(worker: Worker) -> None:
    ran = threading.Event()
    worker.call_later(3600.0, lambda: None)
    worker.submit(ran.set)
    assert ran.wait(PATIENCE)


def test_a_job_that_was_cancelled_does_not_start(worker: Worker) -> None:
    gate = Gate(worker)
    ran: list[str] = []
    done = threading.Event()
    worker.submit(lambda: ran.append("cancelled")).cancel()
    worker.submit(done.set)
    gate.open()
    assert done.wait(PATIENCE)
    assert ran == []


def test_a_job_that_fails_is_logged_with_the_thread_s_name(
    worker: Worker, caplog: pytest.LogCaptureFixture
) -> None:
    done = threading.Event()
    worker.submit(lambda: 1 / 0)
    worker.submit(done.set)
    assert done.wait(PATIENCE)
    assert caplog.messages == ["! a job of test worker failed"]


def test_closing_drops_what_has_not_started_and_waits_for_what_has() -> None:
    worker = Worker("test worker")
    gate = Gate(worker)
    ran: list[str] = []
    waiting = worker.submit(lambda: ran.append("dropped"))
    (thread,) = worker._threads
    closing = threading.Thread(target=worker.close)
    closing.start()
    with worker._condition:
        assert worker._condition.wait_for(lambda: worker._closed, PATIENCE)
    gate.open()
    closing.join(PATIENCE)
    assert not thread.is_alive()
    assert (ran, worker._threads) == ([], set())
    assert not waiting.cancelled
    late = worker.submit(lambda: ran.append("late"))
    assert late.cancelled
    assert worker._threads == set()


def test_a_job_may_close_its_own_worker() -> None:
    worker = Worker("test worker")
    closed = threading.Event()
    worker.submit(lambda: (worker.close(), closed.set()))
    assert closed.wait(PATIENCE)


def test_an_idle_thread_ends_and_the_next_job_starts_another(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hyper_jupyter.session.io.worker._IDLE", 0.0)
    threads: list[threading.Thread] = []
    for _ in range(2):
        ran = threading.Event()
        worker.submit(
            lambda ran=ran: (threads.append(threading.current_thread()), ran.set())  # type: ignore[misc]
        )
        assert ran.wait(PATIENCE)
        threads[-1].join(PATIENCE)
        assert not threads[-1].is_alive()
    assert worker._threads == set()


def test_a_job_that_was_cancelled_keeps_no_thread_waiting_for_it(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hyper_jupyter.session.io.worker._IDLE", 0.0)
    gate = Gate(worker)
    (thread,) = worker._threads
    worker.call_later(3600.0, lambda: None).cancel()
    gate.open()
    thread.join(PATIENCE)
    assert not thread.is_alive()


def test_an_idle_thread_waits_for_the_next_job(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hyper_jupyter.session.io.worker._IDLE", 10 * PATIENCE)
    waits = threading.Event()
    wait = worker._condition.wait

    def noted(timeout: float | None = None) -> bool:
        waits.set()
        return wait(timeout)

    monkeypatch.setattr(worker._condition, "wait", noted)
    worker.submit(lambda: None)
    assert waits.wait(PATIENCE)
    threads: list[threading.Thread] = []
    ran = threading.Event()
    (idle,) = worker._threads
    worker.submit(lambda: (threads.append(threading.current_thread()), ran.set()))
    assert ran.wait(PATIENCE)
    assert threads == [idle]


def test_as_many_threads_start_as_there_are_jobs_and_no_more_than_allowed() -> None:
    worker = Worker("test worker", threads=3)
    gates = [Gate(worker) for _ in range(3)]
    ran = threading.Event()
    worker.submit(ran.set)
    assert len(worker._threads) == 3
    assert not ran.is_set()
    gates[1].open()
    assert ran.wait(PATIENCE)
    for gate in gates:
        gate.open()
    worker.close()


def test_where_no_thread_can_start_the_clock_tries_again(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[float, Callable[[], object]]] = []
    worker = Worker("test worker", later=lambda delay, job: asked.append((delay, job)))
    ran = threading.Event()
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        worker.submit(ran.set)  # the caller, such as the I/O thread, goes on
        asked.pop()[1]()
    assert not ran.is_set()
    asked.pop()[1]()
    assert ran.wait(PATIENCE)
    assert not asked
    worker.close()


def test_where_no_further_thread_can_start_the_first_one_does_the_job(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[float] = []
    worker = Worker("test worker", 2, later=lambda delay, _: asked.append(delay))
    gate, busy, ran = threading.Event(), threading.Event(), threading.Event()

    def first() -> None:
        busy.set()
        gate.wait(PATIENCE)

    worker.submit(first)
    assert busy.wait(PATIENCE)
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        worker.submit(ran.set)
    gate.set()
    assert ran.wait(PATIENCE)
    assert not asked
    worker.close()


def test_a_thread_that_ctrl_c_came_to_while_it_began_is_one_of_the_worker_s() -> None:
    looks = threading.Event()

    class Looking(Worker):
        """Says when its thread looks for a job."""

        def _next(self) -> Job | None:
            looks.set()
            return super()._next()

    worker = Looking("test worker")
    with interrupted_beginnings() as begun, pytest.raises(KeyboardInterrupt):
        worker.submit(lambda: None)
    ran: list[threading.Thread] = []
    done = threading.Event()
    assert looks.wait(PATIENCE)
    worker.submit(lambda: (ran.append(threading.current_thread()), done.set()))
    assert done.wait(PATIENCE)
    worker.close()
    assert ran == begun
    assert not begun[0].is_alive()
