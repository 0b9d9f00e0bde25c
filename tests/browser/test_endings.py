"""A cut connection: what the page shows of it and of the attempts to attach again."""

from __future__ import annotations

import re
from typing import Any

import pytest

pytest.importorskip("playwright", reason="browser tests need the package playwright")
from playwright.sync_api import expect

from tests.browser.parts import enter, log_of

SESSION = """
import hyper_jupyter as hj
from pathlib import Path
from tempfile import mkdtemp
from tests.proxies import CuttingProxy
proxy = CuttingProxy(Path(mkdtemp(), "cut"), hj.connect("local:")._endpoint.path).__enter__()
client = hj.connect(proxy.url)
s = client.run("host", ["sh", "-c", "echo one; echo oops >&2; read x; echo two; read x"],
               stdin=True)
s
"""
TERMINAL = """
client.run("host", ["sh", "-c", "printf 'hello\\n$ '; read x; echo got $x; read x"], tty=True,
           stdin=True)
"""
CUT = "proxy.refuse(); proxy.cut()"
CELLS = (SESSION, 's.view("merged")', TERMINAL, CUT, "proxy.accept()", "proxy.__exit__()")
MARK = "— connection cut, attached again after"


def lines(scope: Any, name: str = "stdout") -> list[str]:
    return [re.sub(r" after .*", "", line) for line in log_of(scope, name).inner_text().split("\n")]


def test_a_cut_is_one_line_between_the_output_and_the_way_back_is_counted_down(
    open_notebook: Any,
) -> None:
    notebook = open_notebook("cut.ipynb", CELLS)
    split, merged, terminal = (notebook.cell(number) for number in range(3))
    for number in range(3):
        notebook.run(number)
        notebook.wait_for_cell(number)
        expect(notebook.cell(number).locator(".hj-state")).to_have_text("attached")
    expect(log_of(terminal)).to_contain_text("hello")
    notebook.run(3)
    expect(split.locator(".hj-state")).to_have_text("reconnecting")
    expect(split.locator(".hj-count")).to_have_text(
        re.compile(r"trying again in \d+ s \(attempt \d+\)")
    )
    expect(split.get_by_label("stdin", exact=True)).to_be_disabled()
    notebook.screenshot("reconnecting")
    for cell in (split, terminal):  # later the button may be gone before it is pressed
        cell.get_by_role("button", name="Try now").click()
    notebook.run(4)
    notebook.wait_for_cell(4)
    for cell in (split, merged, terminal):
        expect(cell.locator(".hj-state")).to_have_text("attached")
        expect(cell.locator(".hj-reconnect")).to_be_hidden()
        expect(log_of(cell, log_name(cell))).to_contain_text(MARK)
    enter(split, "go on")
    expect(log_of(split)).to_contain_text("two")
    assert lines(split) == ["one", "— connection cut, attached again", "two"]
    assert lines(split, "stderr") == ["oops", "— connection cut, attached again"]
    assert log_of(merged, "merged").get_by_text(MARK).count() == 1
    notebook.screenshot("cut")
    notebook.run(3)
    split.get_by_role("button", name="Stop").click()
    expect(split.locator(".hj-state")).to_have_text("detached")
    notebook.run(5)
    notebook.wait_for_cell(5)


def log_name(cell: Any) -> str:
    """What the log of a cell's first pane is called."""
    label = cell.get_by_role("log").first.get_attribute("aria-label")
    return str(label).removesuffix(" log")


def test_a_pane_into_which_nothing_came_says_so_at_the_end(open_notebook: Any) -> None:
    silent = """
import hyper_jupyter as hj
client = hj.connect("local:")
s = client.run("host", ["sh", "-c", "read x"], stdin=True)
s
"""
    notebook = open_notebook("silent.ipynb", (silent, 's.view("merged")', "s.send_line('end')"))
    views = notebook.cell(0), notebook.cell(1)
    for number, view in enumerate(views):
        notebook.run(number)
        notebook.wait_for_cell(number)
        expect(view.locator(".hj-state")).to_have_text("attached")
        expect(log_of(view, log_name(view))).to_have_text("")
    notebook.run(2)
    for view in views:
        expect(log_of(view, log_name(view))).to_have_text("— no output came —")
        expect(view.locator(".hj-state")).to_have_text("exited with code 0")
    notebook.screenshot("silent")
