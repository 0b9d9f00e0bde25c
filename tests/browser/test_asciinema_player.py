"""asciinema's own player shows what our casts have, at any time."""

from __future__ import annotations

from typing import Any

import pytest

from hyper_jupyter.recording.cast.writing import cast_lines
from tests.jupyter_server import ROOT
from tests.recording.played import PLAYED, POINTS, text_at

playwright = pytest.importorskip("playwright.sync_api")

PLAYER = ROOT / "js/node_modules/asciinema-player/dist/bundle"

OPEN = """async cast => {
    const place = document.getElementById("place");
    globalThis.player?.dispose();
    const options = { preload: true, fit: false };
    globalThis.player = AsciinemaPlayer.create({ data: cast }, place, options);
    await new Promise(ready => globalThis.player.addEventListener("ready", ready));
}"""
SHOWN = """() => Array.from(
    document.querySelectorAll(".ap-line"), line => line.textContent.trimEnd()
).join("\\n").trimEnd()"""


@pytest.fixture(scope="module")
def page(profile: Any) -> Any:
    if not PLAYER.is_dir():
        pytest.skip("the player is not installed: cd js && npm ci")
    page = profile.new_page()
    page.set_content('<div id="place"></div>')
    page.add_style_tag(path=PLAYER / "asciinema-player.css")
    page.add_script_tag(path=PLAYER / "asciinema-player.min.js")
    return page


@pytest.mark.parametrize("version", [3, 2])
@pytest.mark.parametrize("name", PLAYED)
def test_the_player_shows_what_our_screen_shows(page: Any, name: str, version: int) -> None:
    found = PLAYED[name]
    page.evaluate(OPEN, "".join(cast_lines(found, version)))
    assert page.evaluate("async () => await player.getDuration()") == 4.5
    for seconds in POINTS:
        page.evaluate("async seconds => await player.seek(seconds)", seconds)
        wanted = "\n".join(text_at(found, seconds)).rstrip()
        try:
            page.wait_for_function(f"wanted => ({SHOWN})() === wanted", arg=wanted, timeout=40_000)
        except playwright.TimeoutError:  # say what it shows instead
            assert page.evaluate(SHOWN) == wanted
