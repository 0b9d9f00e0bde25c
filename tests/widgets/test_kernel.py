"""What the widgets need of the kernel: subshells, cells, outputs."""

from __future__ import annotations

from collections.abc import Callable
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


# -- the running IPython ---------------------------------------------------------------------


class ScriptedShell:
    """Of IPython, what is asked: its events, its outputs, and the message that it handles.

    Attributes:
        published: each output, as its arguments.
        parent: the message.
    """

    def __init__(self) -> None:
        self.callbacks: dict[str, list[Callable[[Any], object]]] = {}
        self.published: list[tuple[Any, dict[str, Any]]] = []
        self.parent: Any = {"metadata": {"cellId": "the-cell"}}
        self.execution_count = 7
        self.events = SimpleNamespace(register=self._register, unregister=self._unregister)
        self.display_pub = SimpleNamespace(publish=self._publish)

    def _register(self, event: str, callback: Callable[[Any], object]) -> None:
        self.callbacks.setdefault(event, []).append(callback)

    def _unregister(self, event: str, callback: Callable[[Any], object]) -> None:
        self.callbacks[event].remove(callback)

    def _publish(self, data: Any, **options: Any) -> None:
        self.published.append((data, options))

    def get_parent(self) -> Any:
        return self.parent

    def happens(self, event: str) -> None:
        for callback in list(self.callbacks.get(event, [])):
            callback(None)


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch) -> ScriptedShell:
    made = ScriptedShell()
    monkeypatch.setattr(kernel, "shell", lambda: made)
    monkeypatch.setattr(kernel, "_running", None)
    return made


@pytest.fixture
def no_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel, "shell", lambda: None)
    monkeypatch.setattr(kernel, "_running", None)


def test_whether_a_cell_runs_is_known_from_the_first_question_on(shell: ScriptedShell) -> None:
    assert kernel.cell_runs() is True  # who asks first is in a cell
    for _ in range(2):
        shell.happens("post_run_cell")
        assert kernel.cell_runs() is False
        shell.happens("pre_run_cell")
        assert kernel.cell_runs() is True
    assert {event: len(each) for event, each in shell.callbacks.items()} == {
        "pre_run_cell": 1,
        "post_run_cell": 1,
    }


def test_who_watches_cells_is_told_of_each_end_until_it_has_enough(shell: ScriptedShell) -> None:
    told: list[bool] = []
    unwatch = kernel.watch_cells(lambda: told.append(kernel.cell_runs()))
    shell.happens("post_run_cell")
    shell.happens("pre_run_cell")
    shell.happens("post_run_cell")
    assert told == [False, False]  # it is called when the cell counts as ended
    unwatch()
    shell.happens("post_run_cell")
    assert len(told) == 2


@pytest.mark.parametrize(
    ("arguments", "options"),
    [
        ({}, {"transient": {}, "update": False}),
        ({"display_id": "d"}, {"transient": {"display_id": "d"}, "update": False}),
        (
            {"display_id": "d", "update": True},
            {"transient": {"display_id": "d"}, "update": True},
        ),
    ],
    ids=["new", "named", "update"],
)
def test_an_output_is_published_by_its_name(
    shell: ScriptedShell, arguments: dict[str, Any], options: dict[str, Any]
) -> None:
    kernel.publish({"text/plain": "x"}, **arguments)
    assert shell.published == [({"text/plain": "x"}, {"metadata": {}, **options})]


@pytest.mark.parametrize(
    ("parent", "expected"),
    [
        ({"metadata": {"cellId": "the-cell"}}, "the-cell"),
        ({"metadata": {"cellId": 5}}, None),
        ({"metadata": {}}, None),
        ({}, None),
        (None, None),
    ],
    ids=str,
)
def test_a_cell_has_the_id_that_the_front_end_gave_it(
    shell: ScriptedShell, parent: Any, expected: str | None
) -> None:
    shell.parent = parent
    assert kernel.cell_id() == expected
    assert kernel.execution_count() == 7


@pytest.mark.usefixtures("no_shell")
def test_outside_of_ipython_there_are_no_cells_and_no_outputs() -> None:
    assert kernel.cell_runs() is False
    assert kernel._running is None
    kernel.watch_cells(lambda: None)()
    kernel.publish({"text/plain": "x"})
    assert kernel.execution_count() is None
    assert kernel.cell_id() is None
    assert kernel.is_terminal() is False


def test_the_running_ipython_is_ipython_s_own_word(monkeypatch: pytest.MonkeyPatch) -> None:
    running = object()
    monkeypatch.setattr("IPython.core.getipython.get_ipython", lambda: running)
    assert kernel.shell() is running


def test_a_terminal_is_told_from_a_notebook(
    shell: ScriptedShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    from IPython.terminal.interactiveshell import TerminalInteractiveShell

    assert kernel.is_terminal() is False
    terminal = TerminalInteractiveShell.__new__(TerminalInteractiveShell)
    monkeypatch.setattr(kernel, "shell", lambda: terminal)
    assert kernel.is_terminal() is True


def test_a_kernel_is_found_only_where_one_was_made(monkeypatch: pytest.MonkeyPatch) -> None:
    from ipykernel.kernelbase import Kernel

    made = object()
    monkeypatch.setattr(Kernel, "initialized", classmethod(lambda cls: False))
    monkeypatch.setattr(Kernel, "instance", classmethod(lambda cls: made))
    assert kernel._kernel() is None
    monkeypatch.setattr(Kernel, "initialized", classmethod(lambda cls: True))
    assert kernel._kernel() is made


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (["/srv/hub/bin/python3.12", "/srv/hub/bin/jupyter-lab"], "/srv/hub/bin/python3.12"),
        (["python", "-m", "jupyter", "lab"], None),
        (["/usr/bin/node", "extension.js"], None),
        ([], None),
    ],
)
def test_the_server_s_python_is_named_by_the_path_that_it_was_started_by(
    monkeypatch: pytest.MonkeyPatch, command: list[str], expected: str | None
) -> None:
    asked: list[int] = []

    def process(pid: int) -> Any:
        asked.append(pid)
        return SimpleNamespace(cmdline=lambda: command)

    monkeypatch.setattr("psutil.Process", process)
    monkeypatch.setenv("JPY_PARENT_PID", "4711")
    assert kernel.server_python() == expected
    assert asked == [4711]


def test_a_server_that_is_elsewhere_has_no_python_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JPY_PARENT_PID", raising=False)
    assert kernel.server_python() is None
    monkeypatch.setenv("JPY_PARENT_PID", "0x")
    assert kernel.server_python() is None
