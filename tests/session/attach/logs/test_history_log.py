"""What is kept of the end of a log."""

from __future__ import annotations

import pytest

from hyper_jupyter.protocol import Output, StreamType
from hyper_jupyter.session.attach.logs import history_log
from hyper_jupyter.session.attach.logs.history_log import _Reader


def lines(*texts: bytes) -> list[Output]:
    return [Output(StreamType.STDOUT, text) for text in texts]


@pytest.mark.parametrize(
    ("limit", "value"), [("_MOST", 6), ("_MOST_LINES", 3)], ids=["bytes", "lines"]
)
def test_a_log_is_kept_up_to_a_limit_from_its_end(
    monkeypatch: pytest.MonkeyPatch, limit: str, value: int
) -> None:
    monkeypatch.setattr(history_log, limit, value)
    reader = _Reader(newest=True, stop_after=None)
    reader.receive_output(lines(b"1\n", b"2\n"))
    reader.receive_output(lines(b"3\n", b"4\n", b"5\n"))
    assert not reader.done.is_set()
    assert reader.dropped
    assert [entry.data for entry in reader.close()] == [b"3\n", b"4\n", b"5\n"]


@pytest.mark.parametrize(
    ("limit", "value"), [("_MOST", 6), ("_MOST_LINES", 3)], ids=["bytes", "lines"]
)
def test_last_lines_that_are_too_many_end_the_reading(
    monkeypatch: pytest.MonkeyPatch, limit: str, value: int
) -> None:
    monkeypatch.setattr(history_log, limit, value)
    reader = _Reader(newest=False, stop_after=None)
    reader.receive_output(lines(b"1\n", b"2\n", b"3\n"))
    assert not reader.done.is_set()
    reader.receive_output(lines(b"4\n"))
    assert reader.done.is_set()
    assert not reader.dropped
    reader.receive_output(lines(b"5\n"))
    assert len(reader.close()) == 4
