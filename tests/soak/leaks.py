"""Whether anything stays behind after a session: threads, files, memory, objects.

Any thread; blocks. One *round* attaches, receives, and leaves or ends. Rounds are repeated without
the garbage collector: what grows from round to round is a leak, and what only the collector finds
is a circle of references. Both are reported, with the types of the objects.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from hyper_jupyter.api import Client, Session, client_for
from hyper_jupyter.client.transport import embedded
from hyper_jupyter.session import State, runtime
from tests.soak.usage import Usage, no_collector, settle

__all__ = ["KINDS", "Growth", "report", "rounds"]

PATIENCE: Final = 60.0
BATCH: Final = 10
"""Sessions that are cut at the same time."""

ALLOWED: Final = 500
"""Objects that caches may have grown by; a session that stays has more than a hundred."""

TICK: Final = 0.1
WARM: Final = 20
"""Rounds before the first count: caches fill, and workers start."""

SHOWN: Final = 6
"""Types of objects that are named."""


@dataclass(frozen=True)
class Growth:
    """What rounds of one kind have left behind.

    Attributes:
        kind: of the rounds.
        number: of them.
        seconds: that they took.
        before: what this process used before them, and the engine's.
        after: the same after them.
        objects: by how many objects this process has grown, by type; the garbage collector has
            not run.
        circles: objects that only the garbage collector has found.
    """

    kind: str
    number: int
    seconds: float
    before: tuple[Usage, Usage]
    after: tuple[Usage, Usage]
    objects: Counter[str]
    circles: int

    @property
    def leaks(self) -> list[str]:
        """What must not have grown and has, a line each.

        Memory is not judged: an allocator keeps what it may use again.
        """
        found = []
        for who, before, after in zip(("", "the engine: "), self.before, self.after, strict=True):
            for what in ("threads", "files"):
                old, new = getattr(before, what), getattr(after, what)
                if new > old:
                    found.append(f"{who}{new} {what}, {old} before")
        grown = sum(self.objects.values())
        if grown > ALLOWED:
            found.append(f"{grown / self.number:.1f} objects a round stay: {self._most()}")
        if self.circles > ALLOWED:
            found.append(f"{self.circles / self.number:.1f} objects a round are in circles")
        return found

    def lines(self) -> Iterator[str]:
        """Return the figures for people."""
        yield f"{self.number} rounds of {self.kind}: {self.seconds:.0f} s"
        for who, before, after in zip(("here", "engine"), self.before, self.after, strict=True):
            grown = (after.memory - before.memory) * 1024 / self.number
            yield f"  {who}: {before}; after: {after}; {grown:.2f} KiB a round"
        yield (
            f"  objects: {sum(self.objects.values()):+,} before the garbage is collected, "
            f"{self.circles:,} of them in circles"
        )
        yield from (f"  LEAK: {each}" for each in self.leaks)

    def _most(self) -> str:
        return ", ".join(f"{count} {name}" for name, count in self.objects.most_common(SHOWN))


def _shut(session: Session) -> None:
    """End the session's connection below it, as a cut on the way does."""
    output = session._attachment.output
    assert output is not None
    assert output._stream is not None
    sock = output._stream._socket
    assert sock is not None
    sock.shutdown(socket.SHUT_RDWR)


def report(number: int, kinds: Iterable[str] = ()) -> Iterator[Growth]:
    """Do so many rounds of each kind on the embedded engine, and yield what each has left."""
    client = client_for("local:", timeout=10)
    for kind in kinds or KINDS:
        yield rounds(client, kind, number)


def rounds(
    client: Client, kind: str, number: int, warm: int = WARM, *, idle: bool = True
) -> Growth:
    """Do rounds of one kind, and return what they have left behind.

    Args:
        client: of the embedded engine.
        kind: one of :data:`KINDS`.
        number: how many rounds are counted.
        warm: rounds before these.
        idle: count when nothing is due any more and the workers' threads have ended. That takes
            seconds. Without it, what is due later is done now, and there may be a few threads more.
    """
    what, prepare, batch = KINDS[kind]
    with prepare(client) as once, no_collector():
        for _ in range(0, warm, batch):
            once()
        _let_pass(idle)
        gc.collect()
        seen, before = _objects(), _usage()
        began = time.monotonic()
        for _ in range(0, number, batch):
            once()
        seconds = time.monotonic() - began
        _let_pass(idle)
        after = _usage()
        objects = _objects()
        objects.subtract(seen)
        grown = Counter({name: count for name, count in objects.items() if count})
        circles = gc.collect()
    return Growth(what, number, seconds, before, after, grown, circles)


