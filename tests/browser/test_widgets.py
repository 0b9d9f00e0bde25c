"""The page's widgets in real JupyterLab, on sessions that are scripted in the kernel."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("playwright", reason="browser tests need the package playwright")
from playwright.sync_api import expect

from tests.browser.parts import LONG, Notes, enter, log_of, note_of, pause_of, stdin_of

ONE_SESSION = """
from hyper_jupyter.widgets import SessionWidgets
from tests.browser.demo import greeter
ann = greeter("ann")
SessionWidgets(ann).view()
"""

TWO_SESSIONS = """
from ipywidgets import HBox
from hyper_jupyter.widgets import SessionWidgets
from tests.browser.demo import greeter
ann, ben = greeter("ann"), greeter("ben")
a, b = SessionWidgets(ann), SessionWidgets(ben)
a.view()
"""

BUSY = """
import time
start = time.monotonic()
while ann.sent != [b"go\\n"] and time.monotonic() - start < 12:
    time.sleep(0.05)
print("saw", ann.sent)
"""

IN_THE_BUNDLE = b"Licences of the bundled packages"


@pytest.mark.usefixtures("page")  # where JupyterLab is told to keep the state of widgets
def test_two_sessions_and_their_parts_bring_no_code_and_survive_a_reload(
    open_notebook: Any,
) -> None:
    parts = "HBox([{0}.stdout, {0}.stderr, {0}.stdin, {0}.detach])"
    notebook = open_notebook("two.ipynb", [TWO_SESSIONS, parts.format("a"), parts.format("b")])
    notebook.run_all()
    for number, name in ((0, "ann"), (1, "ann"), (2, "ben")):
        cell = notebook.cell(number)
        expect(log_of(cell, "stdout")).to_contain_text(f"hello from {name} on stdout")
        expect(log_of(cell, "stderr")).to_contain_text(f"hello from {name} on stderr")
    enter(notebook.cell(0), "one")
    for number in (0, 1):
        expect(log_of(notebook.cell(number), "stdout")).to_contain_text("ann got one")
    expect(log_of(notebook.cell(2), "stdout")).not_to_contain_text("one")
    notebook.screenshot("two-sessions")

    notebook.keep_widget_state()
    saved = notebook.save().encode()
    # Two sessions, a view, two times four parts.
    assert saved.count(b'"model_module": "_hyper_jupyter"') == 11
    for text in (saved, *notebook.frames):
        assert b"_esm" not in text
        assert IN_THE_BUNDLE not in text
    assert len(saved) < 32_000

    notebook.received.clear()
    notebook.reload()
    for number in (0, 1):
        expect(log_of(notebook.cell(number), "stdout")).to_contain_text("ann got one")
    assert not [frame for frame in notebook.frames if IN_THE_BUNDLE in frame]
    enter(notebook.cell(2), "two")
    expect(log_of(notebook.cell(2), "stdout")).to_contain_text("ben got two")
    notebook.screenshot("two-sessions-reloaded")


def test_a_second_view_shows_what_the_first_one_shows(open_notebook: Any) -> None:
    notebook = open_notebook("second.ipynb", [ONE_SESSION])
    notebook.run_all()
    expect(log_of(notebook.cell(0), "stdout")).to_contain_text("hello from ann")
    enter(notebook.cell(0), "one")
    notebook.execute("notebook:create-output-view")
    second = notebook.page.locator(".jp-LinkedOutputView")
    expect(log_of(second, "stdout")).to_contain_text("ann got one")
    enter(second, "two")
    expect(log_of(second, "stdout")).to_contain_text("ann got two")
    expect(log_of(notebook.cell(0), "stdout")).to_contain_text("ann got two")
    notebook.screenshot("second-view")


def test_a_line_arrives_while_a_later_cell_runs(open_notebook: Any) -> None:
    notebook = open_notebook("busy.ipynb", [ONE_SESSION, BUSY])
    notebook.run_all()
    expect(log_of(notebook.cell(0), "stdout")).to_contain_text("hello from ann")
    enter(notebook.cell(0), "go")
    notebook.wait_for_cell(1)
    expect(notebook.cell(1)).to_contain_text("saw [b'go\\n']")


def test_without_subshells_the_page_says_that_a_line_waits(open_notebook: Any) -> None:
    notebook = open_notebook("queued.ipynb", [ONE_SESSION, LONG], linked=False)
    notebook.page.evaluate(
        """() => {
          const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
          kernel.commsOverSubshells = "disabled";
        }"""
    )
    notebook.run(0)
    cell = notebook.cell(0)
    expect(log_of(cell, "stdout")).to_contain_text("hello from ann")
    notebook.run(1)
    enter(cell, "one")
    enter(cell, "two")
    expect(note_of(cell)).to_have_text("kernel busy, 2 inputs queued")
    notebook.screenshot("queued")
    notes = Notes(cell)
    notebook.interrupt()
    expect(log_of(cell, "stdout")).to_contain_text("ann got two")
    notes.expect("sent: two")


def test_after_detach_and_exit_only_what_can_still_be_done_is_there(open_notebook: Any) -> None:
    source = ONE_SESSION.replace("ann", "ben").replace("SessionWidgets(ben).view()", "")
    alone = """
