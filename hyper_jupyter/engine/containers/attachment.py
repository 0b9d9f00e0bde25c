"""A client attached to a run: output from the log to it, its input to the program.

Layer: engine. Event loop only.

Strategy: output is a cursor on the log with back-pressure of this client alone. Input is a
task of its own; how it ends decides what becomes of the attachment (moby's
``internal/stream/attach.go``):

* the detach keys on a terminal: our half is closed at once, the program goes on;
* the end of input, with `once` and without a terminal: the program's stdin ends, output goes on;
* the end of input otherwise: the attachment ends behind what was said so far;
* the end of input that nobody wanted: nothing; but where a client can only close as a whole, by
  WebSocket, it ends the attachment.
"""

from __future__ import annotations

import asyncio
import enum
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final, Protocol

from hyper_jupyter.engine.program.lines import Lines
from hyper_jupyter.engine.program.log import Cursor, LogGap
from hyper_jupyter.engine.program.run import Run
from hyper_jupyter.protocol import DetachKeys, StreamType, encode_frame

__all__ = ["FRAME_SIZE", "Attachment", "Client", "Wishes"]

FRAME_SIZE: Final = 32 * 1024
"""Bytes of payload in a frame, at most; moby's never have more."""


class _Input(enum.Enum):
    """How a client's input ended."""

    DETACHED = enum.auto()
    FINISHED = enum.auto()
    PASSED_ON = enum.auto()
    IGNORED = enum.auto()


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a client wants.

    Attributes:
        streams: of 1 (stdout) and 2 (stderr).
        stdin: whether its bytes are for the program.
        stream: whether it stays for what comes; else it gets the log and the end.
        logs: whether it wants what was said before.
        framed: multiplexed, else raw.
        once: whether the end of its input ends the program's.
        keys: detach keys; ``b""`` where none are looked for.
    """

    streams: Collection[int]
    stdin: bool
    stream: bool
    logs: bool
    framed: bool
    once: bool
    keys: bytes = b""


class Client(Protocol):
    """The client's end: ``RawStream`` in :mod:`hyper_jupyter.engine.http` says what each does."""

    half_closes: bool
    hung_up: asyncio.Future[None]

    async def read(self) -> bytes:
        """What it typed; ``b""`` at the end."""

    async def send(self, data: bytes) -> None:
        """Output for it; raises :exc:`ConnectionError`."""


class Attachment:
    """Serves one client until the end of its stream."""

    def __init__(self, client: Client, run: Run, wishes: Wishes) -> None:
        """Everything said from now on will be delivered.

        Args:
            client: its connection; the head of the answer has been sent, or will be.
            run: what it attaches to.
            wishes: what it wants.
        """
        self._client = client
        self._run = run
        self._wishes = wishes
        self._log = run.log
        self._live_from = run.log.end
        self._stop: int | None = None if wishes.stream else run.log.end
        start = None if wishes.logs else self._live_from
        self._cursor: Cursor = run.log.cursor(wishes.streams, start)
        run.log.keep()

    def release(self) -> None:
        """Let go of the log; once, behind :meth:`serve`."""
        self._log.release()

    async def serve(self) -> bool:
        """Copy both ways until the end.

        Returns:
            Whether the client used the detach keys.
        """
        output = asyncio.create_task(self._deliver())
        wanted = self._wishes.stream and self._wishes.stdin
        source = asyncio.create_task(self._take_input() if wanted else self._ignore_input())
        waiting: set[asyncio.Future[Any]] = {output, source, self._client.hung_up}
        detached = gone = False
        try:
            while not output.done():
                await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                if source in waiting and source.done():
                    waiting.discard(source)
                    how = source.result()
                    if how is _Input.DETACHED:
                        detached = True
                        break
                    if how is _Input.FINISHED:
                        self._stop = self._log.end
                        self._log.wake()
                if self._client.hung_up.done():
                    gone = True
                    break
            if output.done():
                output.result()
        except ConnectionError:
            gone = True
        except LogGap as gap:
            await self._report(gap)
        finally:
            output.cancel()
            if wanted and gone and not source.done():
                await self._finish_input(source)
            source.cancel()
            await asyncio.gather(output, source, return_exceptions=True)
        return detached

    async def _deliver(self) -> None:
        wishes = self._wishes
        if not wishes.streams and not wishes.stdin:
            return
        lines = Lines(framed=wishes.framed)
        while True:
            stop = self._stop if self._run.end is None else self._end_of(self._run.end)
            in_past = self._cursor.position < self._live_from
            piece = self._cursor.read(FRAME_SIZE, self._live_from if in_past else stop)
            if piece is not None:
                if in_past:  # what was said before comes line by line, as from moby
                    await self._client.send(lines.encode(piece))
                elif wishes.framed:
                    await self._client.send(encode_frame(piece.stream, piece.data))
                else:
                    await self._client.send(piece.data)
            elif stop is not None and self._cursor.position >= stop:
                return
            elif self._cursor.position >= self._log.end:
                await self._log.changed()

    def _end_of(self, end: int) -> int:
        return end if self._stop is None else min(end, self._stop)

    async def _take_input(self) -> _Input:
        stdin = self._run.stdin
        if stdin is None:
            return await self._ignore_input()
        keys = DetachKeys(self._wishes.keys) if self._wishes.keys else None
        while data := await self._client.read():
            detached = False
            if keys is not None:
                data, detached = keys.receive_data(data)
            if data:
                await stdin.write(data)
            if detached:
                return _Input.DETACHED
        if self._wishes.once:
            await stdin.finish()
            return _Input.PASSED_ON
        return _Input.FINISHED

    async def _ignore_input(self) -> _Input:
        while await self._client.read():
            pass
        return _Input.IGNORED if self._client.half_closes else _Input.FINISHED

    async def _finish_input(self, source: asyncio.Task[_Input]) -> None:
        """A client may send and close: its bytes still belong to the program."""
        over = asyncio.create_task(self._run.finished.wait())
        try:
            await asyncio.wait({source, over}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            over.cancel()

    async def _report(self, gap: LogGap) -> None:
        """Never skip in silence: say so in the stream.

        A terminal's stream has no place for that but among the bytes of the program.
        """
        text = f"\r\nhyper engine: {gap}\r\n".encode()
        if self._wishes.framed:
            text = encode_frame(StreamType.SYSTEMERR, text)
        try:
            await self._client.send(text)
        except ConnectionError:
            pass
