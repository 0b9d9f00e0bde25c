"""Drains and demultiplexes a stream of frames: our decoder against others.

Another process writes the frames into a socket. In one run, each reader in turn reads all of them.
Figures are throughputs relative to docker-py, and to a bare ``recv_into`` loop that ignores the
bytes; they are medians over the rounds. A reader's time begins before its connect and ends with the
stream. A whole session is the I/O thread, the decoder, the journal and its spool file. Its clock
starts when the engine has answered the attach, and stops with the last byte in the journal. It is
measured twice: with output that stays in memory, and with output most of which goes to the disk.

The minimal loop shows what a session could reach at best. It keeps what it receives as it is, walks
over the headers in it, and writes what is older than 8 MiB to a file, headers included. It does not
separate the streams, knows no times, and nobody can read what it keeps.

``python -m benchmarks.demultiplex`` prints a Markdown table.
"""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import os
import random
import signal
import socket
import struct
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from multiprocessing.synchronize import Semaphore
from pathlib import Path
from typing import Any

from aiodocker._flow_control_queue import FlowControlDataQueue
from aiodocker.stream import _ExecParser
from aiohttp import EofStream
from docker.utils.socket import frames_iter

from benchmarks.part import Options, alone, median, progress, table
from hyper_jupyter.api import client_for
from hyper_jupyter.protocol import FrameDecoder, Output, encode_frame
from tests.session.servers import HEAD_101, IDENTIFIER, Peer, ScriptedEngine

SIZES: dict[str, tuple[tuple[int, ...], int]] = {
    "20 B": ((20,), 16),
    "200 B": ((200,), 64),
    "4 KiB": ((4096,), 256),
    "32 KiB": ((32768,), 512),
    "mixed": ((1, 20, 80, 200, 1000, 4096, 32768), 256),
}
"""The sizes of the payloads, and how many megabytes of frames every reader reads.

There are fewer megabytes of small frames, because docker-py is slow with these."""

BLOCK = 4 * 1024 * 1024
READ = 256 * 1024
MEMORY = 8 * 1024 * 1024
IN_MEMORY = 7 * 1024 * 1024
"""Bytes of frames in a stream that stays in memory."""


def make_block(sizes: tuple[int, ...], size: int = BLOCK) -> bytes:
    """Make a few megabytes of frames, one in ten of them stderr."""
    chooser = random.Random(7)
    block = bytearray()
    while len(block) < size:
        kind = 1 if chooser.random() < 0.9 else 2
        block += encode_frame(kind, bytes(chooser.choice(sizes)))
    return bytes(block)


def feed(path: str, block: bytes, times: int) -> None:
    """Write the frames to one client after another, for ever. Runs in its own process."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        while True:
            client, _ = listener.accept()
            with client, contextlib.suppress(OSError):
                for _ in range(times):
                    client.sendall(block)


def dial(path: str) -> socket.socket:
    sock = socket.socket(socket.AF_UNIX)
    deadline = time.monotonic() + 10
    while True:
        try:
            sock.connect(path)
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return sock


def bare(path: str) -> int:
    buffer = bytearray(READ)
    total = 0
    with dial(path) as sock:
        while count := sock.recv_into(buffer):
            total += count
    return total


def minimal(path: str) -> int:
    unpack = struct.Struct(">B3xL").unpack_from
    kept: deque[bytes] = deque()
    total = held = written = skip = 0
    rest = b""
    with dial(path) as sock, tempfile.TemporaryFile(buffering=0) as file:
        while data := sock.recv(READ):
            kept.append(data)
            held += len(data)
            if rest:
                data = rest + data
            end = len(data)
            last = end - 8
            at = skip
            while at <= last:
                length = unpack(data, at)[1]
                at += 8 + length
                total += length
            rest = data[at:]  # of a header; empty if a payload goes on
            skip = max(0, at - end)
            while held > MEMORY:
                blocks = [kept.popleft() for _ in range(min(4, len(kept)))]
                held -= sum(map(len, blocks))
                written += os.pwritev(file.fileno(), blocks, written)
    return total


def ours(path: str) -> int:
    decoder = FrameDecoder()
    buffer = bytearray(READ)
    view = memoryview(buffer)
    total = 0
    with dial(path) as sock:
        while count := sock.recv_into(buffer):
            for event in decoder.receive_data(view[:count]):
                if type(event) is Output:
                    total += len(event.data)
    assert not decoder.receive_eof().truncated
    return total


def docker_py(path: str) -> int:
    with dial(path) as sock:
        return sum(len(data) for _, data in frames_iter(sock, tty=False))


def aiodocker(path: str) -> int:
    async def drain() -> int:
        loop = asyncio.get_running_loop()

        class Protocol(asyncio.Protocol):
            """aiodocker's parser and queue on a plain transport."""

            _reading_paused = False

            def connection_made(self, transport: Any) -> None:
                self.transport = transport
                self.queue: Any = FlowControlDataQueue(self, limit=2**16)
                self.parser = _ExecParser(self.queue)

            def pause_reading(self) -> None:
                self._reading_paused = True
                self.transport.pause_reading()

            def resume_reading(self) -> None:
                self._reading_paused = False
                self.transport.resume_reading()

            def data_received(self, data: bytes) -> None:
                self.parser.feed_data(data)

            def eof_received(self) -> None:
                self.parser.feed_eof()

        _, protocol = await loop.create_unix_connection(Protocol, path)
        total = 0
        while True:
            try:
                total += len((await protocol.queue.read()).data)
            except EofStream:
                return total

    return asyncio.run(drain())


