"""What can be done with panes in real JupyterLab: layouts, search, pause, times, sizes."""

from __future__ import annotations

import re
from typing import Any

import pytest

pytest.importorskip("playwright", reason="browser tests need the package playwright")
from playwright.sync_api import expect

SESSION = """
from hyper_jupyter.protocol import StreamType
from hyper_jupyter.widgets import SessionWidgets
from tests.browser.demo import colours, greeter
web = greeter("web")
view = SessionWidgets(web).view(rows=10)
view
"""
ALTERNATING = """
for n in range(4):
    web.output(f"out {n}\\n".encode())
    web.output(f"\\x1b[33merr {n}\\n".encode(), StreamType.STDERR)
"""


def log_of(scope: Any, name: str) -> Any:
    return scope.get_by_role("log", name=f"{name} log")


def lines_of(scope: Any, name: str) -> list[str]:
    return [text for text in log_of(scope, name).locator("div").all_inner_texts() if text]


def choose(scope: Any, layout: str) -> None:
    scope.get_by_role("radio", name=layout).click()


def pick(pane: Any, item: str) -> None:
    pane.get_by_role("button", name="more for this pane").click()
    pane.get_by_role("menu").get_by_text(item, exact=True).click()


def test_the_layouts_show_the_same_bytes_in_their_order(open_notebook: Any) -> None:
    notebook = open_notebook("layouts.ipynb", [SESSION, ALTERNATING, ALTERNATING])
    notebook.run(0)
    cell = notebook.cell(0)
    expect(log_of(cell, "stdout")).to_contain_text("hello from web")
    notebook.run(1)
    expect(log_of(cell, "stderr")).to_contain_text("err 3")
    choose(cell, "Merged")
    expected = ["hello from web on stdout", "stderr: hello from web on stderr"]
    expected += [line for n in range(4) for line in (f"out {n}", f"stderr: err {n}")]
    expect(log_of(cell, "merged").locator("div")).to_have_text(expected)
    notebook.run(2)
    expect(log_of(cell, "merged").locator("div")).to_have_count(18)
    assert lines_of(cell, "merged") == [*expected, *expected[2:]]
    notebook.hide_sidebar()
    notebook.screenshot("panes-merged")
    pick(cell, "Timestamps")
    expect(log_of(cell, "merged").locator("div").nth(4)).to_have_text(
        re.compile(r"^\d\d:\d\d:\d\d\.\d{3} out 1$")
    )
    notebook.screenshot("panes-times")
    choose(cell, "Tabs")
    expect(cell.get_by_role("tabpanel", name="stdout")).to_be_visible()
    expect(cell.locator(".hj-stderr")).to_be_hidden()
    cell.get_by_role("tab", name=re.compile("stderr")).click()
    expect(log_of(cell, "stderr")).to_contain_text("err 3")
    notebook.screenshot("panes-tabs")
    choose(cell, "Split")
    for name in ("stdout", "stderr"):
        expect(log_of(cell, name).locator("div")).to_have_count(9)
    assert lines_of(cell, "stderr")[1:] == [f"err {n}" for n in range(4)] * 2
    notebook.screenshot("panes-split")
    cell.get_by_role("button", name="more for this pane").first.click()
    notebook.screenshot("panes-menu")
