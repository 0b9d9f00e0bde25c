"""The spool: a ring on the disk, bounded, and without a name."""

from __future__ import annotations

import errno
import gc
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from typing import IO, NamedTuple

import pytest

from hyper_jupyter.protocol import StreamType
from hyper_jupyter.session.store import spool as spool_module
from hyper_jupyter.session.store.journal import Journal
from hyper_jupyter.session.store.spool import Spool, free_bytes
from tests.session.store.disks import FullDisk, RoomyDisk

OUT = StreamType.STDOUT


class Usage(NamedTuple):
    """Of a disk, as the system tells it."""

    total: int
    used: int
    free: int


def test_the_spool_has_no_name(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    journal = Journal(16)
    journal.append(OUT, bytes(1000))
    file: IO[bytes] | None = journal._spool._file
    assert file is not None
    assert list(tmp_path.iterdir()) == []  # type: ignore[attr-defined]
    assert journal.read(OUT, 0, 2000) == bytes(1000)


@pytest.mark.skipif(not hasattr(os, "pread"), reason="only systems that fork")
def test_reading_leaves_the_file_s_position_alone_which_a_fork_shares() -> None:
    spool = Spool(10, RoomyDisk())
    spool.append([b"abcdefgh"])
    spool.append([b"ijkl"])
    file = spool._file
    assert file is not None
    file.seek(3)
    assert spool.read(2, 100) == b"cdefghijkl"
    assert file.tell() == 3


def test_the_end_of_the_interpreter_closes_no_file_that_is_still_written() -> None:
    code = """
import atexit
from hyper_jupyter.session.store.spool import Spool
spool = Spool()
atexit.register(lambda: (spool.append([b"b"]), print(spool.read(0, 2))))
spool.append([b"a"])  # weakref registers its own exit function later, so it runs earlier
"""
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert (done.stdout, done.stderr) == ("b'ab'\n", "")


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


def test_positions_go_on_where_the_ring_has_come_round_often() -> None:
    spool = Spool(7, RoomyDisk())
    data = bytes(range(100))
    for begin in range(0, 100, 3):
        spool.append([data[begin : begin + 3]])
        assert spool.end == min(begin + 3, 100)
        assert spool.start == max(0, spool.end - 7)
        assert spool.read(spool.start, 100) == data[spool.start : spool.end]
    assert spool.problem == ""


def test_more_at_once_than_the_ring_holds_leaves_its_end() -> None:
    spool = Spool(10, RoomyDisk())
    data = bytes(range(37))
    spool.append([data[:5], data[5:]])
    assert (spool.start, spool.end) == (27, 37)
    assert spool.read(27, 10) == data[27:]


def test_as_much_as_the_ring_holds_drops_nothing() -> None:
    spool = Spool(10, RoomyDisk())
    spool.append([bytes(10)])
    assert (spool.start, spool.end) == (0, 10)
    spool.append([b"x"])
    assert (spool.start, spool.end) == (1, 11)


def test_a_piece_is_read_from_anywhere_and_ends_with_the_spool() -> None:
    spool = Spool(10, RoomyDisk())
    spool.append([b"0123456789abc"])
    assert [spool.read(at, 3) for at in (3, 8, 9, 11, 13)] == [b"345", b"89a", b"9ab", b"bc", b""]


def test_what_goes_is_told_before_it_goes() -> None:
    told: list[tuple[int, int, bytes]] = []

    def before_drop(position: int) -> None:
        told.append((position, spool.start, spool.read(spool.start, position - spool.start)))

    spool = Spool(4, RoomyDisk())
    spool.append([b"abcd"], before_drop)
    assert told == []
    spool.append([b"ef"], before_drop)
    assert told == [(2, 0, b"ab")]
    spool.append([b"g"], before_drop)
    assert told == [(2, 0, b"ab"), (3, 2, b"c")]


def test_a_disk_that_takes_no_more_makes_a_ring_of_what_it_took() -> None:
    spool = FullDisk(6)
    data = bytes(range(20))
    for begin in range(0, 20, 2):
        spool.append([data[begin : begin + 2]])
    where = tempfile.gettempdir()
    assert spool.problem == f"writing to the disk of {where} failed: No space left on device"
    assert (spool.start, spool.end) == (14, 20)
    assert spool.read(14, 6) == data[14:]


def test_a_disk_that_takes_nothing_keeps_nothing_and_counts_all() -> None:
    told: list[int] = []
    spool = FullDisk(0)
    for data in (b"abc", b"d"):
        spool.append([data], told.append)
    assert (spool.start, spool.end) == (4, 4)
    assert (spool.read(4, 10), told) == (b"", [3, 4])
    assert spool.problem


def test_the_reserve_of_a_disk_is_a_tenth_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def disk_usage(folder: str) -> Usage:
        asked.append(folder)
        return Usage(total=1000, used=300, free=700)

    monkeypatch.setattr("shutil.disk_usage", disk_usage)
    assert free_bytes("/spools") == 600
    assert asked == ["/spools"]


def test_a_disk_that_cannot_be_looked_at_is_tried() -> None:
    def unknown(folder: str) -> int:
        raise OSError(errno.ENOENT, "No such file or directory")

    spool = Spool(free=unknown)
    spool.append([b"abc"])
    assert (spool.read(0, 3), spool.problem) == (b"abc", "")


def test_a_disk_at_its_reserve_makes_a_ring_of_what_it_gave() -> None:
    disk = RoomyDisk(4)
    spool = Spool(free=disk)
    spool.append([b"abcd"])
    disk.room = 0
    spool.append([b"ef"])
    where = tempfile.gettempdir()
    assert spool.problem == f"less than 10% of the disk of {where} would stay free"
    assert (spool.start, spool.end) == (2, 6)
    assert spool.read(2, 4) == b"cdef"


def test_where_no_folder_takes_a_file_all_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere() -> str:
        raise FileNotFoundError(errno.ENOENT, "No usable temporary directory found")

    monkeypatch.setattr("tempfile.gettempdir", nowhere)
    monkeypatch.setattr("tempfile.tempdir", "/nowhere/at/all")
    spool = Spool(free=lambda _: 100)
    spool.append([b"abc"])
    assert (spool.start, spool.end) == (3, 3)
    assert spool.problem.startswith("writing to the disk of temporary files failed: ")


def test_its_file_is_closed_with_it() -> None:
    spool = Spool(free=RoomyDisk())
    spool.append([b"abc"])
    file = spool._file
    assert file is not None
    del spool
    gc.collect()
    assert file.closed


@pytest.mark.parametrize("full_at", [0, 6, 7])
@pytest.mark.parametrize("piece", [1, 2, 5, 16])
def test_a_disk_that_has_room_again_is_used_again(
    monkeypatch: pytest.MonkeyPatch, full_at: int, piece: int
) -> None:
    monkeypatch.setattr(spool_module, "_GRANT", 8)
    spool = FullDisk(full_at)
    data = bytes(range(200))

    def write(begin: int, end: int) -> None:
        for at in range(begin, end, piece):
            spool.append([data[at : min(at + piece, end)]])
            assert spool.read(spool.start, 200) == data[spool.start : spool.end]

    write(0, 60)
    assert (spool.stopped, spool.end - spool.start) == (True, full_at)
    spool.limit = 1000
    write(60, 80)
    assert not spool.stopped
    first = spool.start
    write(80, 200)
    assert (spool.start, spool.end) == (first, 200)  # nothing more was dropped
    assert first <= 80
    assert "No space left" in spool.problem  # why the oldest are gone


def test_a_disk_that_stays_full_is_looked_at_now_and_then(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(spool_module, "_GRANT", 8)
    rooms: list[int] = []

    def room(_: str) -> int:
        rooms.append(0 if rooms else 8)
        return rooms[-1]

    spool = Spool(free=room)
    spool.append([b"abcdefgh"])
    for _ in range(32):
        spool.append([b"x"])
    assert len(rooms) == 5  # at the start, to grow, and after each eighth byte
    assert spool.read(spool.start, 9) == b"x" * 8


def test_a_file_that_failed_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool_module, "_GRANT", 8)
    spool = FullDisk(4)
    spool.append([b"abcd"])
    spool.append([b"e"])
    spool.limit = 0  # now writing inside the file fails
    spool.append([b"fghijkl"])
    assert (spool.start, spool.end) == (12, 12)
    failed = spool._file
    spool.limit = 100
    spool.append([b"01234567"])
    spool.append([b"89"])
    assert spool.read(spool.start, 20) == b"89"
    assert spool._file is not failed
    assert failed is not None
    assert failed.closed
