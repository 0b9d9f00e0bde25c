"""Where a view is: full screen, floating, in a tab or the side panel, and back in its cell."""

from __future__ import annotations

import re
from typing import Any, Final

import pytest

pytest.importorskip("playwright", reason="browser tests need the package playwright")
from playwright.sync_api import expect

from tests.browser.parts import enter, log_of, stdin_of

VIEW: Final = """
from hyper_jupyter.widgets import SessionWidgets
from tests.browser.demo import greeter, terminal
web = greeter("web")
widgets = SessionWidgets(web)
view = widgets.view(rows=6)
view
"""
TERMINAL: Final = """
from hyper_jupyter.widgets import SessionWidgets
from tests.browser.demo import terminal
shell = terminal("shell")
SessionWidgets(shell).view(rows=6)
"""
PLACE: Final = "print('it is', view.place)"
LONG_TEXT: Final = "print('line\\n' * 200)"
FULL: Final = "Full screen"
FLOAT: Final = "Keep in view while scrolling"
TAB: Final = "Show in a tab beside the notebook"
PANEL: Final = "Show in the side panel"
BACK: Final = "Put back"


def choose(scope: Any, entry: str) -> None:
    """Choose an entry of a view's menu."""
    scope.get_by_role("button", name="more", exact=True).click()
    scope.get_by_role("menuitem", name=entry).click()


def where(cell: Any) -> Any:
    """The line that stands in a cell while its view is elsewhere."""
    return cell.locator(".hj-elsewhere")


def tab(page: Any, name: str = "web") -> Any:
    """The tab of the front end with that name."""
    return page.locator("#jp-main-dock-panel").get_by_role("tab", name=name, exact=True)


def back_to_the_notebook(notebook: Any) -> None:
    """Make the notebook JupyterLab's current tab, so that it can be driven."""
    notebook.page.evaluate(
        """() => {
          const { shell } = window.jupyterapp;
          for (const { context, id } of shell.widgets("main")) if (context) shell.activateById(id);
        }"""
    )
    notebook.page.wait_for_function("() => window.jupyterapp.shell.currentWidget?.context")


def test_a_view_moves_to_a_tab_with_all_that_is_in_it_and_back(open_notebook: Any) -> None:
    notebook = open_notebook("tab.ipynb", [VIEW, "web.output(b'later\\n')", PLACE])
    page, cell = notebook.page, notebook.cell(0)
    notebook.run(0)
    expect(log_of(cell)).to_contain_text("hello from web")
    enter(cell, "before")
    expect(log_of(cell)).to_contain_text("web got before")
    stdin_of(cell).fill("unsent")
    choose(cell, TAB)
    expect(where(cell)).to_have_text("web is shown in a tabPut back")
    expect(tab(page)).to_be_visible()
    placed = page.locator(".hj-dock")
    expect(log_of(placed)).to_contain_text("web got before")
    expect(stdin_of(placed)).to_have_value("unsent")
    notebook_box = page.locator(".jp-NotebookPanel").bounding_box()
    assert placed.bounding_box()["x"] >= notebook_box["x"] + notebook_box["width"]
    # As high as the tab: the terminal has got its lines, and follows the tab's width.
    height = placed.bounding_box()["height"]
    assert placed.locator(".hj-session").bounding_box()["height"] > 0.9 * height
    enter(placed, "in the tab")
    expect(log_of(placed)).to_contain_text("web got in the tab")
    back_to_the_notebook(notebook)
    notebook.run(1)
    expect(log_of(placed)).to_contain_text("later")
    notebook.run(2)
    expect(notebook.cell(2)).to_contain_text("it is tab")
    notebook.screenshot("place-tab")
    tab(page).locator(".lm-TabBar-tabCloseIcon").click()
    expect(placed).to_have_count(0)
    expect(where(cell)).to_have_count(0)
    expect(log_of(cell)).to_contain_text("later")
    assert cell.locator(".hj-session").bounding_box()["height"] < height / 2
    notebook.run(2)
    expect(notebook.cell(2)).to_contain_text("it is cell")


