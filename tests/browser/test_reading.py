"""Reading a log in real JupyterLab: errors, pauses, times, lines around a match, copies, places."""

from __future__ import annotations

import re
from typing import Any

import pytest

pytest.importorskip("playwright", reason="browser tests need the package playwright")
from playwright.sync_api import expect

from tests.browser.parts import log_of

SESSION = """
from datetime import datetime
from hyper_jupyter.protocol import StreamType
from hyper_jupyter.widgets import SessionWidgets
from tests.widgets.fakes import ScriptedSession
shop = ScriptedSession("NAME")
start = datetime(2026, 1, 2, 10).timestamp()
def say(seconds, text, stream=StreamType.STDOUT):
    shop.journal.append(stream, text.encode() + b"\\n", start + seconds)
say(0, "listening on port 8080")
say(0.25, "GET / 200")
say(1.5, "GET /cart 200")
say(2, "ERROR cannot reach the database")
say(2.5, "Traceback (most recent call last):")
say(2.5, '  File "shop/app.py", line 3, in main')
say(2.5, "OSError: no route")
say(3, "error: [retry] worker 2 gave up", StreamType.STDERR)
for n in range(30):
    say(4 + n / 10, f"GET /item/{n} 200")
say(800, "GET /after 200")
say(50_000, "ERROR the disk is full, see https://example.org/disk")
say(50_001, "GET /last `200`")
view = SessionWidgets(shop).view("merged", rows=16)
view
"""
FILE = """
import pathlib
pathlib.Path("shop").mkdir()
pathlib.Path("shop/app.py").write_text("one\\ntwo\\nthree\\nfour\\n")
"""


def named(name: str) -> str:
    """The cell of the session. What is chosen for a container is remembered for the next test."""
    return SESSION.replace("NAME", name)


def pick(cell: Any, item: str) -> None:
    cell.get_by_role("button", name="more", exact=True).click()
    cell.get_by_role("menu").get_by_text(item, exact=True).click()


def test_errors_pauses_and_times_are_found_in_a_log(open_notebook: Any) -> None:
    notebook = open_notebook("reading.ipynb", [named("errors")])
    notebook.run(0)
    page, cell = notebook.page, notebook.cell(0)
    notebook.hide_sidebar()
    log = log_of(cell, "merged")
    lines = log.locator("div")
    expect(log).to_contain_text("GET /last")

    # Where nothing came for minutes, that is said; the lines themselves have no times.
    expect(lines.filter(has_text=re.compile(r"^— 13 min —$"))).to_have_count(1)
    expect(lines.filter(has_text=re.compile(r"^— 13 h 40 min —$"))).to_have_count(1)

    # F8 goes to the newest error, and on from there; the tool says how many there are.
    expect(cell.get_by_role("button", name="next error")).to_be_visible()
    pane = cell.locator(".hj-merged")
    pane.locator(".xterm-helper-textarea").focus()
    page.keyboard.press("F8")
    view = cell.locator(".hj-session")
    expect(view).to_contain_text("error 3 of 3")
    page.keyboard.press("Shift+F8")
    expect(view).to_contain_text("error 2 of 3")
    mark = pane.locator(".hj-error-mark")
    expect(mark).to_be_visible()
    tool = cell.get_by_role("button", name="next error")
    tool.hover()
    expect(tool).to_have_attribute("title", re.compile(r": 3 here$"))
    tool.click()
    tool.click()
    expect(view).to_contain_text("error 1 of 3")
    notebook.screenshot("reading-errors")

    # One stream at a time: after the errors of the one in front come those of the other.
    cell.get_by_role("radio", name="Tabs").click()
    stdout, stderr = (cell.locator(f".hj-pane.hj-{name}") for name in ("stdout", "stderr"))
    expect(log_of(cell, "stdout")).to_contain_text("GET /last")
    stdout.locator(".xterm-helper-textarea").focus()
    for said in ("error 2 of 2", "error 1 of 1", "error 1 of 2"):
        page.keyboard.press("F8")
        expect(view).to_contain_text(said)
        if said == "error 1 of 1":
            expect(stderr.locator(".hj-error-mark")).to_be_visible()
            expect(stdout).to_be_hidden()
            expect(cell.get_by_role("tab", selected=True)).to_contain_text("stderr")
            notebook.screenshot("reading-tabs")
    expect(stdout.locator(".hj-error-mark")).to_be_visible()
    expect(stderr).to_be_hidden()
    cell.get_by_role("radio", name="Merged").click()

    pick(cell, "Time since the line before")
    expect(lines.filter(has_text="+1.250 s GET /cart 200")).to_have_count(1)
    expect(lines.filter(has_text="+ 13.7 h ERROR the disk")).to_have_count(1)
    notebook.screenshot("reading-since")
    pick(cell, "Timestamps")
    expect(lines.filter(has_text="2026-01-02 10:00:01.500 GET /cart 200")).to_have_count(1)
    pick(cell, "Pauses between lines")
    expect(log).not_to_contain_text("13 min")
    expect(log).to_contain_text("10:13:20.000 GET /after")
    expect(tool).to_be_visible()


