"""Tab in a line of our magics, as a person presses it in JupyterLab."""

from __future__ import annotations

from collections.abc import Callable

import pytest

pytest.importorskip("playwright", reason="browser tests need the package playwright")
from playwright.sync_api import expect

from tests.browser.front_ends import NotebookPage

pytestmark = pytest.mark.timeout(110)  # half of it is left for a slow machine

SETUP = """
%load_ext hyper_jupyter
%hyper_connect local:
for name in ("web", "box-1", "box-2"):
    get_ipython().run_line_magic("hyper", f"run -d -i --name {name} default cat")
# A busy machine may take longer than the time for which completion waits.
from hyper_jupyter.magics.completion.candidates import NAMES
NAMES.patience = 20
wealth = weather = box = None  # names of Python that begin as those of the containers do
"""


def test_tab_completes_verbs_and_containers_and_offers_nothing_of_python(
    open_notebook: Callable[..., NotebookPage],
) -> None:
    notebook = open_notebook("completion.ipynb", [SETUP, ""])
    notebook.run(0)
    notebook.wait_for_cell(0)
    page = notebook.page
    editor = notebook.cell(1).locator(".cm-content")
    offered = page.locator(".jp-Completer:visible .jp-Completer-match")

    def tab(typed: str, *, back: int = 0) -> None:
        """Type a line in place of what is there, go back some characters, and press Tab.

        JupyterLab lists what is offered, and inserts what all of it begins with at the next Tab.
        """
        editor.click()
        page.keyboard.press("Control+a")
        page.keyboard.type(typed)
        for _ in range(back):
            page.keyboard.press("ArrowLeft")
        page.keyboard.press("Tab")

    for typed, back, offers, completed in (
        ("%hyper ex", 0, ["exec"], "%hyper exec"),
        ("%hyper exec -it we", 0, ["web"], "%hyper exec -it web"),
        ("s = %hyper_attach we", 0, ["web"], "s = %hyper_attach web"),
        ("%hyper kill -s TE web", 4, ["TERM"], "%hyper kill -s TERM web"),
        ("%hyper rm -f b", 0, ["box-1", "box-2"], "%hyper rm -f box-"),
    ):
        tab(typed, back=back)
        expect(offered).to_have_text(offers)
        notebook.screenshot(f"completion-{offers[0]}")
        page.keyboard.press("Tab")
        expect(editor).to_have_text(completed)
    tab("%hyper rm -")
    expect(offered).to_have_text(["--force", "--help", "--volumes", "-f", "-h", "-v"])
    notebook.screenshot("completion-flags")
