"""Noise, reloads, many views, many cells: the page comes to have the exact bytes."""

from __future__ import annotations

import json
from typing import Any

import pytest

pytest.importorskip("playwright", reason="browser tests need the package playwright")
from playwright.sync_api import expect

from tests.browser.parts import LONG, Notes, enter, log_of
from tests.browser.wire import assert_received, parse

ATTACH = """
import hyper_jupyter as hj
s = hj.connect("local:").run("default", ["sh", "-c", '''{0}'''])
s.view()
"""

STEADY = (
    "i=0; while [ $i -lt 300 ]; do i=$((i+1)); echo line $i; echo oops $i >&2; sleep 0.02; done"
)
"""Six seconds or more of output on both streams."""

FLOOD = "read go; seq 1 250000; read go; seq 250001 500000; echo the end; read go"

NOISE = """
import time
end = time.monotonic() + 6
while time.monotonic() < end:
    print("noise " * 5_000, flush=True)
    time.sleep(0.02)
"""
"""The server takes 300 kB in three seconds, then drops what comes, ours too."""


BOTH_WAYS = pytest.mark.parametrize("linked", [True, False], ids=["link", "comm"])


def numbered(word: str, count: int) -> bytes:
    return b"".join(b"%s %d\n" % (word.encode(), n) for n in range(1, count + 1))


def expect_last_lines(scope: Any, expected: bytes, name: str = "stdout") -> None:
    """The pane shows exactly the last 200 lines of this."""
    lines = expected.decode().splitlines()[-200:]
    expect(log_of(scope, name).locator("div")).to_have_text(lines, timeout=40_000)


@BOTH_WAYS
def test_noise_that_makes_the_server_drop_messages_costs_no_content(
    open_notebook: Any, linked: bool
) -> None:
    notebook = open_notebook("noise.ipynb", [ATTACH.format(STEADY), NOISE], linked=linked)
    notebook.run(0)
    cell = notebook.cell(0)
    expect(log_of(cell)).to_contain_text("line 5", timeout=40_000)
    notebook.run(1)
    notebook.wait_for_cell(1)
    expect(notebook.cell(1)).to_contain_text("IOPub data rate exceeded")
    expect(cell.locator(".hj-state")).to_have_text("exited with code 0", timeout=40_000)
    for stream, name, word in ((1, "stdout", "line"), (2, "stderr", "oops")):
        expected = numbered(word, 300)
        expect_last_lines(cell, expected, name)
        assert assert_received(notebook.received, stream, expected) == 0


@BOTH_WAYS
def test_noise_at_the_very_end_leaves_no_state_or_answer_behind(
    open_notebook: Any, linked: bool
) -> None:
    # What is lost is the last of all: nothing comes behind it that could show the loss.
    notebook = open_notebook(
        "last.ipynb",
        [ATTACH.format("read a; echo $a; sleep 2; exit 3"), NOISE],
        linked=linked,
    )
    notebook.run(0)
    cell = notebook.cell(0)
    expect(cell.locator(".hj-state")).to_have_text("attached")
    notebook.run(1)
    expect(notebook.cell(1)).to_contain_text("IOPub data rate exceeded")
    notes = Notes(cell)
    enter(cell, "go")
    notebook.wait_for_cell(1)
    expect(cell.locator(".hj-state")).to_have_text("exited with code 3", timeout=40_000)
    notes.expect("sent: go")
    expect_last_lines(cell, b"go\n")


@BOTH_WAYS
def test_a_reload_in_the_middle_of_a_flood_shows_the_same(open_notebook: Any, linked: bool) -> None:
    notebook = open_notebook("reload.ipynb", [ATTACH.format(FLOOD)], linked=linked)
    notebook.run(0)
    enter(notebook.cell(0), "go on")
    expect(log_of(notebook.cell(0))).to_contain_text("250000", timeout=40_000)
    notebook.save()
    enter(notebook.cell(0), "go further")
    notebook.received.clear()
    notebook.reload()
    cell = notebook.cell(0)
    expected = b"".join(b"%d\n" % n for n in range(1, 500_001)) + b"the end\n"
    expect_last_lines(cell, expected)
    assert_received(notebook.received, 1, expected)
    # The end is in sight, and what was typed is there.
    expect(cell.locator(".hj-stdout .xterm-rows")).to_contain_text("the end")
    stdin = cell.get_by_label("stdin", exact=True)
    stdin.press("ArrowUp")
    expect(stdin).to_have_value("go further")
    stdin.press("ArrowUp")
    expect(stdin).to_have_value("go on")


