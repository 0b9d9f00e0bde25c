"""A program's input over a pipe: before, while and after it runs."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator

import pytest

from hyper_jupyter.engine.program.stdin import Stdin
from tests.engine.program.reapers import run

MUCH = 200_000  # bytes; more than a pipe takes


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """Both ends; the write end does not block."""
    program, ours = os.pipe()
    os.set_blocking(ours, False)
    yield program, ours
    for fd in (program, ours):
        try:
            os.close(fd)
        except OSError:
            pass  # a test has closed it, or stdin has


def is_open(fd: int) -> bool:
    try:
        os.fstat(fd)
    except OSError:
        return False
    return True


async def read(fd: int, count: int) -> bytes:
    """Read so many bytes while the loop goes on; fewer at the end."""
    data = b""
    while len(data) < count and (piece := await asyncio.to_thread(os.read, fd, count - len(data))):
        data += piece
    return data


def test_what_is_written_before_the_start_waits_for_it(pipe: tuple[int, int]) -> None:
    async def scenario() -> None:
        stdin = Stdin()
        writing = asyncio.create_task(stdin.write(b"early"))
        await asyncio.sleep(0)
        assert not writing.done()
        stdin.connect(pipe[1], owned=True)
        await writing
        assert os.read(pipe[0], 100) == b"early"
        stdin.close()

    run(scenario())


def test_clients_do_not_mix_within_one_write_and_the_end_comes_last(
    pipe: tuple[int, int],
) -> None:
    async def scenario() -> None:
        stdin = Stdin()
        stdin.connect(pipe[1], owned=True)
        writes = [asyncio.create_task(stdin.write(letter * MUCH)) for letter in (b"a", b"b")]
        writes.append(asyncio.create_task(stdin.send_eof()))
        await asyncio.sleep(0)
        assert not any(write.done() for write in writes)
        assert not stdin.closed
        assert await read(pipe[0], 3 * MUCH) == b"a" * MUCH + b"b" * MUCH
        await asyncio.gather(*writes)
        assert stdin.closed
        assert not is_open(pipe[1])

    run(scenario())


def test_closing_ends_a_write_that_waits_for_room_and_discards_the_rest(
    pipe: tuple[int, int],
) -> None:
    async def scenario() -> None:
        stdin = Stdin()
        stdin.connect(pipe[1], owned=True)
        writing = asyncio.create_task(stdin.write(bytes(MUCH)))
        behind = asyncio.create_task(stdin.write(b"never"))
        await asyncio.sleep(0)
        stdin.close()
        stdin.close()
        await asyncio.gather(writing, behind)
        received = await read(pipe[0], 2 * MUCH)
        assert 0 < len(received) < MUCH
        assert b"never" not in received

    run(scenario())


def test_closing_before_the_start_ends_what_waits_for_it() -> None:
    async def scenario() -> None:
        stdin = Stdin()
        waiting = [asyncio.create_task(each) for each in (stdin.write(b"x"), stdin.send_eof())]
        await asyncio.sleep(0)
        stdin.close()
        await asyncio.gather(*waiting)
        await stdin.write(b"y")
        assert stdin.closed

    run(scenario())


def test_a_program_that_closed_its_input_ends_it(pipe: tuple[int, int]) -> None:
    async def scenario() -> None:
        stdin = Stdin()
        stdin.connect(pipe[1], owned=True)
        os.close(pipe[0])
        await stdin.write(b"x")
        assert stdin.closed
        assert not is_open(pipe[1])

    run(scenario())


def test_a_terminal_s_descriptor_stays_open_for_its_output(pipe: tuple[int, int]) -> None:
    async def scenario() -> None:
        stdin = Stdin()
        stdin.connect(pipe[1], owned=False)
        await stdin.send_eof()
        assert stdin.closed
        assert is_open(pipe[1])

    run(scenario())


def test_a_writer_that_is_cancelled_leaves_the_loop_and_the_next_writer_alone(
    pipe: tuple[int, int],
) -> None:
    async def scenario() -> None:
        stdin = Stdin()
        stdin.connect(pipe[1], owned=True)
        writing = asyncio.create_task(stdin.write(bytes(MUCH)))
        await asyncio.sleep(0)
        writing.cancel()
        await asyncio.wait({writing})
        assert not asyncio.get_running_loop().remove_writer(pipe[1])  # nothing is watched
        following = asyncio.create_task(stdin.write(b"next"))
        await asyncio.sleep(0)
        received = b""
        while not received.endswith(b"next"):
            received += await asyncio.to_thread(os.read, pipe[0], MUCH)
        await following
        stdin.close()

    run(scenario())
