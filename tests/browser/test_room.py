"""How much room a session's view takes besides the output, and that all of it can be used there."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("playwright", reason="browser tests need the package playwright")
from playwright.sync_api import expect

from tests.browser.parts import log_of, more_of, strip_of
from tests.browser.test_accessibility import findings as axe_findings

BEGIN = """
import hyper_jupyter as hj
client = hj.connect("local:")
for old in client.containers():
    client.remove(old.id, force=True)
def attach(script, **options):
    name = options.pop("name", "web")
    c = client.create("default", ["sh", "-c", script], name=name, **options)
    s = client.attach(c)
    client.start(c)
    return s
"""
WITH_STDIN = """
s = attach("seq 1 8; while read -r line; do echo $line; done", stdin=True)
s.view()
"""
SERVICE = """
s = attach("seq 1 8; sleep 600")
s.view()
"""
BOTH = """
s = attach("seq 1 20; echo oops >&2; sleep 600")
s.view()
"""
TERMINAL = """
s = attach("seq 1 8; cat", stdin=True, tty=True)
s.view()
"""
ENDED = """
s = attach("seq 1 8; echo oops >&2; exit 3", stdin=True)
s.view()
"""

CHROME = """view => {
    const rows = view.querySelectorAll(".xterm-screen")
    const heights = [...rows].map((screen) => screen.offsetHeight)
    return view.offsetHeight - Math.max(...heights)
}"""


def chrome_of(cell: Any) -> int:
    """Pixels of a view's height that are not lines of its tallest pane."""
    height: int = cell.locator(".hj-session").evaluate(CHROME)
    return height


@pytest.mark.parametrize(
    ("name", "source", "shown", "most"),
    [
        ("stdin", WITH_STDIN, "8", 70),
        ("service", SERVICE, "8", 40),
        ("both", BOTH, "20", 40),
        ("terminal", TERMINAL, "8", 40),
        ("ended", ENDED, "8", 40),
    ],
)
def test_a_view_is_little_more_than_its_output(
    open_notebook: Any, name: str, source: str, shown: str, most: int
) -> None:
    notebook = open_notebook(f"room-{name}.ipynb", [BEGIN, source])
    notebook.hide_sidebar()
    notebook.page.set_viewport_size({"width": 984, "height": 700})
    notebook.run(0)
    notebook.run(1)
    cell = notebook.cell(1)
    expect(log_of(cell)).to_contain_text(shown)
    if name == "ended":
        expect(cell.locator(".hj-state")).to_have_text("exited with code 3")
    notebook.screenshot(f"room-{name}")
    width = cell.locator(".hj-session").evaluate("view => view.offsetWidth")
    assert 780 <= width <= 820
    assert chrome_of(cell) <= most


NARROW = """
from ipywidgets import Box, Layout
Box([s.view()], layout=Layout(width="{width}px"))
"""
UNUSABLE = """view => {
    const controls = "button, input, textarea:not(.xterm-helper-textarea), [role=separator]"
    const shown = [...view.querySelectorAll(controls)].filter((control) =>
        control.checkVisibility() && !control.closest("[popover], [aria-hidden=true]"))
    const unusable = shown.filter((control) => {
        control.scrollIntoView({ block: "center" })
        const [own, all] = [control.getBoundingClientRect(), view.getBoundingClientRect()]
        const hit = document.elementFromPoint(own.x + own.width / 2, own.y + own.height / 2)
        const inside = own.left >= all.left && own.right <= all.right
        return !inside || !control.contains(hit)
    })
    return [shown.length, unusable.map((control) => control.outerHTML.slice(0, 120))]
}"""


def expect_usable(notebook: Any, cell: Any, least: int) -> None:
    """Assert that all controls of a view, ``least`` or more, can be seen and pressed."""
    view = cell.locator(".hj-session")
    shown, unusable = view.evaluate(UNUSABLE)
    assert unusable == []
    assert shown >= least
    assert view.evaluate("view => view.scrollWidth <= view.clientWidth")
    # Where a low page has room for the menu neither below the button nor above it.
    more_of(cell).evaluate("button => button.scrollIntoView({ block: 'center' })")
    # A menu closes when its button moves: first all scrolling has to be over.
    notebook.page.evaluate(
        "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
    )
    more_of(cell).click()
    menu = cell.get_by_role("menu", name="more")
    expect(menu).to_be_in_viewport(ratio=0.99)
    assert axe_findings(notebook.page) == []
    notebook.page.keyboard.press("Escape")
    expect(menu).to_be_hidden()