# -- the rounds -------------------------------------------------------------------------------


@contextlib.contextmanager
def _left(client: Client) -> Iterator[Callable[[], None]]:
    """Attach to a running container, receive, and leave it."""
    container = _echo(client)

    def once() -> None:
        session = client.attach(container)
        _say(session)
        session.detach()
        session.close(force=True)

    yield once
    client.remove(container, force=True)


@contextlib.contextmanager
def _again(client: Client) -> Iterator[Callable[[], None]]:
    """Leave a running container, and come back with the same session."""
    container = _echo(client)

    def once() -> None:
        session = client.attach(container)
        session.detach()
        session.attach_again()
        _say(session)
        session.detach()

    yield once
    client.remove(container, force=True)


@contextlib.contextmanager
def _ended(client: Client) -> Iterator[Callable[[], None]]:
    """Start a container, and receive all of its output."""

    def once() -> None:
        session = client.run("default", ["echo", "hello"], auto_remove=True)
        assert session.wait(PATIENCE) == 0
        session.join(PATIENCE)

    yield once


@contextlib.contextmanager
def _cut(client: Client) -> Iterator[Callable[[], None]]:
    """Attach, lose the connection, be attached again by itself, and receive the end.

    Several sessions at once: each of them mostly waits.
    """
    resumed = threading.Semaphore(0)

    def observe(old: State, new: State) -> None:
        if old is State.RECONNECTING and new is State.ATTACHED:
            resumed.release()

    def once() -> None:
        containers = [_echo(client) for _ in range(BATCH)]
        sessions = [client.attach(container) for container in containers]
        for session in sessions:
            session.observe(observe)
            _say(session)
            _shut(session)
        for _ in sessions:
            assert resumed.acquire(timeout=PATIENCE)
        for container, session in zip(containers, sessions, strict=True):
            _say(session)
            client.kill(container)
        for container, session in zip(containers, sessions, strict=True):
            session.join(PATIENCE)
            client.remove(container, force=True)

    yield once


KINDS: Final = {
    "left": ("attach, output, detach, close", _left, 1),
    "again": ("attach, detach, attach_again, output, detach", _again, 1),
    "ended": ("run, output, exit", _ended, 1),
    "cut": ("attach, output, cut, resume, output, end", _cut, BATCH),
}
"""The kinds of rounds: what happens in one, how, and how many are done at once."""


def _echo(client: Client) -> str:
    """Start a container that prints what it is sent."""
    made = client.create("default", ["cat"], stdin=True)
    client.start(made)
    return made


def _say(session: Session) -> None:
    """Send a line, and receive it."""
    at = len(session.stdout)
    session.send_line("hello")
    session.expect("hello\n", PATIENCE, stream="stdout")
    assert len(session.stdout) > at


# -- what is counted --------------------------------------------------------------------------


def _let_pass(idle: bool) -> None:
    """Wait until nothing is due any more, such as a look after an end: it is about a session."""
    threads, clock = runtime(), threading.Event()
    workers = (threads.calls, threads.callbacks, threads.reconnects)
    settle()
    if not idle:
        for *_, timer in list(threads.loop._timers):
            threads.loop.call_soon(timer.callback)
            timer.cancel()
        settle()
        return
    for _ in range(int(PATIENCE / TICK)):
        if not threads.loop._timers and not any(each._threads for each in workers):
            return
        clock.wait(TICK)


def _usage() -> tuple[Usage, Usage]:
    engine = embedded._running
    assert engine is not None
    return Usage.of("self"), Usage.of(str(engine.process.pid))


def _objects() -> Counter[str]:
    """Return how many objects of each type there are, without what is kept of requests and answers.

    How much that is, up to a limit, depends on the time that the rounds take: the head of an answer
    with another date is another entry.
    """
    for each in gc.get_objects():
        if (
            isinstance(each, functools._lru_cache_wrapper)
            and each.__module__.startswith(("hyper_jupyter.", "urllib.parse"))
            and each.cache_parameters()["maxsize"]
        ):
            each.cache_clear()
    return Counter(type(each).__qualname__ for each in gc.get_objects())
