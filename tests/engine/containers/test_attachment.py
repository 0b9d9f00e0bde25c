"""A client attached to a run: what it gets and when its stream ends. The program is the test."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from hyper_jupyter.engine.containers.attachment import FRAME_SIZE, Attachment, AttachOptions
from hyper_jupyter.engine.program.log import Log
from hyper_jupyter.engine.program.run import Run
from hyper_jupyter.protocol import StreamType, encode_frame
from hyper_jupyter.protocol.gap import gap_mark
from tests.engine.program.reapers import run


class ScriptedClient:
    """What it types is put into ``typed``; ``b""`` is the end of it.

    Attributes:
        received: each piece that was sent to it.
        gone: whether sending fails.
    """

    def __init__(self, *, half_closes: bool = True) -> None:
        self.half_closes = half_closes
        self.hung_up: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.typed: asyncio.Queue[bytes] = asyncio.Queue()
        self.received: list[bytes] = []
        self.gone = False
        self._came = asyncio.Event()

    async def read(self) -> bytes:
        typed = await self.typed.get()
        self.typed.task_done()
        return typed

    async def send(self, data: bytes) -> None:
        if self.gone:
            raise ConnectionResetError
        self.received.append(data)
        self._came.set()

    async def gets(self, data: bytes) -> None:
        """Wait until all that came is this."""
        while b"".join(self.received) != data:
            assert data.startswith(b"".join(self.received)), self.received
            self._came.clear()
            await self._came.wait()


class ScriptedStdin:
    """A program's input.

    Attributes:
        taken: all bytes that it was given.
        ended: whether the input has ended.
        gate: input waits for it.
    """

    def __init__(self) -> None:
        self.taken = b""
        self.ended = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()

    async def write(self, data: bytes) -> None:
        await self.gate.wait()
        self.taken += data

    async def send_eof(self) -> None:
        self.ended.set()

    def close(self) -> None:
        self.ended.set()


class Attached:
    """A run with a client that is being served, or will be."""

    def __init__(
        self, *, before: bytes = b"", reads: bool = True, half_closes: bool = True, **options: Any
    ) -> None:
        """Args:
        before: output from before the client came.
        reads: whether the program has an input.
        half_closes: whether the client can.
        options: what it asks for, where that is not all streams from now on.
        """
        self.log = Log()
        self.run = Run(self.log, stdin=False)
        self.stdin = ScriptedStdin()
        if reads:
            self.run.stdin = self.stdin  # type: ignore[assignment]
        if before:
            self.log.append(1, before)
        chosen: dict[str, Any] = {
            "streams": (1, 2), "stdin": True, "stream": True, "logs": False, "framed": False,
            "once": False, **options,
        }  # fmt: skip
        self.client = ScriptedClient(half_closes=half_closes)
        self.attachment = Attachment(self.client, self.run, AttachOptions(**chosen))

    def serve(self) -> asyncio.Task[bool]:
        return asyncio.create_task(self.attachment.serve())

    def close(self) -> None:
        self.attachment.close()
        self.log.close()
        assert self.log._users == 0  # nobody holds its files any more


def scenario(body: Callable[[], Awaitable[None]]) -> None:
    run(body())  # type: ignore[arg-type]


# -- output ----------------------------------------------------------------------------------


@pytest.mark.parametrize("framed", [False, True])
def test_output_from_now_on_comes_to_the_run_s_end(framed: bool) -> None:
    async def body() -> None:
        attached = Attached(before=b"early", framed=framed)
        attached.log.append(1, b"out")
        serving = attached.serve()
        frame = encode_frame(StreamType.STDOUT, b"out") if framed else b"out"
        await attached.client.gets(frame)
        attached.log.append(2, b"err")
        attached.run.finish()
        assert not await serving
        last = encode_frame(StreamType.STDERR, b"err") if framed else b"err"
        assert b"".join(attached.client.received) == frame + last
        attached.close()

    scenario(body)


def test_only_the_streams_that_were_asked_for_come() -> None:
    async def body() -> None:
        attached = Attached(streams=(2,))
        for stream, data in ((1, b"out"), (2, b"err"), (1, b"more")):
            attached.log.append(stream, data)
        attached.run.finish()
        await attached.attachment.serve()
        assert attached.client.received == [b"err"]
        attached.close()

    scenario(body)


def test_the_output_so_far_comes_line_by_line_and_what_follows_as_it_is_read() -> None:
    async def body() -> None:
        attached = Attached(before=b"one\ntwo\nhalf", logs=True, framed=True)
        attached.log.append(1, b" a line\nand\nmore")
        attached.run.finish()
        await attached.attachment.serve()
        pieces = (b"one\n", b"two\n", b"half", b" a line\nand\nmore")
        expected = [encode_frame(StreamType.STDOUT, piece) for piece in pieces]
        assert b"".join(attached.client.received) == b"".join(expected)
        attached.close()

    scenario(body)


def test_no_frame_is_longer_than_moby_s() -> None:
    async def body() -> None:
        attached = Attached(framed=True)
        attached.log.append(1, bytes(FRAME_SIZE + 1))
        attached.run.finish()
        await attached.attachment.serve()
        assert attached.client.received == [
            encode_frame(StreamType.STDOUT, bytes(FRAME_SIZE)),
            encode_frame(StreamType.STDOUT, b"\0"),
        ]
        attached.close()

    scenario(body)


def test_without_the_stream_the_log_up_to_now_is_all() -> None:
    async def body() -> None:
        attached = Attached(before=b"so far", logs=True, stream=False)
        attached.log.append(1, b"later")
        assert not await attached.attachment.serve()
        assert attached.client.received == [b"so far"]
        nothing = Attached(before=b"so far", stream=False)
        assert not await nothing.attachment.serve()
        assert nothing.client.received == []
        for each in (attached, nothing):
            each.close()

    scenario(body)


def test_output_of_the_next_run_does_not_come() -> None:
    async def body() -> None:
        attached = Attached()
        attached.log.append(1, b"this")
        attached.run.finish()
        attached.log.append(1, b"next")
        await attached.attachment.serve()
        assert attached.client.received == [b"this"]
        attached.close()

    scenario(body)


def test_output_that_was_dropped_is_marked_and_the_stream_goes_on() -> None:
    async def body(framed: bool) -> None:
        attached = Attached(framed=framed)
        log = attached.log
        log._segment_size = log._limit = 100
        for _ in range(25):
            log.append(1, bytes(20))
            log.append(2, bytes(20))
        kept = log.count(log.start)
        served = asyncio.ensure_future(attached.attachment.serve())
        for _ in range(5):
            await asyncio.sleep(0)
        log.append(1, b"after")
        attached.run.finish()
        assert not await served
        marks, rest = attached.client.received[:2], attached.client.received[2:]
        reason = "more than 100 bytes were not read yet"
        for stream, mark in enumerate(marks, 1):
            text = gap_mark(kept[stream - 1], stream, reason)
            assert mark == (encode_frame(stream, text) if framed else text)
        assert rest[-1].endswith(b"after")
        attached.close()

    for framed in (True, False):
        scenario(lambda framed=framed: body(framed))  # type: ignore[misc]


def test_a_client_that_wants_nothing_is_done() -> None:
    async def body() -> None:
        attached = Attached(streams=(), stdin=False)
        assert not await attached.attachment.serve()
        attached.close()

    scenario(body)


# -- input, and how it ends ------------------------------------------------------------------


def test_what_is_typed_reaches_the_program_also_without_output() -> None:
    async def body() -> None:
        attached = Attached(streams=())
        serving = attached.serve()
        attached.client.typed.put_nowait(b"a")
        attached.client.typed.put_nowait(b"b")
        attached.client.typed.put_nowait(b"")
        assert not await serving
        assert (attached.stdin.taken, attached.stdin.ended.is_set()) == (b"ab", False)
        attached.close()

    scenario(body)


def test_the_end_of_input_ends_the_stream_after_the_output_so_far() -> None:
    async def body() -> None:
        attached = Attached()
        attached.client.typed.put_nowait(b"")
        attached.log.append(1, b"so far")
        assert not await attached.serve()
        assert b"".join(attached.client.received) == b"so far"
        assert not attached.stdin.ended.is_set()
        attached.close()

    scenario(body)


def test_with_once_the_end_of_input_is_the_program_s_and_output_goes_on() -> None:
    async def body() -> None:
        attached = Attached(once=True)
        serving = attached.serve()
        attached.client.typed.put_nowait(b"all")
        attached.client.typed.put_nowait(b"")
        await attached.stdin.ended.wait()
        attached.log.append(1, b"later")
        await attached.client.gets(b"later")
        assert not serving.done()
        attached.run.finish()
        assert not await serving
        assert attached.stdin.taken == b"all"
        attached.close()

    scenario(body)


def test_the_detach_keys_end_the_stream_and_are_not_typed() -> None:
    async def body() -> None:
        attached = Attached(keys=b"\x10\x11")
        serving = attached.serve()
        attached.client.typed.put_nowait(b"ab\x10")
        attached.client.typed.put_nowait(b"\x11c")
        assert await serving
        assert (attached.stdin.taken, attached.stdin.ended.is_set()) == (b"ab", False)
        attached.close()

    scenario(body)


@pytest.mark.parametrize("options", [{"stdin": False}, {"reads": False}], ids=str)
@pytest.mark.parametrize("half_closes", [True, False])
def test_input_that_is_for_nobody_is_ignored_and_its_end_where_it_says_nothing(
    options: dict[str, Any], half_closes: bool
) -> None:
    async def body() -> None:
        attached = Attached(half_closes=half_closes, **options)
        serving = attached.serve()
        attached.client.typed.put_nowait(b"ignored")
        attached.client.typed.put_nowait(b"")
        await attached.client.typed.join()
        if half_closes:
            attached.log.append(1, b"still")
            await attached.client.gets(b"still")
            assert not serving.done()
            attached.run.finish()
        assert not await serving
        assert attached.stdin.taken == b""
        attached.close()

    scenario(body)


def test_input_of_a_request_without_the_stream_is_ignored() -> None:
    async def body() -> None:
        attached = Attached(stream=False, once=True)
        attached.client.typed.put_nowait(b"x")
        attached.client.typed.put_nowait(b"")
        await attached.attachment.serve()
        for _ in range(5):
            await asyncio.sleep(0)
        assert (attached.stdin.taken, attached.stdin.ended.is_set()) == (b"", False)
        attached.close()

    scenario(body)


# -- clients that go -------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["hangs up", "cannot be sent to"])
def test_a_client_that_is_gone_ends_it(how: str) -> None:
    async def body() -> None:
        attached = Attached(stdin=False)
        serving = attached.serve()
        await asyncio.sleep(0)
        if how == "hangs up":
            attached.client.hung_up.set_result(None)
        else:
            attached.client.gone = True
            attached.log.append(1, b"x")
        assert not await serving
        attached.close()

    scenario(body)


def test_what_a_client_sent_before_it_went_is_still_passed_on() -> None:
    async def body() -> None:
        attached = Attached(once=True)
        serving = attached.serve()
        attached.stdin.gate.clear()  # the program does not read yet
        attached.client.typed.put_nowait(b"last ")
        attached.client.typed.put_nowait(b"words")
        attached.client.typed.put_nowait(b"")
        await asyncio.sleep(0)
        attached.client.hung_up.set_result(None)
        await asyncio.wait({serving}, timeout=0.05)
        assert not serving.done()
        attached.stdin.gate.set()
        assert not await serving
        assert (attached.stdin.taken, attached.stdin.ended.is_set()) == (b"last words", True)
        attached.close()

    scenario(body)


def test_input_that_nobody_will_read_is_dropped_with_the_run_s_end() -> None:
    async def body() -> None:
        attached = Attached()
        serving = attached.serve()
        attached.stdin.gate.clear()
        attached.client.typed.put_nowait(b"never")
        await asyncio.sleep(0)
        attached.client.hung_up.set_result(None)
        await asyncio.sleep(0)
        attached.run.finish()
        assert not await serving
        assert attached.stdin.taken == b""
        attached.close()

    scenario(body)


def test_being_cancelled_leaves_no_task_behind() -> None:
    async def body() -> None:
        before = asyncio.all_tasks()
        attached = Attached()
        serving = attached.serve()
        await asyncio.sleep(0)
        serving.cancel()
        await asyncio.wait({serving})
        assert asyncio.all_tasks() == before
        attached.close()

    scenario(body)
