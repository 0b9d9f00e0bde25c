"""How a magic shows the session that it has attached: as a widget, printed, or in the terminal."""

from __future__ import annotations

import argparse
from types import SimpleNamespace
from typing import Any

import pytest

from hyper_jupyter.magics import notebook as module
from hyper_jupyter.session import State


class Shown:
    """A session, and what became of it.

    Attributes:
        done: each step, in order.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, terminal: bool, is_there: bool) -> None:
        self.done: list[Any] = []
        self.eof = ""
        self.kind = "attach"
        self.wants = frozenset({"stdin", "stdout", "stderr"})
        self.state = State.ATTACHED
        monkeypatch.setattr(module, "is_terminal", lambda: terminal)
        done = self.done

        class ScriptedTerminal:
            def __init__(self, _: object) -> None:
                self.run = lambda: done.append("terminal")

            @staticmethod
            def is_there() -> bool:
                return is_there

        class ScriptedPrintout:
            def __init__(self, _: object) -> None:
                self.run = lambda timeout: done.append(("printed", timeout))
                self.say = lambda text: done.append(("said", text))

        monkeypatch.setattr(module, "Terminal", ScriptedTerminal)
        monkeypatch.setattr(module, "Printout", ScriptedPrintout)

    def mark_shown(self) -> None:
        self.done.append("marked")

    def show(self, layout: str | None, *, rows: int | None, place: str) -> None:
        self.done.append(("widget", layout, rows, place))

    def save_at_end(self, file: str) -> None:
        self.done.append(("saved at the end", file))

    def save(self, file: str) -> None:
        self.done.append(("saved", file))

    def send_line(self, line: str) -> None:
        self.done.append(("line", line))

    def send_eof(self) -> None:
        self.done.append("eof")

    def controls(self) -> Any:
        return SimpleNamespace(eof=self.eof, stdin="")


def display(shown: Any, lines: tuple[str, ...] = (), **arguments: Any) -> list[Any]:
    module._display(shown, argparse.Namespace(**arguments), lines)
    return list(shown.done)


@pytest.mark.parametrize(
    ("terminal", "is_there", "arguments", "expected"),
    [
        (False, False, {}, [("widget", None, None, "cell")]),
        (False, True, {"wait": False}, [("widget", None, None, "cell")]),
        (
            False,
            False,
            {"save": "a.cast"},
            [("saved at the end", "a.cast"), ("widget", None, None, "cell")],
        ),
        (False, False, {"wait": True, "save": "a"}, ["marked", ("printed", None), ("saved", "a")]),
        (True, True, {"save": "a.cast"}, [("saved at the end", "a.cast"), "marked", "terminal"]),
        (
            False,
            False,
            {"layout": "tabs", "height": 5, "place": "tab"},
            [("widget", "tabs", 5, "tab")],
        ),
        (False, False, {"wait": True}, ["marked", ("printed", None)]),
        (False, False, {"wait": True, "timeout": 3.0}, ["marked", ("printed", 3.0)]),
        (True, True, {}, ["marked", "terminal"]),
        (True, True, {"wait": True}, ["marked", ("printed", None)]),
        (True, False, {}, ["marked", ("printed", None)]),
    ],
    ids=str,
)
def test_a_session_is_shown_in_one_way(
    monkeypatch: pytest.MonkeyPatch,
    terminal: bool,
    is_there: bool,
    arguments: dict[str, Any],
    expected: list[Any],
) -> None:
    shown = Shown(monkeypatch, terminal=terminal, is_there=is_there)
    assert display(shown, **arguments) == expected


def test_the_cell_s_lines_are_typed_and_their_end_too_where_it_can_be(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    typed = [("line", "a"), ("line", "b")]
    shown = Shown(monkeypatch, terminal=False, is_there=False)
    assert display(shown, ("a", "b")) == [("widget", None, None, "cell"), *typed]
    shown.done.clear()
    assert display(shown, ("a", "b"), wait=True) == ["marked", *typed, "eof", ("printed", None)]
    shown.done.clear()
    shown.eof = "not by WebSocket"
    reason = "its input cannot be ended, so this waits until the container ends: not by WebSocket"
    assert display(shown, ("a",), wait=True) == [
        "marked", ("line", "a"), ("said", reason), ("printed", None),
    ]  # fmt: skip


def test_a_session_is_saved_even_if_it_did_not_end_in_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shown = Shown(monkeypatch, terminal=False, is_there=False)

    class Late:
        def __init__(self, _: object) -> None:
            pass

        def run(self, timeout: float | None) -> None:
            raise TimeoutError("it did not end in 3 s")

    monkeypatch.setattr(module, "Printout", Late)
    with pytest.raises(TimeoutError):
        display(shown, wait=True, timeout=3.0, save="a.cast")
    assert shown.done == ["marked", ("saved", "a.cast")]


@pytest.mark.parametrize(
    ("stdin", "ended"), [(True, ["eof"]), (False, [])], ids=["with stdin", "without"]
)
def test_an_exec_that_is_waited_for_has_no_more_input(
    monkeypatch: pytest.MonkeyPatch, stdin: bool, ended: list[Any]
) -> None:
    shown = Shown(monkeypatch, terminal=False, is_there=False)
    shown.kind = "exec"
    if not stdin:
        shown.wants = frozenset({"stdout", "stderr"})
    assert display(shown, wait=True) == ["marked", *ended, ("printed", None)]
    shown.done.clear()
    assert display(shown) == [("widget", None, None, "cell")]
