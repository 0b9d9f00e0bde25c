"""The player of a recording: in a page of its own, in a notebook, and in one without a kernel."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import pytest

pytest.importorskip("playwright", reason="browser tests need the package playwright")
import nbformat
from nbconvert import HTMLExporter
from playwright.sync_api import Error, expect

import hyper_jupyter as hj
from hyper_jupyter.recording.cast.writing import cast_lines
from hyper_jupyter.recording.page import packed
from hyper_jupyter.recording.recording import Exit, Header, Marker, Output, Recording, Resize
from hyper_jupyter.widgets import saved_replay
from tests.browser.chromium import offline
from tests.browser.parts import log_of
from tests.browser.test_accessibility import findings as axe_findings
from tests.recording.cast.test_other_programs import FILES, FOLDER

HOSTILE = b"</script><img src=x onerror=alert(1)>\n"
FRAMED = Recording.from_events(
    Header(title="web", image="busybox", engine="docker", tty=False, started_at=1_790_000_000.0),
    [
        *(Output(n / 2, "stdout", b"\x1b[3%dmline %d\x1b[0m\n" % (n % 8, n)) for n in range(20)),
        Output(9.5, "stderr", HOSTILE),
        Output(9.6, "stdout", "  5 %\r 99 % 漢字\n".encode()),
        Marker(9.7, "nearly"),
        Exit(10.0, 3),
    ],
)
TERMINAL = Recording.from_events(
    Header(rows=6, columns=30, tty=True),
    [
        Output(0.0, "stdout", b"$ edit\r\n"),
        Output(2.0, "stdout", b"\x1b[?1049h\x1b[2J\x1b[1;1Hone\x1b[3;3Htwo"),
        Output(4.5, "stdout", b"\x1b[6;1H\x1b[7m-- INSERT --\x1b[0m"),
        Resize(6.0, 8, 40),
        Output(6.5, "stdout", b"\x1b[8;1Hlast row"),
        Output(8.0, "stdout", b"\x1b[?1049l$ \xe6\xbc\xa2\xe5\xad\x97\x1b[1D"),
        Exit(10.0, 0),
    ],
)
NEARLY: Final = "\u2014 nearly \u2014"
TENTHS: Final = (0, 2, 5, 7, 9)

REACHED: Final = """async () => {
  let page = "reached";
  try { parent.document.title } catch (error) { page = error.name }
  const refused = new Promise(resolve => document.addEventListener(
    "securitypolicyviolation", event => resolve(event.effectiveDirective)))
  fetch("http://127.0.0.1/").catch(() => {})
  return [window.origin, page, await refused]
}"""
"""What a script in the frame is, what it sees of the page, and why it can connect to nothing."""

CELLS = [
    f"""
