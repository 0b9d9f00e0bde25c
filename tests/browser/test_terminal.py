"""The terminal of a TTY session: keys, pastes, links, size; sessions are scripted in the kernel."""

from __future__ import annotations

import re
from typing import Any

import pytest

pytest.importorskip("playwright", reason="browser tests need the package playwright")
from playwright.sync_api import expect

from tests.browser.front_ends import NotebookPage
from tests.browser.parts import enter, more_of, pick, stdin_of

TERMINAL = """
from hyper_jupyter.widgets import SessionWidgets
from tests.widgets.fakes import ScriptedSession
ann = ScriptedSession("ann", tty=True)
ann.output(b"hello from ann\\r\\nsee https://example.org/a?b=c or \\x1b]8;;https://evil.example/"
           b"\\x1b\\\\https://bank.example/\\x1b]8;;\\x1b\\\\ here\\r\\n$ ")
widgets = SessionWidgets(ann)
widgets.view()
"""
SENT = """
import itertools, time
def typed():
    return b"".join(data.encode() if isinstance(data, str) else data for data in ann.sent)
until = time.monotonic() + 10
while not typed().endswith(b"\x1d") and time.monotonic() < until:
    time.sleep(0.02)
reading = next(numbers) if "numbers" in globals() else next(numbers := itertools.count())
print(f"reading {reading}:", typed().hex())
ann.sent.clear()
"""
"""Says what the container got, once the key that ends it has come."""

KEYS = {
    "Escape": b"\x1b",
    "Enter": b"\r",
    "Shift+Enter": b"\r",
    "Control+Enter": b"\r",
    "Tab": b"\t",
    "Shift+Tab": b"\x1b[Z",
    "Backspace": b"\x7f",
    "Delete": b"\x1b[3~",
    "ArrowUp": b"\x1b[A",
    "ArrowDown": b"\x1b[B",
    "ArrowRight": b"\x1b[C",
    "ArrowLeft": b"\x1b[D",
    "Home": b"\x1b[H",
    "End": b"\x1b[F",
    "PageUp": b"\x1b[5~",
    "PageDown": b"\x1b[6~",
    "F1": b"\x1bOP",
    "F5": b"\x1b[15~",
    "F12": b"\x1b[24~",
    "Control+ArrowLeft": b"\x1b[1;5D",
    "Control+s": b"\x13",
    "Control+b": b"\x02",
    "Control+c": b"\x03",
    "Control+d": b"\x04",
    "Control+a": b"\x01",
    "Control+k": b"\x0b",
    "Control+z": b"\x1a",
    "Control+Space": b"\x00",
    "Alt+b": b"\x1bb",
    "d": b"d",
    "a": b"a",
    "b": b"b",
    "x": b"x",
    "0": b"0",
    "Shift+A": b"A",
    "Shift+M": b"M",
    "Space": b" ",
    "i": b"i",
    "h": b"h",
}
"""Keys that a program gets; most of them do something to a notebook too, or to the browser."""


def sent(notebook: NotebookPage, reading: int) -> bytes:
    """What the container got since the reading before this one; counted from 0."""
    notebook.cell(0).locator(".xterm-helper-textarea").first.focus()
    notebook.page.keyboard.press("Control+]")
    notebook.run(1)
    line = re.compile(rf"reading {reading}: ([0-9a-f]*1d)")
    expect(notebook.cell(1)).to_contain_text(line)
    found = line.search(notebook.cell(1).inner_text())
    assert found is not None
    return bytes.fromhex(found[1]).removesuffix(b"\x1d")


def cells(notebook: NotebookPage) -> int:
    in_any = ".jp-NotebookPanel .jp-Cell, #notebook-container > .cell"
    return int(notebook.page.locator(in_any).count())


def open_terminal(open_notebook: Any, name: str, **where: str) -> tuple[NotebookPage, Any, Any]:
    notebook = open_notebook(f"{name}.ipynb", [TERMINAL, SENT], **where)
    notebook.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    notebook.run(0)
    cell = notebook.cell(0)
    expect(cell.get_by_role("log", name="stdout log")).to_contain_text("hello from ann")
    return notebook, cell, cell.locator(".xterm-helper-textarea")


def copy(notebook: NotebookPage, text: str) -> None:
    notebook.page.evaluate("text => navigator.clipboard.writeText(text)", text)