@pytest.mark.parametrize("width", [620, 320])
def test_a_narrow_view_can_be_used(open_notebook: Any, width: int) -> None:
    source = BOTH.replace("; sleep 600", "; while read -r line; do echo $line; done").replace(
        '")\ns.view()', '", stdin=True)'
    )
    both = source + NARROW.format(width=width)
    terminal = TERMINAL.replace("s.view()", "").replace('attach("', 'attach(name="shell", script="')
    cells = [BEGIN, both, terminal + NARROW.format(width=width), "s.detach()"]
    notebook = open_notebook(f"narrow-{width}.ipynb", cells)
    notebook.hide_sidebar()
    for number in range(3):
        notebook.run(number)
    cell, shell = notebook.cell(1), notebook.cell(2)
    expect(log_of(cell)).to_contain_text("20")
    expect(log_of(cell, "stderr")).to_contain_text("oops")
    expect(log_of(shell)).to_contain_text("8")
    assert cell.locator(".hj-session").bounding_box()["width"] <= width
    notebook.screenshot(f"room-narrow-{width}")
    # Find, filter, pause, three layouts, more, Detach, the height, and five for the input.
    expect_usable(notebook, cell, 14)
    expect_usable(notebook, shell, 5)
    # A stream that is silent lies below, in one line.
    out, err = (cell.locator(f".hj-pane.hj-{name}").bounding_box() for name in ("stdout", "stderr"))
    assert err["y"] >= out["y"] + out["height"] - 1
    notebook.run(3)
    expect(shell.locator(".hj-state")).to_have_text("detached")
    expect_usable(notebook, shell, 4)
    notebook.screenshot(f"room-narrow-{width}-left")


def test_ten_quiet_containers_take_little_room(open_notebook: Any) -> None:
    quiet = "attach('echo starting; echo ready; sleep 600', name='quiet-{0}').view()"
    cells = [BEGIN, *(quiet.format(number) for number in range(10))]
    notebook = open_notebook("room-ten.ipynb", cells)
    notebook.hide_sidebar()
    notebook.page.set_viewport_size({"width": 984, "height": 1200})
    for number in range(11):
        notebook.run(number)
    # A notebook draws the cells that can be seen, and some around them.
    for number in range(1, 11):
        cell = notebook.cell(number)
        cell.scroll_into_view_if_needed()
        expect(log_of(cell)).to_contain_text("ready")
        expect(strip_of(cell)).to_have_text("stderr: nothing yet")
        expect(cell.locator(".hj-stdout .xterm-rows > div")).to_have_count(2)
    chrome = [chrome_of(notebook.cell(number)) for number in range(1, 11)]
    notebook.cell(1).scroll_into_view_if_needed()
    notebook.screenshot("room-ten")
    assert sum(chrome) <= 400
    assert axe_findings(notebook.page) == []


def test_a_page_at_twice_its_size_can_be_used(open_notebook: Any, page: Any) -> None:
    notebook = open_notebook("zoom.ipynb", [BEGIN, WITH_STDIN])
    notebook.hide_sidebar()
    cell = notebook.cell(1)
    # What the browser's zoom of 200 % does to a window of 1280 x 900.
    page.set_viewport_size({"width": 640, "height": 450})
    zoomed = {"width": 640, "height": 450, "deviceScaleFactor": 2, "mobile": False}
    page.context.new_cdp_session(page).send("Emulation.setDeviceMetricsOverride", zoomed)
    notebook.run(0)
    notebook.run(1)
    expect(log_of(cell)).to_contain_text("8")
    assert page.evaluate("() => [innerWidth, devicePixelRatio]") == [640, 2]
    expect_usable(notebook, cell, 14)
    notebook.screenshot("room-zoom")
    # And of 400 %: what JupyterLab leaves to an output is narrower than any view of ours needs.
    page.set_viewport_size({"width": 320, "height": 640})
    page.wait_for_function("() => innerWidth === 320")
    width = cell.locator(".jp-OutputArea-child").first.evaluate("output => output.clientWidth")
    assert width < 240
    page.wait_for_function(
        "([view, width]) => view.offsetWidth <= width",
        arg=[cell.locator(".hj-session").element_handle(), width],
    )