import hyper_jupyter as hj, pathlib
pathlib.Path("demo.cast").write_text({"".join(cast_lines(FRAMED))!r})
r = hj.replay("demo.cast")
r
""",
    "print('ours is there:', 'hj' in globals())",
]


def line_of(scope: Any) -> Any:
    return scope.get_by_role("slider", name="position")


def expect_screen(scope: Any, text: str, name: str = "stdout") -> None:
    """Wait until a pane shows exactly this."""
    expect(log_of(scope, name).locator("div")).to_have_text(text.split("\n") if text else [])


@pytest.mark.parametrize("recording", [FRAMED, TERMINAL], ids=["streams", "terminal"])
def test_a_page_on_the_disk_shows_at_each_moment_what_was_shown_then(
    page: Any, tmp_path: Path, recording: Recording
) -> None:
    replay = hj.replay(recording)
    replay.save(tmp_path / "demo.html")
    asked: list[str] = []
    faults: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    page.on("console", lambda message: faults.append(message.text))
    url = (tmp_path / "demo.html").as_uri()
    page.goto(url)
    expect(page.locator(".hj-name")).to_have_text(recording.header.title or "a terminal")
    for tenth in (*TENTHS, *reversed(TENTHS)):
        line_of(page).press(str(tenth))
        expect_screen(page, replay.screen_at(tenth, "stdout"))
    assert asked == [url]
    assert faults == []


@pytest.mark.parametrize("name", FILES)
def test_recordings_of_other_programs_play(page: Any, tmp_path: Path, name: str) -> None:
    replay = hj.replay(FOLDER / name)
    replay.save(tmp_path / "other.html")
    page.goto((tmp_path / "other.html").as_uri())
    for key, tenth in (("8", 8), ("2", 2), ("End", 10)):
        line_of(page).press(key)
        expect_screen(page, with_marks(replay, replay.duration * tenth / 10))
    expect(page.locator(".hj-time-mark")).to_have_count(len(replay.marks))
    line_of(page).press("Home")
    for mark in replay.marks:
        line_of(page).press("]")
        expect(page.get_by_role("status").last).to_have_text(f"marker: {mark.text}")
        expect_screen(page, with_marks(replay, mark.time))


def with_marks(replay: hj.Replay, seconds: float) -> str:
    """Return what a player shows at a moment: what is printed, and marks below what was there."""
    lines = replay.screen_at(seconds).split("\n")
    for mark in reversed(replay.marks):
        if mark.time <= seconds:
            above = replay.screen_at(mark.time - 1e-6).rstrip().count("\n") + 1
            lines.insert(above, f"\u2014 {mark.text} \u2014")
    return "\n".join(lines)


def test_the_corpus_has_a_recording_with_marks() -> None:
    assert any(hj.replay(FOLDER / name).marks for name in FILES)


DRAW_ICONS: Final = """
for (const script of document.querySelectorAll("script[type$='widget-view+json']")) {
  const view = document.createElement("div");
  view.innerHTML = '<div class="jupyter-widgets-error-widget">a broken file</div>';
  script.replaceWith(view);
}
"""
"""What the widget manager of an exported page does for widgets whose code is not there."""


@pytest.mark.parametrize("template", ["lab", "classic"])
def test_no_icon_of_a_broken_file_is_above_what_is_saved(
    page: Any, tmp_path: Path, template: str
) -> None:
    state, view = (f"application/vnd.jupyter.widget-{what}+json" for what in ("state", "view"))
    shown = {view: {"version_major": 2, "version_minor": 0, "model_id": "none"}}
    clean = saved_replay(FRAMED.header, packed(FRAMED), head="Recording.", rows=5, embed=False)
    outputs = [nbformat.v4.new_output("display_data", data) for data in (shown, shown, clean)]
    cell = nbformat.v4.new_code_cell("r", outputs=outputs)
    document = nbformat.v4.new_notebook(cells=[cell])
    document.metadata["widgets"] = {
        state: {"version_major": 2, "version_minor": 0, "state": {"none": {}}}
    }
    file = tmp_path / "notebook.html"
    file.write_text(HTMLExporter(template_name=template).from_notebook_node(document)[0])
    offline(page)
    page.goto(file.as_uri())
    page.evaluate(DRAW_ICONS)
    icons = page.get_by_text("a broken file")
    expect(icons).to_have_count(2)
    expect(icons.first).to_be_visible()  # of something else
    expect(icons.last).to_be_hidden()
    expect(page.get_by_text("Recording.")).to_be_visible()


def expect_saved_hidden(cell: Any) -> None:
    """Wait until what is saved is there too, which comes after the player: a save needs it."""
    expect(cell.locator(".hj-saved")).to_be_attached()
    expect(cell.locator(".hj-saved")).to_be_hidden()


def open_player(open_notebook: Any, name: str) -> tuple[Any, Any]:
    """Open a notebook with a player, which is there instead of what is saved."""
    notebook = open_notebook(name, CELLS)
    notebook.run(0)
    cell = notebook.cell(0)
    expect(cell.locator(".hj-replay")).to_be_visible()
    expect_saved_hidden(cell)
    expect(cell.locator(".hj-replay .hj-header")).to_contain_text("exit code 3")
    return notebook, cell


def seek_in(frame: Any, key: str, text: str) -> None:
    """Press a key in a frame until its screen is right: a page that loads may make it anew."""
    for _ in range(4):
        line_of(frame).press(key)
        with suppress(AssertionError):
            expect(log_of(frame).locator("div")).to_have_text(text.split("\n"), timeout=5_000)
            return
    line_of(frame).press(key)
    expect_screen(frame, text)


def reached_from(frame: Any) -> Any:
    """Run ``REACHED`` in a frame, anew in one that a page has made anew."""
    for _ in range(4):
        with suppress(Error):  # the frame went while the script ran
            return frame.locator("body").evaluate(REACHED)
    return frame.locator("body").evaluate(REACHED)


def expect_html(notebook: Any, document: Any, folder: Path, name: str) -> None:
    """Wait until a notebook that was made a page of HTML plays; a picture of it is kept."""
    page_file = folder / "notebook.html"
    page_file.write_text(HTMLExporter().from_notebook_node(document)[0])
    page = notebook.page.context.new_page()
    offline(page)  # it asks other machines for scripts, and is loaded once they have answered
    page.goto(page_file.as_uri())
    frame = page.frame_locator("iframe")
    seek_in(frame, "2", hj.replay(FRAMED).screen_at(2, "stdout"))
    page.screenshot(path=Path("test-results") / f"{name}.png")


def test_a_notebook_plays_by_keys_and_by_buttons(open_notebook: Any) -> None:
    notebook, cell = open_player(open_notebook, "replay.ipynb")
    replay = hj.replay(FRAMED)
    player, line = cell.locator(".hj-replay"), line_of(cell)

    # Keys: tenths, steps, markers, ends; a notebook in command mode gets none of them.
    line.press("5")
    expect_screen(cell, replay.screen_at(5, "stdout"))
    line.press(".")
    expect_screen(cell, replay.screen_at(5.5, "stdout"))
    line.press(",")
    line.press(",")
    expect_screen(cell, replay.screen_at(4.5, "stdout"))
    line.press("]")
    expect(player.get_by_role("status").last).to_have_text("marker: nearly")
    expect_screen(cell, f"{replay.screen_at(9.7, 'stdout')}\n{NEARLY}")
    expect_screen(cell, f"{HOSTILE.decode()}{NEARLY}", "stderr")
    line.press("ArrowLeft")
    expect(line).to_have_attribute("aria-valuetext", "0:04 of 0:10")
    line.press("Home")
    expect_screen(cell, "line 0")

    # Play, at ten times the speed, to the end; pause by the space bar.
    player.get_by_label("speed").select_option("10")
    player.get_by_role("button", name="play (space)").click()
    expect(player).to_have_attribute("data-playing", "false")
    expect(line).to_have_attribute("aria-valuetext", "0:10 of 0:10")
    expect_screen(cell, f"{replay.screen_at(10, 'stdout')}\n{NEARLY}")
    player.get_by_label("speed").select_option("0.5")
    line.press("Space")
    expect(player).to_have_attribute("data-playing", "true")
    line.press("Space")
    expect(player).to_have_attribute("data-playing", "false")
    player.get_by_role("radio", name="Merged").click()
    line.press("End")
    expect(log_of(cell, "merged")).to_contain_text("stderr: </script>")
    assert axe_findings(notebook.page) == []
    notebook.set_theme("JupyterLab Dark")
    notebook.screenshot("replay-dark")


@pytest.mark.claim(
    "The player that a notebook keeps of a recording runs in a sandboxed frame: it reaches nothing "
    "of the notebook's page, and connects to nothing. A front end that does not trust the notebook "
    "removes the frame, and shows the text."
)
def test_a_notebook_plays_without_a_kernel_and_as_html(open_notebook: Any, tmp_path: Path) -> None:
    notebook, _ = open_player(open_notebook, "replay-saved.ipynb")
    replay = hj.replay(FRAMED)
    document = nbformat.reads(notebook.save(), as_version=4)
    notebook.restart_kernel()
    notebook.reload()
    frame = notebook.cell(0).frame_locator("iframe")
    seek_in(frame, "7", replay.screen_at(7, "stdout"))
    notebook.screenshot("replay-without-kernel")
    assert reached_from(frame) == ["null", "SecurityError", "connect-src"]
    expect_html(notebook, document, tmp_path, "replay-nbconvert")

    # A notebook that this server has not signed: the text is left.
    document.metadata["from"] = "elsewhere"
    name = "replay-elsewhere.ipynb"
    (notebook.server.folder / name).write_text(nbformat.writes(document))
    other = type(notebook)(notebook.page, notebook.server, name).open()
    text = other.cell(0).locator(".hj-saved")
    expect(text).to_contain_text("Recording of web.")
    expect(text.locator("pre").first).to_contain_text("line 19")
    expect(text.locator("iframe")).to_have_count(0)
    notebook.screenshot("replay-not-trusted")


@pytest.mark.parametrize("front_end", ["extension", "anywidget"])
@pytest.mark.usefixtures("page")  # where JupyterLab is told to keep the state of widgets
def test_a_player_that_is_in_the_widget_state_plays_without_the_kernel(
    open_notebook: Any, tmp_path: Path, front_end: str
) -> None:
    chosen = f"import hyper_jupyter as hj\nhj.configure(front_end={front_end!r})\n"
    notebook = open_notebook(f"replay-state-{front_end}.ipynb", [chosen + CELLS[0], *CELLS[1:]])
    notebook.keep_widget_state()
    notebook.run(0)
    cell = notebook.cell(0)
    expect(cell.locator(".hj-replay")).to_be_visible()
    expect_saved_hidden(cell)
    document = nbformat.reads(notebook.save(), as_version=4)
    assert document.metadata.widgets
    notebook.shut_down_kernel()
    notebook.reload()
    replay = hj.replay(FRAMED)
    cell = notebook.cell(0)
    expect(cell.locator(".hj-replay")).to_be_visible()
    expect_saved_hidden(cell)
    line_of(cell).press("7")
    expect_screen(cell, replay.screen_at(7, "stdout"))
    notebook.screenshot(f"replay-widget-state-{front_end}")

    # Another program's page has no code for the widget, and shows the frame.
    expect_html(notebook, document, tmp_path, f"replay-state-nbconvert-{front_end}")
