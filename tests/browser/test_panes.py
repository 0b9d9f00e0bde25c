"""What can be done with panes in real JupyterLab: layouts, search, pause, times, sizes."""

from __future__ import annotations

import re
from typing import Any

import pytest

pytest.importorskip("playwright", reason="browser tests need the package playwright")
from playwright.sync_api import expect

from tests.browser.parts import (
    Notes,
    find_in,
    log_of,
    more_of,
    note_of,
    pause_of,
    pick,
    rows_of,
    strip_of,
)

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
    # The times were asked for in another layout; they are how this view shows lines.
    for name in ("stdout", "stderr"):
        stamped = log_of(cell, name).locator("div").filter(has_text=re.compile(r"^\d\d:"))
        expect(stamped).to_have_count(9)
    pick(cell, "Timestamps")
    expect(log_of(cell, "stderr").locator("div").nth(1)).to_have_text("err 0")
    assert lines_of(cell, "stderr")[1:] == [f"err {n}" for n in range(4)] * 2
    # One line above both of them: they are level, and as high as each other.
    frames = [cell.locator(f".hj-{name} .hj-frame").bounding_box() for name in ("stdout", "stderr")]
    assert frames[0]["y"] == frames[1]["y"]
    assert frames[0]["height"] == frames[1]["height"]
    notebook.screenshot("panes-split")
    more_of(cell).click()
    notebook.screenshot("panes-menu")


