"""Colours as they are drawn: every text of programs and of ours, in the themes that people use.

The contrast is that of the colours in the page, with what is behind them. Most of it is measured in
the page that plays a recording, which draws with the same code and needs no kernel.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

pytest.importorskip("playwright", reason="browser tests need the package playwright")
from playwright.sync_api import expect

from hyper_jupyter.recording.page import html_page
from hyper_jupyter.recording.recording import Header, Output, Recording
from tests.browser.drawn import THEMES, faint, inject, pixels

INKS = (*range(30, 38), 39, *range(90, 98))
PAPERS = (*range(40, 48), 49, *range(100, 108))
WAYS = ("", ";1", ";2", ";7", ";1;7", ";2;7")
COLUMNS = 100
BUILT_IN = ("JupyterLab Light", "JupyterLab Dark", "JupyterLab Dark High Contrast")
TERMINAL = ".xterm-rows span"
OURS = ":not(.xterm *)"
SPANS = 1500
"""How many pieces of one colour there are at least."""


def pairs() -> bytes:
    """Return what a program prints that uses every pair of colours, line by line."""
    looks = [f"{ink};{paper}{way}" for way in WAYS for ink in INKS for paper in PAPERS]
    for number in range(256):
        looks += [f"38;5;{number}", f"48;5;{number}", f"2;38;5;{number}", f"7;38;5;{number}"]
    looks += ["7", "7;2", "2", "38;2;200;200;200", "48;2;40;40;40", "2;48;2;128;128;128"]
    cells = [f"\x1b[0;{look}mx".encode() for look in looks]
    lines = [b"".join(cells[at : at + COLUMNS]) for at in range(0, len(cells), COLUMNS)]
    return b"\x1b[m\r\n".join([*lines, b"\x1b[7mI\x1b[m the end"])


@pytest.fixture(scope="module")
def pairs_page(profile: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The page of a recording of all that, as a terminal in which every line is seen."""
    header = Header(rows=36, columns=COLUMNS, tty=True, title="pairs")
    path = tmp_path_factory.mktemp("colour") / "pairs.html"
    path.write_text(html_page(Recording.from_events(header, [Output(0.0, "stdout", pairs())])))
    page = profile.new_page()
    page.goto(path.as_uri())
    expect(page.locator(".hj-terminal")).to_contain_text("the end")
    return page


@pytest.fixture
def player(pairs_page: Any) -> Iterator[Any]:
    """That page, without a theme; nothing of one test is there in the next one."""
    yield pairs_page
    pairs_page.emulate_media(contrast="no-preference", forced_colors="none", color_scheme="light")
    pairs_page.evaluate(
        """() => {
          document.getElementById("injected-theme")?.remove();
          delete document.body.dataset.jpThemeName;
          document.body.style.background = "";
        }"""
    )


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


def check(view: Any, least: float = 4.5) -> None:
    """Look at a view once it has the theme's background."""
    pane = view.locator(".hj-terminal").first
    paper = background_of(view.page)
    expect(pane).to_have_css("background-color", paper)
    count, unreadable = faint(pane, inside=TERMINAL)
    assert count > SPANS
    assert unreadable == []
    # Inverse text is as easy to read as the rest.
    expect(pane.locator(TERMINAL).filter(has_text="I")).to_have_css("color", paper)
    texts, unreadable = faint(view, least, inside=OURS)
    assert texts > 3
    assert unreadable == []


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme["name"])
def test_every_pair_can_be_read_in_the_themes_of_others(player: Any, theme: Any) -> None:
    inject(player, theme)
    check(player.locator(".hyper-jupyter"))
    player.screenshot(path=f"test-results/colour-{theme['name'].lower().replace(' ', '-')}.png")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_without_a_theme_has_the_colours_of_what_is_behind(player: Any, scheme: str) -> None:
    player.emulate_media(color_scheme=scheme)
    paper = {"light": "rgb(255, 255, 255)", "dark": "rgb(17, 17, 17)"}[scheme]
    view = player.locator(".hyper-jupyter")
    expect(view.locator(".hj-terminal")).to_have_css("background-color", paper)
    assert faint(view, inside=TERMINAL)[1] == []
    assert faint(view, inside=OURS)[1] == []
    player.evaluate("() => { document.body.style.background = '#2e3440' }")
    expect(view.locator(".hj-terminal")).to_have_css("background-color", "rgb(46, 52, 64)")
    assert faint(view, inside=TERMINAL)[1] == []
    assert faint(view, inside=OURS)[1] == []


