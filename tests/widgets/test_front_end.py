"""What is decided from a page's answer, and in which words a page without our code hears of it."""

from __future__ import annotations

import sys
import threading
from typing import Any

import pytest
import traitlets

from hyper_jupyter import __version__
from hyper_jupyter.exceptions import HyperJupyterError
from hyper_jupyter.session.io.worker import Worker
from hyper_jupyter.widgets import front_end as module
from hyper_jupyter.widgets import notices
from hyper_jupyter.widgets.front_end import Form, FrontEnd
from hyper_jupyter.widgets.notices import misfit, missing, unanswered
from tests.widgets.comms import wait_for_jobs

SAME = {"version": __version__, "error": ""}
HERE = sys.executable
NONE: dict[str, Any] = {}


class Shown:
    """A widget; notes how it was opened again."""

    def __init__(self, *, displayed: bool = True, form: Form = Form.EXTENSION) -> None:
        self.form = form
        self.displayed = displayed
        self.notice = ""
        self.switches = 0
        self.comm: object | None = object()
        self.counts = True

    def switch(self, form: Form, notice: str = "") -> None:
        self.form = form
        self.notice = notice
        self.switches += 1

    def stop_counting(self) -> None:
        self.counts = False

    def tell(self, notice: str) -> None:
        """Say it, where there are no widgets."""