def on_clipboard(notebook: NotebookPage) -> str:
    return str(notebook.page.evaluate("() => navigator.clipboard.readText()"))


@pytest.mark.parametrize("front_end", ["jupyterlab", "notebook", "nbclassic"])
def test_a_focused_terminal_has_every_key_to_itself(open_notebook: Any, front_end: str) -> None:
    notebook, cell, keys = open_terminal(open_notebook, "keys", front_end=front_end)
    cell.locator(".xterm-screen").click()
    expect(keys).to_be_focused()
    notebook.page.evaluate(
        """() => {
          window.heard = [];
          document.addEventListener("keydown", event => window.heard.push(event.key));
        }"""
    )
    for key in (*KEYS, "Control+Shift+P"):
        notebook.page.keyboard.press(key)
        expect(keys).to_be_focused()
    assert notebook.page.evaluate("() => window.heard") == []
    assert cells(notebook) == 2
    notebook.screenshot(f"keys-{front_end}")
    assert sent(notebook, 0) == b"".join(KEYS.values())

    # Esc twice is both for the program and the way out for people without a mouse.
    keys.focus()
    notebook.page.keyboard.press("Escape")
    notebook.page.keyboard.press("Escape")
    expect(cell.locator(".hj-pane")).to_be_focused()
    # Turned off it is the program's alone; there is a way out all the same.
    notebook.page.evaluate("() => localStorage.setItem('hyper_jupyter:escape-leaves', 'no')")
    keys.focus()
    notebook.page.keyboard.press("Escape")
    notebook.page.keyboard.press("Escape")
    notebook.page.keyboard.press("y")
    expect(keys).to_be_focused()
    notebook.page.keyboard.press("Control+Shift+Period")
    expect(cell.locator(".hj-pane")).to_be_focused()
    assert sent(notebook, 1) == b"\x1b\x1b\x1b\x1by"


def question_in(cell: Any) -> Any:
    return cell.get_by_role("alertdialog")


def test_paste_asks_where_the_program_would_run_each_line(open_notebook: Any) -> None:
    notebook, cell, keys = open_terminal(open_notebook, "paste")
    keyboard = notebook.page.keyboard
    question = question_in(cell)

    # What could not be typed is left out: it might end the brackets, or be a command.
    keys.focus()
    copy(notebook, "one\x1b[201~\x03 line")
    keyboard.press("Control+v")
    assert sent(notebook, 0) == b"one[201~ line"

    keys.focus()
    copy(notebook, "rm a\r\nrm <b>b</b>\nrm c\n")
    keyboard.press("Control+v")
    expect(question).to_have_accessible_name(
        "The program takes each of the 3 lines as if Enter were pressed. Paste them?"
    )
    expect(question).to_have_accessible_description("rm a rm <b>b</b> rm c")
    expect(question.get_by_role("button", name="Cancel")).to_be_focused()
    notebook.screenshot("paste-question")
    keyboard.press("Escape")
    expect(question).to_have_count(0)
    expect(keys).to_be_focused()
    assert sent(notebook, 1) == b""

    keys.focus()
    keyboard.press("Control+v")
    keyboard.press("Shift+Tab")
    expect(question.get_by_role("button", name="Paste as one line")).to_be_focused()
    keyboard.press("Enter")
    expect(keys).to_be_focused()
    assert sent(notebook, 2) == b"rm a rm <b>b</b> rm c"

    keys.focus()
    keyboard.press("Control+v")
    question.get_by_role("button", name="Paste", exact=True).click()
    expect(keys).to_be_focused()
    assert sent(notebook, 3) == b"rm a\rrm <b>b</b>\rrm c\r"


def test_a_program_with_bracketed_paste_gets_the_lines_unasked(open_notebook: Any) -> None:
    source = TERMINAL.replace("$ ", "\\x1b[?2004h$ ")
    notebook = open_notebook("brackets.ipynb", [source, SENT])
    notebook.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    notebook.run(0)
    cell = notebook.cell(0)
    expect(cell.get_by_role("log", name="stdout log")).to_contain_text("hello from ann")
    copy(notebook, "one\ntwo\n")
    cell.locator(".xterm-helper-textarea").focus()
    notebook.page.keyboard.press("Control+v")
    expect(question_in(cell)).to_have_count(0)
    assert sent(notebook, 0) == b"\x1b[200~one\rtwo\r\x1b[201~"

    # Ctrl-C copies what is selected; the next one is for the program again.
    copy(notebook, "before")
    cell.locator(".xterm-screen").dblclick(position={"x": 10, "y": 6})
    notebook.page.keyboard.press("Control+c")
    assert on_clipboard(notebook) == "hello"
    notebook.page.keyboard.press("Control+c")
    assert sent(notebook, 1) == b"\x03"
    assert on_clipboard(notebook) == "hello"


