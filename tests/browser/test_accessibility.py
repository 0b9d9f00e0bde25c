"""The widget without a mouse and without eyes: axe-core's rules, and the keyboard alone."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("playwright", reason="browser tests need the package playwright")
from playwright.sync_api import expect

from tests.browser.parts import find_in, more_of
from tests.jupyter_server import ROOT

AXE = ROOT / "js" / "node_modules" / "axe-core" / "axe.min.js"
CELLS = [
    """
from hyper_jupyter.widgets import SessionWidgets
from tests.browser.demo import colours, greeter, terminal
web, shell, gone = greeter("web"), terminal("shell"), greeter("gone")
SessionWidgets(web).view(rows=6)
""",
    "SessionWidgets(shell).view(rows=4)",
    "SessionWidgets(gone).view('merged', rows=4)",
    "colours(web); gone.exit(3)",
]


def findings(page: Any) -> list[str]:
    """What axe-core has to say against the widgets."""
    if not page.evaluate("() => Boolean(window.axe)"):
        page.add_script_tag(path=str(AXE))
    answer = page.evaluate("() => axe.run('.hyper-jupyter')")
    return [
        f"{violation['id']}: {node['html'][:120]} | {node['failureSummary']}"
        for violation in answer["violations"]
        for node in violation["nodes"]
    ]


def test_axe_finds_nothing_in_light_and_dark(open_notebook: Any) -> None:
    notebook = open_notebook("axe.ipynb", CELLS)
    notebook.run_all()
    notebook.wait_for_cell(3)
    expect(notebook.cell(0).get_by_role("log", name="stdout log")).to_contain_text("bright")
    for theme in ("JupyterLab Dark", "JupyterLab Dark High Contrast"):
        notebook.set_theme(theme)
        assert findings(notebook.page) == [], theme
        notebook.screenshot(f"axe-{theme.lower().replace(' ', '-')}")
    notebook.set_theme("JupyterLab Light")
    cell = notebook.cell(0)
    find_in(cell).click()
    more_of(cell).click()
    cell.get_by_role("menuitemcheckbox", name="Details").click()
    cell.get_by_role("button", name="filter lines").click()
    more_of(cell).click()
    assert findings(notebook.page) == []
    # What it would say, were something wrong.
    find_in(cell).evaluate("button => { button.ariaLabel = null; button.title = ''; }")
    assert [finding.split(":")[0] for finding in findings(notebook.page)] == ["button-name"]


def test_axe_finds_nothing_in_a_view_that_is_not_in_its_cell(open_notebook: Any) -> None:
    notebook = open_notebook("axe-places.ipynb", CELLS[:1])
    notebook.run(0)
    page, cell = notebook.page, notebook.cell(0)
    expect(cell.get_by_role("log", name="stdout log")).to_contain_text("hello from web")
    cell.get_by_role("button", name="more", exact=True).click()
    cell.get_by_role("menuitem", name="Keep in view while scrolling").click()
    floating = page.get_by_role("region", name="web, kept in view")
    expect(floating).to_be_visible()
    notebook.set_theme("JupyterLab Dark High Contrast")
    assert findings(page) == []
    notebook.screenshot("axe-float")
    floating.get_by_role("button", name="full screen").click()
    expect(page.get_by_role("dialog", name="web, full screen")).to_be_visible()
    assert findings(page) == []
    notebook.screenshot("axe-full")


def test_everything_is_done_from_the_keyboard(open_notebook: Any) -> None:
    notebook = open_notebook("keyboard.ipynb", CELLS[:1])
    notebook.run(0)
    page, cell = notebook.page, notebook.cell(0)
    expect(cell.get_by_role("log", name="stdout log")).to_contain_text("hello from web")

    def tab_to(what: Any, key: str = "Tab") -> None:
        """Press Tab until it has the focus; each stop on the way shows where it is."""
        for _ in range(20):
            if what.evaluate("element => element === document.activeElement"):
                return
            page.keyboard.press(key)
            invisible = page.evaluate(
                """() => {
                  const { activeElement } = document;
                  const around = activeElement.closest(".hj-terminal, .hj-toggle, .hj-splitter");
                  const { outlineStyle } = getComputedStyle(around ?? activeElement);
                  const seen = outlineStyle !== "none" || around?.matches(".hj-splitter");
                  return seen ? "" : activeElement.outerHTML;
                }"""
            )
            assert not invisible
        raise AssertionError("Tab does not lead there")

    cell.get_by_role("radio", name="Split").focus()
    page.keyboard.press("ArrowRight")
    expect(cell.get_by_role("log", name="merged log")).to_contain_text("stderr: hello from web")
    page.keyboard.press("ArrowLeft")
    tab_to(find_in(cell), "Shift+Tab")
    page.keyboard.press("Enter")
    page.keyboard.type("hello")
    expect(cell.locator(".hj-stdout .hj-search-count")).to_have_text("1 of 1")
    page.keyboard.press("Escape")
    expect(cell.locator(".hj-stdout .xterm-helper-textarea")).to_be_focused()
    more = more_of(cell)
    tab_to(more, "Shift+Tab")  # the header is before the panes
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")  # timestamps
    expect(cell.locator(".hj-stderr .xterm-rows")).to_contain_text("hello from web on stderr")
    expect(cell.get_by_role("log", name="stderr log")).to_contain_text(":")
    expect(more).to_be_focused()
    tab_to(cell.get_by_label("stdin", exact=True))
    page.keyboard.type("by hand\n")
    expect(cell.get_by_role("log", name="stdout log")).to_contain_text("web got by hand")
    tab_to(cell.get_by_role("button", name="Detach"), "Shift+Tab")
    page.keyboard.press("Enter")
    expect(cell.locator(".hj-state")).to_have_text("detached")
