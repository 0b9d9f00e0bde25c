"""A container that prints without end takes a bounded part of the kernel's memory and disk."""

from __future__ import annotations

import os
import tracemalloc

import pytest

from hyper_jupyter.protocol import StreamType
from hyper_jupyter.session.store.journal import Journal
from hyper_jupyter.session.store.spool import Spool
from tests.session.store.disks import RoomyDisk

MEBIBYTE = 1024 * 1024
MEMORY = 1 * MEBIBYTE
DISK = 2 * MEBIBYTE


@pytest.mark.claim("What containers print is bounded in memory, on disk and in what a page holds.")
@pytest.mark.parametrize("size", [200, 64 * 1024], ids=["lines", "blocks"])
def test_output_without_end_is_bounded_in_memory_and_on_disk(size: int) -> None:
    spool = Spool(DISK, RoomyDisk())
    tracemalloc.start()
    try:
        journal = Journal(MEMORY, spool)
        piece = b"x" * (size - 1) + b"\n"
        for _ in range(6 * MEBIBYTE // size):
            journal.append(StreamType.STDOUT, piece)
        assert tracemalloc.get_traced_memory()[1] < 3 * MEMORY
    finally:
        tracemalloc.stop()
    assert spool._file is not None
    assert os.fstat(spool._file.fileno()).st_size <= DISK
    kept = len(journal) - journal.start(StreamType.STDOUT)
    assert DISK <= kept <= DISK + MEMORY + size
