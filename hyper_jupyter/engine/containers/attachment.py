"""A client attached to a run: output from the log to it, its input to the program.

Layer: engine. Event loop only.

Strategy: output is read by a cursor on the log, so a slow client delays only itself. Input is a
task of its own. How the input ends decides what happens to the attachment (moby's
``internal/stream/attach.go``):

* by the detach keys on a terminal: our half is closed immediately, and the program runs on;
* with `once` and without a terminal: the program's stdin ends, and output continues;
* otherwise: the attachment ends after the output so far;
* if the client did not ask for stdin: nothing happens. But a client that cannot close its sending
  half alone, by WebSocket, ends the attachment.
"""

from __future__ import annotations

import asyncio
import enum
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final, Protocol

from hyper_jupyter.engine.program.lines import Lines
from hyper_jupyter.engine.program.log import Cursor
from hyper_jupyter.engine.program.piece import LogGap
from hyper_jupyter.engine.program.run import Run
from hyper_jupyter.protocol import DetachKeys, encode_frame

__all__ = ["FRAME_SIZE", "AttachOptions", "Attachment", "Client"]

FRAME_SIZE: Final = 32 * 1024
"""The most bytes of payload in a frame; moby never sends more."""


class _InputEnd(enum.Enum):
    """How a client's input ended."""

    DETACHED = enum.auto()
    FINISHED = enum.auto()
    PASSED_ON = enum.auto()
    IGNORED = enum.auto()


@dataclass(frozen=True, slots=True)
class AttachOptions:
    """What a client asks for.

    Attributes:
        streams: of 1 (stdout) and 2 (stderr).
        stdin: whether its input is for the program.
        stream: whether it gets output from now on; otherwise it gets the log, if asked for, and
            the end.
        logs: whether it gets the output so far.
        framed: whether the streams are multiplexed; otherwise they are raw.
        once: whether the end of its input ends the program's input.
        keys: detach keys; ``b""`` to look for none.
    """

    streams: Collection[int]
    stdin: bool
    stream: bool
    logs: bool
    framed: bool
    once: bool
    keys: bytes = b""


class Client(Protocol):
    """A client's connection; ``RawStream`` in :mod:`hyper_jupyter.engine.http` is one.

    Attributes:
        half_closes: whether it can close its sending half alone and still read output.
        hung_up: ends when it is gone.
    """

    half_closes: bool
    hung_up: asyncio.Future[None]

    async def read(self) -> bytes:
        """Return what it typed; ``b""`` at the end."""

    async def send(self, data: bytes) -> None:
        """Send output to it; raise ConnectionError if it is gone."""


class Attachment:
    """Serves one client until the end of its stream."""

    def __init__(self, client: Client, run: Run, options: AttachOptions) -> None:
        """Deliver all output from now on.

        Args:
            client: its connection; the head of the response was sent, or will be.
            run: the run to attach to.
            options: what the client asks for.
        """
        self._client = client
        self._run = run
        self._options = options
        self._log = run.log
        self._live_from = run.log.end
        self._stop: int | None = None if options.stream else run.log.end
        start = None if options.logs else self._live_from
        self._cursor: Cursor = run.log.cursor(options.streams, start)
        run.log.retain()

    def close(self) -> None:
        """Close the log; call it once, after :meth:`serve`."""
        self._log.close()

    async def serve(self) -> bool:
        """Copy both ways until the end.

        Returns:
            Whether the client used the detach keys.
        """
        output = asyncio.create_task(self._send_output())
        takes_input = self._options.stream and self._options.stdin
        source = asyncio.create_task(self._take_input() if takes_input else self._ignore_input())
        waiting: set[asyncio.Future[Any]] = {output, source, self._client.hung_up}
        detached = gone = False
        try:
            while not output.done():
                await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                if source in waiting and source.done():
                    waiting.discard(source)
                    how = source.result()
                    if how is _InputEnd.DETACHED:
                        detached = True
                        break
                    if how is _InputEnd.FINISHED:
                        self._stop = self._log.end
                        self._log.wake()
                if self._client.hung_up.done():
                    gone = True
                    break
            if output.done():
                output.result()
        except ConnectionError:
            gone = True
        finally:
            output.cancel()
            if takes_input and gone and not source.done():
                await self._take_remaining_input(source)
            source.cancel()
            await asyncio.gather(output, source, return_exceptions=True)
        return detached

    async def _send_output(self) -> None:
        options = self._options
        if not options.streams and not options.stdin:
            return
        lines = Lines(framed=options.framed)
        while True:
            stop = self._stop_position()
            in_past = self._cursor.position < self._live_from
            try:
                piece = self._cursor.read(FRAME_SIZE, self._live_from if in_past else stop)
            except LogGap as gap:
                await self._report(gap)
                continue
            if piece is not None:
                if in_past:  # moby sends the output so far line by line
                    await self._client.send(lines.encode(piece))
                elif options.framed:
                    await self._client.send(encode_frame(piece.stream, piece.data))
                else:
                    await self._client.send(piece.data)
            elif stop is not None and self._cursor.position >= stop:
                return
            elif self._cursor.position >= self._log.end:
                await self._log.changed()

    def _stop_position(self) -> int | None:
        stop, log_end = self._stop, self._run.log_end
        if stop is None or log_end is None:
            return log_end if stop is None else stop
        return min(stop, log_end)

    async def _take_input(self) -> _InputEnd:
        stdin = self._run.stdin
        if stdin is None:
            return await self._ignore_input()
        keys = DetachKeys(self._options.keys) if self._options.keys else None
        while data := await self._client.read():
            detached = False
            if keys is not None:
                data, detached = keys.receive_data(data)
            if data:
                await stdin.write(data)
            if detached:
                return _InputEnd.DETACHED
        if self._options.once:
            await stdin.send_eof()
            return _InputEnd.PASSED_ON
        return _InputEnd.FINISHED

    async def _ignore_input(self) -> _InputEnd:
        while await self._client.read():
            pass
        return _InputEnd.IGNORED if self._client.half_closes else _InputEnd.FINISHED

    async def _take_remaining_input(self, source: asyncio.Task[_InputEnd]) -> None:
        """Pass on what a client sent before it closed."""
        over = asyncio.create_task(self._run.finished.wait())
        try:
            await asyncio.wait({source, over}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            over.cancel()

    async def _report(self, gap: LogGap) -> None:
        """Mark lost output in the stream, so that it is never skipped silently."""
        for mark in gap.pieces():
            stream, text = mark.stream, mark.data
            await self._client.send(encode_frame(stream, text) if self._options.framed else text)
