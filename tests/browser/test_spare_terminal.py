"""The terminal that a page opens before a view needs it."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("playwright", reason="browser tests need the package playwright")
from playwright.sync_api import Locator, expect

# The place of the spare terminal is not in the document's tree.
LISTEN = """() => {
  window.roots = [];
  const attach = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function (...options) {
    const root = attach.apply(this, options);
    window.roots.push(root);
    return root;
  };
}"""
MARK = """name => {
  const spare = window.roots.map((root) => root.querySelector(".xterm")).find(Boolean);
  if (spare) spare.dataset.spare = name;
  return Boolean(spare);
}"""
BEGIN = """
import hyper_jupyter
from hyper_jupyter.widgets import SessionWidgets
from tests.browser.demo import greeter, terminal
"""
LINES = "SessionWidgets(greeter('web')).view(layout='split')"
SHELL = "SessionWidgets(terminal('shell')).view()"


def check_measured(pane: Locator) -> None:
    """Look whether a terminal's letters are as wide as its cells, but for what rounds to pixels."""
    spacing = pane.locator(".xterm-rows").evaluate("rows => rows.style.letterSpacing")
    assert abs(float(spacing.removesuffix("px"))) < 0.05


def test_views_take_the_terminal_that_is_open_already(page: Any, open_notebook: Any) -> None:
    page.add_init_script(f"({LISTEN})()")
    notebook = open_notebook("spare.ipynb", [BEGIN, LINES, SHELL])
    notebook.run(0)
    page.wait_for_function(MARK, arg="first")

    notebook.run(1)
    panes = notebook.cell(1).locator(".hj-terminal")
    expect(panes.nth(0)).to_contain_text("hello from web on stdout")
    expect(panes.nth(1)).to_contain_text("hello from web on stderr")
    expect(panes.nth(0).locator("[data-spare=first]")).to_be_attached()
    expect(panes.nth(1).locator("[data-spare]")).to_have_count(0)
    expect(panes.nth(1).locator(".xterm")).to_be_attached()
    for each in panes.all():
        check_measured(each)

    page.wait_for_function(MARK, arg="second")
    notebook.set_theme("JupyterLab Dark")
    notebook.run(2)
    shell = notebook.cell(2).locator(".hj-terminal")
    expect(shell.locator("[data-spare=second]")).to_be_attached()
    expect(shell).to_contain_text("run.sh")
    dark = panes.nth(0).evaluate("pane => getComputedStyle(pane).backgroundColor")
    expect(shell).to_have_css("background-color", dark)
    ink = panes.nth(0).locator(".xterm-rows").evaluate("rows => getComputedStyle(rows).color")
    expect(shell.locator(".xterm-rows")).to_have_css("color", ink)
    shell.click()
    page.keyboard.type("echo")
    expect(shell).to_contain_text("$ echo")
    check_measured(shell)
