"""What a stream makes of servers, and of an ssh, that mean harm: by every way there is.

Each must cost bounded memory and at most the timeout, and be told in one line of ours.
"""

from __future__ import annotations

import itertools
import os
import select
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hyper_jupyter.api import Session, client_for
from hyper_jupyter.client import Deadline, Endpoint, SshSocket
from hyper_jupyter.client.transport import child as child_module
from hyper_jupyter.client.transport.child import GRACE
from hyper_jupyter.client.transport.dial import dial
from hyper_jupyter.exceptions import (
    ApiError,
    ConnectionFailed,
    ConnectionLost,
    HyperJupyterError,
    ProtocolError,
)
from hyper_jupyter.protocol import StreamType, encode_frame
from hyper_jupyter.session import State, runtime
from tests.client.servers import is_running
from tests.session.conftest import engine as engine  # noqa: PLC0414 - a fixture
from tests.session.conftest import everywhere
from tests.session.servers import HEAD_101, IDENTIFIER, Peer, ScriptedEngine, sends, stays
from tests.ssh import RELAY, install_ssh

bounded_memory = pytest.mark.claim(
    "Memory is bounded: a body by 32 MiB, and by a million values before it is parsed, a list by "
    "50,000 containers."
)
answered_in_time = pytest.mark.claim(
    "A call or an attach request is answered or fails within the timeout."
)
one_line = pytest.mark.claim("An error is one line without control characters.")
counts_as_lost = pytest.mark.claim(
    "A TLS connection that ends without TLS's own end counts as lost."
)

OUT = encode_frame(StreamType.STDOUT, b"kept\n")
PATIENCE = 10.0
TIMEOUT = 1.0
SLOW = 2.0
SLOWER = 5.0
"""Seconds of grace for an ssh, where a test has to see that nobody waits for it."""

ROOM = 8 * 1024 * 1024
"""Bytes of Python's that a hostile answer may cost at most, buffers and all."""

Engine = Callable[..., ScriptedEngine]
Script = Callable[[Peer], object]

only_tls = pytest.mark.parametrize("engine", ["tls"], indirect=True)
only_ssh = pytest.mark.parametrize("engine", ["ssh"], indirect=True)


def attach(engine: ScriptedEngine, timeout: float = PATIENCE) -> Session:
    client = client_for(engine.url, timeout=timeout, **engine.options)
    return client.attach(IDENTIFIER, resume=False)


@contextmanager
def cheaply(seconds: float = TIMEOUT) -> Iterator[None]:
    """Holds where the block takes so long at most (by a slow machine) and little room."""
    tracemalloc.start()
    before = time.monotonic()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < ROOM
    finally:
        tracemalloc.stop()
    assert time.monotonic() - before < seconds + 4


def is_one_line(error: HyperJupyterError) -> bool:
    return str(error).isprintable() and 0 < len(str(error)) < 2100


def begins(head: bytes, more: bytes, seconds: float = 0.0) -> Script:
    def script(peer: Peer) -> None:
        peer.send(head)
        peer.repeat(more, seconds)

    return script


STATUS = b"HTTP/1.1 101 UPGRADED\r\n"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
ESCAPES = b"\x1b[31mred\x1b]0;title\x07\x9b2J"

HEADS: dict[str, tuple[Script, type[HyperJupyterError], str]] = {
    "headers without end": (begins(STATUS, b"X: y\r\n" * 1000), ProtocolError, "larger than 65536"),
    "a header without end": (begins(STATUS + b"X: ", b"y" * 9999), ProtocolError, "than 65536"),
    "no line at all": (begins(b"", b"y" * 9999), ProtocolError, "not a valid HTTP|larger than"),
    "a byte at a time": (
        lambda peer: peer.drip(STATUS + b"X: " + b"y" * 999),
        ConnectionFailed, "did not answer within 1 s",
    ),
    "100 without end": (begins(b"", CONTINUE), ProtocolError, "interim answers without end"),
    "100 without end, slowly": (
        begins(b"", CONTINUE, 0.1), ConnectionFailed, "did not answer within 1 s",
    ),
    "nothing": (Peer.wait_for_end, ConnectionFailed, "did not answer within 1 s"),
    "an end": (sends(b""), ConnectionFailed, "closed the connection"),
    "an error without end": (
        begins(b"HTTP/1.1 500 Oh\r\n\r\n", b"no" * 9999), ApiError, "^nonono",
    ),
    "an error with escape sequences": (
        sends(b"HTTP/1.1 500 Oh\r\n\r\n" + ESCAPES), ApiError, r"^\[31mred \]0;title",
    ),
    "a status line with escape sequences": (
        sends(b"HTTP/1.1 2" + ESCAPES + b"\r\n\r\n"), ProtocolError, "not a valid HTTP answer",
    ),
    "no HTTP": (sends(b"\x16\x03\x01\r\n\r\n"), ProtocolError, "not a valid HTTP answer"),
}  # fmt: skip


