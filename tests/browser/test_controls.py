"""The controls of real sessions: typing, signals, leaving and coming back, by keyboard too."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("playwright", reason="browser tests need the package playwright")
from playwright.sync_api import expect

from tests.browser.parts import Notes, log_of, more_of, note_of, pick, problem_of, stdin_of

ATTACH = """
import hyper_jupyter as hj
client = hj.connect("local:")
for old in client.containers():
    client.remove(old.id, force=True)
SCRIPT = (
    "trap 'echo got HUP' HUP; trap 'echo got INT' INT; "
    "while read -r line; do echo \\"[$line]\\"; done; "
)
c = client.create("default", ["sh", "-c", "echo begin; " + SCRIPT + "echo end; exit 3"],
                  name="web", stdin=True, stdin_once=True)
s = client.attach(c)
client.start(c)
s.view(rows=6)
"""
PARTS = """
from ipywidgets import HBox
HBox([s.widgets.stdout, s.widgets.stdin, s.widgets.detach])
"""
BUSY = """
import time
until = time.monotonic() + 20
while b"[busy]" not in hj.session.find("web").stdout.getvalue() and time.monotonic() < until:
    time.sleep(0.05)
print("saw it" if time.monotonic() < until else "saw nothing")
"""
TOLD = "print([(x.name, str(x.state)) for x in (s, hj.session.find('web'))], s.stdout.text)"
LOOP = "trap 'echo got USR1' USR1; while :; do sleep 0.05; done"
DEAF = f"""
deaf = client.create("default", ["sh", "-c", "{LOOP}"], name="deaf")
s = client.attach(deaf)
client.start(deaf)
s.view(rows=6)
"""


def button(scope: Any, name: str) -> Any:
    return scope.get_by_role("button", name=name, exact=True)


def test_lines_passwords_and_history(open_notebook: Any) -> None:
    notebook = open_notebook("input.ipynb", [ATTACH])
    notebook.run(0)
    cell, keyboard = notebook.cell(0), notebook.page.keyboard
    field = stdin_of(cell)
    expect(log_of(cell)).to_contain_text("begin")
    notes = Notes(cell)

    # Several lines: the field grows, Enter sends all of them in order.
    low = field.bounding_box()["height"]
    field.press("o")
    field.press("Shift+Enter")
    keyboard.insert_text("two\nthree")
    expect(field).to_have_value("o\ntwo\nthree")
    assert field.bounding_box()["height"] > 2 * low
    field.press("Enter")
    expect(log_of(cell)).to_contain_text("[o][two][three]")
    notes.expect("sent 3 lines")
    expect(field).to_have_value("")
    assert field.bounding_box()["height"] == low

    # Without a newline the container's line goes on.
    newline = cell.get_by_role("checkbox", name="Newline")
    newline.uncheck()
    field.fill("half ")
    field.press("Enter")
    notes.expect("sent without a newline: half")
    newline.check()
    field.fill("whole")
    field.press("Enter")
    expect(log_of(cell)).to_contain_text("[half whole]")

    # A password shows nowhere but where the container prints it.
    cell.get_by_role("checkbox", name="Hidden").check()
    secret = cell.get_by_label("hidden stdin")
    expect(field).to_be_hidden()
    expect(secret).to_have_attribute("type", "password")
    secret.fill("sesame")
    secret.press("Enter")
    expect(log_of(cell)).to_contain_text("[sesame]")
    notes.expect("sent hidden input")
    expect(secret).to_have_value("")
    # A result makes room again by itself, and nothing has moved for it.
    expect(note_of(cell)).to_have_text("")
    expect(problem_of(cell)).to_be_hidden()
    cell.get_by_role("checkbox", name="Hidden").uncheck()

    # The arrows: history at the edges of the text only, what is being written comes back.
    field.fill("draft")
    for key, text in (
        ("ArrowUp", "whole"),
        ("ArrowUp", "half "),
        ("ArrowUp", "o\ntwo\nthree"),
        ("ArrowDown", "o\ntwo\nthree"),
        ("ArrowDown", "o\ntwo\nthree"),
        ("ArrowDown", "half "),
        ("ArrowDown", "whole"),
        ("ArrowDown", "draft"),
    ):
        field.press(key)
        expect(field).to_have_value(text)
    field.fill("")

    # A reload brings the history back, without the password.
    notebook.save()
    notebook.reload()
    expect(log_of(cell)).to_contain_text("[sesame]")
    field.press("ArrowUp")
    expect(field).to_have_value("whole")


def test_leaving_and_coming_back_in_place(open_notebook: Any) -> None:
    notebook = open_notebook("again.ipynb", [ATTACH, PARTS, TOLD, BUSY])
    notebook.run(0)
    notebook.run(1)
    view, parts = notebook.cell(0), notebook.cell(1)
    field = stdin_of(view)
    expect(log_of(parts)).to_contain_text("begin")
    field.fill("one")
    field.press("Enter")
    expect(log_of(view)).to_contain_text("[one]")

    # What nothing can be typed into goes away, and what is above it does not move.
    field.fill("half")
    again = view.locator(".hj-again")
    expect(again).to_be_hidden()

    def places() -> list[Any]:
        return [view.locator(f".hj-{part}").bounding_box() for part in ("header", "area")]

    before = places()
    button(view, "Detach").press("Enter")
    expect(view.locator(".hj-state")).to_have_text("detached")
    expect(view.locator(".hj-after")).to_have_text("The container runs on.")
    expect(view.locator(".hj-leave")).to_be_hidden()
    expect(button(view, "Detach")).to_be_hidden()
    expect(view.locator(".hj-stdin")).to_be_hidden()
    expect(again).to_have_text("Attach again")
    expect(again).to_be_focused()  # it is where Detach was
    assert places() == before

    # A part of its own stays: what is off can be reached, and says why.
    alone = parts.locator(".hj-part-stdin")
    expect(stdin_of(alone)).to_have_attribute("placeholder", "the session has ended (detached)")
    eof = button(alone, "EOF")
    expect(eof).to_be_disabled()
    eof.focus()
    expect(eof).to_be_focused()
    notebook.page.keyboard.press("Enter")
    expect(alone.locator(".hj-status")).to_have_text("the session has ended (detached)")

    # The session goes on in all views; the draft and the keyboard stay.
    notes = Notes(view)
    expect(again).not_to_have_attribute("aria-disabled", "true")  # no second click any more
    again.focus()
    notebook.page.keyboard.press("Enter")
    expect(view.locator(".hj-state")).to_have_text("attached")
    notes.expect("attached again")
    expect(field).to_be_focused()
    expect(field).to_have_value("half")
    assert places()[0] == before[0]
    expect(field).to_have_value("half")
    field.press("ArrowUp")
    expect(field).to_have_value("one")
    field.fill("two")
    field.press("Enter")
    for cell in (view, parts):
        expect(log_of(cell)).to_contain_text("[two]")  # below what was

    # After the end it is started: its first words are there.
    button(parts, "EOF").click()
    expect(view.locator(".hj-state")).to_have_text("exited with code 3")
    notebook.run(3)
    button(parts, "Start and attach").click()
    for cell in (view, parts):
        expect(stdin_of(cell)).to_be_enabled()  # in the view, it is there again

    # All of that while a cell runs, which waits for a line to the new session.
    assert not notebook.has_run(3)
    field.fill("busy")
    field.press("Enter")
    notebook.wait_for_cell(3)
    expect(notebook.cell(3)).to_contain_text("saw it")

    # The variable is the same session; a reload shows it.
    notebook.run(2)
    expect(notebook.cell(2)).to_contain_text("[('web', 'attached'), ('web', 'attached')] begin")
    notebook.save()
    notebook.reload()
    for cell in (view, parts):
        expect(stdin_of(cell)).to_be_enabled()
        expect(log_of(cell)).to_contain_text("begin")


@pytest.mark.parametrize("front_end", ["jupyterlab", "notebook", "nbclassic"])
def test_signals_from_the_keyboard_alone(open_notebook: Any, front_end: str) -> None:
    source = ATTACH.replace("s.view(rows=6)", DEAF)
    notebook = open_notebook(f"signals-{front_end}.ipynb", [source, "1"], front_end=front_end)
    notebook.run(0)
    cell, keyboard = notebook.cell(0), notebook.page.keyboard
    expect(cell.locator(".hj-state")).to_have_text("attached")
    notes = Notes(cell)
    # Nothing can be typed here, so there is no row for it: the signals are in the menu.
    expect(cell.locator(".hj-stdin")).to_be_hidden()
    expect(button(cell, "Signal…")).to_have_count(0)
    item = cell.get_by_role("menu", name="signals").get_by_role("menuitem")

    def open_menu() -> None:
        more_of(cell).focus()
        keyboard.press("Enter")
        expect(cell.get_by_role("menuitemcheckbox", name="Wrap lines")).to_be_focused()
        keyboard.press("End")
        keyboard.press("Enter")
        expect(item.first).to_be_focused()

    open_menu()
    keyboard.press("Escape")
    expect(item.first).to_be_hidden()
    expect(more_of(cell)).to_be_focused()

    open_menu()
    for key in ("End", "ArrowDown", "ArrowUp", "Home", "u"):
        keyboard.press(key)
    expect(item.filter(has_text="USR1")).to_be_focused()
    keyboard.press("Enter")
    expect(log_of(cell)).to_contain_text("got USR1")
    notes.expect("sent SIGUSR1")
    expect(more_of(cell)).to_be_focused()

    # KILL asks, and Cancel is what the next Enter means.
    open_menu()
    keyboard.press("k")
    keyboard.press("Enter")
    expect(button(cell, "Cancel")).to_be_focused()
    keyboard.press("Enter")
    expect(button(cell, "Cancel")).to_be_hidden()
    expect(cell.locator(".hj-state")).to_have_text("attached")
    open_menu()
    for key in ("k", "Enter", "Shift+Tab", "Enter"):
        keyboard.press(key)
    expect(cell.locator(".hj-state")).to_have_text("exited with code 137 (killed, SIGKILL)")
    assert notebook.cell(1).is_visible()  # no key was a command of the notebook


def test_a_double_click_on_detach_does_not_attach_again(open_notebook: Any) -> None:
    notebook = open_notebook("double.ipynb", [ATTACH, TOLD])
    notebook.run(0)
    cell = notebook.cell(0)
    expect(log_of(cell)).to_contain_text("begin")
    # The second press comes at the very moment that the buttons change places.
    cell.locator(".hj-again").evaluate(
        """again => new MutationObserver((_, watch) => {
          if (again.hidden) return;
          watch.disconnect();
          again.dataset.pressed = "yes";
          again.click();
        }).observe(again, { attributes: true })"""
    )
    button(cell, "Detach").click()
    expect(cell.locator(".hj-again")).to_have_attribute("data-pressed", "yes")
    expect(cell.locator(".hj-state")).to_have_text("detached")
    expect(button(cell, "Attach again")).to_be_enabled()
    expect(note_of(cell)).to_have_text("")
    notebook.run(1)
    expect(notebook.cell(1)).to_contain_text("('web', 'detached')")


def test_a_failure_stays_and_a_result_goes(open_notebook: Any) -> None:
    notebook = open_notebook("failure.ipynb", [ATTACH])
    notebook.run(0)
    cell = notebook.cell(0)
    expect(log_of(cell)).to_contain_text("begin")
    notes = Notes(cell)
    cell.get_by_role("checkbox", name="Newline").uncheck()
    button(cell, "Send").click()
    expect(problem_of(cell)).to_have_text("nothing to send")
    expect(note_of(cell)).to_have_text("")
    cell.get_by_role("checkbox", name="Newline").check()
    stdin_of(cell).fill("something")
    button(cell, "Send").click()
    notes.expect("sent: something")
    expect(problem_of(cell)).to_be_hidden()
    expect(note_of(cell)).to_have_text("")


def test_a_session_s_details_are_in_the_menu(open_notebook: Any) -> None:
    notebook = open_notebook("details.ipynb", [ATTACH])
    notebook.run(0)
    cell = notebook.cell(0)
    expect(log_of(cell)).to_contain_text("begin")
    details = cell.locator(".hj-details")
    expect(details).to_be_hidden()
    pick(cell, "Details")
    expect(details.locator("dt")).to_have_text(
        ["state", "container", "image", "engine", "attached", "received", "leaving"]
    )
    expect(details).to_contain_text("embedded at local:")
    expect(details).to_contain_text("6 B of stdout, 0 B of stderr")
    notebook.hide_sidebar()
    notebook.screenshot("details")
    pick(cell, "Details")
    expect(details).to_be_hidden()
