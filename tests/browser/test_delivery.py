"""Floods, busy kernels and lost pages: what the page shows of them in real JupyterLab."""

from __future__ import annotations

import re
from typing import Any

import pytest

pytest.importorskip("playwright", reason="browser tests need the package playwright")
from playwright.sync_api import expect

from tests.browser.parts import enter, find_in, log_of, more_of

bounded = pytest.mark.claim(
    "What containers print is bounded in memory, on disk and in what a page holds."
)

SESSION = """
from hyper_jupyter.widgets import SessionWidgets
from tests.browser.demo import greeter
ann = greeter("ann")
SessionWidgets(ann).view()
"""

FLOOD = """
import time
for block in range(100):
    lines = range(block * 10_000, (block + 1) * 10_000)
    ann.output(b"".join(b"line %d\\n" % line for line in lines))
    time.sleep(0.01)
ann.output(b"the end\\n")
"""


def test_a_million_lines_end_with_the_last(open_notebook: Any) -> None:
    notebook = open_notebook("flood.ipynb", [SESSION, FLOOD])
    notebook.run_all()
    notebook.wait_for_cell(1)
    cell = notebook.cell(0)
    expect(log_of(cell)).to_contain_text("the end", timeout=40_000)
    expect(log_of(cell)).to_contain_text("line 999999")
    expect(cell.locator(".hj-stdout .hj-bytes")).to_contain_text("12 MB")
    notebook.screenshot("flood")


SHORT = """
import hyper_jupyter as hj
lines = "echo out; for n in 1 2 3 4 5; do echo err $n >&2; done"
hj.connect("local:").run("default", ["sh", "-c", lines]).view()
"""


def test_the_first_lines_of_both_streams_are_there_once(open_notebook: Any) -> None:
    # They come before the page has said hello, and its terminals open one after the other.
    notebook = open_notebook("short.ipynb", [SHORT] * 2)
    for number in range(2):
        notebook.run(number)
        cell = notebook.cell(number)
        expect(cell.locator(".hj-state")).to_contain_text("exited with code 0")
        expect(log_of(cell, "stderr").locator("div")).to_have_text(
            [f"err {number}" for number in range(1, 6)]
        )
        expect(log_of(cell).locator("div")).to_have_text(["out"])


@bounded
def test_a_page_that_cannot_follow_says_how_much_it_skipped(open_notebook: Any) -> None:
    # Long lines that take no room: the mark stays among the last lines.
    burst = "ann.output((b'\\x1b[0m' * 2047 + b'abc\\n') * 1024)"
    notebook = open_notebook("skip.ipynb", [SESSION, burst])
    notebook.run(0)
    expect(log_of(notebook.cell(0))).to_contain_text("hello from ann")
    notebook.run(1)
    mark = log_of(notebook.cell(0)).get_by_text("bytes skipped, all in the transcript")
    expect(mark).to_have_count(1)
    # A multiple of the lines' length: it has jumped to the start of a line.
    skipped = int(mark.inner_text().split()[1].replace(",", ""))
    assert skipped % 8192 == 0
    assert skipped > 6_000_000
    counter = notebook.cell(0).locator(".hj-stdout .hj-bytes")
    expect(counter).to_have_text(f"8.4 MB, {skipped / 1e6:.1f} MB of it not shown")
    notebook.screenshot("skipped")


@bounded
def test_lines_that_have_left_the_pane_are_told_of_and_can_be_read(open_notebook: Any) -> None:
    lines = "ann.output(b''.join(b'line %d\\n' % n for n in range(30_000)))"
    notebook = open_notebook("left.ipynb", [SESSION, lines])
    notebook.run(0)
    cell = notebook.cell(0)
    expect(log_of(cell)).to_contain_text("hello from ann")
    expect(cell.get_by_role("button", name="Read all").first).to_be_hidden()
    notebook.run(1)
    expect(log_of(cell)).to_contain_text("line 29999")
    counter = cell.locator(".hj-stdout .hj-bytes")
    expect(counter).to_have_text("319 kB, the newest 10,000 lines shown")
    pane = cell.locator(".hj-stdout")
    tag, lines = pane.locator(".hj-tag"), pane.locator(".xterm-screen")
    expect(tag).to_be_visible()
    above, below = tag.bounding_box(), lines.bounding_box()
    assert above["y"] + above["height"] <= below["y"]  # so it covers none of them
    find_in(cell).click()
    notebook.page.keyboard.type("line 4321")
    expect(pane.locator(".hj-search-count")).to_have_text("not among the newest 10,000 lines")
    notebook.page.keyboard.press("Escape")
    pane.get_by_role("button", name="Read all").click()
    reader = cell.get_by_role("region", name="transcript")
    # Where the pane's own lines begin.
    expect(reader.locator(".xterm-rows")).to_contain_text(re.compile(r"line 18\d\d\d"))
    notebook.screenshot("left")


