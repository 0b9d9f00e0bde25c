"""Requests of pages: in order, once each, answered."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from hyper_jupyter.exceptions import Conflict
from hyper_jupyter.widgets.page.input_history import ENTRIES, SIZE, input_history
from hyper_jupyter.widgets.page.requests import HELD, Requests
from tests.widgets.fakes import ScriptedContainer, ScriptedSession


class Bench:
    """A session, what the pages ask of it, and the answers."""

    def __init__(self, container: str = "", *, tty: bool = False) -> None:
        self.session = ScriptedSession(tty=tty)
        self.session.container = ScriptedContainer(id=container or uuid.uuid4().hex)
        self.replies: list[tuple[str, int, str | None]] = []
        typed = input_history(self.session.host, self.session.container.id)
        self.requests = Requests(self.session, typed, self._reply, tty=tty)

    def _reply(self, page: str, n: int, error: str | None) -> None:
        self.replies.append((page, n, error))

    def line(
        self, n: int, data: str, page: str = "p", *, end: bool = True, hidden: bool = False
    ) -> None:
        self.requests.receive(
            {
                "type": "input",
                "page": page,
                "n": n,
                "seen": 0,
                "data": data,
                "line": True,
                "end": end,
                "hidden": hidden,
                "binary": False,
            }
        )


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_line_is_sent_and_answered(bench: Bench) -> None:
    bench.line(1, "ls")
    assert bench.session.sent == [b"ls\n"]
    assert bench.replies == [("p", 1, None)]


def test_keys_go_as_utf_8_and_binary_reports_as_bytes(bench: Bench) -> None:
    keys: dict[str, Any] = {
        "type": "input",
        "page": "p",
        "line": False,
        "end": False,
        "hidden": False,
    }
    bench.requests.receive({**keys, "n": 1, "data": "é", "binary": False})  # type: ignore[arg-type]
    bench.requests.receive({**keys, "n": 2, "data": "\x1b[M\xe9", "binary": True})  # type: ignore[arg-type]
    assert bench.session.sent == [b"\xc3\xa9", b"\x1b[M\xe9"]


def test_requests_that_overtook_one_another_are_put_in_order(bench: Bench) -> None:
    for n, data in ((2, "b"), (3, "c"), (1, "a")):
        bench.line(n, data)
    assert bench.session.sent == [b"a\n", b"b\n", b"c\n"]
    assert [n for _, n, _ in bench.replies] == [1, 2, 3]


def test_a_request_that_comes_twice_is_applied_once_and_answered_twice(bench: Bench) -> None:
    bench.line(1, "a")
    bench.line(1, "a")
    assert bench.session.sent == [b"a\n"]
    assert bench.replies == [("p", 1, None), ("p", 1, None)]


def test_a_request_that_waits_twice_is_applied_once(bench: Bench) -> None:
    for n in (2, 2, 1):
        bench.line(n, str(n))
    assert bench.session.sent == [b"1\n", b"2\n"]


def test_each_page_counts_for_itself(bench: Bench) -> None:
    bench.line(1, "a", page="one")
    bench.line(1, "b", page="two")
    assert bench.session.sent == [b"a\n", b"b\n"]


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
    for n, data in enumerate(("ls", "ls", "", "y" * (SIZE + 1), "cat"), start=1):
        bench.line(n, data)
    bench.line(1, "again")
    bench.requests.receive(
        {
            "type": "input", "page": "p", "n": 6, "seen": 0,
            "data": "k", "line": False, "end": False, "hidden": False, "binary": False,
        }
    )  # fmt: skip
    assert bench.requests.typed() == ["ls", "cat"]


def test_only_so_many_typed_lines_are_remembered(bench: Bench) -> None:
    for n in range(1, ENTRIES + 3):
        bench.line(n, f"line {n}")
    assert len(bench.requests.typed()) == ENTRIES
    assert bench.requests.typed()[0] == "line 3"


def test_a_refused_line_is_not_remembered(bench: Bench) -> None:
    bench.session.refuse = "stdin is not open"
    bench.line(1, "ls")
    assert bench.requests.typed() == []


def test_a_new_session_of_the_container_knows_what_was_typed_into_it(bench: Bench) -> None:
    bench.line(1, "ls")
    again, other = Bench(bench.session.container.id), Bench()
    again.line(1, "cat")
    assert again.requests.typed() == bench.requests.typed() == ["ls", "cat"]
    assert other.requests.typed() == []


def test_hidden_input_is_sent_and_remembered_nowhere(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    bench.line(1, "secret", hidden=True)
    bench.session.refuse = "it does not read"
    bench.line(2, "secret", hidden=True)
    assert bench.session.sent == [b"secret\n"]
    assert bench.session.hidden == [True]
    assert bench.requests.typed() == []
    assert bench.replies == [("p", 1, None), ("p", 2, "it does not read")]
    assert "secret" not in caplog.text


def test_several_lines_go_in_one_piece_and_are_one_entry(bench: Bench) -> None:
    bench.line(1, "for i in 1 2\ndo echo $i\ndone")
    assert bench.session.sent == [b"for i in 1 2\ndo echo $i\ndone\n"]
    assert bench.requests.typed() == ["for i in 1 2\ndo echo $i\ndone"]


def test_on_a_terminal_every_line_ends_as_with_enter() -> None:
    bench = Bench(tty=True)
    bench.line(1, "one\ntwo")
    bench.line(2, "three\nfour", end=False)
    assert bench.session.sent == [b"one\rtwo\r", b"three\rfour"]


def test_text_without_a_line_end_goes_as_it_is_and_is_remembered(bench: Bench) -> None:
    bench.line(1, "y", end=False)
    assert bench.session.sent == [b"y"]
    assert bench.requests.typed() == ["y"]


def test_signals_and_attaching_again_reach_the_session_once(bench: Bench) -> None:
    for _ in range(2):
        bench.requests.receive({"type": "signal", "page": "p", "n": 1, "seen": 0, "signal": "USR1"})
        bench.requests.receive({"type": "again", "page": "p", "n": 2, "seen": 0, "start": True})
    assert bench.session.signals == ["USR1"]
    assert bench.session.returned == [True]
    assert bench.replies == [("p", 1, None), ("p", 2, None)] * 2
