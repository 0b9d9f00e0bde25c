"""Memory for floods: nobody gets what somebody still looks at."""

from __future__ import annotations

import mmap
import os
import warnings
import weakref

import pytest

from hyper_jupyter.session.io import flood_memory
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


def test_pieces_behind_one_that_is_kept_for_long_are_filled_again() -> None:
    memory = FloodMemory()
    kept = fill(memory, 1)
    pieces = {id(fill(memory, number).obj) for number in range(10 * READS)}
    assert kept == b"\1" * READ
    assert len(pieces) <= 3


def test_a_lack_of_memory_is_over_when_there_is_some_again(monkeypatch: pytest.MonkeyPatch) -> None:
    memory = FloodMemory()
    kept = [fill(memory, number) for number in range(READS)]

    def lacks(_: list[mmap.mmap]) -> mmap.mmap:
        raise MemoryError

    with monkeypatch.context() as patched:
        patched.setattr(flood_memory, "_new_piece", lacks)
        for _ in range(2):
            with pytest.raises(MemoryError):
                memory.room(READ)
    kept.append(fill(memory, READS))
    assert [view[0] for view in kept] == list(range(READS + 1))


def test_a_system_that_does_not_say_what_is_free_gets_new_pieces(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Sealed(mmap.mmap):
        def resize(self, size: int) -> None:
            super().resize(size)
            raise OSError(1, "Operation not permitted")

    monkeypatch.setattr(flood_memory.mmap, "mmap", Sealed)
    memory = FloodMemory()
    piece = weakref.ref(fill(memory, 1).obj)
    views = [fill(memory, number) for number in range(2 * READS)]
    assert [view[0] for view in views] == list(range(2 * READS))
    views.clear()
    for number in range(2 * READS):
        fill(memory, number)
    assert piece() is None  # nothing keeps it


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_the_child_of_a_fork_keeps_what_was_there() -> None:
    memory = FloodMemory()
    view = fill(memory, 7)
    filled, done = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # other tests' threads
        child = os.fork()
    if not child:
        os.close(done)
        os.read(filled, 1)  # until the parent has filled it again
        os._exit(0 if view == b"\7" * READ else 1)
    os.close(filled)
    del view
    for _ in range(2 * READS):
        fill(memory, 9)
    os.close(done)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_the_rest_of_a_piece_is_used_if_it_is_worth_a_read() -> None:
    memory = FloodMemory()
    first = fill(memory, 1, PIECE - READ // 4)
    assert len(memory.room(READ)) == READ // 4
    assert fill(memory, 2, READ // 4).obj is first.obj
    assert fill(memory, 3).obj is not first.obj


def test_without_such_memory_it_is_the_usual_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> mmap.mmap:
        raise OSError(12, "Cannot allocate memory")

    monkeypatch.setattr(flood_memory.mmap, "mmap", refuse)
    memory = FloodMemory()
    views = [fill(memory, number) for number in range(2 * READS)]
    assert [view[0] for view in views] == list(range(2 * READS))
    assert {type(view.obj) for view in views} == {bytearray}
