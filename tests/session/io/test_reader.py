"""How a socket is read: promptly, or a flood in few turns while somebody keeps the GIL."""

from __future__ import annotations

import itertools
import select
import socket
import threading
import weakref
from collections.abc import Iterator
from typing import Any

import pytest

from hyper_jupyter.session.io import reader
from hyper_jupyter.session.io.flood_memory import PIECE as PIECE_OF_MEMORY
from hyper_jupyter.session.io.loop import BUFFER
from hyper_jupyter.session.io.reader import _MUCH, SocketReader, lasts
from tests.session.gil import keep_the_gil

TIMEOUT = 5.0
PIECE = bytes(100_000)

pytestmark = pytest.mark.skipif(
    not hasattr(socket, "MSG_WAITALL"), reason="this system does not gather"
)


class Pair:
    """A reader, and the end that it reads from."""

    def __init__(self) -> None:
        self.ours, self.theirs = socket.socketpair()
        self.theirs.settimeout(TIMEOUT)
        self.ours.setblocking(False)
        self.buffer = memoryview(bytearray(BUFFER))
        self.reader = SocketReader(self.ours, self.buffer)

    @property
    def gathers(self) -> bool:
        return self.ours.gettimeout() is None

    def receive(self) -> tuple[int, bool]:
        """How many bytes came, and whether more are expected."""
        data, more = self.reader.receive()
        return len(data), more

    def gather(self) -> None:
        """As after a read of a flood for which the GIL was kept."""
        self.theirs.sendall(PIECE)
        assert self.receive() == (len(PIECE), True)


@pytest.fixture
def pair() -> Iterator[Pair]:
    made = Pair()
    with made.ours, made.theirs:
        yield made


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every read has waited for the GIL."""
    monkeypatch.setattr(reader, "_kept", lambda: 0.0)
    monkeypatch.setattr(reader, "_waits", itertools.count().__next__)


@pytest.fixture
def free(monkeypatch: pytest.MonkeyPatch) -> None:
    """No read has."""
    monkeypatch.setattr(reader, "_kept", lambda: 60.0)


class AskedSocket:
    """Lists how many bytes it is asked for."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def setsockopt(self, *_: Any) -> None:
        """For gathering."""

    def recv_into(self, _: memoryview, size: int, __: int = 0) -> int:
        self.asked.append(size)
        return 1


@pytest.mark.parametrize(("most", "size", "reads"), [(None, 256 * 1024, 4), (100, 100, 1)])
def test_one_read_takes_so_much_at_most(most: int | None, size: int, reads: int) -> None:
    sock: Any = AskedSocket()
    made = SocketReader(sock, memoryview(bytearray(BUFFER)), most=most)
    assert made.receive() == (b"\0", False)
    assert (sock.asked, made.reads) == ([size], reads)


@pytest.mark.usefixtures("free")
def test_what_a_flood_brings_belongs_to_the_caller_and_the_rest_is_in_the_buffer(
    pair: Pair,
) -> None:
    came = []
    for byte in b"abc":
        pair.theirs.sendall(bytes([byte]) * len(PIECE))
        came.append(pair.reader.receive()[0])
    assert [type(data) for data in came] == [memoryview, bytes, bytes]
    assert came[1:] == [b"b" * len(PIECE), b"c" * len(PIECE)]
    for word in (b"few", b"new"):
        pair.theirs.sendall(word)
        came.append(pair.reader.receive()[0])
    assert [type(data) for data in came[3:]] == [bytes, memoryview]
    assert came[-1] == pair.buffer[:3] == b"new"


