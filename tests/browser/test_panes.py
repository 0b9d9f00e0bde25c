"""What can be done with panes in real JupyterLab: layouts, search, pause, times, sizes."""

from __future__ import annotations

import re
from typing import Any

import pytest

pytest.importorskip("playwright", reason="browser tests need the package playwright")
from playwright.sync_api import expect

from tests.browser.parts import log_of

SESSION = """
from hyper_jupyter.protocol import StreamType
from hyper_jupyter.widgets import SessionWidgets
from tests.browser.demo import colours, greeter
web = greeter("web")
view = SessionWidgets(web).view(rows=10)
view
"""
ALTERNATING = """
for n in range(4):
    web.output(f"out {n}\\n".encode())
    web.output(f"\\x1b[33merr {n}\\n".encode(), StreamType.STDERR)
"""


def lines_of(scope: Any, name: str) -> list[str]:
    return [text for text in log_of(scope, name).locator("div").all_inner_texts() if text]


def choose(scope: Any, layout: str) -> None:
    scope.get_by_role("radio", name=layout).click()


def pick(pane: Any, item: str) -> None:
    pane.get_by_role("button", name="more for this pane").click()
    pane.get_by_role("menu").get_by_text(item, exact=True).click()


def test_the_layouts_show_the_same_bytes_in_their_order(open_notebook: Any) -> None:
    notebook = open_notebook("layouts.ipynb", [SESSION, ALTERNATING, ALTERNATING])
    notebook.run(0)
    cell = notebook.cell(0)
    expect(log_of(cell, "stdout")).to_contain_text("hello from web")
    notebook.run(1)
    expect(log_of(cell, "stderr")).to_contain_text("err 3")
    choose(cell, "Merged")
    expected = ["hello from web on stdout", "stderr: hello from web on stderr"]
    expected += [line for n in range(4) for line in (f"out {n}", f"stderr: err {n}")]
    expect(log_of(cell, "merged").locator("div")).to_have_text(expected)
    notebook.run(2)
    expect(log_of(cell, "merged").locator("div")).to_have_count(18)
    assert lines_of(cell, "merged") == [*expected, *expected[2:]]
    notebook.hide_sidebar()
    notebook.screenshot("panes-merged")
    pick(cell, "Timestamps")
    expect(log_of(cell, "merged").locator("div").nth(4)).to_have_text(
        re.compile(r"^\d\d:\d\d:\d\d\.\d{3} out 1$")
    )
    notebook.screenshot("panes-times")
    choose(cell, "Tabs")
    expect(cell.get_by_role("tabpanel", name="stdout")).to_be_visible()
    expect(cell.locator(".hj-stderr")).to_be_hidden()
    cell.get_by_role("tab", name=re.compile("stderr")).click()
    expect(log_of(cell, "stderr")).to_contain_text("err 3")
    notebook.screenshot("panes-tabs")
    choose(cell, "Split")
    for name in ("stdout", "stderr"):
        expect(log_of(cell, name).locator("div")).to_have_count(9)
    # A title of two lines keeps the panes level.
    pick(cell.locator(".hj-stdout"), "Copy all")
    note = cell.locator(".hj-stdout .hj-pane-note")
    note.evaluate("note => { note.textContent = 'long '.repeat(40) }")
    frames = [cell.locator(f".hj-{name} .hj-frame").bounding_box() for name in ("stdout", "stderr")]
    assert frames[0]["y"] == frames[1]["y"]
    assert frames[0]["height"] == frames[1]["height"]
    assert lines_of(cell, "stderr")[1:] == [f"err {n}" for n in range(4)] * 2
    notebook.screenshot("panes-split")
    cell.get_by_role("button", name="more for this pane").first.click()
    notebook.screenshot("panes-menu")