def serve(path: str, block: bytes, times: int, go: Semaphore) -> None:
    """Serve an engine with one container that prints the frames. Runs in its own process."""

    def script(peer: Peer) -> None:
        peer.send(HEAD_101)
        go.acquire()
        for _ in range(times):
            peer.send(block)
        peer.wait_for_end()

    ScriptedEngine(Path(path), script)
    signal.pause()


def whole_session(path: str, size: int, go: Semaphore) -> float:
    """Return the seconds in which a session receives ``size`` bytes of payload."""
    session = client_for(f"unix://{path}").attach(IDENTIFIER)
    complete = threading.Event()

    def look() -> None:
        if len(session.journal) >= size:
            complete.set()

    session.subscribe(look)
    began = time.perf_counter()
    go.release()
    assert complete.wait(300)
    seconds = time.perf_counter() - began
    session.close(force=True)
    assert len(session.journal) == size
    return seconds


READERS: dict[str, Callable[[str], int]] = {
    "bare loop": bare,
    "minimal loop": minimal,
    "FrameDecoder": ours,
    "docker-py": docker_py,
    "aiodocker": aiodocker,
}
SESSION = "whole session"


def measure(
    block: bytes, times: int, rounds: int, readers: Sequence[str]
) -> dict[str, list[float]]:
    """Return each reader's seconds in each round, and a session's.

    Args:
        block: frames.
        times: how many of these a stream has.
        rounds: how often each reader gets its turn.
        readers: which of :data:`READERS`.
    """
    decoded = FrameDecoder().receive_data(block)
    size = times * sum(len(event.data) for event in decoded if isinstance(event, Output))
    context = multiprocessing.get_context("fork")
    go = context.Semaphore(0)
    seconds: dict[str, list[float]] = {name: [] for name in (*readers, SESSION)}
    with tempfile.TemporaryDirectory() as folder:
        frames, engine = str(Path(folder, "frames")), str(Path(folder, "engine"))
        feeders = [
            context.Process(target=feed, args=(frames, block, times), daemon=True),
            context.Process(target=serve, args=(engine, block, times, go), daemon=True),
        ]
        for feeder in feeders:
            feeder.start()
        try:
            for path in (frames, engine):
                dial(path).close()
            for _ in range(rounds):
                for name in readers:
                    began = time.perf_counter()
                    count = READERS[name](frames)
                    seconds[name].append(time.perf_counter() - began)
                    assert name == "bare loop" or count == size, (name, count)
                seconds[SESSION].append(whole_session(engine, size, go))
        finally:
            for feeder in feeders:
                feeder.kill()
                feeder.join()
    return seconds


def section(options: Options) -> str:
    """Return the tables, as Markdown."""
    rows, sessions = [], []
    rounds = options.times(7, 2)
    for name, (sizes, megabytes) in SIZES.items():
        progress(f"frames of {name}")
        total = megabytes * 1024 * 1024 // (4 if options.quick else 1)
        spilled = measure(make_block(sizes), total // BLOCK, rounds, list(READERS))
        turns = rounds * max(1, total // IN_MEMORY // 4)  # these streams are short
        block = make_block(sizes, IN_MEMORY)
        kept = measure(block, 1, turns, ["minimal loop", "docker-py"])
        decoder = [("docker-py", spilled), ("aiodocker", spilled), ("bare loop", spilled)]
        session = [(other, of) for of in (kept, spilled) for other in ("docker-py", "minimal loop")]
        rows.append([name, *(_ratio("FrameDecoder", *each) for each in decoder)])
        sessions.append(
            [
                name,
                *(_ratio(SESSION, *each) for each in session),
                _ratio("minimal loop", "docker-py", kept),
                _ratio("minimal loop", "docker-py", spilled),
            ]
        )
    head = ["frames of", "FrameDecoder : docker-py", ": aiodocker", ": bare loop"]
    more = ["whole session, in memory : docker-py", ": minimal loop"]
    more += ["with the disk : docker-py", ": minimal loop"]
    more += ["minimal loop, in memory : docker-py", "with the disk : docker-py"]
    return (
        f"## Drain and demultiplex\n\n{table(head, rows)}\n\n"
        f"{table(['frames of', *more], sessions)}"
    )


def _ratio(one: str, other: str, seconds: dict[str, list[float]]) -> str:
    """Return how many times as fast as the other one is, as the median over the rounds."""
    pairs = zip(seconds[one], seconds[other], strict=True)
    return f"{median(theirs / ours for ours, theirs in pairs):.2f}"


if __name__ == "__main__":
    alone(section, __doc__)
