"""What holds for every test: nothing that it started outlives it, and nothing is random twice.

Fixtures of a wider scope may keep theirs: only what came during the test has to go with it.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import hypothesis
import pytest

from tests.certificates import Certificates
from tests.scheduling import order

SECONDS: Final = 5.0
NOT_OURS: Final = ("pytest_timeout", "IPythonHistorySavingThread", "AnyIO worker", "asyncio_")
"""Threads by the start of their names that other packages keep for the process's life."""

# A slow machine is no failure (pytest-timeout has the last word), and one run is like the next.
hypothesis.settings.register_profile(
    "hyper_jupyter",
    deadline=None,
    derandomize=True,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("hyper_jupyter")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where several processes run the tests, put their files into the order that ends first."""
    if not hasattr(config, "workerinput"):
        return
    files = [item.nodeid.partition("::")[0] for item in items]
    places = {path: place for place, path in enumerate(order(files))}
    items.sort(key=lambda item: places[item.nodeid.partition("::")[0]])


def children() -> set[int]:
    """The process ids of this process's children, the dead that nobody waited for too."""
    found: set[int] = set()
    for task in Path("/proc/self/task").glob("*/children"):
        try:
            found |= {int(pid) for pid in task.read_text().split()}
        except FileNotFoundError:
            pass  # that thread ended while we looked
    return found


def await_end(pid: int, deadline: float) -> None:
    """Wait for a child to end; whoever started it has waited for it by then, or forgot to."""
    try:
        ended = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        select.select([ended], [], [], max(0.0, deadline - time.monotonic()))
    finally:
        os.close(ended)


def described(pid: int) -> str:
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ")
    except OSError:
        return f"{pid} (gone)"
    return f"{pid} ({command.decode(errors='replace').strip() or 'a zombie'})"


def widgets() -> set[Any]:
    """The widgets that ipywidgets keeps; a set of them compares by identity."""
    module = sys.modules.get("ipywidgets.widgets.widget")
    return set() if module is None else set(module._instances.values())


def close_widgets(made: set[Any]) -> None:
    """A session's widget is closed by the publisher, behind its last news: wait for that."""
    for widget in made:
        widget.close()
    runtime = sys.modules.get("hyper_jupyter.session.io.runtime")
    if made and runtime is not None:
        done = threading.Event()
        runtime.runtime().publisher.submit(done.set)
        assert done.wait(SECONDS)


def forget_pages() -> None:
    """What one test's pages have answered is not for the next one."""
    module = sys.modules.get("hyper_jupyter.widgets.front_end")
    if module is not None:
        module.front_end.cache_clear()


def end_what_is_ours(engines: bool) -> None:
    """End the session layer's threads, and this process's embedded engine where ``engines``.

    Sessions are found no more: an ended one would be, until it is collected.
    """
    runtime = sys.modules.get("hyper_jupyter.session.io.runtime")
    if runtime is not None:
        runtime.shutdown()
    module = sys.modules.get("hyper_jupyter.session.session")
    if module is not None:
        for session in module.SESSIONS.sessions():
            module.SESSIONS.discard(session)
    embedded = sys.modules.get("hyper_jupyter.client.transport.embedded")
    if embedded is not None and engines:
        embedded.stop_embedded_engine()


@pytest.fixture(autouse=True)
def calls_end_at_an_interrupt() -> None:
    """Let SIGINT end the system call that it meets, as in a new process.

    An event loop that has handled it (nbclient's does) leaves calls that go on behind it.
    """
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def nothing_outlives_a_test() -> Iterator[None]:
    threads, processes, shown = set(threading.enumerate()), children(), widgets()
    embedded = sys.modules.get("hyper_jupyter.client.transport.embedded")
    engine_before = embedded is not None and embedded._running is not None
    forget_pages()
    yield
    close_widgets(widgets() - shown)
    end_what_is_ours(engines=not engine_before)
    deadline = time.monotonic() + SECONDS
    left = [
        thread
        for thread in threading.enumerate()
        if thread not in threads and not thread.name.startswith(NOT_OURS)
    ]
    for thread in left:
        thread.join(max(0.0, deadline - time.monotonic()))
    alive = [thread.name for thread in left if thread.is_alive()]
    for pid in children() - processes:
        await_end(pid, deadline)
    more = children() - processes
    left_over = [type(widget).__name__ for widget in widgets() - shown]
    assert not left_over, f"widgets outlived the test: {left_over}"
    assert not alive, f"threads outlived the test: {alive}"
    assert not more, f"processes outlived the test: {[described(pid) for pid in more]}"


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """A CA of this test run, and what it vouches for."""
    return Certificates(tmp_path_factory.mktemp("certificates"))