def test_what_is_skipped_can_be_read(open_notebook: Any) -> None:
    burst = "ann.output(b''.join(b'%07d' % n + b'\\x1b[0m' * 500 + b'\\n' for n in range(4096)))"
    notebook = open_notebook("reader.ipynb", [SESSION, burst])
    notebook.run(0)
    cell = notebook.cell(0)
    expect(log_of(cell)).to_contain_text("hello from ann")
    notebook.run(1)
    expect(log_of(cell)).to_contain_text("0004095")
    reader = cell.get_by_role("region", name="transcript")
    # The pane's own button, and the keyboard alone.
    cell.get_by_role("button", name="Read all").focus()
    notebook.page.keyboard.press("Enter")
    rows = reader.locator(".xterm-rows > div")
    expect(rows.first).to_have_text("0000000")
    reader.get_by_role("button", name="Later").click()
    expect(rows.first).to_have_text("0000032")
    notebook.screenshot("reader")
    reader.get_by_role("button", name="Earlier").click()
    expect(reader.locator(".xterm-rows")).to_contain_text("0000031")
    expect(reader.get_by_role("button", name="Earlier")).to_be_disabled()
    notebook.page.keyboard.press("Escape")
    expect(reader).to_have_count(0)
    expect(cell.get_by_role("button", name="Read all")).to_be_focused()
    # The mark between the lines, with the mouse.
    mark = cell.locator(".hj-stdout .xterm-rows > div").filter(has_text="all in the transcript")
    cell.locator(".hj-stdout textarea").focus()
    notebook.page.keyboard.press("Home")
    expect(mark).to_be_visible()
    box = mark.bounding_box()
    notebook.page.mouse.move(box["x"] + 60, box["y"] + 5)
    notebook.page.mouse.click(box["x"] + 60, box["y"] + 5)
    expect(rows.first).to_have_text("0000000")
    reader.get_by_role("button", name="Close").click()
    expect(reader).to_have_count(0)


def test_a_page_that_is_reloaded_while_a_cell_runs_goes_on_after_it(open_notebook: Any) -> None:
    # Until the cell ends JupyterLab itself does not get through to the kernel. After four seconds
    # it gives up: then no widget of any package is there.
    notebook = open_notebook("busy-reload.ipynb", [SESSION, "import time; time.sleep(3)"])
    notebook.run(0)
    enter(notebook.cell(0), "before")
    expect(log_of(notebook.cell(0))).to_contain_text("ann got before")
    notebook.save()
    notebook.run(1)
    notebook.reload()
    expect(log_of(notebook.cell(0))).to_contain_text("ann got before", timeout=40_000)
    enter(notebook.cell(0), "after")
    expect(log_of(notebook.cell(0))).to_contain_text("ann got after")


def test_a_notebook_that_is_closed_and_opened_again_goes_on(open_notebook: Any) -> None:
    notebook = open_notebook("closed.ipynb", [SESSION])
    notebook.run(0)
    enter(notebook.cell(0), "one")
    expect(log_of(notebook.cell(0))).to_contain_text("ann got one")
    notebook.save()
    notebook.close()
    notebook.open_again()
    expect(log_of(notebook.cell(0))).to_contain_text("ann got one")
    enter(notebook.cell(0), "two")
    expect(log_of(notebook.cell(0))).to_contain_text("ann got two")


def test_a_second_browser_tab_shows_the_same_session(open_notebook: Any) -> None:
    notebook = open_notebook("tabs.ipynb", [SESSION])
    notebook.run(0)
    enter(notebook.cell(0), "one")
    expect(log_of(notebook.cell(0))).to_contain_text("ann got one")
    notebook.save()
    second = notebook.in_another_tab()
    expect(log_of(second.cell(0))).to_contain_text("ann got one")
    enter(second.cell(0), "two")
    for tab in (notebook, second):
        expect(log_of(tab.cell(0))).to_contain_text("ann got two")


SIGNS = """() => [...document.querySelectorAll(".jupyter-widgets-disconnected")]
  .map((each) => getComputedStyle(each, "::before").display)"""
"""JavaScript: how each sign of the front end that a widget has lost its kernel is displayed."""


def test_a_restarted_kernel_leaves_no_dead_input(open_notebook: Any) -> None:
    notebook = open_notebook("restart.ipynb", [SESSION, "SessionWidgets(ann).stdout"])
    notebook.run(0)
    notebook.run(1)
    enter(notebook.cell(0), "one")
    expect(log_of(notebook.cell(0))).to_contain_text("ann got one")
    notebook.restart_kernel()
    expect(notebook.cell(0).locator(".hj-state")).to_have_text("kernel restarted")
    expect(notebook.cell(0).locator(".hj-stdin")).to_be_hidden()
    # A part says it, too, and nobody has to know what a broken chain means.
    part = notebook.cell(1).locator(".hj-header")
    expect(part.get_by_text("ann · kernel restarted")).to_be_visible()
    signs = notebook.page.evaluate(SIGNS)
    assert signs
    assert set(signs) == {"none"}
    notebook.screenshot("no-kernel")
    notebook.run(0)
    expect(log_of(notebook.cell(0))).to_contain_text("hello from ann")
    expect(log_of(notebook.cell(0))).not_to_contain_text("one")
    enter(notebook.cell(0), "two")
    expect(log_of(notebook.cell(0))).to_contain_text("ann got two")


@pytest.mark.parametrize(("front_end", "linked"), [("jupyterlab", True), ("nbclassic", False)])
def test_without_its_kernel_nothing_is_attached(
    open_notebook: Any, front_end: str, linked: bool
) -> None:
    notebook = open_notebook("shut.ipynb", [SESSION], front_end=front_end, linked=linked)
    notebook.run(0)
    cell = notebook.cell(0)
    expect(log_of(cell)).to_contain_text("hello from ann")
    notebook.shut_down_kernel()
    expect(cell.locator(".hj-state")).to_have_text("kernel shut down")
    expect(cell.locator(".hj-leave")).to_have_text(
        "The kernel was shut down, and the session ended with it; the container runs on. "
        "Run its cell again to attach again."
    )
    # What needs the kernel is gone; what the page can do alone is still there.
    expect(cell.locator(".hj-stdin")).to_be_hidden()
    expect(cell.locator(".hj-leaving button:visible")).to_have_count(0)
    more_of(cell).click()
    signal = cell.get_by_role("menuitem", name="Send a signal…")
    expect(signal).to_have_count(0)
    expect(cell.get_by_role("menuitem", name="Clear view")).to_be_visible()