class Kernel:
    """A front end with what it knows of its surroundings."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, worker: Worker) -> None:
        self.worker = worker
        self.anywidget = True
        self.server: str | None = None
        self.busy = iter(())
        monkeypatch.setattr(module, "has_anywidget", lambda: self.anywidget)
        monkeypatch.setattr(notices, "server_python", lambda: self.server)
        monkeypatch.setattr(module, "shell", object)
        monkeypatch.setattr(module, "cell_runs", lambda: next(self.busy, False))
        monkeypatch.setattr(module, "PATIENCE", 0.0)
        self.front_end = FrontEnd()

    def shows(self, **options: Any) -> Shown:
        widget = Shown(form=self.front_end.form, **options)
        self.front_end.add(widget)
        return widget

    def report(self, widget: Shown, front: dict[str, Any], *, drawn: bool = True) -> None:
        self.front_end.report(widget, front, drawn=drawn)
        self.wait()

    def wait(self) -> None:
        wait_for_jobs(self.worker)  # of the judgement
        wait_for_jobs(self.worker)  # of what it has scheduled


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch, publisher: Worker) -> Kernel:
    return Kernel(monkeypatch, publisher)


def test_a_page_with_the_extension_is_believed_for_good(kernel: Kernel) -> None:
    first, second = kernel.shows(), kernel.shows()
    kernel.report(first, SAME)
    assert kernel.front_end.answered is Form.EXTENSION
    kernel.report(second, NONE)  # another page, without it
    assert first.form is second.form is kernel.front_end.form is Form.EXTENSION


def test_a_page_without_it_has_all_widgets_opened_again_the_hidden_ones_first(
    kernel: Kernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[Shown] = []
    monkeypatch.setattr(Shown, "switch", lambda self, form, _="": (
        order.append(self), setattr(self, "form", form)))  # fmt: skip
    view, hidden, other = kernel.shows(), kernel.shows(displayed=False), kernel.shows()
    kernel.report(view, NONE)
    assert order[0] is hidden
    assert set(order) == {view, hidden, other}
    assert {each.form for each in order} == {Form.ANYWIDGET}
    assert kernel.front_end.form is Form.ANYWIDGET
    assert kernel.front_end.answered is None


def test_after_an_answer_nothing_needs_to_be_counted(kernel: Kernel) -> None:
    first, second = kernel.shows(), kernel.shows()
    assert first.counts
    kernel.report(first, SAME)
    assert (first.counts, second.counts) == (False, False)


def test_a_widget_that_is_made_while_another_form_is_decided_on_gets_that_form(
    kernel: Kernel,
) -> None:
    hidden = Shown(displayed=False, form=kernel.front_end.form)
    kernel.report(kernel.shows(), NONE)
    kernel.front_end.add(hidden)
    kernel.wait()
    assert hidden.form is Form.ANYWIDGET


def test_an_anywidget_that_cannot_be_imported_is_none(
    kernel: Kernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "anywidget", None)  # an import of it fails
    view = kernel.shows()
    kernel.report(view, NONE)
    assert view.form is Form.NOTICE
    assert kernel.front_end.form is Form.EXTENSION


def test_nothing_is_decided_before_a_view_is_drawn(kernel: Kernel) -> None:
    view = kernel.shows()
    kernel.report(view, NONE, drawn=False)
    assert view.form is Form.EXTENSION
    assert kernel.front_end.notice is None


def test_an_answer_about_a_form_that_is_no_more_is_ignored(kernel: Kernel) -> None:
    kernel.anywidget = False
    view = kernel.shows()
    ready = threading.Event()
    kernel.worker.submit(lambda: ready.wait(5))
    kernel.front_end.report(view, NONE, drawn=True)
    kernel.front_end.report(view, SAME, drawn=True)  # by another page, at the same moment
    ready.set()
    kernel.wait()
    assert (view.form, view.switches) == (Form.NOTICE, 1)
    assert kernel.front_end.answered is None


def test_without_anywidget_the_widget_itself_says_what_to_do_and_new_ones_ask_again(
    kernel: Kernel,
) -> None:
    kernel.anywidget = False
    view, other = kernel.shows(), kernel.shows()
    kernel.report(view, NONE)
    assert view.form is Form.NOTICE
    assert view.notice == str(kernel.front_end.notice)
    assert "The Jupyter server does not have hyper_jupyter" in view.notice
    assert other.form is kernel.front_end.form is Form.EXTENSION
    kernel.report(other, SAME)  # it was installed meanwhile
    assert kernel.front_end.notice is None
    assert view.form is Form.EXTENSION


def test_a_hidden_widget_shows_no_notice(kernel: Kernel) -> None:
    kernel.anywidget = False
    hidden = kernel.shows(displayed=False)
    kernel.report(hidden, NONE)
    assert hidden.form is Form.EXTENSION


def test_a_choice_by_hand_is_not_overruled(kernel: Kernel) -> None:
    kernel.front_end.choice = "extension"
    view = kernel.shows()
    kernel.report(view, NONE)
    assert view.form is Form.NOTICE
    assert kernel.front_end.form is Form.EXTENSION


def test_a_choice_opens_what_is_shown_again(kernel: Kernel) -> None:
    view = kernel.shows()
    kernel.report(view, SAME)
    kernel.front_end.choice = "anywidget"
    kernel.wait()
    assert view.form is Form.ANYWIDGET
    assert kernel.front_end.answered is None
    kernel.front_end.choice = "auto"
    kernel.wait()
    assert view.form is Form.EXTENSION


def test_a_choice_that_cannot_be_is_refused(kernel: Kernel) -> None:
    kernel.anywidget = False
    with pytest.raises(HyperJupyterError, match="anywidget is not installed") as caught:
        kernel.front_end.choice = "anywidget"
    assert 'pip install "hyper_jupyter[anywidget]"' in caught.value.hint
    with pytest.raises(traitlets.TraitError):
        kernel.front_end.choice = "webpack"
    assert kernel.front_end.choice == "auto"


def test_an_extension_of_another_series_is_told_what_to_show(kernel: Kernel) -> None:
    view = kernel.shows()
    kernel.report(view, {"version": "99.1.0", "error": ""}, drawn=False)
    assert view.form is Form.EXTENSION  # it stays where it is, on reloaded pages too
    assert view.notice == str(kernel.front_end.notice)
    assert view.notice.startswith(
        f"The Jupyter server has hyper_jupyter 99.1.0, and this kernel has {__version__}."
    )
    assert kernel.front_end.answered is None


@pytest.mark.parametrize(
    ("version", "fits"), [("1.2.0", True), ("1.2.9.dev1", True), ("1.3.0", False), ("1", False)]
)
def test_releases_of_one_series_fit(
    monkeypatch: pytest.MonkeyPatch, version: str, fits: bool
) -> None:
    monkeypatch.setattr(module, "__version__", "1.2.3")
    assert module.fits(version) is fits


def test_a_bundle_that_the_page_cannot_load_is_known(kernel: Kernel) -> None:
    view = kernel.shows()
    kernel.report(view, SAME)
    kernel.report(view, {"version": __version__, "error": "blocked."}, drawn=False)
    assert view.form is Form.EXTENSION  # the page says it itself
    assert str(kernel.front_end.notice) == "blocked."
    kernel.front_end.heard(Form.EXTENSION)
    kernel.wait()
    assert kernel.front_end.notice is None


def test_code_that_the_kernel_sent_and_that_does_not_run_is_given_up_once_no_cell_runs(
    kernel: Kernel,
) -> None:
    kernel.front_end.choice = "anywidget"
    view = kernel.shows()
    kernel.busy = iter([True, True])  # the answer may be waiting for the cell
    kernel.report(view, NONE)
    kernel.wait()
    assert list(kernel.busy) == []
    assert view.form is Form.NOTICE
    assert "does not run the code" in view.notice


def test_what_the_page_has_said_nothing_of_is_given_up_with_the_rest(kernel: Kernel) -> None:
    kernel.front_end.choice = "anywidget"
    hidden = Shown(displayed=False, form=Form.ANYWIDGET)
    kernel.front_end.add(hidden)
    view, other = kernel.shows(), kernel.shows()
    kernel.report(view, NONE)
    assert view.form is other.form is Form.NOTICE
    assert hidden.form is Form.ANYWIDGET


@pytest.mark.parametrize("answered", [True, False])
def test_a_page_that_answered_before_should_answer_again_when_the_form_is_chosen(
    kernel: Kernel, monkeypatch: pytest.MonkeyPatch, answered: bool
) -> None:
    monkeypatch.setattr(module, "UNSEEN_PATIENCE", 0.0)
    view = kernel.shows()
    if answered:
        kernel.report(view, SAME)
    kernel.front_end.choice = "anywidget"
    kernel.wait()
    assert view.form is (Form.NOTICE if answered else Form.ANYWIDGET)


def test_a_widget_that_is_closed_before_its_code_could_run_shows_nothing(kernel: Kernel) -> None:
    kernel.front_end.choice = "anywidget"
    view = kernel.shows()
    view.comm = None
    kernel.report(view, NONE)
    assert view.form is Form.ANYWIDGET
    assert kernel.front_end.notice is None


@pytest.mark.parametrize(
    "front",
    [
        {"version": "9" * 100_000},
        {"version": {"a": ["\x1b[31m\n"] * 1000}},
        {"version": __version__, "error": "\x1b[31m\nwrong" * 100_000},
        {"version": __version__, "error": {"a": "\n" * 1000}},
    ],
)
def test_what_a_page_says_becomes_one_short_line(kernel: Kernel, front: dict[str, Any]) -> None:
    kernel.report(kernel.shows(), front)
    notice = str(kernel.front_end.notice)
    assert notice.isprintable()
    assert len(notice) < 1500


def test_code_that_runs_is_not_given_up(kernel: Kernel) -> None:
    kernel.front_end.choice = "anywidget"
    view = kernel.shows()
    kernel.front_end.heard(Form.ANYWIDGET)
    kernel.report(view, NONE)
    assert view.form is Form.ANYWIDGET
    assert kernel.front_end.answered is Form.ANYWIDGET


@pytest.mark.parametrize(("anywidget", "form"), [(True, Form.ANYWIDGET), (False, Form.EXTENSION)])
def test_without_ipython_no_server_can_have_an_extension(
    kernel: Kernel, monkeypatch: pytest.MonkeyPatch, anywidget: bool, form: Form
) -> None:
    monkeypatch.setattr(module, "shell", lambda: None)
    kernel.anywidget = anywidget
    assert kernel.front_end.form is form


@pytest.mark.parametrize(
    ("server", "command"),
    [
        ("/srv/hub/bin/python3", "Run /srv/hub/bin/python3 -m pip install"),
        ("/srv/my hub/bin/python", "Run '/srv/my hub/bin/python' -m pip install"),
        (None, "In the environment of the Jupyter server, run pip install"),
        (HERE, "jupyter labextension list"),
    ],
)
def test_the_line_names_the_command_of_the_server_s_environment(
    kernel: Kernel, server: str | None, command: str
) -> None:
    kernel.server = server
    assert command in missing().step
    assert ("pip install" in missing().step) is (server != HERE)
    assert ("though it is installed" in missing().text) is (server == HERE)


@pytest.mark.parametrize(
    ("server", "step"),
    [
        ("/srv/hub/bin/python3", "Run /srv/hub/bin/python3 -m pip install"),
        (None, "In the environment of the Jupyter server, run pip install"),
        (HERE, "Restart the kernel, and reload the page."),
    ],
)
def test_after_an_upgrade_beside_a_running_kernel_nothing_is_to_be_installed(
    kernel: Kernel, server: str | None, step: str
) -> None:
    kernel.server = server
    assert misfit("99.1.0").step.startswith(step)
    assert ("pip install" in misfit("99.1.0").step) is (server != HERE)


def test_code_that_is_blocked_is_to_come_another_way(kernel: Kernel) -> None:
    kernel.server = HERE
    assert 'hj.configure(front_end="auto")' in unanswered("anywidget").step
    assert unanswered("auto").step == missing().step
