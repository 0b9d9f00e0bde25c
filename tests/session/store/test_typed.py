"""What is typed is kept only if that was asked for, and not without end."""

from __future__ import annotations

import threading

from hyper_jupyter.protocol import StreamType
from hyper_jupyter.session.store import typed as module
from hyper_jupyter.session.store.journal import Journal
from hyper_jupyter.session.store.typed import Typed


def test_nothing_is_kept_until_it_is_asked_for() -> None:
    typed = Typed(Journal(), threading.RLock())
    typed.add(b"early", typed.place())
    assert typed.all == ()
    typed.begin()
    typed.add(b"late", typed.place())
    assert [sent.data for sent in typed.all] == [b"late"]


def test_input_has_its_place_in_the_output() -> None:
    journal = Journal()
    typed = Typed(journal, threading.RLock())
    typed.begin()
    journal.append(StreamType.STDOUT, b"$ ")
    place = typed.place()
    journal.append(StreamType.STDOUT, b"echo")
    typed.add(b"e", place)
    assert typed.all[0].position == 2


def test_the_oldest_input_goes_first() -> None:
    typed = Typed(Journal(), threading.RLock())
    typed.begin()
    for number in range(3):
        typed.add(bytes([number]) * (module.MOST // 2), typed.place())
    assert [sent.data[:1] for sent in typed.all] == [b"\2"]
    assert typed.dropped == module.MOST // 2 * 2


def test_single_keys_are_bounded_too() -> None:
    typed = Typed(Journal(), threading.RLock())
    typed.begin()
    place = typed.place()
    for _ in range(module.MOST // 100):
        typed.add(b"k", place)
    assert len(typed.all) * 129 <= module.MOST


def test_input_shows_in_no_repr() -> None:
    typed = Typed(Journal(), threading.RLock())
    typed.begin()
    typed.add(b"not-a-real-password", typed.place())
    assert "password" not in repr(typed.all)