def test_a_pane_is_searched_paused_cleared_and_taken_along(open_notebook: Any) -> None:
    sources = [
        SESSION,
        "for n in range(60): web.output(f'line {n} {\"x\" * (n % 7)}\\n'.encode())",
        "web.output(b'meanwhile\\n' * 3 + b'\\xe9 is latin, \\xc3')",
        "web.output(b'\\xa9 is not\\n')",
        "web.output(b'aside\\n', StreamType.STDERR)",
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

    notes = Notes(cell)
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
    pause_of(cell).click()
    notebook.run(2)
    expect(note_of(cell)).to_have_text("paused, 43 B waiting")
    expect(pause_of(cell)).to_have_attribute("aria-pressed", "true")
    expect(log_of(cell, "stdout")).not_to_contain_text("meanwhile")
    notebook.run(3)
    expect(note_of(cell)).to_have_text("paused, 52 B waiting")
    notebook.run(4)  # of both panes
    expect(note_of(cell)).to_have_text("paused, 58 B waiting")
    pause_of(cell).click()
    expect(note_of(cell)).to_have_text("")
    expect(log_of(cell, "stderr")).to_contain_text("aside")
    # What is no UTF-8 is shown; a character that came in two pieces is one.
    expect(log_of(cell, "stdout").locator("div").last).to_have_text("\ufffd is latin, é is not")
    assert lines_of(cell, "stdout")[-4:-1] == ["meanwhile"] * 3

    pick(cell, "Copy stderr")
    notes.expect("copied")
    copied = page.evaluate("navigator.clipboard.readText()").split("\n")
    assert copied == ["hello from web on stderr", "aside"]
    expect(note_of(cell)).to_have_text("")  # it is gone after some seconds
    pick(cell, "Copy stdout")
    notes.expect("copied")
    copied = page.evaluate("navigator.clipboard.readText()").split("\n")
    assert copied[0] == "hello from web on stdout"
    assert copied[1:61] == [f"line {n} {'x' * (n % 7)}" for n in range(60)]
    with page.expect_download() as download:
        pick(cell, "Download stdout")
    assert download.value.suggested_filename == "web-stdout.log"
    data = download.value.path().read_bytes()
    assert data.startswith(b"\x1b[1;32mhello\x1b[0m from web on stdout\nline 0 \n")
    assert data.endswith(b"\xe9 is latin, \xc3\xa9 is not\n")

    with page.expect_download() as download:
        pick(cell, "Download stderr")
    assert download.value.suggested_filename == "web-stderr.log"
    assert download.value.path().read_bytes() == b"hello from web on stderr\naside\n"

    pick(cell, "Clear view")
    for name in ("stdout", "stderr"):
        expect(log_of(cell, name).locator("div")).to_have_count(0)


def test_timestamps_that_are_asked_for_during_a_pause_keep_what_came_before_it(
    open_notebook: Any,
) -> None:
    notebook = open_notebook("paused.ipynb", [SESSION, "web.output(b'meanwhile\\n')"])
    cell = notebook.cell(0)
    notebook.run(0)
    expect(log_of(cell, "stdout")).to_contain_text("hello from web")
    pause_of(cell).click()
    notebook.run(1)
    expect(note_of(cell)).to_have_text("paused, 10 B waiting")
    pick(cell, "Timestamps")
    expect(log_of(cell, "stdout").locator("div")).to_have_text(
        [re.compile(r"^\d.* hello from web on stdout$"), re.compile(r"^\d.* meanwhile$")]
    )
    expect(note_of(cell)).to_have_text("")
    expect(pause_of(cell)).to_have_attribute("aria-pressed", "false")


def test_the_menu_of_a_low_view_can_be_seen_as_a_whole(open_notebook: Any) -> None:
    notebook = open_notebook("low.ipynb", [SESSION.replace("rows=10", "rows=2")])
    cell = notebook.cell(0)
    notebook.run(0)
    expect(log_of(cell, "stdout")).to_contain_text("hello from web")
    more_of(cell).click()
    menu = cell.get_by_role("menu", name="more")
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
    splitter = cell.get_by_role("separator", name="height in lines")
    rows = rows_of(cell).count()
    assert 2 < rows <= 10
    expect(splitter).to_have_attribute("aria-valuenow", str(rows))
    height, width = out.bounding_box()["height"], out.bounding_box()["width"]
    splitter.press("ArrowDown")
    expect(splitter).to_have_attribute("aria-valuenow", str(rows + 1))
    expect(rows_of(cell)).to_have_count(rows + 1)
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
    # The line, which is the last one, is as long as before.
    expect(rows_of(cell).filter(has_text="<-")).not_to_contain_text(">")
    expect(rows_of(cell).filter(has_text="->")).to_have_count(1)
    pick(cell, "Wrap lines")
    expect(rows_of(cell).filter(has_text="<-")).to_contain_text("->")
    assert out.locator(".hj-terminal").evaluate("e => e.scrollWidth > e.clientWidth")
    notebook.screenshot("panes-unwrapped")


GROWING = """
from hyper_jupyter.protocol import StreamType
from hyper_jupyter.widgets import SessionWidgets
from tests.widgets.fakes import ScriptedSession
web = ScriptedSession("web")
widgets = SessionWidgets(web)
widgets.view(rows=10)
"""


def heights(cell: Any, *names: str) -> list[float]:
    """How high the panes are, in pixels."""
    return [cell.locator(f".hj-pane.hj-{name}").bounding_box()["height"] for name in names]


def test_a_view_grows_with_its_output_up_to_its_rows(open_notebook: Any) -> None:
    sources = [
        GROWING,
        "web.output(b''.join(b'line %d\\n' % n for n in range(8)))",
        "web.output(b''.join(b'more %d\\n' % n for n in range(60)))",
        "web.output(b''.join(b'oops %d\\n' % n for n in range(30)), StreamType.STDERR)",
        "\n".join(["# out of sight"] * 80),
    ]
    notebook = open_notebook("grows.ipynb", sources)
    cell = notebook.cell(0)
    notebook.run(0)
    expect(rows_of(cell)).to_have_count(2)
    [lowest] = heights(cell, "stdout")
    notebook.run(1)
    expect(log_of(cell)).to_contain_text("line 7")
    expect(rows_of(cell)).to_have_count(8)  # all of them, and no empty one
    expect(rows_of(cell).first).to_have_text("line 0")
    [eight] = heights(cell, "stdout")
    line = (eight - lowest) / 6
    assert 10 < line < 25
    # Also while it is out of sight, where xterm changes its own size later.
    below = notebook.cell(4).get_by_text("# out of sight").last
    below.scroll_into_view_if_needed()
    pane = cell.locator(".hj-pane.hj-stdout")
    expect(pane).not_to_be_in_viewport()
    notebook.run(2)
    expect(log_of(cell)).to_contain_text("more 59")
    expect(rows_of(cell)).to_have_count(10)
    expect(pane).not_to_be_in_viewport()
    pane.scroll_into_view_if_needed()
    notebook.page.wait_for_function(
        "([pane, height]) => Math.abs(pane.offsetHeight - height) < 2",
        arg=[pane.element_handle(), eight + 2 * line],
    )
    [highest] = heights(cell, "stdout")
    # More, and another stream, move nothing below.
    notebook.run(3)
    expect(log_of(cell, "stderr")).to_contain_text("oops 29")
    assert heights(cell, "stdout", "stderr") == [highest, highest]
    # What is cleared keeps its place, for what comes.
    pick(cell, "Clear view")
    expect(log_of(cell).locator("div")).to_have_count(0)
    assert heights(cell, "stdout", "stderr") == [highest, highest]


def test_a_view_out_of_sight_is_filled_when_it_comes_into_sight(open_notebook: Any) -> None:
    sources = [
        SESSION,
        "web.output(b''.join(b'line %d\\n' % n for n in range(9_000)))",
        "web.output(b''.join(b'oops %d\\n' % n for n in range(9_000)), StreamType.STDERR)",
        "web.output(b'the last one\\n')",
        "\n".join(["# out of sight"] * 80),
    ]
    notebook = open_notebook("later.ipynb", sources)
    cell = notebook.cell(0)
    notebook.run(0)
    expect(log_of(cell)).to_contain_text("hello from web")
    below = notebook.cell(4).get_by_text("# out of sight").last
    below.scroll_into_view_if_needed()
    pane = cell.locator(".hj-pane.hj-stdout")
    expect(pane).not_to_be_in_viewport()
    for number in range(1, 4):
        notebook.run(number)
    expect(pane.locator(".hj-bytes")).to_contain_text(re.compile(r"^89 kB"))
    expect(log_of(cell)).to_contain_text("line 8999")  # one message, of which it had enough
    assert "the last one" not in log_of(cell).inner_text()
    expect(pane).not_to_be_in_viewport()
    pane.scroll_into_view_if_needed()
    expect(rows_of(cell).last).to_have_text("the last one")
    expect(log_of(cell)).to_contain_text("the last one")
    expect(log_of(cell, "stderr")).to_contain_text("oops 8999")
    find_in(cell).click()
    notebook.page.keyboard.type("line 61")  # it has been filled without a gap
    expect(pane.locator(".hj-search-count")).to_have_text(re.compile("of 111$"))


def test_a_stream_has_a_pane_from_its_first_byte_on(open_notebook: Any) -> None:
    error = "web.output(b'oops\\n', StreamType.STDERR)"
    notebook = open_notebook("strip.ipynb", [GROWING, "web.output(b'hello\\n')", error])
    cell = notebook.cell(0)
    notebook.run(0)
    notebook.run(1)
    expect(log_of(cell)).to_contain_text("hello")
    err = cell.locator(".hj-pane.hj-stderr")
    expect(strip_of(cell)).to_have_text("stderr: nothing yet")
    expect(err).to_have_count(0)
    # It takes a line's height of the width; the rest is for stdout.
    strip, out = strip_of(cell).bounding_box(), cell.locator(".hj-pane").bounding_box()
    view = cell.locator(".hj-area").bounding_box()
    assert strip["width"] <= 24
    assert abs(view["width"] - strip["width"] - out["width"]) < 2
    notebook.screenshot("panes-strip")
    notebook.run(2)
    expect(log_of(cell, "stderr")).to_have_text("oops")
    expect(strip_of(cell)).to_have_count(0)
    # What was there is the same pane, and has all it had.
    expect(log_of(cell)).to_have_text("hello")
    assert err.bounding_box()["width"] > 100


def test_a_strip_is_a_button_that_opens_its_pane(open_notebook: Any) -> None:
    notebook = open_notebook("strip-button.ipynb", [GROWING, "web.output(b'hello\\n')"])
    cell = notebook.cell(0)
    notebook.run(0)
    notebook.run(1)
    expect(log_of(cell)).to_contain_text("hello")
    strip = cell.get_by_role("button", name="stderr: nothing yet")
    strip.press("Enter")
    expect(cell.locator(".hj-pane.hj-stderr")).to_be_visible()
    expect(strip).to_have_count(0)


def test_a_program_that_prints_to_stderr_only_has_stdout_as_the_strip(open_notebook: Any) -> None:
    sources = [
        GROWING,
        "web.output(b'oops 1\\n', StreamType.STDERR)",
        "web.exit(1)",
        GROWING.replace("web", "late").replace('("late")', '("late")'),
        "late.output(b'oops\\n', StreamType.STDERR)",
        "late.output(b'hello\\n')",
    ]
    notebook = open_notebook("stderr.ipynb", sources)
    cell = notebook.cell(0)
    notebook.run(0)
    notebook.run(1)
    expect(strip_of(cell, "stdout")).to_have_text("stdout: nothing yet")
    expect(cell.locator(".hj-pane.hj-stderr")).to_be_visible()
    expect(cell.locator(".hj-pane.hj-stdout")).to_have_count(0)
    expect(log_of(cell, "stderr")).to_have_text("oops 1")
    notebook.screenshot("panes-stderr-only")
    notebook.run(2)
    expect(strip_of(cell, "stdout")).to_have_text("stdout: nothing")
    # If it prints to stdout later, both have a pane, and stdout is at the left again.
    late = notebook.cell(3)
    notebook.run(3)
    notebook.run(4)
    expect(strip_of(late, "stdout")).to_be_visible()
    notebook.run(5)
    expect(log_of(late)).to_have_text("hello")
    expect(strip_of(late, "stdout")).to_have_count(0)
    out, err = (late.locator(f".hj-pane.hj-{name}").bounding_box() for name in ("stdout", "stderr"))
    assert out["x"] + out["width"] <= err["x"]


def test_one_filter_and_one_count_are_for_both_panes(open_notebook: Any) -> None:
    notebook = open_notebook("filter.ipynb", [SESSION, ALTERNATING])
    cell = notebook.cell(0)
    notebook.run(0)
    notebook.run(1)
    for name, last in (("stdout", "out 3"), ("stderr", "err 3")):
        expect(log_of(cell, name)).to_contain_text(last)
    cell.get_by_role("button", name="filter lines").click()
    typed = cell.get_by_role("textbox", name="filter lines")
    typed.fill("/ (1|2)$/")
    expect(cell.locator(".hj-filter-count")).to_have_text("4 of 10 lines")
    expect(log_of(cell, "stdout").locator("div")).to_have_text(["out 1", "out 2"])
    expect(log_of(cell, "stderr").locator("div")).to_have_text(["err 1", "err 2"])
    # It is for all that is shown: what comes, and the other layouts too.
    choose(cell, "Merged")
    merged = ["out 1", "stderr: err 1", "out 2", "stderr: err 2"]
    expect(log_of(cell, "merged").locator("div")).to_have_text(merged)
    notebook.run(1)
    expect(log_of(cell, "merged").locator("div")).to_have_text(merged * 2)
    expect(cell.locator(".hj-filter-count")).to_have_text("8 of 18 lines")
    notebook.screenshot("panes-filter")
    typed.press("Escape")
    expect(cell.locator(".hj-filter")).to_be_hidden()
    expect(log_of(cell, "merged").locator("div")).to_have_count(18)


def test_the_search_is_for_the_pane_that_was_used_last(open_notebook: Any) -> None:
    notebook = open_notebook("find.ipynb", [SESSION])
    page, cell = notebook.page, notebook.cell(0)
    notebook.run(0)
    expect(log_of(cell, "stderr")).to_contain_text("hello from web")
    for name in ("stderr", "stdout"):
        pane = cell.locator(f".hj-pane.hj-{name}")
        pane.locator(".xterm-helper-textarea").focus()
        find_in(cell).click()
        page.keyboard.type(f"on {name}")
        expect(pane.locator(".hj-search-count")).to_have_text("1 of 1")
        page.keyboard.press("Escape")
        expect(pane.locator(".hj-search")).to_be_hidden()
        expect(pane.locator(".xterm-helper-textarea")).to_be_focused()


def test_what_was_chosen_is_there_again_and_a_changed_cell_wins(open_notebook: Any) -> None:
    lines = "; web.output(b'line\\n' * 20)\nSessionWidgets(web).view({})"
    source = SESSION.partition("view =")[0]
    asked, other = lines.format("rows=10"), lines.format("'tabs', rows=6")
    notebook = open_notebook("remembered.ipynb", [source + "pass" + asked, source + "pass" + other])
    cell, changed = notebook.cell(0), notebook.cell(1)
    chosen = cell.get_by_role("radio", checked=True)

    def expect_choice() -> None:
        expect(chosen).to_have_accessible_name("Merged")
        expect(rows_of(cell, "merged")).to_have_count(12)

    notebook.run(0)
    expect(chosen).to_have_accessible_name("Split")
    expect(rows_of(cell)).to_have_count(10)
    splitter = cell.get_by_role("separator", name="height in lines")
    for _ in range(2):
        splitter.press("ArrowDown")
    expect(rows_of(cell)).to_have_count(12)
    choose(cell, "Merged")
    expect_choice()
    # The next run of the cell makes another session and another view of the same container.
    notebook.run(0)
    expect(log_of(cell, "merged")).to_contain_text("line")
    expect_choice()
    # A cell that asks for something else gets it.
    notebook.run(1)
    expect(changed.get_by_role("radio", checked=True)).to_have_accessible_name("Tabs")
    expect(rows_of(changed)).to_have_count(6)
    # What is chosen on a page that was loaded again counts for the next run, too.
    notebook.save()
    notebook.reload()
    expect_choice()
    choose(cell, "Tabs")
    expect(chosen).to_have_accessible_name("Tabs")
    notebook.run(0)
    expect(log_of(cell)).to_contain_text("line")
    expect(chosen).to_have_accessible_name("Tabs")
    expect(rows_of(cell)).to_have_count(12)
    choose(cell, "Split")
    notebook.run(0)
    expect(log_of(cell)).to_contain_text("line")
    expect(chosen).to_have_accessible_name("Split")


def test_how_lines_are_shown_is_remembered_for_the_container(open_notebook: Any) -> None:
    other = SESSION.replace("web", "db")
    notebook = open_notebook("kept.ipynb", [SESSION, other])
    cell, db = notebook.cell(0), notebook.cell(1)
    notebook.run(0)
    stamped = re.compile(r"^\d\d:\d\d:\d\d\.\d{3} hello from web on stdout$")
    expect(log_of(cell)).to_have_text("hello from web on stdout")
    pick(cell, "Timestamps")
    pick(cell, "Wrap lines")
    share = cell.get_by_role("separator", name="share of stdout in the width, in percent")
    share.press("ArrowLeft")
    expect(share).to_have_attribute("aria-valuenow", "55")
    expect(log_of(cell)).to_have_text(stamped)
    notebook.run(0)
    expect(log_of(cell)).to_have_text(stamped)
    expect(cell.locator(".hj-stdout .hj-terminal")).to_have_class(re.compile("hj-wide"))
    expect(share).to_have_attribute("aria-valuenow", "55")
    # Another container's is another's.
    notebook.run(1)
    expect(log_of(db)).to_have_text("hello from db on stdout")
    more_of(cell).click()
    timestamps = cell.get_by_role("menuitemcheckbox", name="Timestamps")
    expect(timestamps).to_have_attribute("aria-checked", "true")