@one_line
@answered_in_time
@bounded_memory
@everywhere
@pytest.mark.parametrize("name", HEADS)
def test_a_hostile_head_costs_little_and_is_told_in_a_line(engine: Engine, name: str) -> None:
    script, kind, text = HEADS[name]
    running = engine(script)
    # What is not told by the timeout is told before it: an ssh alone may take long to start.
    timeout = TIMEOUT if "within" in text else PATIENCE
    with cheaply(), pytest.raises(kind, match=text) as caught:
        attach(running, timeout)
    assert is_one_line(caught.value)


TAILS: dict[str, tuple[Script, type[HyperJupyterError], str]] = {
    "another protocol": (
        stays(STATUS.replace(b"UPGRADED", b"Switching") + b"Upgrade: h2c\r\n\r\n" + OUT + b"\x12"
              + bytes(7)), ProtocolError, "unrecognized stream: 18",
    ),
    "garbage": (stays(HEAD_101 + OUT + b"\xfe\xed garbage"), ProtocolError,
                "unrecognized stream: 254"),
    "an error text of four gigabytes": (
        begins(HEAD_101 + OUT + b"\x03\0\0\0\xff\xff\xff\xff", b"no" * 9999), ConnectionLost,
        "the engine reports: nonono",
    ),
    "an error text with escape sequences": (
        stays(HEAD_101 + OUT + encode_frame(StreamType.SYSTEMERR, ESCAPES + b"\nline")),
        ConnectionLost, r"the engine reports: \[31mred \]0;title.* line$",
    ),
    "a chunk without end of its length": (
        begins(CHUNKED + b"d\r\n" + OUT + b"\r\n", b"0" * 9999), ProtocolError, "not a valid HTTP",
    ),
    "a chunk of a length that is none": (
        stays(CHUNKED + b"d\r\n" + OUT + b"\r\n" + ESCAPES + b"\r\n"), ProtocolError,
        "not a valid HTTP",
    ),
    "trailers without end": (
        begins(CHUNKED + b"d\r\n" + OUT + b"\r\n0\r\n", b"X: y\r\n" * 1000), ProtocolError,
        "not a valid HTTP",
    ),
}  # fmt: skip


@one_line
@bounded_memory
@everywhere
@pytest.mark.parametrize("name", TAILS)
def test_a_hostile_stream_is_lost_and_keeps_what_came_before(engine: Engine, name: str) -> None:
    script, kind, text = TAILS[name]
    running = engine(script)
    with cheaply(PATIENCE):
        session = attach(running)
        assert session.join(PATIENCE) is State.LOST
    assert isinstance(session.error, kind)
    with pytest.raises(kind, match=text):
        session.wait(1)
    assert is_one_line(session.error)
    assert session.stdout.getvalue() == b"kept\n"


# -- TLS -----------------------------------------------------------------------------------


@counts_as_lost
@only_tls
def test_an_end_without_tls_s_own_is_a_loss(engine: Engine) -> None:
    def script(peer: Peer) -> None:
        peer.send(HEAD_101 + OUT)
        peer.cut()

    session = attach(engine(script))
    assert session.join(PATIENCE) is State.LOST
    assert str(session.error) == (
        "the connection to the engine broke: it ended without the end of TLS (close_notify)"
    )
    assert session.stdout.getvalue() == b"kept\n"


def half_a_record(peer: Peer) -> None:
    """The head of a record of TLS, and less than it announces."""
    os.write(peer.socket.fileno(), b"\x17\x03\x03\x40\x00" + b"x" * 100)


@answered_in_time
@only_tls
def test_a_record_that_stops_in_the_middle_of_the_head_ends_at_the_timeout(engine: Engine) -> None:
    def script(peer: Peer) -> None:
        half_a_record(peer)
        peer.wait_for_end()

    running = engine(script)
    with cheaply(), pytest.raises(ConnectionFailed, match="did not answer within 1 s"):
        attach(running, TIMEOUT)


@counts_as_lost
@one_line
@only_tls
@pytest.mark.parametrize("more", [b"", b"x" * 0x4000], ids=["cut", "forged"])
def test_a_record_that_stops_in_the_stream_or_is_forged_is_a_loss(
    engine: Engine, more: bytes
) -> None:
    def script(peer: Peer) -> None:
        peer.send(HEAD_101 + OUT)
        half_a_record(peer)
        os.write(peer.socket.fileno(), more)
        peer.cut()

    session = attach(engine(script))
    assert session.join(PATIENCE) is State.LOST
    assert isinstance(session.error, ConnectionLost)
    assert is_one_line(session.error)
    assert "_ssl.c" not in str(session.error)
    assert session.stdout.getvalue() == b"kept\n"


# -- ssh -----------------------------------------------------------------------------------


def only_attach(script: str) -> str:
    """The relay, but for attach requests ``script`` runs, in Python."""
    return RELAY.replace(
        "waiting = ",
        "first = os.read(0, 65536)\n"
        "engine.sendall(first)\n"
        "if b'/attach?' in first:\n"
        + "".join(f"    {line}\n" for line in script.splitlines())
        + "waiting = ",
    )


