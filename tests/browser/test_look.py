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
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}


@pytest.mark.parametrize("theme", THEMES)
def test_the_panes_have_the_colours_of_the_theme(open_notebook: Any, theme: str) -> None:
    notebook = open_notebook(f"{theme}.ipynb", [*CELLS, COLOURS])
    notebook.run_all()
    notebook.wait_for_cell(2)
    pane = notebook.cell(0).locator(".hj-terminal").first
    expect(pane).to_contain_text("bright")
    notebook.set_theme(THEMES[theme])
    expected = {"light": "rgb(255, 255, 255)", "dark": "rgb(17, 17, 17)"}[theme]
    expect(pane).to_have_css("background-color", expected)
    notebook.hide_sidebar()
    notebook.screenshot(f"look-{theme}")
    notebook.set_theme(THEMES["light"])


EVERY_COLOUR = r"""
looks = ["7;1", "7;2", "2", "38;2;200;200;200", "48;2;40;40;40", "38;5;226"]
inks, papers = (*range(30, 38), 39, *range(90, 98)), (*range(40, 48), 49, *range(100, 108))
for more in ("", ";7", ";2"):
    looks += [f"{ink};{paper}{more}" for ink in inks for paper in papers]
web.output(b"\x1b[2J\x1b[H\x1b[7mI" + b"".join(f"\x1b[0;{look}mx".encode() for look in looks))
web.output(b"\x1b[m\nthe end\n")
"""
UNREADABLE = r"""pane => {
    const rgb = text => text.match(/[\d.]+/g).map(Number)
    const linear = part => part <= 10 ? part / 3294.6 : ((part / 255 + 0.055) / 1.055) ** 2.4
    const luminance = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
    const page = rgb(getComputedStyle(pane).backgroundColor)
    const spans = [...pane.querySelectorAll(".xterm-rows span")].filter(s => s.textContent.trim())
    return [spans.length, ...spans.flatMap(span => {
        const { color, backgroundColor } = getComputedStyle(span)
        const own = rgb(backgroundColor)
        const paper = own[3] === 0 ? page : own
        const [red, green, blue, share = 1] = rgb(color)
        const ink = [red, green, blue].map((part, n) => part * share + paper[n] * (1 - share))
        const [a, b] = [luminance(ink), luminance(paper)]
        const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
        return contrast < 4.4 ? [`${span.textContent}: ${color} on ${backgroundColor}`] : []
    })]
}"""
INVERSE = r"""pane => {
    const spans = [...pane.querySelectorAll(".xterm-rows span")]
    const { color } = getComputedStyle(spans.find(span => span.textContent === "I"))
    return [color, getComputedStyle(pane).backgroundColor]
}"""


@pytest.mark.parametrize("theme", THEMES)
def test_every_text_can_be_read_as_it_is_drawn(open_notebook: Any, theme: str) -> None:
    first = CELLS[0].replace(".view()", ".view(rows=40)")
    notebook = open_notebook(f"contrast-{theme}.ipynb", [first, EVERY_COLOUR])
    notebook.set_theme(THEMES[theme])
    notebook.run_all()
    notebook.wait_for_cell(1)
    pane = notebook.cell(0).locator(".hj-stdout .hj-terminal")
    expect(pane).to_contain_text("the end")
    expect(pane).to_contain_text("I")
    ink, paper = pane.evaluate(INVERSE)
    assert ink == paper  # inverse video is as easy to read as the rest
    spans, *unreadable = pane.evaluate(UNREADABLE)
    assert spans > 500
    assert unreadable == []
    notebook.set_theme(THEMES["light"])


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
