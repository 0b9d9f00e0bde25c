"""The parts of a real session, placed as the README shows it."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("playwright", reason="browser tests need the package playwright")
from playwright.sync_api import expect

ATTACH = """
import hyper_jupyter as hj
client = hj.connect("local:")
s = client.run("default", ["sh", "-c", "while read l; do echo you said $l; done"])
"""
PLACE = """
from ipywidgets import HBox, VBox
HBox([s.widgets.stdout, VBox([s.widgets.stdin, s.widgets.detach])])
"""


def test_parts_in_boxes_have_room_and_work(open_notebook: Any) -> None:
    notebook = open_notebook("parts.ipynb", [ATTACH, PLACE])
    notebook.run_all()
    cell = notebook.cell(1)
    typed = cell.get_by_label("stdin", exact=True)
    expect(typed).to_be_enabled()
    boxes = [
        found.bounding_box()
        for found in (cell.locator(".hj-pane"), typed, cell.get_by_role("button", name="Detach"))
    ]
    pane, field, button = boxes
    assert pane["width"] > 250
    assert field["width"] > 80
    assert field["x"] > pane["x"] + pane["width"] - 1
    assert abs(button["y"] - field["y"]) < 120
    typed.fill("hello")
    typed.press("Enter")
    expect(cell.get_by_role("log", name="stdout log")).to_contain_text("you said hello")
    notebook.screenshot("parts")
    cell.get_by_role("button", name="Detach").click()
    expect(typed).to_be_disabled()
