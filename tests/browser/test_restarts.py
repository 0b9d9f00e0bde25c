"""A crash loop, watched from one cell."""

from __future__ import annotations

import os
import re
from typing import Any

import pytest

pytest.importorskip("playwright", reason="browser tests need the package playwright")
from playwright.sync_api import expect

from tests.browser.parts import log_of, pick

LOOP = """
import hyper_jupyter as hj
script = 'echo "life begins"; echo oops >&2; sleep 0.2; echo "life ends"; exit 3'
s = hj.connect("local:").run("default", ["sh", "-c", script], restart="on-failure:4",
                             follow_restarts=True)
s.view()
"""


def test_a_crash_loop_over_five_lives_is_one_pane_and_is_left_and_followed_again(
    open_notebook: Any,
) -> None:
    notebook = open_notebook("restarts.ipynb", [LOOP])
    notebook.run(0)
    cell = notebook.cell(0)
    view = cell.locator(".hyper-jupyter", has=notebook.page.locator(".hj-head"))
    expect(log_of(cell)).to_contain_text("(restart 4)", timeout=40_000)
    lines = log_of(cell).locator("div")
    expect(lines.filter(has_text="life ends")).to_have_count(5, timeout=40_000)
    expect(lines.filter(has_text="exited with code 3, started again")).to_have_count(4)
    expect(cell.locator(".hj-header")).to_contain_text("4 restarts")
    waits = "exited with code 3, its restart policy gave up, waiting for a start by hand"
    expect(cell.locator(".hj-word")).to_have_text(waits)
    folder = os.environ.get("HYPER_JUPYTER_TEST_PICTURES")
    if folder:
        cell.screenshot(path=f"{folder}/restarts.png")
    # Its header is one line in a narrower view, too; what that leaves out is in the title.
    notebook.hide_sidebar()
    header = cell.locator(".hj-head")
    for width in (845, 650):
        view.evaluate("(view, width) => { view.style.maxWidth = `${width}px` }", width)
        notebook.page.wait_for_function(
            "([view, width]) => view.offsetWidth === width", arg=[view.element_handle(), width]
        )
        if folder:
            cell.screenshot(path=f"{folder}/restarts-{width}.png")
        assert header.evaluate("head => head.offsetHeight") <= 30
        assert header.evaluate("head => head.scrollWidth <= head.clientWidth")
        restarts = header.get_by_text("4 restarts")
        assert restarts.evaluate("fact => fact.scrollWidth <= fact.clientWidth")
        expect(restarts).to_have_attribute("title", re.compile(f"^state: {waits}\nrestarts: 4\n"))
    view.evaluate("view => { view.style.maxWidth = '' }")
    cell.get_by_role("button", name="Detach", exact=True).click()
    expect(cell.locator(".hj-word")).to_have_text("detached")
    pick(cell, "Follow restarts")
    expect(cell.locator(".hj-word")).to_have_text(waits)
    expect(lines.filter(has_text="life ends")).to_have_count(5)
