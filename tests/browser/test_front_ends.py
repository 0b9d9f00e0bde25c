"""One list of scenarios in every front end: panes, layouts, stdin, Detach, a terminal."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("playwright", reason="browser tests need the package playwright")
from playwright.sync_api import expect

from tests.browser.parts import log_of

CELLS = [
    """
from hyper_jupyter.widgets import SessionWidgets
from tests.browser.demo import greeter, terminal
web, shell = greeter("web"), terminal("shell")
SessionWidgets(web).view(rows=8)
""",
    "SessionWidgets(shell).view(rows=6)",
]


@pytest.mark.parametrize("front_end", ["jupyterlab", "notebook", "nbclassic", "voila"])
def test_a_session_and_a_terminal_work(open_notebook: Any, front_end: str) -> None:
    notebook = open_notebook(f"everywhere-{front_end}.ipynb", CELLS, front_end=front_end)
    notebook.run_all()
    cell, shell = notebook.cell(0), notebook.cell(1)
    expect(log_of(cell, "stdout")).to_contain_text("hello from web on stdout")
    expect(log_of(cell, "stderr")).to_contain_text("hello from web on stderr")
    cell.get_by_label("stdin", exact=True).fill("one")
    cell.get_by_label("stdin", exact=True).press("Enter")
    expect(log_of(cell, "stdout")).to_contain_text("web got one")

    cell.get_by_role("radio", name="Merged").click()
    expect(log_of(cell, "merged")).to_contain_text("stderr: hello from web on stderr")
    cell.get_by_label("stdin", exact=True).fill("warn careful")
    cell.get_by_label("stdin", exact=True).press("Enter")
    expect(log_of(cell, "merged").locator("div").last).to_have_text("stderr: warning: careful")
    notebook.screenshot(f"everywhere-{front_end}-merged")
    cell.get_by_role("radio", name="Tabs").click()
    expect(cell.get_by_role("tabpanel", name="stdout")).to_be_visible()

    # Keys that the front end has shortcuts for, "a" and "b" make cells, "x" cuts one.
    shell.locator(".xterm-helper-textarea").focus()
    notebook.page.keyboard.type("abxjk q")
    expect(log_of(shell, "stdout")).to_contain_text("$ abxjk ^[[?1;2c")
    expect(notebook.page.locator(".hj-session")).to_have_count(2)

    cell.get_by_role("button", name="Detach").click()
    expect(cell.locator(".hj-state")).to_have_text("detached")
    notebook.screenshot(f"everywhere-{front_end}")
