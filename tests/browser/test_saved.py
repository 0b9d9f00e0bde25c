"""The output that is saved beside a view: one thing is shown in a live page, and one without."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("playwright", reason="browser tests need the package playwright")
import nbformat
from nbconvert import HTMLExporter
from playwright.sync_api import expect

from tests.browser.chromium import offline
from tests.browser.wire import is_link

SCRIPT = r"""
import sys
print("\x1b[1;32mready\x1b[0m $x^2$ <b>bold?</b> https://example.org/")
print("10 %\r99 %")
print("\x1b[31mwarning\x1b[0m", file=sys.stderr)
sys.stdout.flush()
sys.stdin.readline()
sys.exit(3)
"""
IN_THE_BUNDLE = "Licences of the bundled packages"
CELLS = [
    f"""
%load_ext hyper_jupyter
import sys, hyper_jupyter as hj
client = hj.connect("local:")
SCRIPT = {SCRIPT!r}
""",
    "s = client.run('default', [sys.executable, '-P', '-c', SCRIPT], name='web')\ns",
    "import sys; print('ours is there:', 'hyper_jupyter' in sys.modules)",
]


@pytest.mark.parametrize("front_end", ["jupyterlab", "notebook", "nbclassic"])
def test_a_page_shows_the_view_alone_and_the_saved_notebook_what_happened(
    open_notebook: Any, front_end: str, tmp_path: Path
) -> None:
    notebook = open_notebook(f"saved-{front_end}.ipynb", CELLS, front_end=front_end)
    notebook.run_all()
    notebook.wait_for_cell(2)
    cell = notebook.cell(1)
    saved, view = cell.locator(".hj-saved"), cell.locator(".hj-session")
    expect(view).to_be_visible()
    expect(saved).to_be_hidden()
    view.evaluate("element => { element.dataset.mark = 'the same'; }")
    typed = cell.get_by_label("stdin", exact=True)
    typed.fill("go")
    typed.press("Enter")
    # The session ends between cells.
    expect(cell.locator(".hj-state")).to_contain_text("exited")
    expect(saved).to_contain_text("exited with code 3")
    expect(saved).to_be_hidden()
    expect(view).to_have_attribute("data-mark", "the same")
    notebook.screenshot(f"saved-live-{front_end}")

    document = nbformat.reads(notebook.save(), as_version=4)
    view_output, saved_output = document.cells[1].outputs
    assert view_output.data["text/plain"] == ""
    assert "exited with code 3" in saved_output.data["text/plain"]
    assert "99 %" in saved_output.data["text/plain"]
    assert "10 %" not in saved_output.data["text/plain"]

    page_file = tmp_path / "notebook.html"
    page_file.write_text(HTMLExporter().from_notebook_node(document)[0])
    page = notebook.page.context.new_page()
    offline(page)
    page.goto(page_file.as_uri())
    shown = page.locator(".hj-saved")
    expect(shown).to_be_visible()
    expect(shown).to_contain_text("$x^2$ <b>bold?</b> https://example.org/")
    expect(shown.locator("a")).to_have_count(0)
    expect(page.locator("body")).not_to_contain_text("SessionView")
    page.screenshot(path=Path("test-results") / f"saved-nbconvert-{front_end}.png")


@pytest.mark.claim(
    "Until you run a cell nothing is attached, no engine is started, and nothing is sent to one."
)
@pytest.mark.claim("When you open a notebook, it shows what was saved, as text.")
@pytest.mark.usefixtures("page")
@pytest.mark.parametrize("front_end", ["extension", "anywidget"])
def test_a_notebook_that_is_opened_without_its_kernel_shows_what_was_saved(
    open_notebook: Any, front_end: str
) -> None:
    chosen = f"import hyper_jupyter as hj\nhj.configure(front_end={front_end!r})\n"
    notebook = open_notebook("saved-opened.ipynb", [chosen + CELLS[0], *CELLS[1:]])
    if front_end == "anywidget":
        notebook.keep_widget_state()  # as a notebook of before the extension has it, with our code
    notebook.run_all()
    notebook.wait_for_cell(2)
    expect(notebook.cell(1).get_by_role("log", name="stdout log")).to_contain_text("ready")
    notebook.run(2)  # its end brings what is saved up to date
    expect(notebook.cell(1).locator(".hj-saved")).to_contain_text("ready")
    document = notebook.save()
    assert "ready" in json.dumps(json.loads(document))
    assert (IN_THE_BUNDLE in document) is (front_end == "anywidget")
    expect(notebook.cell(2)).to_contain_text("ours is there: True")
    notebook.restart_kernel()
    sockets: list[str] = []
    notebook.page.on("websocket", lambda socket: sockets.append(socket.url))
    notebook.reload()
    saved = notebook.cell(1).locator(".hj-saved")
    expect(saved).to_be_visible()
    expect(saved).to_contain_text("$x^2$ <b>bold?</b> https://example.org/")
    expect(saved.locator("a")).to_have_count(0)
    notebook.screenshot("saved-without-kernel")
    # The page has a kernel, which has not been asked for anything of ours.
    notebook.run(2)
    expect(notebook.cell(2)).to_contain_text("ours is there: False")
    assert [url for url in sockets if is_link(url)] == []
