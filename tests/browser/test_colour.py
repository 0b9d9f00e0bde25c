"""Colours as they are drawn: every text of ours and of programs, in the themes that people use.

The contrast is that of the colours in the page, with what is behind them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

pytest.importorskip("playwright", reason="browser tests need the package playwright")
from playwright.sync_api import expect

from tests.browser.drawn import THEMES, faint, inject, pixels

VIEW = """
from hyper_jupyter.widgets import SessionWidgets
from tests.browser.demo import greeter
web = greeter("web")
SessionWidgets(web).view(rows=40)
"""
PAIRS = r"""
inks, papers = (*range(30, 38), 39, *range(90, 98)), (*range(40, 48), 49, *range(100, 108))
looks = [f"{ink};{paper}{more}" for more in ("", ";1", ";2", ";7", ";1;7", ";2;7")
         for ink in inks for paper in papers]
for number in range(256):
    looks += [f"38;5;{number}", f"48;5;{number}", f"2;38;5;{number}", f"7;38;5;{number}"]
looks += ["7", "7;2", "2", "38;2;200;200;200", "48;2;40;40;40", "2;48;2;128;128;128"]
web.output(b"\x1b[2J\x1b[H\x1b[7mI" + b"".join(f"\x1b[0;{look}mx".encode() for look in looks))
web.output(b"\x1b[m\nthe end\n")
"""
BUILT_IN = ("JupyterLab Light", "JupyterLab Dark", "JupyterLab Dark High Contrast")
TERMINAL = ".xterm-rows span"
OURS = ":not(.xterm *)"


@pytest.fixture
def notebook(open_notebook: Any) -> Iterator[Any]:
    opened = open_notebook("colour.ipynb", [VIEW, PAIRS])
    opened.run_all()
    opened.wait_for_cell(1)
    expect(opened.cell(0).locator(".hj-stdout .hj-terminal")).to_contain_text("the end")
    opened.hide_sidebar()
    yield opened
    opened.page.emulate_media(contrast="no-preference", forced_colors="none")
    opened.set_theme("JupyterLab Light")


def switch(notebook: Any, theme: str) -> None:
    """Take a theme of JupyterLab's or one of the others; the terminal follows."""
    if theme in BUILT_IN:
        notebook.set_theme(theme)
        return
    [found] = [each for each in THEMES if each["name"] == theme]
    notebook.set_theme("JupyterLab Light" if found["light"] else "JupyterLab Dark")
    inject(notebook.page, found)


@pytest.mark.parametrize("theme", [*BUILT_IN, *(theme["name"] for theme in THEMES)])
def test_every_pair_can_be_read_in_every_theme(notebook: Any, theme: str) -> None:
    switch(notebook, theme)
    view = notebook.cell(0)
    pane = view.locator(".hj-stdout .hj-terminal")
    enhanced = "High Contrast" in theme
    expect(pane).to_have_css("background-color", background_of(notebook.page))
    count, unreadable = faint(pane, inside=TERMINAL)
    assert count > 1500
    assert unreadable == []
    # Inverse text is as easy to read as the rest.
    [inverse] = pane.locator(TERMINAL).filter(has_text="I").all()[:1]
    expect(inverse).to_have_css("color", background_of(notebook.page))
    texts, unreadable = faint(view.locator(".hj-session"), 7 if enhanced else 4.5, inside=OURS)
    assert texts > 5
    assert unreadable == []
    name = theme.lower().replace(" ", "-")
    notebook.screenshot(f"colour-{name}")


