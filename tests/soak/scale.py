"""What many sessions cost: memory, processor time, threads and files.

Any thread; blocks. Figures depend on the machine and on what else it does: nothing is asserted
here except what must hold on every machine.
"""

from __future__ import annotations

import os
import resource
import statistics
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from hyper_jupyter.api import Client, Session, client_for
from hyper_jupyter.client.transport import embedded
from hyper_jupyter.session import State
from tests.faults import FaultProxy
from tests.soak.usage import Usage

__all__ = ["idle_shares", "measure", "raise_file_limit"]

PATIENCE: Final = 120.0
HELD: Final = 1.2
"""Seconds that a connection lasts before it is cut; pauses between attempts begin anew then."""

PAUSE: Final = 0.01
"""Seconds between an echo and the next line."""

IDLE: Final = 10.0
"""Seconds over which the processor time of idle sessions is taken."""


def echoes(client: Client, name: str) -> str:
    """Start a container that repeats what it is sent."""
    made = client.create("default", ["cat"], stdin=True, name=name)
    client.start(made)
    return made


def measure(number: int) -> Iterator[str]:
    """Attach so many sessions on the embedded engine, and yield what they cost, a line each.

    Args:
        number: of sessions, spread over ten containers.
    """
    raise_file_limit(8 * number + 1000)
    client = client_for("local:", timeout=60)
    containers = [echoes(client, f"scale-{each}") for each in range(10)]
    warm = client.attach(containers[0])
    warm.send_line("warm")
    _wait_for(warm, b"warm")
    warm.close(force=True)
    before = Usage.settled()
    yield f"before: {before}"
    began = time.monotonic()
    sessions = []
    for at in range(number):
        sessions.append(client.attach(containers[at % 10]))
        if at + 1 in (100, number):
            yield f"{at + 1} sessions attached in {time.monotonic() - began:.1f} s"
    after = Usage.settled()
    yield f"attached: {after}"
    yield (
        f"memory per idle session: {(after.memory - before.memory) * 1024 / number:.0f} KiB; "
        f"files: {(after.files - before.files) / number:.2f}"
    )
    yield from idle(number)
    began = time.monotonic()
    for container, session in zip(containers, sessions, strict=False):
        session.send_line(f"to all of {container}")
    for at, session in enumerate(sessions):
        _wait_for(session, f"to all of {containers[at % 10]}".encode())
    yield f"all {number} received a line within {time.monotonic() - began:.2f} s"
    yield f"after receiving: {Usage.settled()}"
    yield from flooded(client)
    yield resumed(client)
    began = time.monotonic()
    for session in sessions:
        session.detach()
        session.close(force=True)
    yield f"{number} sessions detached in {time.monotonic() - began:.1f} s"
    del session, sessions, warm
    yield f"after detaching: {Usage.settled()}"
    for container in containers:
        client.remove(container, force=True)
    yield f"load of this machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors"


def raise_file_limit(wanted: int) -> None:
    """Let this process have so many open files, as far as that is allowed."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, hard), hard))


def idle(number: int) -> Iterator[str]:
    """Yield the processor time that idle sessions take, of this process and of the engine."""
    ours, theirs = idle_shares(IDLE)
    yield (
        f"{number} idle sessions for {IDLE:.0f} s: {ours:.2%} of a core here, "
        f"{theirs:.2%} in the engine"
    )


def idle_shares(seconds: float) -> tuple[float, float]:
    """Do nothing; return the shares of a processor that this process and the engine take then."""
    running = embedded._running
    assert running is not None
    mine, engine = time.process_time(), _processor_time(running.process.pid)
    began = time.monotonic()
    threading.Event().wait(seconds)
    seconds = time.monotonic() - began
    ours = (time.process_time() - mine) / seconds
    return ours, (_processor_time(running.process.pid) - engine) / seconds


def flooded(client: Client, rounds: int = 200) -> Iterator[str]:
    """Yield how long an echo takes alone, and beside a session that is flooded."""
    quiet = echoes(client, "scale-quiet")
    session = client.attach(quiet)
    alone = echo_times(session, rounds)
    noisy = client.create("default", ["yes", "a line of a flood that does not end"])
    flood = client.attach(noisy)
    client.start(noisy)
    _wait_for(flood, b"flood")
    came, began = len(flood.stdout), time.monotonic()
    beside = echo_times(session, rounds)
    rate = (len(flood.stdout) - came) / (time.monotonic() - began) / 2**20
    client.kill(noisy)
    flood.join(PATIENCE)
    session.close(force=True)
    for each in (quiet, noisy):
        client.remove(each, force=True)
    yield (
        f"echo, median: {alone * 1000:.2f} ms alone, {beside * 1000:.2f} ms beside a flood of "
        f"{rate:.0f} MiB/s: {(beside - alone) * 1000:.2f} ms more, "
        f"{beside / alone:.1f} times as long"
    )


def resumed(client: Client, rounds: int = 10) -> str:
    """Return how long it takes from a cut until a session is attached again.

    Its container prints three lines a second.
    """
    network = None if client.engine == "embedded" else "none"
    script = "i=0; while :; do i=$((i + 1)); echo line $i; sleep 0.3; done"
    quiet = client.create("default", ["sh", "-c", script], network=network)
    client.start(quiet)
    times = []
    with FaultProxy(f"unix://{client._endpoint.path}") as proxy:
        session = client_for(proxy.url, timeout=60).attach(quiet)
        attached = threading.Event()
        session.observe(lambda _, new: attached.set() if new is State.ATTACHED else None)
        for _ in range(rounds):
            threading.Event().wait(HELD)
            attached.clear()
            began = time.monotonic()
            proxy.cut()
            assert attached.wait(PATIENCE)
            times.append(time.monotonic() - began)
        filled = sum(gap.filled for gap in session.gaps)
        gaps = len(session.gaps)
        session.close(force=True)
    client.remove(quiet, force=True)
    return (
        f"a session of three lines a second resumes after a cut in "
        f"{statistics.median(times):.2f} s at the median, {max(times):.2f} s at most; "
        f"{filled} of {gaps} gaps filled"
    )


def echo_times(session: Session, rounds: int) -> float:
    """Return the median of the seconds from a line that is typed to its echo.

    A pause follows each, as when a person types: otherwise all are over before a flood begins.
    """
    pause = threading.Event()
    came = threading.Event()
    wanted = 0
    received = len(session.stdout)

    def count(_: object, data: bytes) -> None:
        nonlocal received
        received += len(data)
        if received >= wanted:
            came.set()

    stop = session.on_output(count)
    times = []
    for number in range(rounds):
        came.clear()
        line = f"{number}\n"
        wanted = received + len(line)
        began = time.perf_counter()
        session.send(line)
        assert came.wait(PATIENCE)
        times.append(time.perf_counter() - began)
        pause.wait(PAUSE)
    stop()
    return statistics.median(times)


def _wait_for(session: Session, what: bytes) -> None:
    session.expect(what.decode(), PATIENCE, stream=None)


def _processor_time(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
