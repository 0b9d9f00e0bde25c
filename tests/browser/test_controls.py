"""The controls of real sessions: typing, signals, leaving and coming back, by keyboard too."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("playwright", reason="browser tests need the package playwright")
from playwright.sync_api import expect

from tests.browser.parts import log_of, stdin_of

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
KEYS = f'client.run("default", ["sh", "-c", "{LOOP}"])'


def button(scope: Any, name: str) -> Any:
    return scope.get_by_role("button", name=name, exact=True)


def status_of(scope: Any) -> Any:
    return scope.locator(".hj-stdin .hj-status").first


def test_lines_passwords_and_history(open_notebook: Any) -> None:
    notebook = open_notebook("input.ipynb", [ATTACH])
    notebook.run(0)
    cell, keyboard = notebook.cell(0), notebook.page.keyboard
    field = stdin_of(cell)
    expect(log_of(cell)).to_contain_text("begin")

    # Several lines: the field grows, Enter sends all of them in order.
    low = field.bounding_box()["height"]
    field.press("o")
    field.press("Shift+Enter")
    keyboard.insert_text("two\nthree")
    expect(field).to_have_value("o\ntwo\nthree")
    assert field.bounding_box()["height"] > 2 * low
    field.press("Enter")
    expect(log_of(cell)).to_contain_text("[o][two][three]")
    expect(status_of(cell)).to_have_text("sent 3 lines")
    expect(field).to_have_value("")
    assert field.bounding_box()["height"] == low

    # Without a newline the container's line goes on.
    newline = cell.get_by_role("checkbox", name="Newline")
    newline.uncheck()
    field.fill("half ")
    field.press("Enter")
    expect(status_of(cell)).to_have_text("sent without a newline: half")
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
    expect(status_of(cell)).to_have_text("sent hidden input")
    expect(secret).to_have_value("")
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

    # What is half typed makes room for the reason, and nothing moves.
    field.fill("half")
    again = view.locator(".hj-again")
    expect(again).to_be_hidden()
    places = [view.locator(f".hj-{part}").bounding_box() for part in ("session", "leaving")]
    button(view, "Detach").press("Enter")
    expect(view.locator(".hj-state")).to_have_text("detached")
    expect(view.locator(".hj-leave")).to_have_text("You have left; the container runs on.")
    expect(field).to_have_value("")
    expect(field).to_have_attribute("placeholder", "the session has ended (detached)")
    expect(again).to_have_text("Attach again")
    now = [view.locator(f".hj-{part}").bounding_box() for part in ("session", "leaving")]
    assert now == places

    # A control that is off can be reached, and says why.
    eof = button(view, "EOF")
    expect(eof).to_be_disabled()
    eof.focus()
    expect(eof).to_be_focused()
    notebook.page.keyboard.press("Enter")
    expect(status_of(view)).to_have_text("the session has ended (detached)")

    # The session goes on in all views; the draft and the keyboard stay.
    again.focus()
    notebook.page.keyboard.press("Enter")
    expect(view.locator(".hj-state")).to_have_text("attached")
    expect(status_of(view)).to_have_text("attached again")
    expect(field).to_be_focused()
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
        expect(stdin_of(cell)).to_be_enabled()

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
    source = ATTACH.replace("s.view(rows=6)", f"s = {KEYS}\ns.view(rows=6)")
    notebook = open_notebook(f"signals-{front_end}.ipynb", [source, "1"], front_end=front_end)
    notebook.run(0)
    cell, keyboard = notebook.cell(0), notebook.page.keyboard
    expect(cell.locator(".hj-state")).to_have_text("attached")
    menu = button(cell, "Signal…")
    item = cell.get_by_role("menuitem")
    menu.focus()
    keyboard.press("Enter")
    expect(item.first).to_be_focused()
    keyboard.press("Escape")
    expect(item.first).to_be_hidden()
    expect(menu).to_be_focused()

    keyboard.press("Enter")
    for key in ("End", "ArrowDown", "ArrowUp", "Home", "u"):
        keyboard.press(key)
    expect(item.filter(has_text="USR1")).to_be_focused()
    keyboard.press("Enter")
    expect(log_of(cell)).to_contain_text("got USR1")
    expect(status_of(cell)).to_have_text("sent SIGUSR1")

    # KILL asks, and Cancel is what the next Enter means.
    menu.focus()
    keyboard.press("Enter")
    keyboard.press("k")
    keyboard.press("Enter")
    expect(button(cell, "Cancel")).to_be_focused()
    keyboard.press("Enter")
    expect(button(cell, "Cancel")).to_be_hidden()
    expect(cell.locator(".hj-state")).to_have_text("attached")
    menu.focus()
    for key in ("Enter", "k", "Enter", "Shift+Tab", "Enter"):
        keyboard.press(key)
    expect(cell.locator(".hj-state")).to_have_text("exited with code 137 (killed, SIGKILL)")
    assert notebook.cell(1).is_visible()  # no key was a command of the notebook