def test_a_cell_that_runs_again_has_its_view_in_the_same_tab(open_notebook: Any) -> None:
    notebook = open_notebook("again.ipynb", [VIEW, PLACE])
    page, cell = notebook.page, notebook.cell(0)
    notebook.run(0)
    expect(log_of(cell)).to_contain_text("hello from web")
    choose(cell, TAB)
    placed = page.locator(".hj-dock")
    enter(placed, "first life")
    expect(log_of(placed)).to_contain_text("web got first life")
    page.evaluate("() => { document.querySelector('.hj-dock').parentElement.mark = 'the same' }")
    back_to_the_notebook(notebook)
    notebook.run(0)
    expect(log_of(placed)).not_to_contain_text("first life")
    expect(log_of(placed)).to_contain_text("hello from web")
    expect(where(cell)).to_contain_text("web is shown in a tab")
    mark = "() => document.querySelector('.hj-dock').parentElement.mark"
    assert page.evaluate(mark) == "the same"
    notebook.run(1)
    expect(notebook.cell(1)).to_contain_text("it is tab")
    notebook.restart_kernel()
    expect(placed.locator(".hj-session")).to_be_visible()  # what it has seen stays to be read
    notebook.run(0)
    expect(log_of(placed)).to_contain_text("hello from web")
    assert page.evaluate(mark) == "the same"
    # What the user puts back stays there.
    where(cell).get_by_role("button", name=BACK).click()
    expect(tab(page)).to_have_count(0)
    notebook.run(0)
    expect(log_of(cell)).to_contain_text("hello from web")
    expect(tab(page)).to_have_count(0)


def test_the_tab_goes_with_the_notebook_and_with_the_widget(open_notebook: Any) -> None:
    notebook = open_notebook("gone.ipynb", [VIEW, "view.close()"])
    page = notebook.page
    notebook.run(0)
    expect(log_of(notebook.cell(0))).to_contain_text("hello from web")
    choose(notebook.cell(0), TAB)
    expect(log_of(page.locator(".hj-dock"))).to_contain_text("hello from web")
    back_to_the_notebook(notebook)
    notebook.save()  # else closing it asks
    notebook.close()
    expect(page.locator(".hj-dock")).to_have_count(0)
    expect(tab(page)).to_have_count(0)
    # The kernel knows where it was, so it is there again.
    notebook.open_again()
    placed = page.locator(".hj-dock")
    expect(log_of(placed)).to_contain_text("hello from web")
    expect(where(notebook.cell(0))).to_contain_text("web is shown in a tab")
    back_to_the_notebook(notebook)
    notebook.run(1)
    expect(placed.locator(".hj-session")).to_have_count(0)
    tab(page).locator(".lm-TabBar-tabCloseIcon").click()
    expect(placed).to_have_count(0)


def test_the_code_of_a_notebook_says_where_and_moves_it(open_notebook: Any) -> None:
    notebook = open_notebook(
        "code.ipynb",
        [
            VIEW.replace("rows=6", "rows=6, place='panel'"),
            "view.place = 'float'",
            "view.place = 'cell'",
            PLACE,
        ],
    )
    page, cell = notebook.page, notebook.cell(0)
    notebook.run(0)
    placed = page.locator("#jp-right-stack .hj-dock")
    expect(log_of(placed)).to_contain_text("hello from web")
    expect(where(cell)).to_contain_text("web is shown in the side panel")
    notebook.screenshot("place-panel")
    notebook.run(1)
    floating = page.get_by_role("region", name="web, kept in view")
    expect(log_of(floating)).to_contain_text("hello from web")
    expect(placed).to_have_count(0)
    notebook.run(2)
    expect(log_of(cell)).to_contain_text("hello from web")
    expect(floating).to_have_count(0)
    choose(cell, FLOAT)
    floating.get_by_role("button", name=BACK).click()
    expect(log_of(cell)).to_contain_text("hello from web")
    notebook.run(3)
    expect(notebook.cell(3)).to_contain_text("it is cell")


def test_a_floating_view_stays_in_view_while_its_cell_is_scrolled_away(open_notebook: Any) -> None:
    notebook = open_notebook("scroll.ipynb", [VIEW, *[LONG_TEXT] * 12])
    page, cell = notebook.page, notebook.cell(0)
    notebook.run_all()
    notebook.wait_for_cell(12)
    page.evaluate("() => { window.jupyterapp.shell.currentWidget.content.scrollToItem(0) }")
    expect(log_of(cell)).to_contain_text("hello from web")
    choose(cell, FLOAT)
    floating = page.get_by_role("region", name="web, kept in view")
    page.evaluate("() => { window.jupyterapp.shell.currentWidget.content.scrollToItem(12) }")
    expect(page.locator(".hj-elsewhere")).not_to_be_in_viewport()
    expect(floating).to_be_in_viewport()
    enter(floating, "from afar")
    expect(log_of(floating)).to_contain_text("web got from afar")
    notebook.screenshot("place-float")
    floating.get_by_role("button", name=BACK).click()
    expect(floating).to_have_count(0)
    page.evaluate("() => { window.jupyterapp.shell.currentWidget.content.scrollToItem(0) }")
    expect(log_of(notebook.cell(0))).to_contain_text("web got from afar")


