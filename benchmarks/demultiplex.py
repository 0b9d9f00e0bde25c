"""Drain and demultiplex a stream of frames: ours against what users would pick instead.

A process of its own writes the frames into a socket. Each reader takes all of them, in turn, in
one run; figures are throughputs relative to docker-py, and to a bare ``recv_into`` loop that looks
at nothing, as medians over the rounds.

``python -m benchmarks.demultiplex`` prints a Markdown table.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import random
import signal
import socket
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from aiodocker._flow_control_queue import FlowControlDataQueue
from aiodocker.stream import _ExecParser
from aiohttp import EofStream
from docker.utils.socket import frames_iter

from benchmarks.part import Options, alone, median, table, tell
from hyper_jupyter.api import client_for
from hyper_jupyter.protocol import FrameDecoder, encode_frame
from tests.session.servers import HEAD_101, IDENTIFIER, Peer, ScriptedEngine

SIZES: dict[str, tuple[int, ...]] = {
    "20 B": (20,),
    "200 B": (200,),
    "4 KiB": (4096,),
    "32 KiB": (32768,),
    "mixed": (1, 20, 80, 200, 1000, 4096, 32768),
}
READ = 256 * 1024


def make_frames(sizes: tuple[int, ...], total: int) -> bytes:
    """About ``total`` bytes of frames, one in ten of them stderr."""
    chooser = random.Random(7)
    block = bytearray()
    while len(block) < min(total, 4 * 1024 * 1024):
        block += encode_frame(
            chooser.choice((1, 1, 1, 1, 1, 1, 1, 1, 1, 2)), bytes(chooser.choice(sizes))
        )
    return bytes(block) * max(1, total // len(block))


def feed(path: str, data: bytes) -> None:
    """Write ``data`` to one client after the other, for ever. A process of its own."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        while True:
            client, _ = listener.accept()
            with client:
                try:
                    client.sendall(data)
                except OSError:
                    pass


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


def ours(path: str) -> int:
    decoder = FrameDecoder()
    buffer = bytearray(READ)
    view = memoryview(buffer)
    total = 0
    with dial(path) as sock:
        while count := sock.recv_into(buffer):
            for event in decoder.receive_data(view[:count]):
                total += len(event.data)  # type: ignore[union-attr]
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


def serve(path: str, data: bytes) -> None:
    """An engine with one container that prints ``data``. A process of its own."""

    def script(peer: Peer) -> None:
        peer.send(HEAD_101)
        peer.send(data)
        peer.wait_for_end()

    ScriptedEngine(Path(path), script)
    signal.pause()


payload_bytes = 0
"""What a session must have received to be done."""


def session(path: str) -> int:
    """The whole of it: inspect, wait and attach requests, I/O thread, journal."""
    dial(f"{path}.engine").close()
    made = client_for(f"unix://{path}.engine").attach(IDENTIFIER)
    made._life.wait_for(lambda: len(made.journal) >= payload_bytes, 120)
    made.close()
    return len(made.journal)


READERS: dict[str, Callable[[str], int]] = {
    "bare loop": bare,
    "FrameDecoder": ours,
    "docker-py": docker_py,
    "aiodocker": aiodocker,
    "whole session": session,
}


def measure(sizes: tuple[int, ...], total: int, rounds: int) -> dict[str, list[float]]:
    """Throughput of each reader in each round, payload bytes per second."""
    global payload_bytes
    data = make_frames(sizes, total)
    payload_bytes = sum(len(event.data) for event in FrameDecoder().receive_data(data))  # type: ignore[union-attr]
    context = multiprocessing.get_context("fork")
    rates: dict[str, list[float]] = {name: [] for name in READERS}
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder, "frames.sock"))
        feeders = [
            context.Process(target=feed, args=(path, data), daemon=True),
            context.Process(target=serve, args=(f"{path}.engine", data), daemon=True),
        ]
        for feeder in feeders:
            feeder.start()
        try:
            for _ in range(rounds):
                for name, reader in READERS.items():
                    began = time.perf_counter()
                    count = reader(path)
                    rates[name].append(len(data) / (time.perf_counter() - began))
                    assert name == "bare loop" or count == payload_bytes, (name, count)
        finally:
            for feeder in feeders:
                feeder.kill()
                feeder.join()
    return rates


def section(options: Options) -> str:
    """The table, as Markdown."""
    rows = []
    megabytes = 8 if options.quick else 32
    for name, sizes in SIZES.items():
        tell(f"frames of {name}")
        total = (megabytes if max(sizes) > 100 else megabytes // 8) * 1024 * 1024
        rates = measure(sizes, total, options.times(5, 2))

        def ratio(one: str, other: str, rates: dict[str, list[float]] = rates) -> str:
            return f"{median(a / b for a, b in zip(rates[one], rates[other], strict=True)):.2f}"

        rows.append(
            [
                name,
                ratio("FrameDecoder", "docker-py"),
                ratio("FrameDecoder", "aiodocker"),
                ratio("FrameDecoder", "bare loop"),
                ratio("whole session", "docker-py"),
                ratio("whole session", "bare loop"),
            ]
        )
    head = ["frames of", "FrameDecoder : docker-py", ": aiodocker", ": bare loop"]
    head += ["whole session : docker-py", ": bare loop"]
    return f"## Drain and demultiplex\n\n{table(head, rows)}"


if __name__ == "__main__":
    alone(section, __doc__)
