"""What a container printed before it was attached, above its live output in real JupyterLab."""

from __future__ import annotations

import re
from typing import Any

import pytest

pytest.importorskip("playwright", reason="browser tests need the package playwright")
from playwright.sync_api import expect

from tests.browser.parts import enter, find_in, log_of

ATTACH = """
import hyper_jupyter as hj
client = hj.connect("local:")
script = r'''
for n in 1 2 3 4; do echo "out $n"; sleep 0.02; echo "err $n" >&2; sleep 0.02; done
while read line; do printf '\\033[31mgot %s\\033[0m\\n' "$line"; done
'''
made_tty = TTY
made = client.create("default", ["sh", "-c", script], stdin=True, tty=made_tty, name="web")
client.start(made)
with client.logs(made) as log:
    last = log.stdout if made_tty else log.stderr
    next(line for line in last.lines(follow=True) if line == "err 4")
s = client.attach(made, tail=5)
s.view(LAYOUT, rows=12)
"""
STAMPED = r"^\d\d:\d\d:\d\d\.\d{3} "
OUT = [re.compile(f"{STAMPED}out {number}$") for number in (3, 4)]
ERR = [re.compile(f"{STAMPED}err {number}$") for number in (2, 3, 4)]


def attach(layout: str, *, tty: bool = False) -> str:
    return ATTACH.replace("TTY", str(tty)).replace("LAYOUT", repr(layout))


def test_history_is_above_the_live_output(open_notebook: Any) -> None:
    notebook = open_notebook("history.ipynb", [attach("split"), "s.close(force=True)"])
    notebook.run(0)
    cell = notebook.cell(0)
    out, err = log_of(cell, "stdout").locator("div"), log_of(cell, "stderr").locator("div")
    expect(out).to_have_text([*OUT, "— live from here —"])
    expect(err).to_have_text([*ERR, "— live from here —"])
    enter(cell, "it")
    expect(out).to_have_text([*OUT, "— live from here —", "got it"])
    notebook.hide_sidebar()
    for theme in ("Dark", "Light"):
        notebook.set_theme(f"JupyterLab {theme}")
        notebook.screenshot(f"history-{theme.lower()}")
    dimmed = cell.locator(".hj-stdout .xterm-dim").all_inner_texts()
    assert any("out 4" in text for text in dimmed)
    assert not any("got it" in text for text in dimmed)
    notebook.run(1)
    notebook.wait_for_cell(1)


def test_history_is_there_in_order_after_a_reload_and_is_searched(open_notebook: Any) -> None:
    notebook = open_notebook("history-merged.ipynb", [attach("merged"), "s.close(force=True)"])
    notebook.run(0)
    cell = notebook.cell(0)
    merged = log_of(cell, "merged").locator("div")
    expected = [
        re.compile(f"{STAMPED}{text}$")
        for text in ("stderr: err 2", "out 3", "stderr: err 3", "out 4", "stderr: err 4")
    ]
    expect(merged).to_have_text([*expected, "— live from here —"])
    enter(cell, "it")
    expect(merged).to_have_text([*expected, "— live from here —", "got it"])
    notebook.save()
    notebook.reload()
    cell = notebook.cell(0)
    merged = log_of(cell, "merged").locator("div")
    expect(merged).to_have_text([*expected, "— live from here —", "got it"])
    find_in(cell).click()
    cell.get_by_label("find", exact=True).fill("out")
    expect(cell.locator(".hj-search-count")).to_have_text("2 of 2")
    notebook.run(1)
    notebook.wait_for_cell(1)


def test_history_leaves_a_terminal_as_it_is(open_notebook: Any) -> None:
    source = attach("split", tty=True)
    notebook = open_notebook("history-terminal.ipynb", [source, "s.close(force=True)"])
    notebook.run(0)
    cell = notebook.cell(0)
    lines = log_of(cell, "stdout").locator("div")
    stamped = [re.compile(f"{STAMPED}{text}$") for text in ("err 2", "out 3", "err 3", "out 4")]
    expect(lines.nth(3)).to_have_text(stamped[3])
    expect(lines).to_contain_text([*stamped, "err 4", "— live from here —"])
    cell.locator(".hj-terminal").click()
    notebook.page.keyboard.type("it")
    notebook.page.keyboard.press("Enter")
    expect(lines).to_contain_text(["— live from here —", "it", "got it"])
    notebook.hide_sidebar()
    notebook.screenshot("history-terminal")
    dimmed = cell.locator(".hj-stdout .xterm-dim").all_inner_texts()
    assert not any("got it" in text for text in dimmed)
    notebook.run(1)
    notebook.wait_for_cell(1)