def test_links_are_followed_after_a_question_that_shows_where_they_lead(
    open_notebook: Any,
) -> None:
    notebook, cell, _ = open_terminal(open_notebook, "links")
    page = notebook.page
    followed: list[str] = []
    page.context.route(
        re.compile(r"https://[a-z.]*example"),
        lambda route: (
            followed.append(f"{route.request.url} from {route.request.headers.get('referer')}"),
            route.fulfill(body="<script>document.title = String(window.opener)</script>"),
        ),
    )
    question = question_in(cell)
    screen = cell.locator(".xterm-screen")
    box = screen.bounding_box()
    columns = terminal_columns(notebook)

    def click(column: int) -> None:
        x, y = (column + 0.5) * box["width"] / columns, 1.5 * box["height"] / 14
        screen.hover(position={"x": x, "y": y})
        expect(cell.locator(".hj-terminal")).to_have_attribute("title", re.compile("https://"))
        page.mouse.down()
        page.mouse.up()

    click(40)  # the text of the second link is an address, and it leads to another one
    expect(question).to_have_accessible_name("The container shows a link to evil.example. Open it?")
    expect(question).to_have_accessible_description("https://evil.example/")
    notebook.screenshot("link-question")
    page.keyboard.press("Enter")  # Cancel has the focus
    expect(question).to_have_count(0)
    assert followed == []

    # Without a mouse: the menu has the newest ones, and asks the same question.
    more = more_of(cell)
    more.focus()
    page.keyboard.press("Enter")
    cell.get_by_role("menuitem", name="Open https://evil.example/").press("Enter")
    expect(question).to_have_accessible_description("https://evil.example/")
    page.keyboard.press("Escape")
    expect(question).to_have_count(0)
    assert followed == []

    click(10)
    expect(question).to_have_accessible_description("https://example.org/a?b=c")
    with page.expect_popup() as popup:
        question.get_by_role("link", name="Open in a new tab").click()
    expect(popup.value).to_have_title("null")
    assert followed == ["https://example.org/a?b=c from None"]
    expect(question).to_have_count(0)
    assert sent(notebook, 0) == b""


def test_a_terminal_has_a_line_for_input_when_it_is_asked_for(open_notebook: Any) -> None:
    notebook, cell, keys = open_terminal(open_notebook, "line")
    # A terminal takes keys itself.
    expect(cell.locator(".hj-stdin")).to_be_hidden()
    before = cell.locator(".hj-area").bounding_box()
    pick(cell, "Input line")
    expect(stdin_of(cell)).to_be_visible()
    assert cell.locator(".hj-area").bounding_box() == before
    cell.get_by_role("checkbox", name="Newline").uncheck()
    enter(cell, "from the line")
    assert sent(notebook, 0) == b"from the line"
    # The browser remembers it for this container.
    notebook.save()
    notebook.reload()
    expect(stdin_of(cell)).to_be_visible()
    pick(cell, "Input line")
    expect(cell.locator(".hj-stdin")).to_be_hidden()
    keys.focus()
    notebook.page.keyboard.type("by hand")
    assert sent(notebook, 1) == b"by hand"
    # The signals were in that line; without it they are in the menu.
    pick(cell, "Send a signal…")
    expect(cell.get_by_role("menu", name="signals").get_by_role("menuitem").first).to_be_focused()


def terminal_columns(notebook: NotebookPage) -> int:
    """How wide the first terminal of the page is, as its cells and its screen say."""
    return int(
        notebook.page.evaluate(
            """() => {
              const screen = document.querySelector(".hj-terminal .xterm-screen");
              const measure = document.querySelector(".hj-terminal .xterm-char-measure-element");
              const width = measure.getBoundingClientRect().width / measure.textContent.length;
              return Math.round(screen.getBoundingClientRect().width / width);
            }"""
        )
    )


