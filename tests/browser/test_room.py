"""How much room a session's view takes besides the output, on a page 800 pixels wide."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("playwright", reason="browser tests need the package playwright")
from playwright.sync_api import expect

from tests.browser.parts import log_of

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
    print(name, chrome_of(cell))
    assert chrome_of(cell) <= most