def background_of(page: Any) -> str:
    """Return what the theme has behind outputs."""
    found: str = page.evaluate(
        """() => {
          const sample = document.createElement("i");
          sample.style.color = "var(--jp-layout-color0)";
          document.body.append(sample);
          const { color } = getComputedStyle(sample);
          sample.remove();
          return color;
        }"""
    )
    return found


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark", THEMES[0]["name"]])
def test_selected_and_found_text_can_be_read(notebook: Any, theme: str) -> None:
    switch(notebook, theme)
    pane = notebook.cell(0).locator(".hj-stdout .hj-terminal")
    expect(pane).to_have_css("background-color", background_of(notebook.page))
    notebook.cell(0).get_by_role("button", name="find").first.click()
    notebook.page.keyboard.type("x")
    expect(pane.locator(".xterm-find-result-decoration").first).to_be_attached()
    count, unreadable = faint(pane, inside=TERMINAL)
    assert count > 1500
    assert unreadable == []
    notebook.page.keyboard.press("Escape")
    screen = pane.locator(".xterm-screen").bounding_box()
    mouse = notebook.page.mouse
    mouse.move(screen["x"] + 2, screen["y"] + 4)
    mouse.down()
    mouse.move(screen["x"] + screen["width"] - 4, screen["y"] + screen["height"] - 4, steps=3)
    mouse.up()
    selected = pane.locator(".xterm-rows .xterm-decoration-top")
    expect(selected.first).to_be_attached()
    papers = selected.evaluate_all(
        "spans => [...new Set(spans.map(span => getComputedStyle(span).backgroundColor))]"
    )
    assert len(papers) == 1  # what is selected looks selected, whatever was behind it
    assert papers != [background_of(notebook.page)]
    count, unreadable = faint(pane, inside=TERMINAL)
    assert unreadable == []
    notebook.screenshot(f"colour-selected-{theme.lower().replace(' ', '-')}")


def test_what_is_on_the_screen_is_what_was_measured(notebook: Any) -> None:
    pane = notebook.cell(0).locator(".hj-stdout .hj-terminal")
    for theme in ("JupyterLab Dark", "JupyterLab Light"):
        switch(notebook, theme)
        expect(pane).to_have_css("background-color", background_of(notebook.page))
        inverse = pane.locator(TERMINAL).filter(has_text="I").first
        style = inverse.evaluate(
            "span => [getComputedStyle(span).color, getComputedStyle(span).backgroundColor]"
        )
        ink, paper = (tuple(map(int, text.strip("rgb()").split(","))) for text in style)
        seen = {tuple(colour) for colour in pixels(notebook.page, inverse.bounding_box())}
        assert paper in seen
        # Letters are smoothed at their edges: some of them is nearly as strong as it was asked for.
        nearest = min(max(abs(a - b) for a, b in zip(ink, dot, strict=True)) for dot in seen)
        assert nearest < 80


def test_a_user_who_asks_for_more_contrast_has_more(notebook: Any) -> None:
    page, view = notebook.page, notebook.cell(0)
    pane = view.locator(".hj-stdout .hj-terminal")
    for theme in ("JupyterLab Light", "JupyterLab Dark"):
        switch(notebook, theme)
        expect(pane).to_have_css("background-color", background_of(page))
        page.emulate_media(contrast="more")
        # Not dim text: that is weaker by purpose, and still as strong as the rest in other themes.
        count, unreadable = faint(pane, 7, inside=f"{TERMINAL}:not(.xterm-dim)")
        assert count > 500
        assert unreadable == []
        _, unreadable = faint(view.locator(".hj-session"), 7, inside=OURS)
        assert unreadable == []
        page.emulate_media(contrast="no-preference")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_system_s_own_colours_replace_ours(notebook: Any, scheme: str) -> None:
    page, view = notebook.page, notebook.cell(0)
    pane = view.locator(".hj-stdout .hj-terminal")
    page.emulate_media(forced_colors="active", color_scheme=scheme)
    paper = {"light": "rgb(255, 255, 255)", "dark": "rgb(0, 0, 0)"}[scheme]
    expect(pane).to_have_css("background-color", paper)
    inverse = pane.locator(TERMINAL).filter(has_text="I").first
    expect(inverse).to_have_css("color", paper)
    expect(inverse).not_to_have_css("background-color", paper)
    _, unreadable = faint(pane, inside=TERMINAL)
    assert unreadable == []
    _, unreadable = faint(view.locator(".hj-session"), inside=OURS)
    assert unreadable == []
    # The state's dot is seen, though it is nothing but a background.
    expect(view.locator(".hj-dot").first).not_to_have_css("background-color", paper)
    notebook.screenshot(f"colour-forced-{scheme}")
