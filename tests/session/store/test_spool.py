"""The spool: a ring on the disk, bounded, and without a name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import IO

import pytest

from hyper_jupyter.protocol import StreamType
from hyper_jupyter.session.store.journal import Journal
from hyper_jupyter.session.store.spool import Spool
from tests.session.store.disks import RoomyDisk

OUT, ERR = StreamType.STDOUT, StreamType.STDERR


def test_the_spool_has_no_name(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    journal = Journal(16)
    journal.append(OUT, bytes(1000))
    file: IO[bytes] | None = journal._spool._file
    assert file is not None
    assert list(tmp_path.iterdir()) == []  # type: ignore[attr-defined]
    assert journal.read(OUT, 0, 2000) == bytes(1000)


def test_the_disk_is_looked_at_once_for_some_growth() -> None:
    looks = []

    def free(folder: str) -> int:
        looks.append(folder)
        return 1 << 40

    spool = Spool(free=free)
    for _ in range(64):
        spool.append([bytes(1024 * 1024)])
    assert spool.end == 64 * 1024 * 1024
    assert 2 <= len(looks) <= 8


def test_a_write_that_is_cut_short_goes_on_where_it_stopped() -> None:
    class Halving(Spool):
        """Its file takes half of what is offered."""

        def _write(self, offset: int, blocks: Sequence[bytes | bytearray | memoryview]) -> int:
            whole = b"".join(blocks)
            return super()._write(offset, [whole[: len(whole) // 2 + 1]])

    spool = Halving(free=RoomyDisk())
    spool.append([b"abc", b"d", b"efgh"])
    spool.append([b"ij"])
    assert spool.read(0, 100) == b"abcdefghij"


def test_blocks_go_round_the_end_of_the_ring() -> None:
    spool = Spool(10, RoomyDisk())
    spool.append([b"abcd", b"efg"])
    spool.append([b"hi", b"jk", b"l"])
    assert (spool.start, spool.end) == (2, 12)
    assert spool.read(2, 100) == b"cdefghijkl"
