"""How saved output looks without a live page: beside other outputs, in each template and theme."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("playwright", reason="browser tests need the package playwright")
import nbformat
from nbconvert import HTMLExporter, SlidesExporter

from hyper_jupyter.protocol import StreamType
from hyper_jupyter.recording import Report
from hyper_jupyter.settings.saved_output import SavedOutput
from tests.browser.chromium import offline
from tests.browser.drawn import THEMES, faint, inject, text_of
from tests.browser.front_ends import RESULTS
from tests.widgets.fakes import ScriptedSession

NAMES = (*range(30, 38), 39, *range(90, 98))
PAPERS = (*range(40, 48), 49, *range(100, 108))
PLAIN = "<!DOCTYPE html><html><head><style>{}</style></head><body>{}</body></html>"
OTHERS = ".jp-OutputArea-output.jp-RenderedText pre, .output_stream pre"


@cache
def saved() -> dict[str, str]:
    """Return the saved output of a session that has printed in every colour."""
    session = ScriptedSession("web")
    looks = [
        f"{ink};{paper}{more}"
        for more in ("", ";1", ";2", ";7", ";2;7")
        for ink in NAMES
        for paper in PAPERS
    ]
    looks += [f"{kind};5;{number}" for number in range(256) for kind in ("38", "48")]
    session.output(b"first line\n")
    for at in range(0, len(looks), 60):
        row = "".join(f"\x1b[0;{look}mx" for look in looks[at : at + 60])
        session.output(f"{row}\x1b[m\n".encode())
    session.output(b"\x1b[31mwent wrong\x1b[0m\n", StreamType.STDERR)
    session.exit(3)
    report = Report.of(session, SavedOutput(size=1024 * 1024), at=session.started_at + 9)
    return {"text/html": report.html, "text/plain": report.text}


def document() -> Any:
    """Return a notebook with that output after one of another kind."""
    v4 = nbformat.v4
    cells = [
        v4.new_code_cell(
            "print('another output')\ns",
            outputs=[
                v4.new_output("stream", name="stdout", text="another output\n"),
                v4.new_output("display_data", data=saved()),
            ],
            metadata={"slideshow": {"slide_type": "slide"}},
        )
    ]
    return v4.new_notebook(cells=cells)


@cache
def exported(template: str, theme: str = "light") -> str:
    exporter = SlidesExporter() if template == "slides" else HTMLExporter(template_name=template)
    exporter.theme = theme
    html: str = exporter.from_notebook_node(document())[0]
    return html


@pytest.fixture
def shown(page: Any, tmp_path: Path) -> Any:
    """A function that shows HTML, without a network."""
    offline(page)

    def show(html: str) -> Any:
        path = tmp_path / "page.html"
        path.write_text(html)
        page.goto(path.as_uri())
        return page.locator(".hj-saved")

    yield show
    page.emulate_media(contrast="no-preference", forced_colors="none", media="screen")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("template", ["lab", "classic", "slides"])
def test_saved_output_looks_like_the_outputs_around_it(
    shown: Any, page: Any, template: str, theme: str
) -> None:
    output = shown(exported(template, theme))
    count, unreadable = faint(output)
    assert count > 1500
    assert unreadable == []
    other, ours = text_of(page, OTHERS), text_of(page, ".hj-saved pre")
    assert ours["left"] == pytest.approx(other["left"], abs=0.5)
    same = ["fontFamily", "fontSize"]
    if template == "lab":  # the only one whose theme says what all text outputs have
        same += ["color", "lineHeight"]
    assert [ours[name] for name in same] == [other[name] for name in same]
    RESULTS.mkdir(exist_ok=True)
    page.screenshot(path=RESULTS / f"saved-look-{template}-{theme}.png")


@pytest.mark.parametrize("theme", [theme["name"] for theme in THEMES])
def test_saved_output_can_be_read_in_other_themes(shown: Any, page: Any, theme: str) -> None:
    output = shown(exported("lab"))
    [found] = [each for each in THEMES if each["name"] == theme]
    inject(page, found)
    _, unreadable = faint(output)
    assert unreadable == []
    page.screenshot(path=RESULTS / f"saved-look-{theme.lower().replace(' ', '-')}.png")


@pytest.mark.parametrize("style", ["", "body { background: #0d1117; color: #e6edf3; }"])
def test_saved_output_can_be_read_on_pages_that_know_no_theme(shown: Any, style: str) -> None:
    output = shown(PLAIN.format(style, saved()["text/html"]))
    _, unreadable = faint(output)
    assert unreadable == []


def test_saved_output_can_be_read_where_styles_are_removed(shown: Any, page: Any) -> None:
    shown(PLAIN.format("", saved()["text/html"]))
    page.evaluate(
        """() => {
          for (const element of document.body.querySelectorAll("*")) {
            element.removeAttribute("style");
            element.removeAttribute("class");
          }
        }"""
    )
    count, unreadable = faint(page.locator("body"))
    assert count > 3
    assert unreadable == []
    assert page.locator("b", has_text="stderr").count() == 1


def test_saved_output_can_be_read_in_the_system_s_colours_and_on_paper(
    shown: Any, page: Any
) -> None:
    output = shown(exported("lab", "dark"))
    page.emulate_media(forced_colors="active", color_scheme="dark")
    assert faint(output)[1] == []
    page.emulate_media(forced_colors="none", media="print")
    assert faint(output)[1] == []