def test_a_filter_keeps_lines_around_and_names_a_stream(open_notebook: Any) -> None:
    notebook = open_notebook("around.ipynb", [named("around")])
    notebook.run(0)
    cell = notebook.cell(0)
    notebook.hide_sidebar()
    lines = log_of(cell, "merged").locator("div")
    expect(lines.last).to_contain_text("GET /last")
    cell.get_by_role("button", name="filter lines").click()
    field = cell.get_by_role("textbox", name="filter lines")
    field.fill("level>=error")
    expect(cell.locator(".hj-filter-count")).to_have_text("5 of 41 lines")
    cell.get_by_role("spinbutton", name="lines to keep around each match").fill("1")
    expect(field).to_have_value("level>=error around:1")
    expect(cell.locator(".hj-filter-count")).to_have_text("5 of 41 lines")
    expect(lines.nth(0)).to_have_text("GET /cart 200")
    expect(log_of(cell, "merged")).to_contain_text("lines left out —")
    expect(lines.last).to_contain_text("GET /last")
    notebook.screenshot("reading-around")
    field.fill("stream:stderr")
    expect(lines).to_have_text(["stderr: error: [retry] worker 2 gave up"])
    field.press("Escape")
    expect(lines.first).to_contain_text("listening")


def test_lines_are_copied_as_text_and_for_markdown(open_notebook: Any) -> None:
    notebook = open_notebook("copies.ipynb", [named("shop")])
    page, cell = notebook.page, notebook.cell(0)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    notebook.run(0)
    expect(log_of(cell, "merged")).to_contain_text("GET /last")

    def copied(item: str) -> list[str]:
        page.evaluate("() => navigator.clipboard.writeText('')")
        pick(cell, item)
        page.wait_for_function("async () => await navigator.clipboard.readText() !== ''")
        return str(page.evaluate("() => navigator.clipboard.readText()")).split("\n")

    text = copied("Copy all")
    assert text[0] == "  listening on port 8080"
    assert text[-1] == "  GET /last `200`"
    assert not [line for line in text if line.startswith("—")]  # words of ours are no output
    head, blank, fence, *block = copied("Copy as Markdown")
    assert re.fullmatch(r"`shop` stdout and stderr, \d{4}(-\d\d){2} [\d:]{8} UTC.*", head)
    assert (blank, fence, block[-2:]) == ("", "```text", ["```", ""])
    assert block[:-2] == text
    head, blank, *quote = copied("Copy as a quote")
    assert head.startswith("> `shop` stdout and stderr, ")
    assert (blank, quote[0]) == (">", ">       listening on port 8080")

    # What is selected with the mouse, here a word.
    screen = cell.locator(".hj-merged .xterm-screen")
    height = screen.bounding_box()["height"] / 16
    screen.dblclick(position={"x": 60, "y": 15.5 * height}, force=True)
    selection = copied("Copy selection")
    assert len(selection) == 1
    assert selection[0] in text[-1]
    assert copied("Copy selection as Markdown")[3] == selection[0]


def test_a_place_in_a_file_is_opened_only_after_a_question(open_notebook: Any) -> None:
    notebook = open_notebook("places.ipynb", [FILE, named("places")])
    page, cell = notebook.page, notebook.cell(1)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    notebook.run(0)
    notebook.run(1)
    notebook.hide_sidebar()
    # What finds errors and places is loaded after the first lines.
    expect(cell.get_by_role("button", name="next error")).to_be_visible()
    pane = cell.locator(".hj-merged")
    pane.locator(".xterm-helper-textarea").focus()
    page.keyboard.press("Home")
    screen = pane.locator(".xterm-screen")
    box = screen.bounding_box()

    def click() -> None:
        place = {"x": 100, "y": 5.5 * box["height"] / 16}
        # xterm does not look again at a cell that the mouse comes back to.
        screen.hover(position={"x": 10, "y": 9.5 * box["height"] / 16}, force=True)
        screen.hover(position=place, force=True)
        expect(cell.locator(".hj-terminal[title='shop/app.py:3']")).to_be_visible()
        screen.click(position=place, force=True)

    click()
    question = cell.get_by_role("alertdialog")
    expect(question).to_contain_text("Open this server's shop/app.py?")
    expect(question).to_contain_text("shop/app.py:3")
    notebook.screenshot("reading-place")
    assert not page.locator(".jp-FileEditor").count()
    question.get_by_role("button", name="Copy").click()
    expect(cell.locator(".hj-session")).to_contain_text("copied")
    assert page.evaluate("() => navigator.clipboard.readText()") == "shop/app.py:3"
    click()
    question.get_by_role("button", name="Open in the editor").click()
    editor = page.locator(".jp-FileEditor")
    expect(editor).to_contain_text("three")
    expect(page.locator("#jp-main-statusbar")).to_contain_text("Ln 3, Col 1")
    notebook.screenshot("reading-editor")
