"""How the widgets look: in light and dark, wide and narrow. The pictures are in test-results."""

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
SessionWidgets(web).view()
""",
    "SessionWidgets(shell).view(rows=8)",
]
COLOURS = """
from tests.browser.demo import colours
colours(web)
"""
TALL = """
from hyper_jupyter.protocol import StreamType
lines = b"".join(b"line %d\\n" % n for n in range(20))
web.output(lines)
web.output(lines, StreamType.STDERR)
"""
BACKGROUNDS = {"Dark": "rgb(17, 17, 17)", "Light": "rgb(255, 255, 255)"}


def test_the_panes_have_the_colours_of_the_theme(open_notebook: Any) -> None:
    notebook = open_notebook("themes.ipynb", [*CELLS, COLOURS])
    notebook.run_all()
    notebook.wait_for_cell(2)
    pane = notebook.cell(0).locator(".hj-terminal").first
    expect(pane).to_contain_text("bright")
    notebook.hide_sidebar()
    for theme, background in BACKGROUNDS.items():
        notebook.set_theme(f"JupyterLab {theme}")
        expect(pane, theme).to_have_css("background-color", background)
        notebook.screenshot(f"look-{theme.lower()}")


def test_narrow_panes_lie_below_one_another(open_notebook: Any) -> None:
    notebook = open_notebook("narrow.ipynb", [*CELLS, TALL])
    notebook.run_all()
    cell = notebook.cell(0)
    expect(cell.locator(".hj-pane")).to_have_count(2)
    for name in ("stdout", "stderr"):
        expect(log_of(cell, name)).to_contain_text("line 19")
    notebook.hide_sidebar()
    notebook.page.set_viewport_size({"width": 620, "height": 1000})
    out, err = cell.locator(".hj-stdout"), cell.locator(".hj-stderr")
    notebook.page.wait_for_function(
        "([out, err]) => err.getBoundingClientRect().top >= out.getBoundingClientRect().bottom",
        arg=[out.element_handle(), err.element_handle()],
    )
    heights = [pane.bounding_box()["height"] for pane in (out, err)]
    assert min(heights) > 14 * 14
    view = cell.locator(".hj-session")
    assert view.evaluate("element => element.scrollWidth <= element.clientWidth")
    notebook.screenshot("look-narrow")
