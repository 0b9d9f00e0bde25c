"""Marks among the output of a session that has IPython's own terminal, without a terminal."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from hyper_jupyter.magics import terminal as module
from hyper_jupyter.magics.terminal import Terminal
from hyper_jupyter.protocol import StreamType
from hyper_jupyter.session import Journal
from hyper_jupyter.session.store.marks import MarkKind, Marks

OUT = StreamType.STDOUT


class Written:
    """A terminal front end that writes into a pipe, and its session."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._read, self._write = os.pipe()
        pipe = SimpleNamespace(fileno=lambda: self._write)
        files = SimpleNamespace(__stdin__=pipe, __stdout__=pipe, __stderr__=pipe)
        monkeypatch.setattr(module, "sys", files)
        self.journal = Journal()
        self.marks = Marks(self.journal, threading.RLock())
        self.terminal = Terminal(self._session())

    def _session(self) -> Any:
        written = self

        class MarkedSession:
            """As much of a session as its output needs."""

            name, kind, command, tty, detach_keys = "web", "attach", (), True, ""
            journal = written.journal

            @property
            def marks(self) -> Any:
                return written.marks.all

            def controls(self) -> Any:
                return SimpleNamespace(stdin="")

        return MarkedSession()

    def text(self) -> bytes:
        while self.terminal._write_next():
            pass
        os.write(self._write, b"|")
        return os.read(self._read, 65536)[:-1]

    def close(self) -> None:
        os.close(self._read)
        os.close(self._write)


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[Written]:
    made = Written(monkeypatch)
    yield made
    made.close()


def test_a_mark_is_a_line_of_its_own_at_its_place(written: Written) -> None:
    written.journal.append(OUT, b"one\r\n")
    written.marks.add(MarkKind.CUT, "connection cut")
    written.journal.append(OUT, b"$ ")
    written.marks.add(MarkKind.NOTE, "the end")
    expected = b"one\r\n[web: connection cut]\r\n$ \r\n[web: the end]\r\n"
    assert written.text() == expected
    assert written.text() == b""


def test_a_full_screen_program_is_not_disturbed_and_the_mark_is_kept_for_later(
    written: Written,
) -> None:
    written.journal.append(OUT, b"\x1b[?1049h")
    written.marks.add(MarkKind.CUT, "connection cut")
    written.journal.append(OUT, b"file")
    assert written.text() == b"\x1b[?1049hfile"
    assert written.terminal._held == ["[web: connection cut]"]