@BOTH_WAYS
def test_two_views_of_a_flood_show_the_same_exact_bytes(open_notebook: Any, linked: bool) -> None:
    notebook = open_notebook("views.ipynb", [ATTACH.format(FLOOD)], linked=linked)
    notebook.run(0)
    expect(notebook.cell(0).locator(".hj-state")).to_have_text("attached")
    notebook.execute("notebook:create-output-view")
    second = notebook.page.locator(".jp-LinkedOutputView")
    expect(second.locator(".hj-state")).to_have_text("attached")
    enter(second, "go")
    expect(log_of(second)).to_contain_text("250000", timeout=40_000)
    enter(notebook.cell(0), "go")
    expected = b"".join(b"%d\n" % n for n in range(1, 500_001)) + b"the end\n"
    for view in (notebook.cell(0), second):
        expect_last_lines(view, expected)
    assert_received(notebook.received, 1, expected)


def test_twenty_cells_carry_no_code(open_notebook: Any) -> None:
    cells = ["import hyper_jupyter as hj; client = hj.connect('local:')"]
    cells += [
        f"s{n} = client.run('default', ['sh', '-c', 'echo container {n}; cat']); s{n}.view()"
        for n in range(20)
    ]
    notebook = open_notebook("twenty.ipynb", cells)
    notebook.run_all()
    notebook.wait_for_cell(20, timeout=40)
    states = notebook.page.locator(".hj-state")
    expect(states).to_have_count(20)
    for number in (0, 19):
        expect(log_of(notebook.cell(number + 1))).to_contain_text(f"container {number}")
    sizes: dict[str, int] = {}
    for frame in notebook.frames:
        message = parse(frame)
        if message.type == "comm_open" and message.content["target_name"] == "jupyter.widget":
            state = message.content["data"]["state"]
            part = state.get("part", "other")
            sizes[part] = max(sizes.get(part, 0), len(frame))
    bundle = b"Licences of the bundled packages"
    assert not any(bundle in frame for frame in notebook.frames)  # it came from the server
    assert {"session", "view"} <= sizes.keys()
    assert max(sizes.values()) < 20_000
    notebook.keep_widget_state()
    saved = notebook.save()
    assert bundle not in saved.encode()
    widgets = json.loads(saved)["metadata"]["widgets"]
    [models] = [kind["state"] for kind in widgets.values()]
    parts = [model["state"].get("part") for model in models.values()]
    assert (parts.count("hub"), parts.count("session"), parts.count("view")) == (0, 20, 20)


def test_a_view_that_was_scrolled_far_away_has_all_that_came_meanwhile(open_notebook: Any) -> None:
    filler = ["print('\\n' * 60)"] * 12
    notebook = open_notebook("scroll.ipynb", [ATTACH.format("cat"), *filler])
    notebook.run_all()
    notebook.wait_for_cell(12)
    cell = notebook.cell(0)
    enter(cell, "before")
    expect(log_of(cell)).to_contain_text("before")
    notebook.page.evaluate(
        "() => window.jupyterapp.shell.currentWidget.content.scrollToItem(12, 'end')"
    )
    expect(cell.locator(".hj-session")).not_to_be_in_viewport()
    notebook.page.evaluate(
        """() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel
             .requestExecute({code: "s.send('meanwhile\\\\n')"}).done.then(() => null)"""
    )
    notebook.page.evaluate(
        "() => window.jupyterapp.shell.currentWidget.content.scrollToItem(0, 'start')"
    )
    expect_last_lines(cell, b"before\nmeanwhile\n")
    expect(cell.locator(".hj-stdout .xterm-rows")).to_contain_text("meanwhile")


def test_output_is_shown_though_every_message_of_the_page_waits_behind_a_cell(
    open_notebook: Any, ipykernel6: str
) -> None:
    # Without subshells, and with the long cell queued, the kernel hears of no page before its end.
    cells = [ATTACH.format("echo first; sleep 3; echo second; cat"), LONG]
    notebook = open_notebook("unheard.ipynb", cells, kernel=ipykernel6, linked=False)
    notebook.run_all()
    cell = notebook.cell(0)
    expect_last_lines(cell, b"first\nsecond\n")
    assert not notebook.has_run(1)
    enter(cell, "third")
    notebook.interrupt()
    notebook.wait_for_cell(1)
    expect_last_lines(cell, b"first\nsecond\nthird\n")
    assert assert_received(notebook.received, 1, b"first\nsecond\nthird\n") == 0


def test_a_cell_that_keeps_the_gil_is_named_in_the_header(open_notebook: Any) -> None:
    ticks = "while true; do echo tick; sleep 0.1; done"
    keep = "import ctypes; ctypes.PyDLL(None).usleep(2_000_000)"
    notebook = open_notebook("stall.ipynb", [ATTACH.format(ticks), keep, "s.close(True)"])
    notebook.run(0)
    cell = notebook.cell(0)
    expect(log_of(cell)).to_contain_text("tick")
    expect(cell.locator(".hj-notes")).to_have_text("")
    notebook.run(1)
    expect(cell.locator(".hj-notes")).to_contain_text(
        "Python code in the kernel stopped output from being read for", timeout=10_000
    )
    notebook.screenshot("stall")
    notebook.run(2)
    notebook.wait_for_cell(2)
