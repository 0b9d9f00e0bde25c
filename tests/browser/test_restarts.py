"""A crash loop, watched from one cell."""

from __future__ import annotations

import os
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
    expect(log_of(cell)).to_contain_text("(restart 4)", timeout=40_000)
    lines = log_of(cell).locator("div")
    expect(lines.filter(has_text="life ends")).to_have_count(5, timeout=40_000)
    expect(lines.filter(has_text="exited with code 3, started again")).to_have_count(4)
    expect(cell.locator(".hj-header")).to_contain_text("4 restarts")
    waits = "exited with code 3, its restart policy gave up, waiting for a start by hand"
    expect(cell.locator(".hj-word")).to_have_text(waits)
    if folder := os.environ.get("HYPER_JUPYTER_TEST_PICTURES"):
        cell.screenshot(path=f"{folder}/restarts.png")
    cell.get_by_role("button", name="Detach", exact=True).click()
    expect(cell.locator(".hj-word")).to_have_text("detached")
    pick(cell, "Follow restarts")
    expect(cell.locator(".hj-word")).to_have_text(waits)
    expect(lines.filter(has_text="life ends")).to_have_count(5)