def test_a_pane_is_searched_paused_cleared_and_taken_along(open_notebook: Any) -> None:
    sources = [
        SESSION,
        "for n in range(60): web.output(f'line {n} {\"x\" * (n % 7)}\\n'.encode())",
        "web.output(b'meanwhile\\n' * 3 + b'\\xe9 is latin, \\xc3')",
        "web.output(b'\\xa9 is not\\n')",
    ]
    notebook = open_notebook("tools.ipynb", sources)
    page, cell = notebook.page, notebook.cell(0)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    notebook.run(0)
    out = cell.locator(".hj-stdout")
    expect(log_of(cell, "stdout")).to_contain_text("hello from web")
    # The page keeps its shortcuts, except those that the pane needs.
    for place in (out.locator(".xterm-screen"), cell.get_by_role("radio", name="Split")):
        place.click()
        with page.expect_response(lambda answer: answer.request.method == "PUT"):
            page.keyboard.press("Control+s")
    notebook.run(1)
    expect(log_of(cell, "stdout")).to_contain_text("line 59")

    # The search stands at the newest match, and goes round.
    before = out.bounding_box()
    out.locator(".xterm-helper-textarea").focus()
    page.keyboard.press("Control+f")
    page.keyboard.type("line 1")
    status = out.locator(".hj-search-count")
    expect(status).to_have_text("11 of 11")
    page.keyboard.press("Enter")
    expect(status).to_have_text("1 of 11")
    expect(out.get_by_role("button", name="↓ newest")).to_be_visible()
    notebook.screenshot("panes-search")
    assert out.bounding_box() == before
    page.keyboard.type("x")
    expect(status).to_have_text("not found")
    page.keyboard.press("Escape")
    expect(out.locator(".hj-search")).to_be_hidden()

    out.get_by_role("button", name="↓ newest").click()
    expect(out.get_by_role("button", name="↓ newest")).to_be_hidden()

    # A pause holds the view only, and says what waits.
    out.get_by_role("button", name="pause this view").click()
    notebook.run(2)
    expect(out.locator(".hj-pane-note")).to_have_text("paused, 43 B waiting")
    expect(log_of(cell, "stdout")).not_to_contain_text("meanwhile")
    notebook.run(3)
    expect(out.locator(".hj-pane-note")).to_have_text("paused, 52 B waiting")
    out.get_by_role("button", name="resume this view").click()
    # What is no UTF-8 is shown; a character that came in two pieces is one.
    expect(log_of(cell, "stdout").locator("div").last).to_have_text("\ufffd is latin, é is not")
    assert lines_of(cell, "stdout")[-4:-1] == ["meanwhile"] * 3

    pick(out, "Copy all")
    expect(out.locator(".hj-pane-note")).to_have_text("copied")
    copied = page.evaluate("navigator.clipboard.readText()").split("\n")
    assert copied[0] == "hello from web on stdout"
    assert copied[1:61] == [f"line {n} {'x' * (n % 7)}" for n in range(60)]
    with page.expect_download() as download:
        pick(out, "Download stdout")
    assert download.value.suggested_filename == "web-stdout.log"
    data = download.value.path().read_bytes()
    assert data.startswith(b"\x1b[1;32mhello\x1b[0m from web on stdout\nline 0 \n")
    assert data.endswith(b"\xe9 is latin, \xc3\xa9 is not\n")

    pick(out, "Clear view")
    expect(log_of(cell, "stdout").locator("div")).to_have_count(0)


def test_timestamps_that_are_asked_for_during_a_pause_keep_what_came_before_it(
    open_notebook: Any,
) -> None:
    notebook = open_notebook("paused.ipynb", [SESSION, "web.output(b'meanwhile\\n')"])
    cell = notebook.cell(0)
    notebook.run(0)
    out = cell.locator(".hj-stdout")
    expect(log_of(cell, "stdout")).to_contain_text("hello from web")
    out.get_by_role("button", name="pause this view").click()
    notebook.run(1)
    expect(out.locator(".hj-pane-note")).to_have_text("paused, 10 B waiting")
    pick(out, "Timestamps")
    expect(log_of(cell, "stdout").locator("div")).to_have_text(
        [re.compile(r"^\d.* hello from web on stdout$"), re.compile(r"^\d.* meanwhile$")]
    )
    expect(out.locator(".hj-pane-note")).to_have_text("")


def test_the_menu_of_a_low_pane_can_be_seen_as_a_whole(open_notebook: Any) -> None:
    notebook = open_notebook("low.ipynb", [SESSION.replace("rows=10", "rows=2")])
    cell = notebook.cell(0)
    notebook.run(0)
    out = cell.locator(".hj-stdout")
    expect(log_of(cell, "stdout")).to_contain_text("hello from web")
    out.get_by_role("button", name="more for this pane").click()
    menu = out.get_by_role("menu")
    expect(menu).to_be_visible()
    hidden = menu.evaluate(
        """menu => [...menu.children].filter((item) => {
          const at = item.getBoundingClientRect();
          return !item.contains(document.elementFromPoint(at.x + 5, at.y + at.height / 2));
        }).map((item) => item.textContent)"""
    )
    assert hidden == []


def test_panes_are_made_larger_and_lines_wider_from_the_keyboard(open_notebook: Any) -> None:
    long = "web.output(b'<' + b'-' * 300 + b'>\\n')"
    notebook = open_notebook("sizes.ipynb", [SESSION, long])
    cell = notebook.cell(0)
    notebook.run(0)
    out, err = cell.locator(".hj-stdout"), cell.locator(".hj-stderr")
    expect(log_of(cell, "stdout")).to_contain_text("hello from web")
    notebook.run(1)
    expect(log_of(cell, "stdout")).to_contain_text("->")
    height, width = out.bounding_box()["height"], out.bounding_box()["width"]
    out.get_by_role("separator", name="height of stdout in lines").press("ArrowDown")
    expect(out.get_by_role("separator", name="height of stdout in lines")).to_have_attribute(
        "aria-valuenow", "11"
    )
    notebook.page.wait_for_function(
        "([pane, before]) => pane.getBoundingClientRect().height > before + 10",
        arg=[out.element_handle(), height],
    )
    assert out.bounding_box()["height"] == err.bounding_box()["height"]
    cell.get_by_role("separator", name=re.compile("share of stdout")).press("ArrowLeft")
    notebook.page.wait_for_function(
        "([pane, before]) => pane.getBoundingClientRect().width < before - 10",
        arg=[out.element_handle(), width],
    )
    rows = out.locator(".xterm-rows > div")
    expect(rows.filter(has_text="<-")).not_to_contain_text(">")
    pick(out, "Wrap lines")
    expect(rows.filter(has_text="<-")).to_contain_text("->")
    assert out.locator(".hj-terminal").evaluate("e => e.scrollWidth > e.clientWidth")
    notebook.screenshot("panes-unwrapped")
