"""Logs that can be read, in real JupyterLab: structured lines, a filter, the fields of a line."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("playwright", reason="browser tests need the package playwright")
from playwright.sync_api import expect

from tests.browser.parts import log_of, pick

LOGS = r"""
LINES = '''
listening on port 8080
{"time":"2026-11-28T10:00:00.120","level":"INFO","msg":"request","path":"/","ms":12}
{"time":"2026-11-28T10:00:00.410","level":"WARN","msg":"slow query","ms":1200,"user":{"name":"ann"}}
time=10:00:01 level=debug msg="cache is warm" entries=42
{"level":50,"msg":"it failed","retry":true,"stack":"Error: x\\n    at f"}
E1128 10:00:02.000001       1 server.go:42] "Cannot listen" port=8080
Traceback (most recent call last):
  File "app.py", line 3, in main
    serve()
OSError: no space left
{"level":"fatal","msg":"bye \\u001b[31mred","tags":["a","b"]}
\x1b[36mcoloured\x1b[0m text
'''.lstrip()
"""
SESSION = (
    LOGS
    + """
import hyper_jupyter as hj
client = hj.connect("local:")
client.create("default", ["sh", "-c", 'printf %s "$LINES"'], name="logs", env={"LINES": LINES})
s = client.attach("logs", frames=True)
client.start("logs")
s.view(rows=14)
"""
)
FRAMES = 's.view("frames")'
LEAVE = "s.wait(); client.remove('logs')"


def test_logs_are_shown_as_fields_filtered_and_looked_at(open_notebook: Any) -> None:
    notebook = open_notebook("structured.ipynb", [SESSION, FRAMES, LEAVE])
    notebook.run(0)
    cell = notebook.cell(0)
    pane = cell.locator(".hj-stdout")
    log = log_of(cell, "stdout")
    expect(log).to_contain_text("2026-11-28T10:00:00.410 WARN  slow query ms=1200 user={1}")
    expect(log).to_contain_text("DEBUG cache is warm entries=42")
    expect(log).to_contain_text("FATAL bye red tags=[2]")
    notebook.hide_sidebar()
    notebook.screenshot("structured-light")

    cell.get_by_role("button", name="filter lines").click()
    typed = cell.get_by_role("textbox", name="filter lines")
    expect(typed).to_be_focused()
    typed.fill("level>=error")
    expect(cell.locator(".hj-filter")).to_contain_text("7 of 12 lines")
    expect(log).to_contain_text("OSError: no space left")
    expect(log).not_to_contain_text("listening")
    typed.press("Escape")
    expect(log).to_contain_text("listening on port 8080")

    # A click on a line shows its fields, and the line as it came.
    screen = pane.locator(".xterm-screen")
    row = screen.bounding_box()["height"] / 14
    screen.click(position={"x": 250, "y": 2.5 * row}, force=True)
    strip = pane.locator(".hj-one-line")
    expect(strip.locator(".hj-level")).to_have_text("warn")
    expect(strip.locator(".hj-field").filter(has_text="name").last).to_contain_text("ann")
    bar, body = (strip.locator(f".hj-line-{part}").bounding_box() for part in ("bar", "body"))
    assert body["y"] >= bar["y"] + bar["height"]  # one below the other
    notebook.set_theme("JupyterLab Dark")
    strip.scroll_into_view_if_needed()
    notebook.screenshot("structured-dark")
    strip.get_by_role("button", name="Raw").click()
    raw = strip.locator(".hj-line-raw")
    assert raw.inner_text().startswith('{"time":"2026-11-28T10:00:00.410","level":"WARN"')
    strip.get_by_role("button", name="line below").click()
    expect(raw).to_have_text('time=10:00:01 level=debug msg="cache is warm" entries=42')
    strip.locator(".hj-line-body").press("Escape")
    expect(strip).to_be_hidden()
    # The newest line, by the keyboard.
    pane.locator("textarea").press("Enter")
    expect(raw).to_contain_text("coloured")
    pick(cell, "Structured lines")
    expect(log).to_contain_text('{"level":50,"msg":"it failed","retry":true')

    # The protocol below them: each frame with the bytes of its header.
    notebook.run(1)
    frames = notebook.cell(1).locator(".hj-frame-row")
    expect(frames.first).to_contain_text("stdout01")
    expect(frames.first.locator(".hj-byte-zero")).to_have_text("00 00 00")
    frames.first.get_by_role("button").click()
    expect(notebook.cell(1).locator(".hj-frame-dump").first).to_contain_text("6c 69 73 74 65")
    notebook.cell(1).scroll_into_view_if_needed()
    notebook.screenshot("frames-dark")
    notebook.run(2)
    notebook.wait_for_cell(2)