def box_of(locator: Any) -> tuple[int, int, int, int]:
    """Left, top, width and height of an element."""
    box = locator.bounding_box()
    return tuple(round(box[side]) for side in ("x", "y", "width", "height"))  # type: ignore[return-value]


def test_a_floating_view_is_moved_and_sized_by_mouse_and_keyboard(open_notebook: Any) -> None:
    notebook = open_notebook("float.ipynb", [VIEW, "widgets.view('merged', place='float')"])
    page = notebook.page
    notebook.run(0)
    expect(log_of(notebook.cell(0))).to_contain_text("hello from web")
    choose(notebook.cell(0), FLOAT)
    floating = page.get_by_role("region", name="web, kept in view").first
    left, top, width, height = box_of(floating)
    floating.locator(".hj-name").hover()
    page.mouse.down()
    page.mouse.move(left + 40, top - 100, steps=3)
    page.mouse.up()
    moved = box_of(floating)
    assert moved[1] < top
    assert moved[2:] == (width, height)
    grip = floating.get_by_role("button", name=re.compile("^move web with the arrow keys"))
    grip.press("ArrowUp")
    assert box_of(floating) == (moved[0], moved[1] - 24, width, height)
    grip.press("ArrowLeft")
    terminal = floating.locator(".hj-terminal").first
    rows = terminal.bounding_box()["height"]
    for _ in range(4):
        grip.press("Shift+ArrowDown")
    grip.press("Shift+ArrowLeft")
    last = box_of(floating)
    assert last == (moved[0] - 24, moved[1] - 24, width - 24, height + 96)
    expect(terminal).not_to_have_css("height", f"{rows:g}px")
    page.mouse.move(last[0] + last[2] - 1, last[1] + last[3] - 1)
    page.mouse.down()
    page.mouse.move(last[0] + last[2] + 29, last[1] + last[3] - 31, steps=3)
    page.mouse.up()
    wanted = (last[0], last[1], last[2] + 30, last[3] - 30)
    assert box_of(floating) == wanted
    # The second one begins there too, but hides nothing of the first one's title.
    notebook.run(1)
    second = page.get_by_role("region", name="web, kept in view").nth(1)
    expect(log_of(second, "merged")).to_contain_text("hello from web")
    assert box_of(second) == (wanted[0] - 24, wanted[1] - 24, wanted[2], wanted[3])


def test_esc_leaves_full_screen_and_the_page_behind_cannot_be_reached(open_notebook: Any) -> None:
    notebook = open_notebook("full.ipynb", [VIEW])
    page, cell = notebook.page, notebook.cell(0)
    notebook.run(0)
    expect(log_of(cell)).to_contain_text("hello from web")
    height = cell.locator(".hj-session").bounding_box()["height"]
    stdin_of(cell).fill("unsent")
    stdin_of(cell).press("Control+Shift+Enter")
    full = page.get_by_role("dialog", name="web, full screen")
    expect(stdin_of(full)).to_be_focused()
    expect(stdin_of(full)).to_have_value("unsent")
    viewport = page.viewport_size
    assert box_of(full) == (0, 0, viewport["width"], viewport["height"])
    assert full.locator(".hj-session").bounding_box()["height"] > 0.9 * viewport["height"]
    assert page.evaluate("() => document.querySelector('#main').inert") is True
    notebook.screenshot("place-full")
    page.keyboard.press("Escape")
    expect(full).to_have_count(0)
    expect(stdin_of(cell)).to_be_focused()
    expect(stdin_of(cell)).to_have_value("unsent")
    expect(cell.locator(".hj-session")).to_have_css("height", f"{height:g}px")
    assert page.evaluate("() => document.querySelector('#main').inert") is False
    # From the menu, and out by the button; a search that Esc closes does not leave.
    choose(cell, FULL)
    full.locator(".hj-stdout .hj-terminal").click()
    page.keyboard.press("Control+f")
    expect(full.locator(".hj-stdout .hj-search-input")).to_be_focused()
    page.keyboard.press("Escape")
    expect(full.get_by_role("search")).to_have_count(0)
    full.get_by_role("button", name="Leave full screen").click()
    expect(full).to_have_count(0)