def flood(pair: Pair, size: int) -> list[bytes | memoryview]:
    """What was read of so many bytes: pieces of one number each, in order."""
    came: list[bytes | memoryview] = []
    for number in range(size // len(PIECE)):
        pair.theirs.sendall(bytes([number % 256]) * len(PIECE))
        came.append(pair.reader.receive()[0])
        if (rest := len(PIECE) - len(came[-1])) > 0:  # a piece of memory was full
            came.append(pair.reader.receive()[0])
            assert len(came[-1]) == rest
    return came


@pytest.mark.usefixtures("free")
def test_what_a_long_flood_brings_never_changes_and_needs_no_memory_of_its_own(pair: Pair) -> None:
    came = flood(pair, 6 * PIECE_OF_MEMORY)
    assert not lasts(came[0])
    assert [lasts(data) for data in came[1:]] == [True] * (len(came) - 1)
    assert {type(data) for data in came[-20:]} == {memoryview}
    last = came[-1]
    assert isinstance(last, memoryview)
    assert len(memoryview(last.obj)) == PIECE_OF_MEMORY
    expected = b"".join(bytes([number % 256]) * len(PIECE) for number in range(1, len(came)))
    assert expected.startswith(b"".join(came[1:]))
    assert sum(map(len, came)) == 6 * PIECE_OF_MEMORY // len(PIECE) * len(PIECE)
    pair.theirs.sendall(b"little")
    assert pair.reader.receive() == (b"little", False)


@pytest.mark.parametrize(("size", "goes_on"), [(_MUCH, True), (_MUCH - 1, False)])
@pytest.mark.usefixtures("free")
def test_a_long_flood_goes_on_as_long_as_much_comes(
    pair: Pair, monkeypatch: pytest.MonkeyPatch, size: int, goes_on: bool
) -> None:
    flood(pair, PIECE_OF_MEMORY)
    monkeypatch.setattr(reader, "_OVER", 0.0)
    for _ in range(3):
        pair.theirs.sendall(bytes(size))
        data, more = pair.reader.receive()
        assert (len(data), more) == (size, False)
    assert lasts(data) == goes_on


@pytest.mark.usefixtures("free")
def test_a_reader_that_is_closed_keeps_no_memory(pair: Pair) -> None:
    memory = weakref.ref(flood(pair, PIECE_OF_MEMORY)[-1].obj)
    assert memory() is not None
    pair.reader.close()
    assert memory() is None


@pytest.mark.usefixtures("free")
def test_after_a_long_flood_its_memory_is_given_back(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = weakref.ref(flood(pair, PIECE_OF_MEMORY)[-1].obj)
    pair.theirs.sendall(b"soon")
    assert pair.reader.receive()[0] == b"soon"
    assert memory() is not None
    monkeypatch.setattr(reader, "_OVER", 0.0)
    for word in (b"late", b"later"):
        pair.theirs.sendall(word)
        assert pair.reader.receive()[0] == word
    assert memory() is None
    assert not lasts(pair.buffer[:5])
    assert pair.buffer[:5] == b"later"


@pytest.mark.usefixtures("free")
def test_a_flood_is_read_as_it_comes_while_the_gil_is_free(pair: Pair) -> None:
    for _ in range(3):
        pair.gather()
        assert not pair.gathers
    assert pair.reader.reads == 4


@pytest.mark.usefixtures("kept")
def test_a_thread_whose_processor_was_taken_away_does_not_gather(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "_waits", lambda: 7)
    pair.gather()
    assert not pair.gathers


class SharedSocket(socket.socket):
    """While it is read another thread runs, and has taken the GIL when the read is done."""

    read: threading.Event
    taken: threading.Event

    def recv_into(self, *arguments: Any) -> int:
        count = super().recv_into(*arguments)
        self.read.set()
        assert self.taken.wait(TIMEOUT)
        return count


def test_a_thread_that_keeps_the_gil_is_noticed() -> None:
    ours, theirs = socket.socketpair()
    shared = SharedSocket(fileno=ours.detach())
    shared.read, shared.taken = threading.Event(), threading.Event()
    shared.setblocking(False)

    def compute() -> None:
        assert shared.read.wait(TIMEOUT)
        shared.taken.set()
        keep_the_gil(0.1)  # twenty times as long as threads that take turns do

    thread = threading.Thread(target=compute)
    thread.start()
    with shared, theirs:
        theirs.sendall(PIECE)
        assert SocketReader(shared, memoryview(bytearray(BUFFER))).receive() == (PIECE, True)
        thread.join(TIMEOUT)
        assert shared.gettimeout() is None


@pytest.mark.usefixtures("kept")
def test_a_few_bytes_are_read_as_they_come_in_any_case(pair: Pair) -> None:
    pair.theirs.sendall(b"abc")
    assert pair.receive() == (3, False)
    assert not pair.gathers


@pytest.mark.usefixtures("kept")
def test_a_flood_is_gathered_while_the_gil_is_kept(pair: Pair) -> None:
    pair.gather()
    assert pair.gathers
    assert pair.reader.reads == 2
    data = bytes(range(256)) * (BUFFER // 16)
    writer = threading.Thread(target=pair.theirs.sendall, args=(data,))
    writer.start()
    read = bytearray()
    counts = []
    while len(read) < len(data):
        try:
            came, _ = pair.reader.receive()
        except BlockingIOError:  # the writer is not there yet
            assert select.select([pair.ours], [], [], TIMEOUT)[0]
            continue
        counts.append(len(came))
        read += came
    writer.join(TIMEOUT)
    assert read == data
    # More than the socket holds at once; not each time, where this machine stands still.
    assert max(counts) > 300_000


@pytest.mark.usefixtures("kept")
def test_what_comes_slowly_ends_it(pair: Pair) -> None:
    pair.gather()
    pair.theirs.sendall(b"abc")
    assert pair.receive() == (3, False)
    assert not pair.gathers


@pytest.mark.usefixtures("kept")
def test_silence_ends_it_and_is_no_error(pair: Pair) -> None:
    pair.gather()
    with pytest.raises(BlockingIOError):
        pair.reader.receive()
    assert not pair.gathers
    pair.theirs.sendall(b"abc")
    assert pair.receive() == (3, False)


@pytest.mark.usefixtures("kept")
def test_the_end_of_the_stream_ends_it(pair: Pair) -> None:
    pair.gather()
    pair.theirs.sendall(b"abc")
    pair.theirs.shutdown(socket.SHUT_WR)
    assert pair.receive() == (3, False)
    assert pair.receive() == (0, False)


@pytest.mark.usefixtures("kept")
def test_it_is_seen_again_whether_the_gil_is_kept(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair.gather()
    for _ in range(8):
        assert pair.gathers
        pair.theirs.sendall(PIECE)
        assert pair.receive() == (len(PIECE), True)
    assert not pair.gathers
    monkeypatch.setattr(reader, "_kept", lambda: 60.0)
    pair.gather()
    assert not pair.gathers


@pytest.mark.usefixtures("kept")
def test_a_write_need_not_wait(pair: Pair) -> None:
    pair.gather()
    pair.reader.be_prompt()
    assert pair.ours.gettimeout() == 0.0
    data = bytes(16 * BUFFER)
    with pytest.raises(BlockingIOError):
        pair.ours.send(data[pair.ours.send(data) :])


@pytest.mark.usefixtures("kept")
def test_what_takes_long_to_take_apart_is_read_a_little_at_a_time() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setblocking(False)
        few = SocketReader(ours, memoryview(bytearray(BUFFER)), most=70_000)
        theirs.sendall(PIECE)
        assert (few.reads, few.receive()) == (1, (PIECE[:70_000], True))
        assert ours.gettimeout() == 0.0
