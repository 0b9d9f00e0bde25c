"""The sizes that a terminal has had."""

from __future__ import annotations

from hyper_jupyter.protocol import StreamType
from hyper_jupyter.session.store import sizes as module
from hyper_jupyter.session.store.journal import Journal
from hyper_jupyter.session.store.sizes import Sizes


def test_a_size_has_its_place_in_the_output() -> None:
    journal = Journal()
    sizes = Sizes(journal, (24, 80))
    journal.append(StreamType.STDOUT, b"four")
    sizes.add(30, 100)
    assert sizes.first == (24, 80)
    assert [size[1:] for size in sizes.all] == [(4, 30, 100)]


def test_the_same_size_again_is_no_change() -> None:
    sizes = Sizes(Journal(), (24, 80))
    for rows in (24, 30, 30, 24):
        sizes.add(rows, 80)
    assert [size.rows for size in sizes.all] == [30, 24]


def test_the_newest_sizes_are_kept() -> None:
    sizes = Sizes(Journal(), (1, 1))
    for columns in range(2, module.MOST + 10):
        sizes.add(1, columns)
    assert len(sizes.all) == module.MOST
    assert sizes.all[-1].columns == module.MOST + 9
