"""Opening a recording of 10 MB in a page, and jumping in it: our player and asciinema's.

Both get the same asciicast in a page of their own, on the disk. A page's clock says when it shows
what it should: it looks in every animation frame. Opening is until the first line is there. A jump
goes to a tenth of the length, forwards and back, and ends when the last line before that moment is
there. The first jump comes right after opening.

``python -m benchmarks.replay`` prints a Markdown table.
"""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import hyper_jupyter as hj
from benchmarks.page import load
from benchmarks.part import Missing, Options, alone, median, progress, table
from hyper_jupyter.recording.cast.writing import cast_lines
from hyper_jupyter.recording.recording import Header, Output, Recording
from tests.browser import chromium

PLAYER: Final = (
    Path(__file__).parent.parent / "js/node_modules/asciinema-player/dist/bundle/asciinema-player"
)
LINE: Final = b"\x1b[3%dmline %07d\x1b[0m %s\r\n"
REST: Final = b"a line of about a hundred bytes, as a program prints them with colours "
INTERVAL: Final = 0.1
TENTHS: Final = (9, 2, 7, 1, 8, 3, 6, 4, 5)

OURS: Final = """
() => ({
  rows: () => document.querySelector(".xterm-rows")?.textContent ?? "",
  jump: tenth => document.querySelector("[role=slider]").dispatchEvent(
    new KeyboardEvent("keydown", {key: String(tenth), bubbles: true})),
})
"""
THEIRS: Final = """
() => ({
  rows: () => document.querySelector(".ap-term, .ap-terminal")?.textContent ?? "",
  jump: tenth => globalThis.player.seek(`${tenth * 10}%`),
})
"""
WATCH: Final = """
globalThis.shows = async (line, rows) => {
  while (!rows().includes(line)) await new Promise(requestAnimationFrame);
  return performance.now();
};
"""
PAGE: Final = """<!DOCTYPE html><meta charset="utf-8"><style>{style}</style><div id="place"></div>
<script>{script}</script><script>
globalThis.player = AsciinemaPlayer.create(
  {{ data: {cast} }}, document.getElementById("place"), {{ preload: true, poster: "npt:0.1" }});
</script>
"""


def recorded(count: int) -> Recording:
    """Return a recording of some lines, one every tenth of a second."""
    events = [Output(n * INTERVAL, "stdout", LINE % (1 + n % 6, n, REST)) for n in range(count + 1)]
    return Recording.from_events(Header(title="lines", rows=30, columns=100, tty=True), events)


@contextlib.contextmanager
def pages(found: Recording) -> Iterator[dict[str, tuple[str, str]]]:
    """Write a page for each player; yield their addresses, and what works them."""
    script, style = (PLAYER.with_suffix(end) for end in (".min.js", ".css"))
    if not script.exists():
        raise Missing("asciinema's player is not installed: cd js && npm ci")
    with tempfile.TemporaryDirectory() as folder:
        ours, theirs = Path(folder, "ours.html"), Path(folder, "theirs.html")
        hj.replay(found).save(ours)
        cast = json.dumps("".join(cast_lines(found))).replace("</", "<\\/")
        theirs.write_text(
            PAGE.format(style=style.read_text(), script=script.read_text(), cast=cast)
        )
        yield {
            "ours": (ours.as_uri(), OURS),
            "asciinema-player": (theirs.as_uri(), THEIRS),
        }


def measure(browser: Any, url: str, works: str, count: int) -> tuple[float, float, list[float]]:
    """Return the milliseconds of opening a page, of its first jump, and of the others."""
    page = browser.new_page(viewport={"width": 1100, "height": 800})
    page.set_default_timeout(120_000)
    page.add_init_script(WATCH)
    try:
        page.goto(url, wait_until="commit")
        page.wait_for_function("() => document.readyState !== 'loading'")
        opened = page.evaluate(f"async () => await shows('line 0000000', ({works})().rows)")
        jumps = [
            page.evaluate(
                f"""async ([tenth, line]) => {{
                  const player = ({works})();
                  const began = performance.now();
                  player.jump(tenth);
                  return await shows(line, player.rows) - began;
                }}""",
                [tenth, f"line {count * tenth // 10:07}"],
            )
            for tenth in TENTHS
        ]
    finally:
        page.close()
    return opened, jumps[0], jumps[1:]


def section(options: Options) -> str:
    """Return the table, as Markdown."""
    count = 10_000 if options.quick else 100_000
    found = recorded(count)
    size = sum(len(event.data) for event in found.events() if isinstance(event, Output))
    figures: dict[str, list[tuple[float, float, list[float]]]] = {}
    try:
        with pages(found) as players, chromium.chromium() as browser:
            for turn in range(options.times(5, 1)):
                progress(f"replay, turn {turn + 1}")
                for name, (url, works) in players.items():
                    figures.setdefault(name, []).append(measure(browser, url, works, count))
    except chromium.Missing as missing:
        raise Missing(str(missing)) from missing
    rows = []
    for name, some in figures.items():
        cells = [name]
        for pick in (
            lambda one: one[0],
            lambda one: one[1],
            lambda one: median(one[2]),
            lambda one: max(one[2]),
        ):
            ratio = median(
                pick(one) / pick(other)
                for one, other in zip(some, figures["asciinema-player"], strict=True)
            )
            cells.append(f"{median(map(pick, some)):.0f} ms ({ratio:.2f})")
        rows.append(cells)
    head = ["player", "opened", "first jump", "a later jump, median", "the longest"]
    return (
        f"## A recording of {size / 1e6:.0f} MB in a page\n\n{table(head, rows)}\n\n"
        f"In brackets: ratio to asciinema-player. {load()}"
    )


if __name__ == "__main__":
    alone(section, __doc__)