SECOND_VIEW = """
from ipywidgets import Box, Layout
Box([widgets.view(rows=20)], layout=Layout(width="420px"))
"""
SIZES = "print('sizes', ann.sizes)"


def sizes(notebook: NotebookPage, known: int, below: int = 1000) -> list[tuple[int, int]]:
    """The sizes that the container got, as soon as there are more than ``known``.

    Args:
        notebook: its cell 2 prints them.
        known: how many there are already.
        below: the last one must have fewer columns.
    """
    for _ in range(100):
        notebook.run(2)
        notebook.wait_for_cell(2)
        text = notebook.cell(2).inner_text()
        found = re.findall(r"\((\d+), (\d+)\)", text.partition("sizes [")[2])
        if len(found) > known and int(found[-1][1]) < below:
            return [(int(rows), int(columns)) for rows, columns in found]
    raise AssertionError(f"no more than {known} sizes, or the last one has {below} columns or more")


def test_one_view_decides_how_large_the_terminal_is(open_notebook: Any) -> None:
    notebook = open_notebook("size.ipynb", [TERMINAL, SECOND_VIEW, SIZES])
    page = notebook.page
    notebook.run(0)
    large = notebook.cell(0).locator(".hj-terminal")
    expect(large.locator(".xterm-rows > div")).to_have_count(14)
    first = sizes(notebook, 1)
    # Twice, so that a program draws its prompt again.
    assert [rows for rows, _ in first] == [15, 14]
    assert first[0][1] == first[1][1] + 1 > 60

    notebook.run(1)
    small = notebook.cell(1).locator(".hj-terminal")
    # The second view shows the terminal as it is, larger than its own room.
    expect(small).to_have_class(re.compile("hj-borrowed"))
    expect(small.locator(".xterm-rows > div")).to_have_count(14)
    small.locator(".xterm-helper-textarea").focus()
    expect(large).to_have_class(re.compile("hj-borrowed"))
    expect(large.locator(".xterm-rows > div")).to_have_count(20)
    expect(small).not_to_have_class(re.compile("hj-borrowed"))
    after_focus = sizes(notebook, 2)
    assert after_focus[2][0] == 20
    assert after_focus[2][1] < 60
    notebook.screenshot("two-sizes")

    # A view that cannot be seen has no say, a view that is gone has lost it.
    notebook.cell(1).evaluate("cell => { cell.style.display = 'none'; }")
    page.set_viewport_size({"width": 900, "height": 900})
    expect(large).to_have_class(re.compile("hj-borrowed"))
    assert sizes(notebook, 2) == after_focus
    notebook.cell(1).evaluate("cell => { cell.style.display = ''; }")
    small.locator(".xterm-helper-textarea").focus()
    notebook.run(1)
    expect(large).not_to_have_class(re.compile("hj-borrowed"))
    expect(large.locator(".xterm-rows > div")).to_have_count(14)
    # The view may be as wide as it was for a moment: it says what it has room for a little later.
    later = sizes(notebook, 3, below=first[1][1])[3:]
    assert {rows for rows, _ in later} == {14}


def test_a_browser_tab_takes_the_size_from_another_when_it_is_focused_or_alone(
    open_notebook: Any,
) -> None:
    notebook = open_notebook("tabs.ipynb", [TERMINAL, "pass", SIZES])
    notebook.run(0)
    one = notebook.cell(0).locator(".hj-terminal")
    expect(one.locator(".xterm-rows > div")).to_have_count(14)
    first = sizes(notebook, 1)
    notebook.save()
    second = notebook.in_another_tab()
    second.page.set_viewport_size({"width": 800, "height": 900})
    two = second.cell(0).locator(".hj-terminal")
    expect(two).to_have_class(re.compile("hj-borrowed"))
    second.cell(0).locator(".xterm-helper-textarea").focus()
    expect(one).to_have_class(re.compile("hj-borrowed"))
    expect(two).not_to_have_class(re.compile("hj-borrowed"))
    narrow = sizes(notebook, 2)[2]
    assert narrow[1] < first[1][1]
    # It is gone without a word; the next wish of another page finds out.
    second.page.close()
    notebook.page.set_viewport_size({"width": 1100, "height": 900})
    expect(one).not_to_have_class(re.compile("hj-borrowed"))
    assert narrow[1] < sizes(notebook, 3)[3][1] < first[1][1]