def test_a_user_who_asks_for_more_contrast_has_more(player: Any) -> None:
    player.emulate_media(contrast="more")
    view = player.locator(".hyper-jupyter")
    for theme in [theme for theme in THEMES if "Solarized" in theme["name"]] + [None]:
        if theme:
            inject(player, theme)
            expect(view.locator(".hj-terminal")).to_have_css(
                "background-color", background_of(player)
            )
        # Not dim text: that is weaker by purpose, and still as strong as the rest elsewhere.
        count, unreadable = faint(view, 7, inside=f"{TERMINAL}:not(.xterm-dim)")
        assert count > 500
        assert unreadable == []
        assert faint(view, 7, inside=OURS)[1] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_system_s_own_colours_replace_ours(player: Any, scheme: str) -> None:
    player.emulate_media(forced_colors="active", color_scheme=scheme)
    paper = {"light": "rgb(255, 255, 255)", "dark": "rgb(0, 0, 0)"}[scheme]
    view = player.locator(".hyper-jupyter")
    expect(view.locator(".hj-terminal")).to_have_css("background-color", paper)
    inverse = view.locator(TERMINAL).filter(has_text="I")
    expect(inverse).to_have_css("color", paper)
    expect(inverse).not_to_have_css("background-color", paper)
    assert faint(view, inside=TERMINAL)[1] == []
    assert faint(view, inside=OURS)[1] == []
    # What is nothing but a background is seen, too.
    expect(view.locator(".hj-time-done")).not_to_have_css("background-color", paper)
    player.screenshot(path=f"test-results/colour-forced-{scheme}.png")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_selected_text_looks_selected_and_can_be_read(player: Any, scheme: str) -> None:
    player.emulate_media(color_scheme=scheme)
    pane = player.locator(".hj-terminal")
    paper = {"light": "rgb(255, 255, 255)", "dark": "rgb(17, 17, 17)"}[scheme]
    expect(pane).to_have_css("background-color", paper)
    screen = pane.locator(".xterm-screen").bounding_box()
    player.mouse.move(screen["x"] + 2, screen["y"] + 4)
    player.mouse.down()
    player.mouse.move(screen["x"] + 300, screen["y"] + screen["height"] - 4, steps=3)
    player.mouse.up()
    selected = pane.locator(".xterm-rows .xterm-decoration-top:not(.xterm-cursor)")
    expect(selected.first).to_be_attached()
    papers = selected.evaluate_all(
        "spans => [...new Set(spans.map(span => getComputedStyle(span).backgroundColor))]"
    )
    assert len(papers) == 1  # whatever was behind the text
    assert papers != [paper]
    assert faint(pane, inside=TERMINAL)[1] == []
    player.screenshot(path=f"test-results/colour-selected-{scheme}.png")
    pane.locator(".xterm-screen").click()
    expect(selected).to_have_count(0)


def test_what_is_on_the_screen_is_what_was_measured(player: Any) -> None:
    inverse = player.locator(TERMINAL).filter(has_text="I")
    for theme in THEMES[:2]:
        inject(player, theme)
        expect(inverse).to_have_css("color", background_of(player))
        style = inverse.evaluate(
            "span => [getComputedStyle(span).color, getComputedStyle(span).backgroundColor]"
        )
        ink, paper = (tuple(map(int, text.strip("rgb()").split(","))) for text in style)
        seen = {tuple(colour) for colour in pixels(player, inverse.bounding_box())}
        assert paper in seen
        # Letters are smoothed at their edges: some of them is nearly as strong as it was asked for.
        nearest = min(max(abs(a - b) for a, b in zip(ink, dot, strict=True)) for dot in seen)
        assert nearest < 80


VIEW = """
from hyper_jupyter.widgets import SessionWidgets
from tests.browser.demo import greeter
from tests.browser.test_colour import pairs
web = greeter("web")
SessionWidgets(web).view(rows=60)
"""


@pytest.fixture
def notebook(open_notebook: Any) -> Iterator[Any]:
    """A session's view in JupyterLab, with all that in it."""
    opened = open_notebook("colour.ipynb", [VIEW, r"web.output(b'\x1b[2J\x1b[H' + pairs())"])
    opened.run_all()
    opened.wait_for_cell(1)
    expect(opened.cell(0).locator(".hj-terminal").first).to_contain_text("the end")
    yield opened
    opened.set_theme("JupyterLab Light")


def test_a_session_can_be_read_in_jupyterlab_s_own_themes(notebook: Any) -> None:
    view = notebook.cell(0).locator(".hj-session")
    for theme in BUILT_IN:
        notebook.set_theme(theme)
        check(view, 7 if "High Contrast" in theme else 4.5)
        notebook.screenshot(f"colour-{theme.lower().replace(' ', '-')}")


def test_text_that_was_found_can_be_read(notebook: Any) -> None:
    view = notebook.cell(0).locator(".hj-session")
    view.get_by_role("button", name="find").first.click()
    notebook.page.keyboard.type("x")
    pane = view.locator(".hj-terminal").first
    expect(pane.locator(".xterm-find-result-decoration").first).to_be_attached()
    for theme in BUILT_IN[:2]:
        notebook.set_theme(theme)
        check(view)
        notebook.screenshot(f"colour-found-{theme.lower().replace(' ', '-')}")