@one_line
@only_ssh
def test_an_ssh_that_says_something_before_the_head_is_no_engine(
    engine: Engine, tmp_path: Path
) -> None:
    running = engine(stays(HEAD_101))
    install_ssh(tmp_path, only_attach(r"os.write(1, b'Welcome to \x1b[31mbox\x07\r\n\r\n')"))
    with pytest.raises(ProtocolError, match="not a valid HTTP answer") as caught:
        attach(running)
    assert is_one_line(caught.value)


@one_line
@only_ssh
def test_an_ssh_s_last_words_are_the_error_of_a_stream(engine: Engine, tmp_path: Path) -> None:
    running = engine(stays(HEAD_101))
    install_ssh(tmp_path, only_attach(r"os.write(2, b'a\nNo \x1b[31mway\n\n'); os._exit(255)"))
    with pytest.raises(ConnectionFailed, match=r"(?m)broke: No \[31mway$") as caught:
        attach(running)
    assert is_one_line(caught.value)


@bounded_memory
@only_ssh
def test_a_flood_of_an_ssh_s_errors_stops_no_stream_and_fills_nothing(
    engine: Engine, tmp_path: Path
) -> None:
    """More than any pipe holds: it has to be read, also while the engine says nothing."""
    running = engine(stays(HEAD_101 + OUT))
    words = "for _ in range(64): os.write(2, b'x' * 65536)\nos.write(2, b'end')"
    install_ssh(tmp_path, only_attach(words))
    with cheaply(PATIENCE):
        session = attach(running)
        session._lifecycle.wait_for(lambda: len(session.stdout) == 5, PATIENCE)
        assert session.stdout.getvalue() == b"kept\n"
    session.close()


@answered_in_time
@only_ssh
def test_an_ssh_that_floods_its_errors_and_says_nothing_ends_at_the_timeout(
    engine: Engine, tmp_path: Path
) -> None:
    running = engine(stays(HEAD_101))
    install_ssh(tmp_path, only_attach("while True: os.write(2, b'x' * 65536)"))
    with cheaply(), pytest.raises(ConnectionFailed, match="did not answer within 1 s"):
        attach(running, TIMEOUT)


@only_ssh
def test_an_ssh_that_ends_its_output_without_a_word_and_stays_holds_nobody_up(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hyper_jupyter.client.transport.ssh.GRACE", SLOW)
    running = engine(stays(HEAD_101))
    install_ssh(
        tmp_path, only_attach("os.close(1)\nos.close(0)\nwhile True: select.select([], [], [], 9)")
    )
    laps: list[float] = []

    def lap() -> None:
        laps.append(time.monotonic())
        runtime().loop.call_later(0.01, lap) if len(laps) < 300 else None

    runtime().loop.call_soon(lap)
    with cheaply(), pytest.raises(ConnectionFailed, match="closed the connection"):
        attach(running, PATIENCE)
    assert max(b - a for a, b in itertools.pairwise(laps)) < SLOW - 0.5


STUBBORN = RELAY.replace(
    "import os,", "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\nimport os,"
).replace("sys.exit()", "[select.select([], [], [], 9) for _ in range(9)]")


class NotedSet(set[object]):
    """Says when the last one is gone."""

    def __init__(self) -> None:
        super().__init__()
        self.empty = threading.Event()

    def discard(self, one: object) -> None:
        super().discard(one)
        if not self:
            self.empty.set()


@only_ssh
def test_closing_waits_for_no_ssh_and_nothing_is_left_of_it(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminating = NotedSet()
    monkeypatch.setattr(child_module, "GRACE", SLOWER)
    monkeypatch.setattr(child_module, "_terminating", terminating)
    running = engine(stays(HEAD_101 + OUT))
    record = f"open('{tmp_path}/pids', 'a').write(f'{{os.getpid()}} ')\n"
    install_ssh(tmp_path, STUBBORN.replace("waiting = ", record + "waiting = "))
    session = attach(running)
    session._lifecycle.wait_for(lambda: len(session.stdout) == 5, PATIENCE)
    session.close()
    alive = threading.Event()
    pids = [int(pid) for pid in (tmp_path / "pids").read_text().split()]
    runtime().loop.call_soon(alive.set)  # behind the closing of its streams
    assert alive.wait(PATIENCE)
    # Had it been waited for, it would be dead: it goes by force only.
    assert all(is_running(pid) for pid in pids[-2:])
    assert terminating.empty.wait(PATIENCE)
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids[-2:])


def test_who_has_a_clock_never_waits_for_an_ssh(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install_ssh(tmp_path, "trap '' TERM; echo; while :; do sleep 0.05; done")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    looks: list[tuple[float, Callable[[], object]]] = []
    connection = dial(Endpoint.parse("ssh://box"), Deadline(10), lambda *look: looks.append(look))
    assert isinstance(connection, SshSocket)
    assert connection.recv(1) == b"\n"  # its trap is set
    process = connection._process
    assert process is not None
    connection.close()
    assert process.poll() is None
    pauses = []
    ended = os.pidfd_open(process.pid)
    while looks:
        pause, look = looks.pop()
        pauses.append(pause)
        select.select([ended], [], [], pause)  # what a clock does
        look()
    os.close(ended)
    assert process.returncode == -9
    assert sum(pauses) < GRACE + 1
