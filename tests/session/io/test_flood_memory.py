"""Memory for floods: nobody gets what somebody still looks at."""

from __future__ import annotations

import mmap

import pytest

from hyper_jupyter.session.io.flood_memory import PIECE, FloodMemory

READ = 256 * 1024
READS = PIECE // READ

pytestmark = pytest.mark.skipif(not hasattr(mmap, "MADV_HUGEPAGE"), reason="Linux only")


def fill(memory: FloodMemory, byte: int, size: int = READ) -> memoryview:
    """Read so many bytes into memory."""
    room = memory.room(size)
    room[:size] = bytes([byte]) * size
    return memory.take(size)


def test_what_is_taken_cannot_be_written_to() -> None:
    memory = FloodMemory()
    taken = fill(memory, 7)
    assert taken.readonly
    assert taken == bytes([7]) * READ


def test_what_is_looked_at_is_never_filled_again() -> None:
    memory = FloodMemory()
    views = [fill(memory, number) for number in range(3 * READS)]
    assert [view[0] for view in views] == list(range(3 * READS))
    assert len({id(view.obj) for view in views}) == 3


@pytest.mark.parametrize("size", [1, READ])
def test_one_view_of_a_piece_keeps_all_of_it(size: int) -> None:
    memory = FloodMemory()
    kept = fill(memory, 1)[:size]
    for _ in range(3 * READS):
        fill(memory, 2)
    assert kept == b"\1" * size


def test_a_piece_that_nobody_looks_at_is_filled_again() -> None:
    memory = FloodMemory()
    pieces = set()
    kept: list[memoryview] = []
    for number in range(10 * READS):
        kept = [*kept[-READS:], fill(memory, number)]
        pieces.add(id(kept[-1].obj))
    assert len(pieces) <= 3


def test_the_rest_of_a_piece_is_used_if_it_is_worth_a_read() -> None:
    memory = FloodMemory()
    first = fill(memory, 1, PIECE - READ // 4)
    assert len(memory.room(READ)) == READ // 4
    assert fill(memory, 2, READ // 4).obj is first.obj
    assert fill(memory, 3).obj is not first.obj


def test_without_such_memory_it_is_the_usual_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> mmap.mmap:
        raise OSError(12, "Cannot allocate memory")

    monkeypatch.setattr("hyper_jupyter.session.io.flood_memory.mmap.mmap", refuse)
    memory = FloodMemory()
    views = [fill(memory, number) for number in range(2 * READS)]
    assert [view[0] for view in views] == list(range(2 * READS))
    assert {type(view.obj) for view in views} == {bytearray}
