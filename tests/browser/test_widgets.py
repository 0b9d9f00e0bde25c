"""The page's widgets in real JupyterLab, on sessions that are scripted in the kernel."""

from __future__ import annotations

from typing import Any

TWO_SESSIONS = """
from ipywidgets import HBox
from hyper_jupyter.widgets import SessionWidgets
from tests.browser.demo import greeter
ann, ben = greeter("ann"), greeter("ben")
a, b = SessionWidgets(ann), SessionWidgets(ben)
a.view()
"""


def log_of(scope: Any, name: str) -> Any:
    return scope.get_by_role("log", name=f"{name} log")


def test_two_sessions_and_their_parts_share_one_bundle_and_survive_a_reload(
    open_notebook: Any,
) -> None:
    from playwright.sync_api import expect

    parts = "HBox([{0}.stdout, {0}.stderr, {0}.stdin, {0}.detach])"
    notebook = open_notebook("two.ipynb", [TWO_SESSIONS, parts.format("a"), parts.format("b")])
    notebook.run_all()
    for number, name in ((0, "ann"), (1, "ann"), (2, "ben")):
        cell = notebook.cell(number)
        expect(log_of(cell, "stdout")).to_contain_text(f"hello from {name} on stdout")
        expect(log_of(cell, "stderr")).to_contain_text(f"hello from {name} on stderr")
    first = notebook.cell(0)
    first.get_by_label("stdin", exact=True).fill("one")
    first.get_by_label("stdin", exact=True).press("Enter")
    for number in (0, 1):
        expect(log_of(notebook.cell(number), "stdout")).to_contain_text("ann got one")
    marker = b"xterm-helper-textarea"
    assert sum(frame.count(marker) > 0 for frame in notebook.frames) == 1
    notebook.screenshot("two-sessions")

    notebook.save()
    notebook.frames.clear()
    notebook.reload()
    for number in (0, 1):
        expect(log_of(notebook.cell(number), "stdout")).to_contain_text("ann got one")
    assert sum(frame.count(marker) > 0 for frame in notebook.frames) == 1
    notebook.screenshot("two-sessions-reloaded")