from ipywidgets import HBox
parts = SessionWidgets(ben)
HBox([parts.view(), parts.stdin, parts.detach])
"""
    notebook = open_notebook("ends.ipynb", [ONE_SESSION, source + alone])
    notebook.run_all()
    left, ended = notebook.cell(0), notebook.cell(1)
    left.get_by_role("button", name="Detach").click()
    expect(left.locator(".hj-state")).to_have_text("detached")
    expect(left.get_by_role("button", name="Detach")).to_be_hidden()
    expect(left.locator(".hj-stdin")).to_be_hidden()
    view, stdin = ended.locator(".hj-session"), ended.locator(".hj-part-stdin")
    enter(view, "exit 3")
    expect(view.locator(".hj-state")).to_have_text("exited with code 3")
    expect(view.locator(".hj-stdin")).to_be_hidden()
    expect(ended.get_by_role("button", name="Detach")).to_have_count(0)
    # A part that was placed stays there, off, and gives the reason.
    expect(stdin_of(stdin)).to_be_disabled()
    expect(stdin_of(stdin)).to_have_attribute("placeholder", "the container has ended")
    notebook.screenshot("ended")


def test_what_leaving_does_is_said_where_few_expect_it(open_notebook: Any) -> None:
    ends = """
from tests.widgets.fakes import ScriptedControls
ann.current = ScriptedControls(leave="Detach leaves it, and its input ends.", heed={})
ann.changed()
"""
    sources = [ONE_SESSION, ends.format(False), ends.format(True), "ann.detach()"]
    notebook = open_notebook("leave.ipynb", sources)
    notebook.run(0)
    cell = notebook.cell(0)
    expect(log_of(cell)).to_contain_text("hello from ann")
    detach, leave = cell.get_by_role("button", name="Detach"), cell.locator(".hj-leave")
    notebook.run(1)
    expect(detach).to_have_accessible_description("Detach leaves it, and its input ends.")
    expect(leave).to_be_hidden()
    notebook.run(2)
    expect(leave).to_have_text("Detach leaves it, and its input ends.")
    notebook.run(3)
    expect(cell.locator(".hj-state")).to_have_text("detached")
    expect(leave).to_be_hidden()


def test_a_terminal_takes_keys_and_answers_queries_once(open_notebook: Any) -> None:
    source = ONE_SESSION.replace("greeter", "terminal")
    notebook = open_notebook("tty.ipynb", [source, "ann.sent, ann.sizes"])
    notebook.run(0)
    cell = notebook.cell(0)
    expect(log_of(cell, "stdout")).to_contain_text("run.sh")
    cell.locator(".xterm-helper-textarea").focus()
    notebook.page.keyboard.type("hiq")
    expect(log_of(cell, "stdout")).to_contain_text("hi")
    expect(log_of(cell, "stdout")).to_contain_text("^[[?1;2c")
    notebook.screenshot("terminal")
    # Esc twice leaves the terminal for people without a mouse; the container gets both.
    notebook.page.keyboard.press("Escape")
    notebook.page.keyboard.press("Escape")
    expect(cell.locator(".hj-pane")).to_be_focused()
    notebook.save()
    notebook.reload()
    expect(log_of(cell, "stdout")).to_contain_text("^[[?1;2c")
    notebook.run(1)
    notebook.wait_for_cell(1)
    expect(notebook.cell(1)).to_contain_text(
        "[b'h', b'i', b'q', b'\\x1b[?1;2c', b'\\x1b', b'\\x1b']"
    )


def test_a_closed_session_keeps_what_it_shows_and_takes_nothing(open_notebook: Any) -> None:
    source = ONE_SESSION.replace("SessionWidgets(ann).view()", "w = SessionWidgets(ann); w.view()")
    notebook = open_notebook("over.ipynb", [source, "ann.output(b'last words'); w.close()"])
    cell = notebook.cell(0)
    notebook.run(0)
    expect(log_of(cell, "stdout")).to_contain_text("hello")
    notebook.run(1)
    expect(cell.locator(".hj-state")).to_have_text("detached")
    expect(stdin_of(cell)).to_be_hidden()
    expect(cell.get_by_role("button", name="Detach")).to_be_hidden()
    expect(pause_of(cell)).to_be_hidden()
    expect(log_of(cell, "stdout")).to_contain_text("last words")


def test_a_lost_connection_to_the_kernel_is_made_good(open_notebook: Any) -> None:
    late = "import time; time.sleep(1.5); ann.output(b'meanwhile\\n')"
    notebook = open_notebook("lost.ipynb", [ONE_SESSION, late])
    notebook.run(0)
    expect(log_of(notebook.cell(0), "stdout")).to_contain_text("hello from ann")
    notebook.run(1)
    notebook.reconnect()
    expect(log_of(notebook.cell(0), "stdout")).to_contain_text("meanwhile")
    enter(notebook.cell(0), "again")
    expect(log_of(notebook.cell(0), "stdout")).to_contain_text("ann got again")
    expect(log_of(notebook.cell(0), "stdout")).not_to_contain_text("skipped")


def test_a_session_says_that_its_container_is_paused_and_where_output_is_missing(
    open_notebook: Any,
) -> None:
    news = """
from hyper_jupyter.protocol import StreamType
ann.paused = True
ann.changed()
"""
    end = """
ann.complete, ann.missing = False, {StreamType.STDOUT: 12345}
ann.warnings = ("The connection ended before all output had come.",)
ann.exit(0)
"""
    notebook = open_notebook("ends.ipynb", [ONE_SESSION, news, end])
    notebook.run(0)
    cell = notebook.cell(0)
    expect(log_of(cell)).to_contain_text("hello from ann")
    notebook.run(1)
    expect(cell.locator(".hj-state")).to_have_text("attached, the container is paused")
    notebook.screenshot("paused")
    notebook.run(2)
    expect(cell.locator(".hj-state")).to_have_text("exited with code 0, output is missing")
    mark = "— at least 12,345 bytes are missing here: see %hyper logs ann —"
    expect(log_of(cell).locator("div").last).to_have_text(mark)
    expect(log_of(cell, "stderr")).not_to_contain_text("missing")
    notebook.screenshot("missing")