def test_esc_in_a_terminal_belongs_to_the_program_also_in_full_screen(open_notebook: Any) -> None:
    notebook = open_notebook("tty.ipynb", [TERMINAL])
    page, cell = notebook.page, notebook.cell(0)
    notebook.run(0)
    expect(log_of(cell)).to_contain_text("run.sh")
    choose(cell, FULL)
    full = page.get_by_role("dialog", name="shell, full screen")
    full.locator(".xterm-screen").click()
    page.keyboard.press("Escape")
    page.keyboard.type("x")
    expect(log_of(full)).to_contain_text("$ ^[x")
    expect(full).to_be_visible()
    notebook.screenshot("place-full-terminal")
    page.keyboard.press("Control+Shift+Enter")
    expect(full).to_have_count(0)
    page.keyboard.type("yz")  # the terminal has kept the focus, and got nothing of that key
    expect(log_of(cell)).to_contain_text("$ ^[xyz")
    page.keyboard.press("Control+Shift+Enter")
    expect(full).to_be_visible()
    page.keyboard.press("Control+Shift+.")
    page.keyboard.press("Escape")
    expect(full).to_have_count(0)


def off(page: Any, scope: Any) -> dict[str, str]:
    """The entries of a view's menu that are off, with their reasons; the menu is closed again."""
    scope.get_by_role("button", name="more", exact=True).click()
    menu = page.locator(".hj-menu:visible")
    texts = {}
    for entry in menu.locator("[aria-disabled=true]").all():
        reason = entry.locator(".hj-menu-reason").inner_text()
        texts[entry.inner_text().removesuffix(reason).strip()] = reason
    page.keyboard.press("Escape")
    return texts


def test_notebook_7_has_the_side_panel_and_says_that_it_has_no_tabs(open_notebook: Any) -> None:
    notebook = open_notebook("seven.ipynb", [VIEW], front_end="notebook")
    page, cell = notebook.page, notebook.cell(0)
    notebook.run(0)
    expect(log_of(cell)).to_contain_text("hello from web")
    assert off(page, cell) == {TAB: "needs JupyterLab; this page has no tabs"}
    choose(cell, PANEL)
    placed = page.locator(".hj-dock")
    enter(placed, "beside")
    expect(log_of(placed)).to_contain_text("web got beside")
    notebook.screenshot("place-panel-notebook")
    choose(placed, FLOAT)
    floating = page.get_by_role("region", name="web, kept in view")
    enter(floating, "above")
    expect(log_of(floating)).to_contain_text("web got above")
    notebook.screenshot("place-float-notebook")
    where(cell).get_by_role("button", name=BACK).click()
    expect(log_of(cell)).to_contain_text("web got above")


@pytest.mark.parametrize("front_end", ["nbclassic", "voila", "without the extension"])
def test_where_the_front_end_lends_nothing_a_view_still_floats_and_fills_the_window(
    open_notebook: Any, front_end: str
) -> None:
    cell_text = VIEW.replace("rows=6", "rows=6, place='tab'")
    if front_end == "without the extension":
        front_end = "jupyterlab"
        cell_text = f"import hyper_jupyter as hj\nhj.configure(front_end='anywidget')\n{cell_text}"
    cells = [cell_text] if front_end == "voila" else [cell_text, PLACE]
    notebook = open_notebook(f"{front_end}.ipynb", cells, front_end=front_end)
    page, cell = notebook.page, notebook.cell(0)
    if front_end != "voila":
        notebook.run(0)
    expect(log_of(cell)).to_contain_text("hello from web")
    expect(where(cell)).to_contain_text(re.compile("needs JupyterLab.* So it is shown here"))
    if front_end != "voila":
        notebook.run(1)
        expect(notebook.cell(1)).to_contain_text("it is cell")
    where(cell).get_by_role("button", name="hide this line").click()
    expect(where(cell)).to_have_count(0)
    assert set(off(page, cell)) == {TAB, PANEL}
    choose(cell, FLOAT)
    floating = page.get_by_role("region", name="web, kept in view")
    # Letters outside a cell are commands of the classic notebook: x would cut the cell.
    floating.locator(".hj-stdout .hj-terminal").click()
    page.keyboard.press("x")
    enter(floating, "x")
    expect(log_of(floating)).to_contain_text("web got x")
    expect(where(cell)).to_contain_text("web is kept in view")
    notebook.screenshot(f"place-float-{front_end}")
    floating.get_by_role("button", name=FULL).click()
    full = page.get_by_role("dialog", name="web, full screen")
    expect(log_of(full)).to_contain_text("web got x")
    page.keyboard.press("Escape")
    expect(full).to_have_count(0)
    floating.get_by_role("button", name=BACK).click()
    expect(log_of(cell)).to_contain_text("web got x")
