"""Requests of pages: in order, once each, answered."""

from __future__ import annotations

from typing import Any

import pytest

from hyper_jupyter.exceptions import Conflict
from hyper_jupyter.widgets.requests import HELD, HISTORY, LINE, Requests
from tests.widgets.fakes import ScriptedSession


class Bench:
    def __init__(self) -> None:
        self.session = ScriptedSession()
        self.replies: list[tuple[str, int, str | None]] = []
        self.requests = Requests(self.session, self._reply)

    def _reply(self, page: str, n: int, error: str | None) -> None:
        self.replies.append((page, n, error))

    def line(self, n: int, data: str, page: str = "p") -> None:
        self.requests.receive(
            {
                "type": "input",
                "page": page,
                "n": n,
                "seen": 0,
                "data": data,
                "line": True,
                "binary": False,
            }
        )


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_line_is_sent_and_answered(bench: Bench) -> None:
    bench.line(1, "ls")
    assert bench.session.sent == ["ls\n"]
    assert bench.replies == [("p", 1, None)]


def test_keys_go_as_utf_8_and_binary_reports_as_bytes(bench: Bench) -> None:
    keys: dict[str, Any] = {"type": "input", "page": "p", "line": False}
    bench.requests.receive({**keys, "n": 1, "data": "é", "binary": False})  # type: ignore[arg-type]
    bench.requests.receive({**keys, "n": 2, "data": "\x1b[M\xe9", "binary": True})  # type: ignore[arg-type]
    assert bench.session.sent == [b"\xc3\xa9", b"\x1b[M\xe9"]


def test_requests_that_overtook_one_another_are_put_in_order(bench: Bench) -> None:
    for n, data in ((2, "b"), (3, "c"), (1, "a")):
        bench.line(n, data)
    assert bench.session.sent == ["a\n", "b\n", "c\n"]
    assert [n for _, n, _ in bench.replies] == [1, 2, 3]


def test_a_request_that_comes_twice_is_applied_once_and_answered_twice(bench: Bench) -> None:
    bench.line(1, "a")
    bench.line(1, "a")
    assert bench.session.sent == ["a\n"]
    assert bench.replies == [("p", 1, None), ("p", 1, None)]


def test_a_request_that_waits_twice_is_applied_once(bench: Bench) -> None:
    for n in (2, 2, 1):
        bench.line(n, str(n))
    assert bench.session.sent == ["1\n", "2\n"]


def test_each_page_counts_for_itself(bench: Bench) -> None:
    bench.line(1, "a", page="one")
    bench.line(1, "b", page="two")
    assert bench.session.sent == ["a\n", "b\n"]


def test_a_refusal_is_the_answer_and_stays_the_answer(bench: Bench) -> None:
    bench.session.refuse = "stdin is closed"
    bench.line(1, "a")
    bench.line(1, "a")
    assert bench.replies == [("p", 1, "stdin is closed")] * 2


def test_the_next_step_is_part_of_the_answer(bench: Bench) -> None:
    def refuse(data: bytes) -> None:
        raise Conflict(409, "it is paused", hint="Unpause it first.")

    bench.session.on_send = refuse
    bench.line(1, "a")
    assert bench.replies == [("p", 1, "it is paused. Unpause it first.")]


def test_an_unexpected_error_is_an_answer_too_and_the_next_request_works(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(data: bytes) -> None:
        bench.session.on_send = lambda data: None
        raise ValueError("odd")

    bench.session.on_send = fail
    bench.line(1, "a")
    bench.line(2, "b")
    assert bench.replies == [("p", 1, "ValueError: odd"), ("p", 2, None)]
    assert "a request of the page failed" in caplog.text


def test_eof_and_detach_reach_the_session(bench: Bench) -> None:
    bench.requests.receive({"type": "eof", "page": "p", "n": 1, "seen": 0})
    bench.requests.receive({"type": "detach", "page": "p", "n": 2, "seen": 0})
    assert bench.session.calls == ["send_eof", "detach"]


def test_what_is_held_for_a_missing_request_is_bounded(bench: Bench) -> None:
    for n in range(2, HELD + 10):
        bench.line(n, "x")
    bench.line(1, "x")
    assert len(bench.session.sent) == HELD + 1


def test_typed_lines_are_remembered_keys_and_repetitions_are_not(bench: Bench) -> None:
    for n, data in enumerate(("ls", "ls", "", "y" * (LINE + 1), "cat"), start=1):
        bench.line(n, data)
    bench.line(1, "again")
    bench.requests.receive(
        {
            "type": "input", "page": "p", "n": 6, "seen": 0,
            "data": "k", "line": False, "binary": False,
        }
    )  # fmt: skip
    assert bench.requests.typed() == ["ls", "cat"]


def test_only_so_many_typed_lines_are_remembered(bench: Bench) -> None:
    for n in range(1, HISTORY + 3):
        bench.line(n, f"line {n}")
    assert len(bench.requests.typed()) == HISTORY
    assert bench.requests.typed()[0] == "line 3"


def test_a_refused_line_is_not_remembered(bench: Bench) -> None:
    bench.session.refuse = "stdin is not open"
    bench.line(1, "ls")
    assert bench.requests.typed() == []
