"""Workers: jobs beside the I/O thread, where users' functions and the system misbehave."""

from __future__ import annotations

import sys
import threading
import time
import weakref
from typing import Any, NoReturn

import pytest

from hyper_jupyter.session.io.loop import Loop
from hyper_jupyter.session.io.worker import Worker

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


@pytest.mark.parametrize("kind", [Loop, Worker])
def test_a_thread_that_cannot_start_is_tried_again(
    kind: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: Any = kind() if kind is Loop else kind("test worker")
    call = made.call_soon if kind is Loop else made.submit
    ran = threading.Event()
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        with pytest.raises(RuntimeError, match="start new thread"):
            call(lambda: None)
    call(ran.set)
    assert ran.wait(PATIENCE)
    made.close()


def test_an_idle_worker_does_not_keep_its_last_job(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hyper_jupyter.session.io.worker._IDLE", 10 * PATIENCE)

    class Thing:
        def use(self) -> None:
            """A job."""

    worker = Worker("idle")
    thing = Thing()
    gone = weakref.ref(thing)
    worker.submit(thing.use)
    del thing
    deadline = time.monotonic() + PATIENCE  # well before the idle thread ends
    while gone() is not None and time.monotonic() < deadline:
        time.sleep(0.01)  # nothing tells of the end of a reference
    assert gone() is None
    worker.close()
