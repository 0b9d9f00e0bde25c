"""Which subshell handles the page's messages."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from hyper_jupyter.widgets import kernel


class ScriptedKernel:
    """Of ipykernel's kernel, what is asked: the current message's header, live subshells."""

    def __init__(self, subshell: str | None, alive: list[str]) -> None:
        self.header = {"subshell_id": subshell}
        manager = SimpleNamespace(list_subshell=lambda: alive)
        self.shell_channel_thread = SimpleNamespace(manager=manager)

    def get_parent(self) -> dict[str, Any]:
        return {"header": self.header}


class RoutedComm:
    """ipykernel 7.4's comm: it sends the page's messages to where it was last published."""

    def _reply_subshell_for(self, data: object, default: str | None) -> str | None:
        return "where it was last published"


@pytest.fixture
def running(monkeypatch: pytest.MonkeyPatch) -> ScriptedKernel:
    scripted = ScriptedKernel("sub", ["sub"])
    monkeypatch.setattr(kernel, "_kernel", lambda: scripted)
    monkeypatch.setattr(kernel, "_last_subshell", None)
    return scripted


@pytest.fixture
def comm(running: ScriptedKernel) -> Any:
    made = RoutedComm()
    kernel.keep_route(made)
    return made


def test_the_pages_own_choice_counts(comm: Any) -> None:
    assert comm._reply_subshell_for({}, "chosen") == "chosen"


def test_without_a_choice_and_a_known_subshell_it_is_the_main_shell(comm: Any) -> None:
    assert comm._reply_subshell_for({}, None) is None


def test_a_page_that_knows_no_subshell_yet_gets_the_last_one(comm: Any) -> None:
    kernel.note_subshell()
    assert comm._reply_subshell_for({}, None) == "sub"


def test_a_subshell_that_has_ended_is_not_used(comm: Any, running: ScriptedKernel) -> None:
    kernel.note_subshell()
    running.shell_channel_thread.manager.list_subshell = list
    assert comm._reply_subshell_for({}, None) is None


def test_a_message_on_the_main_shell_changes_nothing(comm: Any, running: ScriptedKernel) -> None:
    kernel.note_subshell()
    running.header = {"subshell_id": None}
    kernel.note_subshell()
    assert comm._reply_subshell_for({}, None) == "sub"


def test_a_kernel_that_cannot_list_its_subshells_is_left_as_it_is(
    comm: Any, running: ScriptedKernel
) -> None:
    kernel.note_subshell()
    del running.shell_channel_thread
    assert comm._reply_subshell_for({}, None) is None


def test_a_comm_of_another_ipykernel_is_left_as_it_is() -> None:
    other = SimpleNamespace()
    kernel.keep_route(other)
    assert vars(other) == {}


def test_without_a_kernel_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel, "_kernel", lambda: None)
    monkeypatch.setattr(kernel, "_last_subshell", None)
    kernel.note_subshell()
    assert kernel._last_subshell is None


@pytest.mark.parametrize("subshells", [True, False, None], ids=str)
def test_a_kernel_without_subshells_is_told_from_one_with(
    monkeypatch: pytest.MonkeyPatch, subshells: bool | None
) -> None:
    class AnyKernel:
        pass

    found = AnyKernel()
    if subshells is not None:  # older ones do not know the word
        found._supports_kernel_subshells = subshells  # type: ignore[attr-defined]
    monkeypatch.setattr(kernel, "_kernel", lambda: found)
    facts = kernel.kernel_facts()
    assert facts is not None
    assert facts.subshells is bool(subshells)
    assert facts.ipykernel


def test_without_a_kernel_nothing_is_known_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel, "_kernel", lambda: None)
    assert kernel.kernel_facts() is None
